//! guard is killed at each of its steps: when a request comes, when it was
//! carried out and not yet answered, and after each commit of the store. What
//! `resume` makes of it is counted.

use super::world::{World, guard_words, leaking};
use crate::receivers::Receiver;
use leaksweep::config::ChannelKind;
use serde_json::Value;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// The program, and the step at which it dies. Steps are what its requests do,
/// before and after.
struct Executioner {
    step: usize,
    steps: AtomicUsize,
    pid: Mutex<Option<u32>>,
    dead: Mutex<bool>,
    changed: Condvar,
}

impl Executioner {
    fn new(step: usize) -> Arc<Self> {
        Arc::new(Self {
            step,
            steps: AtomicUsize::new(0),
            pid: Mutex::new(None),
            dead: Mutex::new(false),
            changed: Condvar::new(),
        })
    }

    /// Called in the servers. It comes back only when the program is dead, so
    /// that it never gets the answer.
    fn pass(&self) {
        if self.steps.fetch_add(1, Ordering::SeqCst) != self.step {
            return;
        }
        let pid = self
            .changed
            .wait_while(self.pid.lock().unwrap(), |pid| pid.is_none());
        let pid = pid.unwrap().unwrap().to_string();
        let kill = std::process::Command::new("kill")
            .args(["-9", &pid])
            .status();
        assert!(kill.unwrap().success());
        let dead = self.dead.lock().unwrap();
        drop(self.changed.wait_while(dead, |dead| !*dead).unwrap());
    }

    /// Whether the program came to its end by itself.
    fn watch(&self, mut child: Child) -> bool {
        *self.pid.lock().unwrap() = Some(child.id());
        self.changed.notify_all();
        let status = child.wait().unwrap();
        *self.dead.lock().unwrap() = true;
        self.changed.notify_all();
        status.code().is_some()
    }
}

fn channels() -> [ChannelKind; 3] {
    [
        ChannelKind::Webhook,
        ChannelKind::Slack,
        ChannelKind::Pagerduty,
    ]
}

/// Runs guard until `step`, and says whether it ended before.
fn guard_until(world: &World, step: usize) -> bool {
    let executioner = Executioner::new(step);
    let hook = executioner.clone();
    world.github.on_request(move |_, _| hook.pass());
    for receiver in &world.receivers {
        let hook = executioner.clone();
        receiver.on_call(move |_| hook.pass());
    }
    let mut command = world.command(&guard_words());
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ended = executioner.watch(child);
    world.github.on_request(|_, _| {});
    world.receivers.iter().for_each(|one| one.on_call(|_| {}));
    ended
}

/// How many messages of each stage a chat shows, and how many say that they may
/// be duplicates.
fn shown(receiver: &Receiver) -> (usize, usize) {
    let world = receiver.world();
    let doubtful = |message: &&Value| message.to_string().contains("may be a duplicate");
    (
        world.messages.len(),
        world.messages.iter().filter(doubtful).count(),
    )
}

/// What has to hold in the end, wherever it was interrupted.
fn assert_done(world: &World, at: &str) {
    assert_eq!(world.logs_left(), [] as [usize; 0], "{at}: a log is left");
    let listed = world
        .run(&["incident", "list", "--format", "json"])
        .expect(0, &[])
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{at}");
    assert_eq!(listed[0]["state"], "contained", "{at}");
    let seen = |n: usize| world.receivers[n].world();
    assert_eq!(seen(0).seen.len(), 2, "{at}: messages by their identifiers");
    let (messages, doubtful) = shown(&world.receivers[1]);
    assert!(messages >= 2, "{at}: a message is lost");
    assert!(messages - doubtful <= 2, "{at}: a duplicate is not marked");
    assert!(doubtful <= 1, "{at}: {doubtful} may be duplicates");
    assert_eq!(seen(2).alerts.len(), 1, "{at}");
    world.run(&["audit", "verify"]).expect(0, &["whole"]);
    let left = std::fs::read_dir(world.path("tmp")).unwrap().count();
    assert_eq!(left, 0, "{at}: temporary files are left");
}

/// As the next schedule does: finish what is written down, then guard again.
fn recover(world: &World, at: &str) {
    let resumed = world.resume();
    assert_eq!(resumed.code, Some(0), "{at}: {}", resumed.said());
    let known = world.path(".local/state/leaksweep/state.db").exists()
        && world.run(&["incident", "list"]).out.contains("ls-");
    if !known {
        // Nothing was written down yet, so nothing was done either.
        assert_eq!(world.deletions(), 0, "{at}: deleted without a record");
        world.guard(&[]).expect(1, &[]);
    }
}

#[test]
fn killed_at_any_request_it_is_finished_by_resume() {
    for step in 0.. {
        let world = World::new(&channels(), leaking(2));
        let at = format!("killed at step {step}");
        if guard_until(&world, step) {
            assert!(step > 30, "only {step} steps were seen");
            assert_done(&world, "not killed");
            break;
        }
        recover(&world, &at);
        assert_done(&world, &at);
    }
}

#[test]
fn killed_after_any_commit_it_is_finished_by_resume() {
    for commits in 1.. {
        let world = World::new(&channels(), leaking(2));
        let at = format!("killed after commit {commits}");
        let mut command = world.command(&guard_words());
        command.env("LEAKSWEEP_ABORT_AFTER_COMMITS", commits.to_string());
        let status = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if status.code().is_some() {
            assert!(commits > 12, "only {commits} commits were seen");
            assert_done(&world, "not killed");
            break;
        }
        recover(&world, &at);
        assert_done(&world, &at);
    }
}
