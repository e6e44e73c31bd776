//! One small log for each format, with its oddities.

use super::*;

macro_rules! fixtures {
    ($($format:ident: $file:literal,)*) => {
        [$((
            LogFormat::$format,
            include_bytes!(concat!("../../../tests/fixtures/logs/", $file)).as_slice(),
            include_str!(concat!("../../../tests/fixtures/logs/", $file, ".clean")),
        ),)*]
    };
}

/// The format, the log, and the table its cleaning gives.
const FIXTURES: [(LogFormat, &[u8], &str); LogFormat::ALL.len()] = fixtures! {
    Plain: "plain.log",
    GitHubActions: "github-actions.txt",
    GhRunView: "gh-run-view.txt",
    GitLab: "gitlab.log",
    GitLabStamped: "gitlab-stamped.log",
    Azure: "azure-pipelines.txt",
    Jenkins: "jenkins.log",
    Buildkite: "buildkite.log",
    Travis: "travis.log",
    CodeBuild: "codebuild.log",
    CircleCi: "circleci.json",
    Drone: "drone.json",
    Woodpecker: "woodpecker.json",
    Cri: "cri.log",
    DockerJson: "docker-json.log",
    Compose: "compose.log",
};

pub(super) fn fixture(format: LogFormat) -> &'static [u8] {
    FIXTURES
        .into_iter()
        .find(|(of, ..)| *of == format)
        .unwrap()
        .1
}

/// The clean lines, each with the end of its time (from the minute on) and its stream.
fn table(format: LogFormat) -> String {
    let raw = fixture(format);
    let text = clean(format, raw, 0..raw.len());
    let mut table = String::new();
    for line in text.lines() {
        let time = logged_at(format, &raw[line.raw.clone()]);
        let time = time.map_or(String::new(), |time| time[14..].to_owned());
        let stamp = line.stamp.clone().map(|stamp| raw[stamp].to_vec());
        assert_eq!(stamp.is_some(), !time.is_empty());
        let words = String::from_utf8_lossy(text.line_bytes(line)).into_owned();
        table += format!("{time}|{}|{words}", line.stream % 10_000).trim_end();
        table += "\n";
    }
    table
}

fn marks(format: LogFormat) -> Vec<(Option<String>, Option<String>)> {
    let mut found = Vec::new();
    landmarks(format, fixture(format), &mut |_, mark| {
        found.push((mark.job, mark.step));
    });
    found
}

fn steps(format: LogFormat) -> Vec<String> {
    marks(format)
        .into_iter()
        .filter_map(|(_, step)| step)
        .collect()
}

#[test]
fn every_fixture_is_recognised() {
    for (format, raw, _) in FIXTURES {
        assert_eq!(recognise(raw, "job.txt"), format);
    }
    assert_eq!(
        recognise(b"+ make\n", "job/1/consoleText"),
        LogFormat::Jenkins
    );
    assert_eq!(recognise(b"", ""), LogFormat::Plain);
}

#[test]
fn lines_of_the_service_do_not_make_azure_of_github() {
    let title = "##[section]Starting: Prepare job test";
    let head = format!("2023-09-21T17:21:33.0044780Z {title}\n").repeat(3);
    assert_eq!(recognise(head.as_bytes(), ""), LogFormat::GitHubActions);
}

#[test]
fn a_long_beginning_without_signs_does_not_hide_the_format() {
    let line = "2023-09-21T17:21:33.0044780Z make\n";
    let head = "x".repeat(20 << 10) + "\n" + &line.repeat(40);
    assert_eq!(recognise(head.as_bytes(), ""), LogFormat::GitHubActions);
}

#[test]
fn every_fixture_is_cleaned() {
    for (format, _, expected) in FIXTURES {
        assert_eq!(table(format), expected, "{format}");
    }
}

#[test]
fn jobs_are_told_by_lines() {
    let marks = marks(LogFormat::GitHubActions);
    assert_eq!(marks[0].0.as_deref(), Some("build (x64)"));
    assert_eq!(marks[0].1, None);
}

#[test]
fn steps_are_told_by_lines() {
    let told = [
        (
            LogFormat::GitHubActions,
            vec!["Run make \"all\"", "Post job cleanup"],
        ),
        (
            LogFormat::GitLab,
            vec!["prepare_script", "", "build_script", ""],
        ),
        (LogFormat::GitLabStamped, vec!["build_script", ""]),
        (LogFormat::Azure, vec!["Build", ""]),
        (LogFormat::Jenkins, vec!["Build", ""]),
        (
            LogFormat::Buildkite,
            vec!["Preparing working directory", ":hammer: Build"],
        ),
        (LogFormat::Travis, vec!["worker_info", "", "install.1", ""]),
        (LogFormat::CodeBuild, vec!["BUILD", ""]),
        (LogFormat::Plain, vec![]),
    ];
    for (format, expected) in told {
        assert_eq!(steps(format), expected, "{format}");
    }
}

#[test]
fn a_landmark_stands_at_the_start_of_the_text() {
    let mut found = Vec::new();
    let raw = b"2022-06-16T22:22:54Z echo ##[group]Run x\n2022-06-16T22:22:54Z ##[group]Run y\n";
    landmarks(LogFormat::GitHubActions, raw, &mut |at, mark| {
        found.push((at, mark.step));
    });
    assert_eq!(found, [(62, Some("Run y".to_owned()))]);
}

