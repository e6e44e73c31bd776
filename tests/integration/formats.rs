//! Token kinds × log formats whose records are joined, decoded or interleaved.

use crate::cases::TOKENS;
use crate::support::{DETECTOR, fill, findings, scan_of};
use data_encoding::BASE64;
use leaksweep::log::{LogFormat, recognise};
use leaksweep::rule::Confidence;
use leaksweep::scan::Options;
use std::time::Duration;

const ESC: char = '\u{1b}';

/// A log that holds one token.
struct Log {
    format: LogFormat,
    text: String,
    /// Raw offset of the token's first byte.
    at: usize,
    logged_at: Option<&'static str>,
    step: Option<&'static str>,
}

impl Log {
    /// `@` in `text` is where `raw`, which begins the token or is it, goes.
    fn new(format: LogFormat, text: &str, raw: &str) -> Self {
        Self {
            format,
            at: text.find('@').unwrap(),
            text: text.replacen('@', raw, 1),
            logged_at: None,
            step: None,
        }
    }

    fn at_time(self, time: &'static str) -> Self {
        Self {
            logged_at: Some(time),
            ..self
        }
    }

    fn in_step(self, step: &'static str) -> Self {
        Self {
            step: Some(step),
            ..self
        }
    }
}

fn gitlab(token: &str) -> Log {
    let text = format!(
        "{ESC}[0KRunning with gitlab-runner 17.2.0 (abc)\n\
         section_start:1719828001:prepare_script[collapsed=true]\r{ESC}[0K{ESC}[36;1mPreparing{ESC}[0;m\n\
         section_end:1719828002:prepare_script\r{ESC}[0Ksection_start:1719828002:build_script\r\
         {ESC}[0K{ESC}[32;1m$ echo @{ESC}[0;m\n\
         done\n"
    );
    Log::new(LogFormat::GitLab, &text, token).in_step("build_script")
}

fn gitlab_progress(token: &str) -> Log {
    let text = format!("{ESC}[0KRunning with gitlab-runner 17.2.0 (abc)\n10%\r20%\r@\r\ndone\r\n");
    Log::new(LogFormat::GitLab, &text, token)
}

fn buildkite(token: &str) -> Log {
    let stamp = |millis: u64| format!("{ESC}_bk;t={millis}\u{7}");
    let text = format!(
        "{}--- :hammer: Build\r\n{}{ESC}[90m$ {ESC}[0mecho @\r\n{}done\r\n",
        stamp(1_745_322_209_920),
        stamp(1_745_322_209_921),
        stamp(1_745_322_209_922)
    );
    Log::new(LogFormat::Buildkite, &text, token)
        .at_time("2025-04-22T11:43:29.921Z")
        .in_step(":hammer: Build")
}

fn travis(token: &str) -> Log {
    let text = format!(
        "travis_fold:start:worker_info\r{ESC}[0KWorker information\n\
         travis_fold:end:worker_info\r{ESC}[0Ktravis_fold:start:install.1\r{ESC}[0K\
         travis_time:start:0a1b2c3d\r{ESC}[0K$ login @\n\
         ok\n"
    );
    Log::new(LogFormat::Travis, &text, token).in_step("install.1")
}

fn halves(token: &str) -> (&str, &str) {
    token.split_at(token.len() / 2)
}

fn gitlab_stamped(token: &str) -> Log {
    let (head, tail) = halves(token);
    let text = format!(
        "2024-07-01T10:00:00.000000Z 00O section_start:1719828001:build_script\r{ESC}[0K\n\
         2024-07-01T10:00:01.000000Z 01O the token is @\n\
         2024-07-01T10:00:02.000000Z 01E warning: deprecated\n\
         2024-07-01T10:00:03.000000Z 01O+{tail} and no more\n\
         2024-07-01T10:00:04.000000Z 01O done\n"
    );
    Log::new(LogFormat::GitLabStamped, &text, head)
        .at_time("2024-07-01T10:00:01.000000Z")
        .in_step("build_script")
}

