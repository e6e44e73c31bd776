//! What is never told.

use super::{configured, incident, now, tell};
use crate::receivers::{Fault, KINDS, Receiver, channels_to};
use crate::support::{DETECTOR, fill};
use leaksweep::config::ChannelKind;
use leaksweep::incident::{Delivery, Document, IncidentErrorKind, Sender, Stage, guarded, leaks};
use leaksweep::rule::Severity;

/// Our own identifiers, fingerprints and texts look like no secret, whatever
/// the rule.
#[test]
fn our_own_bodies_look_like_no_leak() {
    let receivers = KINDS.map(Receiver::start);
    let channels = channels_to(&receivers);
    let rules = DETECTOR.rules();
    assert!(rules.rules.len() > 100);
    for (seed, rule) in rules.rules.iter().enumerate() {
        let id = fill("ls-{hex:16}", seed as u64);
        let document = Document {
            message_id: format!("{id}-opened"),
            id,
            rule_id: rule.id.to_string(),
            vendor: rule.vendor.to_string(),
            name: rule.name.to_string(),
            fingerprint: fill("{hex:64}", seed as u64),
            redacted: format!("{}***", rule.keywords.first().map_or("", |word| word)),
            revoke: rule.texts.revoke.as_ref().map(ToString::to_string),
            references: rule
                .texts
                .references
                .iter()
                .map(ToString::to_string)
                .collect(),
            ..incident(Stage::Opened)
        };
        for channel in &channels {
            let rendered = channel.render(&document);
            let body = &rendered.body;
            assert!(
                !leaks(&DETECTOR, &rendered),
                "{channel:?} {}: {body}",
                rule.id
            );
            assert_eq!(
                guarded(channel.as_ref(), &document, &DETECTOR),
                rendered,
                "{}",
                rule.id
            );
        }
    }
}

/// A name of a job is whatever its author made of it.
#[test]
fn a_secret_in_the_texts_of_a_log_is_left_out() {
    let receivers = KINDS.map(Receiver::start);
    let token = fill("ghp_{base62:30}{crc32}", 1);
    let uri = fill("https://bob:{base62:20}@db.example.com/x", 1);
    let places: [fn(&mut Document) -> &mut Option<String>; 4] = [
        |it| &mut it.sightings[0].job,
        |it| &mut it.sightings[0].step,
        |it| &mut it.sightings[0].branch,
        |it| &mut it.sightings[0].workflow,
    ];
    for channel in channels_to(&receivers) {
        for secret in [&token, &uri] {
            for place in places {
                let mut document = incident(Stage::Opened);
                *place(&mut document) = Some(format!("deploy {secret}"));
                let rendered = guarded(channel.as_ref(), &document, &DETECTOR);
                let body = rendered.body.clone();
                let inner = &secret[14..24];
                assert!(!body.contains(inner), "{channel:?}: {body}");
                assert!(!leaks(&DETECTOR, &rendered), "{channel:?}: {body}");
                assert!(body.contains("acme/website") || body.contains("ls-0123456789abcdef"));
            }
        }
    }
}

#[test]
fn the_message_says_what_was_left_out() {
    let receivers = [Receiver::start(ChannelKind::Slack)];
    let channel = &channels_to(&receivers)[0];
    let mut document = incident(Stage::Opened);
    document.sightings[0].path = fill("ghp_{base62:30}{crc32}", 2);
    let body = guarded(channel.as_ref(), &document, &DETECTOR).body;
    assert!(body.contains("texts of the log left out"));
}

#[test]
fn what_is_kept_holds_no_address_and_no_key() {
    let receivers = KINDS.map(Receiver::start);
    for (receiver, channel) in receivers.iter().zip(channels_to(&receivers)) {
        let kept = serde_json::to_string(&channel.render(&incident(Stage::Opened))).unwrap();
        assert_says_nothing(receiver, &kept);
    }
}

#[track_caller]
fn assert_says_nothing(receiver: &Receiver, text: &str) {
    let url = receiver.url();
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    assert!(path.is_empty() || !text.contains(path), "{text}");
    assert!(
        receiver.key().is_empty() || !text.contains(receiver.key()),
        "{text}"
    );
}

