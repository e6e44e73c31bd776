//! What a history tells, case by case.

use super::world::{SHOP, World, ago, attempt, order, run, shop};
use crate::fake_github::{Effect, Run};
use crate::support::fill;
use jiff::SignedDuration;
use leaksweep::config::{Baseline, Suppressions};
use leaksweep::purge::Target;
use leaksweep::trace::{LogState, Order, Traced};
use std::time::Duration;

const COMMAND: &str = "./deploy.sh --trace --to production";

fn secret() -> String {
    fill("ghp_{base62:30}{crc32}", 7)
}

fn leaks(id: u64, hours: i64) -> Run {
    run(id, hours, COMMAND, &[&format!("token {}", secret())])
}

fn clean(id: u64, hours: i64) -> Run {
    run(id, hours, COMMAND, &["done"])
}

fn gone(mut run: Run) -> Run {
    for attempt in &mut run.attempts {
        attempt.deleted = true;
    }
    run
}

fn traced(runs: impl IntoIterator<Item = Run>) -> Traced {
    World::with(runs).trace(&order(), &shop()).1
}

#[test]
fn the_first_time_is_exact_where_the_log_before_is_clean() {
    let traced = traced([
        clean(1, 50),
        clean(2, 40),
        leaks(3, 30),
        leaks(4, 20),
        clean(5, 10),
    ]);
    let [exposure] = &*traced.exposures else {
        panic!("{traced:?}")
    };
    let first = &exposure.first_seen;
    assert_eq!(first.at, Some(ago(30) + SignedDuration::from_secs(4)));
    assert_eq!(
        (&*first.at_the_latest_because, first.clean_before),
        (&[][..], 2)
    );
    assert_eq!(first.clean_from, Some(ago(50)));
    assert_eq!(
        exposure.last_seen,
        Some(ago(20) + SignedDuration::from_secs(4))
    );
    assert_eq!((exposure.gone_at, exposure.public), (None, true));
    assert_eq!(exposure.exposed_seconds, Some(30 * 3_600 - 4));
    assert_eq!(exposure.sites[0].places.len(), 2);
}

#[test]
fn the_first_time_is_a_bound_where_older_logs_are_gone_unread_or_not_looked_at() {
    let reasons = |traced: &Traced| {
        traced.exposures[0]
            .first_seen
            .at_the_latest_because
            .join(";")
    };
    assert!(reasons(&traced([gone(clean(1, 50)), leaks(2, 40)])).contains("expired"));
    assert!(reasons(&traced([leaks(2, 40)])).contains("not looked at"));
    let all = Order {
        look_back: None,
        ..order()
    };
    let (_, traced) = World::with([leaks(2, 40)]).trace(&all, &shop());
    assert_eq!(reasons(&traced), "");
    let mut world = World::with([clean(1, 50), leaks(2, 40)]);
    world.budget = Some(3);
    let (walk, traced) = world.trace(&all, &shop());
    assert!(walk.left.is_some() && !traced.is_whole());
    assert!(reasons(&traced).contains("not read"));
}

#[test]
fn another_workflow_says_nothing_of_what_was_before() {
    let mut other = clean(1, 45);
    other.workflow = ".github/workflows/lint.yml".to_owned();
    let traced = traced([gone(clean(2, 50)), other, leaks(3, 40)]);
    assert!(
        !traced.exposures[0]
            .first_seen
            .at_the_latest_because
            .is_empty()
    );
}

#[test]
fn every_attempt_is_read_and_a_run_in_progress_is_not_called_clean() {
    let mut again = leaks(1, 30).attempt(attempt(9, ago(29), COMMAND, &["done"]));
    again.started = ago(29);
    let running = clean(2, 1).in_progress();
    let mut world = World::with([again, running]);
    let (_, traced) = world.trace(&order(), &shop());
    assert_eq!(traced.exposures[0].sites[0].places[0].attempt, 1);
    let searched = &traced.searched[0];
    assert_eq!(
        (searched.read, searched.running, searched.unread),
        (2, 1, 0)
    );
    assert!(traced.is_whole());
    assert_eq!(world.log_calls().len(), 2);
    // When it has ended, only its log is asked for.
    world.github.change(SHOP, 2, |run| run.status = "completed");
    world.clock.pass(Duration::from_secs(2 * 3_600));
    let (_, traced) = world.trace(&order(), &shop());
    assert_eq!(
        (traced.searched[0].read, traced.searched[0].running),
        (3, 0)
    );
}

