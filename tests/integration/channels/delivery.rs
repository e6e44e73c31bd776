//! What becomes of a delivery.

use super::{configured, incident, now, tell};
use crate::receivers::{Answer, Fault, KINDS, Receiver, channels_to};
use jiff::SignedDuration;
use leaksweep::config::ChannelKind;
use leaksweep::incident::{Delivery, Sender, Stage};
use std::net::TcpListener;
use std::time::Duration;

/// What one channel of `kind` makes of `fault`, and the receiver after it.
fn with_fault(kind: ChannelKind, sender: &Sender, fault: Fault) -> (Delivery, Receiver) {
    let receivers = [Receiver::start(kind)];
    receivers[0].set_now(now());
    receivers[0].fail([fault]);
    let delivery = tell(
        sender,
        channels_to(&receivers)[0].as_ref(),
        &incident(Stage::Opened),
    );
    let [receiver] = receivers;
    (delivery, receiver)
}

#[track_caller]
fn assert_retry(delivery: &Delivery, after: Option<u64>, ambiguous: bool) {
    let Delivery::Retry {
        after: asked,
        ambiguous: is,
        reason,
    } = delivery
    else {
        panic!("{delivery:?}");
    };
    assert_eq!(
        (asked.map(|it| it.as_secs()), *is),
        (after, ambiguous),
        "{reason}"
    );
    assert!(reason.starts_with("127.0.0.1 "), "{reason}");
}

#[test]
fn what_may_pass_is_retried() {
    let sender = Sender::new().unwrap();
    // Whether a second message would be taken for another one.
    for (kind, twice) in [(ChannelKind::Slack, true), (ChannelKind::Webhook, false)] {
        for status in [502, 504] {
            let (delivery, _) = with_fault(kind, &sender, Fault::status(status));
            assert_retry(&delivery, None, twice);
        }
        for status in [408, 429, 500, 501, 503] {
            let (delivery, _) = with_fault(kind, &sender, Fault::status(status));
            assert_retry(&delivery, None, false);
        }
        let (delivery, receiver) = with_fault(kind, &sender, Fault::Drop);
        assert_retry(&delivery, None, twice);
        assert_eq!(receiver.world().messages.len(), 1, "it was taken in");
    }
}

#[test]
fn retry_after_is_heeded() {
    let sender = Sender::new().unwrap();
    for (value, wait) in [
        ("7", Some(7)),
        ("Fri, 27 Nov 2026 10:02:00 GMT", Some(120)),
        ("Fri, 27 Nov 2026 09:02:00 GMT", Some(0)),
        ("whenever", None),
    ] {
        let fault = Fault::header(429, "Retry-After", value);
        let (delivery, _) = with_fault(ChannelKind::Slack, &sender, fault);
        assert_retry(&delivery, wait, false);
    }
}

#[test]
fn what_would_fail_again_is_refused() {
    let sender = Sender::new().unwrap();
    let elsewhere = Receiver::start(ChannelKind::Slack);
    for status in [301, 302, 303, 307, 308] {
        let fault = Fault::header(status, "Location", &elsewhere.url());
        let (delivery, _) = with_fault(ChannelKind::Slack, &sender, fault);
        let Delivery::Refused { reason } = delivery else {
            panic!("{delivery:?}")
        };
        assert!(reason.contains("leads elsewhere\nhint: "), "{reason}");
    }
    assert!(elsewhere.world().calls.is_empty());
    for status in [304, 400, 401, 403, 404, 405, 410, 413, 422] {
        let (delivery, _) = with_fault(ChannelKind::Teams, &sender, Fault::status(status));
        let Delivery::Refused { reason } = delivery else {
            panic!("{delivery:?}")
        };
        assert!(
            reason.contains(&status.to_string()) && reason.contains("\nhint: "),
            "{reason}"
        );
    }
}

#[test]
fn a_receiver_that_hangs_may_have_it() {
    let sender = Sender::with_timeout(Duration::from_secs(1)).unwrap();
    let (delivery, receiver) = with_fault(ChannelKind::Slack, &sender, Fault::Hang);
    assert_retry(&delivery, None, true);
    assert_eq!(receiver.world().messages.len(), 1);
    receiver.release();
}

#[test]
fn a_receiver_that_is_not_there_has_nothing() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{closed}/x");
    let channels = configured(
        "type: slack, url_env: U, allow_private: true",
        &[("U", &url)],
    );
    let delivery = tell(
        &Sender::new().unwrap(),
        channels.unwrap()[0].as_ref(),
        &incident(Stage::Opened),
    );
    assert_retry(&delivery, None, false);
}

