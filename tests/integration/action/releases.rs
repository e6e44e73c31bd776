//! A folder of releases on loopback.

use crate::fake_github::http::{Answer, Body, Server};
use std::sync::{Arc, Mutex};

pub(super) const VERSION: &str = "1.2.3";
pub(super) const TARGET: &str = "x86_64-unknown-linux-musl";
/// Runners, and what they are given.
pub(super) const ASSETS: [(&str, &str, &str); 6] = [
    ("Linux", "X64", "leaksweep-x86_64-unknown-linux-musl"),
    ("Linux", "ARM64", "leaksweep-aarch64-unknown-linux-musl"),
    ("macOS", "X64", "leaksweep-x86_64-apple-darwin"),
    ("macOS", "ARM64", "leaksweep-aarch64-apple-darwin"),
    ("Windows", "X64", "leaksweep-x86_64-pc-windows-msvc.exe"),
    ("Windows", "ARM64", "leaksweep-aarch64-pc-windows-msvc.exe"),
];

/// What it serves in place of the program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Served {
    Whole,
    /// Other bytes than the checksum tells of.
    Other,
    /// The first half, and then the connection ends.
    Half,
    /// Nothing: 404.
    Missing,
}

pub(super) struct Releases {
    server: Server,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Releases {
    pub(super) fn start(program: Vec<u8>, answers: Served) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let list = asked.clone();
        let server = Server::start(move |request| {
            list.lock().unwrap().push(request.target);
            let answer = |body| Answer::new(200, "application/octet-stream", body);
            Some(match answers {
                Served::Whole => answer(program.clone()),
                Served::Other => answer(b"#!/bin/sh\necho another program\n".to_vec()),
                Served::Half => Answer {
                    body: Body::Cut(program.clone()),
                    ..answer(Vec::new())
                },
                Served::Missing => Answer::empty(404),
            })
        });
        Self { server, asked }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/releases", self.server.address)
    }

    /// Paths that were asked for.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}
