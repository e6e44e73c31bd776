//! Token kinds × what stands beside them × log formats × encodings, whole.
//!
//! One log holds all tokens in all contexts in one format and one encoding, so
//! that the product takes seconds.

use crate::cases::{BESIDE, TOKENS};
use crate::support::{fill, findings};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use leaksweep::finding::Encoding;
use leaksweep::log::LogFormat;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A line of text as a program prints it.
struct Printed {
    text: String,
    /// Where in it that stands which has to be found.
    span: Range<usize>,
}

/// What stands before the token, the token, what stands behind it.
type Encode = fn(&str, &str, &str) -> Printed;

/// Everything is encoded as one; the place of the secret is the whole of it.
fn whole(before: &str, token: &str, after: &str, encode: fn(&[u8]) -> String) -> Printed {
    let encoded = encode(format!("{before}{token}{after}").as_bytes());
    Printed {
        span: 9..9 + encoded.len(),
        text: format!("payload: {encoded}"),
    }
}

/// The token is encoded with some words, and what stands beside it is not.
fn inside(before: &str, token: &str, after: &str, encode: fn(&[u8]) -> String) -> Printed {
    let encoded = encode(format!("the token is {token} and no more").as_bytes());
    Printed {
        span: before.len()..before.len() + encoded.len(),
        text: format!("{before}{encoded}{after}"),
    }
}

/// The token stands among words that are encoded with it piece by piece, what
/// stands beside these is not.
fn among(before: &str, [head, token, tail]: [String; 3], after: &str) -> Printed {
    let start = before.len() + head.len();
    Printed {
        span: start..start + token.len(),
        text: format!("{before}{head}{token}{tail}{after}"),
    }
}

/// Everything is encoded character by character, between `head` and `tail`.
fn piecewise(
    (head, tail): (&str, &str),
    parts: [&str; 3],
    encode: impl Fn(&str) -> String,
) -> Printed {
    let [before, token, after] = parts.map(encode);
    let start = head.len() + before.len();
    Printed {
        span: start..start + token.len(),
        text: format!("{head}{before}{token}{after}{tail}"),
    }
}

fn base64(text: &[u8]) -> String {
    BASE64.encode(text)
}

fn unpadded(text: &[u8]) -> String {
    base64(text).trim_end_matches('=').to_owned()
}

fn base64url(text: &[u8]) -> String {
    BASE64URL_NOPAD.encode(text)
}

fn base64_twice(text: &[u8]) -> String {
    base64(base64(text).as_bytes())
}

fn base64_of_utf16(text: &[u8]) -> String {
    let wide: Vec<u8> = text.iter().flat_map(|byte| [*byte, 0]).collect();
    base64(&wide)
}

fn hex(text: &[u8]) -> String {
    HEXLOWER.encode(text)
}

fn upper_hex(text: &[u8]) -> String {
    HEXUPPER.encode(text)
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// As a URL takes it: what is not reserved stays.
fn percent_where_needed(text: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(escape).collect()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// `$'…'`, as bash prints it.
fn ansi_c(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{1b}' => "\\E".to_owned(),
            '\'' | '\\' => format!("\\{c}"),
            _ => c.to_string(),
        })
        .collect()
}

/// A backslash before all that means something to a shell, as `printf %q` has it.
fn shell(text: &str) -> String {
    let escape = |c: char| {
        if c.is_ascii_alphanumeric() || "/:@._-=".contains(c) {
            c.to_string()
        } else {
            format!("\\{c}")
        }
    };
    text.chars().map(escape).collect()
}

/// The shell writes a word with control characters as `$'…'`, never with backslashes alone.
fn shell_words(before: &str, token: &str, after: &str) -> Printed {
    let parts = [before, token, after];
    if parts.concat().contains('\u{1b}') {
        piecewise(("+ echo $'", "'"), parts, ansi_c)
    } else {
        piecewise(("+ echo ", ""), parts, shell)
    }
}

const B64: &[Encoding] = &[Encoding::Base64];