/// The connection ends before anything was sent.
#[test]
fn a_receiver_that_speaks_no_tls_has_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/x", listener.local_addr().unwrap());
    let entry = "type: slack, url_env: U, allow_private: true";
    let channels = configured(entry, &[("U", &url)]).unwrap();
    let accepts = std::thread::spawn(move || drop(listener.accept().unwrap()));
    let sender = Sender::new().unwrap();
    let delivery = tell(&sender, channels[0].as_ref(), &incident(Stage::Opened));
    accepts.join().unwrap();
    assert_retry(&delivery, None, false);
}

/// Some proxies answer 200 to everything.
#[test]
fn an_answer_in_other_words_does_not_count() {
    let sender = Sender::new().unwrap();
    for kind in [
        ChannelKind::Slack,
        ChannelKind::SreBot,
        ChannelKind::Discord,
    ] {
        let (delivery, _) = with_fault(kind, &sender, Fault::Answer(Answer::new(200, "<html>")));
        assert_retry(&delivery, None, true);
    }
    for kind in [ChannelKind::Pagerduty, ChannelKind::Opsgenie] {
        let (delivery, _) = with_fault(kind, &sender, Fault::Answer(Answer::new(200, "{}")));
        assert_retry(&delivery, None, false);
    }
}

#[test]
fn no_more_of_an_answer_is_read_than_is_needed() {
    let sender = Sender::new().unwrap();
    let long = Answer::new(200, "x".repeat(8 << 20));
    let (delivery, _) = with_fault(ChannelKind::Webhook, &sender, Fault::Answer(long));
    assert_eq!(delivery, Delivery::Delivered);
}

/// The same body again: a channel with keys shows one, the others two.
#[test]
fn idempotent_channels_show_a_message_once() {
    let sender = Sender::new().unwrap();
    for kind in KINDS {
        let receivers = [Receiver::start(kind)];
        receivers[0].set_now(now());
        let channel = &channels_to(&receivers)[0];
        for _ in 0..2 {
            assert_eq!(
                tell(&sender, channel.as_ref(), &incident(Stage::Opened)),
                Delivery::Delivered
            );
        }
        let world = receivers[0].world();
        let shown = world.messages.len() + world.alerts.len();
        assert_eq!(shown, if channel.idempotent() { 1 } else { 2 }, "{kind:?}");
    }
}

#[test]
fn a_retry_has_the_same_identifier_and_a_new_signature() {
    let receivers = [Receiver::start(ChannelKind::Webhook)];
    receivers[0].set_now(now());
    receivers[0].fail([Fault::status(500)]);
    let (sender, channel) = (Sender::new().unwrap(), &channels_to(&receivers)[0]);
    let rendered = channel.render(&incident(Stage::Opened));
    for wait in [0, 60] {
        let at = now() + SignedDuration::from_secs(wait);
        sender.send(channel.request(&rendered, "ls-1-opened", at));
    }
    let world = receivers[0].world();
    // The identifier of the event is the document's: here they differ.
    assert_eq!(world.refusals, ["event"]);
    let header = |at: usize, name| world.calls[at].header(name).unwrap();
    assert_eq!(header(0, "webhook-id"), header(1, "webhook-id"));
    assert_ne!(
        header(0, "webhook-timestamp"),
        header(1, "webhook-timestamp")
    );
    assert_ne!(
        header(0, "webhook-signature"),
        header(1, "webhook-signature")
    );
}

#[test]
fn an_old_signature_is_not_taken() {
    let receivers = [Receiver::start(ChannelKind::Webhook)];
    receivers[0].set_now(now() + SignedDuration::from_mins(6));
    let channel = &channels_to(&receivers)[0];
    let delivery = tell(
        &Sender::new().unwrap(),
        channel.as_ref(),
        &incident(Stage::Opened),
    );
    assert!(matches!(delivery, Delivery::Refused { .. }), "{delivery:?}");
    assert_eq!(
        receivers[0].world().refusals,
        ["timestamp out of tolerance"]
    );
}

#[test]
fn several_threads_send_at_once() {
    let receivers = [Receiver::start(ChannelKind::Slack)];
    let (sender, channel) = (Sender::new().unwrap(), &channels_to(&receivers)[0]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let delivery = tell(&sender, channel.as_ref(), &incident(Stage::Opened));
                assert_eq!(delivery, Delivery::Delivered);
            });
        }
    });
    assert_eq!(receivers[0].world().messages.len(), 4);
}

#[test]
fn requests_have_a_length_and_say_who_sends_them() {
    for kind in KINDS {
        let receivers = [Receiver::start(kind)];
        let channel = &channels_to(&receivers)[0];
        tell(
            &Sender::new().unwrap(),
            channel.as_ref(),
            &incident(Stage::Opened),
        );
        let world = receivers[0].world();
        let call = &world.calls[0];
        assert_eq!(
            call.header("content-length"),
            Some(&*call.body.len().to_string())
        );
        assert!(call.header("transfer-encoding").is_none());
        assert!(call.header("user-agent").unwrap().starts_with("leaksweep/"));
    }
}
