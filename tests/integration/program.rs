//! The program as a user runs it.

use crate::support::fill;
use std::io::Write;
use std::process::{Command, Output, Stdio};

pub(crate) fn leaksweep(arguments: &[&str], input: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_leaksweep"))
        .args(arguments)
        .current_dir(folder.path())
        .env_remove("GITHUB_STEP_SUMMARY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that ends early closes the pipe; what it says is what counts.
    drop(child.stdin.take().unwrap().write_all(input));
    child.wait_with_output().unwrap()
}

#[test]
fn exit_codes_tell_what_happened() {
    let token = fill("ghp_{base62:30}{crc32}", 1);
    assert_eq!(
        leaksweep(&["scan", "-"], b"all is well\n").status.code(),
        Some(0)
    );
    assert_eq!(
        leaksweep(&["scan", "-"], token.as_bytes()).status.code(),
        Some(1)
    );
    assert_eq!(
        leaksweep(&["scan", "--max-memory", "much", "-"], b"")
            .status
            .code(),
        Some(2)
    );
    assert_eq!(
        leaksweep(&["scan", "no/such/file"], b"").status.code(),
        Some(3)
    );
}

#[test]
fn no_report_gives_a_secret_away_and_scanning_it_finds_nothing() {
    let secrets = [fill("ghp_{base62:30}{crc32}", 2), fill("{base62:30}7", 3)];
    let log = format!("token {}\nDB_PASSWORD={}\n", secrets[0], secrets[1]);
    for format in ["text", "json", "jsonl", "sarif", "github", "markdown"] {
        let out = leaksweep(
            &["scan", "--explain", "--format", format, "-"],
            log.as_bytes(),
        );
        assert_eq!(out.status.code(), Some(1), "{format}");
        let shown = [out.stdout.clone(), out.stderr].concat();
        for secret in &secrets {
            assert!(
                memchr::memmem::find(&shown, secret.as_bytes()).is_none(),
                "{format} shows a secret"
            );
        }
        let again = leaksweep(&["scan", "--min-confidence", "low", "-"], &out.stdout);
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert_eq!(
            again.status.code(),
            Some(0),
            "scanning our {format} report found:\n{said}"
        );
    }
}

#[test]
fn demo_shows_its_leaks() {
    let out = leaksweep(&["demo"], b"");
    let text = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(0), "{text}");
    for part in [
        "GitHub personal access token",
        "GC Notify",
        "Password in a URL",
        "also at",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
}

#[test]
fn a_truncated_zip_is_said_aloud_and_what_is_there_is_scanned() {
    let token = fill("ghp_{base62:30}{crc32}", 4);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("0_build.txt", options).unwrap();
    zip.write_all(format!("leak {token}\n").as_bytes()).unwrap();
    zip.start_file("1_more.txt", options).unwrap();
    zip.write_all(&[b'x'; 5000]).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    for format in ["text", "json", "jsonl", "sarif", "github", "markdown"] {
        let out = leaksweep(
            &["scan", "--format", format, "-"],
            &bytes[..bytes.len() - 60],
        );
        let report = String::from_utf8(out.stdout).unwrap();
        assert_eq!(out.status.code(), Some(3), "{report}");
        let named = match format {
            "text" | "github" => "GitHub personal access token",
            _ => "github-pat",
        };
        assert!(report.contains(named), "{format}: {report}");
        let problem = report.contains("\"type\":\"problem\"");
        assert_eq!(problem, format == "jsonl", "{report}");
        for shown in [&report, &String::from_utf8(out.stderr).unwrap()] {
            assert!(shown.contains("damaged"), "{format}: {shown}");
        }
    }
}

/// What was not looked at is named on standard error and in the report, and is the
/// reason for exit code 3.
#[test]
fn a_line_that_reaches_a_bound_is_said_aloud() {
    let tokens: String = (0..4100)
        .map(|seed| fill("ghp_{base62:30}{crc32} ", seed))
        .collect();
    let log = format!("first\n{tokens}\n");
    let out = leaksweep(&["scan", "--format", "jsonl", "-"], log.as_bytes());
    assert_eq!(out.status.code(), Some(3));
    for shown in [&out.stdout, &out.stderr] {
        let shown = String::from_utf8_lossy(shown);
        assert!(shown.contains("it holds more than 4096 secrets"));
    }
}

#[test]
fn configuration_suppresses_with_a_reason_and_a_log_cannot() {
    let token = fill("ghp_{base62:30}{crc32}", 5);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("c.yaml");
    std::fs::write(
        &config,
        "version: 1\nallow:\n  - rule: github-pat\n    reason: made up\n",
    )
    .unwrap();
    let path = config.to_str().unwrap();
    let allowed = leaksweep(&["scan", "--config", path, "-"], token.as_bytes());
    assert_eq!(
        allowed.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&allowed.stderr)
    );
    let marker = format!("{token} # leaksweep:allow gitleaks:allow");
    assert_eq!(
        leaksweep(&["scan", "-"], marker.as_bytes()).status.code(),
        Some(1)
    );
}

#[test]
fn built_in_rules_hold_their_examples() {
    let out = leaksweep(&["rules", "check", "--samples", "4"], b"");
    assert_eq!(
        out.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&out.stdout)
    );
}

#[test]
fn imported_rules_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let rules = folder.path().join("rules.yaml");
    let text =
        "[[rules]]\nid = 'zeta'\nregex = '''zeta_([0-9]{9})'''\n[[rules]]\nid = 'p'\npath = 'x'\n";
    std::fs::write(&config, text).unwrap();
    let (config, rules) = (config.to_str().unwrap(), rules.to_str().unwrap());
    let out = leaksweep(&["rules", "import", config, "-o", rules], b"");
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(said.contains("note: p: not carried over"), "{said}");
    assert!(said.contains("1 rules carried over, 1 not"), "{said}");
    let log = fill("see zeta_{digits:9}", 1);
    let found = leaksweep(&["scan", "--rules", rules, "-"], log.as_bytes());
    assert_eq!(found.status.code(), Some(1));
}
