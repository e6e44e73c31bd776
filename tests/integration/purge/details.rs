//! What is kept, what goes wrong, and what is said of it.

use super::world::{REPOSITORY, World, ago, kept, only, order, run, runs, shop};
use crate::fake_github::{Access, Artifact, Attempt, Effect, Moment, Run};
use crate::support::fill;
use leaksweep::purge::{Order, PurgeOutcome};
use leaksweep::store::{IncidentState, Store};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A purge after which nothing is left, and what it deleted.
#[track_caller]
fn deleted(outcome: &PurgeOutcome) -> u64 {
    assert!(!outcome.is_unfinished(), "{}", outcome.text());
    only(outcome).logs.deleted
}

fn hours(n: u64) -> Duration {
    Duration::from_secs(n * 3_600)
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let mut world = World::with(runs(1, 120, 60..900));
    world.github.limit(1_000, true);
    let dry = Order {
        dry_run: true,
        ..order()
    };
    let outcome = world.purge(&dry);
    let plan = outcome.plan.as_ref().unwrap();
    assert_eq!((plan.due.len(), plan.calls_an_hour), (120, Some(1_000)));
    assert_eq!(plan.calls, world.calls.len() as u64 + 240);
    assert_eq!(plan.seconds, 120);
    assert!(plan.due.iter().all(|due| due.age_seconds > 59 * 3_600));
    let text = outcome.text();
    for words in ["120 due", "ci.yml", "at 1000 an hour", "--yes"] {
        assert!(text.contains(words), "{words} is missing in {text}");
    }
    assert!(text.contains("acme/shop .github/workflows/ci.yml: logs of 120"));
    assert_eq!((world.count("DELETE"), world.logs_left().len()), (0, 120));
    assert_eq!(world.store.view().audit_head().unwrap().0, 0);
}

#[test]
fn rules_holds_and_filters_keep_and_say_why() {
    let mut world = World::with((1..=6).map(|id| run(id, 100)));
    world.configure(
        "guard: {hold: [{repository: ACME/shop, run: 1, reason: court}]}
purge: {keep: [{branch: 'release/*', reason: releases}, {conclusion: failure, reason: to look at}]}",
    );
    let change = |id, to: fn(&mut Run)| world.github.change(REPOSITORY, id, to);
    change(2, |run| run.branch = "release/7".to_owned());
    change(3, |run| run.conclusion = "failure");
    change(4, |run| run.event = "schedule".to_owned());
    let mut some = order();
    some.choice.events = vec!["push".parse().unwrap()];
    let outcome = world.purge(&some);
    assert_eq!(deleted(&outcome), 2);
    assert_eq!(
        kept(&only(&outcome).logs),
        [
            ("held by configuration: court", 1),
            ("kept by configuration: releases", 1),
            ("kept by configuration: to look at", 1),
            ("not chosen", 1)
        ]
    );
    assert_eq!(world.logs_left(), [1, 2, 3, 4]);
    // With other rules, what was settled is looked at again.
    world.configure("");
    assert_eq!(deleted(&world.purge(&order())), 4);
    assert_eq!(world.logs_left(), [0; 0]);
}

#[test]
fn the_newest_attempt_counts() {
    let rerun = run(1, 500).attempt(Attempt::new()).begun(ago(1));
    let mut world = World::with([rerun, run(2, 500).in_progress(), run(3, 500)]);
    let outcome = world.purge(&order());
    assert_eq!(deleted(&outcome), 1);
    assert_eq!(
        kept(&only(&outcome).logs),
        [
            ("its newest attempt is younger than 2 d", 1),
            ("the run is in progress", 1)
        ]
    );
    assert_eq!(world.logs_left(), [1, 2]);
    world.clock.pass(hours(48));
    world
        .github
        .change(REPOSITORY, 2, |run| run.status = "completed");
    assert_eq!(deleted(&world.purge(&order())), 2);
}

