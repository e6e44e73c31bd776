//! A run log of a gigabyte.

use super::world::{RUN, Ran, World, guard_words, log, secret};
use crate::fake_github::{Attempt, Huge, Job, Moment, Run};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Most memory a process held so far, in KiB, as Linux counts it.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "a gigabyte takes its time; run it with --ignored"]
fn a_gigabyte_is_fetched_scanned_and_contained_in_little_memory() {
    const BYTES: u64 = 1 << 30;
    let line = log("compiling something of the usual length with nothing to see in it");
    let last = log(&format!("token={}", secret(1)));
    let attempt = Attempt::new().job(Job::new(71, "build"));
    let huge = attempt.huge(Huge::new(BYTES, &line, &last));
    let world = World::new(&[], Run::new(RUN).attempt(huge));
    let (pid, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU64::new(0)));
    let (of_hook, into) = (pid.clone(), most.clone());
    world.github.on_request(move |moment, seen| {
        if moment == Moment::Before && seen.method == "DELETE" {
            into.store(peak(of_hook.load(Ordering::SeqCst)), Ordering::SeqCst);
        }
    });
    let mut command = world.command(&guard_words());
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    pid.store(child.id(), Ordering::SeqCst);
    Ran::of(child.wait_with_output().unwrap()).expect(1, &["confirmed gone"]);
    let most = most.load(Ordering::SeqCst);
    println!("peak memory: {} MiB", most >> 10);
    assert!(most > 0 && most < 200 << 10, "{most} KiB");
}
