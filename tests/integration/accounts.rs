//! Keys of service accounts: one finding each, named for what they are.

use crate::support::{DETECTOR, fill, findings, scan_with};
use data_encoding::BASE64;
use leaksweep::finding::Finding;
use leaksweep::rule::{Confidence, Severity};
use leaksweep::scan::Options;

const RULE: &str = "gcp-service-account";

fn stamped(text: &str) -> String {
    text.lines()
        .map(|line| format!("2025-03-15T10:00:00.1234567Z {line}\n"))
        .collect()
}

/// The armoured key, each line of it ended.
fn key(seed: u64) -> String {
    let dashes = "-----";
    let body: String = (1..20)
        .map(|line| fill("{base64:64}\n", 100 * seed + line))
        .collect();
    let first = fill("MIIE{base64:60}", seed);
    format!("{dashes}BEGIN PRIVATE KEY{dashes}\n{first}\n{body}{dashes}END PRIVATE KEY{dashes}\n")
}

fn fields(seed: u64) -> Vec<(&'static str, String)> {
    vec![
        ("type", "service_account".into()),
        ("project_id", "shop-1".into()),
        ("private_key_id", fill("{hex:40}", seed)),
        ("private_key", key(seed)),
        ("client_email", "ci@shop-1.iam.gserviceaccount.com".into()),
        ("client_id", fill("{digits:21}", seed)),
        (
            "auth_uri",
            "https://accounts.google.com/o/oauth2/auth".into(),
        ),
        ("token_uri", "https://oauth2.googleapis.com/token".into()),
    ]
}

fn json(fields: &[(&'static str, String)], pretty: bool) -> String {
    let object: serde_json::Map<String, serde_json::Value> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
        .collect();
    if pretty {
        serde_json::to_string_pretty(&object).unwrap()
    } else {
        serde_json::to_string(&object).unwrap()
    }
}

fn sorted(mut fields: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    fields.sort();
    fields
}

fn yaml(fields: &[(&'static str, String)]) -> String {
    let line = |(name, value): &(&str, String)| {
        let block = value.trim_end().replace('\n', "\n  ");
        if value.contains('\n') {
            format!("{name}: |\n  {block}\n")
        } else {
            format!("{name}: {value}\n")
        }
    };
    fields.iter().map(line).collect()
}

fn escaped(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// An account as it may be printed.
fn forms() -> Vec<(&'static str, String)> {
    let account = fields(1);
    let pretty = json(&account, true);
    let line = json(&account, false);
    let environment = format!(
        "env:\n  FIREBASE_CLIENT_EMAIL: ci@shop-1.iam.gserviceaccount.com\n  FIREBASE_PRIVATE_KEY: {}",
        escaped(&key(1))
    );
    vec![
        ("on one line", line.clone()),
        ("sorted", json(&sorted(account.clone()), true)),
        ("sorted on one line", json(&sorted(account.clone()), false)),
        (
            "escaped",
            format!("{{\"credentials\":\"{}\"}}", escaped(&line)),
        ),
        (
            "escaped twice",
            format!("body={}", escaped(&escaped(&line))),
        ),
        (
            "pretty, escaped",
            format!("export KEY=\"{}\"", escaped(&pretty)),
        ),
        ("python", line.replace('"', "'")),
        (
            "base64",
            format!("GOOGLE_CREDENTIALS={}", BASE64.encode(pretty.as_bytes())),
        ),
        ("yaml", yaml(&account)),
        ("sorted yaml", yaml(&sorted(account))),
        ("environment", environment),
        ("pretty", pretty),
    ]
}

fn ids(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|one| one.rule_id.as_str()).collect()
}

#[test]
fn an_account_is_one_finding_in_every_form() {
    let fingerprint = findings(key(1).as_bytes(), None)[0].fingerprint.clone();
    for (form, text) in forms() {
        for log in [
            format!("first\n{text}\nlast\n"),
            stamped(&format!("first\n{text}\nlast\n")),
        ] {
            let found = findings(log.as_bytes(), None);
            assert_eq!(ids(&found), [RULE], "{form}");
            let one = &found[0];
            assert_eq!(
                (one.vendor.as_str(), one.severity),
                ("gcp", Severity::Critical),
                "{form}"
            );
            assert_eq!(one.confidence, Confidence::Certain, "{form}");
            // The secret is the key: the same one as where it stands alone.
            assert_eq!(one.fingerprint, fingerprint, "{form}");
            assert!(
                one.revoke
                    .as_ref()
                    .unwrap()
                    .contains("service-accounts keys delete")
            );
        }
    }
}

#[test]
fn the_place_is_that_of_the_key() {
    let found = findings(stamped(&json(&fields(1), true)).as_bytes(), None);
    assert_eq!((found[0].place.line, found[0].place.end_line), (5, 5));
    let places: Vec<_> = found[0].places.iter().map(|place| place.line).collect();
    assert_eq!(places, [4, 6], "key id and address");
    assert_eq!(found[0].place.ci.as_deref(), Some("github-actions"));
}

#[test]
fn a_key_that_is_cut_off_is_named_too() {
    let text = json(&fields(1), true);
    let cut = text.find("-----END").unwrap();
    let found = findings(stamped(&text[..cut]).as_bytes(), None);
    assert_eq!(ids(&found), [RULE]);
    assert_eq!(found[0].severity, Severity::High);
}

#[test]
fn accounts_side_by_side_keep_their_keys() {
    for pretty in [true, false] {
        let accounts = [1, 2, 3].map(|seed| json(&fields(seed), pretty));
        let found = findings(
            stamped(&format!("[{}]", accounts.join(","))).as_bytes(),
            None,
        );
        assert_eq!(ids(&found), [RULE; 3], "pretty: {pretty}");
        let places: Vec<_> = found.iter().map(|one| one.places.len()).collect();
        assert_eq!(places, [2; 3], "pretty: {pretty}");
        let several = BASE64.encode(accounts.join(",").as_bytes());
        assert_eq!(ids(&findings(several.as_bytes(), None)), [RULE; 3]);
    }
}

#[test]
fn what_stands_far_away_or_alone_is_no_account() {
    let id = fill("\"private_key_id\": \"{hex:40}\"\n", 1);
    assert!(findings(id.as_bytes(), None).is_empty());
    let far = format!("{id}{}{}", "word\n".repeat(30), key(1));
    assert_eq!(ids(&findings(far.as_bytes(), None)), ["private-key"]);
    let masked = json(&fields(1), true).replace(&escaped(&key(1)), "***");
    assert!(findings(masked.as_bytes(), None).is_empty());
}

#[test]
fn cuts_do_not_part_a_key_from_its_account() {
    let log: String = (1..4)
        .map(|seed| {
            stamped(&format!(
                "{}\n{}",
                json(&fields(seed), true),
                yaml(&fields(seed + 5))
            ))
        })
        .collect();
    let options = |block| Options {
        block,
        min_confidence: Confidence::Low,
        ..Options::default()
    };
    let whole = scan_with(&DETECTOR, log.as_bytes(), &options(1 << 20));
    assert_eq!(ids(&whole.outcome.findings), [RULE; 6]);
    for block in (64..4000).step_by(311) {
        let cut = scan_with(&DETECTOR, log.as_bytes(), &options(block));
        assert_eq!(whole.outcome, cut.outcome, "blocks of {block}");
    }
}
