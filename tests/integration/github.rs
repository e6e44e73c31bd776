//! The client of GitHub against a fake that keeps state.

mod conversation;
mod faults;
mod limits;
mod logs;
mod signing;

use crate::fake_clock::FakeClock;
use crate::fake_github::{Access, Attempt, FakeGithub, Job, Run};
use leaksweep::github::{Auth, Client, Repository, Settings};
use leaksweep::secret::Secret;
use std::fs::File;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::time::Duration;

/// Stands for a token: no message, no `Debug` may hold it.
const TOKEN: &str = "the-word-that-is-not-told";
const REPOSITORY: &str = "acme/app";
const RUN: u64 = 7;

struct World {
    github: FakeGithub,
    clock: Arc<FakeClock>,
    client: Client,
}

fn repository() -> Repository {
    REPOSITORY.parse().unwrap()
}

fn auth(token: &str) -> Auth {
    Auth::Token(Secret::new(token.as_bytes()))
}

fn settings(base: String, auth: Auth) -> Settings {
    Settings {
        allow_http: true,
        timeout: Duration::from_secs(10),
        ..Settings::new(base, auth)
    }
}

/// A GitHub with one run of two attempts, and a client that may write.
fn world() -> World {
    world_with(|_| {})
}

fn world_with(change: impl FnOnce(&mut Settings)) -> World {
    let clock = FakeClock::new();
    let github = FakeGithub::start_by(clock.clone());
    github.token(TOKEN, Access::Write);
    let first = Job::new(701, "build").step("Set up job", "first\n");
    let second = Job::new(702, "build")
        .step("Set up job", "second\n")
        .step("Run make", "made\n")
        .annotation("it failed");
    let run = Run::new(RUN)
        .attempt(Attempt::new().job(first))
        .attempt(Attempt::new().job(second));
    github.add(REPOSITORY, run);
    let mut settings = settings(github.base(), auth(TOKEN));
    change(&mut settings);
    let client = Client::new(settings, clock.clone()).unwrap();
    World {
        github,
        clock,
        client,
    }
}

/// What a file holds, from its beginning.
fn content(file: &mut File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Names and texts of a zip.
fn entries(zip: Vec<u8>) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    (0..zip.len())
        .map(|number| {
            let mut entry = zip.by_index(number).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.name().unwrap().into_owned(), text)
        })
        .collect()
}
