//! Workflows of Microsoft Teams, as an Adaptive Card.

use super::card::Card;
use super::channel::{Channel, Rendered};
use super::clean::fitting;
use super::{Document, Endpoint};
use serde_json::{Value, json};

/// Teams refuses bodies over about 28 KB.
const MOST_BYTES: usize = 25_000;
/// Buttons that are shown.
const MOST_BUTTONS: usize = 4;

#[derive(Debug)]
pub(super) struct Teams(pub(super) Endpoint);

impl Channel for Teams {
    fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    fn idempotent(&self) -> bool {
        false
    }

    fn render(&self, document: &Document) -> Rendered {
        let message = |most| message(&Card::of(document, most));
        Rendered::json(&fitting(message, |it| it.to_string().len() <= MOST_BYTES))
    }
}

fn message(card: &Card) -> Value {
    let fact = |(label, value): &(&str, String)| runs(&[bold(label), plain(&format!("  {value}"))]);
    let line = |text: &str| runs(&[plain(text)]);
    let mut body = vec![runs(&[json!({
        "type": "TextRun", "text": card.title, "weight": "Bolder", "size": "Large",
    })])];
    body.extend(card.facts.iter().map(fact));
    body.push(line(&card.advice));
    body.extend(card.places.iter().map(|place| line(&place.text)));
    body.extend(card.runs.iter().map(|run| line(run)));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": body,
                "actions": buttons(card),
            },
        }],
    })
}

/// Text runs are the only texts of a card that are not read as Markdown.
fn runs(inlines: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "inlines": inlines})
}

fn plain(text: &str) -> Value {
    json!({"type": "TextRun", "text": text})
}

fn bold(text: &str) -> Value {
    json!({"type": "TextRun", "text": text, "weight": "Bolder"})
}

fn buttons(card: &Card) -> Vec<Value> {
    let button =
        |title: &str, url: &String| json!({"type": "Action.OpenUrl", "title": title, "url": url});
    let page = card.page().map(|url| button("Run", url));
    let links = card.links.iter().map(|url| button("Documentation", url));
    page.into_iter().chain(links).take(MOST_BUTTONS).collect()
}
