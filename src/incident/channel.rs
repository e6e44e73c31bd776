//! What a channel is.

use super::{Document, Endpoint, Request};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A body ready to be kept and sent. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Its media type.
    pub content_type: String,
    /// What is added to the address: a path, a query, or nothing.
    pub suffix: String,
    /// The body.
    pub body: String,
}

impl Rendered {
    pub(super) fn json(body: &serde_json::Value) -> Self {
        Self {
            content_type: "application/json".into(),
            suffix: String::new(),
            body: body.to_string(),
        }
    }

    #[must_use]
    pub(super) fn at(mut self, suffix: impl Into<String>) -> Self {
        self.suffix = suffix.into();
        self
    }
}

/// Where incidents are told.
pub trait Channel: Send + Sync + std::fmt::Debug {
    /// Where it is, and which incidents it wants.
    fn endpoint(&self) -> &Endpoint;

    /// Whether a repeated message is taken for the same one.
    fn idempotent(&self) -> bool;

    /// The message about `document`.
    fn render(&self, document: &Document) -> Rendered;

    /// The request that delivers `rendered`, with address, keys and signature.
    fn request(&self, rendered: &Rendered, _message_id: &str, now: Timestamp) -> Request {
        self.endpoint().request(rendered, self.idempotent(), now)
    }

    /// Its name in the configuration.
    fn name(&self) -> &str {
        self.endpoint().name()
    }

    /// Whether `document` is told here, by its severity and repository.
    fn wants(&self, document: &Document) -> bool {
        self.endpoint().wants(document)
    }
}
