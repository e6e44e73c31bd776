use super::{Config, ConfigError};
use crate::rule::{Confidence, Severity};
use std::path::{Path, PathBuf};

fn parse(body: &str) -> Result<Config, ConfigError> {
    Config::parse(&format!("version: 1\n{body}"), "ci/leaksweep.yaml")
}

/// The message about `version: 1` and `body`, which must hold a hint.
fn refused(body: &str) -> String {
    let error = parse(body).unwrap_err().to_string();
    assert!(error.contains("\nhint: "), "{body}: {error}");
    error
}

#[track_caller]
fn assert_refused(body: &str, place: &str, words: &str) {
    let error = refused(body);
    let start = format!("failed to use ci/leaksweep.yaml:{place}: ");
    assert!(error.starts_with(&start), "{body}: {error}");
    assert!(error.contains(words), "{body}: {error}");
}

#[test]
fn every_key_is_read() {
    let config = parse(
        "rules: [a.yaml]\ndisable: [generic-password]\nscan:\n  min_confidence: medium\n\
         \x20 fail_on: low\n  include: ['**/*.txt']\n  exclude: ['*.bin']\n  max_depth: 2\n\
         allow:\n  - {path: 'x/**', reason: r, expires: 2027-01-31}\n",
    )
    .unwrap();
    assert_eq!(config.scan.min_confidence, Some(Confidence::Medium));
    assert_eq!(config.scan.fail_on, Some(Severity::Low));
    assert_eq!(config.scan.max_depth, Some(2));
    assert_eq!(config.scan.include[0].as_str(), "**/*.txt");
    assert_eq!(config.scan.exclude[0].as_str(), "*.bin");
    assert_eq!(config.disable[0].value, "generic-password");
    assert_eq!((config.disable[0].line, config.disable[0].column), (3, 11));
    assert_eq!(config.allow[0].reason, "r");
    assert_eq!(
        config.allow[0].expires,
        Some(jiff::civil::date(2027, 1, 31))
    );
    assert_eq!(config.path(), "ci/leaksweep.yaml");
}

#[test]
fn the_default_changes_nothing() {
    let config = Config::default();
    assert!(config.rules.is_empty() && config.allow.is_empty());
    assert!(config.scan.fail_on.is_none() && config.scan.include.is_empty());
    let builtin = crate::rule::RuleSet::builtin().rules.len();
    assert_eq!(config.rule_set(&[]).unwrap().rules.len(), builtin);
    assert_eq!(parse("").unwrap().rules, config.rules);
}

#[test]
fn unknown_words_are_named_with_place_and_suggestion() {
    assert_refused(
        "disabled: []",
        "2:1",
        "unknown key 'disabled'\nhint: did you mean 'disable'?",
    );
    assert_refused(
        "scan: {fail_on: worst}",
        "2:17",
        "low, medium, high, critical",
    );
    assert_refused(
        "scan:\n  max-depth: 1\n",
        "3:3",
        "did you mean 'max_depth'?",
    );
    assert_refused(
        "allow:\n  - rules: a\n    reason: r\n",
        "3:5",
        "did you mean 'rule'?",
    );
}

#[test]
fn what_has_the_wrong_form_is_refused_with_its_place() {
    assert_refused("scan: 7", "2:7", "expected mapping");
    assert_refused("scan:\n  max_depth: -1", "3:14", "whole number");
    assert_refused("rules: [{a: b}]", "2:9", "expected string");
    assert_refused("rules: [a", "2:8", "unclosed bracket '['\n");
    assert_refused("version: 1", "2:1", "twice");
    assert_refused("---\nversion: 1", "3:1", "single YAML document");
    assert_refused("scan:\n  include: ['[a']\n", "3:13", "glob is not valid");
    assert_refused("scan:\n  exclude: ['']\n", "3:13", "glob is empty");
}

#[test]
fn an_entry_needs_a_condition_and_a_reason() {
    assert_refused("allow:\n  - {reason: r}\n", "3:5", "would allow everything");
    assert_refused("allow:\n  - rule: a\n", "3:5", "'reason' is missing");
    assert_refused(
        "allow:\n  - {rule: a, reason: ' '}\n",
        "3:5",
        "reason is empty",
    );
    assert_refused(
        "allow:\n  - {expires: 2027-01-31, reason: r}\n",
        "3:5",
        "everything",
    );
}