#[test]
fn nothing_is_asked_for_that_is_known_and_what_has_changed_is_seen() {
    let mut world = World::with((1..=40).map(|id| clean(id, id.cast_signed() * 20)));
    world.trace(&order(), &shop());
    let first = world.github.calls().len();
    assert_eq!(world.log_calls().len(), 40);
    world.trace(&order(), &shop());
    // The repository, and the minute that may not have been complete.
    assert!(world.github.calls().len() - first <= 2);
    world.clock.pass(Duration::from_secs(5 * 3_600));
    let before = world.github.unchanged();
    world.trace(&order(), &shop());
    assert!(world.github.unchanged() > before);
    assert_eq!(world.log_calls().len(), 40);
    // Started again, and new ones.
    world.github.change(SHOP, 3, |run| {
        run.attempts.push(attempt(
            99,
            ago(-5),
            COMMAND,
            &[&format!("token {}", secret())],
        ));
    });
    world.github.add(SHOP, clean(41, -4));
    world.clock.pass(Duration::from_secs(2 * 3_600));
    let (_, traced) = world.trace(&order(), &shop());
    assert_eq!(world.log_calls().len(), 42);
    let places = &traced.exposures[0].sites[0].places;
    assert_eq!((places[0].run_id, places[0].attempt), (3, 2));
}

#[test]
fn other_terms_read_again_and_what_was_read_and_is_gone_stays_known() {
    let mut world = World::with([leaks(1, 30), clean(2, 20)]);
    world.trace(&order(), &shop());
    world
        .github
        .change(SHOP, 1, |run| run.attempts[0].deleted = true);
    let others = Order {
        terms: "others".to_owned(),
        ..order()
    };
    let (_, traced) = world.trace(&others, &shop());
    assert_eq!(world.log_calls().len(), 4);
    let [exposure] = &*traced.exposures else {
        panic!("{traced:?}")
    };
    assert_eq!(exposure.sites[0].places[0].log, LogState::Gone);
    assert_eq!((exposure.sites[0].readable, exposure.sites[0].gone), (0, 1));
    assert_eq!(exposure.gone_at, Some(ago(0)));
    assert_eq!((traced.searched[0].read, traced.searched[0].gone), (1, 1));
}

#[test]
fn a_log_that_shows_a_secret_is_asked_for_again_whether_it_is_there() {
    let mut world = World::with([leaks(1, 30), clean(2, 20)]);
    world.trace(&order(), &shop());
    world
        .github
        .change(SHOP, 1, |run| run.attempts[0].deleted = true);
    world.clock.pass(Duration::from_secs(25 * 3_600));
    let (_, traced) = world.trace(&order(), &shop());
    assert_eq!(traced.exposures[0].sites[0].gone, 1);
    assert_eq!(world.log_calls().len(), 3);
}

#[test]
fn what_was_found_is_contained_under_the_gate_of_guard() {
    let mut world = World::with([leaks(1, 30), clean(2, 20), leaks(3, 10)]);
    let (walk, traced) = world.trace(&order(), &shop());
    let planned = world.contain((&walk, &traced), true);
    assert_eq!(planned.len(), 2);
    assert!(
        planned
            .iter()
            .all(|one| !one.gone && one.details.join(" ").contains("DELETE"))
    );
    assert_eq!(world.count("DELETE"), 0);
    let contained = world.contain((&walk, &traced), false);
    assert!(
        contained
            .iter()
            .all(|one| one.gone && one.incidents.len() == 1),
        "{contained:?}"
    );
    assert_eq!(world.github.runs_with_logs(SHOP), [2]);
    let (_, after) = world.trace(&order(), &shop());
    assert_eq!(
        (
            after.exposures[0].sites[0].readable,
            after.exposures[0].sites[0].gone
        ),
        (0, 2)
    );
    assert_eq!(after.exposures[0].incidents, contained[0].incidents);
    assert!(after.exposures[0].gone_at.is_some());
    assert_eq!(walk.left, None);
}

