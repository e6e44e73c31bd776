//! Outcomes the tests render.

use crate::finding::{Encoding, Finding, Outcome, Place, Summary};
use crate::origin::{Origin, Problem, ProblemKind};
use crate::rule::{Confidence, Severity};

/// Text that attacks every target at once.
pub(super) const HOSTILE: &str = "a\u{1b}[2Jb\r\n::error::x ##[add-mask]y ##vso[task.z]|`<img src=x>`| \
    @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}\"'{0}\\,:";

pub(super) fn place(path: &str, line: u64) -> Place {
    Place {
        path: Origin::new(path),
        byte_start: line * 100,
        byte_end: line * 100 + 40,
        line,
        column: 31,
        end_line: line,
        end_column: 71,
        secret: (0, 0),
        text_column: 31,
        ci: None,
        job: None,
        step: None,
        logged_at: None,
    }
}

fn finding(rule: &str, severity: Severity, confidence: Confidence, place: Place) -> Finding {
    Finding {
        rule_id: format!("example.{rule}"),
        vendor: "example".into(),
        name: format!("Example {rule}"),
        severity,
        confidence,
        place,
        redacted: "exa_***".into(),
        fingerprint: "0123456789abcdef".repeat(4),
        decoded_from: vec![],
        context: "+ curl -H 'Authorization: token exa_***' https://api.example.com".into(),
        reasons: vec!["vendor's own prefix".into(), "the checksum holds".into()],
        revoke: Some("Revoke it at https://example.com/settings/tokens.".into()),
        references: vec!["https://example.com/docs".into()],
        places: vec![],
    }
}

fn in_a_job() -> Place {
    Place {
        ci: Some("github-actions".into()),
        job: Some("build".into()),
        step: Some("Run make".into()),
        logged_at: Some("2025-03-15T10:00:00.1234567Z".into()),
        ..place("logs.zip!build/3_Run make.txt", 182)
    }
}

/// Three findings of different weight, the worst last, and one problem.
pub(super) fn outcome() -> Outcome {
    let low = Finding {
        decoded_from: vec![Encoding::Base64, Encoding::Base64],
        context: "dump 🚀 exa_***".into(),
        revoke: None,
        references: vec![],
        ..finding(
            "session",
            Severity::Low,
            Confidence::Medium,
            place("a.log", 4),
        )
    };
    let high = finding("key", Severity::High, Confidence::High, place("b.log", 7));
    let critical = Finding {
        places: (1..=15).map(|line| place("c.log", line)).collect(),
        ..finding("token", Severity::Critical, Confidence::Certain, in_a_job())
    };
    let broken = Problem::new(
        &Origin::new("logs.zip!build/9_Post.txt"),
        ProblemKind::Damaged,
        "the entry ends before its end; download the archive again",
    );
    with(vec![low, high, critical], vec![broken])
}

/// Counts what is given.
pub(super) fn with(findings: Vec<Finding>, problems: Vec<Problem>) -> Outcome {
    let mut summary = Summary {
        files: 12,
        bytes: 3_500_000,
        lines: 45_678,
        findings: findings.len() as u64,
        problems: problems.len() as u64,
        ..Summary::default()
    };
    for finding in &findings {
        *summary.by_severity.entry(finding.severity).or_default() += 1;
        *summary.by_confidence.entry(finding.confidence).or_default() += 1;
    }
    Outcome {
        findings,
        problems,
        summary,
    }
}

/// Everything read, nothing found.
pub(super) fn nothing() -> Outcome {
    with(vec![], vec![])
}

/// Nothing found, but not everything read.
pub(super) fn unread() -> Outcome {
    with(vec![], outcome().problems)
}

/// An outcome whose every text is `text`.
pub(super) fn saying(text: &str) -> Outcome {
    let place = Place {
        ci: Some(text.into()),
        job: Some(text.into()),
        step: Some(text.into()),
        logged_at: Some(text.into()),
        ..place(text, 3)
    };
    let finding = Finding {
        rule_id: text.into(),
        vendor: text.into(),
        name: text.into(),
        redacted: text.into(),
        context: format!("{text} exa_*** {text}"),
        reasons: vec![text.into(); 2],
        revoke: Some(text.into()),
        references: vec![text.into()],
        places: vec![place.clone(); 2],
        ..finding("x", Severity::High, Confidence::High, place.clone())
    };
    let problem = Problem::new(&place.path, ProblemKind::Unreadable, text);
    with(vec![finding], vec![problem])
}

/// `number` findings of one severity, one per line.
pub(super) fn many(number: u64, severity: Severity) -> Outcome {
    let one = |line| finding("token", severity, Confidence::High, place("a.log", line));
    with((1..=number).map(one).collect(), vec![])
}

pub(super) fn all() -> [Outcome; 4] {
    [outcome(), nothing(), unread(), saying(HOSTILE)]
}
