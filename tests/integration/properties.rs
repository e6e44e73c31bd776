//! Invariants over generated logs.

use crate::support::{DETECTOR, fill, scan_with};
use leaksweep::detect::{Detector, Options as DetectOptions};
use leaksweep::rule::{self, Confidence, RuleSet};
use leaksweep::scan::Options;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::LazyLock;

static UNFILTERED: LazyLock<Detector> = LazyLock::new(|| {
    let options = DetectOptions {
        prefilter: false,
        ..DetectOptions::default()
    };
    Detector::new(RuleSet::builtin(), options)
});

/// A second rule of a detector that a built-in rule has too.
const OWN_CREDENTIAL: &str = "vendor: own
name: Own
rules:
  - id: own-credential
    name: a credential of our own
    severity: high
    confidence: medium
    detector: credential
    keywords: [deploy_key]
";

const PIECES: [&str; 21] = [
    "ghp_{base62:30}{crc32}",
    "DB_PASSWORD={base62:18}4",
    "\"apiKey\": \"{base62:32}1\",",
    "postgres://ci:{base62:16}8@db.example.com/app",
    "{base64:90}",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE{base64:60}\n{base64:64}\n-----END RSA PRIVATE KEY-----",
    "{b64:export TOKEN=Zx81kQpLm20vTyRw77}",
    "\u{1b}[36;1mecho {base62:12}\u{1b}[0m",
    "{\\\"token\\\":\\\"{base62:30}2\\\"}",
    "https%3A%2F%2Fu%3A{base62:12}7%40db",
    "##[group]Run make {lower:6}",
    "2025-03-15T10:00:00.1234567Z   NPM_TOKEN: npm_{base62:30}{crc32}",
    "{lower:40} {lower:20}",
    "{hex:40}",
    "AKIA{base32:16} aws_secret_access_key={base64:40}",
    "word word word",
    "<password>\n  {base62:18}3\n</password>",
    "\"name\": \"DB_PASSWORD\",\n\"value\": \"{base62:18}5\", \"token\": \"{base62:30}6\"",
    "abyssale token - '{alnum:38}4x'",
    "<secret>\nghp_{base62:30}{crc32}\n</secret>",
    "machine db.example.com login ci password {base62:16}2",
];

/// What the rules are to find, and what they are not.
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let rules = RuleSet::builtin().rules;
    let of_rule = |rule: &leaksweep::rule::Rule| {
        let texts = &rule.texts;
        let all = texts.examples.iter().chain(&texts.counter_examples);
        all.map(ToString::to_string).collect::<Vec<_>>()
    };
    rules.iter().flat_map(of_rule).collect()
});

/// One text of each list, one behind the other.
fn joined(lists: &[&'static [&'static str]]) -> impl Strategy<Value = String> + use<> {
    let parts: Vec<_> = lists.iter().map(|list| select(*list)).collect();
    parts.prop_map(|parts| parts.concat())
}

/// Values that are one and values that are none under names of every kind, as
/// they are written.
const ASSIGNMENTS: &[&[&str]] = &[
    &[
        "",
        "- name: ",
        "<",
        "\\t",
        "${{",
        "--",
        "{{\"",
        "x ",
        "\"key\": \"",
    ],
    &[
        "db_password",
        "TOKEN",
        "apiKey",
        "token_key",
        "passwd",
        "secret",
        "max_tokens",
    ],
    &[
        "=",
        ": ",
        "\": \"",
        " = '",
        ">",
        " ",
        "\", \"value\": \"",
        "\n  value: ",
        ">\n  ",
        ">{{\"value\":\n  ",
        " := \"",
        " \\\"",
        ", \"",
    ],
    &[
        "{base62:18}4",
        "***",
        "${{{{ secrets.A }}}}",
        "os.environ[A]",
        "",
        "true",
        "changeme",
        "2024-01-01",
        "abcdefgh1234567",
        "{base62:10} {base62:16}7",
        "{hex:40}",
        "lemon",
        "/a/b",
        "6f9619ff-8b86-1d11-b42d-00c04fc964ff",
    ],
    &["", "\"", "'", "</", ".", "\r"],
];

/// URLs, commands and vendors' words with what is a password and what is none.
const PLACED: &[&[&str]] = &[
    &[
        "postgres://ci:",
        "docker login -u ci -p ",
        "curl -u ci:",
        "mysql -p",
        "datadog api key ",
        "the datadog API\nkey=",
    ],
    &[
        "{base62:18}4",
        "$A",
        "***",
        "changeme",
        "{hex:32}",
        "{hex:40}",
        "example1234567",
    ],
    &["", "@host", " host", "\""],
];

fn template() -> impl Strategy<Value = String> {
    let piece = (0..PIECES.len()).prop_map(|index| {
        PIECES[index]
            .replace("{\\", "{{\\")
            .replace("\\\"}", "\\\"}}")
    });
    let example = (0..EXAMPLES.len()).prop_map(|index| EXAMPLES[index].clone());
    prop_oneof![piece, example, joined(ASSIGNMENTS), joined(PLACED)]
}

