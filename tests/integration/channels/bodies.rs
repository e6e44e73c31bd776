//! What is told.

use super::{incident, now, tell};
use crate::receivers::{KINDS, Receiver, World, channels_to};
use leaksweep::config::ChannelKind;
use leaksweep::incident::{Delivery, Document, RunContainment, Sender, Sighting, Stage};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;

const STAGES: [Stage; 4] = [
    Stage::Opened,
    Stage::Updated,
    Stage::Contained,
    Stage::Closed,
];

/// Text that attacks every target at once.
const HOSTILE: &str = "@here @everyone <!channel> <@U1> <at>all</at> `x` *b* _i_ [l](https://evil.example) \
     https://evil.example <script>alert(1)</script> {id} {{ \u{1b}[31m \u{202e}\u{200b}\u{feff}\r\n\t\0 \
     \\\"'&amp;&lt; |||spoiler|| ~~s~~ # h %0A ##[add-mask]x ::error::y \u{e0041}";

/// Every text is `text`, and every list has `many` entries.
fn saying(text: &str, many: usize, stage: Stage) -> Document {
    let some = Some(text.to_owned());
    // These are never empty.
    let name = if text.is_empty() {
        "acme/website"
    } else {
        text
    };
    let sighting = Sighting {
        run_id: u64::MAX,
        attempt: u64::MAX,
        workflow: some.clone(),
        branch: some.clone(),
        url: some.clone(),
        job: some.clone(),
        step: some.clone(),
        path: text.into(),
        line: u64::MAX,
        logged_at: some.clone(),
    };
    let run = RunContainment {
        run_id: u64::MAX,
        state: text.into(),
        at: Some(now()),
    };
    Document {
        server: text.into(),
        repository: name.into(),
        visibility: some.clone(),
        rule_id: name.into(),
        vendor: text.into(),
        name: text.into(),
        redacted: text.into(),
        reasons: vec![text.into(); many],
        revoke: Some(text.replace("https://", "")),
        references: vec![text.into(); many],
        sightings: vec![sighting; many],
        sightings_total: u64::MAX,
        containment: vec![run; many],
        tool: text.into(),
        rules_version: text.into(),
        notes: vec![text.into(); many],
        ..incident(stage)
    }
}

fn worst_cases(stage: Stage) -> Vec<Document> {
    let texts = [
        HOSTILE.to_owned(),
        "x".repeat(3_000),
        "🚀".repeat(3_000),
        "\\\"".repeat(1_000),
        "&<>".repeat(1_000),
        "\u{202e}\u{1}".repeat(1_000),
        "*_~|[]()#`".repeat(100),
        "é\u{301}漢字 ".repeat(500),
        String::new(),
    ];
    let each = texts.iter().flat_map(|text| [(text, 1), (text, 21)]);
    let mut documents: Vec<_> = each.map(|(text, many)| saying(text, many, stage)).collect();
    documents.push(saying(HOSTILE, 1_000, stage));
    documents.push(saying(&"x".repeat(1 << 20), 1, stage));
    // Addresses as long as they may be.
    let address = format!("https://example.com/{}", "a&".repeat(135));
    for document in &mut documents {
        document
            .sightings
            .iter_mut()
            .step_by(2)
            .for_each(|it| it.url = Some(address.clone()));
        document.references.extend(vec![address.clone(); 9]);
    }
    documents
}

#[test]
fn the_worst_documents_are_within_the_limits_of_every_target() {
    let sender = Sender::new().unwrap();
    for kind in KINDS {
        let receivers = [Receiver::start(kind)];
        receivers[0].set_now(now());
        let channels = channels_to(&receivers);
        for document in STAGES.into_iter().flat_map(worst_cases) {
            // The bot takes 300 messages a minute.
            receivers[0].world().messages.truncate(200);
            let delivery = tell(&sender, channels[0].as_ref(), &document);
            let refusals = &receivers[0].world().refusals;
            assert_eq!(delivery, Delivery::Delivered, "{kind:?}: {refusals:?}");
        }
        assert!(receivers[0].world().calls.len() >= 4 * 20, "{kind:?}");
    }
}

