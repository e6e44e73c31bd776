//! Secrets of several lines, parts and layers.

use crate::support::{fill, findings};
use data_encoding::BASE64;
use leaksweep::finding::{Encoding, Finding};
use leaksweep::rule::Confidence;
use std::io::{Cursor, Write};

/// Lines under stamps of GitHub Actions; the first is line 1.
fn stamped(lines: &[String]) -> String {
    let numbered = lines.iter().enumerate();
    numbered
        .map(|(n, line)| format!("2025-03-15T10:00:{:02}.1234567Z {line}\n", n % 60))
        .collect()
}

fn ids(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|one| one.rule_id.as_str()).collect()
}

fn token(seed: u64) -> String {
    fill("ghp_{base62:30}{crc32}", seed)
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Kind, label, first lines of the body, whether its end is there.
const KEYS: [(&str, &str, &[&str], bool); 6] = [
    ("rsa", "RSA PRIVATE KEY", &["MIIE{base64:60}"], true),
    ("ec", "EC PRIVATE KEY", &["MHcCAQEEI{base64:55}"], true),
    (
        "openssh",
        "OPENSSH PRIVATE KEY",
        &["b3BlbnNzaC1rZXktdjEA{base64:44}"],
        true,
    ),
    (
        "pgp",
        "PGP PRIVATE KEY BLOCK",
        &["Version: GnuPG v2", "", "lQdGBF{base64:58}"],
        true,
    ),
    (
        "encrypted",
        "RSA PRIVATE KEY",
        &[
            "Proc-Type: 4,ENCRYPTED",
            "DEK-Info: AES-128-CBC,{HEX:32}",
            "",
        ],
        true,
    ),
    ("truncated", "RSA PRIVATE KEY", &["MIIE{base64:60}"], false),
];

fn key_lines(label: &str, first: &[&str], complete: bool) -> Vec<String> {
    let dashes = "-".repeat(5);
    let mut lines = vec![format!("{dashes}BEGIN {label}{dashes}")];
    lines.extend(first.iter().map(|template| fill(template, 3)));
    lines.extend((0..6).map(|seed| fill("{base64:64}", seed)));
    lines.push(fill("{base64:40}", 9));
    if complete {
        lines.push(format!("{dashes}END {label}{dashes}"));
    }
    lines
}

fn wrapped(lines: &[String], wrap: impl Fn(&str) -> String) -> Vec<String> {
    lines.iter().map(|line| wrap(line)).collect()
}

/// The key as it may be printed: name, lines of the log.
fn wrappings(key: &[String]) -> [(&'static str, Vec<String>); 5] {
    [
        ("stamps", key.to_vec()),
        (
            "colours",
            wrapped(key, |line| format!("\u{1b}[36;1m{line}\u{1b}[0m")),
        ),
        ("indented", wrapped(key, |line| format!("        {line}"))),
        (
            "escaped",
            vec![format!("{{\"pem\": \"{}\\n\"}}", key.join("\\n"))],
        ),
        (
            "base64",
            vec![format!(
                "data: {}",
                BASE64.encode(key.join("\n").as_bytes())
            )],
        ),
    ]
}

#[test]
fn keys_are_found_once_in_every_wrapping() {
    let mut faults = Vec::new();
    let mut count = 0;
    for (kind, label, first, complete) in KEYS {
        let key = key_lines(label, first, complete);
        for (wrapping, lines) in wrappings(&key) {
            let (first, last) = (2, 1 + lines.len() as u64);
            let log = [
                vec!["cat key".to_owned()],
                lines,
                vec!["all done, bye".to_owned()],
            ];
            let found = findings(stamped(&log.concat()).as_bytes(), None);
            let places: Vec<_> = found
                .iter()
                .map(|one| (one.rule_id.as_str(), one.place.line, one.place.end_line))
                .collect();
            let rule = if complete {
                "private-key"
            } else {
                "private-key-truncated"
            };
            count += 1;
            if places != [(rule, first, last)] {
                faults.push(format!("{kind} in {wrapping}: {places:?}, not to {last}"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {count}: {faults:#?}",
        faults.len()
    );
    assert_eq!(count, 6 * 5);
}

#[test]
fn parts_of_an_aws_credential_are_one_finding() {
    let id = fill("export AWS_ACCESS_KEY_ID=ASIA{base32:16}", 1);
    let lines = [
        "configure".to_owned(),
        id.clone(),
        fill("export AWS_SECRET_ACCESS_KEY={base62:20}/{base62:19}", 2),
        fill("export AWS_SESSION_TOKEN=IQoJb3JpZ2luX2Vj{base62:300}", 3),
    ];
    let found = findings(stamped(&lines).as_bytes(), None);
    assert_eq!(ids(&found), ["aws-temporary-access-key-id"]);
    assert_eq!(found[0].place.line, 2);
    // With its secret it is a credential; alone it is in every presigned address.
    assert_eq!(found[0].confidence, Confidence::High);
    let alone = findings(stamped(&[id]).as_bytes(), None);
    assert_eq!(alone[0].confidence, Confidence::Low);
    let parts: Vec<u64> = found[0].places.iter().map(|place| place.line).collect();
    assert_eq!(parts, [3, 4]);
}

#[test]
fn powershell_commands_are_decoded() {
    let token = token(1);
    let command = BASE64.encode(&utf16(&format!("Invoke-Login -Token '{token}'")));
    let line = format!("powershell.exe -NoProfile -EncodedCommand {command}");
    let found = findings(stamped(&["first".to_owned(), line]).as_bytes(), None);
    assert_eq!(ids(&found), ["github-pat"]);
    assert_eq!(found[0].decoded_from, [Encoding::Base64Utf16]);
    assert_eq!(found[0].place.line, 2);
}

#[test]
fn basic_authorization_gives_its_password() {
    let encoded = fill("deploy:{base62:20}7", 1);
    let line = format!(
        "> Authorization: Basic {}",
        BASE64.encode(encoded.as_bytes())
    );
    let found = findings(stamped(&["first".to_owned(), line]).as_bytes(), None);
    assert_eq!(found.len(), 1, "{:?}", ids(&found));
    assert_eq!(found[0].decoded_from, [Encoding::Base64]);
    assert_eq!(found[0].place.line, 2);
}

#[test]
fn base64_wrapped_over_two_lines_is_joined() {
    let token = token(2);
    let text = format!("the first words of a file, and now {token} and then more");
    let encoded = BASE64.encode(text.as_bytes());
    let (first, second) = encoded.split_at(76);
    let lines = ["cat file", first, second, "done"].map(str::to_owned);
    let found = findings(stamped(&lines).as_bytes(), None);
    assert_eq!(ids(&found), ["github-pat"]);
    assert_eq!(found[0].decoded_from, [Encoding::Base64]);
    assert_eq!((found[0].place.line, found[0].place.end_line), (2, 3));
}

fn zip_of(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The zip of a run holds every step twice: in its job's log and alone.
#[test]
fn the_files_of_job_and_step_are_places_of_one_finding() {
    let step = stamped(&[
        "##[group]Run make".to_owned(),
        "make".to_owned(),
        "##[endgroup]".to_owned(),
        format!("login {}", token(3)),
    ]);
    let job = stamped(&["Complete runner setup".to_owned()]) + &step;
    let run = zip_of(&[("0_build.txt", &job), ("build/3_Run make.txt", &step)]);
    let found = findings(&run, None);
    assert_eq!(ids(&found), ["github-pat"]);
    let mut places = found[0].places.clone();
    places.push(found[0].place.clone());
    places.sort();
    let told: Vec<_> = places
        .iter()
        .map(|place| {
            (
                place.path.leaf(),
                place.line,
                place.job.as_deref(),
                place.step.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("0_build.txt", 5, Some("build"), Some("Run make")),
            ("build/3_Run make.txt", 4, Some("build"), Some("Run make")),
        ]
    );
}

fn confidence_under(head: &str) -> Option<Confidence> {
    let lines = [
        "##[group]Run make".to_owned(),
        head.to_owned(),
        fill("  LOGIN_PASSWORD: summertime{digits:3}", 4),
        "##[endgroup]".to_owned(),
    ];
    let found = findings(stamped(&lines).as_bytes(), None);
    found.first().map(|one| one.confidence)
}

#[test]
fn values_in_an_env_block_rank_higher() {
    let (under_env, elsewhere) = (confidence_under("env:"), confidence_under("with:"));
    assert!(under_env.is_some());
    assert!(under_env > elsewhere, "{under_env:?} {elsewhere:?}");
}

#[test]
fn values_below_their_names_are_masked_in_every_context() {
    let (below, beside) = (fill("{base62:20}7", 1), fill("{base62:24}8", 2));
    let pair =
        format!("\"name\": \"DB_PASSWORD\",\n\"value\": \"{below}\", \"token\": \"{beside}\"\n");
    let element = format!("<password>\n  {below}\n</password>\n");
    for (text, expected) in [(&pair, 2), (&element, 1)] {
        let found = findings(text.as_bytes(), None);
        assert_eq!(found.len(), expected, "{text:?}");
        for one in &found {
            assert_eq!(one.place.line, 2);
            assert!(!one.context.contains(&below) && !one.context.contains(&beside));
        }
    }
}

#[test]
fn quotes_within_quotes_and_names_without_end_are_linear() {
    for part in [
        "'\"",
        "password ",
        "token=",
        "password=token=",
        "a://u:",
        "{\"name\":\"TOKEN\",\"value\":\"x\"}",
    ] {
        // The first name may make the line worth a look, or none does.
        for before in ["password=", ""] {
            let text = format!("{before}{}", part.repeat((1 << 20) / part.len()));
            // Would overflow the stack, or take minutes.
            findings(text.as_bytes(), None);
        }
    }
}