fn cri(token: &str) -> Log {
    let (head, tail) = halves(token);
    let text = format!(
        "2024-07-01T10:00:00.1Z stdout F first\n\
         2024-07-01T10:00:01.1Z stdout P the token is @\n\
         2024-07-01T10:00:02.1Z stderr F warning: deprecated\n\
         2024-07-01T10:00:03.1Z stdout F {tail} and no more\n"
    );
    Log::new(LogFormat::Cri, &text, head).at_time("2024-07-01T10:00:01.1Z")
}

/// Where the first part of the token stands in a record that is not its line's first.
fn cri_in_the_second_part(token: &str) -> Log {
    let text = "2024-07-01T10:00:00.1Z stdout P the token \n\
                2024-07-01T10:00:01.1Z stdout P is @\n\
                2024-07-01T10:00:02.1Z stdout F  and no more\n";
    Log::new(LogFormat::Cri, text, token).at_time("2024-07-01T10:00:01.1Z")
}

fn docker_json(token: &str) -> Log {
    let text = "{\"log\":\"first\\n\",\"stream\":\"stdout\",\"time\":\"2024-05-01T00:00:00.1Z\"}\n\
                {\"log\":\"\\u001b[1m\\\"@\\\"\\u001b[0m\\n\",\"stream\":\"stdout\",\"time\":\"2024-05-01T00:00:01.1Z\"}\n\
                {\"log\":\"last\\n\",\"stream\":\"stdout\",\"time\":\"2024-05-01T00:00:02.1Z\"}\n";
    Log::new(LogFormat::DockerJson, text, token).at_time("2024-05-01T00:00:01.1Z")
}

fn docker_json_split(token: &str) -> Log {
    let (head, tail) = halves(token);
    let text = format!(
        "{{\"log\":\"the token is @\",\"stream\":\"stdout\",\"time\":\"2024-05-01T00:00:00.1Z\"}}\n\
         {{\"log\":\"warning\\n\",\"stream\":\"stderr\",\"time\":\"2024-05-01T00:00:01.1Z\"}}\n\
         {{\"log\":\"{tail} and no more\\n\",\"stream\":\"stdout\",\"time\":\"2024-05-01T00:00:02.1Z\"}}\n"
    );
    Log::new(LogFormat::DockerJson, &text, head).at_time("2024-05-01T00:00:00.1Z")
}

fn circleci(token: &str) -> Log {
    let (head, tail) = halves(token);
    let text = format!(
        "[{{\"message\":\"make\\r\\n\",\"time\":\"2024-03-01T00:00:00.5Z\",\"type\":\"out\"}},\n\
         {{\"message\":\"the token is \\u001b[32m@\",\"time\":\"2024-03-01T00:00:01.5Z\",\"type\":\"out\"}},\
         {{\"message\":\"warning\\r\\n\",\"time\":\"2024-03-01T00:00:02.5Z\",\"type\":\"err\"}},\
         {{\"message\":\"{tail}\\u001b[0m\\r\\ndone\\r\\n\",\"time\":\"2024-03-01T00:00:03.5Z\",\"type\":\"out\"}}]"
    );
    Log::new(LogFormat::CircleCi, &text, head).at_time("2024-03-01T00:00:01.5Z")
}

fn drone(token: &str) -> Log {
    let text = "[{\"pos\":0,\"out\":\"+ make\\n\",\"time\":0},{\"pos\":1,\"out\":\"\\u003ca\\u003e\\\"@\\\"\\n\",\"time\":1},\
                {\"pos\":2,\"out\":\"done\\n\",\"time\":1}]";
    Log::new(LogFormat::Drone, text, token)
}