/// An empty condition beside another one would widen the entry unseen.
#[test]
fn an_empty_condition_is_refused() {
    for condition in ["rule", "path", "fingerprint", "value", "expires"] {
        let body = format!("allow:\n  - {{rule: a, {condition}: , reason: r}}\n");
        let body = body.replace("rule: a, rule", "path: a, rule");
        refused(&body);
    }
}

#[test]
fn conditions_are_checked_where_they_stand() {
    let entry = |condition: &str| format!("allow:\n  - reason: r\n    {condition}\n");
    assert_refused(&entry("value: '(['"), "4:12", "unclosed");
    assert_refused(&entry("value: 'a|'"), "4:12", "stray `|`");
    assert_refused(&entry("value: '.*'"), "4:12", "empty text");
    assert_refused(&entry(r"value: '(\w{900}){900}'"), "4:12", "too large");
    assert_refused(&entry("fingerprint: 12ab"), "4:18", "16 to 64");
    assert_refused(
        &entry("fingerprint: 'zz34567890123456'"),
        "4:18",
        "hexadecimal",
    );
    assert_refused(&entry("expires: 2027-02-30"), "4:14", "2027-01-31");
    assert_refused(&entry("expires: 2027-02-03T00:00"), "4:14", "2027-01-31");
    assert_refused(&entry("path: '{a'"), "4:11", "glob is not valid");
}

#[test]
fn digits_alone_are_a_fingerprint() {
    let fits = |prefix: &str| {
        let entry = format!("allow: [{{fingerprint: {prefix}, reason: r}}]");
        let config = parse(&entry).unwrap();
        config.allow[0]
            .fingerprint
            .clone()
            .unwrap()
            .is_match(prefix)
    };
    assert!(fits("1234567890123456") && fits("12345678901234e5") && fits("0000000000000000"));
}

#[test]
fn other_versions_are_refused() {
    let refused = |text| Config::parse(text, "c.yaml").unwrap_err().to_string();
    assert!(refused("version: 2").contains("c.yaml:1:10: this version"));
    assert!(refused("scan: {}").contains("'version' is missing"));
    assert!(refused("").contains("begin with `version: 1`"));
}

#[test]
fn a_wrong_file_is_not_quoted() {
    let value = format!("hunter{}", "2x".repeat(6));
    for text in [
        format!("PASSWORD={value}"),
        format!("version: {value}"),
        format!("version: 1\nscan: {value}"),
        format!("version: 1\nscan: {{fail_on: {value}}}"),
        format!("version: 1\nallow: [{{value: '({value}', reason: r}}]"),
        format!("version: 1\nallow: [{{expires: {value}, reason: r}}]"),
        format!("{value}: 1"),
        format!("version: 1\nrules: \"{value}"),
    ] {
        let error = Config::parse(&text, "c.yaml").unwrap_err();
        assert!(!error.to_string().contains(&value), "{error}");
    }
}

#[test]
fn messages_steer_no_terminal() {
    for body in [
        "\"\\e[31mscan\": 1",
        "scan: {fail_on: \"\\e[31m\"}",
        "disable: ['\u{1b}[31m': 1]",
    ] {
        let error = refused(body);
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!error.contains(steers), "{error:?}");
    }
}

#[test]
fn hostile_yaml_is_refused() {
    let level = |n: usize| format!("  - &a{} [{}]\n", n + 1, format!("*a{n}, ").repeat(9));
    let levels: String = (0..12).map(level).collect();
    let laughs = format!("rules: &a0 [x]\ndisable:\n{levels}");
    for body in [
        laughs,
        format!("rules: {}", "[".repeat(100_000)),
        format!("rules:\n{}", "- ".repeat(100_000)),
        format!("rules: [&a x]\ndisable: [{}]", "*a, ".repeat(100_000)),
        "rules: &a [*a]".to_owned(),
        "rules: *nothing".to_owned(),
        "\0\u{fffe}".to_owned(),
    ] {
        refused(&body);
    }
}

#[test]
fn a_long_text_is_not_multiplied_without_end() {
    let text = "x".repeat(500_000);
    let error = refused(&format!(
        "rules: [&a {text}]\ndisable: [{}]",
        "*a, ".repeat(99_000)
    ));
    assert!(!error.contains("xxx"), "{} bytes", error.len());
}