#[test]
fn a_run_that_is_started_again_after_its_purge_is_purged_again() {
    let mut world = World::with(runs(1, 30, 60..600));
    assert_eq!(deleted(&world.purge(&order())), 30);
    world.github.change(REPOSITORY, 7, |run| {
        run.attempts.push(Attempt::new());
        *run = run.clone().begun(ago(1));
    });
    let outcome = world.purge(&order());
    assert_eq!((deleted(&outcome), only(&outcome).logs.known_gone), (0, 29));
    world.clock.pass(hours(48));
    assert_eq!(deleted(&world.purge(&order())), 1);
    assert_eq!(world.count("DELETE"), 1);
}

#[test]
fn a_run_that_is_started_again_during_the_purge_is_kept() {
    // All on one page, which is a minute old when the last ones come.
    let mut world = World::with((1..=90).map(|id| run(id, 400 - id.cast_signed())));
    let deletions = AtomicUsize::new(0);
    let change = world.github.changer();
    world.github.on_request(move |moment, seen| {
        let deletes = moment == Moment::After && seen.method == "DELETE";
        if deletes && deletions.fetch_add(1, Ordering::SeqCst) == 50 {
            change(REPOSITORY, 85, |run| run.status = "in_progress");
            change(REPOSITORY, 86, |run| *run = run.clone().begun(ago(0)));
        }
    });
    let outcome = world.purge(&order());
    assert_eq!(deleted(&outcome), 88, "{}", outcome.text());
    assert_eq!(world.logs_left(), [85, 86]);
}

#[test]
fn githubs_clock_decides() {
    for (ahead, goes) in [(-10, false), (0, true), (10, true)] {
        let mut world = World::with([run(1, 50)]);
        world.github.set_ahead(ahead * 3_600);
        let outcome = world.purge(&order());
        assert_eq!(deleted(&outcome) == 1, goes, "{ahead} hours ahead");
    }
    let mut world = World::with([run(1, 47)]);
    assert_eq!(deleted(&world.purge(&order())), 0);
    world.github.set_ahead(2 * 3_600);
    assert_eq!(deleted(&world.purge(&order())), 1);
}

#[test]
fn a_token_that_may_not_delete_asks_once_and_says_so() {
    let mut world = World::with(runs(1, 40, 60..600));
    world.github.token("the-word-of-the-job", Access::Read);
    let outcome = world.purge(&order());
    let left = only(&outcome).left.as_ref().unwrap();
    assert!(left.why.contains("actions: write"), "{}", left.why);
    assert_eq!((left.due, world.count("DELETE")), (40, 1));
    assert!(outcome.is_unfinished() && outcome.text().contains("LEFT 40"));
    world.github.token("the-word-of-the-job", Access::Write);
    assert_eq!(deleted(&world.purge(&order())), 40);
}

#[test]
fn what_stays_is_failed_and_the_others_go_on() {
    let stubborn = Run::new(5)
        .created(ago(100))
        .attempt(Attempt::new().stubborn());
    let mut world = World::with([run(4, 110), stubborn, run(6, 90)]);
    let outcome = world.purge(&order());
    let swept = only(&outcome);
    assert_eq!((swept.logs.deleted, swept.logs.failed.len()), (2, 1));
    let failed = &swept.logs.failed[0];
    assert_eq!(failed.id, 5);
    assert!(failed.why.contains("still serves the logs of attempt 1"));
    assert_eq!(world.count("DELETE"), 3);
    assert!(outcome.is_unfinished());
}

#[test]
fn a_lost_answer_is_looked_after_and_not_repeated() {
    let mut world = World::with((1..=3).map(|id| run(id, 100)));
    world.github.fault("DELETE /runs/2/logs", 1, Effect::Lose);
    assert_eq!(deleted(&world.purge(&order())), 3);
    assert_eq!(
        (world.count("DELETE"), world.github.vain_deletions()),
        (3, 0)
    );
}

