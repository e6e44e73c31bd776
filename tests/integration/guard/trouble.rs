//! What guard does when something does not answer as it should: each has its
//! own words, nothing unread is called clean and nothing readable contained.

use super::world::{FORK, RUN, Ran, World, leaking, log, secret};
use crate::fake_github::{Effect, Job, Run};
use crate::receivers::{Fault, KINDS};
use leaksweep::config::ChannelKind;
use std::io::Write;

#[test]
fn all_channels_down_do_not_keep_the_log() {
    let world = World::new(&KINDS, leaking(1));
    for receiver in &world.receivers {
        receiver.fail(std::iter::repeat_n(Fault::status(503), 2));
    }
    let told = world.guard(&["--format", "json"]).expect(3, &[]).json();
    assert_eq!(told["containing"], "contained");
    assert_eq!(told["telling"], "pending", "{told:#}");
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    // One more failure of each is left over.
    for receiver in &world.receivers {
        receiver.world().calls.clear();
    }
    let ran = world.resume();
    ran.expect(3, &["left"]);
    world.resume().expect(0, &["0 left"]);
    for receiver in &world.receivers {
        let seen = receiver.world();
        let failed = 1;
        assert_eq!(
            seen.calls.len(),
            failed + 2,
            "opened and contained, once each"
        );
        assert_eq!(seen.refusals, [] as [&str; 0]);
    }
    assert_eq!(world.deletions(), 1);
}

#[test]
fn a_channel_that_refuses_is_given_up_and_said_aloud() {
    let world = World::new(&[ChannelKind::Slack], leaking(1));
    world.receivers[0].fail([Fault::status(410), Fault::status(410)]);
    let ran = world.guard(&["--format", "json"]).expect(3, &[]);
    let told = ran.json();
    assert_eq!(
        (&told["telling"], &told["containing"]),
        (&"failed".into(), &"contained".into())
    );
    assert_eq!(told["undelivered"][0]["state"], "dead");
    world.resume().expect(0, &["0 taken up"]);
}

fn with_token(world: &World, token: &str) -> Ran {
    let mut command = world.command(&super::world::guard_words());
    Ran::of(command.env("GITHUB_TOKEN", token).output().unwrap())
}

#[test]
fn a_wrong_token_looks_at_nothing() {
    let world = World::new(&[ChannelKind::Slack], leaking(1));
    with_token(&world, "a-word-nobody-knows").expect(3, &["401", "hint: "]);
    assert_eq!((world.logs_left(), world.bodies(0).len()), (vec![1], 0));
}

#[test]
fn the_token_of_a_fork_reports_and_leaves_the_deletion_to_others() {
    let world = World::new(&[ChannelKind::Slack], leaking(1));
    let ran = with_token(&world, FORK);
    ran.expect(3, &["the token may not delete", "actions: write", "forks"]);
    assert_eq!((world.logs_left(), world.bodies(0).len()), (vec![1], 1));
    world.resume().expect(0, &["0 left"]);
    assert_eq!((world.logs_left(), world.bodies(0).len()), (vec![], 2));
}

#[test]
fn a_repository_that_cannot_be_seen_is_not_taken_for_one_without_logs() {
    let world = World::new(&[], leaking(1));
    with_token(&world, FORK).expect(3, &[]);
    world.github.make_private(super::world::REPOSITORY);
    let mut stranger = world.command(&["resume", "--max-wait", "0s"]);
    let ran = Ran::of(
        stranger
            .env("GITHUB_TOKEN", "a-word-nobody-knows")
            .output()
            .unwrap(),
    );
    ran.expect(3, &["1 left"]);
    world
        .github
        .fault("GET /repos/acme/shop*", 2, Effect::says(404, "Not Found"));
    world.resume().expect(3, &["does not see the repository"]);
    assert_eq!(world.logs_left(), [1]);
    world.resume().expect(0, &["0 left"]);
}

#[test]
fn an_expired_log_is_not_clean() {
    let world = World::new(&[], leaking(1));
    world.github.change(super::world::REPOSITORY, RUN, |run| {
        run.attempts[0].deleted = true;
    });
    let told = world
        .guard(&["--format", "json"])
        .expect(3, &["no longer has this log"])
        .json();
    assert_eq!(
        (&told["scan_ok"], &told["containing"]),
        (&false.into(), &"nothing".into())
    );
}

