//! purge and retention as a user runs them.

use super::world::{Dice, REPOSITORY};
use crate::desk::Desk;
use crate::fake_github::{Access, Attempt, Moment, Run};
use crate::support::fill;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};

fn old(id: u64) -> Run {
    let at = Timestamp::now() - SignedDuration::from_hours(100 + id.cast_signed());
    Run::new(id).created(at).attempt(Attempt::new())
}

fn desk(runs: impl IntoIterator<Item = Run>) -> Desk {
    let desk = Desk::new(Some(REPOSITORY));
    for run in runs {
        desk.github.add(REPOSITORY, run);
    }
    desk
}

/// Requests that changed something, or tried to.
fn changes(desk: &Desk) -> usize {
    let calls = desk.github.calls();
    calls.iter().filter(|call| !call.starts_with("GET")).count()
}

#[test]
fn nothing_is_deleted_without_yes() {
    let desk = desk([old(1), old(2)]);
    let said = ["dry run", "logs of 2", "requests", "pass --yes"];
    desk.run("purge", 0, &said);
    let json: Value = serde_json::from_str(&desk.run("purge --format json", 0, &[])).unwrap();
    assert_eq!(json["plan"]["due"].as_array().unwrap().len(), 2);
    assert_eq!(json["plan"]["due"][0]["kind"], "logs");
    assert_eq!(changes(&desk), 0);
    assert!(!desk.folder.path().join(".local").exists());
}

#[test]
fn yes_deletes_and_every_format_tells() {
    let desk = desk([old(1), old(2).in_progress()]);
    let text = desk.run("purge --yes --older-than 3d", 0, &[]);
    let said = [
        "1 deleted and confirmed gone",
        "1 kept: the run is in progress",
    ];
    for words in said {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(desk.github.runs_with_logs(REPOSITORY), [2]);
    desk.run("audit verify", 0, &["3 lines, whole"]);
    desk.run("purge --yes", 0, &["purge: 0 deleted", "1 gone before"]);
    let json: Value = serde_json::from_str(&desk.run("purge --yes --format json", 0, &[])).unwrap();
    assert_eq!(json["repositories"][0]["logs"]["known_gone"], 1);
    assert_eq!(json["plan"], Value::Null);
    let summary = std::fs::read_to_string(desk.folder.path().join("summary.md")).unwrap();
    assert_eq!(summary.matches("### Purge").count(), 3);
}

#[test]
fn a_partial_purge_is_no_success() {
    let desk = desk([old(1), old(2), old(3)]);
    desk.run(
        "purge --yes --budget 5",
        3,
        &["NOT all is done", "LEFT 2", "--budget"],
    );
    desk.github.token("the-word-of-a-fork", Access::Read);
    let mut reader = desk.command("purge --yes");
    let output = reader
        .env("GITHUB_TOKEN", "the-word-of-a-fork")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    desk.run("purge --yes --repo acme/none", 3, &["404"]);
    desk.run("purge --repo nothing", 2, &["OWNER/REPO"]);
    desk.run(
        "purge --repo acme/shop --org acme",
        2,
        &["cannot be used with"],
    );
    desk.run("purge --yes", 0, &["2 deleted"]);
}

#[test]
fn a_leak_that_is_found_first_becomes_an_incident() {
    let token = fill("ghp_{base62:30}{crc32}", 1);
    let leaking = Run {
        attempts: Vec::new(),
        ..old(1)
    };
    let desk = desk([leaking.text(&format!("token={token}\n")), old(2)]);
    desk.run(
        "purge --yes --scan-first",
        1,
        &["INCIDENT ls-", "2 deleted"],
    );
    desk.run("incident list", 0, &["contained"]);
    assert_eq!(desk.github.runs_with_logs(REPOSITORY), [0; 0]);
}

#[test]
fn an_organization_and_a_visibility_choose() {
    let desk = desk([old(1)]);
    desk.github.add("acme/other", old(2));
    desk.github.add("else/where", old(3));
    desk.github.make_private("acme/other");
    desk.run(
        "purge --yes --org acme --visibility private",
        0,
        &["acme/other", "1 deleted"],
    );
    desk.run("purge --yes --org acme", 0, &["acme/shop", "1 deleted"]);
    assert_eq!(desk.github.runs_with_logs("else/where"), [3]);
}

#[test]
fn retention_is_shown_and_set_with_a_warning() {
    let desk = desk([old(1)]);
    desk.run("retention show", 0, &["acme/shop", "90 days (400 at most)"]);
    let warned = [
        "warning: ",
        "checks and commit statuses",
        "from 90 to 2 days",
        "--yes",
    ];
    desk.run("retention set 2", 0, &warned);
    assert_eq!(
        (changes(&desk), desk.github.retention(REPOSITORY)),
        (0, None)
    );
    desk.run(
        "retention set 2 --yes",
        0,
        &["warning: ", "90 days before", "shows 2"],
    );
    assert_eq!(desk.github.retention(REPOSITORY), Some(2));
    desk.run(
        "retention set 30 --yes --org acme",
        0,
        &["acme: 90 days before"],
    );
    assert_eq!(desk.github.retention("acme"), Some(30));
    desk.run(
        "audit",
        0,
        &[
            "intent set-retention acme/shop 90 to 2 days",
            "shows 30 days",
        ],
    );
    desk.run("retention set 0", 2, &["1..=400"]);
    desk.run("retention set 401 --yes", 2, &[]);
}

/// Kills the program at the `step`th moment of its requests; says whether it
/// came to its end before.
fn kill_at(desk: &Desk, step: u64) -> bool {
    let state = Arc::new((Mutex::new((step, None::<u32>, false)), Condvar::new()));
    let hook = state.clone();
    desk.github.on_request(move |_: Moment, _| {
        let (lock, changed) = &*hook;
        let mut state = lock.lock().unwrap();
        state.0 = state.0.wrapping_sub(1);
        if state.0 != 0 {
            return;
        }
        state = changed
            .wait_while(state, |state| state.1.is_none())
            .unwrap();
        let pid = state.1.unwrap().to_string();
        let kill = Command::new("kill").args(["-9", &pid]).status();
        assert!(kill.unwrap().success());
        // It never gets the answer.
        drop(changed.wait_while(state, |state| !state.2).unwrap());
    });
    let mut command = desk.command("purge --yes");
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().unwrap();
    let (lock, changed) = &*state;
    lock.lock().unwrap().1 = Some(child.id());
    changed.notify_all();
    let status = child.wait().unwrap();
    lock.lock().unwrap().2 = true;
    changed.notify_all();
    desk.github.on_request(|_, _| {});
    status.code().is_some()
}

#[test]
fn a_process_that_is_killed_is_followed_by_one_that_goes_on() {
    let desk = desk((1..=3).map(old));
    let mut dice = Dice(5);
    let mut kills = 0;
    while !kill_at(&desk, 5 + dice.below(8)) {
        kills += 1;
    }
    assert!(kills > 0, "it was not killed");
    desk.run("purge --yes", 0, &["3 gone before"]);
    assert_eq!(desk.github.runs_with_logs(REPOSITORY), [0; 0]);
    assert_eq!(desk.github.vain_deletions(), 0);
    desk.run("audit verify", 0, &["whole"]);
}