#[test]
fn any_text_is_within_the_limits_of_every_target() {
    let receivers = KINDS.map(Receiver::start);
    let channels = channels_to(&receivers);
    let sender = Sender::new().unwrap();
    let any_text = (any::<String>(), 1_usize..40, 0_usize..25);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(32));
    let tell_all = |(text, times, many): (String, usize, usize)| {
        let mut document = saying(&text.repeat(times), many, Stage::Opened);
        document.message_id = format!("{times}-{many}");
        for (receiver, channel) in receivers.iter().zip(&channels) {
            receiver.set_now(now());
            receiver.world().messages.clear();
            let delivery = tell(&sender, channel.as_ref(), &document);
            let refusals = &receiver.world().refusals;
            prop_assert_eq!(
                delivery,
                Delivery::Delivered,
                "{:?}: {:?}",
                channel,
                refusals
            );
        }
        Ok(())
    };
    runner.run(&any_text, tell_all).unwrap();
}

/// Every text in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn hostile_texts_steer_nobody() {
    let receivers = KINDS.map(Receiver::start);
    for (kind, channel) in KINDS.into_iter().zip(channels_to(&receivers)) {
        for stage in STAGES {
            let rendered = channel.render(&saying(HOSTILE, 2, stage));
            let body: Value = serde_json::from_str(&rendered.body).unwrap();
            for text in texts(&body) {
                let hides = |c: char| {
                    c.is_control() && c != '\n'
                        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
                        || "\u{feff}\u{e0041}".contains(c)
                };
                assert!(!text.contains(hides), "{kind:?}: {text:?}");
                assert!(!text.contains("##["), "{kind:?}: {text:?}");
                // What is for programs keeps the texts as they are.
                if kind != ChannelKind::Webhook {
                    for word in [
                        "@here",
                        "@everyone",
                        "<!",
                        "<@",
                        "<at>",
                        "<script",
                        "://evil",
                    ] {
                        assert!(!text.contains(word), "{kind:?} {word}: {text:?}");
                    }
                }
            }
        }
    }
}

/// Markup of a target's own is either escaped or within code, which nothing in
/// it can end.
#[test]
fn markup_is_escaped_for_each_target() {
    let receivers = [ChannelKind::Slack, ChannelKind::Discord].map(Receiver::start);
    let channels = channels_to(&receivers);
    let document = saying("*a* & `b` [c](d) ||e||", 1, Stage::Opened);
    let body = |at: usize| -> Value {
        serde_json::from_str(&channels[at].render(&document).body).unwrap()
    };
    let (slack, discord) = (body(0), body(1));
    let section = |at: usize| slack["blocks"][at]["text"]["text"].as_str().unwrap();
    assert!(
        section(1).contains("*Rule:* `*a* &amp; ˋbˋ [c](d) ||e||`\n"),
        "{}",
        section(1)
    );
    assert_eq!(slack["blocks"][1]["text"]["verbatim"], true);
    let description = discord["embeds"][0]["description"].as_str().unwrap();
    assert!(
        description.contains("**Rule:** `*a* & ˋbˋ [c](d) ||e||`\n"),
        "{description}"
    );
    assert!(
        description.contains(r"\*a\* & ˋbˋ \[c\]\(d\) \|\|e\|\|"),
        "{description}"
    );
}

#[test]
fn lists_say_what_they_leave_out() {
    let receivers = [Receiver::start(ChannelKind::Slack)];
    let channel = &channels_to(&receivers)[0];
    let mut document = incident(Stage::Updated);
    document.sightings = vec![document.sightings[0].clone(); 20];
    document.sightings_total = 5_000;
    document.containment = vec![document.containment[0].clone(); 100];
    let body = channel.render(&document).body;
    assert!(
        body.contains("4980 more places") && body.contains("80 more runs"),
        "{body}"
    );
}

