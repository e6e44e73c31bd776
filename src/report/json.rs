//! One JSON document, and the schema of what JSON and JSONL reports hold.

use super::escape;
use crate::finding::{Finding, Outcome, Summary};
use crate::origin::Problem;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

/// Version of the form. It changes when a reader of the old form would fail.
pub(super) const VERSION: u32 = 1;

/// Name of the schema of this version. A name, not an address: a reader needs
/// no network to know which form it holds.
pub(super) const SCHEMA_URI: &str = "urn:leaksweep:schema:findings:1";

/// The program that wrote the report.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    /// Always `leaksweep`.
    pub(super) name: &'static str,
    /// Semantic version.
    pub(super) version: &'static str,
}

impl Tool {
    pub(super) const THIS: Self = Self {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    };
}

/// A whole JSON report.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// Version of this form.
    version: u32,
    /// Name of its schema.
    schema: &'static str,
    /// The program that wrote it.
    tool: Tool,
    /// The findings, in stable order.
    findings: &'a [Finding],
    /// What was not read; when this is not empty, no finding does not mean clean.
    problems: &'a [Problem],
    /// The counts.
    summary: &'a Summary,
}

/// One line of a JSONL report.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Record<'a> {
    /// A leaked secret.
    Finding(&'a Finding),
    /// Something that was not read.
    Problem(&'a Problem),
    /// The last line: a report without it was cut off.
    Summary {
        /// Version of this form.
        version: u32,
        /// Name of its schema.
        schema: &'static str,
        /// The program that wrote it.
        tool: Tool,
        /// The counts.
        #[serde(flatten)]
        summary: &'a Summary,
    },
}

pub(super) fn render(outcome: &Outcome) -> String {
    let document = Document {
        version: VERSION,
        schema: SCHEMA_URI,
        tool: Tool::THIS,
        findings: &outcome.findings,
        problems: &outcome.problems,
        summary: &outcome.summary,
    };
    pretty(&document)
}

/// Indented JSON and a line feed.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    // Serialising fails on keys that are no strings and on failing `Serialize`
    // implementations; these types have neither.
    let json = serde_json::to_string_pretty(value).unwrap_or_default();
    escape::harmless_json(json) + "\n"
}

/// The JSON Schema (draft 2020-12) of a JSON report and of every line of a
/// JSONL report, as checked in at `docs/schema/findings.schema.json`.
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut generator = settings.into_generator();
    let document = generator.subschema_for::<Document<'_>>();
    let record = generator.subschema_for::<Record<'_>>();
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URI,
        "title": "leaksweep findings",
        "description": "A JSON report, or one line of a JSONL report.",
        "anyOf": [document, record],
        "$defs": generator.take_definitions(true),
    })
}

#[cfg(test)]
mod tests {
    use super::{pretty, render, schema};
    use crate::report::sample;

    #[test]
    fn the_published_schema_is_up_to_date() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/docs/schema/findings.schema.json"
        );
        let now = pretty(&schema());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        let published = std::fs::read_to_string(path).unwrap();
        assert!(published == now, "run the tests with UPDATE_SCHEMA=1");
    }

    #[test]
    fn reports_fit_the_schema() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for outcome in sample::all() {
            let report = serde_json::from_str(&render(&outcome)).unwrap();
            validator.validate(&report).unwrap();
        }
    }

    #[test]
    fn the_schema_refuses_a_finding_without_its_fingerprint() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let mut report: serde_json::Value =
            serde_json::from_str(&render(&sample::outcome())).unwrap();
        let finding = report["findings"][0].as_object_mut().unwrap();
        finding.remove("fingerprint").unwrap();
        assert!(!validator.is_valid(&report));
    }

    #[test]
    fn a_finding_has_every_promised_field() {
        let report: serde_json::Value = serde_json::from_str(&render(&sample::outcome())).unwrap();
        let finding = report["findings"][0].as_object().unwrap();
        let promised = "rule_id vendor severity confidence path line end_line column end_column \
            byte_start byte_end redacted fingerprint decoded_from ci job step logged_at places";
        for field in promised.split_whitespace() {
            assert!(finding.contains_key(field), "{field}");
        }
        assert_eq!(report["version"], 1);
        assert_eq!(report["tool"]["name"], "leaksweep");
        assert_eq!(finding["decoded_from"][0], "base64");
    }
}
