//! A body given by the configuration, whose texts hold fields of an incident.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use std::borrow::Cow;

/// Fields that a template may name: those of an incident's document, and
/// what is made from it: `title`, `text`, `status` (`firing` or `resolved`) and
/// `url` (of the first run).
pub const TEMPLATE_FIELDS: [&str; 31] = [
    "id",
    "stage",
    "message_id",
    "server",
    "repository",
    "visibility",
    "rule_id",
    "vendor",
    "name",
    "severity",
    "confidence",
    "redacted",
    "fingerprint",
    "reasons",
    "revoke",
    "references",
    "leaked_at",
    "detected_at",
    "contained_at",
    "time_to_detect_s",
    "time_to_contain_s",
    "sightings",
    "sightings_total",
    "containment",
    "tool",
    "rules_version",
    "notes",
    "title",
    "text",
    "status",
    "url",
];

/// A JSON value whose texts hold `{field}`. `{{` and `}}` stand for themselves.
/// A text that is one field and nothing else becomes the field's own value, a
/// number for instance: whatever is filled in, the result is JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Value);

impl Template {
    /// The template as it stands.
    pub fn new(value: Value) -> Result<Self, &'static str> {
        check(&value)?;
        Ok(Self(value))
    }

    /// The value with every field filled in by `field`.
    pub fn fill(&self, field: &dyn Fn(&str) -> Value) -> Value {
        fill(&self.0, field)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["object", "array"],
            "description": "A value whose texts hold `{field}`; `{{` and `}}` stand for themselves."
        })
    }
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// Name of a field.
    Field(&'a str),
}

fn check(value: &Value) -> Result<(), &'static str> {
    match value {
        Value::String(text) => pieces(text)?.iter().try_for_each(check_piece),
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(map) => map.values().try_for_each(check),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check_piece(piece: &Piece<'_>) -> Result<(), &'static str> {
    match piece {
        Piece::Field(name) if !TEMPLATE_FIELDS.contains(name) => Err(
            "the template names an unknown field\nhint: docs/configuration.md lists the fields; \
             write `{{` for a brace",
        ),
        _ => Ok(()),
    }
}

fn fill(value: &Value, field: &dyn Fn(&str) -> Value) -> Value {
    match value {
        Value::String(text) => fill_text(text, field),
        Value::Array(items) => items.iter().map(|item| fill(item, field)).collect(),
        Value::Object(map) => {
            let entry = |(key, item): (&String, &Value)| (key.clone(), fill(item, field));
            map.iter().map(entry).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn fill_text(text: &str, field: &dyn Fn(&str) -> Value) -> Value {
    let pieces = pieces(text).unwrap_or_default();
    if let [Piece::Field(name)] = pieces[..] {
        return field(name);
    }
    let shown = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Field(name) => as_text(&field(name)),
    };
    pieces.iter().map(shown).collect::<String>().into()
}

/// A value within a text.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join("; "),
        Value::Object(map) => map.values().map(as_text).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The pieces of a text with `{field}`, in which `{{` and `}}` stand for braces.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let (piece, length) = at_brace(brace)?;
        pieces.push(piece);
        rest = &brace[length..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// The piece that begins with a brace, and its length.
fn at_brace(text: &str) -> Result<(Piece<'_>, usize), &'static str> {
    if text.starts_with("{{") || text.starts_with("}}") {
        return Ok((Piece::Text(&text[..1]), 2));
    }
    let end = text.find('}').filter(|_| text.starts_with('{'));
    let end =
        end.ok_or("a brace of the template has no partner\nhint: write `{{` or `}}` for a brace")?;
    Ok((Piece::Field(&text[1..end]), end + 1))
}

#[cfg(test)]
mod tests {
    use super::Template;
    use serde_json::{Value, json};

    fn filled(template: Value) -> Value {
        let field = |name: &str| match name {
            "id" => json!("ls-1\"}"),
            "sightings_total" => json!(3),
            "reasons" => json!(["a", "b"]),
            "revoke" => Value::Null,
            _ => panic!("{name}"),
        };
        Template::new(template).unwrap().fill(&field)
    }

    #[test]
    fn fields_are_filled_in() {
        let template = json!({
            "key": "{id}", "many": "{sightings_total}", "why": "{reasons}", "no": "{revoke}",
            "text": "{{{id}}} x{sightings_total}{revoke}: {reasons}", "same": [1, true, null, ""],
        });
        assert_eq!(
            filled(template),
            json!({
                "key": "ls-1\"}", "many": 3, "why": ["a", "b"], "no": null,
                "text": "{ls-1\"}} x3: a; b", "same": [1, true, null, ""],
            })
        );
    }

    #[test]
    fn what_is_filled_in_is_no_template() {
        let once = Template::new(json!("{id}-")).unwrap();
        assert_eq!(
            once.fill(&|_| json!("{repository}")),
            json!("{repository}-")
        );
    }

    #[test]
    fn unknown_fields_and_lone_braces_are_refused() {
        for text in ["{nothing}", "{}", "{id", "id}", "{id}}", "{ id }", "{{id}"] {
            let error = Template::new(json!([{"a": text}])).unwrap_err();
            assert!(error.contains("\nhint: "), "{text}");
        }
    }
}
