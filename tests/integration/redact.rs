//! Logs and archives without their secrets.

use crate::program::leaksweep;
use crate::properties::{cases, logs};
use crate::support::{DETECTOR, fill, findings};
use leaksweep::finding::Finding;
use leaksweep::origin::Origin;
use leaksweep::redact::{RedactErrorKind, Redacted, redact};
use leaksweep::rule::Confidence;
use leaksweep::scan::{self, Options};
use leaksweep::secret::Secret;
use leaksweep::source;
use memchr::memmem;
use proptest::prelude::*;
use std::fs::File;
use std::io::Write;
use std::sync::Mutex;

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn down_to_low() -> Options<'static> {
    Options {
        min_confidence: Confidence::Low,
        ..Options::default()
    }
}

fn redacted(bytes: &[u8]) -> (Vec<u8>, Redacted) {
    let mut out = Vec::new();
    let origin = Origin::new("log.txt");
    let told = redact(&DETECTOR, &origin, &file_of(bytes), down_to_low(), &mut out);
    (out, told.unwrap())
}

/// A log, which is redacted and looked at.
fn checked(log: &str) -> String {
    let (out, told) = redacted(log.as_bytes());
    assert!(told.problems.is_empty(), "{:?}", told.problems);
    assert!(findings(&out, None).is_empty());
    assert!(keeps_the_rest(log.as_bytes(), &out));
    String::from_utf8(out).unwrap()
}

