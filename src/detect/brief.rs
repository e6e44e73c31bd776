//! Credentials that do not last, or never let anyone in: what a CI system makes
//! for one job or one download, keys of clusters that a test starts, proofs of a
//! login. They rank low, whichever rule found them.

use super::hit::Hit;
use super::jwt;
use super::run::Site;
use super::shape;
use crate::rule::{Confidence, DetectorKind};
use memchr::memmem;

/// Seconds of a day: what lives no longer is dead before anyone has read of it.
pub(super) const DAY: i64 = 24 * 60 * 60;

/// Lowers `hit` if what it found does not last.
pub(super) fn lower(detector: DetectorKind, site: &Site<'_>, hit: &mut Hit, now: Option<i64>) {
    if hit.confidence > Confidence::Low
        && let Some(why) = reason(detector, site, hit, now)
    {
        lower_for(hit, why);
    }
}

/// Lowers a key that stands under the name of a test cluster.
pub(super) fn lower_test_key(hit: &mut Hit) {
    lower_for(hit, TEST_KEY);
}

/// Bytes to each side of a secret that are looked at.
const LOOK: usize = 2 << 10;
const TEST_KEY: &str = "a key of a test cluster";

fn lower_for(hit: &mut Hit, why: &'static str) {
    if hit.confidence > Confidence::Low && !hit.dropped {
        hit.confidence = Confidence::Low;
        hit.reasons.push(why);
    }
}

fn reason(
    detector: DetectorKind,
    site: &Site<'_>,
    hit: &Hit,
    now: Option<i64>,
) -> Option<&'static str> {
    let secret = hit.secret.expose();
    if let Some(rest) = secret.strip_prefix(b"glcbt-") {
        return job_token(rest, now);
    }
    if let Some(token) = token_within(secret) {
        return token.excuse(now);
    }
    let line = site.text.get(site.line.clone())?;
    let at = hit.span.start.checked_sub(site.line.start)?;
    let before = tail(line.get(..at)?);
    match detector {
        kind if kind.is_key() => names_test_cluster(before).then_some(TEST_KEY),
        DetectorKind::Credential | DetectorKind::VendorContext if is_verifier(before) => {
            Some("proves a login and is none itself")
        }
        DetectorKind::Pattern if is_test_pair(before, secret, &line[at + hit.span.len()..]) => {
            Some("a user of tests, on the machine itself")
        }
        DetectorKind::Pattern if is_past(word_around(line, at)?, now) => {
            Some("a signature that expired before this scan")
        }
        _ => is_presigned_asset(url_around(line, at)?)
            .then_some("a presigned address that is valid for a day at most"),
    }
}

/// `scheme://name:name@localhost`, `scheme://user:password@localhost`: what images
/// start with and documents write.
fn is_test_pair(before: &[u8], password: &[u8], behind: &[u8]) -> bool {
    let is = |text: &[u8], word: &str| text.eq_ignore_ascii_case(word.as_bytes());
    let user = before.strip_suffix(b":").and_then(|before| {
        let mark = memmem::rfind(before, b"://")?;
        Some(&before[mark + 3..])
    });
    let made_up = |user: &[u8]| {
        user.eq_ignore_ascii_case(password)
            || ["user", "username"].iter().any(|word| is(user, word)) && is(password, "password")
    };
    behind.starts_with(b"@localhost") && user.is_some_and(made_up)
}

/// The query of a shared access signature that says when it ended.
fn is_past(query: &[u8], now: Option<i64>) -> bool {
    let signed = parameter(query, b"sig=").is_some();
    let end = || instant(parameter(query, b"se=")?);
    signed && end().zip(now).is_some_and(|(end, now)| end < now)
}

/// Words for clusters that live as long as a test.
pub(super) fn names_test_cluster(text: &[u8]) -> bool {
    const WORDS: [&str; 6] = [
        "envtest",
        "minikube",
        "kind-",
        "k3d-",
        "testcontainers",
        "test-cluster",
    ];
    let text = tail(text).to_ascii_lowercase();
    let begins = |at: usize| at == 0 || !text[at - 1].is_ascii_alphanumeric();
    // `kind-` is no end of `mankind-`.
    WORDS
        .iter()
        .any(|word| memmem::find_iter(&text, word).any(begins))
}

/// The end of what stands before a secret. Lines may be long and hold many.
fn tail(before: &[u8]) -> &[u8] {
    &before[before.len().saturating_sub(LOOK)..]
}

/// What SCRAM keeps of a password (RFC 5802). A salt elsewhere may be a secret.
fn is_verifier(before: &[u8]) -> bool {
    let before = before.to_ascii_lowercase();
    let kept = ["stored_key=", "server_key=", "storedkey=", "serverkey="];
    let named = kept.iter().any(|name| before.ends_with(name.as_bytes()));
    named || (before.ends_with(b"salt=") && shape::contains(&before, b"scram-sha-"))
}

/// The JWT that `secret` is, perhaps behind a vendor's prefix.
fn token_within(secret: &[u8]) -> Option<jwt::Jwt> {
    let head = &secret[..secret.len().min(32)];
    let at = memmem::find(head, b"eyJ")?;
    jwt::at(secret, &(at..secret.len()), at)
}

