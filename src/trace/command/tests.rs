use super::*;
use crate::detect::Options as DetectOptions;
use crate::rule::template::{Seed, expand};
use crate::rule::{Confidence, RuleSet};
use crate::source;
use proptest::prelude::*;
use std::sync::LazyLock;

static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(RuleSet::builtin(), DetectOptions::default()));

fn fill(template: &str, seed: u64) -> String {
    expand(template, &mut Seed::of(seed, template)).unwrap()
}

fn told(log: &str, repository: Option<&str>) -> Vec<Echo> {
    let origin = Origin::new("0_build.txt");
    let sources = [source::held(origin.clone(), log)];
    let mut found = commands(&DETECTOR, &sources, &scan::Options::default(), repository);
    found.remove(&origin).unwrap_or_default()
}

/// A step of GitHub Actions that runs these lines.
fn script(lines: &[&str]) -> String {
    let shown = lines
        .iter()
        .map(|line| format!("\x1b[36;1m{line}\x1b[0m\n"));
    let shown = shown.collect::<Vec<_>>().concat();
    let end = "shell: /usr/bin/bash -e {0}\n##[endgroup]\n";
    stamped(&format!("##[group]Run {}\n{shown}{end}", lines[0]))
}

fn stamped(lines: &str) -> String {
    behind("2022-06-16T22:22:54.2999347Z ", lines)
}

fn behind(prefix: &str, lines: &str) -> String {
    let lines = lines.split_inclusive('\n');
    lines.flat_map(|line| [prefix, line]).collect()
}

fn one(lines: &[&str], repository: &str) -> Echo {
    told(&script(lines), Some(repository)).remove(0)
}

#[test]
fn a_copy_with_another_key_layout_and_repository_is_the_same() {
    let (first, second) = (
        fill("ghp_{base62:30}{crc32}", 1),
        fill("ghp_{base62:30}{crc32}", 2),
    );
    let original = one(
        &[
            "# publish",
            &format!("curl -H \"Authorization: token {first}\" \\"),
            "  https://api.github.com/repos/acme/shop/actions/runs/6789012345",
            "cat \"${OUT}\" /home/runner/work/shop/shop/a.txt",
        ],
        "acme/shop",
    );
    let copy = one(
        &[
            &format!(
                "curl   -H \"Authorization: token {second}\" https://api.github.com/repos/other/cart/actions/runs/71"
            ),
            "",
            "cat $OUT /home/runner/work/cart/cart/a.txt   # show",
        ],
        "other/cart",
    );
    let expected = "curl -H \"Authorization: token ***\" https://api.github.com/repos/REPO/actions/runs/N\n\
                    cat $OUT WORKSPACE/a.txt";
    assert_eq!(original.text, expected);
    assert_eq!((copy.text.as_str(), copy.digest.len()), (expected, 16));
    assert_eq!((&copy.digest, copy.own), (&original.digest, true));
    let masked = one(
        &[
            "curl -H \"Authorization: token ***\" https://api.github.com/repos/a/b/actions/runs/1",
            "cat $OUT /home/runner/work/b/b/a.txt",
        ],
        "a/b",
    );
    assert_eq!(masked.digest, original.digest, "the mask of GitHub is ours");
    let different = one(
        &[
            "curl -H \"Authorization: token ***\" https://api.github.com/repos/a/b/actions/jobs/1",
            "cat $OUT /home/runner/work/b/b/a.txt",
        ],
        "a/b",
    );
    assert_ne!(different.digest, original.digest);
}

#[test]
fn the_repository_is_what_the_log_checks_out() {
    let checkout =
        "##[group]Run actions/checkout@v4\nwith:\n  repository: acme/shop\n##[endgroup]\n";
    let log = stamped(checkout) + &script(&["docker push ghcr.io/acme/shop:1.2"]);
    let echoes = told(&log, None);
    assert_eq!(
        echoes[0].text,
        "uses: actions/checkout\nwith:\nrepository: REPO"
    );
    assert!(!echoes[0].own);
    assert_eq!(echoes[1].text, "docker push ghcr.io/REPO:N");
}

