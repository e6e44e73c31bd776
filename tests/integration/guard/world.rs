//! A GitHub, receivers, and the program between them.

use crate::fake_github::{Access, FakeGithub, Run};
use crate::receivers::{Receiver, configuration};
use crate::support::fill;
use leaksweep::config::ChannelKind;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

pub(crate) const REPOSITORY: &str = "acme/shop";
pub(crate) const RUN: u64 = 7;
/// Stands for the token of the job.
pub(crate) const TOKEN: &str = "the-word-of-the-job";
/// Stands for the token of a pull request from a fork.
pub(crate) const FORK: &str = "the-word-of-a-fork";

pub(crate) struct World {
    pub(crate) github: FakeGithub,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) folder: tempfile::TempDir,
}

/// What a run of the program gave.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// All it said, for messages of tests.
    pub(crate) fn said(&self) -> String {
        format!("{:?}\n{}\n{}", self.code, self.out, self.err)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {}", self.said()))
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said());
        for word in words {
            let said = self.said();
            assert!(said.contains(word), "'{word}' is missing in:\n{said}");
        }
        self
    }
}

/// A token that its checksum proves.
pub(crate) fn secret(seed: u64) -> String {
    fill("ghp_{base62:30}{crc32}", seed)
}

/// A log of two lines, the second with `text`.
pub(crate) fn log(text: &str) -> String {
    format!("2026-11-27T09:00:00.1234567Z Runner begins\n2026-11-27T09:00:01.1234567Z {text}\n")
}

/// The run of which every attempt leaks the same token.
pub(crate) fn leaking(attempts: usize) -> Run {
    let text = log(&format!("token={}", secret(1)));
    (0..attempts).fold(Run::new(RUN), |run, _| run.text(&text))
}

impl World {
    pub(crate) fn new(kinds: &[ChannelKind], run: Run) -> Self {
        let github = FakeGithub::start();
        github.token(TOKEN, Access::Write);
        github.token(FORK, Access::Read);
        github.add(REPOSITORY, run);
        let world = Self {
            github,
            receivers: kinds.iter().copied().map(Receiver::start).collect(),
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir(world.path("tmp")).unwrap();
        world.configure("");
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the configuration: the receivers, and `more`.
    pub(crate) fn configure(&self, more: &str) {
        let channels = if self.receivers.is_empty() {
            "version: 1\n".to_owned()
        } else {
            configuration(&self.receivers)
        };
        std::fs::write(self.path("leaksweep.yaml"), channels + more).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leaksweep"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.path("tmp"))
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_API_URL", self.github.base())
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("GITHUB_OUTPUT", self.path("outputs"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .envs(self.receivers.iter().flat_map(Receiver::environment))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// `guard` of the run with deletion, and no waiting.
    pub(crate) fn guard(&self, more: &[&str]) -> Ran {
        self.run(&[&guard_words(), more].concat())
    }

    pub(crate) fn resume(&self) -> Ran {
        self.run(&["resume", "--max-wait", "0s"])
    }

    pub(crate) fn logs_left(&self) -> Vec<usize> {
        self.github.attempts_with_logs(REPOSITORY, RUN)
    }

    /// Calls that change something.
    pub(crate) fn deletions(&self) -> usize {
        let calls = self.github.calls();
        calls
            .iter()
            .filter(|call| call.starts_with("DELETE"))
            .count()
    }

    /// Bodies that the receiver of this kind took, as text.
    pub(crate) fn bodies(&self, at: usize) -> Vec<String> {
        let world = self.receivers[at].world();
        let text = |call: &crate::receivers::Call| String::from_utf8(call.body.clone()).unwrap();
        world.calls.iter().map(text).collect()
    }
}

pub(crate) fn guard_words() -> Vec<&'static str> {
    vec!["guard", "--run", "7", "--delete-logs", "--max-wait", "0s"]
}