#[test]
fn a_rule_that_is_not_there_is_an_error() {
    let refused = |body| {
        let error = parse(body).unwrap().rule_set(&[]).unwrap_err();
        error.to_string()
    };
    let error = refused("disable: [generic-pasword]");
    assert!(error.contains("ci/leaksweep.yaml:2:11"), "{error}");
    assert!(
        error.contains("did you mean 'generic-password'?"),
        "{error}"
    );
    let error = refused("allow: [{rule: 'no\u{202e}thing-*', reason: r}]");
    assert!(error.contains("no rule 'no\\u{202e}thing-*'"), "{error}");
    assert!(error.contains("rules list"), "{error}");
}

#[test]
fn disabled_rules_are_left_out() {
    let config = parse("disable: [generic-password]\nallow: [{rule: 'generic-pass*', reason: r}]");
    let set = config.unwrap().rule_set(&[]).unwrap();
    assert!(set.get("generic-password").is_none());
    assert!(set.get("generic-credential").is_some());
}

const RULES: &str = "vendor: acme\nname: Acme\nrules:\n  - id: acme-key\n    name: k\n    severity: low\n    confidence: low\n    keywords: [acme_]\n    pattern: 'acme_[a-z]{9}'\n";

/// A folder with a configuration that names `rules.yaml`.
fn folder(rules: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leaksweep.yaml");
    std::fs::write(folder.path().join("rules.yaml"), rules).unwrap();
    std::fs::write(
        &path,
        "version: 1\nrules: [rules.yaml]\ndisable: [acme-key]\n",
    )
    .unwrap();
    (folder, path)
}

#[test]
fn rules_are_found_beside_the_configuration() {
    let (_folder, path) = folder(&(RULES.to_owned() + &RULES[31..].replace("acme-key", "acme-b")));
    let set = Config::load(&path).unwrap().rule_set(&[]).unwrap();
    assert!(set.get("acme-b").is_some() && set.get("acme-key").is_none());
    let more = path.with_file_name("rules.yaml");
    let config = parse("disable: [acme-b]").unwrap();
    assert!(config.rule_set(&[more]).unwrap().get("acme-key").is_some());
}

#[test]
fn rules_that_are_refused_name_both_files() {
    let (_folder, path) = folder("vendor: [");
    let error = Config::load(&path).unwrap().rule_set(&[]).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("leaksweep.yaml:2:9: failed to parse"),
        "{error}"
    );
    assert!(error.contains("rules.yaml"), "{error}");
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.yaml");
    std::fs::write(&large, "#".repeat((1 << 20) + 1)).unwrap();
    for (path, words) in [
        (Path::new("no/such/file.yaml"), "no/such/file.yaml"),
        (folder.path(), "failed to read"),
        (&large, "larger than 1 MiB"),
    ] {
        let error = Config::load(path).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("hint: "), "{error}");
    }
}

#[test]
fn the_example_parses_and_names_real_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/leaksweep.example.yaml");
    let config = Config::load(&path).unwrap();
    assert!(!config.allow.is_empty() && config.scan.fail_on.is_some());
    config.rule_set(&[]).unwrap();
}

#[test]
fn every_key_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let text = std::fs::read_to_string(path).unwrap();
    let schema = super::schema();
    let parts = [
        "Scan",
        "Allow",
        "Guard",
        "Decision",
        "Hold",
        "Purge",
        "Keep",
        "ChannelConfig",
        "Signature",
    ];
    let parts = parts.map(|name| &schema["$defs"][name]);
    for form in parts.into_iter().chain([&schema]) {
        for key in form["properties"].as_object().unwrap().keys() {
            assert!(text.contains(&format!("`{key}`")), "{key}");
        }
    }
}

fn channel(body: &str) -> String {
    format!("channels:\n  - {{name: ops, {body}}}\n")
}

