//! Opsgenie, and the integration API of Jira Service Management after it.

use super::card::Card;
use super::channel::{Channel, Rendered};
use super::clean::{fitting, units, within};
use super::{Document, Endpoint, Request, Stage};
use crate::rule::Severity;
use jiff::Timestamp;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

const MOST_OF_A_MESSAGE: usize = 130;
/// Of 15,000.
const MOST_OF_A_DESCRIPTION: usize = 12_000;
const MOST_OF_A_TAG: usize = 50;

#[derive(Debug)]
pub(super) struct Opsgenie(pub(super) Endpoint);

impl Channel for Opsgenie {
    fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    /// By the alias.
    fn idempotent(&self) -> bool {
        true
    }

    /// An open alert with the same alias is found again. Its texts do not
    /// change: what became of the logs is a note on it.
    fn render(&self, document: &Document) -> Rendered {
        let card = |most| Card::of(document, most);
        let card = fitting(card, |it| units(&it.text()) <= MOST_OF_A_DESCRIPTION);
        let alias = document.inert(0).id;
        match document.stage {
            Stage::Opened | Stage::Updated => {
                Rendered::json(&alert(document, &alias, &card)).at("/v2/alerts")
            }
            Stage::Contained => note(&card).at(path(&alias, "notes")),
            Stage::Closed => note(&card).at(path(&alias, "close")),
        }
    }

    fn request(&self, rendered: &Rendered, _: &str, now: Timestamp) -> Request {
        let mut request = self.0.request(rendered, self.idempotent(), now);
        let key = String::from_utf8_lossy(self.0.secret());
        request.set_header(AUTHORIZATION, &format!("GenieKey {key}"));
        request.accepted_if(|status, _| status == 202)
    }
}

fn path(alias: &str, what: &str) -> String {
    format!("/v2/alerts/{alias}/{what}?identifierType=alias")
}

fn note(card: &Card) -> Rendered {
    let note = format!("{}\n{}", card.title, card.text());
    Rendered::json(&json!({"source": "leaksweep", "note": note}))
}

fn alert(document: &Document, alias: &str, card: &Card) -> Value {
    let clean = document.inert(0);
    json!({
        "message": within(&card.title, MOST_OF_A_MESSAGE),
        "alias": alias,
        "description": card.text(),
        "source": "leaksweep",
        "entity": clean.repository,
        "priority": priority(document.severity),
        "tags": ["leaksweep", within(&clean.rule_id, MOST_OF_A_TAG)],
        "details": {"repository": clean.repository, "fingerprint": clean.fingerprint},
    })
}

const fn priority(of: Severity) -> &'static str {
    match of {
        Severity::Critical => "P1",
        Severity::High => "P2",
        Severity::Medium => "P3",
        Severity::Low => "P4",
    }
}
