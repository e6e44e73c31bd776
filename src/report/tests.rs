use super::{OutputFormat, RenderOptions, render, sample, step_summary};
use crate::finding::Outcome;
use crate::rule::Severity;
use proptest::prelude::*;
use serde_json::Value;

fn plain(format: OutputFormat, outcome: &Outcome) -> String {
    let bytes = render(format, outcome, &RenderOptions::default());
    String::from_utf8(bytes).unwrap()
}

/// Every report there is, by name.
fn reports(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let summary = String::from_utf8(step_summary(outcome)).unwrap();
    OutputFormat::ALL
        .into_iter()
        .map(|format| (format.name(), plain(format, outcome)))
        .chain([("step summary", summary)])
        .collect()
}

fn steers_a_terminal(c: char) -> bool {
    c != '\n' && c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)
}

#[test]
fn names_and_formats_correspond() {
    for format in OutputFormat::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    let error = "xml".parse::<OutputFormat>().unwrap_err().to_string();
    for format in OutputFormat::ALL {
        assert!(error.contains(format.name()), "{error}");
    }
}

#[test]
fn reports_end_in_one_line_feed() {
    for outcome in sample::all() {
        for (name, report) in reports(&outcome) {
            assert!(
                report.ends_with('\n') && !report.ends_with("\n\n\n"),
                "{name}"
            );
        }
    }
}

#[test]
fn nothing_is_called_clean_when_something_was_not_read() {
    for (name, report) in reports(&sample::unread()) {
        assert!(report.contains("logs.zip"), "{name}: {report}");
        assert!(
            !report.contains("no secrets found in 12"),
            "{name}: {report}"
        );
    }
}

#[test]
fn hostile_text_steers_nothing() {
    for (name, report) in reports(&sample::saying(sample::HOSTILE)) {
        assert!(!report.contains(steers_a_terminal), "{name}: {report}");
        for command in ["##[add-mask]", "##vso["] {
            assert!(!report.contains(command), "{name}: {report}");
        }
        let obeyed = |line: &str| line.trim_start().starts_with("::error::");
        assert!(!report.lines().any(obeyed), "{name}: {report}");
    }
}

/// Our report is itself a CI log: its constant text must not look like an
/// assignment of a credential.
#[test]
fn constant_text_assigns_no_credential() {
    let suspicious = regex::Regex::new(
        r#"(?i)(pass(word|wd)?|secret|token|api_?key|auth|credential)\w*["']?\s*[:=]\s*["']?[^\s"'|:]{8,}"#,
    );
    let suspicious = suspicious.unwrap();
    let mut outcome = sample::outcome();
    outcome
        .findings
        .iter_mut()
        .for_each(|finding| finding.context.clear());
    for (name, report) in reports(&outcome) {
        let found = suspicious.find(&report).map(|found| found.as_str());
        assert_eq!(found, None, "{name}");
    }
}

fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[\\x00-\\x7f]{0,8}",
        proptest::sample::select(vec![
            "\u{1b}[31m",
            "::error::",
            "##[",
            "##vso[",
            "\u{9b}",
            "\u{202e}",
            "\r\n",
            "```",
            "漢",
            "***",
        ])
        .prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_report_holds_a_control_character(text in hostile_text(), width in 0_usize..200) {
        let outcome = sample::saying(&text);
        for (name, report) in reports(&outcome) {
            prop_assert!(!report.contains(steers_a_terminal), "{}: {:?}", name, report);
        }
        let narrow = RenderOptions { color: false, width };
        let report = String::from_utf8(render(OutputFormat::Text, &outcome, &narrow)).unwrap();
        prop_assert!(!report.contains(steers_a_terminal), "{:?}", report);
    }

    #[test]
    fn json_always_parses_and_keeps_the_text(text in hostile_text()) {
        let outcome = sample::saying(&text);
        let json: Value = serde_json::from_str(&plain(OutputFormat::Json, &outcome)).unwrap();
        prop_assert_eq!(json["findings"][0]["path"].as_str(), Some(text.as_str()));
        let sarif: Value = serde_json::from_str(&plain(OutputFormat::Sarif, &outcome)).unwrap();
        prop_assert_eq!(sarif["runs"][0]["results"][0]["ruleId"].as_str(), Some(text.as_str()));
        for line in plain(OutputFormat::Jsonl, &outcome).lines() {
            prop_assert!(serde_json::from_str::<Value>(line).is_ok(), "{}", line);
        }
    }

    #[test]
    fn every_line_of_workflow_commands_is_ours(text in hostile_text()) {
        let report = plain(OutputFormat::Github, &sample::saying(&text));
        for line in report.lines() {
            let ours = ["::warning title=not read", "::error file=", "leaksweep: "];
            prop_assert!(ours.iter().any(|start| line.starts_with(start)), "{}", line);
        }
    }
}

#[test]
fn the_same_outcome_gives_the_same_bytes() {
    let outcome = sample::many(50, Severity::Medium);
    assert_eq!(reports(&outcome), reports(&outcome.clone()));
}