#[test]
fn a_server_that_fails_leaves_the_log_for_the_next_time() {
    let mut world = World::with((1..=3).map(|id| run(id, 100)));
    let fails = Effect::says(500, "Server Error");
    world.github.fault("DELETE /runs/2/logs", 1, fails);
    let outcome = world.purge(&order());
    assert_eq!(only(&outcome).logs.failed.len(), 1, "{}", outcome.text());
    assert_eq!(world.logs_left(), [2]);
    assert_eq!(deleted(&world.purge(&order())), 1);
}

#[test]
fn a_limit_is_waited_for_and_nothing_is_deleted_twice() {
    let mut world = World::with((1..=3).map(|id| run(id, 100)));
    let limit = Effect::retry_after(429, 600);
    world.github.fault("DELETE /runs/2/logs", 1, limit);
    assert_eq!(deleted(&world.purge(&order())), 3);
    assert_eq!(
        (world.count("DELETE"), world.github.vain_deletions()),
        (4, 0)
    );
    assert!((600..700).contains(&world.elapsed()), "{}", world.elapsed());
}

#[test]
fn a_budget_ends_it_between_two_deletions() {
    let mut world = World::with(runs(1, 60, 60..600));
    world.budget = Some(41);
    let mut goes = 0;
    let all = loop {
        let outcome = world.purge(&order());
        assert!(world.calls.len() <= 41);
        assert_eq!(
            world.count("DELETE"),
            world.count("GET /repos/acme/shop/actions/runs/") - 1
        );
        goes += 1;
        match &only(&outcome).left {
            Some(left) => assert!(left.why.contains("--budget") && left.due > 0),
            None => break outcome,
        }
    };
    assert!(!all.is_unfinished());
    assert!((3..8).contains(&goes), "{goes}");
    assert_eq!(
        (world.logs_left(), world.github.vain_deletions()),
        (vec![], 0)
    );
}

#[test]
fn a_duration_ends_it_and_it_says_what_is_left() {
    let mut world = World::with(runs(1, 300, 60..600));
    let short = Order {
        max_duration: Some(Duration::from_secs(100)),
        ..order()
    };
    let outcome = world.purge(&short);
    let swept = only(&outcome);
    assert!(
        (95..=101).contains(&swept.logs.deleted),
        "{}",
        outcome.text()
    );
    assert!((99..=101).contains(&world.elapsed()));
    let left = swept.left.as_ref().unwrap();
    assert!(
        left.due > 0 && left.not_looked_at_from.is_some() && left.why.contains("--max-duration")
    );
    // A limit that lasts beyond it ends it at once.
    let limit = Effect::retry_after(403, 3_600);
    world.github.fault("GET /actions/runs", 1, limit);
    let outcome = world.purge(&short);
    assert!(
        only(&outcome)
            .left
            .as_ref()
            .unwrap()
            .why
            .contains("the rate limit lasts")
    );
    assert!(world.elapsed() <= 102, "{}", world.elapsed());
}

#[test]
fn artifacts_have_their_own_age() {
    let mut world = World::with([run(1, 500), run(2, 500).in_progress(), run(3, 500)]);
    world.configure("guard: {hold: [{repository: acme/shop, run: 3, reason: court}]}");
    for (id, of, age) in [
        (10, 1, 500),
        (11, 1, 150),
        (12, 2, 500),
        (13, 3, 500),
        (14, 1, 500),
    ] {
        let artifact = Artifact {
            id,
            run: of,
            created: ago(age),
            expired: id == 14,
        };
        world.github.add_artifact(REPOSITORY, artifact);
    }
    let week = Order {
        artifacts_older_than: Some(hours(168)),
        ..order()
    };
    let outcome = world.purge(&week);
    let swept = only(&outcome);
    assert_eq!((swept.logs.deleted, swept.artifacts.deleted), (1, 1));
    assert_eq!(
        kept(&swept.artifacts),
        [
            ("held by configuration: court", 1),
            ("the artifact is younger than 7 d", 1),
            ("the run is in progress", 1)
        ]
    );
    assert_eq!(world.github.artifacts(REPOSITORY), [11, 12, 13, 14]);
    assert_eq!(world.store.view().verify_audit().unwrap().lines, 6);
}

