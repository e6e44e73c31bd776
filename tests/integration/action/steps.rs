//! What the action does with the program.

use super::releases::{Releases, Served};
use super::runner::{Ran, Runner, program};
use crate::fake_github::{Access, FakeGithub, Run};
use crate::support::fill;
use serde_json::Value;

pub(super) const REPOSITORY: &str = "acme/shop";
pub(super) const RUN: u64 = 7;
/// Stands for the token of the job.
const TOKEN: &str = "the-word-of-the-job";
/// Stands for the token of a pull request from a fork.
const FORK: &str = "the-word-of-a-fork";

struct World {
    github: FakeGithub,
    releases: Releases,
    runner: Runner,
}

/// A token that its checksum proves.
fn secret() -> String {
    fill("ghp_{base62:30}{crc32}", 1)
}

/// A GitHub with a run of two attempts that leak, on a branch of a hostile name.
pub(super) fn github() -> FakeGithub {
    let github = FakeGithub::start();
    github.token(TOKEN, Access::Write);
    github.token(FORK, Access::Read);
    let text = format!("2026-11-27T09:00:01.1234567Z token={}\n", secret());
    let mut run = Run::new(RUN).text(&text).text(&text);
    "$(touch pwned)`touch pwned`;touch pwned".clone_into(&mut run.branch);
    github.add(REPOSITORY, run);
    github
}

impl World {
    fn new() -> Self {
        let releases = Releases::start(program(), Served::Whole);
        Self {
            github: github(),
            runner: Runner::new(&releases.url(), &program()),
            releases,
        }
    }

    fn run(&self, inputs: &[(&str, &str)]) -> Ran {
        let base = self.github.base();
        let common = [("api-url", &*base), ("token", TOKEN)];
        self.runner.run(&[&common, inputs].concat())
    }

    /// `guard` of the run, with no waiting.
    fn guard(&self, inputs: &[(&str, &str)]) -> Ran {
        let common = [("run", "7"), ("arguments", "--max-wait=0s\n")];
        self.run(&[&common, inputs].concat())
    }

    fn logs_left(&self) -> Vec<usize> {
        self.github.attempts_with_logs(REPOSITORY, RUN)
    }

    fn log(&self, name: &str, text: &str) {
        std::fs::write(self.runner.path(name), text).unwrap();
    }
}

