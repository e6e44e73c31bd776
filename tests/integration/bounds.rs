//! What is not looked at is said.

use crate::support::{DETECTOR, fill, findings, scan_with};
use data_encoding::BASE64;
use leaksweep::detect::{Detector, Options as DetectOptions};
use leaksweep::log::LogFormat;
use leaksweep::origin::ProblemKind;
use leaksweep::report::{self, OutputFormat, RenderOptions};
use leaksweep::rule::RuleSet;
use leaksweep::scan::Options;

fn problems_with(detector: &Detector, log: &str) -> Vec<String> {
    let scanned = scan_with(detector, log.as_bytes(), &Options::default());
    let problems = scanned.outcome.problems.into_iter().map(|problem| {
        assert_eq!(problem.kind, ProblemKind::OverLimit);
        assert!(problem.path.as_str().ends_with("log.txt"));
        problem.detail
    });
    problems.collect()
}

fn problems(log: &str) -> Vec<String> {
    problems_with(&DETECTOR, log)
}

/// Much more can be decoded out of it than it has bytes.
fn nested(repeat: usize) -> String {
    "a line of \\\\\\\\t words and 100%252525 more ".repeat(repeat)
}

#[test]
fn what_is_not_decoded_is_a_problem() {
    let said = problems(&format!("first\n{}\nlast\n", nested(20_000)));
    assert_eq!(
        said,
        [
            "line 2 was not looked at to its end: more is encoded in it than the 8388608 bytes \
             that are decoded of one line"
        ]
    );
}

#[test]
fn lines_that_reach_a_bound_are_counted() {
    let options = DetectOptions {
        decode_budget: 50_000,
        ..DetectOptions::default()
    };
    let detector = Detector::new(RuleSet::builtin(), options);
    let line = nested(200);
    let said = problems_with(&detector, &format!("first\n{line}\nsecond\n{line}\n{line}"));
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with("line 2 (and 2 more) was not looked at"),
        "{said:?}"
    );
    // What stands in the line as it is, is seen all the same.
    let token = fill("ghp_{base62:30}{crc32}", 1);
    let log = format!("{line} {token}\n");
    let scanned = scan_with(&detector, log.as_bytes(), &Options::default());
    assert_eq!(scanned.outcome.findings.len(), 1);
    assert_eq!(scanned.outcome.summary.problems, 1);
}

#[test]
fn a_long_encoded_line_within_the_bound_is_none() {
    let words = BASE64.encode("plain words in a row, and ".repeat(20_000).as_bytes());
    assert!(problems(&format!("data: {words}\n")).is_empty());
}

#[test]
fn more_hits_than_are_kept_are_a_problem() {
    let tokens = |count: u64| -> String {
        (0..count)
            .map(|seed| fill("ghp_{base62:30}{crc32} ", seed))
            .collect()
    };
    let log = format!("first\n{}\n", tokens(4097));
    let outcome = scan_with(&DETECTOR, log.as_bytes(), &Options::default()).outcome;
    let said = "line 2 was not looked at to its end: it holds more than 4096 secrets";
    let details: Vec<_> = outcome
        .problems
        .iter()
        .map(|problem| &problem.detail)
        .collect();
    assert_eq!(details, [said]);
    for format in OutputFormat::ALL {
        let report = report::render(format, &outcome, &RenderOptions::default());
        let report = String::from_utf8_lossy(&report);
        assert!(
            report.contains("it holds more than 4096 secrets"),
            "{format:?}"
        );
    }
    assert!(problems(&format!("first\n{}\n", tokens(4096))).is_empty());
}

/// Records are joined as long as they go on: nothing is lost where a line has
/// many parts, or long ones.
#[test]
fn a_token_anywhere_in_a_line_of_many_parts_is_found() {
    let token = fill("ghp_{base62:30}{crc32}", 1);
    let (head, tail) = token.split_at(20);
    let many = [(1000, 3), (8, 16 << 10), (3, 200_000)];
    let joined = |format, part: &dyn Fn(&str) -> String, last: &dyn Fn(&str) -> String| {
        for (count, size) in many {
            let filler = format!("{} ", "w".repeat(size - 1));
            let fill_up = part(&filler).repeat(count);
            let log = format!(
                "{fill_up}{}{}{fill_up}{}",
                part(&format!("is {head}")),
                part(&format!("{tail} ")),
                last(" end")
            );
            let options = Options {
                log_format: Some(format),
                ..Options::default()
            };
            let scanned = scan_with(&DETECTOR, log.as_bytes(), &options);
            let found = scanned.outcome.findings;
            assert_eq!(found.len(), 1, "{count} parts of {size}: {}", &log[..40]);
            assert_eq!(found[0].place.byte_start, log.find(head).unwrap() as u64);
            assert!(scanned.outcome.problems.is_empty());
        }
    };
    joined(
        LogFormat::Cri,
        &|text| format!("2025-03-15T10:00:00.1Z stdout P {text}\n"),
        &|text| format!("2025-03-15T10:00:00.1Z stdout F {text}\n"),
    );
    joined(
        LogFormat::GitLabStamped,
        &|text| format!("2025-03-15T10:00:00.123456Z 01O+{text}\n"),
        &|text| format!("2025-03-15T10:00:00.123456Z 01O {text}\n"),
    );
    joined(
        LogFormat::DockerJson,
        &|text| format!("{{\"log\":\"{text}\",\"stream\":\"stdout\"}}\n"),
        &|text| format!("{{\"log\":\"{text}\\n\",\"stream\":\"stdout\"}}\n"),
    );
}

/// So many lines of other streams may stand between two parts of a line that
/// those which are done are written out before.
#[test]
fn a_line_goes_on_behind_any_number_of_others() {
    let token = fill("ghp_{base62:30}{crc32}", 1);
    let (head, tail) = token.split_at(20);
    let others = "x\n".repeat(70_000);
    let log = format!(
        "2025-03-15T10:00:00.1Z stdout P is {head}\n{others}2025-03-15T10:00:00.1Z stdout F {tail}\n"
    );
    let found = findings(log.as_bytes(), Some(LogFormat::Cri));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].place.line, found[0].place.end_line), (1, 70_002));
    let letters = "{\"log\":\"w \"}\n".repeat(70_000);
    let log = format!("{letters}{{\"log\":\"{head}\"}}\n{{\"log\":\"{tail}\\n\"}}\n");
    assert_eq!(
        findings(log.as_bytes(), Some(LogFormat::DockerJson)).len(),
        1
    );
}