#[test]
fn more_runs_in_a_second_than_are_listed_are_told() {
    let mut world = World::with((1..=1_100).map(|id| run(id, 100)));
    let outcome = world.purge(&order());
    let swept = only(&outcome);
    assert_eq!((swept.logs.deleted, swept.problems.len()), (1_000, 1));
    assert!(outcome.is_unfinished() && swept.problems[0].contains("than GitHub lists"));
}

#[test]
fn pages_may_be_small() {
    let mut world = World::with(runs(1, 200, 60..600));
    world.github.page_size(30);
    assert_eq!(deleted(&world.purge(&order())), 200);
}

#[test]
fn without_a_state_each_log_is_looked_for_and_none_is_deleted_again() {
    let mut world = World::with(runs(1, 50, 60..600));
    assert_eq!(deleted(&world.purge(&order())), 50);
    world.store = Store::scratch(None).unwrap();
    let outcome = world.purge(&order());
    assert_eq!(
        (deleted(&outcome), only(&outcome).logs.already_gone),
        (0, 50)
    );
    assert_eq!(world.count("DELETE"), 0);
    // A look back spares even that.
    world.store = Store::scratch(None).unwrap();
    world.github.add(REPOSITORY, run(99, 55));
    let back = Order {
        look_back: Some(hours(58)),
        ..order()
    };
    assert_eq!(deleted(&world.purge(&back)), 1);
    assert_eq!(world.count("GET /repos/acme/shop/actions/runs/"), 2);
    // And settles nothing that it did not look at.
    assert_eq!(only(&world.purge(&order())).logs.already_gone, 50);
}

#[test]
fn two_purges_by_one_state_do_not_meet() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::with([run(1, 100)]);
    world.store = Store::open(&folder.path().join("state.db")).unwrap();
    let other = world.store.lock_purge().unwrap();
    let error = world.purge_of(&order(), &shop()).unwrap_err().to_string();
    assert!(error.contains("purge.lock"), "{error}");
    assert_eq!(world.count("DELETE"), 0);
    drop(other);
    assert_eq!(deleted(&world.purge(&order())), 1);
}

#[test]
fn a_log_is_scanned_before_it_goes() {
    let token = fill("ghp_{base62:30}{crc32}", 1);
    let old = |id| Run::new(id).created(ago(100));
    let mut world = World::with([
        old(1).text("fine\n"),
        old(2).text(&format!("token={token}\n")),
        old(3).text("fine\n"),
    ]);
    world.scans = true;
    let folder = tempfile::tempdir().unwrap();
    world.store = Store::open(&folder.path().join("state.db")).unwrap();
    let damaged = Effect::Replace(b"PK\x03\x04 no zip".to_vec());
    let outcome = world.purge(&order());
    let swept = only(&outcome);
    assert_eq!(swept.logs.deleted, 3, "{}", outcome.text());
    assert_eq!(swept.incidents.len(), 1);
    assert!(outcome.found_leaks() && !outcome.is_unfinished());
    let incidents = world.store.view().incidents().unwrap();
    assert_eq!(incidents[0].state, IncidentState::Contained);
    assert!(!outcome.text().contains(&token));
    // What cannot be read stays.
    world.github.add(REPOSITORY, old(4).text("fine\n"));
    world.github.fault("GET /blobs/*", 1, damaged);
    let outcome = world.purge(&order());
    let failed = &only(&outcome).logs.failed;
    assert!(
        failed[0]
            .why
            .starts_with("kept, because it could not be scanned")
    );
    assert!(outcome.is_unfinished());
    assert_eq!(world.logs_left(), [4]);
    assert_eq!(deleted(&world.purge(&order())), 1);
    world.purge(&order());
    assert_eq!(world.count("GET /repos/acme/shop/actions/runs/"), 0);
}