fn json(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn guard_deletes_what_leaks_and_tells_the_job() {
    let world = World::new();
    let ran = world
        .guard(&[("delete-logs", "true")])
        .expect(1, &["confirmed gone", "::error "]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    for (name, value) in [
        ("leaks-found", "true"),
        ("findings", "1"),
        ("scan-ok", "true"),
        ("contained", "true"),
        ("told", "false"),
    ] {
        assert_eq!(ran.outputs[name], value, "{name}");
    }
    assert!(ran.outputs["incident"].starts_with("ls-"));
    assert_eq!(
        json(&ran.outputs["report"])["findings"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(json(&ran.outputs["sarif"])["version"], "2.1.0");
    let summary = world.runner.summary();
    assert!(
        summary.contains("GitHub personal access token"),
        "{summary}"
    );
    assert!(!(summary + &ran.said).contains(&secret()));
    assert!(!world.runner.path("pwned").exists());
    assert_eq!(world.releases.asked().len(), 1);
}

#[test]
fn without_being_asked_guard_deletes_nothing() {
    let world = World::new();
    let ran = world.guard(&[("fail-on-findings", "false")]);
    let ran = ran.expect(0, &["deletion was not asked for"]);
    assert_eq!(ran.outputs["leaks-found"], "true");
    assert_eq!(ran.outputs["contained"], "false");
    assert_eq!(world.logs_left(), [1, 2]);
}

#[test]
fn trace_tells_of_past_runs_and_leaves_a_page() {
    let world = World::new();
    let trace = |inputs: &[(&str, &str)]| {
        let common = [("command", "trace"), ("repo", REPOSITORY), ("since", "all")];
        world.run(&[&common, inputs].concat())
    };
    let ran = trace(&[]).expect(1, &["2 logs to read of 1 runs", "acme/shop"]);
    assert_eq!(world.logs_left(), [1, 2]);
    for (name, value) in [
        ("leaks-found", "true"),
        ("findings", "1"),
        ("scan-ok", "true"),
        ("contained", "false"),
        ("incident", ""),
    ] {
        assert_eq!(ran.outputs[name], value, "{name}");
    }
    assert_eq!(
        json(&ran.outputs["report"])["exposures"][0]["sites"][0]["readable"],
        2
    );
    let page = std::fs::read_to_string(&ran.outputs["page"]).unwrap();
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));
    assert!(!(page + &ran.said + &world.runner.summary()).contains(&secret()));
    let ran = trace(&[("contain", "true")]).expect(1, &["confirmed gone"]);
    assert_eq!(
        (&*ran.outputs["contained"], world.logs_left().len()),
        ("true", 0)
    );
    assert!(ran.outputs["incident"].starts_with("ls-"));
}

#[test]
fn purge_says_what_is_old_and_deletes_it_when_told_to() {
    let world = World::new();
    let purge = |inputs: &[(&str, &str)]| {
        let common = [
            ("command", "purge"),
            ("repo", REPOSITORY),
            ("older-than", "48h"),
        ];
        world.run(&[&common, inputs].concat())
    };
    let ran = purge(&[]).expect(0, &["due"]);
    assert_eq!(json(&ran.outputs["report"])["plan"]["due"][0]["id"], RUN);
    assert_eq!(world.logs_left(), [1, 2]);
    let ran = purge(&[("yes", "true")]).expect(0, &[]);
    assert_eq!(
        json(&ran.outputs["report"])["repositories"][0]["logs"]["deleted"],
        1
    );
    assert_eq!(world.logs_left(), [] as [usize; 0]);
}

#[test]
fn a_dry_run_changes_nothing() {
    let world = World::new();
    let inputs = [("delete-logs", "true"), ("dry-run", "true")];
    world
        .guard(&inputs)
        .expect(1, &["dry run: nothing was changed"]);
    assert_eq!(world.logs_left(), [1, 2]);
}

/// Its token may not delete: that is said, and is a failure whatever was asked for.
#[test]
fn a_fork_is_told_that_its_logs_stay() {
    let world = World::new();
    let inputs = [
        ("delete-logs", "true"),
        ("token", FORK),
        ("fail-on-findings", "false"),
    ];
    let ran = world.guard(&inputs).expect(3, &["actions: write"]);
    assert_eq!(ran.outputs["leaks-found"], "true");
    assert_eq!(ran.outputs["contained"], "false");
    assert_eq!(world.logs_left(), [1, 2]);
}

#[test]
fn scan_reads_files_of_any_name() {
    let world = World::new();
    let hostile = "-x $(touch pwned);`touch pwned` *.log";
    world.log(hostile, &format!("token={}\n", secret()));
    world.log("clean.log", "all is well\n");
    let paths = format!("{hostile}\n\nclean.log\r\n");
    let inputs = [("command", "scan"), ("paths", &*paths)];
    let ran = world.run(&inputs).expect(1, &["::error file=-x $(touch"]);
    assert_eq!(ran.outputs["leaks-found"], "true");
    assert_eq!(ran.outputs["findings"], "1");
    assert_eq!(ran.outputs["incident"], "");
    assert_eq!(json(&ran.outputs["sarif"])["version"], "2.1.0");
    let summary = world.runner.summary();
    assert!(
        summary.contains("GitHub personal access token"),
        "{summary}"
    );
    assert!(!(summary + &ran.said).contains(&secret()));
    assert!(!world.runner.path("pwned").exists());
    assert_eq!(world.github.calls(), [] as [&str; 0]);
}

#[test]
fn a_clean_scan_is_green() {
    let world = World::new();
    world.log("clean.log", "all is well\n");
    let ran = world.run(&[("command", "scan"), ("paths", "clean.log")]);
    let ran = ran.expect(0, &["no secrets found in 1 log"]);
    assert_eq!(ran.outputs["leaks-found"], "false");
    assert_eq!(ran.outputs["findings"], "0");
    assert_eq!(ran.outputs["scan-ok"], "true");
}

#[test]
fn what_is_no_word_of_ours_is_refused() {
    let world = World::new();
    for input in [
        ("command", "guard; touch pwned"),
        ("delete-logs", "yes"),
        ("fail-on-findings", ""),
    ] {
        world
            .guard(&[input])
            .expect(2, &["::error title=leaksweep::"]);
    }
    // The program itself knows what its commands take.
    world
        .guard(&[("older-than", "48h")])
        .expect(2, &["--older-than"]);
    world
        .run(&[("command", "scan"), ("delete-logs", "true")])
        .expect(2, &["--delete-logs"]);
    assert_eq!(world.logs_left(), [1, 2]);
    assert!(!world.runner.path("pwned").exists());
}

/// What purge is asked for: a stand-in writes it down.
#[test]
fn purge_gets_its_words_and_its_report_is_kept() {
    let program =
        b"#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$RUNNER_TEMP/words\"\necho '{\"deleted\": 3}'\n";
    let releases = Releases::start(program.to_vec(), Served::Whole);
    let runner = Runner::new(&releases.url(), program);
    let ran = runner.run(&[
        ("command", "purge"),
        ("org", "acme"),
        ("older-than", "48h"),
        ("yes", "true"),
        ("state", "purge/state.db"),
        ("arguments", "--budget=900\n\n--max-duration=50m\n"),
    ]);
    let ran = ran.expect(0, &["\"deleted\": 3"]);
    let words = std::fs::read_to_string(runner.path("temp/words")).unwrap();
    assert_eq!(
        words.lines().collect::<Vec<_>>(),
        [
            "purge",
            "--org=acme",
            "--older-than=48h",
            "--state=purge/state.db",
            "--yes",
            "--budget=900",
            "--max-duration=50m",
            "--format=json",
        ]
    );
    assert_eq!(json(&ran.outputs["report"])["deleted"], 3);
    assert_eq!(ran.outputs["sarif"], "");
}