#[test]
fn nothing_that_is_printed_shows_an_address_or_a_key() {
    let sender = Sender::new().unwrap();
    let receivers = KINDS.map(Receiver::start);
    for (receiver, channel) in receivers.iter().zip(channels_to(&receivers)) {
        let document = incident(Stage::Opened);
        let request = channel.request(&channel.render(&document), &document.message_id, now());
        let endpoint = channel.endpoint();
        assert_says_nothing(receiver, &format!("{channel:?} {request:?} {endpoint:?}"));
        receiver.fail([
            Fault::status(500),
            Fault::status(404),
            Fault::header(302, "Location", &receiver.url()),
            Fault::Drop,
        ]);
        for _ in 0..4 {
            let delivery = tell(&sender, channel.as_ref(), &document);
            assert_ne!(delivery, Delivery::Delivered);
            assert_says_nothing(receiver, &format!("{delivery:?}"));
        }
    }
}

#[test]
fn a_channel_with_wrong_secrets_is_refused_without_showing_them() {
    let wrong = fill("https://u:{base62:20}@hooks.example.com/{base62:20}", 3);
    let plain = fill("http://hooks.example.com/{base62:20}", 3);
    let local = fill("https://127.0.0.1/{base62:20}", 3);
    let key = fill("{base62:40}", 3);
    let short = fill("whsec_{base64:12}", 3);
    let lines = format!("{key}\nX: y");
    let fine = "https://hooks.example.com/x";
    let (slack, webhook) = (
        "type: slack, url_env: U",
        "type: webhook, url_env: U, secret_env: K",
    );
    let headers = "type: slack, url_env: U, headers: {X-Key: K}";
    for (entry, url, value, kind) in [
        (slack, &*key, "", IncidentErrorKind::Address),
        (slack, &*wrong, "", IncidentErrorKind::Address),
        (slack, &*plain, "", IncidentErrorKind::Address),
        (slack, &*local, "", IncidentErrorKind::Address),
        (webhook, fine, &*key, IncidentErrorKind::Secret),
        (webhook, fine, &*short, IncidentErrorKind::Secret),
        (headers, fine, &*lines, IncidentErrorKind::Secret),
    ] {
        let error = configured(entry, &[("U", url), ("K", value)]).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(
            text.starts_with("channel `ops`: ") && text.contains("\nhint: "),
            "{text}"
        );
        for secret in [url, value].into_iter().filter(|it| !it.trim().is_empty()) {
            assert!(!text.contains(secret.trim()), "{text}");
        }
    }
}

#[test]
fn a_channel_without_its_secrets_is_made_and_says_what_it_lacks() {
    let fine = "https://hooks.example.com/x";
    for (entry, url) in [
        ("type: slack, url_env: U", ""),
        ("type: slack, url_env: U", "  \n"),
        ("type: webhook, url_env: U, secret_env: K", fine),
        ("type: slack, url_env: U, headers: {X-Key: K}", fine),
    ] {
        let made = configured(entry, &[("U", url), ("K", "")]).unwrap();
        let missing = made[0].endpoint().missing().unwrap();
        assert_eq!(missing.kind(), IncidentErrorKind::Missing);
        assert!(missing.to_string().contains("\nhint: "), "{missing}");
    }
}

#[test]
fn a_line_end_behind_a_secret_is_no_part_of_it() {
    let url = "https://hooks.example.com/x\r\n";
    let channels = configured("type: slack, url_env: U", &[("U", url)]).unwrap();
    assert_eq!(channels[0].endpoint().host(), "hooks.example.com");
}

/// The name is public, what it stands for is not.
#[test]
fn a_name_that_leads_to_this_machine_is_refused() {
    let receiver = Receiver::start(ChannelKind::Slack);
    let url = receiver
        .url()
        .replace("http://127.0.0.1", "https://localhost");
    let channels = configured("type: slack, url_env: U", &[("U", &url)]).unwrap();
    let delivery = tell(
        &Sender::new().unwrap(),
        channels[0].as_ref(),
        &incident(Stage::Opened),
    );
    let Delivery::Refused { reason } = delivery else {
        panic!("{delivery:?}")
    };
    assert!(reason.starts_with("localhost is at a private"), "{reason}");
    assert!(receiver.world().calls.is_empty());
}

#[test]
fn a_channel_hears_of_what_it_wants() {
    let environment = [("U", "https://hooks.example.com/x")];
    let entry = "type: slack, url_env: U, min_severity: high, repositories: ['ACME/web*', 'b/c']";
    let channel = &configured(entry, &environment).unwrap()[0];
    let wants = |repository: &str, severity| {
        let repository = repository.into();
        channel.wants(&Document {
            repository,
            severity,
            ..incident(Stage::Opened)
        })
    };
    assert!(wants("acme/website", Severity::High) && wants("b/c", Severity::Critical));
    assert!(!wants("acme/website", Severity::Medium));
    assert!(!wants("acme/tools", Severity::Critical));
}
