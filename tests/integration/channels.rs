//! Every channel against a receiver that holds to its target's limits.

mod bodies;
mod delivery;
mod secrets;

use jiff::Timestamp;
use leaksweep::config::Config;
use leaksweep::incident::{
    Channel, Delivery, Document, IncidentError, RunContainment, Sender, Sighting, Stage, channels,
};
use leaksweep::rule::{Confidence, Severity};
use leaksweep::secret::Secret;

/// The time at which the tests stand.
pub(crate) fn now() -> Timestamp {
    "2026-11-27T10:00:00Z".parse().unwrap()
}

/// A small incident.
pub(crate) fn incident(stage: Stage) -> Document {
    let word = format!("{stage:?}").to_lowercase();
    let contained = matches!(stage, Stage::Contained | Stage::Closed);
    Document {
        id: "ls-0123456789abcdef".into(),
        stage,
        message_id: format!("ls-0123456789abcdef-{word}"),
        server: "https://api.github.com".into(),
        repository: "acme/website".into(),
        visibility: Some("public".into()),
        rule_id: "example-token".into(),
        vendor: "example".into(),
        name: "Example token".into(),
        severity: Severity::High,
        confidence: Confidence::Certain,
        redacted: "exa_***".into(),
        fingerprint: "0123456789abcdef".repeat(4),
        reasons: vec!["the checksum holds".into()],
        revoke: Some("Revoke it at https://example.com/tokens.".into()),
        references: vec!["https://example.com/docs?a=1&b=2".into()],
        leaked_at: Some("2026-11-27T09:30:00Z".parse().unwrap()),
        detected_at: "2026-11-27T09:31:15Z".parse().unwrap(),
        contained_at: contained.then(|| "2026-11-27T09:32:00Z".parse().unwrap()),
        time_to_detect_s: Some(75),
        time_to_contain_s: contained.then_some(120),
        sightings: vec![Sighting {
            run_id: 7,
            attempt: 1,
            workflow: Some("CI".into()),
            branch: Some("feature/@scope_a".into()),
            url: Some("https://github.com/acme/website/actions/runs/7".into()),
            job: Some("build".into()),
            step: Some("Run make".into()),
            path: "7.zip!build/3_Run make.txt".into(),
            line: 182,
            logged_at: Some("2026-11-27T09:30:00.1234567Z".into()),
        }],
        sightings_total: 1,
        containment: vec![RunContainment {
            run_id: 7,
            state: "logs deleted and confirmed gone".into(),
            at: contained.then(|| "2026-11-27T09:32:00Z".parse().unwrap()),
        }],
        tool: "leaksweep 0.1.0".into(),
        rules_version: "1".into(),
        notes: vec![],
    }
}

/// Delivers `document` once.
pub(crate) fn tell(sender: &Sender, channel: &dyn Channel, document: &Document) -> Delivery {
    let rendered = channel.render(document);
    sender.send(channel.request(&rendered, &document.message_id, now()))
}

/// Channels of an entry, or why there are none.
fn configured(
    entry: &str,
    environment: &[(&str, &str)],
) -> Result<Vec<Box<dyn Channel>>, IncidentError> {
    let text = format!("version: 1\nchannels:\n  - {{name: ops, {entry}}}\n");
    let config = Config::parse(&text, "leaksweep.yaml").unwrap();
    let value = |name: &str| environment.iter().find(|(known, _)| *known == name);
    channels(&config.channels, &|name| {
        value(name).map(|(_, it)| Secret::new(it.as_bytes()))
    })
}
