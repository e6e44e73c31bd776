//! What a template can name.

use super::section::{self as of, Draft};
use super::timeline::timeline;

/// A field and what is written for it.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Whether it is a list or a table, which needs a line of its own.
    pub(super) is_list: bool,
    pub(super) text: fn(&Draft<'_>) -> String,
}

const fn word(name: &'static str, text: fn(&Draft<'_>) -> String) -> Field {
    Field {
        name,
        is_list: false,
        text,
    }
}

const fn list(name: &'static str, text: fn(&Draft<'_>) -> String) -> Field {
    Field {
        name,
        is_list: true,
        text,
    }
}

pub(super) const FIELDS: &[Field] = &[
    list("title", of::title),
    list("facts", of::facts),
    list("times", of::times),
    list("scope", of::scope),
    list("places", of::places),
    list("timeline", timeline),
    list("containment", of::containment),
    list("told", of::told),
    list("actions", of::actions),
    list("rotation", of::rotation),
    list("evidence", of::evidence),
    list("related", of::related),
    word("id", of::id),
    word("state", of::state),
    word("credential", of::credential),
    word("vendor", of::vendor),
    word("repository", of::repository),
    word("severity", of::severity),
    word("fingerprint", of::fingerprint),
    word("detected_at", of::detected_at),
    word("exposure", of::exposure),
    word("time_to_detect", of::time_to_detect),
    word("time_to_contain", of::time_to_contain),
];

pub(super) fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// All names, for messages.
pub(super) fn names() -> String {
    let names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
    names.join(", ")
}
