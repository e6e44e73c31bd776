//! `PagerDuty`, Events API v2.

use super::card::Card;
use super::channel::{Channel, Rendered};
use super::clean::{fitting, within};
use super::{Document, Endpoint, Request};
use crate::rule::Severity;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Below the 512 KB that are taken.
const MOST_BYTES: usize = 400_000;
const MOST_OF_A_SUMMARY: usize = 1_024;

#[derive(Debug)]
pub(super) struct PagerDuty(pub(super) Endpoint);

impl Channel for PagerDuty {
    fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    fn idempotent(&self) -> bool {
        true
    }

    /// Without the routing key, which is a secret.
    fn render(&self, document: &Document) -> Rendered {
        let event = |most| event(document, most);
        let event = fitting(event, |it| it.to_string().len() <= MOST_BYTES);
        Rendered::json(&event).at("/v2/enqueue")
    }

    fn request(&self, rendered: &Rendered, _: &str, now: Timestamp) -> Request {
        let mut request = self.0.request(rendered, self.idempotent(), now);
        request.body = with_key(rendered.body.as_bytes(), self.0.secret());
        request.accepted_if(|status, _| status == 202)
    }
}

fn with_key(body: &[u8], key: &[u8]) -> Vec<u8> {
    let mut event: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    event.insert("routing_key".into(), String::from_utf8_lossy(key).into());
    Value::Object(event).to_string().into_bytes()
}

fn event(document: &Document, most: usize) -> Value {
    let clean = document.inert(most);
    if !document.stage.is_firing() {
        return json!({"event_action": "resolve", "dedup_key": clean.id});
    }
    let card = Card::of(document, most);
    let link = |url: &String| json!({"href": url, "text": "page"});
    let links = card.page().into_iter().chain(&card.links);
    json!({
        "event_action": "trigger",
        "dedup_key": clean.id,
        "client": "leaksweep",
        "links": links.map(link).collect::<Vec<_>>(),
        "payload": {
            "summary": within(&card.title, MOST_OF_A_SUMMARY),
            "source": clean.repository,
            "severity": severity(document.severity),
            "timestamp": document.detected_at.to_string(),
            "component": clean.vendor,
            "class": clean.rule_id,
            "custom_details": details(&card),
        },
    })
}

fn details(card: &Card) -> Value {
    let facts = card
        .facts
        .iter()
        .map(|(label, value)| ((*label).to_owned(), json!(value)));
    let places: Vec<_> = card.places.iter().map(|place| &place.text).collect();
    let lists = [
        ("What to do", json!(card.advice)),
        ("Where", json!(places)),
        ("Logs", json!(card.runs)),
    ];
    let lists = lists
        .into_iter()
        .map(|(label, value)| (label.to_owned(), value));
    Value::Object(facts.chain(lists).collect())
}

const fn severity(of: Severity) -> &'static str {
    match of {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "info",
    }
}