/// Name, how, and the encodings that must have been undone, outermost first.
const ENCODINGS: [(&str, Encode, &[Encoding]); 24] = [
    (
        "none",
        |b, t, a| piecewise(("", ""), [b, t, a], str::to_owned),
        &[],
    ),
    ("base64", |b, t, a| whole(b, t, a, base64), B64),
    ("base64, unpadded", |b, t, a| whole(b, t, a, unpadded), B64),
    ("base64url", |b, t, a| whole(b, t, a, base64url), B64),
    (
        "base64 twice",
        |b, t, a| whole(b, t, a, base64_twice),
        &[Encoding::Base64, Encoding::Base64],
    ),
    (
        "base64 of UTF-16",
        |b, t, a| whole(b, t, a, base64_of_utf16),
        &[Encoding::Base64Utf16],
    ),
    ("hex", |b, t, a| whole(b, t, a, hex), &[Encoding::Hex]),
    (
        "upper hex",
        |b, t, a| whole(b, t, a, upper_hex),
        &[Encoding::Hex],
    ),
    (
        "percent",
        |b, t, a| piecewise(("u=", ""), [b, t, a], percent),
        &[Encoding::Percent],
    ),
    (
        "percent where needed",
        |b, t, a| piecewise(("u=", ""), [b, t, a], percent_where_needed),
        &[],
    ),
    (
        "percent twice",
        |b, t, a| {
            piecewise(("u=", ""), [b, t, a], |s| {
                percent_where_needed(&percent_where_needed(s))
            })
        },
        &[],
    ),
    (
        "json",
        |b, t, a| piecewise(("{\"log\":\"", "\"}"), [b, t, a], json),
        &[],
    ),
    (
        "json twice",
        |b, t, a| {
            piecewise(("{\\\"log\\\":\\\"", "\\\"}"), [b, t, a], |s| {
                json(&json(s))
            })
        },
        &[],
    ),
    (
        "shell, ansi-c",
        |b, t, a| piecewise(("+ echo $'", "'"), [b, t, a], ansi_c),
        &[],
    ),
    ("shell, backslashes", shell_words, &[]),
    ("base64 inside", |b, t, a| inside(b, t, a, base64), B64),
    ("unpadded inside", |b, t, a| inside(b, t, a, unpadded), B64),
    (
        "base64url inside",
        |b, t, a| inside(b, t, a, base64url),
        B64,
    ),
    (
        "base64 twice inside",
        |b, t, a| inside(b, t, a, base64_twice),
        &[Encoding::Base64, Encoding::Base64],
    ),
    (
        "base64 of UTF-16 inside",
        |b, t, a| inside(b, t, a, base64_of_utf16),
        &[Encoding::Base64Utf16],
    ),
    (
        "hex inside",
        |b, t, a| inside(b, t, a, hex),
        &[Encoding::Hex],
    ),
    (
        "percent inside",
        |b, t, a| among(b, ["the token is ", t, " and no more"].map(percent), a),
        &[Encoding::Percent],
    ),
    (
        "line ends, escaped",
        |b, t, a| among(b, ["the\\ntoken:\\n", t, "\\nand"].map(str::to_owned), a),
        &[Encoding::Escape],
    ),
    (
        "line ends, escaped twice",
        |b, t, a| {
            among(
                b,
                ["the\\\\ntoken:\\\\n", t, "\\\\nand"].map(str::to_owned),
                a,
            )
        },
        &[Encoding::Escape, Encoding::Escape],
    ),
];

/// A record of a log, and where in it the span of the text begins.
struct Record {
    raw: String,
    at: usize,
}

fn on_a_line(prefix: &str, line: &Printed, end: &str) -> Record {
    Record {
        raw: format!("{prefix}{}{end}", line.text),
        at: prefix.len() + line.span.start,
    }
}

/// Cut in the middle of the span, with something else between.
fn in_two(line: &Printed, parts: [&str; 3], encode: fn(&str) -> String) -> Record {
    let middle = line.span.start + line.span.len() / 2;
    let (start, rest) = line.text.split_at(line.span.start);
    let (head, tail) = (
        &rest[..middle - line.span.start],
        &rest[middle - line.span.start..],
    );
    let [before, between, after] = parts;
    let start = encode(start);
    Record {
        at: before.len() + start.len(),
        raw: format!(
            "{before}{start}{}{between}{}{after}",
            encode(head),
            encode(tail)
        ),
    }
}

fn in_json(before: &str, line: &Printed, after: &str) -> Record {
    let at = before.len() + json(&line.text[..line.span.start]).len();
    Record {
        raw: format!("{before}{}{after}", json(&line.text)),
        at,
    }
}