#[test]
fn what_is_left_of_a_command() {
    let names = Names::of(Some("acme/shop"), &std::iter::once("acme/shop"));
    for (command, expected) in [
        ("make   -j4  ALL=1", "make -j4 ALL=N"),
        ("echo \"a  # b\" '#c' d#e # f", "echo \"a # b\" '#c' d#e"),
        ("\n#!/bin/sh\n  \nls\n", "ls"),
        (
            "sha256sum x86_64 python3.9 v1.2.3 10.0.0.1",
            "sha256sum x86_64 python3.N N N",
        ),
        (
            "x 2>&1 $1 >9 deadbee 0a1b2c3 12f",
            "x 2>&1 $1 >N deadbee N 12f",
        ),
        (
            "run ${A}${B} \"${C}\" \"a b\" '$d'",
            "run $A$B $C \"a b\" '$d'",
        ),
        (
            "login -p ******** [MASKED] [secure] *",
            "login -p *** *** *** *",
        ),
        (
            "cat /tmp/tmp.AbCdEf12 /tmp/x7.log /tmp/own",
            "cat TMP TMP /tmp/own",
        ),
        (
            "sh /home/runner/work/_temp/abc.sh D:\\a\\_temp\\x.ps1",
            "sh TMP TMP",
        ),
        (
            "cd /builds/group/app/src && cd /home/travis/build/o/r",
            "cd WORKSPACE/src && cd WORKSPACE",
        ),
        (
            "cd /Users/vsts/agent/2.1/work/1/s/x D:\\a\\r\\r\\y",
            "cd WORKSPACE/x WORKSPACE\\y",
        ),
        (
            "git clone https://github.com/Acme/Shop.git",
            "git clone https://github.com/REPO",
        ),
        (
            "git clone https://github.com/acme/shop-web",
            "git clone https://github.com/acme/shop-web",
        ),
        (
            "docker run hub/shop:latest shop",
            "docker run hub/REPO:latest shop",
        ),
        (
            "uses: a/b\nwith:\n  x: true\n  y: 12\n  z: on",
            "uses: a/b\nwith:\nz: on",
        ),
    ] {
        assert_eq!(normal::normal(command, &names), expected);
    }
}

#[test]
fn what_runs_everywhere_says_nothing_of_its_own() {
    for command in [
        "npm ci",
        "sudo apt-get update && sudo apt-get install -y gcc",
        "CI=true yarn test --coverage; make all || exit N",
        "cd a\n./gradlew build\npython -m pytest -v\nbash ci/build.sh",
        "export TERM=dumb\necho \"all done\"",
        "uses: actions/checkout\nwith:\nrepository: REPO\ntoken: ***",
        "uses: ./action",
    ] {
        assert!(!own::says_something(command), "{command}");
    }
    for command in [
        "printenv",
        "npm ci\ncat .env",
        "echo $TOKEN",
        "npm config set //r/:_authToken ***",
        "git log | head",
        "curl https://a.example",
        "uses: a/ssh\nwith:\nhost: x\nscript: cat .env",
        "uses: a/ssh\nwith:\nscript: ls\ncat .env",
    ] {
        assert!(own::says_something(command), "{command}");
    }
}

/// Where a scan finds the only secret of a log first.
fn place(log: &str) -> Place {
    let sources = [source::held(Origin::new("0_build.txt"), log)];
    let options = scan::Options {
        min_confidence: Confidence::Low,
        ..Default::default()
    };
    let findings = scan::scan(&DETECTOR, &sources, &options).outcome.findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings[0].place.clone()
}

fn printed_by(log: &str) -> Option<String> {
    at(&told(log, None), &place(log)).map(|echo| echo.text.clone())
}

#[test]
fn a_secret_belongs_to_the_command_above_it_in_its_step() {
    let key = fill("ghp_{base62:30}{crc32}", 3);
    let key_line = stamped(&format!("key {key}\n"));
    let (a, b) = (script(&["./a.sh"]), script(&["./b.sh"]));
    assert_eq!(printed_by(&format!("{key_line}{a}")), None);
    assert_eq!(
        printed_by(&format!("{a}{key_line}{b}")).as_deref(),
        Some("./a.sh")
    );
    assert_eq!(
        printed_by(&format!("{a}{b}{key_line}")).as_deref(),
        Some("./b.sh")
    );
    let post = stamped("Post job cleanup.\n");
    assert_eq!(printed_by(&format!("{a}{post}{key_line}")), None);
    let shown = script(&[&format!("curl -d {key} x")]);
    assert_eq!(printed_by(&shown).as_deref(), Some("curl -d *** x"));
    let columns = |step: &str, lines: &str| behind(&format!("build\t{step}\t"), lines);
    let view = |step| columns("Run a", &a) + &columns(step, &key_line);
    assert_eq!(printed_by(&view("Run a")).as_deref(), Some("./a.sh"));
    assert_eq!(printed_by(&view("Complete job")), None);
}