/// Three bytes of text stand in four characters of base64, and the span starts at those.
fn woodpecker(token: &str) -> Log {
    let line = format!("the token is {token} and no more");
    let encoded = BASE64.encode(line.as_bytes());
    let text = format!(
        "[{{\"id\":0,\"step_id\":7,\"time\":0,\"line\":0,\"data\":\"{}\",\"type\":0}},\
         {{\"id\":1,\"step_id\":7,\"time\":1,\"line\":1,\"data\":\"@\",\"type\":0}}]",
        BASE64.encode(b"+ make")
    );
    let log = Log::new(LogFormat::Woodpecker, &text, &encoded);
    Log {
        at: log.at + line.find(token).unwrap() / 3 * 4,
        ..log
    }
}

fn compose(token: &str) -> Log {
    let text = format!(
        "{ESC}[36mweb-1  | {ESC}[0m2024-05-01T00:00:00.5Z listening\n\
         {ESC}[33mdb-1   | {ESC}[0m2024-05-01T00:00:01.5Z the token is @\n\
         web-1  | 2024-05-01T00:00:02.5Z GET /\n"
    );
    Log::new(LogFormat::Compose, &text, token)
        .at_time("2024-05-01T00:00:01.5Z")
        .in_step("db-1")
}

type Generator = fn(&str) -> Log;

const GENERATORS: [(&str, Generator); 13] = [
    ("gitlab sections", gitlab),
    ("gitlab progress", gitlab_progress),
    ("buildkite", buildkite),
    ("travis", travis),
    ("gitlab stamped", gitlab_stamped),
    ("cri", cri),
    ("cri, second part", cri_in_the_second_part),
    ("docker json", docker_json),
    ("docker json split", docker_json_split),
    ("circleci", circleci),
    ("drone", drone),
    ("woodpecker", woodpecker),
    ("compose", compose),
];

/// What is wrong with what a scan finds in `log`.
fn fault(log: &Log) -> Option<String> {
    let found = findings(log.text.as_bytes(), None);
    let [finding] = found.as_slice() else {
        let rules: Vec<_> = found.iter().map(|one| &one.rule_id).collect();
        return Some(format!("found {rules:?}"));
    };
    let place = &finding.place;
    let line = 1 + log.text[..log.at].matches('\n').count() as u64;
    let checks = [
        ("rule", !finding.rule_id.is_empty()),
        ("places", finding.places.is_empty()),
        ("start", place.byte_start == log.at as u64),
        ("line", place.line == line),
        ("ci", place.ci.as_deref() == log.format.ci()),
        ("logged_at", place.logged_at.as_deref() == log.logged_at),
        ("step", place.step.as_deref() == log.step),
    ];
    let wrong: Vec<_> = checks.iter().filter(|(_, good)| !good).collect();
    (!wrong.is_empty()).then(|| format!("wrong {wrong:?}: {place:?}, log {}", log.at))
}