#[test]
fn a_hold_keeps_what_was_found() {
    let mut world = World::with([leaks(1, 30)]);
    let yaml = "version: 1\nguard: {hold: [{repository: acme/shop, reason: court}]}";
    let config = leaksweep::config::Config::parse(yaml, "leaksweep.yaml").unwrap();
    world.policy = config.guard;
    let (walk, traced) = world.trace(&order(), &shop());
    let contained = world.contain((&walk, &traced), false);
    assert!(
        !contained[0].gone && contained[0].details.join(" ").contains("court"),
        "{contained:?}"
    );
    assert_eq!(world.github.runs_with_logs(SHOP), [1]);
}

#[test]
fn the_incident_decides_what_is_read_first_and_what_is_told() {
    let mut world = World::with((1..=9).map(|id| clean(id, 90 - id.cast_signed() * 10)));
    world.github.add(SHOP, leaks(20, 45));
    let around = Order {
        around: Some(ago(45)),
        fingerprints: vec!["00000000".to_owned()],
        ..order()
    };
    let (_, traced) = world.trace(&around, &shop());
    assert_eq!(traced.exposures, []);
    let asked = world.log_calls();
    assert!(asked[0].contains("/20/"), "{asked:?}");
    assert!(
        asked[9].contains("/9/") || asked[9].contains("/1/"),
        "{asked:?}"
    );
}

#[test]
fn a_token_that_may_not_read_logs_is_told_once() {
    let mut world = World::with((1..=30).map(|id| clean(id, id.cast_signed())));
    let effect = Effect::says(403, "Resource not accessible by integration");
    world.github.fault("GET /logs", 1_000, effect);
    let (_, traced) = world.trace(&order(), &shop());
    assert_eq!(world.log_calls().len(), 1);
    assert_eq!(traced.searched[0].unread, 30);
    assert!(!traced.is_whole());
    assert!(
        traced.searched[0]
            .problems
            .iter()
            .any(|why| why.contains("actions: read"))
    );
}

#[test]
fn an_incident_report_after_a_trace_has_an_exact_window() {
    let mut world = World::with([clean(1, 50), leaks(2, 40)]);
    let (walk, traced) = world.trace(&order(), &shop());
    let contained = world.contain((&walk, &traced), false);
    let window = |world: &World, contained: &[leaksweep::trace::Contained]| {
        let id = &contained[0].incidents[0];
        let incident = world.store.view().incident(id).unwrap().unwrap();
        let form = leaksweep::respond::Form::Template("{exposure}\n");
        let language = leaksweep::respond::Language::English;
        let detector = &crate::support::DETECTOR;
        let store = &world.store;
        leaksweep::respond::report(store, incident, language, &form, detector).unwrap()
    };
    let told = window(&world, &contained);
    assert!(
        told.contains("1 d") && !told.contains("at least") && !told.contains("lower bound"),
        "{told}"
    );
    // Where nothing was read before, it is a bound.
    let mut world = World::with([leaks(2, 40)]);
    let (walk, traced) = world.trace(&order(), &shop());
    let contained = world.contain((&walk, &traced), false);
    let told = window(&world, &contained);
    assert!(
        told.contains("at least") && told.contains("lower bound"),
        "{told}"
    );
}

#[test]
fn only_what_was_asked_for_is_contained() {
    let mut world = World::with([leaks(1, 30)]);
    world.github.add("acme/other", leaks(2, 20));
    let all = Target::Organization("acme".parse().unwrap());
    world.trace(&order(), &all);
    let (walk, traced) = world.trace(&order(), &shop());
    assert_eq!(traced.exposures[0].sites.len(), 2);
    world.contain((&walk, &traced), false);
    assert!(world.github.runs_with_logs(SHOP).is_empty());
    assert_eq!(world.github.runs_with_logs("acme/other"), [2]);
}

