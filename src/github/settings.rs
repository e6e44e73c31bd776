//! How GitHub is reached, and as whom.

use super::GithubError;
use crate::secret::Secret;
use http::Uri;
use http::uri::Authority;
use std::fmt;
use std::time::Duration;

/// Who asks.
#[derive(Debug, Clone)]
pub enum Auth {
    /// A token: of a job, an installation or a person.
    Token(Secret),
    /// A GitHub App, which gets its own short-lived tokens.
    App {
        /// Identifier of the app.
        id: u64,
        /// Its private RSA key, PEM.
        key: Secret,
        /// Its installation; if absent it is looked up by the repository.
        installation: Option<u64>,
    },
    /// Nobody: public repositories, 60 calls an hour, no logs.
    Anonymous,
}

/// How a [`Client`](super::Client) behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Root of the API: `https://api.github.com`, or `https://HOST/api/v3` of
    /// an Enterprise Server.
    pub base: String,
    /// Who asks.
    pub auth: Auth,
    /// Whether `http:` will do, for the API and for links to logs. Tokens then
    /// travel in the open.
    pub allow_http: bool,
    /// How long a connection, an answer of the API or the next part of a log
    /// may take.
    pub timeout: Duration,
    /// How long one call may wait in total for limits and for another try.
    pub max_wait: Duration,
    /// Requests to the API allowed in the life of the client.
    pub budget: Option<u64>,
}

impl Settings {
    /// 30 seconds of timeout, 15 minutes of waits, no budget, `https:` only.
    pub fn new(base: impl Into<String>, auth: Auth) -> Self {
        Self {
            base: base.into(),
            auth,
            allow_http: false,
            timeout: Duration::from_secs(30),
            max_wait: Duration::from_secs(15 * 60),
            budget: None,
        }
    }
}

/// The checked root of the API, without a slash at the end.
#[derive(Debug, Clone)]
pub(super) struct Base(Uri);

impl Base {
    pub(super) fn parse(text: &str, allow_http: bool) -> Result<Self, GithubError> {
        let wrong = |what: &str| {
            GithubError::settings(
                format!("the address of GitHub's API {what}"),
                "it is https://api.github.com or https://HOST/api/v3",
            )
        };
        let uri: Uri = text
            .trim_end_matches('/')
            .parse()
            .map_err(|_| wrong("is not a URL"))?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if allow_http => {}
            _ => return Err(wrong("does not begin with https:")),
        }
        let authority = uri.authority().map_or("", Authority::as_str);
        if authority.contains('@') || uri.query().is_some() {
            return Err(wrong("holds more than host and path"));
        }
        Ok(Self(uri))
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }

    pub(super) fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }

    /// The address of `tail`, with neither scheme nor host: octocrab signs
    /// requests to its own base only.
    pub(super) fn relative(&self, tail: &str) -> String {
        format!("{}{tail}", self.path())
    }

    /// The inverse of [`Self::relative`], for an address of this very origin.
    pub(super) fn tail_of(&self, uri: &Uri) -> Option<String> {
        let same = uri.scheme() == self.0.scheme() && uri.authority() == self.0.authority();
        let tail = uri.path_and_query()?.as_str().strip_prefix(self.path())?;
        (same && tail.starts_with('/')).then(|| tail.to_owned())
    }
}

/// The same for all ways of writing a host.
impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, authority) = (self.0.scheme_str(), self.0.authority());
        let authority = authority.map_or("", Authority::as_str).to_ascii_lowercase();
        write!(
            f,
            "{}://{authority}{}",
            scheme.unwrap_or_default(),
            self.path()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<Base, GithubError> {
        Base::parse(text, false)
    }

    #[test]
    fn a_base_is_an_https_host_with_or_without_a_path() {
        assert_eq!(
            base("https://API.github.com/").unwrap().to_string(),
            "https://api.github.com"
        );
        let enterprise = base("https://ghe.example:8443/api/v3/").unwrap();
        assert_eq!(enterprise.to_string(), "https://ghe.example:8443/api/v3");
        assert_eq!(enterprise.relative("/repos/a/b"), "/api/v3/repos/a/b");
        for bad in [
            "",
            "api.github.com",
            "/api",
            "http://api.github.com",
            "ftp://x/",
            "https://",
            "https://user:word@host/",
            "https://host/?a=b",
            "https://host /",
        ] {
            let error = base(bad).unwrap_err().to_string();
            assert!(error.contains("hint: "), "{bad}: {error}");
            assert!(!error.contains("word"), "{error}");
        }
        assert!(Base::parse("http://localhost:1", true).is_ok());
    }

    #[test]
    fn only_addresses_of_the_same_origin_and_root_have_a_tail() {
        let base = base("https://ghe.example/api/v3").unwrap();
        let tail = |text: &str| base.tail_of(&text.parse().unwrap());
        assert_eq!(
            tail("https://ghe.example/api/v3/repos/a/b?page=2").as_deref(),
            Some("/repos/a/b?page=2")
        );
        for foreign in [
            "https://ghe.example/repos/a",
            "https://ghe.example/api/v34/x",
            "http://ghe.example/api/v3/repos",
            "https://evil.example/api/v3/repos",
            "https://ghe.example:444/api/v3/repos",
            "/api/v3/repos",
        ] {
            assert_eq!(tail(foreign), None, "{foreign}");
        }
    }
}
