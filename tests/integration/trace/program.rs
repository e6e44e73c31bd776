//! trace as a user runs it.

use super::world::{SHOP, attempt};
use crate::desk::Desk;
use crate::fake_github::Run;
use crate::support::fill;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const COMMAND: &str = "./deploy.sh --trace --to production";

fn secret() -> String {
    fill("ghp_{base62:30}{crc32}", 11)
}

fn run(id: u64, hours: i64, printed: &str) -> Run {
    let at = Timestamp::now() - SignedDuration::from_hours(hours);
    Run::new(id)
        .created(at)
        .attempt(attempt(id, at, COMMAND, &[printed]))
}

fn desk() -> Desk {
    let desk = Desk::new(None);
    let token = format!("token {}", secret());
    desk.github.add(SHOP, run(1, 90, "done"));
    desk.github.add(SHOP, run(2, 60, &token));
    desk.github.add(SHOP, run(3, 30, &token));
    desk.github.add("acme/tools", run(4, 20, "done"));
    desk
}

/// Requests for logs.
fn log_calls(desk: &Desk) -> usize {
    let calls = desk.github.calls();
    calls.iter().filter(|call| call.ends_with("/logs")).count()
}

#[test]
fn every_format_tells_the_same_and_none_the_secret() {
    let desk = desk();
    let said = [
        "4 logs to read of 4 runs in 2 repositories",
        "acme/shop",
        "acme/tools",
    ];
    let text = desk.run(
        "trace --org acme --report html=trace.html --report markdown=trace.md",
        1,
        &said,
    );
    let json = desk.run("trace --org acme --format json", 1, &["0 logs to read"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let exposure = &json["exposures"][0];
    assert_eq!(exposure["sites"][0]["runs"], 2);
    assert_eq!(exposure["copies"][0]["repository"], "acme/tools");
    assert_eq!(
        exposure["first_seen"]["at_the_latest_because"],
        serde_json::json!([])
    );
    let fingerprint = exposure["fingerprint"].as_str().unwrap();
    let only = format!("trace --org acme --fingerprint {}", &fingerprint[..12]);
    desk.run(&only, 1, &["acme/shop"]);
    desk.run("trace --org acme --fingerprint 0123456789", 0, &[]);
    desk.run(
        "trace --org acme --fingerprint 12",
        2,
        &["at least 8 digits"],
    );
    assert_eq!(log_calls(&desk), 4);
    let mut all = text;
    for entry in walkdir::WalkDir::new(desk.folder.path()) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            all += &String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap());
        }
    }
    assert!(!all.contains(&secret()[4..]));
}

#[test]
fn a_trace_that_dies_goes_on_where_it_was() {
    let desk = desk();
    for commits in [3, 5, 2] {
        let mut dies = desk.command("trace --org acme");
        let dies = dies.env("LEAKSWEEP_ABORT_AFTER_COMMITS", commits.to_string());
        assert_eq!(dies.output().unwrap().status.code(), None, "{commits}");
    }
    desk.run("trace --org acme", 1, &["acme/shop"]);
    // No log but one that was being read when the program died is fetched twice.
    assert!(log_calls(&desk) <= 7, "{}", log_calls(&desk));
}

#[test]
fn containment_has_a_dry_run_and_is_told() {
    let desk = desk();
    let planned = desk.run("trace --org acme --contain --dry-run", 1, &["DELETE"]);
    assert!(
        planned.contains("dry run") || planned.contains("would"),
        "{planned}"
    );
    assert_eq!(desk.github.runs_with_logs(SHOP), [1, 2, 3]);
    desk.run("trace --org acme --contain", 1, &["acme/shop"]);
    assert_eq!(desk.github.runs_with_logs(SHOP), [1]);
    let json = desk.run("trace --org acme --format json", 1, &[]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["exposures"][0]["sites"][0]["gone"], 2);
    let id = json["exposures"][0]["incidents"][0]
        .as_str()
        .unwrap()
        .to_owned();
    desk.run(
        &format!("trace --repo acme/shop --incident {id}"),
        1,
        &[&id],
    );
    desk.run("audit verify", 0, &["whole"]);
}

#[test]
fn wrong_use_is_told_from_what_could_not_be_read() {
    let desk = desk();
    desk.run("trace", 2, &["--repo OWNER/REPO"]);
    desk.run(
        "trace --repo acme/shop --since ever",
        2,
        &["not a duration"],
    );
    desk.run("trace --repo acme/none", 3, &["404"]);
    desk.run("trace --repo acme/shop --dry-run", 2, &["--contain"]);
    desk.run("trace --org acme --budget 3", 3, &["budget"]);
    desk.run("trace nothing.zip", 3, &["nothing.zip"]);
    std::fs::write(desk.folder.path().join("clean.log"), "all is well\n").unwrap();
    desk.run("trace clean.log", 0, &[]);
    desk.run("trace clean.log --repo acme/shop", 2, &[]);
}
