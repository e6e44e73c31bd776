//! Two years of one repository, and an organization at its limits.

use super::world::{REPOSITORY, World, ago, only, order, run, runs};
use crate::fake_github::{Attempt, Run};
use leaksweep::purge::Target;
use std::collections::BTreeSet;

const YEARS: i64 = 730 * 24;

/// 8,000 runs: 2,000 in one hour, 200 of the last 30 hours, and among the old
/// ones those that must stay.
fn two_years() -> World {
    let mut world = World::with(runs(1, 5_785, 60..YEARS));
    world.configure(
        "purge: {keep: [{workflow: release.yml, reason: releases}]}
guard: {hold: [{repository: acme/shop, run: 90001, reason: court}]}",
    );
    let add = |run| world.github.add(REPOSITORY, run);
    runs(30_000, 2_000, 4_800..4_801).for_each(add);
    runs(40_000, 200, 0..30).for_each(add);
    for id in 90_000..90_015 {
        let old = run(id, 100 + 10 * (id.cast_signed() - 90_000));
        add(match id {
            90_000 => old.in_progress(),
            90_001 => old,
            90_002..90_005 => old.attempt(Attempt::new()).begun(ago(1)),
            90_005..90_010 => old.attempt(Attempt::new()).begun(ago(50)),
            _ => {
                let workflow = ".github/workflows/release.yml@v1".to_owned();
                Run { workflow, ..old }
            }
        });
    }
    world
}

#[test]
fn two_years_are_purged_and_a_second_go_costs_next_to_nothing() {
    let mut world = two_years();
    let outcome = world.purge(&order());
    let swept = only(&outcome);
    let stays: BTreeSet<u64> = (40_000..40_200)
        .chain(90_000..90_005)
        .chain(90_010..90_015)
        .collect();
    let left: BTreeSet<u64> = world.logs_left().into_iter().collect();
    assert_eq!(left, stays);
    assert_eq!((swept.logs.deleted, swept.logs.already_gone), (7_790, 0));
    assert!(!outcome.is_unfinished(), "{}", outcome.text());
    assert_eq!(world.count("DELETE"), 7_790);
    assert_eq!(
        (world.github.vain_deletions(), world.github.refusals()),
        (0, (0, 0))
    );
    let first = world.calls.len();
    let listing = world.count("GET /repos/acme/shop/actions/runs?");
    let again = world.purge(&order());
    println!(
        "8,000 runs: {first} requests, {listing} of them listings; again: {} requests; {} s of \
         fake time",
        world.calls.len(),
        world.elapsed()
    );
    assert_eq!(world.count("DELETE"), 0);
    assert!(
        world.calls.len() * 100 <= first,
        "{} calls",
        world.calls.len()
    );
    assert!(!again.is_unfinished());
    assert!(
        world
            .store
            .view()
            .verify_audit()
            .unwrap()
            .broken_at
            .is_none()
    );
}

/// Logs of each of 30 repositories.
fn sizes() -> impl Iterator<Item = (String, u64)> {
    let size = |number: u64| match number {
        7 => 1_450,
        23 | 29 => 700,
        _ => 20 + number * 37 % 90,
    };
    (0..30).map(move |number| (format!("acme/app-{number:02}"), size(number)))
}

/// Purges the organization; seconds of fake time, and what the limits allow.
fn organization(an_hour: u64, per_repository: bool) -> (i64, i64) {
    let mut world = World::new();
    world.github.limit(an_hour, per_repository);
    for (number, (name, size)) in sizes().enumerate() {
        runs(number as u64 * 10_000 + 1, size, 60..2_000)
            .for_each(|run| world.github.add(&name, run));
    }
    let target = Target::Organization("acme".parse().unwrap());
    let outcome = world.purge_of(&order(), &target).unwrap();
    assert!(!outcome.is_unfinished(), "{}", outcome.text());
    for (name, _) in sizes() {
        assert_eq!(world.github.runs_with_logs(&name), [0; 0], "{name}");
    }
    let (refused, hasty) = world.github.refusals();
    assert_eq!(hasty, 0);
    assert!(refused < 10, "{refused} requests met a limit");
    // What cannot be had for less: a deletion and its confirmation for each log,
    // a page for each hundred; and a second between deletions.
    let needed = |logs: u64| 2 * logs + logs.div_ceil(100);
    let hours = |logs: u64, calls: u64| {
        let hours = (calls - 1) / an_hour;
        let rest = logs.saturating_sub(hours * an_hour / 2);
        (hours * 3_600 + rest).cast_signed()
    };
    let total: u64 = sizes().map(|(_, size)| size).sum();
    let of_limits = if per_repository {
        let each = sizes().map(|(_, size)| hours(size, needed(size)));
        each.max().unwrap()
    } else {
        hours(total, sizes().map(|(_, size)| needed(size)).sum())
    };
    (world.elapsed(), of_limits.max(total.cast_signed() - 1))
}

#[test]
fn an_organization_is_purged_as_fast_as_a_limit_for_each_repository_allows() {
    let (took, least) = organization(1_000, true);
    println!("GITHUB_TOKEN-like: {took} s, and the limits allow {least} s");
    assert!(took * 10 <= least * 11, "{took} s, and {least} s would do");
}

#[test]
fn an_organization_is_purged_as_fast_as_the_limit_of_an_app_allows() {
    let (took, least) = organization(5_000, false);
    println!("app-like: {took} s, and the limits allow {least} s");
    assert!(took * 10 <= least * 11, "{took} s, and {least} s would do");
}
