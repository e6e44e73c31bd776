//! What a template can name.

use super::draft::Draft;
use super::timeline::timeline;
use super::{section, summary};

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
    list("title", summary::title),
    list("facts", summary::facts),
    list("times", summary::times),
    list("scope", summary::scope),
    list("places", section::places),
    list("timeline", timeline),
    list("containment", section::containment),
    list("told", section::told),
    list("actions", section::actions),
    list("rotation", section::rotation),
    list("evidence", section::evidence),
    list("related", section::related),
    word("id", summary::id),
    word("state", summary::state),
    word("credential", summary::credential),
    word("vendor", summary::vendor),
    word("repository", summary::repository),
    word("severity", summary::severity),
    word("fingerprint", summary::fingerprint),
    word("detected_at", summary::detected_at),
    word("exposure", summary::exposure),
    word("time_to_detect", summary::time_to_detect),
    word("time_to_contain", summary::time_to_contain),
];

pub(super) fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// All names, for messages.
pub(super) fn names() -> String {
    let names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
    names.join(", ")
}