/// What stands between the masks stands in the log, in the same order, from its
/// start to its end, and no line end is lost.
fn keeps_the_rest(log: &[u8], out: &[u8]) -> bool {
    let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count();
    // A mask that was masked again in part leaves a longer one.
    let mask = regex::bytes::Regex::new(r"\*{3,}").unwrap();
    let parts: Vec<&[u8]> = mask.split(out).collect();
    let mut rest = log;
    for part in &parts {
        let Some(at) = memmem::find(rest, part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    lines(log) == lines(out) && log.starts_with(parts[0]) && log.ends_with(parts[parts.len() - 1])
}

/// Long secrets that rules are rather sure of, line by line.
fn secrets_of(log: &[u8]) -> Vec<Vec<u8>> {
    let secrets = Mutex::new(Vec::new());
    let gather = |finding: &Finding, secret: &Secret| {
        if finding.confidence >= Confidence::Medium {
            let lines = secret.expose().split(|byte| *byte == b'\n');
            let values = lines.filter(|line| line.len() >= 8 && !line.starts_with(b"-----"));
            secrets
                .lock()
                .unwrap()
                .extend(values.map(|line| line.trim_ascii().to_vec()));
        }
    };
    let options = Options {
        secrets: &gather,
        ..down_to_low()
    };
    scan::scan(
        &DETECTOR,
        &[source::held(Origin::new("log.txt"), log)],
        &options,
    );
    secrets.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_redacted_log_has_no_findings_and_all_else(log in logs()) {
        let (out, told) = redacted(&log);
        prop_assert_eq!(told.problems, vec![]);
        prop_assert_eq!(findings(&out, None), vec![]);
        prop_assert!(keeps_the_rest(&log, &out));
        for secret in secrets_of(&log) {
            prop_assert!(memmem::find(&out, &secret).is_none());
        }
    }

    #[test]
    fn a_log_without_findings_is_copied(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        prop_assume!(findings(&bytes, None).is_empty());
        let (out, told) = redacted(&bytes);
        prop_assert!(out == bytes || !told.problems.is_empty());
    }
}

#[test]
fn a_secret_goes_from_every_line_that_holds_it() {
    let token = fill("ghp_{base62:30}{crc32}", 1);
    let password = fill("{base62:18}4", 2);
    let log = format!(
        "token {token}\r\nDB_PASSWORD={password}\nseen {password}, twice: {password}{token}\n"
    );
    assert_eq!(
        checked(&log),
        "token ***\r\nDB_PASSWORD=***\nseen ***, twice: ***\n"
    );
}

#[test]
fn of_a_connection_string_only_the_password_goes() {
    let password = fill("{base62:20}", 4);
    let log = format!("url = postgres://ci:{password}@db.example.com:5432/app\n");
    let (out, _) = redacted(log.as_bytes());
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out, "url = postgres://ci:***@db.example.com:5432/app\n");
}

#[test]
fn a_key_over_many_lines_keeps_their_stamps() {
    let stamp = "2025-03-15T10:00:00.1234567Z ";
    let key = fill(
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE{base64:60}\n{base64:64}\n-----END RSA PRIVATE KEY-----",
        3,
    );
    let stamped = |text: &str| {
        text.lines()
            .map(|line| format!("{stamp}{line}\n"))
            .collect::<String>()
    };
    let log = stamped(&format!("cat key\n{key}\ndone\n"));
    assert_eq!(
        checked(&log),
        stamped("cat key\n***\n***\n***\n***\ndone\n")
    );
}

#[test]
fn what_is_encoded_goes_with_its_encoding_and_without() {
    let password = fill("{base62:18}4", 4);
    let encoded = data_encoding::BASE64.encode(format!("DB_PASSWORD={password}\n").as_bytes());
    let log = format!("echo {encoded} | base64 -d\nnow {password} is set\n");
    assert_eq!(checked(&log), "echo *** | base64 -d\nnow *** is set\n");
}

#[test]
fn records_of_json_stay_records() {
    let token = fill("ghp_{base62:30}{crc32}", 5);
    let woodpecker = |text: &str| {
        let data = data_encoding::BASE64.encode(text.as_bytes());
        format!(r#"[{{"id":1,"step_id":2,"time":0,"line":0,"data":"{data}","type":0}}]"#)
    };
    let (out, _) = redacted(woodpecker(&format!("see {token} and more")).as_bytes());
    assert!(findings(&out, None).is_empty());
    let records: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let data = records[0]["data"].as_str().unwrap();
    let text = data_encoding::BASE64.decode(data.as_bytes()).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.starts_with("see") && text.contains("***") && text.ends_with("more"),
        "{text}"
    );
}

#[test]
fn more_secrets_than_one_scan_takes_from_a_line_are_masked_in_rounds() {
    let tokens = (0..4100).map(|seed| fill("ghp_{base62:30}{crc32} ", seed));
    let log = format!("first\n{}\nlast\n", tokens.collect::<String>());
    let out = checked(&log);
    assert!(out.starts_with("first\n***") && out.ends_with("\nlast\n"));
}

fn zip_of(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in entries {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn entry(zip: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let file = archive.by_name(name).unwrap();
    std::io::read_to_string(file).unwrap()
}

#[test]
fn a_secret_found_in_one_entry_goes_from_the_others() {
    let password = fill("{base62:18}4", 6);
    let zip = zip_of(&[
        ("a.txt", &format!("plainly {password}\n")),
        ("b.txt", &format!("DB_PASSWORD={password}\n")),
    ]);
    let (out, told) = redacted(&zip);
    assert_eq!((told.findings.len(), told.masks), (1, 2));
    assert_eq!(entry(&out, "a.txt"), "plainly ***\n");
    assert_eq!(entry(&out, "b.txt"), "DB_PASSWORD=***\n");
}

#[test]
fn nothing_is_written_of_what_cannot_be_read() {
    let zip = zip_of(&[("a.txt", "some text")]);
    let mut out = Vec::new();
    let origin = Origin::new("x.zip");
    let input = file_of(&zip[..zip.len() / 2]);
    let error = redact(&DETECTOR, &origin, &input, down_to_low(), &mut out).unwrap_err();
    assert_eq!(error.kind(), RedactErrorKind::Unread);
    assert!(
        error
            .to_string()
            .starts_with("x.zip: the directory of the zip is damaged")
    );
    assert!(out.is_empty());
}

fn at(folder: &tempfile::TempDir, name: &str) -> std::path::PathBuf {
    folder.path().join(name)
}

#[test]
fn the_program_writes_to_standard_output_or_a_file() {
    let token = fill("ghp_{base62:30}{crc32}", 7);
    let log = format!("see {token}\n");
    let out = leaksweep(&["redact", "-"], log.as_bytes());
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(out.stdout, b"see ***\n");
    assert_eq!(out.stderr, b"masked 1 places of 1 secrets\n");
    let folder = tempfile::tempdir().unwrap();
    let (input, copy) = (at(&folder, "in.log"), at(&folder, "out.log"));
    std::fs::write(&input, &log).unwrap();
    std::fs::write(&copy, "old").unwrap();
    let (input, copy) = (input.to_str().unwrap(), copy.to_str().unwrap());
    let out = leaksweep(&["redact", input, copy], b"");
    assert_eq!((out.status.code(), out.stdout.len()), (Some(0), 0));
    assert_eq!(std::fs::read(copy).unwrap(), b"see ***\n");
    let out = leaksweep(&["redact", input, input], b"");
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(input).unwrap(), log);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn the_program_names_what_it_left_out() {
    let token = fill("ghp_{base62:30}{crc32}", 8);
    let mut zip = zip_of(&[("a.txt", &format!("see {token}\n")), ("b.txt", "bbbb")]);
    let directory = memmem::rfind(&zip, b"PK\x01\x02").unwrap();
    // The flag that says encrypted.
    zip[directory + 8] |= 1;
    let out = leaksweep(&["redact", "-"], &zip);
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(said.starts_with("warning: -!b.txt: encrypted"), "{said}");
    assert_eq!(entry(&out.stdout, "a.txt"), "see ***\n");
    assert!(memmem::find(&out.stdout, b"b.txt").is_none());
    let folder = tempfile::tempdir().unwrap();
    let copy = at(&folder, "out.zip");
    let out = leaksweep(&["redact", "-", copy.to_str().unwrap()], &zip[..50]);
    assert_eq!(out.status.code(), Some(3));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(
        leaksweep(&["redact", "no/such/file"], b"").status.code(),
        Some(3)
    );
    assert_eq!(leaksweep(&["redact", "."], b"").status.code(), Some(2));
}