struct Form {
    name: &'static str,
    format: LogFormat,
    /// What stands at the beginning and the end of the log.
    frame: (&'static str, &'static str),
    record: fn(&Printed) -> Record,
}

const fn lines(name: &'static str, format: LogFormat, record: fn(&Printed) -> Record) -> Form {
    Form {
        name,
        format,
        frame: ("", ""),
        record,
    }
}

const fn array(name: &'static str, format: LogFormat, record: fn(&Printed) -> Record) -> Form {
    Form {
        frame: ("[", "{\"pos\":9}]"),
        ..lines(name, format, record)
    }
}

const FORMS: [Form; 22] = [
    lines("plain", LogFormat::Plain, |line| on_a_line("", line, "\n")),
    lines("github", LogFormat::GitHubActions, |line| {
        on_a_line("2025-03-15T10:00:00.1234567Z ", line, "\n")
    }),
    lines("buildx in github", LogFormat::GitHubActions, |line| {
        on_a_line("2025-03-15T10:00:00.1234567Z #12 0.345 ", line, "\n")
    }),
    lines("gh run view", LogFormat::GhRunView, |line| {
        on_a_line("build\tRun make\t2025-03-15T10:00:00.1234567Z ", line, "\n")
    }),
    lines("gitlab", LogFormat::GitLab, |line| {
        on_a_line("", line, "\n")
    }),
    lines("gitlab progress", LogFormat::GitLab, |line| {
        on_a_line("10%\r20%\r", line, "\r\n")
    }),
    lines("gitlab stamped", LogFormat::GitLabStamped, |line| {
        on_a_line("2025-03-15T10:00:00.123456Z 01O ", line, "\n")
    }),
    lines("gitlab stamped, joined", LogFormat::GitLabStamped, |line| {
        let parts = [
            "2025-03-15T10:00:00.123456Z 01O ",
            "\n2025-03-15T10:00:01.123456Z 01E warning\n2025-03-15T10:00:02.123456Z 01O+",
            "\n",
        ];
        in_two(line, parts, str::to_owned)
    }),
    lines("azure", LogFormat::Azure, |line| {
        on_a_line("2025-03-15T10:00:00.1234567Z ", line, "\r\n")
    }),
    lines("jenkins", LogFormat::Jenkins, |line| {
        on_a_line("[2025-03-15T10:00:00.000Z] ", line, "\n")
    }),
    lines("buildkite", LogFormat::Buildkite, |line| {
        on_a_line("\u{1b}_bk;t=1745322209920\u{7}", line, "\r\n")
    }),
    lines("travis", LogFormat::Travis, |line| {
        on_a_line("", line, "\r\n")
    }),
    lines("codebuild", LogFormat::CodeBuild, |line| {
        on_a_line("[Container] 2025/03/15 10:00:00.837564 ", line, "\n")
    }),
    array("circleci", LogFormat::CircleCi, |line| {
        let after = "\\r\\n\",\"time\":\"2024-03-01T00:00:00.5Z\",\"type\":\"out\"},";
        in_json("{\"message\":\"", line, after)
    }),
    array("circleci, joined", LogFormat::CircleCi, |line| {
        let parts = [
            "{\"message\":\"",
            "\",\"type\":\"out\"},{\"message\":\"warning\\n\",\"type\":\"err\"},{\"message\":\"",
            "\\n\",\"type\":\"out\"},\n",
        ];
        in_two(line, parts, json)
    }),
    array("drone", LogFormat::Drone, |line| {
        in_json("{\"pos\":1,\"out\":\"", line, "\\n\",\"time\":1},")
    }),
    array("woodpecker", LogFormat::Woodpecker, |line| {
        let before = "{\"line\":1,\"data\":\"";
        Record {
            raw: format!("{before}{}\"}},\n", base64(line.text.as_bytes())),
            // Three bytes of text stand in four characters.
            at: before.len() + line.span.start / 3 * 4,
        }
    }),
    lines("cri", LogFormat::Cri, |line| {
        on_a_line("2025-03-15T10:00:00.123456789Z stdout F ", line, "\n")
    }),
    lines("cri, joined", LogFormat::Cri, |line| {
        let parts = [
            "2025-03-15T10:00:00.1Z stdout P ",
            "\n2025-03-15T10:00:01.1Z stderr F warning\n2025-03-15T10:00:02.1Z stdout F ",
            "\n",
        ];
        in_two(line, parts, str::to_owned)
    }),
    lines("docker json", LogFormat::DockerJson, |line| {
        let after = "\\n\",\"stream\":\"stdout\",\"time\":\"2024-05-01T00:00:01.1Z\"}\n";
        in_json("{\"log\":\"", line, after)
    }),
    lines("docker json, joined", LogFormat::DockerJson, |line| {
        let parts = [
            "{\"log\":\"",
            "\",\"stream\":\"stdout\"}\n{\"log\":\"warning\\n\",\"stream\":\"stderr\"}\n{\"log\":\"",
            "\\n\",\"stream\":\"stdout\"}\n",
        ];
        in_two(line, parts, json)
    }),
    lines("compose", LogFormat::Compose, |line| {
        on_a_line("db-1   | 2025-03-15T10:00:00.123456Z ", line, "\n")
    }),
];

