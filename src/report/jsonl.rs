//! One JSON object per line: findings, then problems, then the summary.

use super::escape;
use super::json::{Record, SCHEMA_URI, Tool, VERSION};
use crate::finding::Outcome;

pub(super) fn render(outcome: &Outcome) -> String {
    let findings = outcome.findings.iter().map(Record::Finding);
    let problems = outcome.problems.iter().map(Record::Problem);
    let lines = findings
        .chain(problems)
        .chain([summary(outcome)])
        .map(|record| line(&record));
    lines.collect()
}

fn summary(outcome: &Outcome) -> Record<'_> {
    Record::Summary {
        version: VERSION,
        schema: SCHEMA_URI,
        tool: Tool::THIS,
        summary: &outcome.summary,
    }
}

fn line(record: &Record<'_>) -> String {
    // Cannot fail: every key is a string.
    let json = serde_json::to_string(record).unwrap_or_default();
    escape::harmless_json(json) + "\n"
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::report::{sample, schema};
    use serde_json::Value;

    fn records(report: &str) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap();
        report.lines().map(parse).collect()
    }

    #[test]
    fn every_line_fits_the_schema() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for outcome in sample::all() {
            for record in records(&render(&outcome)) {
                validator.validate(&record).unwrap();
            }
        }
    }

    #[test]
    fn the_summary_comes_last() {
        let types: Vec<_> = records(&render(&sample::outcome()))
            .into_iter()
            .map(|record| record["type"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            types,
            ["finding", "finding", "finding", "problem", "summary"]
        );
    }

    #[test]
    fn nothing_found_is_one_line() {
        insta::assert_snapshot!(render(&sample::nothing()), @r#"{"type":"summary","version":1,"schema":"urn:leaksweep:schema:findings:1","tool":{"name":"leaksweep","version":"0.1.0"},"files":12,"bytes":3500000,"lines":45678,"findings":0,"suppressed":0,"problems":0,"by_severity":{},"by_confidence":{},"seconds":0.0}"#);
    }
}
