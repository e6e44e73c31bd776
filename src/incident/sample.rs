//! A document the tests render.

use super::{Document, RunContainment, Sighting, Stage};
use crate::rule::{Confidence, Severity};

/// A small incident.
pub(super) fn document() -> Document {
    Document {
        id: "ls-0123456789abcdef".into(),
        stage: Stage::Opened,
        message_id: "ls-0123456789abcdef-opened".into(),
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
        references: vec!["https://example.com/docs".into()],
        leaked_at: None,
        detected_at: jiff::Timestamp::UNIX_EPOCH,
        contained_at: None,
        time_to_detect_s: Some(75),
        time_to_contain_s: None,
        sightings: vec![Sighting {
            run_id: 7,
            attempt: 1,
            path: "build.txt".into(),
            line: 3,
            ..Sighting::default()
        }],
        sightings_total: 1,
        containment: vec![RunContainment::default()],
        tool: "leaksweep 0.1.0".into(),
        rules_version: "1".into(),
        notes: vec![],
    }
}