#[test]
fn every_token_is_found_once_in_every_format() {
    let mut faults = Vec::new();
    let mut count = 0;
    for (seed, (kind, template)) in TOKENS.iter().enumerate() {
        let token = fill(template, seed as u64);
        for (name, generate) in GENERATORS {
            let log = generate(&token);
            assert_eq!(recognise(log.text.as_bytes(), ""), log.format, "{name}");
            count += 1;
            faults.extend(fault(&log).map(|fault| format!("{kind} in {name}: {fault}")));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {count}: {faults:#?}",
        faults.len()
    );
    assert_eq!(count, 10 * 13);
}

/// A log that may still be written to is read once; what stands before a finding in
/// another is read again.
#[test]
fn job_and_step_stand_many_blocks_before() {
    let token = fill("ghp_{base62:30}{crc32}", 3);
    let github = |text: &str| format!("2025-03-15T10:00:00.1234567Z {text}\n");
    let start = github("Complete job name: build") + &github("##[group]Run make");
    let lines = github("compiling the next one of them").repeat(200);
    let gitlab = gitlab(&token).text;
    let (opened, rest) = gitlab.split_at(gitlab.find('\n').unwrap() + 1);
    let logs = [
        (
            start + &lines + &github(&token) + &lines,
            Some("build"),
            "Run make",
        ),
        (
            format!("{opened}{}{rest}", "compiling\n".repeat(200)),
            None,
            "build_script",
        ),
    ];
    for (log, job, step) in logs {
        for (age, block) in [
            (0, 256),
            (0, 1 << 20),
            (3600, 256),
            (3600, 700),
            (3600, 1 << 20),
        ] {
            let options = Options {
                block,
                min_confidence: Confidence::Low,
                ..Options::default()
            };
            let age = Duration::from_secs(age);
            let found = scan_of(age, &DETECTOR, log.as_bytes(), &options)
                .outcome
                .findings;
            let [finding] = found.as_slice() else {
                panic!("{} findings", found.len());
            };
            let place = (finding.place.job.as_deref(), finding.place.step.as_deref());
            assert_eq!(place, (job, Some(step)), "blocks of {block}, {age:?} old");
        }
    }
}

/// Two steps of buildx print side by side, one of them a key.
#[test]
fn a_key_and_a_token_in_interleaved_streams() {
    let dashes = "-".repeat(5);
    let mut count = 0;
    for (seed, (kind, template)) in TOKENS.iter().enumerate() {
        let token = fill(template, seed as u64);
        let body = fill("{base64:64}", 7);
        let lines = [
            "#12 [2/4] RUN cat key".to_owned(),
            format!("#12 0.101 {dashes}BEGIN RSA PRIVATE KEY{dashes}"),
            format!("#12 0.102 {}", fill("MIIE{base64:60}", 7)),
            "#13 0.103 warning: deprecated".to_owned(),
            format!("#12 0.104 {body}"),
            format!("#12 0.105 {dashes}END RSA PRIVATE KEY{dashes}"),
            "#12 DONE 0.2s".to_owned(),
            format!("#13 0.206 the token is {token}"),
        ];
        let stamped = lines
            .iter()
            .enumerate()
            .map(|(n, line)| format!("2025-03-15T10:00:0{n}.1234567Z {line}\n"));
        let text: String = stamped.collect();
        let found = findings(text.as_bytes(), None);
        let places: Vec<_> = found
            .iter()
            .map(|one| (one.place.line, one.place.byte_start, one.place.end_line))
            .collect();
        let at = |needle: &str| text.find(needle).unwrap() as u64;
        let expected = [(2, at(&format!("{dashes}BEGIN")), 6), (8, at(&token), 8)];
        assert_eq!(places, expected, "{kind}");
        assert_eq!(found[0].rule_id, "private-key");
        let time = found[1].place.logged_at.as_deref();
        assert_eq!(time, Some("2025-03-15T10:00:07.1234567Z"));
        assert_eq!(found[1].place.ci.as_deref(), Some("github-actions"));
        count += 1;
    }
    assert_eq!(count, 10);
}

#[test]
fn a_token_that_another_stream_prints_inside_a_key() {
    let dashes = "-----";
    let token = crate::support::fill("ghp_{base62:30}{crc32}", 3);
    let lines = [
        format!("#12 0.1 {dashes}BEGIN RSA PRIVATE KEY{dashes}"),
        crate::support::fill("#12 0.2 MIIE{base64:60}", 4),
        format!("#13 0.2 the token is {token}"),
        crate::support::fill("#12 0.3 {base64:64}", 5),
        format!("#12 0.4 {dashes}END RSA PRIVATE KEY{dashes}"),
    ];
    let log: String = lines
        .iter()
        .map(|line| format!("2025-03-15T10:00:00.1234567Z {line}\n"))
        .collect();
    let found = crate::support::findings(log.as_bytes(), None);
    let places: Vec<_> = found
        .iter()
        .map(|hit| (hit.rule_id.as_str(), hit.place.line))
        .collect();
    assert_eq!(places, [("private-key", 1), ("github-pat", 3)]);
}
