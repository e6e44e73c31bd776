//! The commands that logs show.

use super::fixtures::fixture;
use super::*;

fn shown(format: LogFormat, raw: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut last = 0;
    commands(format, raw, 0..raw.len(), &mut |at, command| {
        assert!(last <= at && at < raw.len());
        last = at;
        found.push(command);
    });
    found
}

#[test]
fn every_fixture_shows_its_commands() {
    let expected: &[(LogFormat, &[&str])] = &[
        (LogFormat::GitHubActions, &["make \"all\""]),
        (LogFormat::GitLab, &["make"]),
        (LogFormat::Azure, &["make"]),
        (LogFormat::Jenkins, &["", "", "make", ""]),
        (LogFormat::Buildkite, &["cd /build"]),
        (LogFormat::Travis, &["pip install .", "export X=[secure]"]),
        (LogFormat::CodeBuild, &["make"]),
        (LogFormat::CircleCi, &["make"]),
        (LogFormat::Drone, &["make"]),
        (LogFormat::Woodpecker, &["make"]),
    ];
    for (format, expected) in expected {
        assert_eq!(shown(*format, fixture(*format)), *expected, "{format}");
    }
}

/// The lines, each behind the stamp of GitHub Actions.
fn stamped(lines: &[&str]) -> String {
    let lines = lines.iter();
    let lines = lines.flat_map(|line| ["2022-06-16T22:22:54.2999347Z ", line, "\n"]);
    lines.collect()
}

#[test]
fn github_shows_scripts_and_actions() {
    let raw = stamped(&[
        "##[group]Run if true; then",
        "\x1b[36;1mif true; then\x1b[0m\r",
        "\x1b[36;1m  shell: no head\x1b[0m\r",
        "\x1b[36;1m\x1b[0m",
        "\x1b[36;1mfi\x1b[0m",
        "shell: /usr/bin/bash -e {0}",
        "env:",
        "  A: b",
        "##[endgroup]",
        "##[group]Other",
        "+ make",
        "[command]/usr/bin/git version",
        "##[group]Run ./action",
        "##[endgroup]",
        "##[group]Run owner/name@v4",
        "with:",
        "  script: one",
    ]) + "env:\ntwo\n"
        + &stamped(&["  other: x", "env:", "  A: b", "##[endgroup]"])
        + &stamped(&["##[group]Run make", "make", "shell: sh", "##[endgroup]"]);
    let expected = [
        "if true; then\n  shell: no head\n\nfi",
        "uses: ./action",
        "uses: owner/name\nwith:\n  script: one\nenv:\ntwo\n  other: x",
        "make",
    ];
    assert_eq!(shown(LogFormat::GitHubActions, raw.as_bytes()), expected);
    let columns = raw.split_inclusive('\n');
    let columns: String = columns.flat_map(|line| ["job\tstep\t", line]).collect();
    let view = shown(LogFormat::GhRunView, columns.as_bytes());
    assert_eq!((view[0].as_str(), view.len()), (expected[0], 4));
    let plain = raw.replace("2022-06-16T22:22:54.2999347Z ", "");
    assert_eq!(
        shown(LogFormat::GitHubActions, plain.as_bytes())[0],
        expected[0]
    );
}

#[test]
fn azure_shows_scripts_before_they_run() {
    let raw = stamped(&[
        "Generating script.",
        "Script contents:",
        "npm ci",
        "npm test",
        "========================== Starting Command Output ===========================",
        "[command]/usr/bin/bash --noprofile --norc /home/vsts/work/_temp/0e79.sh",
        "##[command]git version",
        "echo [command]no",
    ]);
    assert_eq!(
        shown(LogFormat::Azure, raw.as_bytes()),
        ["npm ci\nnpm test", "git version"]
    );
}

#[test]
fn gitlab_joins_what_it_cut() {
    let raw = "2024-07-01T10:00:00.000000Z 01O \x1b[32;1m$ curl --he\n\
               2024-07-01T10:00:00.100000Z 01O+ad x\x1b[0;m\n\
               2024-07-01T10:00:00.200000Z 01O \x1b[32;1m$ if x # collapsed multi-line command\x1b[0;m\n\
               2024-07-01T10:00:00.300000Z 01O   \x1b[32;1m$ indented\x1b[0;m\n\
               2024-07-01T10:00:00.400000Z 01O $ no colour\n";
    assert_eq!(
        shown(LogFormat::GitLabStamped, raw.as_bytes()),
        ["curl --head x", "if x"]
    );
}

#[test]
fn shells_show_commands_at_the_start_of_a_line() {
    let raw =
        b"+ make all\r\n++ inner\na + b\n$ ls -l\necho $ x\n\x1b[1m+ cc\x1b[0m -c\n#7 0.1 + ninja";
    assert_eq!(
        shown(LogFormat::Plain, raw),
        ["make all", "ls -l", "cc -c", "ninja"]
    );
    let raw = b"2016-10-06T00:17:09Z stdout P + ma\n2016-10-06T00:17:09Z stdout F ke\n";
    assert_eq!(shown(LogFormat::Cri, raw), ["make"]);
    let raw = br#"{"log":"+ ma","stream":"stdout"}
{"log":"ke\n","stream":"stdout"}"#;
    assert_eq!(shown(LogFormat::DockerJson, raw), ["make"]);
    assert_eq!(shown(LogFormat::Compose, b"web-1  | + make\n"), ["make"]);
}

#[test]
fn jenkins_tells_folders_and_where_a_command_ends() {
    let raw = b"[app] $ ant -f b.xml\n$ docker top x\n[x] text $ y\n[Pipeline] echo\nhello\n";
    let expected = ["ant -f b.xml", "docker top x", ""];
    assert_eq!(shown(LogFormat::Jenkins, raw), expected);
}

#[test]
fn a_header_may_follow_a_carriage_return() {
    let raw = b"10%\r##[group]Run make\n\x1b[36;1mmake\x1b[0m\n##[endgroup]\n";
    assert_eq!(shown(LogFormat::GitHubActions, raw), ["make"]);
}

#[test]
fn a_long_echo_is_cut() {
    let line = format!("\x1b[36;1m{}\x1b[0m", "x".repeat(999));
    let mut lines = vec!["##[group]Run x"];
    lines.extend(std::iter::repeat_n(line.as_str(), 100));
    let raw = stamped(&lines);
    let shown = shown(LogFormat::GitHubActions, raw.as_bytes());
    assert!((ECHO_REACH / 2..ECHO_REACH).contains(&shown[0].len()));
}

#[test]
fn a_step_of_json_on_one_line() {
    let raw =
        br#"[{"pos":0,"out":"+ make\n"},{"pos":1,"out":"a \"+ b\n"},{"pos":2,"out":"+ cc\n"}]"#;
    let mut found = Vec::new();
    commands(LogFormat::Drone, raw, 0..raw.len(), &mut |at, command| {
        found.push((raw[at], command));
    });
    assert_eq!(found, [(b'+', "make".to_owned()), (b'+', "cc".to_owned())]);
}