/// A GitLab job token is dead with its job; one that is a JWT says when that is.
fn job_token(rest: &[u8], now: Option<i64>) -> Option<&'static str> {
    match jwt::at(rest, &(0..rest.len()), 0) {
        Some(token) if token.outlives_a_day(now) => None,
        _ => Some("a job token, which ends with its job"),
    }
}

/// The address that `line[at]` is part of, without its scheme.
fn url_around(line: &[u8], at: usize) -> Option<&[u8]> {
    let word = word_around(line, at)?;
    memmem::find(word, b"https://").map(|scheme| &word[scheme + 8..])
}

/// The word that `line[at]` is part of.
fn word_around(line: &[u8], at: usize) -> Option<&[u8]> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>|\\".contains(byte);
    let before = tail(line.get(..at)?);
    let start = before.iter().rposition(ends).map_or(0, |end| end + 1);
    let behind = &line[at..line.len().min(at + LOOK)];
    let end = behind.iter().position(ends).unwrap_or(behind.len());
    Some(&line[at - before.len() + start..at + end])
}

/// Hosts that hand out artifacts, logs, caches and release files of GitHub.
const ASSET_HOSTS: [&str; 4] = [
    "objects.githubusercontent.com",
    "release-assets.githubusercontent.com",
    "pkg-containers.githubusercontent.com",
    ".actions.githubusercontent.com",
];

/// `url` (without its scheme) leads to such a host and says that it expires soon.
fn is_presigned_asset(url: &[u8]) -> bool {
    let host_end = url
        .iter()
        .position(|byte| b"/?:".contains(byte))
        .unwrap_or(url.len());
    let (host, rest) = url.split_at(host_end);
    // Storage accounts of all the world share a domain; these are the runners'.
    let of_runner =
        host.starts_with(b"productionresultssa") && host.ends_with(b".blob.core.windows.net");
    let known = of_runner
        || ASSET_HOSTS
            .iter()
            .any(|known| host.ends_with(known.as_bytes()));
    known && lifetime(rest).is_some_and(|seconds| (0..=DAY).contains(&seconds))
}

/// Seconds that the query says it is valid for.
fn lifetime(query: &[u8]) -> Option<i64> {
    if let Some(seconds) = parameter(query, b"X-Amz-Expires=") {
        return std::str::from_utf8(seconds).ok()?.parse().ok();
    }
    let start = parameter(query, b"st=").or_else(|| parameter(query, b"skt="))?;
    Some(instant(parameter(query, b"se=")?)? - instant(start)?)
}

fn parameter<'a>(query: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at =
        memmem::find_iter(query, name).find(|at| *at > 0 && b"?&;".contains(&query[at - 1]))?;
    let value = &query[at + name.len()..];
    let end = value
        .iter()
        .position(|byte| b"&#;".contains(byte))
        .unwrap_or(value.len());
    Some(&value[..end])
}

/// `2025-03-15T10:00:00Z`, the colons perhaps percent-encoded.
fn instant(stamp: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(stamp)
        .ok()?
        .replace("%3A", ":")
        .replace("%3a", ":");
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(instant.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_brief(url: &str) -> bool {
        let line = format!("GET '{url}' 200");
        let url = url_around(line.as_bytes(), line.len() - 8).unwrap();
        is_presigned_asset(url)
    }

    #[test]
    fn presigned_assets_of_a_day() {
        let amazon = |host: &str, seconds: u32| {
            is_brief(&format!(
                "https://{host}/a.zip?X-Amz-Expires={seconds}&X-Amz-Signature=0a"
            ))
        };
        assert!(amazon("objects.githubusercontent.com", 300));
        assert!(!amazon("objects.githubusercontent.com", 604_800));
        assert!(!amazon("bucket.s3.amazonaws.com", 300));
        let azure = |start: &str, end: &str| {
            let query = format!("?st={start}&se={end}&sig=0a");
            is_brief(&format!(
                "https://productionresultssa1.blob.core.windows.net/a/b{query}"
            ))
        };
        assert!(azure(
            "2025-03-15T10%3A00%3A00Z",
            "2025-03-15T11%3A00%3A00Z"
        ));
        assert!(!azure("2025-03-15T10:00:00Z", "2026-03-15T10:00:00Z"));
        assert!(!is_brief(
            "https://acme.blob.core.windows.net/a?st=2025-03-15T10:00:00Z&se=2025-03-15T11:00:00Z&sig=0a"
        ));
        assert!(!azure("soon", "2026-03-15T10:00:00Z"));
    }

    #[test]
    fn a_signature_that_expired() {
        let query = b"?sv=2022-11-02&se=2025-03-10T14%3A00%3A00Z&sig=0a";
        let end = instant(b"2025-03-10T14:00:00Z");
        assert!(is_past(query, end.map(|end| end + 1)));
        assert!(!is_past(query, end) && !is_past(query, None));
        assert!(!is_past(
            b"?se=2025-03-10T14:00:00Z&key=0a",
            end.map(|end| end + 1)
        ));
    }

    #[test]
    fn a_job_token_of_gitlab_ends_with_its_job() {
        assert!(job_token(b"64_0123456789abcdefghij", None).is_some());
    }
}
