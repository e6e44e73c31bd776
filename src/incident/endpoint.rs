//! Where a channel is: address, keys and headers, none of which can be printed.

use super::address::{check_literal, is_loopback};
use super::sign::{encoded, hmac};
use super::{Document, IncidentError, IncidentErrorKind, Rendered};
use crate::config::{ChannelConfig, ChannelKind, RepositoryGlob, Signature};
use crate::rule::Severity;
use crate::secret::Secret;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use std::fmt;

/// Stands for an address that is not known. No such host can ever be.
const UNSET: &str = "https://unset.invalid";

/// Looks up what an environment variable holds.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<Secret>;

/// What every channel has. `Debug` shows its name and host.
#[derive(Clone)]
pub struct Endpoint {
    name: String,
    kind: ChannelKind,
    url: Url,
    secret: Option<Secret>,
    headers: HeaderMap,
    signature: Option<Signature>,
    min_severity: Option<Severity>,
    repositories: Vec<RepositoryGlob>,
    allow_private: bool,
    missing: Option<IncidentError>,
}

impl Endpoint {
    /// Looks up the address and the keys of `entry`. What the environment lacks
    /// is no reason not to make it: messages wait until it is set, and nothing
    /// else waits for them.
    pub(super) fn new(entry: &ChannelConfig, secrets: Lookup<'_>) -> Result<Self, IncidentError> {
        match Self::complete(entry, secrets) {
            Err(error) if error.kind() == IncidentErrorKind::Missing => {
                let unset = |_: &str| Some(Secret::new(UNSET.as_bytes()));
                let bare = ChannelConfig {
                    secret_env: None,
                    headers: std::collections::BTreeMap::new(),
                    ..entry.clone()
                };
                Ok(Self {
                    missing: Some(error),
                    ..Self::complete(&bare, &unset)?
                })
            }
            other => other,
        }
    }

    fn complete(entry: &ChannelConfig, secrets: Lookup<'_>) -> Result<Self, IncidentError> {
        let find = |variable: &str| look_up(entry, variable, secrets);
        let secret = entry.secret_env.as_deref().map(find).transpose()?;
        let mut headers = HeaderMap::new();
        for (header, variable) in &entry.headers {
            let value = header_value(entry, variable, &find(variable)?)?;
            headers.insert(header_name(entry, header)?, value);
        }
        Ok(Self {
            name: entry.name.to_string(),
            kind: entry.kind,
            url: address(entry, secrets)?,
            secret,
            headers,
            signature: entry.signature.clone(),
            min_severity: entry.min_severity,
            repositories: entry.repositories.clone(),
            allow_private: entry.allow_private,
            missing: None,
        })
    }

    /// The name of the channel.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the environment lacks for sending; nothing may be sent then.
    pub fn missing(&self) -> Option<&IncidentError> {
        self.missing.as_ref()
    }

    /// What it speaks.
    pub fn kind(&self) -> ChannelKind {
        self.kind
    }

    /// The host, which is all of the address that may be shown.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(super) fn secret(&self) -> &[u8] {
        self.secret.as_ref().map_or(&[], Secret::expose)
    }

    pub(super) fn wants(&self, document: &Document) -> bool {
        let fits = |glob: &RepositoryGlob| glob.is_match(&document.repository);
        self.min_severity
            .is_none_or(|least| document.severity >= least)
            && (self.repositories.is_empty() || self.repositories.iter().any(fits))
    }

    /// `rendered` on its way here, signed if the configuration says so.
    pub(super) fn request(&self, rendered: &Rendered, idempotent: bool, now: Timestamp) -> Request {
        let mut request = Request {
            url: with_suffix(&self.url, &rendered.suffix),
            headers: self.headers.clone(),
            body: rendered.body.clone().into_bytes(),
            idempotent,
            accepted: |_, _| true,
            allow_private: self.allow_private,
            sent_at: now,
        };
        request.set_header(CONTENT_TYPE, &rendered.content_type);
        if let Some(signature) = &self.signature
            && let Ok(name) = HeaderName::from_bytes(signature.header.as_bytes())
        {
            let digest = encoded(&hmac(self.secret(), &[&request.body]), signature.encoding);
            request.set_header(name, &format!("{}{digest}", signature.prefix));
        }
        request
    }

    pub(super) fn error(&self, kind: IncidentErrorKind, what: &str) -> IncidentError {
        IncidentError::new(kind, format!("channel `{}`: {what}", self.name))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} at {})", self.name, self.kind.name(), self.host())
    }
}

/// A delivery, with all its secrets. `Debug` shows the host.
pub struct Request {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) idempotent: bool,
    pub(super) accepted: fn(u16, &[u8]) -> bool,
    pub(super) allow_private: bool,
    pub(super) sent_at: Timestamp,
}

impl Request {
    /// Also checks the answer, status 200 to 299, before it counts.
    #[must_use]
    pub(super) fn accepted_if(mut self, accepted: fn(u16, &[u8]) -> bool) -> Self {
        self.accepted = accepted;
        self
    }

