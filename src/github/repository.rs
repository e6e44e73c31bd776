//! The names of repositories and organizations.

use super::GithubError;
use std::fmt;
use std::str::FromStr;

/// `OWNER/REPO`. Made by parsing only, so that it is safe in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Repository {
    /// User or organization.
    pub owner: String,
    /// Name without the owner.
    pub name: String,
}

impl FromStr for Repository {
    type Err = GithubError;

    fn from_str(text: &str) -> Result<Self, GithubError> {
        text.split_once('/')
            .filter(|(owner, name)| is_owner(owner) && is_name(name))
            .map(|(owner, name)| Self {
                owner: owner.to_owned(),
                name: name.to_owned(),
            })
            .ok_or_else(|| {
                let text = super::error::quote(text);
                let what = format!("'{text}' is not the name of a repository");
                GithubError::settings(what, "write OWNER/REPO")
            })
    }
}

/// An organization. Made by parsing only, so that it is safe in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization(String);

impl FromStr for Organization {
    type Err = GithubError;

    fn from_str(text: &str) -> Result<Self, GithubError> {
        if is_owner(text) {
            return Ok(Self(text.to_owned()));
        }
        let text = super::error::quote(text);
        let what = format!("'{text}' is not the name of an organization");
        Err(GithubError::settings(what, "write its name alone"))
    }
}

impl fmt::Display for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_owner(text: &str) -> bool {
    is_name(text) && !text.contains('.')
}

fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=100).contains(&text.len()) && text.chars().all(known) && !matches!(text, "." | "..")
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_is_one_plain_word() {
        assert_eq!(
            "acme-1".parse::<Organization>().unwrap().to_string(),
            "acme-1"
        );
        for bad in ["", "acme/app", "a.b", "..", "acme?x"] {
            assert!(bad.parse::<Organization>().is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn a_name_is_two_plain_words() {
        for good in ["acme/app", "Acme-1/app.rs", "short_code/-_.", "a/b"] {
            assert_eq!(good.parse::<Repository>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "acme",
            "acme/",
            "/app",
            "acme/app/x",
            "acme/..",
            "acme/.",
            "a.b/app",
            "acme/a b",
            "acme/a%2f",
            "acme/ä",
            "acme/app?x",
            "acme/app\n",
        ] {
            assert!(bad.parse::<Repository>().is_err(), "{bad:?} was taken");
        }
        assert!(
            format!("acme/{}", "a".repeat(101))
                .parse::<Repository>()
                .is_err()
        );
    }
}