#[test]
fn a_run_in_progress_is_scanned_as_far_as_it_goes_and_deleted_when_it_has_ended() {
    let text = log(&format!("token={}", secret(1)));
    let done = Job::new(71, "build").step("Set up job", &text);
    let other = Job::new(72, "deploy")
        .step("Set up job", &text)
        .in_progress();
    let run = Run::new(RUN).in_progress();
    let run = run.attempt(crate::fake_github::Attempt::new().job(done).job(other));
    let world = World::new(&[ChannelKind::Webhook], run);
    let ran = world.guard(&[]);
    ran.expect(3, &["'deploy' has not finished", "the run is in progress"]);
    assert_eq!((world.deletions(), world.bodies(0).len()), (0, 1));
    world.resume().expect(3, &["the run is in progress"]);
    world.github.change(super::world::REPOSITORY, RUN, |run| {
        run.status = "completed";
        run.attempts[0].jobs[1].status = "completed";
    });
    world.resume().expect(0, &["0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    let shown = world.run(&["incident", "list"]).expect(0, &["contained"]);
    let id = shown.out.split(' ').next().unwrap();
    world
        .run(&["incident", "show", id])
        .expect(0, &["attempt 1 run: "]);
}

#[test]
fn a_run_that_is_run_again_is_read_before_its_logs_go() {
    let world = World::new(&[], leaking(1));
    let mut command = world.command(&super::world::guard_words());
    Ran::of(command.env("GITHUB_TOKEN", FORK).output().unwrap()).expect(3, &[]);
    let other = log(&format!("token={}", secret(2)));
    world.github.change(super::world::REPOSITORY, RUN, |run| {
        *run = run.clone().text(&other);
    });
    world.resume().expect(3, &["not all of its logs were read"]);
    assert_eq!(world.logs_left(), [1, 2]);
    world.resume().expect(0, &["0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    let listed = world.run(&["incident", "list"]).expect(0, &[]);
    assert_eq!(
        listed.out.matches("contained").count(),
        4,
        "two incidents: {}",
        listed.out
    );
}

#[test]
fn a_storm_of_429_ends_with_the_time_to_come_back() {
    let world = World::new(&[], leaking(1));
    world
        .github
        .fault("GET *", 1000, Effect::retry_after(429, 3600));
    world.guard(&[]).expect(3, &["rate limit"]);
    assert_eq!(world.logs_left(), [1]);
}

#[test]
fn a_limit_at_the_deletion_leaves_it_for_later() {
    let world = World::new(&[], leaking(1));
    world
        .github
        .fault("DELETE *", 1, Effect::retry_after(429, 3600));
    world
        .guard(&[])
        .expect(3, &["deletion waits", "rate limit"]);
    assert_eq!(world.logs_left(), [1]);
    world.resume().expect(0, &["0 left"]);
}

#[test]
fn a_server_that_fails_after_it_deleted_is_asked_how_it_stands() {
    let world = World::new(&[], leaking(1));
    world.github.fault("DELETE *", 1, Effect::Lose);
    world.guard(&[]).expect(3, &["deletion waits"]);
    world.resume().expect(0, &["0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    assert_eq!(world.deletions(), 1, "what is gone is not deleted again");
}

/// A zip whose end is missing, with a token in an entry that is whole.
fn truncated() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("0_build.txt", options).unwrap();
    zip.write_all(log(&format!("token={}", secret(1))).as_bytes())
        .unwrap();
    zip.start_file("1_more.txt", options).unwrap();
    zip.write_all(&[b'x'; 5000]).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    bytes[..bytes.len() - 60].to_vec()
}

#[test]
fn a_truncated_zip_is_scanned_as_far_as_it_goes() {
    let world = World::new(&[], leaking(1));
    world
        .github
        .fault("GET /blobs*", 1, Effect::Replace(truncated()));
    let ran = world.guard(&["--format", "json"]);
    let told = ran.expect(3, &["warning: run-7-attempt-1.zip"]).json();
    assert_eq!(
        (&told["scan_ok"], &told["leaks_found"]),
        (&false.into(), &true.into())
    );
    assert_eq!(
        told["containing"], "pending",
        "it may be whole the next time"
    );
    world.resume().expect(0, &["0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
}

#[test]
fn a_zip_that_stays_truncated_is_deleted_when_it_was_read_twice() {
    let world = World::new(&[], leaking(1));
    let cut = Effect::Replace(truncated());
    world.github.fault("GET /blobs*", 2, cut);
    world
        .guard(&[])
        .expect(3, &["not all of its logs were read"]);
    assert_eq!(world.logs_left(), [1]);
    // Not clean, and said so, but contained.
    world
        .resume()
        .expect(3, &["warning: run-7-attempt-1.zip", "0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
}

#[test]
fn a_page_in_the_place_of_a_log_is_no_log() {
    let world = World::new(&[], leaking(2));
    let page = Effect::Replace(b"<html>sign in</html>".to_vec());
    world.github.fault("GET /blobs/1*", 1000, page);
    let told = world.guard(&["--format", "json"]).expect(3, &[]).json();
    assert_eq!(told["containing"], "pending");
    assert_eq!(world.logs_left(), [1, 2]);
}

#[test]
fn a_download_that_breaks_off_leaves_the_log_alone() {
    let world = World::new(&[ChannelKind::Slack], leaking(2));
    world.github.fault("GET /blobs/1*", 1000, Effect::Cut);
    let told = world.guard(&["--format", "json"]).expect(3, &[]).json();
    assert_eq!(
        (&told["scan_ok"], &told["leaks_found"]),
        (&false.into(), &true.into())
    );
    assert_eq!(told["containing"], "pending", "attempt 2 was not read");
    assert_eq!((world.logs_left(), world.bodies(0).len()), (vec![1, 2], 1));
    world.resume().expect(0, &["0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
}

#[test]
fn a_channel_whose_address_is_not_set_waits_and_holds_up_nothing() {
    let world = World::new(&[ChannelKind::Slack, ChannelKind::Webhook], leaking(1));
    let mut command = world.command(&super::world::guard_words());
    let bare = command.env_remove("SLACK_URL").env_remove("WEBHOOK_SECRET");
    let ran = Ran::of(bare.output().unwrap());
    ran.expect(3, &["SLACK_URL", "WEBHOOK_SECRET", "confirmed gone"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    assert_eq!((world.bodies(0).len(), world.bodies(1).len()), (0, 0));
    world.resume().expect(0, &["0 left"]);
    assert_eq!((world.bodies(0).len(), world.bodies(1).len()), (2, 2));
}
