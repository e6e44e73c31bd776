//! The action run by `act`, a runner for this machine. It keeps no step summary: `steps` looks at that.

use super::releases::{Releases, Served};
use super::runner::{Runner, program};
use super::steps::{REPOSITORY, RUN, github};
use serde_json::Value;
use std::process::Command;

fn git(folder: &std::path::Path, words: &[&str]) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let mut git = Command::new("git");
    git.args(who).args(words).current_dir(folder);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Commits the workflow, so that `act` takes the folder for a repository.
fn prepare(runner: &Runner, api: &str) {
    let checkout = runner.path("checkout");
    let workflow = include_str!("guard.yml").replace("api-url: API", &format!("api-url: {api}"));
    let workflows = checkout.join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("guard.yml"), workflow).unwrap();
    std::fs::write(runner.path("event.json"), r#"{"workflow_run": {"id": 7}}"#).unwrap();
    git(&checkout, &["init", "-q", "-b", "main"]);
    git(&checkout, &["add", "-A"]);
    git(&checkout, &["commit", "-q", "-m", "the action"]);
}

/// Whether the workflow succeeded, and what was said.
fn act(runner: &Runner) -> (bool, String) {
    let act = std::env::var("LEAKSWEEP_ACT").unwrap_or_else(|_| "act".to_owned());
    let output = Command::new(act)
        .args(["workflow_run", "-P", "ubuntu-latest=-self-hosted"])
        .args(["-e", runner.path("event.json").to_str().unwrap()])
        .args([
            "--env",
            &format!("RESULT={}", runner.path("result").display()),
        ])
        .current_dir(runner.path("checkout"))
        .env("HOME", runner.path("home"))
        .env("XDG_STATE_HOME", runner.path("state"))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
#[ignore = "needs act: `.ci/actions` installs it and runs this"]
fn act_runs_guard() {
    let (github, releases) = (github(), Releases::start(program(), Served::Whole));
    let runner = Runner::new(&releases.url(), &program());
    prepare(&runner, &github.base());
    let (green, said) = act(&runner);
    assert!(!green, "a leak fails the job: {said}");
    let read = |end: &str| {
        let path = runner.path("result").with_extension(end);
        std::fs::read_to_string(path).unwrap_or_else(|_| panic!("no result.{end}: {said}"))
    };
    let json = |end: &str| serde_json::from_str::<Value>(&read(end)).unwrap();
    let outputs = json("");
    for (name, value) in [
        ("leaks-found", "true"),
        ("findings", "1"),
        ("scan-ok", "true"),
        ("contained", "true"),
    ] {
        assert_eq!(outputs[name], value, "{said}");
    }
    assert!(outputs["incident"].as_str().unwrap().starts_with("ls-"));
    assert_eq!(json("json")["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(json("sarif")["version"], "2.1.0");
    assert_eq!(github.attempts_with_logs(REPOSITORY, RUN), [] as [usize; 0]);
    let (_, said) = act(&runner);
    assert!(said.contains("is in the tool cache"), "{said}");
    assert_eq!(releases.asked().len(), 1);
}