/// Small bodies, to be looked at by people.
#[test]
fn bodies_look_as_they_should() {
    let receivers = KINDS.map(Receiver::start);
    for channel in channels_to(&receivers) {
        let shown = |stage| {
            let rendered = channel.render(&incident(stage));
            let body: Value = serde_json::from_str(&rendered.body).unwrap();
            format!("{} {}\n{body:#}", rendered.content_type, rendered.suffix)
        };
        let bodies = [Stage::Opened, Stage::Contained, Stage::Closed]
            .map(shown)
            .join("\n\n");
        insta::assert_snapshot!(channel.name(), bodies);
    }
}

/// What stands at the receiver after each stage.
fn after_all_stages(kind: ChannelKind) -> (Vec<Delivery>, Vec<String>, Receiver) {
    let receivers = [Receiver::start(kind)];
    receivers[0].set_now(now());
    let channels = channels_to(&receivers);
    let sender = Sender::new().unwrap();
    let mut open = Vec::new();
    let told = STAGES.map(|stage| {
        let delivery = tell(&sender, channels[0].as_ref(), &incident(stage));
        let world = receivers[0].world();
        open.push(
            world
                .alerts
                .values()
                .map(|it| it.open.to_string())
                .collect::<Vec<_>>()
                .join(","),
        );
        delivery
    });
    let [receiver] = receivers;
    (told.into(), open, receiver)
}

#[test]
fn chats_show_every_stage() {
    for kind in [
        ChannelKind::SreBot,
        ChannelKind::Slack,
        ChannelKind::Teams,
        ChannelKind::Discord,
        ChannelKind::Webhook,
        ChannelKind::Template,
    ] {
        let (told, _, receiver) = after_all_stages(kind);
        assert_eq!(told, [const { Delivery::Delivered }; 4], "{kind:?}");
        let world: &World = &receiver.world();
        assert_eq!(world.messages.len(), 4, "{kind:?}");
        let first = world.messages[0].to_string();
        assert!(
            first.contains("Example token") && first.contains("acme/website"),
            "{first}"
        );
    }
}

/// Logs that are gone do not make a credential safe: whoever is on call goes on.
#[test]
fn alerts_are_one_and_end_with_the_incident() {
    for kind in [ChannelKind::Pagerduty, ChannelKind::Opsgenie] {
        let (told, open, receiver) = after_all_stages(kind);
        assert_eq!(told, [const { Delivery::Delivered }; 4], "{kind:?}");
        assert_eq!(open, ["true", "true", "true", "false"], "{kind:?}");
        assert!(receiver.world().alerts.contains_key("ls-0123456789abcdef"));
    }
    let (_, open, receiver) = after_all_stages(ChannelKind::Alertmanager);
    assert_eq!(open, ["true", "true", "false", "false"]);
    assert_eq!(receiver.world().alerts.len(), 1);
}

#[test]
fn the_bot_keeps_the_blocks_and_can_start_the_incident() {
    let (_, _, receiver) = after_all_stages(ChannelKind::SreBot);
    for message in &receiver.world().messages {
        assert!(
            message["blocks"].as_array().is_some_and(|it| it.len() > 2),
            "{message}"
        );
        assert_eq!(message["is_name"], true, "{message}");
    }
    let sender = Sender::new().unwrap();
    let channels = channels_to(std::slice::from_ref(&receiver));
    for document in worst_cases(Stage::Opened) {
        tell(&sender, channels[0].as_ref(), &document);
        assert_eq!(receiver.world().messages.pop().unwrap()["is_name"], true);
    }
}

#[test]
fn a_repeated_message_says_so() {
    let receivers = KINDS.map(Receiver::start);
    for channel in channels_to(&receivers).iter().filter(|it| !it.idempotent()) {
        let told = |document: &Document| channel.render(document).body;
        let document = incident(Stage::Opened);
        assert!(!told(&document).contains("duplicate"), "{channel:?}");
        assert!(
            told(&document.repeated()).contains("may be a duplicate"),
            "{channel:?}"
        );
    }
}

#[test]
fn a_document_is_read_back() {
    let document = incident(Stage::Contained);
    let text = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
}
