//! A GitHub that fails, or is not there.

use super::{RUN, TOKEN, auth, repository, settings, world, world_with};
use crate::fake_clock::FakeClock;
use crate::fake_github::Effect;
use leaksweep::github::{Auth, Client, GithubErrorKind, Settings};
use leaksweep::secret::Secret;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

#[test]
fn a_failure_of_the_server_is_tried_again() {
    let world = world();
    world
        .github
        .fault("GET /runs/7", 2, Effect::says(502, "Server Error"));
    assert!(world.client.run(&repository(), RUN).is_ok());
    assert_eq!(world.clock.sleeps(), [1, 2]);
}

#[test]
fn an_outage_ends_the_tries() {
    let world = world();
    world
        .github
        .fault("GET /runs/7", 99, Effect::says(500, "Server Error"));
    let error = world.client.run(&repository(), RUN).unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (GithubErrorKind::Server, Some(500))
    );
    assert_eq!(
        (world.clock.sleeps(), world.client.calls()),
        (vec![1, 2, 4, 8], 5)
    );
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    for effect in [Effect::Cut, Effect::Lose, Effect::Refuse] {
        let world = world();
        world.github.fault("GET /runs/7", 1, effect);
        assert_eq!(world.client.run(&repository(), RUN).unwrap().run_attempt, 2);
        assert_eq!(world.clock.sleeps(), [1]);
    }
}

#[test]
fn an_answer_that_stalls_ends_in_time() {
    let world = world_with(|settings| {
        settings.timeout = Duration::from_millis(300);
        settings.max_wait = Duration::ZERO;
    });
    let never = Arc::new(AtomicBool::new(false));
    world.github.fault("GET /runs/7", 1, Effect::Stall(never));
    let error = world.client.run(&repository(), RUN).unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::Network);
    assert!(
        error.to_string().contains("127.0.0.1: it took too long"),
        "{error}"
    );
}

#[test]
fn nobody_there_is_a_matter_of_the_network() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let clock = FakeClock::new();
    let client = Client::new(settings(base, auth(TOKEN)), clock.clone()).unwrap();
    let error = client.run(&repository(), RUN).unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (GithubErrorKind::Network, None)
    );
    assert!(error.to_string().contains("Connection refused"), "{error}");
    assert_eq!(clock.sleeps(), [1, 2, 4, 8]);
}

#[test]
fn a_server_without_tls_hears_nothing() {
    let world = world();
    let base = world.github.base().replace("http:", "https:");
    let mut settings = settings(base, auth(TOKEN));
    settings.max_wait = Duration::ZERO;
    for allow_http in [false, true] {
        settings.allow_http = allow_http;
        let client = Client::new(settings.clone(), world.clock.clone()).unwrap();
        let error = client.delete_logs(&repository(), RUN).unwrap_err();
        assert_eq!(error.kind(), GithubErrorKind::Network, "{error}");
    }
    assert_eq!(world.github.calls(), [""; 0]);
}

#[test]
fn what_is_not_the_json_it_should_be_is_not_quoted() {
    for body in ["<html>hidden</html>", "{\"id\": \"hidden\"}", "[]", ""] {
        let world = world();
        world
            .github
            .fault("GET /runs/7", 1, Effect::Replace(body.into()));
        let error = world.client.run(&repository(), RUN).unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (GithubErrorKind::BadAnswer, Some(200))
        );
        assert!(!error.to_string().contains("hidden"), "{error}");
        assert_eq!(world.client.calls(), 1);
    }
}

#[test]
fn a_repository_that_moved_is_neither_gone_nor_followed() {
    for status in [301, 307, 308] {
        let world = world();
        let headers = vec![(
            "location",
            format!("{}/repositories/1", world.github.base()),
        )];
        let moved = Effect::Answer(status, headers, r#"{"message": "Moved"}"#.to_owned());
        world.github.fault("GET /logs", 1, moved.clone());
        world.github.fault("DELETE /logs", 1, moved);
        let present = world
            .client
            .logs_present(&repository(), RUN, 1)
            .unwrap_err();
        let deleted = world.client.delete_logs(&repository(), RUN).unwrap_err();
        for error in [present, deleted] {
            assert_eq!(
                (error.kind(), error.status()),
                (GithubErrorKind::BadAnswer, Some(status))
            );
            assert!(error.to_string().contains("renamed or moved"), "{error}");
        }
        assert_eq!(world.github.calls().len(), 2);
    }
}

#[test]
fn settings_that_cannot_work_are_told_before_anything_is_sent() {
    let clock = FakeClock::new();
    let fails = |settings: Settings| {
        let error = Client::new(settings, clock.clone()).unwrap_err();
        assert_eq!(error.kind(), GithubErrorKind::Settings);
        assert!(error.to_string().contains("\nhint: "), "{error}");
        assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
    };
    let base = || "https://api.github.com".to_owned();
    fails(Settings::new("http://api.github.com", auth(TOKEN)));
    fails(settings("nonsense".to_owned(), auth(TOKEN)));
    fails(settings(base(), auth("hidden hidden")));
    fails(settings(base(), auth("hidden\u{e9}")));
    fails(settings(base(), auth(" \n")));
    let key = Secret::new(b"hidden");
    let app = Auth::App {
        id: 1,
        key,
        installation: None,
    };
    fails(settings(base(), app));
}