/// A token that has to be found.
struct Wanted {
    what: String,
    at: usize,
}

fn log(form: &Form, encode: Encode) -> (String, Vec<Wanted>) {
    let mut text = form.frame.0.to_owned();
    let mut wanted = Vec::new();
    for (seed, (kind, template)) in TOKENS.iter().enumerate() {
        for (context, beside) in BESIDE.iter().enumerate() {
            // Each token once, so that no two places are one finding.
            let token = fill(template, (100 * seed + context) as u64);
            // The first `@` is the token's, another one may belong to the URL.
            let (before, after) = beside.split_once('@').unwrap();
            let record = (form.record)(&encode(before, &token, after));
            wanted.push(Wanted {
                what: format!("{kind} in {beside:?}"),
                at: text.len() + record.at,
            });
            text.push_str(&record.raw);
        }
    }
    text.push_str(form.frame.1);
    (text, wanted)
}

/// Were the encodings undone, in their order? Others may have been before:
/// escapes that the context brings along.
fn has(decoded_from: &[Encoding], undone: &[Encoding]) -> bool {
    undone.is_empty()
        || decoded_from
            .windows(undone.len())
            .any(|part| part == undone)
}

/// What is wanted in a log and not found at its line and column.
fn missed(form: &Form, encode: Encode, undone: &[Encoding]) -> (usize, Vec<String>) {
    let (text, wanted) = log(form, encode);
    let found = findings(text.as_bytes(), Some(form.format));
    let places: BTreeSet<_> = found
        .iter()
        .filter(|one| has(&one.decoded_from, undone))
        .map(|one| &one.place)
        .map(|place| (place.byte_start, place.line, place.column))
        .collect();
    let is_found = |one: &Wanted| {
        let before = &text[..one.at];
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        places.contains(&(one.at as u64, line as u64, column as u64))
    };
    let missed = wanted.iter().filter(|one| !is_found(one));
    (wanted.len(), missed.map(|one| one.what.clone()).collect())
}

#[test]
fn every_token_in_every_context_format_and_encoding() {
    let jobs: Vec<_> = FORMS
        .iter()
        .flat_map(|form| ENCODINGS.iter().map(move |encoding| (form, encoding)))
        .collect();
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = jobs
            .chunks(jobs.len().div_ceil(4))
            .map(|jobs| {
                scope.spawn(|| {
                    let results = jobs.iter().map(|(form, (name, encode, undone))| {
                        ((form.name, *name), missed(form, *encode, undone))
                    });
                    results.collect::<Vec<_>>()
                })
            })
            .collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap());
        results.flatten().collect()
    });
    let count: usize = results.iter().map(|(_, (count, _))| count).sum();
    let faults: BTreeMap<_, _> = results
        .iter()
        .filter(|(_, (_, missed))| !missed.is_empty())
        .map(|(place, (_, missed))| (place, missed))
        .collect();
    let lost: usize = faults.values().map(|missed| missed.len()).sum();
    println!(
        "{} token kinds × {} contexts × {} forms of {} log formats × {} encodings: {count} cases, {lost} missed",
        TOKENS.len(),
        BESIDE.len(),
        FORMS.len(),
        LogFormat::ALL.len(),
        ENCODINGS.len()
    );
    assert!(faults.is_empty(), "{lost} of {count}: {faults:#?}");
    assert_eq!(count, 10 * 14 * 22 * 24);
    let formats: BTreeSet<_> = FORMS.iter().map(|form| form.format).collect();
    assert_eq!(formats.len(), LogFormat::ALL.len());
}
