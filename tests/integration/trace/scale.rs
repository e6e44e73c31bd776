//! An organization of 24 repositories and 3,600 runs, with histories that were
//! planted, told as they are.

use super::world::{World, ago, attempt, order, run};
use crate::fake_github::Run;
use crate::support::fill;
use jiff::Timestamp;
use leaksweep::purge::Target;
use leaksweep::trace::{Exposure, Order, Traced};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const REPOSITORIES: u64 = 24;
const RUNS: u64 = 150;
/// Hours between two runs of a repository: the oldest lies 100 days back.
const APART: i64 = 16;
/// Logs older than this are gone.
const RETENTION: i64 = 80 * 24;
/// Runs that were created before are not looked at. Hours pass in a trace, and no
/// run is so near to this that it falls out of it.
const SINCE: i64 = 90 * 24 + 12;

const MINUTE: Duration = Duration::from_secs(60);

const DEPLOY: &str = "set -eu\n./scripts/publish.sh --target production --trace\necho published";
const BUILD: &str = "npm ci\nnpm run build";

/// One secret, and the repositories and hours at which it was printed.
struct Planted {
    secret: String,
    prints: BTreeMap<u64, std::ops::Range<i64>>,
}

fn planted() -> Vec<Planted> {
    let plant = |seed, prints: &[(u64, std::ops::Range<i64>)]| Planted {
        secret: fill("ghp_{base62:30}{crc32}", seed),
        prints: prints.iter().cloned().collect(),
    };
    vec![
        // From one day on, until now; and for a while in a copy.
        plant(1, &[(3, 0..50 * 24), (17, 10 * 24..30 * 24)]),
        // Since before the oldest log.
        plant(2, &[(5, 20 * 24..5_000)]),
        // Once.
        plant(3, &[(11, 700..700 + APART)]),
    ]
}

fn name(repository: u64) -> String {
    format!("acme/app-{repository:02}")
}

/// Repositories whose step is the leaking one, but masked.
const COPIES: [u64; 2] = [8, 21];

fn organization() -> World {
    let world = World::new();
    let planted = planted();
    for repository in 0..REPOSITORIES {
        for number in 0..RUNS {
            let hours = number.cast_signed() * APART + repository.cast_signed() % 4;
            let id = (repository + 1) * 10_000 + RUNS - number;
            world
                .github
                .add(&name(repository), one(&planted, repository, id, hours));
        }
    }
    world.github.make_private(&name(5));
    world
}

fn one(planted: &[Planted], repository: u64, id: u64, hours: i64) -> Run {
    let shown = planted.iter().find(|one| {
        one.prints
            .get(&repository)
            .is_some_and(|when| when.contains(&hours))
    });
    let mut run = if let Some(shown) = shown {
        run(id, hours, DEPLOY, &[&format!("token {}", shown.secret)])
    } else if COPIES.contains(&repository) && hours < 100 {
        run(id, hours, DEPLOY, &["token ***"])
    } else {
        run(id, hours, BUILD, &["added 12 packages"])
    };
    // Every twentieth was started again.
    if id.is_multiple_of(20) {
        run = run.attempt(attempt(
            id + 5_000,
            ago(hours),
            BUILD,
            &["added 12 packages"],
        ));
    }
    for attempt in &mut run.attempts {
        attempt.deleted = hours > RETENTION;
    }
    run
}

/// Hours before noon at which a repository printed a secret, in logs that were
/// still there.
fn shown(planted: &Planted, repository: u64) -> Vec<i64> {
    let all = (0..RUNS).map(|number| number.cast_signed() * APART + repository.cast_signed() % 4);
    let when = &planted.prints[&repository];
    all.filter(|hours| when.contains(hours) && *hours <= RETENTION)
        .collect()
}

fn of<'a>(traced: &'a Traced, planted: &Planted) -> &'a Exposure {
    let options = leaksweep::scan::Options::default();
    let text = format!("token {}", planted.secret);
    let found = crate::support::scan_with(&crate::support::DETECTOR, text.as_bytes(), &options);
    let fingerprint = &found.outcome.findings[0].fingerprint;
    let all = traced.exposures.iter();
    all.into_iter()
        .find(|one| one.fingerprint == *fingerprint)
        .unwrap()
}

/// The second line behind the header of the step.
fn printed(hours: i64) -> Timestamp {
    ago(hours) + Duration::from_secs(6)
}