#[test]
fn a_repository_that_is_seen_no_more_is_not_one_whose_logs_are_gone() {
    let mut world = World::with([leaks(1, 50), clean(2, 40)]);
    let not_found = || Effect::says(404, "Not Found");
    world.github.fault("GET /logs", 2, not_found());
    world.github.fault("GET /repos/acme/shop", 1, not_found());
    let all = Target::Organization("acme".parse().unwrap());
    let (_, traced) = world.trace(&order(), &all);
    assert!(!traced.is_whole());
    assert_eq!((traced.searched[0].gone, traced.searched[0].unread), (0, 2));
    let (_, traced) = world.trace(&order(), &all);
    assert!(traced.is_whole());
    assert_eq!(traced.exposures.len(), 1);
}

#[test]
fn a_log_of_a_young_run_that_is_not_there_is_asked_for_again() {
    let mut world = World::with([leaks(1, 2)]);
    world
        .github
        .fault("GET /logs", 1, Effect::says(404, "Not Found"));
    let (_, traced) = world.trace(&order(), &shop());
    assert!(!traced.is_whole());
    assert_eq!(world.trace(&order(), &shop()).1.exposures.len(), 1);
}

#[test]
fn time_that_nobody_listed_is_no_clean_time() {
    let mut world = World::with([clean(1, 5)]);
    let short = Order {
        look_back: Some(Duration::from_secs(10 * 3_600)),
        ..order()
    };
    world.trace(&short, &shop());
    world.clock.pass(Duration::from_secs(200 * 3_600));
    world.github.add(SHOP, leaks(2, -195));
    let (_, traced) = world.trace(&short, &shop());
    let first = &traced.exposures[0].first_seen;
    assert!(
        first.at_the_latest_because[0].contains("not looked at"),
        "{first:?}"
    );
    assert_eq!(first.clean_before, 0);
}

#[test]
fn an_attempt_before_is_a_log_before() {
    let again = attempt(9, ago(20), COMMAND, &[&format!("token {}", secret())]);
    let mut world = World::with([clean(1, 50), gone(clean(2, 40)).attempt(again)]);
    let (_, traced) = world.trace(&order(), &shop());
    let first = &traced.exposures[0].first_seen;
    assert!(
        first.at_the_latest_because[0].contains("expired"),
        "{first:?}"
    );
}

#[test]
fn a_secret_that_only_the_output_gives_away_is_masked_in_the_command() {
    let value = fill("{base62:24}", 3);
    let command = format!("set -eu\n./login.sh --to prod -p{value} {value}\n./publish.sh --all");
    let printed = format!("DB_PASSWORD={value}");
    let mut world = World::with([run(1, 30, &command, &[&printed])]);
    let (_, traced) = world.trace(&order(), &shop());
    assert_eq!(traced.exposures.len(), 1);
    assert!(traced.exposures[0].commands[0].text.contains("publish.sh"));
    assert!(!format!("{traced:?}").contains(&value));
}

#[test]
fn the_terms_of_a_baseline_are_the_same_in_every_process() {
    let finding = |n: u64| format!("{{\"fingerprint\":\"{n:064x}\"}}");
    let terms = |order: &mut dyn Iterator<Item = u64>| {
        let findings: Vec<String> = order.map(finding).collect();
        let text = format!("{{\"version\":1,\"findings\":[{}]}}", findings.join(","));
        let baseline = Baseline::parse(text.as_bytes(), "b.json").unwrap();
        let today = jiff::civil::date(2026, 11, 27);
        Suppressions::new(&[], today, vec![baseline]).terms()
    };
    assert_eq!(terms(&mut (1..30)), terms(&mut (1..30).rev()));
    assert_ne!(terms(&mut (1..30)), terms(&mut (1..29)));
}

#[test]
fn what_is_only_reported_is_not_a_run_that_was_not_contained() {
    let value = fill("{base62:24}", 3);
    let mut world = World::with([run(1, 30, COMMAND, &[&format!("DB_PASSWORD={value}")])]);
    world.act_at = Some(leaksweep::rule::Confidence::Certain);
    let (walk, traced) = world.trace(&order(), &shop());
    let contained = world.contain((&walk, &traced), false);
    assert_eq!((contained[0].asked, contained[0].gone), (false, false));
    assert!(contained[0].details[0].contains("only reported"));
    assert_eq!(world.github.runs_with_logs(SHOP), [1]);
}
