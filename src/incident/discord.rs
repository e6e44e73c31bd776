//! Webhooks of Discord.

use super::card::Card;
use super::channel::{Channel, Rendered};
use super::clean::{fitting, units, within};
use super::{Document, Endpoint, Request};
use crate::rule::Severity;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Text of an embed's description.
const MOST: usize = 4_096;
/// Text of an embed's title.
const MOST_OF_A_TITLE: usize = 256;

#[derive(Debug)]
pub(super) struct Discord(pub(super) Endpoint);

impl Channel for Discord {
    fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    fn idempotent(&self) -> bool {
        false
    }

    /// Without `wait` errors would not be told.
    fn render(&self, document: &Document) -> Rendered {
        let description = |most| description(&Card::of(document, most));
        let description = fitting(description, |it| units(it) <= MOST);
        let message = json!({
            "allowed_mentions": {"parse": []},
            "embeds": [{
                "title": within(&literal(&Card::of(document, 0).title), MOST_OF_A_TITLE),
                "description": description,
                "color": color(document.severity),
                "timestamp": format!("{:.0}", document.detected_at),
            }],
        });
        Rendered::json(&message).at("?wait=true")
    }

    /// The message as Discord keeps it.
    fn request(&self, rendered: &Rendered, _: &str, now: Timestamp) -> Request {
        let request = self.0.request(rendered, self.idempotent(), now);
        request.accepted_if(|_, body| {
            serde_json::from_slice(body).is_ok_and(|message: Value| message["id"].is_string())
        })
    }
}

fn description(card: &Card) -> String {
    let facts = card
        .facts
        .iter()
        .map(|(label, value)| format!("**{label}:** {}", code(value)));
    let places = card.places.iter().map(|place| code(&place.text));
    let addresses = card.page().into_iter().chain(&card.links);
    let addresses = addresses.map(|url| format!("<{url}>"));
    let advice = std::iter::once(literal(&card.advice));
    let runs = card.runs.iter().map(|run| code(run));
    let lines = facts
        .chain(advice)
        .chain(addresses)
        .chain(places)
        .chain(runs);
    lines.collect::<Vec<_>>().join("\n")
}

/// Shown as it is: nothing within code is a mention, a link or a style.
fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Without Discord's Markdown.
fn literal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\*_~|[]()#".contains(c) {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

const fn color(severity: Severity) -> u32 {
    match severity {
        Severity::Critical => 0x00b0_0020,
        Severity::High => 0x00e0_5d00,
        Severity::Medium => 0x00e0_a800,
        Severity::Low => 0x0060_7d8b,
    }
}