#[test]
fn where_a_log_is_one_line_columns_tell() {
    let key = fill("ghp_{base62:30}{crc32}", 4);
    let log = format!(
        r#"[{{"pos":0,"out":"+ make\n"}},{{"pos":1,"out":"{key}\n"}},{{"pos":2,"out":"+ cc\n"}}]"#
    );
    assert_eq!(printed_by(&log).as_deref(), Some("make"));
    let log = format!("Started by timer\n[Pipeline] sh\n+ make\n[Pipeline] echo\n{key}\n");
    assert_eq!(printed_by(&log), None);
}

#[test]
fn lines_are_counted_through_all_blocks() {
    let mut log = String::from("Started by timer\n");
    let mut expected = Vec::new();
    for number in 0..40_000_u64 {
        log += "a line of output that a program printed, and nothing else in it at all\n";
        if number % 997 == 0 {
            expected.push((
                number + 2 + expected.len() as u64 + 1,
                format!("+ cat t{number}x"),
            ));
            log.extend(["+ cat t", &number.to_string(), "x\n"]);
        }
    }
    assert!(log.len() > 2 << 20);
    let found = told(&log, None);
    let found: Vec<_> = found
        .iter()
        .map(|echo| (echo.line, format!("+ {}", echo.text)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_secret_at_the_cut_is_not_shown_in_part() {
    let key = fill("ghp_{base62:30}{crc32}", 5);
    for before in [2040, (16 << 10) - 10, (16 << 10) - 36] {
        let word = "x ".repeat(before / 2);
        let text = mask::masked(&DETECTOR, &format!("{word}{key} {key}"));
        assert!(!text.contains(&key[..12]), "{before}");
    }
}

#[test]
fn a_value_is_masked_wherever_it_stands() {
    let value = fill("{base62:20}", 6);
    let text = format!("export DB_PASSWORD={value}\necho {value} | base64");
    let expected = "export DB_PASSWORD=***\necho *** | base64";
    assert_eq!(mask::masked(&DETECTOR, &text), expected);
}

/// Secrets as people put them into commands.
const SECRETS: [&str; 6] = [
    "ghp_{base62:30}{crc32}",
    "export DB_PASSWORD={base62:20}",
    "mysql -u root --password={base62:18} db",
    "curl -H 'Authorization: Bearer {base62:40}' x",
    "https://bot:{base62:24}@a.example/r.git",
    "aws_secret_access_key = {base64:40}",
];

fn scripts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\n",
        "\n",
        " ",
        "  ",
        "\\\n",
        "# note",
        "\"",
        "'",
        "$",
        "${A}",
        "é",
        "***",
        "|",
        "&&",
        "cat",
        "12",
        "0a1b2c3d",
        "/tmp/",
        "/builds/a/b",
        "uses: ",
        "with:\n",
        "a/b",
        "x=",
        "[MASKED]",
        "\t",
        "\u{2028}",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn normal_takes_anything_and_leaves_nothing_to_do(script in scripts()) {
        let names = Names::of(Some("a/b"), &std::iter::once("a/b"));
        let text = normal::normal(&script, &names);
        prop_assert!(text.lines().all(|line| line.trim() == line && !line.is_empty()));
        own::says_something(&text);
    }

    #[test]
    fn no_secret_is_in_a_text(before in scripts(), after in scripts(), which in 0..SECRETS.len(), seed: u64) {
        let template = SECRETS[which];
        let secret = fill(template, seed);
        let fixed = template.split('{').next().unwrap().len();
        let value = &secret[fixed..=secret.len() - template.len() + template.rfind('}').unwrap()];
        let text = mask::masked(&DETECTOR, &format!("{before}\n{secret}\n{after}\n{secret}"));
        prop_assert!(!text.contains(value), "{}", template);
    }
}
