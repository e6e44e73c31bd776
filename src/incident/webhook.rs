//! Any receiver: `CloudEvents` 1.0 in the structured form, signed as Standard
//! Webhooks says.

use super::channel::{Channel, Rendered};
use super::clean::fitting;
use super::sign::hmac;
use super::{Document, Endpoint, IncidentError, IncidentErrorKind, Request, Stage};
use crate::secret::Secret;
use data_encoding::BASE64;
use jiff::Timestamp;
use reqwest::header::HeaderName;
use serde_json::{Value, json};

/// What Standard Webhooks advises.
const MOST_BYTES: usize = 20_000;

#[derive(Debug)]
pub(super) struct Webhook {
    endpoint: Endpoint,
    key: Option<Secret>,
}

impl Webhook {
    pub(super) fn new(endpoint: Endpoint) -> Result<Self, IncidentError> {
        let written = endpoint.secret();
        let key = if written.is_empty() {
            None
        } else {
            Some(key(&endpoint, written)?)
        };
        Ok(Self { endpoint, key })
    }
}

/// Standard Webhooks asks for 24 to 64 bytes.
fn key(endpoint: &Endpoint, written: &[u8]) -> Result<Secret, IncidentError> {
    let digits = written.strip_prefix(b"whsec_");
    let key = digits
        .and_then(|digits| BASE64.decode(digits).ok())
        .map(zeroize::Zeroizing::new);
    key.filter(|key| (24..=64).contains(&key.len()))
        .map(|key| Secret::new(&key))
        .ok_or_else(|| {
            let what = "the secret is not one of Standard Webhooks\n\
                    hint: it is `whsec_` and the base64 of 24 to 64 random bytes";
            endpoint.error(IncidentErrorKind::Secret, what)
        })
}

impl Channel for Webhook {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// By `webhook-id`.
    fn idempotent(&self) -> bool {
        true
    }

    fn render(&self, document: &Document) -> Rendered {
        let event = |most| event(&document.clean(most));
        let event = fitting(event, |it| it.to_string().len() <= MOST_BYTES);
        Rendered {
            content_type: "application/cloudevents+json".into(),
            ..Rendered::json(&event)
        }
    }

    fn request(&self, rendered: &Rendered, message_id: &str, now: Timestamp) -> Request {
        let mut request = self.endpoint.request(rendered, self.idempotent(), now);
        let stamp = now.as_second().to_string();
        request.set_header(HeaderName::from_static("webhook-id"), message_id);
        request.set_header(HeaderName::from_static("webhook-timestamp"), &stamp);
        if let Some(key) = &self.key {
            let parts = [
                message_id.as_bytes(),
                b".",
                stamp.as_bytes(),
                b".",
                rendered.body.as_bytes(),
            ];
            let signature = format!("v1,{}", BASE64.encode(&hmac(key.expose(), &parts)));
            request.set_header(HeaderName::from_static("webhook-signature"), &signature);
        }
        request
    }
}

fn event(document: &Document) -> Value {
    let time = match document.stage {
        Stage::Contained => document.contained_at,
        Stage::Opened | Stage::Updated | Stage::Closed => None,
    };
    json!({
        "specversion": "1.0",
        "id": document.message_id,
        "source": format!("/leaksweep/{}", document.repository),
        "type": format!("leaksweep.incident.{}", document.stage.word()),
        "subject": document.id,
        "time": time.unwrap_or(document.detected_at).to_string(),
        "datacontenttype": "application/json",
        "data": document,
    })
}
