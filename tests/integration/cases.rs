//! Token kinds × what stands beside them × log formats, down to the column in the
//! text. `product` has these and the encodings.

use crate::support::{fill, findings};
use leaksweep::log::LogFormat;

pub(crate) const TOKENS: [(&str, &str); 10] = [
    ("github-pat", "ghp_{base62:30}{crc32}"),
    ("github-oauth-token", "gho_{base62:30}{crc32}"),
    ("npm-access-token", "npm_{base62:30}{crc32}"),
    ("gitlab-pat", "glpat-{base62:20}"),
    (
        "slack-bot-token",
        "xoxb-{digits:12}-{digits:12}-{base62:24}",
    ),
    ("sendgrid-api-key", "SG.{base62:22}.{base62:43}"),
    ("stripe-secret-key", "sk_live_{base62:24}"),
    ("digitalocean-pat", "dop_v1_{hex:64}"),
    ("huggingface", "hf_{base62:34}"),
    ("aws-access-key-id", "AKIA{base32:16}"),
];

/// `@` is where the token stands.
pub(crate) const BESIDE: [&str; 14] = [
    "@",
    "\u{1b}[36;1mecho @\u{1b}[0m",
    "\u{1b}[32m@",
    "\"@\",",
    "'@'",
    "{\"a\": \"@\"}",
    "{\\\"a\\\": \\\"@\\\"}",
    "https://x:@@example.com/",
    "(@)",
    "<a>@</a>",
    "?q=@&b=1",
    "see @.",
    "a,@,b",
    "export X=@",
];

/// One line of text in a log of each line-based format: head, line prefix, line end.
const FORMATS: [(LogFormat, &str, &str); 8] = [
    (LogFormat::Plain, "", "\n"),
    (
        LogFormat::GitHubActions,
        "2025-03-15T10:00:00.1234567Z ",
        "\n",
    ),
    (
        LogFormat::GhRunView,
        "build\tRun make\t2025-03-15T10:00:00.1234567Z ",
        "\n",
    ),
    (
        LogFormat::GitLabStamped,
        "2025-03-15T10:00:00.123456Z 01O ",
        "\n",
    ),
    (LogFormat::Azure, "2025-03-15T10:00:00.1234567Z ", "\r\n"),
    (LogFormat::Jenkins, "[2025-03-15T10:00:00.000Z] ", "\n"),
    (
        LogFormat::CodeBuild,
        "[Container] 2025/03/15 10:00:00.837564 ",
        "\n",
    ),
    (
        LogFormat::Cri,
        "2025-03-15T10:00:00.123456789Z stdout F ",
        "\n",
    ),
];

fn log(prefix: &str, end: &str, line: &str) -> (String, u64) {
    let lines = ["first line", "second line", line, "last line"];
    (
        lines
            .iter()
            .map(|text| format!("{prefix}{text}{end}"))
            .collect(),
        3,
    )
}

#[test]
fn tokens_are_found_beside_anything_in_every_format() {
    let mut count = 0;
    let mut missed = Vec::new();
    for (seed, (kind, template)) in TOKENS.iter().enumerate() {
        let token = fill(template, seed as u64);
        for beside in BESIDE {
            // The first `@` is the token's, another one may belong to the URL.
            let line = beside.replacen('@', &token, 1);
            for (format, prefix, end) in FORMATS {
                let (text, row) = log(prefix, end, &line);
                let at = text.find(&token).unwrap() as u64;
                let line_start = text[..at as usize]
                    .rfind('\n')
                    .map_or(0, |before| before as u64 + 1);
                let hit = findings(text.as_bytes(), Some(format))
                    .into_iter()
                    .find(|hit| {
                        hit.place.byte_start == at && hit.place.byte_end == at + token.len() as u64
                    });
                count += 1;
                match hit {
                    Some(hit) => {
                        assert_eq!(hit.place.line, row, "{kind} in {beside:?} in {format}");
                        assert_eq!(hit.place.column, at - line_start + 1);
                        assert_eq!(
                            hit.place.text_column,
                            at - line_start + 1 - prefix.len() as u64
                        );
                    }
                    None => missed.push(format!("{kind} in {beside:?} in {format}")),
                }
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {count} missed: {missed:#?}",
        missed.len()
    );
    assert_eq!(count, 10 * 14 * 8);
}
