//! What an answer of the API means.

use super::GithubError;
use super::GithubErrorKind::{
    BadAnswer, Conflict, Forbidden, Gone, NotFound, NotYet, RateLimited, Server, Unauthorized,
};
use super::error::{GithubErrorKind, quote};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::{SignedDuration, Timestamp};

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The answer, if it grants what was asked for or leads to what was to be
    /// read. `ahead` is how far GitHub's clock is before that of this machine,
    /// which shows `now`.
    pub(super) fn check(
        self,
        method: &Method,
        tail: &str,
        now: Timestamp,
        ahead: SignedDuration,
    ) -> Result<Self, GithubError> {
        let known = [StatusCode::FOUND, StatusCode::NOT_MODIFIED].contains(&self.status);
        let leads = known && method == Method::GET;
        if self.status.is_success() || leads {
            return Ok(self);
        }
        let kind = self.kind(now, ahead);
        let (status, said) = (self.status.as_u16(), self.quoted());
        let what = format!("github answered {status} to {method} {tail}{said}");
        Err(GithubError::new(kind, what, hint(kind, self.status)).with_status(self.status))
    }

    fn kind(&self, now: Timestamp, ahead: SignedDuration) -> GithubErrorKind {
        match self.status.as_u16() {
            401 => Unauthorized,
            403 | 429 if self.is_limited() => RateLimited {
                until: self.until(now, ahead),
            },
            403 => Forbidden,
            404 if is_unwritten(&self.body) => NotYet,
            404 => NotFound,
            409 => Conflict,
            410 => Gone,
            500..=599 => Server,
            _ => BadAnswer,
        }
    }

    /// A refused permission may come with the last request of an hour, so the
    /// words go before the headers.
    fn is_limited(&self) -> bool {
        let message = self.message().to_ascii_lowercase();
        let permission = ["not accessible by", "must have admin rights"];
        if permission.iter().any(|words| message.contains(words)) {
            return false;
        }
        self.status == StatusCode::TOO_MANY_REQUESTS
            || self.headers.contains_key("retry-after")
            || self.number("x-ratelimit-remaining") == Some(0)
            || message.contains("rate limit")
    }

    /// GitHub's rule: `retry-after`, or else the reset of a used-up limit, or
    /// else a minute.
    fn until(&self, now: Timestamp, ahead: SignedDuration) -> Timestamp {
        let after = |seconds| now.saturating_add(SignedDuration::from_secs(seconds));
        if let Some(seconds) = self.number("retry-after") {
            return after(seconds).unwrap_or(now);
        }
        let reset = self
            .number("x-ratelimit-reset")
            .filter(|_| self.number("x-ratelimit-remaining") == Some(0))
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        match reset {
            Some(reset) => reset.saturating_sub(ahead).unwrap_or(now).max(now),
            None => after(60).unwrap_or(now),
        }
    }

    fn number(&self, header: &str) -> Option<i64> {
        self.header(header)?.trim().parse().ok()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What GitHub says in words.
    fn message(&self) -> String {
        let json: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        json.and_then(|json| Some(json.get("message")?.as_str()?.to_owned()))
            .unwrap_or_default()
    }

    fn quoted(&self) -> String {
        match self.message() {
            empty if empty.is_empty() => String::new(),
            message => format!(": '{}'", quote(&message)),
        }
    }
}

/// Whether the body is the XML of a log store for a blob that is not there.
pub(super) fn is_unwritten(body: &[u8]) -> bool {
    memchr::memmem::find(body, b"BlobNotFound").is_some()
}

fn hint(kind: GithubErrorKind, status: StatusCode) -> &'static str {
    match kind {
        Unauthorized => "the token is wrong, revoked or expired: give a valid one",
        Forbidden => "reading logs needs the permission `actions: read`, deleting `actions: write`",
        NotFound => "check the name; of what a token may not see, github says the same",
        Gone => "it was deleted or has expired",
        NotYet => "the log is not written yet: ask again when the job has ended",
        Conflict => "the run is busy: ask again when it has ended",
        RateLimited { .. } => "wait for the limit, or use a token with a higher one",
        Server => "ask again later; https://www.githubstatus.com tells of outages",
        _ if status.is_redirection() => {
            "the repository was renamed or moved: give its present name"
        }
        _ => "check the address of GitHub's API",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, headers: &[(&'static str, &str)], body: &str) -> GithubError {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect::<HeaderMap>(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        let now = Timestamp::from_second(1_000).unwrap();
        let ahead = SignedDuration::from_secs(10);
        answer
            .check(&Method::DELETE, "/x", now, ahead)
            .err()
            .unwrap()
    }

    fn until(second: i64) -> GithubErrorKind {
        RateLimited {
            until: Timestamp::from_second(second).unwrap(),
        }
    }

    #[test]
    fn a_status_has_its_class() {
        let classes = [
            (401, Unauthorized),
            (403, Forbidden),
            (404, NotFound),
            (409, Conflict),
            (410, Gone),
            (500, Server),
            (503, Server),
            (301, BadAnswer),
            (302, BadAnswer),
            (304, BadAnswer),
            (422, BadAnswer),
        ];
        for (status, kind) in classes {
            let error = error(status, &[], "{}");
            assert_eq!((error.kind(), error.status()), (kind, Some(status)));
            assert!(error.to_string().contains("\nhint: "), "{error}");
        }
    }

    #[test]
    fn a_blob_that_is_not_written_is_not_a_log_that_is_gone() {
        let xml = "<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code></Error>";
        assert_eq!(error(404, &[], xml).kind(), NotYet);
    }

    #[test]
    fn a_rate_limit_tells_when_to_ask_again() {
        let used_up = ("x-ratelimit-remaining", "0");
        let reset = ("x-ratelimit-reset", "5000");
        let secondary = r#"{"message": "You have exceeded a secondary rate limit."}"#;
        let cases = [
            (
                error(429, &[("retry-after", "7"), used_up, reset], ""),
                1_007,
            ),
            (error(403, &[("retry-after", "7")], "{}"), 1_007),
            (error(403, &[used_up, reset], "{}"), 4_990),
            (
                error(403, &[used_up, ("x-ratelimit-reset", "3")], "{}"),
                1_000,
            ),
            (error(403, &[used_up], "{}"), 1_060),
            (
                error(403, &[("x-ratelimit-remaining", "9"), reset], secondary),
                1_060,
            ),
            (error(429, &[reset], "no json"), 1_060),
            (error(429, &[("retry-after", "soon")], ""), 1_060),
        ];
        for (error, second) in cases {
            assert_eq!(error.kind(), until(second), "{error}");
        }
    }

    #[test]
    fn a_missing_permission_is_no_rate_limit() {
        for words in [
            "Resource not accessible by integration",
            "Must have admin rights to Repository.",
        ] {
            let body = format!(r#"{{"message": "{words}"}}"#);
            assert_eq!(error(403, &[], &body).kind(), Forbidden);
            assert_eq!(
                error(403, &[("x-ratelimit-remaining", "0")], &body).kind(),
                Forbidden
            );
        }
    }

    #[test]
    fn what_github_says_is_quoted_escaped_and_short() {
        let message = format!("\u{1b}[31mno\n{}", "x".repeat(5_000));
        let body = serde_json::json!({ "message": message }).to_string();
        let text = error(418, &[], &body).to_string();
        assert!(text.contains("'\\u{1b}[31mno\\nxxx"), "{text}");
        assert_eq!(text.lines().count(), 2);
        assert!(text.len() < 500);
    }
}
