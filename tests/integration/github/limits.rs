//! Rate limits, budgets, and how often a call is repeated.

use super::{REPOSITORY, RUN, repository, world, world_with};
use crate::fake_github::{Attempt, Effect, Run};
use leaksweep::github::{Deleted, GithubErrorKind};
use std::time::Duration;

#[test]
fn a_limit_is_waited_for_as_told() {
    for status in [403, 429] {
        let world = world();
        world
            .github
            .fault("GET /runs/7", 1, Effect::retry_after(status, 7));
        assert!(world.client.run(&repository(), RUN).is_ok());
        assert_eq!((world.clock.sleeps(), world.client.calls()), (vec![7], 2));
    }
}

#[test]
fn a_used_up_hour_is_waited_for_by_githubs_clock() {
    let world = world();
    world.github.set_ahead(100);
    let reset = "2026-11-27T12:05:00Z".parse::<jiff::Timestamp>().unwrap();
    let headers = vec![
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", reset.as_second().to_string()),
    ];
    let effect = Effect::Answer(
        403,
        headers,
        r#"{"message": "API rate limit exceeded"}"#.to_owned(),
    );
    world.github.fault("GET /runs/7", 1, effect);
    assert!(world.client.run(&repository(), RUN).is_ok());
    assert_eq!(world.clock.sleeps(), [200]);
}

#[test]
fn a_storm_is_waited_for_ever_longer_and_then_left() {
    let world = world_with(|settings| settings.max_wait = Duration::from_secs(500));
    let secondary = Effect::says(429, "You have exceeded a secondary rate limit.");
    world.github.fault("GET /runs/7", 99, secondary);
    let error = world.client.run(&repository(), RUN).unwrap_err();
    assert_eq!(world.clock.sleeps(), [60, 120, 240]);
    let until = "2026-11-27T12:08:00Z".parse().unwrap();
    assert_eq!(error.kind(), GithubErrorKind::RateLimited { until });
    assert_eq!(error.status(), Some(429));
}

#[test]
fn a_limit_beyond_patience_is_told_at_once() {
    let world = world();
    world
        .github
        .fault("GET /runs/7", 1, Effect::retry_after(403, 3_600));
    let error = world.client.run(&repository(), RUN).unwrap_err();
    let until = "2026-11-27T13:00:00Z".parse().unwrap();
    assert_eq!(error.kind(), GithubErrorKind::RateLimited { until });
    assert_eq!((world.clock.sleeps(), world.client.calls()), (vec![], 1));
}

#[test]
fn a_deletion_is_asked_for_once_whatever_comes() {
    let server = Effect::says(500, "Server Error");
    let effects = [
        (Effect::retry_after(429, 1), None),
        (Effect::retry_after(403, 1), None),
        (server, Some(GithubErrorKind::Server)),
        (Effect::says(409, "busy"), Some(GithubErrorKind::Conflict)),
        (
            Effect::says(200, "signed in"),
            Some(GithubErrorKind::BadAnswer),
        ),
        (
            Effect::says(302, "elsewhere"),
            Some(GithubErrorKind::BadAnswer),
        ),
        (Effect::Refuse, Some(GithubErrorKind::Network)),
    ];
    for (effect, kind) in effects {
        let world = world();
        world.github.fault("DELETE /logs", 1, effect);
        let error = world.client.delete_logs(&repository(), RUN).unwrap_err();
        match kind {
            Some(kind) => assert_eq!(error.kind(), kind),
            None => assert!(matches!(error.kind(), GithubErrorKind::RateLimited { .. })),
        }
        assert_eq!((world.github.calls().len(), world.client.calls()), (1, 1));
        assert_eq!(world.clock.sleeps(), [0; 0]);
        assert_eq!(world.github.attempts_with_logs(REPOSITORY, RUN), [1, 2]);
    }
}

#[test]
fn a_deletion_whose_answer_is_lost_is_not_repeated() {
    let world = world();
    world.github.fault("DELETE /logs", 1, Effect::Lose);
    let error = world.client.delete_logs(&repository(), RUN).unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::Network);
    assert_eq!(world.github.calls().len(), 1);
    assert!(!world.client.logs_present(&repository(), RUN, 1).unwrap());
}

#[test]
fn deletions_are_a_second_apart() {
    let world = world();
    for id in [8, 9] {
        world
            .github
            .add(REPOSITORY, Run::new(id).attempt(Attempt::new()));
    }
    let delete = |id| world.client.delete_logs(&repository(), id).unwrap();
    assert_eq!([delete(RUN), delete(8)], [Deleted::Now; 2]);
    assert_eq!(world.clock.sleeps(), [1]);
    world.clock.pass(Duration::from_secs(5));
    delete(9);
    assert_eq!(world.clock.sleeps(), [1]);
}

#[test]
fn a_budget_ends_the_calls() {
    let world = world_with(|settings| settings.budget = Some(2));
    assert!(world.client.run(&repository(), RUN).is_ok());
    assert!(world.client.run(&repository(), RUN).is_ok());
    for error in [
        world.client.run(&repository(), RUN).unwrap_err(),
        world.client.delete_logs(&repository(), RUN).unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.status()),
            (GithubErrorKind::Budget, None)
        );
    }
    assert_eq!((world.client.calls(), world.github.calls().len()), (2, 2));
}
