//! Alertmanager, API v2.

use super::card::{Card, word};
use super::channel::{Channel, Rendered};
use super::{Document, Endpoint, Request, Stage};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// An alert that nobody resolves ends by itself this long after it was sent:
/// nobody is there to send it again, and the receiver's own default is minutes.
const ENDS_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Entries of its lists.
const MOST: usize = 10;

#[derive(Debug)]
pub(super) struct Alertmanager(pub(super) Endpoint);

impl Channel for Alertmanager {
    fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    /// By the labels.
    fn idempotent(&self) -> bool {
        true
    }

    fn render(&self, document: &Document) -> Rendered {
        Rendered::json(&json!([alert(document)])).at("/api/v2/alerts")
    }

    /// An alert that goes on gets its end when it is sent.
    fn request(&self, rendered: &Rendered, _: &str, now: Timestamp) -> Request {
        let mut request = self.0.request(rendered, self.idempotent(), now);
        request.body = with_end(rendered.body.as_bytes(), now);
        request
    }
}

fn with_end(body: &[u8], now: Timestamp) -> Vec<u8> {
    let mut alerts: Value = serde_json::from_slice(body).unwrap_or_default();
    if let Some(alert) = alerts[0].as_object_mut() {
        let end = now.saturating_add(ENDS_AFTER).unwrap_or(now);
        alert
            .entry("endsAt")
            .or_insert_with(|| end.to_string().into());
    }
    alerts.to_string().into_bytes()
}

/// The labels say which alert it is, so they never change.
fn alert(document: &Document) -> Value {
    let card = Card::of(document, MOST);
    let clean = document.inert(MOST);
    let mut alert = json!({
        "labels": {
            "alertname": "LeakedSecret",
            "fingerprint": clean.fingerprint,
            "repository": clean.repository,
            "rule_id": clean.rule_id,
        },
        "annotations": {
            "summary": card.title,
            "description": card.text(),
            "severity": word(document.severity),
            "incident": clean.id,
        },
        "startsAt": document.detected_at.to_string(),
    });
    if let Some(url) = card.page() {
        alert["generatorURL"] = json!(url);
    }
    if matches!(document.stage, Stage::Contained | Stage::Closed) {
        let end = document.contained_at.unwrap_or(document.detected_at);
        alert["endsAt"] = json!(end.max(document.detected_at).to_string());
    }
    alert
}
