//! A Markdown document for issues and pull requests, and the step summary.
//!
//! Text from logs, paths and problems appears in code only: nothing in a code
//! span or block is a link, a mention, an issue reference or HTML. Text from
//! rules is prose with its special characters escaped.

use super::labels;
use super::markup::{code, fenced, linked_prose, prose, reference};
use crate::finding::{Finding, Outcome, Place};
use crate::origin::Problem;

/// Bytes of a step summary. GitHub drops one over 1 MiB whole; the difference
/// is room for what other programs wrote in the same step.
const SUMMARY_LIMIT: usize = 1_000_000;
/// Bytes kept free for the lines that say what was left out.
const SUMMARY_RESERVE: usize = 1_000;
/// Further places listed for a finding; the rest are counted.
const PLACES: usize = 20;
/// Lines of a command's own text in a step summary.
const MOST_LINES: usize = 100;
/// Problems listed in a step summary.
const SUMMARY_PROBLEMS: usize = 50;

/// The whole document.
pub(super) fn render(outcome: &Outcome) -> String {
    let findings = labels::ranked(outcome);
    let mut document = heading(outcome);
    if !findings.is_empty() {
        document += TABLE_HEAD;
        document.extend(findings.iter().map(|finding| row(finding)));
        document.push('\n');
        document.extend(findings.iter().map(|finding| details(finding)));
    }
    document + &unread(&outcome.problems, usize::MAX)
}

/// The report as Markdown under 1 MiB, to append to `$GITHUB_STEP_SUMMARY`. A
/// report that is too long is cut between findings and says so.
pub fn step_summary(outcome: &Outcome) -> Vec<u8> {
    let findings = labels::ranked(outcome);
    let mut summary = heading(outcome) + &unread(&outcome.problems, SUMMARY_PROBLEMS);
    if !findings.is_empty() {
        summary += TABLE_HEAD;
        let rows = fill(&mut summary, &findings, row);
        summary += &left_out(findings.len() - rows, "rows");
        summary.push('\n');
        let blocks = fill(&mut summary, &findings[..rows], details);
        summary += &left_out(rows - blocks, "details");
    }
    summary.into_bytes()
}

/// Lines of a command's own text for the step summary, one item each.
pub fn step_summary_of(title: &str, text: &str) -> Vec<u8> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    // A summary over 1 MiB is dropped whole, with all that others wrote.
    let lines = lines.take(MOST_LINES);
    let items: Vec<String> = lines.map(|line| format!("- {}", code(line))).collect();
    format!("### {}\n\n{}\n\n", prose(title), items.join("\n")).into_bytes()
}

/// Appends blocks as long as they fit and returns how many did.
fn fill(summary: &mut String, findings: &[&Finding], block: fn(&Finding) -> String) -> usize {
    for (at, finding) in findings.iter().enumerate() {
        let block = block(finding);
        if summary.len() + block.len() > SUMMARY_LIMIT - SUMMARY_RESERVE {
            return at;
        }
        summary.push_str(&block);
    }
    findings.len()
}

fn left_out(number: usize, part: &str) -> String {
    match number {
        0 => String::new(),
        _ => format!(
            "\n> The {part} of {} are left out: a step summary has a limit of 1 MiB.\n",
            labels::count(number as u64, "more finding")
        ),
    }
}

fn heading(outcome: &Outcome) -> String {
    let alert = match (outcome.findings.is_empty(), outcome.problems.is_empty()) {
        (true, true) => "NOTE",
        (true, false) => "WARNING",
        (false, _) => "CAUTION",
    };
    format!(
        "## leaksweep\n\n> [!{alert}]\n> **{}**\n>\n> {}\n\n",
        labels::headline(outcome),
        labels::volume(outcome).join(" · ")
    )
}

const TABLE_HEAD: &str = "| Severity | Confidence | Credential | Value | Where | Places |\n\
    | :-- | :-- | :-- | :-- | :-- | --: |\n";

fn row(finding: &Finding) -> String {
    format!(
        "| {} {} | {} | {} | {} | {} | {} |\n",
        labels::dot(finding.severity),
        finding.severity,
        finding.confidence,
        prose(&finding.name),
        code(&finding.redacted),
        code(&labels::position(&finding.place)),
        finding.places.len() + 1,
    )
}

fn details(finding: &Finding) -> String {
    let facts: Vec<_> = facts(finding)
        .into_iter()
        .map(|(label, value)| format!("- **{label}:** {value}\n"))
        .collect();
    format!(
        "### {} {}\n\n{}\n{}\n",
        labels::dot(finding.severity),
        prose(&finding.name),
        facts.concat(),
        fenced(&finding.context),
    )
}

/// What is known of a finding, every value escaped.
fn facts(finding: &Finding) -> Vec<(&'static str, String)> {
    let place = &finding.place;
    let mut facts = vec![
        ("Rule", code(&finding.rule_id)),
        ("Severity", finding.severity.to_string()),
        ("Confidence", confidence(finding)),
        ("Value", code(&finding.redacted)),
    ];
    if !finding.decoded_from.is_empty() {
        facts.push(("Decoded from", labels::encodings(finding)));
    }
    facts.push(("Where", code(&labels::position(place))));
    let known = [
        ("Job", labels::job_and_step(place)),
        ("Logged at", place.logged_at.clone()),
        ("CI", place.ci.clone()),
    ];
    let known = known.into_iter().filter_map(|(k, v)| Some((k, code(&v?))));
    facts.extend(known);
    facts.extend(
        finding
            .revoke
            .as_deref()
            .map(|how| ("Revoke", linked_prose(how))),
    );
    if !finding.references.is_empty() {
        facts.push(("See", references(&finding.references)));
    }
    facts.push(("Fingerprint", code(&finding.fingerprint)));
    if !finding.places.is_empty() {
        facts.push(("Also at", places(&finding.places)));
    }
    facts
}

fn confidence(finding: &Finding) -> String {
    if finding.reasons.is_empty() {
        return finding.confidence.to_string();
    }
    let reasons = prose(&finding.reasons.join("; "));
    format!("{} ({reasons})", finding.confidence)
}

fn references(references: &[String]) -> String {
    let links: Vec<_> = references.iter().map(|link| reference(link)).collect();
    links.join(", ")
}

fn places(places: &[Place]) -> String {
    let mut list: Vec<_> = places
        .iter()
        .take(PLACES)
        .map(|place| code(&labels::position(place)))
        .collect();
    if let Some(more @ 1..) = places.len().checked_sub(PLACES) {
        list.push(labels::count(more as u64, "more place"));
    }
    list.join(", ")
}

fn unread(problems: &[Problem], limit: usize) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let mut section = "### ⚠️ Not read\n\n".to_owned();
    section.extend(problems.iter().take(limit).map(problem));
    let more = problems.len().saturating_sub(limit) as u64;
    section.extend((more > 0).then(|| format!("- and {}\n", labels::count(more, "more problem"))));
    section + "\n"
}

fn problem(problem: &Problem) -> String {
    let (path, detail) = (code(problem.path.as_str()), code(&problem.detail));
    format!("- {path} ({}): {detail}\n", labels::problem(problem.kind))
}

#[cfg(test)]
mod tests;