    /// Sets a header, unless `value` could not stand in one.
    pub(super) fn set_header(&mut self, name: HeaderName, value: &str) {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
    }

    /// The host, which is all of the address that may be shown.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "POST to {}, {} bytes", self.host(), self.body.len())
    }
}

fn refusal(entry: &ChannelConfig, kind: IncidentErrorKind, what: &str) -> IncidentError {
    IncidentError::new(kind, format!("channel `{}`: {what}", &*entry.name))
}

/// What a variable holds, without the line end that files have.
fn look_up(
    entry: &ChannelConfig,
    variable: &str,
    secrets: Lookup<'_>,
) -> Result<Secret, IncidentError> {
    let found = secrets(variable).map(|value| Secret::new(value.expose().trim_ascii()));
    found.filter(|value| !value.is_empty()).ok_or_else(|| {
        let what = format!(
            "the environment variable {variable} is not set\nhint: set it, or take the channel out"
        );
        refusal(entry, IncidentErrorKind::Missing, &what)
    })
}

fn header_name(entry: &ChannelConfig, name: &str) -> Result<HeaderName, IncidentError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        let what = "a header has no valid name\nhint: use letters, digits and `-`";
        refusal(entry, IncidentErrorKind::Secret, what)
    })
}

fn header_value(
    entry: &ChannelConfig,
    variable: &str,
    value: &Secret,
) -> Result<HeaderValue, IncidentError> {
    let mut value = HeaderValue::from_bytes(value.expose()).map_err(|_| {
        let what = format!(
            "what {variable} holds cannot stand in a header\nhint: it must be one line of plain text"
        );
        refusal(entry, IncidentErrorKind::Secret, &what)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn address(entry: &ChannelConfig, secrets: Lookup<'_>) -> Result<Url, IncidentError> {
    let written = entry.url.as_deref().or(entry.kind.default_url());
    let text = match &entry.url_env {
        Some(variable) => look_up(entry, variable, secrets)?,
        None => Secret::new(written.unwrap_or_default().as_bytes()),
    };
    let place = entry.url_env.as_deref().unwrap_or("`url`");
    let url = std::str::from_utf8(text.expose())
        .ok()
        .and_then(|text| Url::parse(text).ok());
    let checked = url
        .ok_or("is not an address")
        .and_then(|url| check(url, entry.allow_private));
    checked.map_err(|what| {
        let what = format!(
            "what stands in {place} {what}\nhint: it must be a public `https://` address without \
             user name and password; see `allow_private` in docs/configuration.md"
        );
        refusal(entry, IncidentErrorKind::Address, &what)
    })
}

/// Whether `url` may be reached at all; names are resolved when it is.
fn check(url: Url, allow_private: bool) -> Result<Url, &'static str> {
    let is_plain_test = url.scheme() == "http" && allow_private && is_loopback(&url);
    if url.scheme() != "https" && !is_plain_test {
        return Err("is not an `https://` address");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("has no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or a password in it");
    }
    if !allow_private && check_literal(&url).is_err() {
        return Err("is a private, local or reserved address");
    }
    Ok(url)
}

/// `url` with a path and a query added behind its own.
fn with_suffix(url: &Url, suffix: &str) -> Url {
    let (path, query) = suffix.split_once('?').unwrap_or((suffix, ""));
    let mut url = url.clone();
    if !path.is_empty() {
        let whole = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&whole);
    }
    if !query.is_empty() {
        let whole = url
            .query()
            .map_or_else(|| query.to_owned(), |own| format!("{own}&{query}"));
        url.set_query(Some(&whole));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::{check, with_suffix};
    use reqwest::Url;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_suffix_goes_behind_path_and_query() {
        let joined = |base, suffix| with_suffix(&url(base), suffix).to_string();
        assert_eq!(joined("https://a.example/b", ""), "https://a.example/b");
        assert_eq!(
            joined("https://a.example", "/v2/x?y=z"),
            "https://a.example/v2/x?y=z"
        );
        assert_eq!(
            joined("https://a.example/b/?t=1", "?wait=true"),
            "https://a.example/b/?t=1&wait=true"
        );
        assert_eq!(
            joined("https://a.example/b/", "/v2"),
            "https://a.example/b/v2"
        );
    }

    #[test]
    fn only_https_to_public_hosts_is_taken() {
        for text in [
            "http://example.com/",
            "ftp://example.com/",
            "https://u@example.com/",
            "https://u:p@example.com/",
            "https://127.0.0.1/",
            "http://localhost/",
            "data:x",
        ] {
            assert!(check(url(text), false).is_err(), "{text}");
        }
        assert!(check(url("https://example.com/x?y"), false).is_ok());
    }

    #[test]
    fn private_hosts_need_leave_and_tls_even_then() {
        for text in [
            "https://10.0.0.1/",
            "http://127.0.0.1:1/",
            "http://localhost:1/",
            "http://[::1]/",
        ] {
            assert!(check(url(text), true).is_ok(), "{text}");
        }
        for text in ["http://10.0.0.1/", "http://example.com/"] {
            assert!(check(url(text), true).is_err(), "{text}");
        }
    }
}
