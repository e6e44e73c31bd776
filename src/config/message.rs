//! What the YAML parser found wrong, in words for people, without the values
//! of the file.

use super::ConfigError;
use super::nearest::nearest;
use serde_saphyr::{Error, UserMessageFormatter};

/// The error as one about the file `path`.
pub(super) fn of(error: &Error, path: &str) -> ConfigError {
    let place = error.location();
    ConfigError::Invalid {
        path: path.to_owned(),
        line: place.map_or(1, |it| it.line()),
        column: place.map_or(1, |it| it.column()),
        message: with_hint(message(error)),
    }
}

fn message(error: &Error) -> String {
    match error {
        // Ours, with its hint.
        Error::Message { msg, .. } => msg.clone(),
        Error::SerdeUnknownField {
            field, expected, ..
        } => unknown("key", field, expected),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => unknown("value", variant, expected),
        Error::SerdeMissingField { field, .. } => {
            format!("the key '{field}' is missing\nhint: add `{field}:`")
        }
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("expected {expected}")
        }
        Error::InvalidScalar { .. } => "expected a whole number that is not negative".to_owned(),
        Error::Unexpected { expected, .. } => format!("expected {expected}"),
        Error::NullIntoString { .. } => {
            "the value is missing\nhint: write one, or leave the key out".to_owned()
        }
        Error::Eof { .. } => {
            "the file is empty or cut off\nhint: begin with `version: 1`".to_owned()
        }
        Error::DuplicateMappingKey { .. } => {
            "the key stands here twice\nhint: keep one of them".to_owned()
        }
        Error::QuotingRequired { .. } => "the text is ambiguous\nhint: put it in quotes".to_owned(),
        Error::NonFiniteFloat { .. } => "the number is not finite".to_owned(),
        Error::AliasError { error, .. } => message(error),
        _ => plain(error),
    }
}

fn unknown(what: &str, word: &str, expected: &[&'static str]) -> String {
    let hint = nearest(word, expected.iter().copied()).map_or_else(
        || format!("use one of {}", expected.join(", ")),
        |near| format!("did you mean '{near}'?"),
    );
    format!("unknown {what}{}\nhint: {hint}", shown(word))
}

/// The word in quotes with a space before it, if it has the form of a name.
/// Anything else may be a secret of a file given by mistake, or steer a
/// terminal.
fn shown(word: &str) -> String {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || b"_-*".contains(&byte);
    if word.len() <= 40 && word.bytes().all(is_name) {
        format!(" '{word}'")
    } else {
        String::new()
    }
}

fn plain(error: &Error) -> String {
    let text = error.render_with_formatter(&UserMessageFormatter);
    // The place stands before the message already.
    let text = text.rfind(" at line ").map_or(&*text, |at| &text[..at]);
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn with_hint(message: String) -> String {
    if message.contains("\nhint: ") {
        return message;
    }
    message + "\nhint: the keys and their values are described in docs/configuration.md"
}
