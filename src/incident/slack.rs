//! Incoming webhooks of Slack, in Block Kit.

use super::card::{Card, Place};
use super::channel::{Channel, Rendered};
use super::clean::{fitting, units, within};
use super::{Document, Endpoint, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Text that Slack takes in one message, below what was seen to be refused.
const MOST: usize = 12_000;
/// Text of a section.
const MOST_OF_A_SECTION: usize = 3_000;
/// Text of a header.
const MOST_OF_A_HEADER: usize = 150;

#[derive(Debug)]
pub(super) struct Slack(pub(super) Endpoint);

impl Channel for Slack {
    fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    fn idempotent(&self) -> bool {
        false
    }

    fn render(&self, document: &Document) -> Rendered {
        let message = |most| {
            let card = Card::of(document, most);
            json!({ "text": escape(&card.title), "blocks": blocks(&card) })
        };
        Rendered::json(&fitting(message, fits))
    }

    fn request(&self, rendered: &Rendered, _: &str, now: Timestamp) -> Request {
        let request = self.0.request(rendered, self.idempotent(), now);
        request.accepted_if(|_, body| body.trim_ascii() == b"ok")
    }
}

/// Whether all texts together and each alone are short enough.
pub(super) fn fits(message: &Value) -> bool {
    let mut blocks = message["blocks"].as_array().into_iter().flatten();
    let is_short = |block: &Value| {
        let text = block["text"]["text"].as_str().unwrap_or_default();
        units(text) <= MOST_OF_A_SECTION
    };
    units(&message.to_string()) <= MOST && blocks.all(is_short)
}

/// The blocks of a message.
pub(super) fn blocks(card: &Card) -> Vec<Value> {
    let fact = |(label, value): &(&str, String)| format!("*{label}:* {}", code(value));
    let links = card.links.iter().map(|url| link(url, "documentation"));
    let advice = std::iter::once(escape(&card.advice)).chain(links);
    let runs = card.runs.iter().map(|run| code(run));
    let title = within(&card.title, MOST_OF_A_HEADER);
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": false}}),
    ];
    blocks.extend(sections(card.facts.iter().map(fact)));
    blocks.extend(sections(advice));
    blocks.extend(sections(card.places.iter().map(place)));
    blocks.extend(sections(runs));
    blocks
}

fn place(place: &Place) -> String {
    let page = place.url.as_ref().map(|url| link(url, "page"));
    format!("{} {}", code(&place.text), page.unwrap_or_default())
}

/// Lines in as many sections as they need.
fn sections(lines: impl Iterator<Item = String>) -> Vec<Value> {
    let mut texts: Vec<String> = Vec::new();
    for line in lines {
        match texts.last_mut() {
            Some(last) if units(last) + units(&line) < MOST_OF_A_SECTION => {
                last.push('\n');
                last.push_str(&line);
            }
            _ => texts.push(line),
        }
    }
    let section = |text| json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}});
    texts.into_iter().map(section).collect()
}

/// Shown as it is: nothing within code is a mention, a link or a style.
fn code(text: &str) -> String {
    format!("`{}`", escape(text))
}

fn link(url: &str, label: &str) -> String {
    format!("<{}|{label}>", escape(url))
}

/// The three characters that control Slack's markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
