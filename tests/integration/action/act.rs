//! The action run by `act`, a runner for this machine.

use super::releases::{Releases, Served};
use super::runner::{Runner, program};
use super::steps::{REPOSITORY, RUN, TOKEN, github};
use std::process::Command;

const WORKFLOW: &str = "\
on: workflow_run
jobs:
  guard:
    runs-on: ubuntu-latest
    steps:
      - id: leaksweep
        uses: ./
        with:
          repo: acme/shop
          delete-logs: true
          fail-on-findings: false
          arguments: --max-wait=0s
          token: TOKEN
          api-url: API
      - shell: bash
        run: |
          printf '%s\\n' \"$OUTPUTS\" >\"$RESULT\"
          cp \"$REPORT\" \"$RESULT.json\"
          cp \"$SARIF\" \"$RESULT.sarif\"
        env:
          OUTPUTS: ${{ toJSON(steps.leaksweep.outputs) }}
          REPORT: ${{ steps.leaksweep.outputs.report }}
          SARIF: ${{ steps.leaksweep.outputs.sarif }}
";

fn git(folder: &std::path::Path, words: &[&str]) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let mut git = Command::new("git");
    git.args(who).args(words).current_dir(folder);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
#[ignore = "needs act: `.ci/actions` installs it and runs this"]
fn act_runs_guard() {
    let (github, releases) = (github(), Releases::start(program(), Served::Whole));
    let runner = Runner::new(&releases.url(), &program());
    let checkout = runner.path("checkout");
    let workflow = WORKFLOW
        .replace("TOKEN", TOKEN)
        .replace("API", &github.base());
    let workflows = checkout.join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("guard.yml"), workflow).unwrap();
    let event = runner.path("event.json");
    std::fs::write(&event, r#"{"workflow_run": {"id": 7}}"#).unwrap();
    git(&checkout, &["init", "-q", "-b", "main"]);
    git(&checkout, &["add", "-A"]);
    git(&checkout, &["commit", "-q", "-m", "the action"]);

    let result = runner.path("result");
    let act = std::env::var("LEAKSWEEP_ACT").unwrap_or_else(|_| "act".to_owned());
    let output = Command::new(act)
        .args(["workflow_run", "-P", "ubuntu-latest=-self-hosted", "-e"])
        .arg(&event)
        .arg("--env")
        .arg(format!("RESULT={}", result.display()))
        .arg("--env")
        .arg(format!("XDG_STATE_HOME={}", runner.path("state").display()))
        .current_dir(&checkout)
        .env("HOME", runner.path("home"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let outputs = std::fs::read_to_string(&result).unwrap_or_else(|_| panic!("{said}"));
    let outputs: serde_json::Value = serde_json::from_str(&outputs).unwrap();
    for (name, value) in [
        ("leaks-found", "true"),
        ("findings", "1"),
        ("scan-ok", "true"),
        ("contained", "true"),
    ] {
        assert_eq!(outputs[name], value, "{said}");
    }
    assert!(outputs["incident"].as_str().unwrap().starts_with("ls-"));
    for end in ["json", "sarif"] {
        let report = std::fs::read(result.with_extension(end)).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&report).is_ok());
    }
    assert_eq!(github.attempts_with_logs(REPOSITORY, RUN), [] as [usize; 0]);
    assert_eq!(releases.asked().len(), 1);
}
