//! SRE-Bot of the Canadian Digital Service.
//!
//! The bot chooses how to read a payload by its keys: with any key but these
//! two it would drop the blocks without a word.

use super::card::Card;
use super::channel::{Channel, Rendered};
use super::clean::fitting;
use super::slack::{blocks, fits};
use super::{Document, Endpoint, Request, Stage};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The text becomes the name of an incident, which may be this long.
const MOST_OF_A_NAME: usize = 59;

#[derive(Debug)]
pub(super) struct SreBot(pub(super) Endpoint);

impl Channel for SreBot {
    fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    fn idempotent(&self) -> bool {
        false
    }

    fn render(&self, document: &Document) -> Rendered {
        let message = |most| {
            let blocks = blocks(&Card::of(document, most));
            json!({ "text": name(document), "blocks": blocks })
        };
        Rendered::json(&fitting(message, fits))
    }

    fn request(&self, rendered: &Rendered, _: &str, now: Timestamp) -> Request {
        let request = self.0.request(rendered, self.idempotent(), now);
        request.accepted_if(|_, body| {
            serde_json::from_slice(body).is_ok_and(|answer: Value| answer["ok"] == true)
        })
    }
}

/// Letters, digits, `-`, `_` and spaces only.
fn name(document: &Document) -> String {
    let what = match document.stage {
        Stage::Opened | Stage::Updated => "Leak",
        Stage::Contained => "Contained leak",
        Stage::Closed => "Closed leak",
    };
    let repository = document.repository.rsplit('/').next().unwrap_or_default();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = format!("{what} of {} in {repository}", document.rule_id);
    let name = name.replace(|c: char| !is_part(c) && c != ' ', "-");
    name.chars()
        .take(MOST_OF_A_NAME)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::name;
    use crate::incident::sample;

    #[test]
    fn the_name_of_the_incident_is_plain_and_short() {
        let mut document = sample::document();
        assert_eq!(name(&document), "Leak of example-token in website");
        document.rule_id = "é\u{202e}<!here>\n".repeat(9);
        let name = name(&document);
        assert!(
            name.len() <= 59
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_ ".contains(&b)),
            "{name}"
        );
    }
}
