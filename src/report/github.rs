//! Workflow commands: GitHub Actions shows them beside the run.
//!
//! A step may have ten annotations of each kind; the worst findings get them,
//! and one notice says how many more there are.

use super::escape::{clip, visible};
use super::labels;
use crate::finding::{Finding, Outcome};
use crate::origin::Problem;
use crate::rule::Severity;

/// Annotations of one kind that GitHub keeps per step.
const PER_KIND: usize = 10;
/// Characters of a message GitHub keeps, counted after escaping to be safe.
const MESSAGE: usize = 4096;
/// Characters of a title.
const TITLE: usize = 250;
/// Characters of a path; a longer one names no file.
const PATH: usize = 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low => Self::Notice,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// Findings that may be annotated: one warning is kept for what was not
    /// read, one notice for the count of the rest.
    const fn room(self) -> usize {
        match self {
            Self::Error => PER_KIND,
            Self::Warning | Self::Notice => PER_KIND - 1,
        }
    }
}

pub(super) fn render(outcome: &Outcome) -> String {
    let mut report = String::new();
    report.extend(unread(&outcome.problems));
    let hidden: usize = Level::ALL
        .into_iter()
        .map(|level| annotate(&mut report, outcome, level))
        .sum();
    if hidden > 0 {
        report += &rest(hidden);
    }
    report + &format!("leaksweep: {}\n", labels::headline(outcome))
}

/// Adds the annotations of one level and counts the findings left without.
fn annotate(report: &mut String, outcome: &Outcome, level: Level) -> usize {
    let mut findings = labels::ranked(outcome);
    findings.retain(|finding| Level::of(finding.severity) == level);
    let shown = findings.iter().take(level.room());
    report.extend(shown.map(|finding| annotation(finding, level)));
    findings.len().saturating_sub(level.room())
}

fn annotation(finding: &Finding, level: Level) -> String {
    let title = format!("{}: {}", finding.severity, finding.name);
    let title = property(&clip(&visible(&title), TITLE));
    let message = data(&message(finding));
    let place = location(finding);
    format!("::{} {place},title={title}::{message}\n", level.name())
}

fn location(finding: &Finding) -> String {
    let place = &finding.place;
    let path = property(&clip(&visible(place.path.as_str()), PATH));
    let lines = format!("file={path},line={},endLine={}", place.line, place.end_line);
    // GitHub refuses columns of a range over several lines.
    if place.line == place.end_line {
        format!(
            "{lines},col={},endColumn={}",
            place.column, place.end_column
        )
    } else {
        lines
    }
}

fn message(finding: &Finding) -> String {
    let place = visible(&labels::position(&finding.place)).into_owned();
    let reasons = finding.reasons.join("; ");
    let mut lines = vec![
        format!("{} at {place}", visible(&finding.redacted)),
        format!("confidence: {} ({})", finding.confidence, visible(&reasons)),
    ];
    if !finding.decoded_from.is_empty() {
        lines.push(format!("decoded from {}", labels::encodings(finding)));
    }
    if let Some(job) = labels::job_and_step(&finding.place) {
        lines.push(format!("in {}", visible(&job)));
    }
    if !finding.places.is_empty() {
        let more = labels::count(finding.places.len() as u64, "more place");
        lines.push(format!("and {more}"));
    }
    if let Some(revoke) = &finding.revoke {
        lines.push(visible(revoke).into_owned());
    }
    lines.join("\n")
}

/// One warning for everything that was not read.
fn unread(problems: &[Problem]) -> Option<String> {
    let lines: Vec<_> = problems.iter().take(PER_KIND).map(problem).collect();
    let more = problems.len().saturating_sub(PER_KIND);
    let more = match more {
        0 => String::new(),
        _ => format!("\nand {more} more"),
    };
    let message = data(&format!("{}{more}", lines.join("\n")));
    (!lines.is_empty())
        .then(|| format!("::warning title=not read and so not known to be clean::{message}\n"))
}

fn problem(problem: &Problem) -> String {
    let path = visible(problem.path.as_str());
    let path = clip(&path, MESSAGE / PER_KIND / 2).into_owned();
    let kind = labels::problem(problem.kind);
    format!("{path} ({kind}): {}", visible(&problem.detail))
}

fn rest(hidden: usize) -> String {
    let more = labels::count(hidden as u64, "more finding");
    format!(
        "::notice title=more findings::{more} without an annotation \
         (a step may have {PER_KIND} of each kind)%0Athe report and the step summary list them\n"
    )
}

/// Message text as the runner decodes it, within its limit.
fn data(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut left = MESSAGE;
    for c in text.chars() {
        let piece = escaped_char(c, false);
        match left.checked_sub(piece.map_or(1, str::len)) {
            None => break,
            Some(rest) => left = rest,
        }
        match piece {
            Some(piece) => escaped.push_str(piece),
            None => escaped.push(c),
        }
    }
    escaped
}

/// A property's value, in which `:` and `,` would end it.
fn property(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match escaped_char(c, true) {
            Some(piece) => escaped.push_str(piece),
            None => escaped.push(c),
        }
    }
    escaped
}

