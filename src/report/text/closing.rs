//! The end of the text report: what was not read, the table, the counts.

use super::layout;
use super::page::{BOLD, DIM, GUTTER, Page, WARNING, text_style};
use crate::finding::{Finding, Outcome};
use crate::origin::Problem;
use crate::report::escape::visible;
use crate::report::labels::{self, CONFIDENCES, SEVERITIES};
use crate::rule::{Confidence, Severity};
use anstyle::Style;

/// Width of a column of numbers.
const COLUMN: usize = 9;

pub(super) fn write(page: &mut Page, outcome: &Outcome) {
    unread(page, &outcome.problems);
    if !outcome.findings.is_empty() {
        table(page, &outcome.findings);
        page.line("");
    }
    footer(page, outcome);
}

fn unread(page: &mut Page, problems: &[Problem]) {
    for problem in problems {
        let kind = labels::problem(problem.kind);
        let badge = page.paint(WARNING, &format!("{:<8}", "NOT READ"));
        let path = page.paint(BOLD, &visible(problem.path.as_str()));
        let kind = page.paint(DIM, kind);
        page.line(&format!("{badge}  {path}  {kind}"));
        let detail = visible(&problem.detail);
        for part in layout::wrap(&detail, page.width - GUTTER) {
            page.line(&format!("{:GUTTER$}{part}", ""));
        }
    }
    if !problems.is_empty() {
        page.line("");
    }
}

/// Findings by severity (down) and confidence (across). Rows and columns
/// without a finding are left out.
fn table(page: &mut Page, findings: &[Finding]) {
    let across: Vec<_> = CONFIDENCES
        .into_iter()
        .filter(|c| findings.iter().any(|f| f.confidence == *c))
        .collect();
    head(page, &across);
    for severity in SEVERITIES {
        let row: Vec<_> = findings.iter().filter(|f| f.severity == severity).collect();
        if !row.is_empty() {
            let label = severity.to_string();
            count_row(page, &label, text_style(severity), &row, &across);
        }
    }
    rule(page, across.len());
    let all: Vec<_> = findings.iter().collect();
    count_row(page, "total", BOLD, &all, &across);
}

fn head(page: &mut Page, across: &[Confidence]) {
    let names: Vec<_> = across
        .iter()
        .map(ToString::to_string)
        .chain(["total".to_owned()])
        .map(|name| format!("{name:>COLUMN$}"))
        .collect();
    let names = names.concat();
    let line = page.paint(DIM, &format!("{:GUTTER$}{names}", "confidence"));
    page.line(&line);
    rule(page, across.len());
}

fn rule(page: &mut Page, columns: usize) {
    let line = "─".repeat(GUTTER + COLUMN * (columns + 1));
    let line = page.paint(DIM, &line);
    page.line(&line);
}

fn count_row(page: &mut Page, label: &str, style: Style, row: &[&Finding], across: &[Confidence]) {
    let mut line = page.paint(style, &format!("{label:<GUTTER$}"));
    for confidence in across {
        let number = row.iter().filter(|f| f.confidence == *confidence).count();
        line += &cell(page, number);
    }
    line += &page.paint(BOLD, &format!("{:>COLUMN$}", row.len()));
    page.line(&line);
}

fn cell(page: &Page, number: usize) -> String {
    match number {
        0 => page.paint(DIM, &format!("{:>COLUMN$}", "·")),
        _ => format!("{number:>COLUMN$}"),
    }
}

fn footer(page: &mut Page, outcome: &Outcome) {
    let style = headline_style(outcome);
    let headline = page.paint(style, &labels::headline(outcome));
    page.line(&headline);
    let mut volume = labels::volume(outcome);
    if outcome.summary.suppressed > 0 {
        let suppressed = labels::thousands(outcome.summary.suppressed);
        volume.push(format!("{suppressed} suppressed"));
    }
    let volume = page.paint(DIM, &volume.join(" · "));
    page.line(&volume);
}

fn headline_style(outcome: &Outcome) -> Style {
    let worst = outcome.findings.iter().map(|f| f.severity).max();
    match worst {
        Some(severity) => text_style(severity),
        None if outcome.problems.is_empty() => anstyle::AnsiColor::Green.on_default().bold(),
        None => text_style(Severity::Medium),
    }
}
