//! Tokens, and apps that make theirs.

use super::{REPOSITORY, RUN, TOKEN, auth, repository, settings, world};
use crate::fake_github::Effect;
use leaksweep::github::{Auth, Client, GithubErrorKind};
use leaksweep::secret::Secret;
use rsa::pkcs1::EncodeRsaPrivateKey;
use std::sync::LazyLock;
use std::time::Duration;

static KEY: LazyLock<String> = LazyLock::new(|| {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    key.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF)
        .unwrap()
        .to_string()
});

const APP: u64 = 11;

fn app(world: &super::World, installation: Option<u64>) -> Client {
    let key = Secret::new(KEY.as_bytes());
    let auth = Auth::App {
        id: APP,
        key,
        installation,
    };
    Client::new(settings(world.github.base(), auth), world.clock.clone()).unwrap()
}

#[test]
fn a_token_may_end_in_a_line_break() {
    let world = world();
    let auth = auth(&format!("{TOKEN}\n"));
    let client = Client::new(settings(world.github.base(), auth), world.clock.clone()).unwrap();
    assert!(client.run(&repository(), RUN).is_ok());
}

#[test]
fn an_app_finds_its_installation_once() {
    let world = world();
    world.github.install(APP, 33, REPOSITORY);
    let client = app(&world, None);
    assert!(client.run(&repository(), RUN).is_ok());
    assert!(client.delete_logs(&repository(), RUN).is_ok());
    let expected = [
        "GET /repos/acme/app/installation",
        "POST /app/installations/33/access_tokens",
        "GET /repos/acme/app/actions/runs/7",
        "DELETE /repos/acme/app/actions/runs/7/logs",
    ];
    assert_eq!(world.github.calls(), expected);
    assert_eq!(client.calls(), 4);
}

#[test]
fn an_app_may_know_its_installation() {
    let world = world();
    world.github.install(APP, 33, REPOSITORY);
    let client = app(&world, Some(33));
    assert!(client.logs_present(&repository(), RUN, 1).unwrap());
    assert_eq!(world.github.calls().len(), 2);
}

#[test]
fn the_token_of_an_app_is_made_anew_before_it_expires() {
    let world = world();
    world.github.install(APP, 33, REPOSITORY);
    // The hour is one of GitHub's clock.
    world.github.set_ahead(7_200);
    let client = app(&world, Some(33));
    let sessions = |minutes: u64| {
        world.clock.pass(Duration::from_mins(minutes));
        client.run(&repository(), RUN).unwrap();
        let calls = world.github.calls();
        calls.iter().filter(|call| call.starts_with("POST")).count()
    };
    assert_eq!(
        [sessions(0), sessions(54), sessions(2), sessions(50)],
        [1, 1, 2, 2]
    );
}

#[test]
fn an_app_that_is_not_installed_takes_nothing_for_gone() {
    let world = world();
    for installation in [None, Some(33)] {
        let client = app(&world, installation);
        for error in [
            client.logs_present(&repository(), RUN, 1).unwrap_err(),
            client.delete_logs(&repository(), RUN).unwrap_err(),
            client.delete_run(&repository(), RUN).unwrap_err(),
        ] {
            assert_eq!(error.kind(), GithubErrorKind::Unauthorized);
            assert!(error.to_string().contains("not installed"), "{error}");
        }
    }
    assert_eq!(world.github.attempts_with_logs(REPOSITORY, RUN), [1, 2]);
}

#[test]
fn an_app_waits_for_limits_of_its_tokens() {
    let world = world();
    world.github.install(APP, 33, REPOSITORY);
    let client = app(&world, Some(33));
    world
        .github
        .fault("POST /access_tokens", 1, Effect::retry_after(429, 9));
    assert!(client.run(&repository(), RUN).is_ok());
    assert_eq!(world.clock.sleeps(), [9]);
}

#[test]
fn nothing_shows_a_key_or_a_token() {
    let world = world();
    world.github.install(APP, 33, REPOSITORY);
    let client = app(&world, None);
    client.run(&repository(), RUN).unwrap();
    let key = Secret::new(KEY.as_bytes());
    let auth = Auth::App {
        id: APP,
        key,
        installation: None,
    };
    let told = format!(
        "{client:?} {:?} {:?}",
        world.client,
        settings(world.github.base(), auth)
    );
    for hidden in ["PRIVATE KEY", TOKEN, "session-"] {
        assert!(!told.contains(hidden), "{told}");
    }
}