#[test]
fn channels_of_every_kind_are_read() {
    let config = parse(
        "channels:\n\
         \x20 - {name: a, type: sre_bot, url_env: A_URL, secret_env: A_KEY, signature: {header: X-Sig, encoding: base64, prefix: 'v1='}}\n\
         \x20 - {name: b, type: slack, url_env: B_URL, min_severity: high, repositories: ['acme/*']}\n\
         \x20 - {name: c, type: teams, url_env: C_URL}\n\
         \x20 - {name: d, type: discord, url_env: D_URL}\n\
         \x20 - {name: e, type: pagerduty, secret_env: E_KEY, url: 'https://events.eu.pagerduty.com'}\n\
         \x20 - {name: f, type: opsgenie, secret_env: F_KEY}\n\
         \x20 - {name: g, type: alertmanager, url: 'https://am.example', headers: {Authorization: G_AUTH}, allow_private: true}\n\
         \x20 - {name: h, type: webhook, url_env: H_URL, secret_env: H_KEY}\n\
         \x20 - {name: i, type: template, url_env: I_URL, idempotent: true, template: {key: '{id}', n: [1, '{{x}}']}}\n",
    )
    .unwrap();
    let names: Vec<_> = config.channels.iter().map(|it| it.kind.name()).collect();
    assert_eq!(
        names,
        [
            "sre_bot",
            "slack",
            "teams",
            "discord",
            "pagerduty",
            "opsgenie",
            "alertmanager",
            "webhook",
            "template"
        ]
    );
    assert_eq!(config.channels[1].min_severity, Some(Severity::High));
    assert!(config.channels[1].repositories[0].is_match("Acme/x"));
    assert!(config.channels[6].allow_private && config.channels[8].idempotent);
}

#[test]
fn keys_that_do_not_go_with_a_kind_of_channel_are_refused() {
    for (body, words) in [
        ("type: slack", "needs an address"),
        ("type: slack, url: 'https://x.example'", "no use for `url`"),
        (
            "type: slack, url_env: U, secret_env: S",
            "no use for `secret_env`",
        ),
        (
            "type: slack, url_env: U, template: {}",
            "no use for `template`",
        ),
        (
            "type: slack, url_env: U, idempotent: true",
            "no use for `idempotent`",
        ),
        ("type: pagerduty", "needs `secret_env`"),
        (
            "type: opsgenie, secret_env: S, url: x, url_env: U",
            "keep one",
        ),
        (
            "type: webhook, url_env: U, signature: {header: X}",
            "no use for `signature`",
        ),
        (
            "type: sre_bot, url_env: U, signature: {header: X}",
            "needs `secret_env`",
        ),
        (
            "type: sre_bot, url_env: U, secret_env: S",
            "no use for `secret_env`",
        ),
        ("type: template, url_env: U", "needs `template`"),
    ] {
        assert_refused(&channel(body), "3:5", words);
    }
    let twice = "channels:\n  - {name: a, type: slack, url_env: U}\n  - {name: a, type: slack, url_env: V}\n";
    assert_refused(twice, "4:5", "this name");
}

#[test]
fn values_of_channels_are_checked_where_they_stand() {
    for (body, words) in [
        ("type: carrier_pigeon, url_env: U", "sre_bot"),
        ("type: slack, url_env: U, headers: {'a b': V}", "header"),
        (
            "type: slack, url_env: U, headers: {Content-Type: V}",
            "set already",
        ),
        (
            "type: slack, url_env: U, repositories: [acme]",
            "OWNER/REPO",
        ),
        (
            "type: template, url_env: U, template: {a: '{nothing}'}",
            "unknown field",
        ),
        (
            "type: template, url_env: U, template: {a: '{id'}",
            "no partner",
        ),
        ("type: slack, url_env: U, urls: V", "'url"),
    ] {
        let error = refused(&channel(body));
        assert!(error.contains(words), "{body}: {error}");
    }
    assert!(refused("channels: [{name: '', type: slack, url_env: U}]").contains("name"));
}

/// Whoever writes the secret itself is told so, without it.
#[test]
fn a_secret_for_the_name_of_a_variable_is_not_shown() {
    let hex = "0123456789abcdef".repeat(2);
    for value in [
        "https://hooks.example/T1/B1/xyz".to_owned(),
        hex.to_uppercase().replace('0', "R"),
        format!("R{}", hex.to_uppercase()),
        hex,
        "whsec_c2VjcmV0".to_owned(),
        "R 1".to_owned(),
    ] {
        for key in ["url_env", "secret_env"] {
            let error = refused(&channel(&format!("type: webhook, {key}: '{value}'")));
            assert!(!error.contains(&value), "{error}");
            assert!(error.contains("environment variable"), "{error}");
        }
    }
}
