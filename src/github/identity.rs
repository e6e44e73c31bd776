//! Who signs a request: a token as given, or the installation of an app, whose
//! tokens last an hour and are made anew in time.

use super::core::{Ask, Core, parse, route};
use super::settings::{Base, Settings};
use super::{Auth, GithubError, GithubErrorKind, Organization, Repository, transport};
use crate::secret::Secret;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use octocrab::auth::{AppAuth, EncodingKey};
use octocrab::{AuthState, Octocrab};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A token this near to its end is not used any more.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

pub(super) enum Identity {
    Fixed(Octocrab),
    App(App),
}

pub(super) struct App {
    /// Signs with the app's key: good for tokens of installations only.
    client: Octocrab,
    installation: Option<u64>,
    known: Mutex<Known>,
}

/// What a call is about: an app has a token for each account it is installed
/// in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    Repository(&'a Repository),
    Organization(&'a Organization),
    /// The installation itself.
    Installation,
}

impl<'a> From<&'a Repository> for Place<'a> {
    fn from(repository: &'a Repository) -> Self {
        Self::Repository(repository)
    }
}

impl<'a> From<&'a Organization> for Place<'a> {
    fn from(organization: &'a Organization) -> Self {
        Self::Organization(organization)
    }
}

#[derive(Default)]
struct Known {
    /// By what they were asked for.
    installations: HashMap<String, u64>,
    sessions: HashMap<u64, Session>,
}

struct Session {
    client: Octocrab,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
}

#[derive(Deserialize)]
struct Token {
    token: String,
    expires_at: String,
}

impl Identity {
    pub(super) fn new(base: &Base, settings: &Settings) -> Result<Self, GithubError> {
        let api = |state| transport::api(base, state, settings.allow_http);
        match &settings.auth {
            Auth::Anonymous => api(AuthState::None).map(Self::Fixed),
            Auth::Token(token) => {
                let token = printable(token)?.to_owned().into();
                api(AuthState::AccessToken { token }).map(Self::Fixed)
            }
            Auth::App {
                id,
                key,
                installation,
            } => Ok(Self::App(App {
                client: api(AuthState::App(app_auth(*id, key)?))?,
                installation: *installation,
                known: Mutex::default(),
            })),
        }
    }

    /// The client for calls about `place`.
    pub(super) fn of(&self, place: Place<'_>, core: &Core) -> Result<Octocrab, GithubError> {
        match self {
            Self::Fixed(client) => Ok(client.clone()),
            Self::App(app) => app.session(place, core).map_err(no_installation),
        }
    }
}

impl App {
    fn session(&self, place: Place<'_>, core: &Core) -> Result<Octocrab, GithubError> {
        let mut known = self.known();
        let id = self.installation(&mut known, place, core)?;
        if let Some(session) = known.sessions.get(&id)
            && core.server_now() < session.until
        {
            return Ok(session.client.clone());
        }
        let session = self.open(id, core)?;
        let client = session.client.clone();
        known.sessions.insert(id, session);
        Ok(client)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn installation(
        &self,
        known: &mut Known,
        place: Place<'_>,
        core: &Core,
    ) -> Result<u64, GithubError> {
        if let Some(id) = self.installation {
            return Ok(id);
        }
        let tail = match place {
            Place::Repository(repository) => route(repository, "/installation"),
            Place::Organization(organization) => format!("/orgs/{organization}/installation"),
            Place::Installation => "/app/installations".to_owned(),
        };
        if let Some(id) = known.installations.get(&tail) {
            return Ok(*id);
        }
        let answer = core.exchange(&self.client, &Ask::get(&tail))?;
        let id = match place {
            Place::Installation => only(&parse::<Vec<_>>(&answer, &tail)?)?,
            _ => parse::<Installation>(&answer, &tail)?.id,
        };
        known.installations.insert(tail, id);
        Ok(id)
    }

    fn open(&self, id: u64, core: &Core) -> Result<Session, GithubError> {
        let tail = format!("/app/installations/{id}/access_tokens");
        let ask = Ask {
            method: Method::POST,
            ..Ask::get(&tail)
        };
        let answer = core.exchange(&self.client, &ask)?;
        let Token { token, expires_at } = parse(&answer, &tail)?;
        let until = expires_at.parse::<Timestamp>().ok();
        let until = until.and_then(|end| end.saturating_sub(MARGIN).ok());
        let client = self.client.user_access_token(token).ok();
        match (client, until) {
            (Some(client), Some(until)) => Ok(Session { client, until }),
            _ => Err(GithubError::bad_answer(format!(
                "github's answer to {tail} tells no time of expiry"
            ))),
        }
    }
}

/// The installation that must be meant.
fn only(installations: &[Installation]) -> Result<u64, GithubError> {
    match installations {
        [one] => Ok(one.id),
        others => Err(GithubError::settings(
            format!("the app has {} installations", others.len()),
            "give the number of the installation that is meant",
        )),
    }
}

/// 404 here says nothing of the run that is asked for, and must not be taken
/// for "gone".
fn no_installation(error: GithubError) -> GithubError {
    use GithubErrorKind::{Gone, NotFound, Unauthorized};
    match error.kind() {
        Gone | NotFound => GithubError::new(
            Unauthorized,
            "the app is not installed where the repository is",
            "install it there, or check the number of the installation",
        ),
        _ => error,
    }
}

fn app_auth(id: u64, key: &Secret) -> Result<AppAuth, GithubError> {
    let key = EncodingKey::from_rsa_pem(key.expose()).map_err(|_| {
        GithubError::settings(
            "the key of the app is not an RSA key in PEM",
            "give the file that github made for the app",
        )
    })?;
    Ok(AppAuth {
        app_id: id.into(),
        key,
    })
}

/// A token as a header may hold it. Files and variables often end in a line
/// break.
fn printable(token: &Secret) -> Result<&str, GithubError> {
    let text = token.expose().trim_ascii();
    std::str::from_utf8(text)
        .ok()
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))
        .ok_or_else(|| {
            GithubError::settings(
                "the token is empty or holds blanks",
                "give the token alone, as github made it",
            )
        })
}