pub(crate) fn logs() -> impl Strategy<Value = Vec<u8>> {
    let piece = (
        template(),
        any::<u64>(),
        prop::sample::select(vec![
            "\n",
            " ",
            "\r\n",
            "\n\n",
            "",
            "\t",
            "_",
            ".",
            "\u{1b}[0m",
        ]),
    );
    prop::collection::vec(piece, 0..40).prop_map(|pieces| {
        let parts = pieces
            .into_iter()
            .map(|(template, seed, end)| fill(&template, seed) + end);
        parts.collect::<String>().into_bytes()
    })
}

/// A short log, and its lines in another order with some of them left out.
fn with_shuffled_lines() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let short = logs().prop_map(|log| log[..log.len().min(1200)].to_vec());
    short.prop_flat_map(|log| {
        let lines: Vec<Vec<u8>> = log
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        let some = prop::sample::subsequence(lines.clone(), 0..=lines.len());
        let others = some.prop_shuffle().prop_map(|lines| lines.join(&b'\n'));
        (Just(log), others)
    })
}

fn options() -> Options<'static> {
    Options {
        min_confidence: Confidence::Low,
        ..Options::default()
    }
}

/// `PROPTEST_CASES` for long runs by people.
pub(crate) fn cases() -> u32 {
    let given = std::env::var("PROPTEST_CASES").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(24)
}

/// What is assigned in an object that goes on below.
#[test]
fn the_prefilter_finds_what_stands_below_an_open_object() {
    let value = fill("{base62:18}4", 1);
    let log = format!("<username_password>{{\"value\":\n  {value}\n");
    let with = scan_with(&DETECTOR, log.as_bytes(), &options()).outcome;
    let without = scan_with(&UNFILTERED, log.as_bytes(), &options()).outcome;
    assert_eq!(with, without);
    assert_eq!(with.findings.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn findings_do_not_depend_on_cuts(log in logs(), block in 64usize..3000) {
        let whole = scan_with(&DETECTOR, &log, &options());
        let cut = scan_with(&DETECTOR, &log, &Options { block, ..options() });
        prop_assert_eq!(whole.outcome, cut.outcome);
    }

    #[test]
    fn the_prefilter_has_no_false_negatives(log in logs()) {
        let log = &log[..log.len().min(1200)];
        let with = scan_with(&DETECTOR, log, &options());
        let without = scan_with(&UNFILTERED, log, &options());
        prop_assert_eq!(with.outcome, without.outcome);
    }

    /// Lines that were seen before, with others around them, are passed over.
    #[test]
    fn what_was_seen_before_changes_nothing((log, others) in with_shuffled_lines()) {
        let detector = Detector::new(RuleSet::builtin(), DetectOptions::default());
        scan_with(&detector, &others, &options());
        let seen = scan_with(&detector, &log, &options());
        let anew = scan_with(&UNFILTERED, &log, &options());
        prop_assert_eq!(seen.outcome, anew.outcome);
    }

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        let scanned = scan_with(&DETECTOR, &bytes, &options());
        prop_assert_eq!(scanned.outcome.summary.bytes, bytes.len() as u64);
    }
}

/// What stands in a bare value of more than 4 KiB is no name to the rule that found the
/// value, but to others it is, also to such as find the same.
#[test]
fn the_prefilter_finds_what_stands_in_long_values() {
    let detectors = [true, false].map(|prefilter| {
        let mut rules = RuleSet::builtin();
        let own = rule::parse(OWN_CREDENTIAL, "own.yaml").unwrap();
        rules.extend(vec![own]);
        let options = DetectOptions {
            prefilter,
            ..DetectOptions::default()
        };
        Detector::new(rules, options)
    });
    let bare = "token=".repeat(700);
    let dotted = "x.".repeat(2100);
    let prose = "a word and more of them, ".repeat(170);
    let quoted = format!("{dotted}:password=\"{prose}");
    for (outer, long, inner) in [
        ("token=", &bare, "password="),
        ("token_pass=", &bare, "api_token="),
        ("count=", &bare, "api_token="),
        ("bypass=", &dotted, "password="),
        ("bypass=", &quoted, "password="),
        ("auth_token=\"", &prose, "deploy_key="),
        ("auth_token=", &dotted, "deploy_key="),
    ] {
        let value = |seed| fill("{base62:18}4", seed);
        let (first, second) = (value(1), value(2));
        let log = format!("{outer}{long}{inner}{first}; {inner}{second} and more\n");
        let [with, without] = detectors
            .each_ref()
            .map(|detector| scan_with(detector, log.as_bytes(), &options()).outcome);
        assert_eq!(with, without, "{outer} {inner}");
        assert!(!with.findings.is_empty(), "{outer} {inner}");
    }
}
