//! The program as a user runs it, beside a GitHub that keeps state.

use crate::fake_github::{Access, FakeGithub};
use std::process::{Command, Output, Stdio};

/// Stands for the token of a job.
pub(crate) const TOKEN: &str = "the-word-of-the-job";

pub(crate) struct Desk {
    pub(crate) github: FakeGithub,
    pub(crate) folder: tempfile::TempDir,
    /// The repository of the job, if it is one.
    pub(crate) repository: Option<&'static str>,
}

impl Desk {
    pub(crate) fn new(repository: Option<&'static str>) -> Self {
        let github = FakeGithub::start();
        github.token(TOKEN, Access::Write);
        Self {
            github,
            folder: tempfile::tempdir().unwrap(),
            repository,
        }
    }

    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leaksweep"));
        command
            .args(words.split(' '))
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_API_URL", self.github.base())
            .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary.md"))
            .stdin(Stdio::null());
        command.envs(self.repository.map(|name| ("GITHUB_REPOSITORY", name)));
        command
    }

    #[track_caller]
    pub(crate) fn run(&self, words: &str, code: i32, said: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(words).output().unwrap();
        let out = String::from_utf8(stdout).unwrap();
        let all = format!("{out}\n{}", String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(code), "{words}: {all}");
        for word in said {
            assert!(all.contains(word), "{words}: '{word}' is missing in\n{all}");
        }
        out
    }
}