fn escaped_char(c: char, in_property: bool) -> Option<&'static str> {
    match c {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        ':' if in_property => Some("%3A"),
        ',' if in_property => Some("%2C"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{MESSAGE, data, render};
    use crate::report::sample;
    use crate::rule::Severity;

    #[test]
    fn annotations_name_place_value_and_remedy() {
        insta::assert_snapshot!(render(&sample::outcome()), @r#"
        ::warning title=not read and so not known to be clean::logs.zip!build/9_Post.txt (damaged): the entry ends before its end; download the archive again
        ::error file=logs.zip!build/3_Run make.txt,line=182,endLine=182,col=31,endColumn=71,title=critical%3A Example token::exa_*** at logs.zip!build/3_Run make.txt:182:31%0Aconfidence: certain (vendor's own prefix; the checksum holds)%0Ain build › Run make%0Aand 15 more places%0ARevoke it at https://example.com/settings/tokens.
        ::error file=b.log,line=7,endLine=7,col=31,endColumn=71,title=high%3A Example key::exa_*** at b.log:7:31%0Aconfidence: high (vendor's own prefix; the checksum holds)%0ARevoke it at https://example.com/settings/tokens.
        ::notice file=a.log,line=4,endLine=4,col=31,endColumn=71,title=low%3A Example session::exa_*** at a.log:4:31%0Aconfidence: medium (vendor's own prefix; the checksum holds)%0Adecoded from base64 › base64
        leaksweep: 3 secrets found, and 1 log or part of one was not read
        "#);
    }

    #[test]
    fn nothing_found_is_a_plain_line() {
        insta::assert_snapshot!(render(&sample::nothing()), @r"leaksweep: no secrets found in 12 logs");
    }

    #[test]
    fn what_was_not_read_is_a_warning() {
        insta::assert_snapshot!(render(&sample::unread()), @r#"
        ::warning title=not read and so not known to be clean::logs.zip!build/9_Post.txt (damaged): the entry ends before its end; download the archive again
        leaksweep: no secrets found in what was read, but 1 log or part of one was not read
        "#);
    }

    #[test]
    fn hostile_text_gives_no_command_of_its_own() {
        let report = render(&sample::saying(sample::HOSTILE));
        insta::assert_snapshot!(report, @r#"
        ::warning title=not read and so not known to be clean::a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,: (unreadable): a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,:
        ::error file=a\u{1b}[2Jb\r\n\u{3a}%3Aerror%3A%3Ax ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https%3A//evil.example [l](http%3A//x) %250A \u{202e}\u{9b}\u{7f}"'{0}\%2C%3A,line=3,endLine=3,col=31,endColumn=71,title=high%3A a\u{1b}[2Jb\r\n\u{3a}%3Aerror%3A%3Ax ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https%3A//evil.example [l](http%3A//x) %250A \u{202e}\u{9b}\u{7f}"'{0}\%2C%3A::a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,: at a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31%0Aconfidence: high (a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,:; a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,:)%0Ain a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,: › a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,:%0Aand 2 more places%0Aa\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %250A \u{202e}\u{9b}\u{7f}"'{0}\,:
        leaksweep: 1 secret found, and 1 log or part of one was not read
        "#);
    }

    /// An unescaped comma would end a title early.
    #[test]
    fn properties_are_all_known() {
        let known = ["file", "line", "endLine", "col", "endColumn", "title"];
        let mut outcome = sample::many(25, Severity::Medium);
        outcome.problems = sample::saying(sample::HOSTILE).problems;
        outcome.findings[0] = sample::saying(sample::HOSTILE).findings.remove(0);
        let report = render(&outcome);
        for command in report.lines().filter(|line| line.starts_with("::")) {
            let (_, rest) = command[2..].split_once(' ').unwrap();
            let (properties, _) = rest.split_once("::").unwrap();
            for property in properties.split(',') {
                let (name, _) = property.split_once('=').unwrap();
                assert!(known.contains(&name), "{property}");
            }
        }
    }

    #[test]
    fn a_kind_has_at_most_ten_annotations() {
        for (severity, kind) in [
            (Severity::Critical, "::error "),
            (Severity::Medium, "::warning "),
            (Severity::Low, "::notice "),
        ] {
            let mut outcome = sample::many(25, severity);
            outcome.problems = sample::unread().problems;
            let report = render(&outcome);
            let lines = |kind| report.lines().filter(|line| line.starts_with(kind)).count();
            assert!(lines(kind) <= 10, "{report}");
            let hidden = 25 - report.matches("file=").count();
            assert!(
                report.contains(&format!("::{hidden} more findings")),
                "{report}"
            );
        }
    }

    #[test]
    fn a_long_message_is_cut_between_escapes() {
        let cut = data(&"%".repeat(5000));
        assert_eq!(cut, "%25".repeat(MESSAGE / 3));
        let report = render(&sample::saying(&"x:,%\n".repeat(9000)));
        let message = |line: &str| line.splitn(3, "::").nth(2).unwrap_or("").chars().count();
        assert!(report.lines().all(|line| message(line) <= MESSAGE));
    }
}
