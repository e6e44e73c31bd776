//! One small log for each format, with its oddities.

use super::*;

macro_rules! fixtures {
    ($($format:ident: $file:literal,)*) => {
        [$((
            LogFormat::$format,
            include_bytes!(concat!("../../../tests/fixtures/logs/", $file)).as_slice(),
        ),)*]
    };
}

const FIXTURES: [(LogFormat, &[u8]); LogFormat::ALL.len()] = fixtures! {
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

fn fixture(format: LogFormat) -> &'static [u8] {
    FIXTURES
        .into_iter()
        .find(|(of, _)| *of == format)
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
        found.push((mark.job, mark.step))
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
    for (format, raw) in FIXTURES {
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
fn dump() {
    for f in LogFormat::ALL {
        println!("== {}\n{}{:?}", f.id(), table(f), marks(f));
    }
}
