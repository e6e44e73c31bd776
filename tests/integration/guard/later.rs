//! What changes between one look and the next: people, runs, names.

use super::world::{FORK, REPOSITORY, RUN, Ran, World, guard_words, leaking, log, secret};
use crate::fake_github::{Attempt, Effect, Job, Run};
use crate::receivers::Fault;
use leaksweep::config::ChannelKind;

/// A guard that finds and may not delete.
fn guard_as_fork(world: &World) {
    let mut command = world.command(&guard_words());
    let ran = Ran::of(command.env("GITHUB_TOKEN", FORK).output().unwrap());
    ran.expect(3, &["the token may not delete"]);
}

fn incident_of(world: &World) -> String {
    let listed = world.run(&["incident", "list", "--format", "json"]).json();
    listed[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_false_alarm_withdraws_what_was_to_be_deleted() {
    let world = World::new(&[], leaking(1));
    guard_as_fork(&world);
    let id = incident_of(&world);
    let close = ["incident", "close", &id, "--reason", "false-alarm"];
    world.run(&close).expect(0, &[]);
    let refused = world.deletions();
    world.resume().expect(0, &["0 left"]);
    assert_eq!((world.logs_left(), world.deletions()), (vec![1], refused));
    let outcome = world.guard(&["--format", "json"]).json();
    assert_eq!(outcome["leaks_found"], false);
}

#[test]
fn what_was_deleted_before_does_not_vouch_for_a_new_attempt() {
    let world = World::new(&[], leaking(1));
    world.guard(&[]).expect(1, &["confirmed gone"]);
    let text = log(&format!("token={}", secret(1)));
    let again = |run: &mut Run| *run = run.clone().text(&text);
    world.github.change(REPOSITORY, RUN, again);
    let ran = world.run(&["guard", "--run", "7", "--format", "json"]);
    let outcome = ran.expect(1, &[]).json();
    assert_eq!(outcome["containing"], "not-asked");
    assert_eq!(
        outcome["scan_ok"], true,
        "attempt 1 was read before it went"
    );
    assert_eq!(outcome["incidents"][0]["state"], "open");
    world.guard(&[]).expect(1, &["confirmed gone"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
}

#[test]
fn an_attempt_made_after_the_deletion_is_read_and_then_deleted_too() {
    let text = log(&format!("token={}", secret(1)));
    let job = Job::new(71, "build").step("Set up job", &text);
    let run = Run::new(RUN).attempt(Attempt::new().job(job).stubborn());
    let world = World::new(&[], run);
    world.guard(&[]).expect(3, &["GitHub still serves"]);
    world.github.change(REPOSITORY, RUN, |run| {
        run.attempts[0].stubborn = false;
        *run = run.clone().text(&log("nothing to see"));
    });
    world.resume().expect(3, &["not all of its logs were read"]);
    let late = ["resume", "--max-wait", "0s", "--confirm-within", "0s"];
    world.run(&late).expect(0, &["0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    assert!(world.github.has_run(REPOSITORY, RUN));
    assert_eq!(world.deletions(), 2);
}

#[test]
fn a_repository_is_the_same_in_any_case() {
    let world = World::new(&[ChannelKind::Slack], leaking(1));
    guard_as_fork(&world);
    let words = ["--repo", "Acme/Shop", "--format", "json"];
    let outcome = world.guard(&words).expect(1, &[]).json();
    assert_eq!(outcome["incidents"][0]["state"], "contained");
    assert_eq!(world.bodies(0).len(), 2);
}

#[test]
fn a_name_that_shows_a_secret_is_kept_masked() {
    let planted = secret(5);
    let name = format!("test ({planted})");
    let job = Job::new(71, &name).step("Set up job", &log(&format!("token={}", secret(1))));
    let world = World::new(&[], Run::new(RUN).attempt(Attempt::new().job(job)));
    let ran = world.guard(&["--format", "json"]);
    let id = incident_of(&world);
    let shown = world.run(&["incident", "show", &id, "--format", "json"]);
    let state = std::fs::read(world.path(".local/state/leaksweep/state.db")).unwrap();
    for bytes in [shown.out.as_bytes(), &state] {
        assert!(memchr::memmem::find(bytes, planted.as_bytes()).is_none());
    }
    assert_eq!(ran.json()["containing"], "contained");
}

#[test]
fn messages_that_were_given_up_can_be_sent_again() {
    let world = World::new(&[ChannelKind::Slack], leaking(1));
    world.receivers[0].fail([Fault::status(404), Fault::status(404)]);
    world.guard(&[]).expect(3, &["dead"]);
    world.resume().expect(0, &["2 messages were given up"]);
    world
        .run(&["resume", "--dead", "--max-wait", "0s"])
        .expect(0, &["0 left"]);
    assert_eq!(world.bodies(0).len(), 4);
}

#[test]
fn the_trail_that_is_named_is_the_one_that_is_verified() {
    let world = World::new(&[], leaking(1));
    world.guard(&["--state", "mine.db"]).expect(1, &[]);
    let words = ["audit", "--state", "mine.db", "verify", "--format", "json"];
    assert_eq!(world.run(&words).expect(0, &[]).json()["whole"], true);
    world
        .run(&["audit", "verify"])
        .expect(2, &["there is no state"]);
    let unknown = "0".repeat(64);
    let words = [
        "audit", "verify", "--state", "mine.db", "--expect", &unknown,
    ];
    world
        .run(&words)
        .expect(3, &["does not hold the expected hash"]);
}

#[test]
fn an_attempt_that_is_not_there_is_refused() {
    let world = World::new(&[], leaking(1));
    world
        .guard(&["--attempt", "2"])
        .expect(3, &["the run has 1"]);
}

#[test]
fn annotations_that_nobody_may_read_are_said_aloud() {
    let world = World::new(&[], leaking(1));
    let forbidden = Effect::says(403, "Resource not accessible by integration");
    world.github.fault("GET /annotations*", 1, forbidden);
    let ran = world.guard(&[]);
    ran.expect(3, &["checks: read", "its annotations were not looked at"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
}

#[test]
fn an_annotation_that_stays_when_the_logs_are_long_gone_is_not_contained() {
    let job = Job::new(71, "build").step("Set up job", "fine\n");
    let job = job.annotation(&format!("token={}", secret(1)));
    let world = World::new(&[], Run::new(RUN).attempt(Attempt::new().job(job)));
    world.github.change(REPOSITORY, RUN, |run| {
        run.attempts[0].deleted = true;
    });
    let outcome = world.guard(&["--format", "json"]).expect(3, &[]).json();
    assert_eq!(outcome["containing"], "failed");
    assert_eq!(world.deletions(), 0, "there is no log to delete");
}

#[test]
fn a_withdrawn_deletion_says_nothing_of_what_was_found_since() {
    let world = World::new(&[], leaking(1));
    guard_as_fork(&world);
    let id = incident_of(&world);
    world.run(&["incident", "close", &id, "--reason", "false-alarm"]);
    world.resume().expect(0, &["0 left"]);
    let text = log(&format!("token={}", secret(2)));
    let again = |run: &mut Run| *run = run.clone().text(&text);
    world.github.change(REPOSITORY, RUN, again);
    let ran = world.run(&["guard", "--run", "7", "--format", "json"]);
    assert_eq!(ran.expect(1, &[]).json()["containing"], "not-asked");
}