fn assert_truth(traced: &Traced) {
    assert_eq!(traced.exposures.len(), planted().len());
    for planted in planted() {
        let exposure = of(traced, &planted);
        let sites: BTreeSet<&str> = exposure
            .sites
            .iter()
            .map(|site| &*site.repository)
            .collect();
        let names: Vec<String> = planted.prints.keys().map(|one| name(*one)).collect();
        assert_eq!(sites, names.iter().map(String::as_str).collect());
        for repository in planted.prints.keys() {
            let hours = shown(&planted, *repository);
            let mut sites = exposure.sites.iter();
            let site = sites
                .find(|site| site.repository == name(*repository))
                .unwrap();
            assert_eq!(
                (site.runs, site.readable, site.gone),
                (hours.len() as u64, hours.len() as u64, 0)
            );
            assert_eq!(site.first_seen.at, Some(printed(hours[hours.len() - 1])));
            assert_eq!(site.last_seen, Some(printed(hours[0])));
            // The first log that could be read shows it: older ones may have, too.
            let late = !site.first_seen.at_the_latest_because.is_empty();
            assert_eq!(late, *repository == 5, "{:?}", site.first_seen);
            let visibility = if *repository == 5 {
                "private"
            } else {
                "public"
            };
            assert_eq!(site.visibility.as_deref(), Some(visibility));
            assert!(
                site.places
                    .iter()
                    .all(|place| place.step.as_deref() == Some("Run set -eu")
                        && place.job.as_deref() == Some("build")
                        && place.lines == 1)
            );
        }
        assert_eq!(exposure.gone_at, None);
        assert_eq!(exposure.public, !planted.prints.contains_key(&5));
        let copies: BTreeSet<String> = exposure
            .copies
            .iter()
            .map(|one| one.repository.clone())
            .collect();
        let runs_it = [3, 17, 5, 11].iter().chain(&COPIES);
        let elsewhere = runs_it.filter(|one| !planted.prints.contains_key(one));
        assert_eq!(copies, elsewhere.map(|one| name(*one)).collect());
        assert_eq!(exposure.commands.len(), 1);
        assert!(exposure.commands[0].text.contains("publish.sh"));
    }
}

/// What cannot be had for less: the repositories, a page for each hundred runs,
/// and each log.
fn least() -> (u64, u64) {
    let mut pages = 1;
    let mut logs = 0;
    for repository in 0..REPOSITORIES {
        let hours = |number: u64| number.cast_signed() * APART + repository.cast_signed() % 4;
        let runs: Vec<u64> = (0..RUNS).filter(|number| hours(*number) <= SINCE).collect();
        pages += (runs.len() as u64).div_ceil(100);
        logs += runs.len() as u64;
        let again =
            |number: &&u64| ((repository + 1) * 10_000 + RUNS - **number).is_multiple_of(20);
        logs += runs.iter().filter(again).count() as u64;
    }
    (pages, logs)
}

#[test]
fn an_organization_is_traced_as_it_was_planted_however_often_it_is_interrupted() {
    let mut world = organization();
    world.github.limit(1_000, false);
    let order = || Order {
        look_back: Some(Duration::from_secs(SINCE.cast_unsigned() * 3_600)),
        ..order()
    };
    let target = Target::Organization("acme".parse().unwrap());
    // A reader that breaks down, as a process that dies.
    world.breaks_after.set(Some(700));
    assert!(world.try_trace(&order(), &target).is_err());
    let first = world.plan.get().unwrap();
    // Who starts it again does not know of the requests of the last minute.
    world.clock.pass(MINUTE);
    // A budget that is used up.
    world.budget = Some(900);
    let (walk, traced) = world.trace(&order(), &target);
    assert!(walk.left.unwrap().contains("budget"));
    assert!(!traced.is_whole());
    // A time that is over.
    world.budget = None;
    world.clock.pass(MINUTE);
    let hours = Order {
        max_duration: Some(Duration::from_secs(3_600)),
        ..order()
    };
    let (walk, _) = world.trace(&hours, &target);
    assert!(walk.left.unwrap().contains("--max-duration"));
    world.clock.pass(MINUTE);
    let (walk, traced) = world.trace(&order(), &target);
    assert_eq!(walk.left, None);
    assert!(traced.is_whole());
    assert_truth(&traced);

    let (pages, logs) = least();
    let calls = world.github.calls().len() as u64;
    let asked = world.log_calls();
    let unchanged = world.github.unchanged();
    println!(
        "{calls} requests, {unchanged} of them free; the least is {}; {} s of fake time",
        pages + logs,
        world.elapsed()
    );
    let distinct: BTreeSet<&String> = asked.iter().collect();
    assert_eq!(distinct.len() as u64, logs);
    // The log at which the reader broke down was fetched again.
    assert_eq!(asked.len() as u64, logs + 1);
    assert!(calls * 10 <= (pages + logs) * 11, "{calls} calls");
    assert_eq!(world.github.refusals(), (0, 0));
    assert_eq!((first.logs, first.calls_an_hour), (logs, Some(1_000)));
    // It could not know of the interruptions, which cost listings; the limit comes
    // by the hour.
    let (told, took) = (first.seconds, world.elapsed().cast_unsigned());
    println!("told {told} s before it began, took {took} s");
    assert!(
        told <= took && took - told <= 3_700,
        "told {told} s, took {took} s"
    );
    // And again: nothing is asked for twice.
    let (_, again) = world.trace(&order(), &target);
    assert_truth(&again);
    assert_eq!(world.log_calls().len() as u64, logs + 1);
}