#[test]
fn names_tell_job_and_step() {
    let told = |name| {
        let mark = labels(LogFormat::GitHubActions, name);
        (mark.job.unwrap_or_default(), mark.step.unwrap_or_default())
    };
    let pair = |job: &str, step: &str| (job.to_owned(), step.to_owned());
    assert_eq!(told("0_build.txt"), pair("build", ""));
    assert_eq!(told("build/1_Set up job.txt"), pair("build", "Set up job"));
    assert_eq!(told("-999_build.txt"), pair("build", ""));
    assert_eq!(told("logs_123/4_test (3.8).txt"), pair("test (3.8)", ""));
    assert_eq!(told("build/system.txt"), pair("", ""));
    assert_eq!(told("notes.txt"), pair("", ""));
    assert_eq!(
        labels(LogFormat::Azure, "Job/2_Checkout.txt")
            .step
            .as_deref(),
        Some("Checkout")
    );
    assert_eq!(labels(LogFormat::Plain, "0_build.txt"), Landmark::default());
}

#[test]
fn lines_tell_job_and_step() {
    let raw = fixture(LogFormat::GhRunView);
    let told: Vec<Landmark> = raw
        .split(|byte| *byte == b'\n')
        .map(|line| line_labels(LogFormat::GhRunView, line))
        .collect();
    assert_eq!(told[0].job.as_deref(), Some("build"));
    assert_eq!(told[1].step.as_deref(), Some("Run make"));
    assert_eq!(told[3].step, None);
    let line = b"web-1  | listening";
    assert_eq!(
        line_labels(LogFormat::Compose, line).step.as_deref(),
        Some("web-1")
    );
}

#[test]
fn spans_of_joined_and_decoded_text() {
    let span = |format, needle: &str| {
        let raw = fixture(format);
        let text = clean(format, raw, 0..raw.len());
        let at = memchr::memmem::find(text.bytes(), needle.as_bytes()).unwrap();
        String::from_utf8_lossy(&raw[text.raw_span(at..at + needle.len())]).into_owned()
    };
    assert_eq!(span(LogFormat::Cri, "second"), "second");
    assert!(span(LogFormat::Cri, "half").starts_with("ha\n2016-10-06T00:17:10.1Z stderr F"));
    assert!(span(LogFormat::GitLabStamped, "half").ends_with("01O+lf"));
    assert_eq!(span(LogFormat::DockerJson, "\u{1f600}"), "\\ud83d\\ude00");
    assert_eq!(span(LogFormat::CircleCi, "\"quoted\""), "\\\"quoted\\\"");
    assert_eq!(span(LogFormat::Woodpecker, "mak"), "KyBtYWtl");
    assert_eq!(span(LogFormat::Drone, "+ make"), "+ make");
}

#[test]
fn records_begin_at_lines_or_elements() {
    let starts = |format, raw: &[u8]| {
        let mut starts = Vec::new();
        while let Some(start) = next_record(format, raw, starts.last().map_or(0, |last| last + 1)) {
            starts.push(start);
        }
        starts
    };
    assert_eq!(starts(LogFormat::Plain, b"a\nb\n"), [0, 2]);
    assert_eq!(
        starts(LogFormat::Drone, br#"[{"out":"{\"a"}, {"out":"},{"}]"#),
        [0, 1, 17]
    );
    assert_eq!(next_record(LogFormat::Plain, b"", 0), None);
    assert_eq!(next_record(LogFormat::Plain, b"a", 7), None);
}

#[test]
fn a_line_goes_on_as_long_as_the_window() {
    let part = "2016-10-06T00:17:09Z stdout P x\n";
    let raw = part.repeat(70_000);
    let text = clean(LogFormat::Cri, raw.as_bytes(), 0..raw.len());
    assert_eq!(text.lines().len(), 1);
    assert_eq!(text.bytes().len(), 70_000);
    assert_eq!(text.raw_span(69_999..70_000), raw.len() - 2..raw.len() - 1);
}

#[test]
fn other_lines_are_written_out_before_a_line_that_goes_on() {
    let stamp = "2016-10-06T00:17:09Z stdout";
    let others = "a\nb\n".repeat(100_000);
    let raw = format!("{stamp} P to\n{others}{stamp} P k\n{others}{stamp} F en\nlast\n");
    let text = clean(LogFormat::Cri, raw.as_bytes(), 0..raw.len());
    assert_eq!(text.lines().len(), 400_002);
    let at = memchr::memmem::find(text.bytes(), b"\ntoken\n").unwrap() + 1;
    assert_eq!(&raw[text.raw_span(at..at + 2)], "to");
    assert_eq!(&raw[text.raw_span(at + 3..at + 5)], "en");
    assert!(text.bytes().ends_with(b"last"));
    let rest = text.bytes().split(|byte| *byte == b'\n');
    let rest: Vec<_> = rest.filter(|line| line.len() == 1).collect();
    assert!(
        rest.chunks(2).all(|pair| pair == [b"a", b"b"]),
        "the others are in order"
    );
}
