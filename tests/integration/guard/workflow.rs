//! What guard does when everything answers.

use super::world::{REPOSITORY, RUN, World, leaking, log, secret};
use crate::fake_github::{Attempt, Job, Run};
use crate::receivers::KINDS;
use crate::support::fill;
use leaksweep::config::ChannelKind;

#[test]
fn a_leak_in_three_attempts_is_told_everywhere_and_its_logs_are_gone() {
    let world = World::new(&KINDS, leaking(3));
    let ran = world.guard(&["--format", "json"]).expect(1, &[]);
    let told = ran.json();
    assert_eq!(told["scan_ok"], true);
    assert_eq!(told["leaks_found"], true);
    assert_eq!(told["telling"], "told", "{}", ran.said());
    assert_eq!(told["containing"], "contained");
    assert_eq!(told["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(told["incidents"][0]["state"], "contained");
    assert_eq!(told["logs"].as_array().unwrap().len(), 3);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
    assert_eq!(world.deletions(), 1);
    for receiver in &world.receivers {
        let seen = receiver.world();
        assert_eq!(seen.refusals, [] as [&str; 0]);
        assert_eq!(seen.calls.len(), 2, "opened, then contained");
    }
    let outputs = std::fs::read_to_string(world.path("outputs")).unwrap();
    for line in [
        "scan-ok=true",
        "leaks-found=true",
        "told=true",
        "contained=true",
    ] {
        assert!(outputs.lines().any(|one| one == line), "{outputs}");
    }
    let summary = std::fs::read_to_string(world.path("summary.md")).unwrap();
    assert!(
        summary.contains("### Guard") && summary.contains("confirmed gone"),
        "{summary}"
    );
    let id = told["incidents"][0]["id"].as_str().unwrap();
    assert!(outputs.contains(&format!("incident={id}\n")));
    world.run(&["audit", "verify"]).expect(0, &["whole"]);
    let head = told["audit_head"].as_str().unwrap();
    world
        .run(&["audit", "verify", "--expect", head])
        .expect(0, &[]);
    let trail = world.run(&["audit"]).expect(0, &[]).out;
    let at = |word: &str| {
        trail
            .find(word)
            .unwrap_or_else(|| panic!("no {word} in\n{trail}"))
    };
    assert!(at("incident-opened") < at("intent delete-logs"));
    assert!(at("intent delete-logs") < at("done   delete-logs"));
    assert!(at("done   confirm") < at("intent send"));
}

#[test]
fn the_same_run_again_changes_nothing_and_is_not_told_again() {
    let world = World::new(&[ChannelKind::Slack], leaking(2));
    world.guard(&[]).expect(1, &["confirmed gone"]);
    let again = world.guard(&["--format", "json"]).expect(1, &[]);
    assert_eq!(again.json()["containing"], "contained");
    assert_eq!(world.deletions(), 1);
    assert_eq!(world.bodies(0).len(), 2);
}

#[test]
fn a_clean_run_is_left_alone() {
    let world = World::new(
        &[ChannelKind::Slack],
        Run::new(RUN).text(&log("all is well")),
    );
    let ran = world.guard(&["--format", "json"]).expect(0, &[]);
    assert_eq!(ran.json()["containing"], "nothing");
    assert_eq!(world.logs_left(), [1]);
    assert_eq!(world.bodies(0).len(), 0);
}

#[test]
fn what_is_below_the_gate_is_only_reported() {
    let text = log(&format!("DB_PASSWORD={}", fill("{base62:30}7", 3)));
    let world = World::new(&[ChannelKind::Slack], Run::new(RUN).text(&text));
    let ran = world.guard(&["--act-at", "certain", "--format", "json"]);
    let told = ran.expect(1, &[]).json();
    assert_eq!(told["leaks_found"], false);
    assert_eq!(told["reported"].as_array().unwrap().len(), 1);
    assert_eq!((world.logs_left(), world.deletions()), (vec![1], 0));
    assert_eq!(world.bodies(0).len(), 0);
}

#[test]
fn the_configuration_can_forbid_to_act_and_to_delete() {
    let world = World::new(&[ChannelKind::Slack], leaking(1));
    world.configure(
        "guard: {decisions: [{rule: github-pat, branch: main, act_at: never, reason: made up}]}\n",
    );
    world.guard(&[]).expect(1, &["only reported", "made up"]);
    assert_eq!((world.deletions(), world.bodies(0).len()), (0, 0));
    world.configure("guard: {hold: [{repository: Acme/*, run: 7, reason: court order}]}\n");
    world
        .guard(&[])
        .expect(3, &["held by configuration: court order"]);
    assert_eq!((world.logs_left(), world.deletions()), (vec![1], 0));
    assert_eq!(
        world.bodies(0).len(),
        1,
        "the incident is told all the same"
    );
    world.configure("");
    world.resume().expect(0, &["0 left"]);
    assert_eq!(world.logs_left(), [] as [usize; 0]);
}

#[test]
fn without_being_asked_nothing_is_deleted() {
    let world = World::new(&[], leaking(1));
    let ran = world.run(&["guard", "--run", "7"]);
    ran.expect(1, &["deletion was not asked for"]);
    assert_eq!((world.logs_left(), world.deletions()), (vec![1], 0));
}

#[test]
fn a_dry_run_changes_nothing_and_tells_every_call() {
    let world = World::new(&[ChannelKind::Slack, ChannelKind::Webhook], leaking(2));
    let ran = world.guard(&["--dry-run", "--delete-run"]).expect(
        1,
        &[
            "dry run: nothing was changed",
            "/repos/acme/shop/actions/runs/7/logs",
            "attempts/1/logs, which has to be gone",
            "attempts/2/logs, which has to be gone",
            "-opened to slack (127.0.0.1)",
            "-opened to webhook (127.0.0.1)",
        ],
    );
    assert_eq!(
        ran.out.matches("DELETE").count(),
        2,
        "logs, then perhaps the run"
    );
    assert_eq!((world.logs_left(), world.deletions()), (vec![1, 2], 0));
    assert!(
        world
            .receivers
            .iter()
            .all(|one| one.world().calls.is_empty())
    );
    assert!(!world.path(".local").exists(), "not even a state is made");
}

#[test]
fn a_false_alarm_is_closed_once_and_never_acted_on_again() {
    let world = World::new(&[ChannelKind::Pagerduty], leaking(1));
    let found = world.run(&["guard", "--run", "7", "--format", "json"]);
    let id = found.json()["incidents"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.run(&["incident", "list"]).expect(0, &[&id, "open"]);
    world
        .run(&["incident", "show", &id])
        .expect(0, &["run 7 attempt 1", "SHA-256"]);
    let close = [
        "incident",
        "close",
        &id,
        "--reason",
        "false-alarm",
        "--note",
        "a fixture",
    ];
    world.run(&close).expect(0, &["is closed"]);
    world.run(&close).expect(2, &["is closed already"]);
    assert_eq!(
        world.receivers[0]
            .world()
            .alerts
            .values()
            .filter(|one| one.open)
            .count(),
        0
    );
    let again = world.guard(&[]);
    again.expect(1, &["was closed as a false alarm"]);
    assert_eq!((world.logs_left(), world.deletions()), (vec![1], 0));
    let listed = world.run(&["incident", "list"]).expect(0, &[]);
    assert!(!listed.out.contains(&id), "{}", listed.out);
}

#[test]
fn a_secret_in_an_annotation_needs_the_run_to_go() {
    let job = Job::new(71, "build").step("Set up job", "fine\n");
    let job = job.annotation(&format!("token={}", secret(1)));
    let run = Run::new(RUN).attempt(Attempt::new().job(job));
    let world = World::new(&[], run);
    world
        .guard(&[])
        .expect(3, &["its annotations show the secret", "--delete-run"]);
    assert!(world.github.has_run(REPOSITORY, RUN));
    world
        .guard(&["--delete-run"])
        .expect(1, &["the run does not exist any more"]);
    assert!(!world.github.has_run(REPOSITORY, RUN));
}

#[test]
fn an_attempt_that_stays_is_not_called_gone() {
    let text = log(&format!("token={}", secret(1)));
    let job = Job::new(71, "build").step("Set up job", &text);
    let run = Run::new(RUN)
        .attempt(Attempt::new().job(job).stubborn())
        .text(&text);
    let world = World::new(&[], run);
    let ran = world
        .guard(&[])
        .expect(3, &["GitHub still serves the logs of attempt 1"]);
    assert!(!ran.out.contains("confirmed gone"));
    for _ in 0..7 {
        // However often somebody looks, GitHub has its time.
        world.resume().expect(3, &["not yet confirmed"]);
    }
    let late = ["resume", "--max-wait", "0s", "--confirm-within", "0s"];
    world.run(&late).expect(3, &["NOT contained"]);
    world.resume().expect(0, &["0 taken up"]);
    world
        .guard(&["--delete-run"])
        .expect(1, &["the run does not exist any more"]);
}

#[test]
fn a_second_run_with_the_same_secret_updates_its_incident() {
    let world = World::new(&[ChannelKind::Webhook], leaking(1));
    world.guard(&[]).expect(1, &[]);
    world.github.add(
        REPOSITORY,
        Run {
            id: 8,
            ..leaking(1)
        },
    );
    let words = [
        "guard",
        "--run",
        "8",
        "--delete-logs",
        "--max-wait",
        "0s",
        "--format",
        "json",
    ];
    let told = world.run(&words).expect(1, &[]).json();
    assert_eq!(told["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(
        world.github.attempts_with_logs(REPOSITORY, 8),
        [] as [usize; 0]
    );
    let listed = world.run(&["incident", "list"]).expect(0, &[]);
    assert_eq!(listed.out.lines().count(), 1, "{}", listed.out);
    assert_eq!(world.bodies(0).len(), 4);
}

#[test]
fn no_run_and_no_token_are_wrong_use() {
    let world = World::new(&[], leaking(1));
    world.run(&["guard"]).expect(2, &["which run?", "--run ID"]);
    let mut bare = world.command(&["guard", "--run", "7"]);
    let ran = super::world::Ran::of(bare.env_remove("GITHUB_TOKEN").output().unwrap());
    ran.expect(2, &["no token", "actions: write"]);
}

#[test]
fn the_event_of_a_workflow_run_names_the_run() {
    let world = World::new(&[], leaking(1));
    let event = world.path("event.json");
    std::fs::write(&event, r#"{"workflow_run": {"id": 7}}"#).unwrap();
    let mut command = world.command(&["guard", "--delete-logs"]);
    command
        .env("GITHUB_EVENT_PATH", event)
        .env("GITHUB_RUN_ID", "99");
    super::world::Ran::of(command.output().unwrap()).expect(1, &["confirmed gone"]);
}

#[test]
fn copies_are_kept_before_the_logs_go() {
    let world = World::new(&[], leaking(2));
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let words = [
        "--keep-redacted",
        "kept",
        "--seal",
        &recipient,
        "--seal-to",
        "sealed",
    ];
    world.guard(&words).expect(1, &["confirmed gone"]);
    for attempt in [1, 2] {
        let name = format!("acme-shop-run-7-attempt-{attempt}.zip");
        let kept = world.path("kept").join(&name);
        world
            .run(&["scan", "--min-confidence", "low", kept.to_str().unwrap()])
            .expect(0, &[]);
        let sealed = std::fs::read(world.path("sealed").join(format!("{name}.age"))).unwrap();
        let opened = age::decrypt(&identity, &sealed).unwrap();
        let log = world.path("opened.zip");
        std::fs::write(&log, opened).unwrap();
        world.run(&["scan", log.to_str().unwrap()]).expect(1, &[]);
    }
}

#[test]
fn nothing_is_deleted_if_a_copy_cannot_be_kept() {
    let world = World::new(&[ChannelKind::Slack], leaking(1));
    std::fs::write(world.path("kept"), "a file in the place of the folder").unwrap();
    world
        .guard(&["--keep-redacted", "kept"])
        .expect(3, &["could not be kept", "still there"]);
    assert_eq!((world.logs_left(), world.deletions()), (vec![1], 0));
    assert_eq!(world.bodies(0).len(), 1, "it is told all the same");
    world.guard(&[]).expect(1, &["confirmed gone"]);
}
