//! What can go wrong between leaksweep and GitHub.

use http::StatusCode;
use jiff::Timestamp;
use std::fmt;

/// Why a call failed. The message names the call and quotes GitHub's answer,
/// escaped; it never holds a token or a signed link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GithubError {
    kind: GithubErrorKind,
    status: Option<u16>,
    message: String,
}

/// The classes of [`GithubError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GithubErrorKind {
    /// 401: the token is wrong, revoked or expired.
    Unauthorized,
    /// 403: the token lacks a permission.
    Forbidden,
    /// 404: it is not there, or the token may not see it.
    NotFound,
    /// 410: it was there.
    Gone,
    /// 404 of the log store (`BlobNotFound`): a log that is not written yet.
    NotYet,
    /// 409: the state of the run does not allow it.
    Conflict,
    /// 403 or 429: a rate limit. By the clock of this machine.
    RateLimited {
        /// When to ask again.
        until: Timestamp,
    },
    /// 5xx, or a log store that does not serve.
    Server,
    /// No connection, no answer in time, or an answer that broke off.
    Network,
    /// An answer that is not what the call promises.
    BadAnswer,
    /// The calls allowed by [`Settings::budget`](super::Settings::budget) are
    /// used up; nothing was sent.
    Budget,
    /// [`Settings`](super::Settings) that cannot work; nothing was sent.
    Settings,
    /// The file of a log cannot be written.
    File,
}

impl GithubError {
    /// `what` went wrong, and what to do about it.
    pub(super) fn new(kind: GithubErrorKind, what: impl fmt::Display, hint: &str) -> Self {
        Self {
            kind,
            status: None,
            message: format!("{what}\nhint: {hint}"),
        }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self {
            status: Some(status.as_u16()),
            ..self
        }
    }

    /// The connection to `host` did not do. Only the innermost cause is told:
    /// the layers above may name a whole URL.
    pub(super) fn network(host: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut cause = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        match cause.to_string() {
            text if text.contains("://") => Self::broken(host, "it failed"),
            text => Self::broken(host, &quote(&text)),
        }
    }

    /// The connection to `host` did not do, as `cause` tells.
    pub(super) fn broken(host: &str, cause: &str) -> Self {
        let what = format!("no whole answer from {host}: {cause}");
        Self::new(GithubErrorKind::Network, what, "check the network")
    }

    /// Not what GitHub would say.
    pub(super) fn bad_answer(what: impl fmt::Display) -> Self {
        let hint = "check the address of GitHub's API, and what stands between";
        Self::new(GithubErrorKind::BadAnswer, what, hint)
    }

    pub(super) fn settings(what: impl fmt::Display, hint: &str) -> Self {
        Self::new(GithubErrorKind::Settings, what, hint)
    }

    /// The class.
    pub fn kind(&self) -> GithubErrorKind {
        self.kind
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

/// Foreign text for a message: escaped, at most 200 characters.
pub(super) fn quote(text: &str) -> String {
    const MOST: usize = 200;
    text.chars()
        .take(MOST)
        .flat_map(char::escape_debug)
        .collect()
}
