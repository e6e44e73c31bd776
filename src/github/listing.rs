//! What a repository, an organization or an installation has: runs by windows
//! of time, artifacts, repositories, and how long logs are retained.

use super::core::route;
use super::identity::Place;
use super::model::stamp;
use super::{Client, Deleted, GithubError, Organization, Repository, Run, gone_is};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Some runs of a window of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// The runs, in GitHub's order.
    pub runs: Vec<Run>,
    /// Whether GitHub names no further page. It names none behind the first
    /// 1,000 runs either.
    pub is_last: bool,
    /// How many runs GitHub says there are: a hint, never a count. It may be
    /// rounded, stop at a cap, or be missing.
    pub hint: Option<u64>,
    /// GitHub's tag of a single page: as long as it gives the same, the page has
    /// not changed.
    pub etag: Option<String>,
}

/// A repository in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub repository: Repository,
    /// `public`, `private` or `internal`, where told.
    pub visibility: Option<String>,
}

/// What a run left beside its logs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Artifact {
    /// Identifier.
    pub id: u64,
    /// Name, as the workflow gives it.
    #[serde(default)]
    pub name: String,
    /// Size in bytes.
    #[serde(default)]
    pub size_in_bytes: u64,
    /// Whether its content is gone already.
    #[serde(default)]
    pub expired: bool,
    /// When it was made.
    #[serde(default, deserialize_with = "stamp")]
    pub created_at: Option<Timestamp>,
    /// When it was last written.
    #[serde(default, deserialize_with = "stamp")]
    pub updated_at: Option<Timestamp>,
    workflow_run: Option<RunOfArtifact>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct RunOfArtifact {
    id: Option<u64>,
}

impl Artifact {
    /// The run that made it.
    pub fn run(&self) -> Option<u64> {
        self.workflow_run.as_ref()?.id
    }
}

/// Where a retention setting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seat {
    /// Of one repository.
    Repository(Repository),
    /// Of an organization, as the most that its repositories may have.
    Organization(Organization),
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(repository) => repository.fmt(f),
            Self::Organization(organization) => organization.fmt(f),
        }
    }
}

/// How long GitHub keeps new logs and artifacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub struct Retention {
    /// Days.
    pub days: u64,
    /// Most days that may be set, where told.
    pub maximum_allowed_days: Option<u64>,
}

#[derive(Deserialize)]
struct Runs {
    #[serde(default, deserialize_with = "lenient")]
    total_count: Option<u64>,
    workflow_runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Artifacts {
    artifacts: Vec<Artifact>,
}

#[derive(Deserialize)]
struct Repositories {
    repositories: Vec<RawSite>,
}

#[derive(Deserialize)]
struct RawSite {
    full_name: String,
    private: Option<bool>,
    visibility: Option<String>,
}

/// `1234`, `"1234"`, `"2,500+"`; anything else is not known.
fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            digits.parse().ok()
        }
        _ => None,
    })
}

impl TryFrom<RawSite> for Site {
    type Error = GithubError;

    fn try_from(raw: RawSite) -> Result<Self, GithubError> {
        let word = |private| if private { "private" } else { "public" };
        let visibility = raw
            .visibility
            .or_else(|| raw.private.map(word).map(str::to_owned));
        let name: Result<Repository, _> = raw.full_name.parse();
        Ok(Self {
            repository: name.map_err(|_| {
                GithubError::bad_answer("github names a repository as none can be named")
            })?,
            visibility,
        })
    }
}

impl Client {
    /// Runs that were created from the one to the other end of `window`, both
    /// included, to whole seconds: at most `pages` pages of 100.
    pub fn runs(
        &self,
        of: &Repository,
        window: (Timestamp, Timestamp),
        pages: usize,
    ) -> Result<RunPage, GithubError> {
        let mut hint = None;
        let items = |page: Runs| {
            hint = hint.or(page.total_count);
            page.workflow_runs
        };
        let tail = runs_route(of, window);
        let (runs, is_last) = self.core.first_pages(of, tail, pages, items)?;
        Ok(RunPage {
            runs,
            is_last,
            hint,
            etag: None,
        })
    }

    /// The first page of [`Self::runs`], unless all of it is still as it was when
    /// GitHub gave it the tag `etag`: then it costs nothing of the rate limit.
    pub fn runs_unless(
        &self,
        of: &Repository,
        window: (Timestamp, Timestamp),
        etag: Option<&str>,
    ) -> Result<Option<RunPage>, GithubError> {
        let tail = runs_route(of, window);
        let page = self.core.page_unless::<Runs>(of, &tail, etag)?;
        Ok(page.map(|page| RunPage {
            runs: page.content.workflow_runs,
            is_last: page.is_last,
            hint: page.content.total_count,
            etag: page.etag,
        }))
    }

    /// The repository as a listing tells it.
    pub fn site(&self, of: &Repository) -> Result<Site, GithubError> {
        let raw: RawSite = self.core.get_json(of, &route(of, ""))?;
        raw.try_into()
    }

    /// All repositories of an organization that the token can see.
    pub fn organization_sites(&self, of: &Organization) -> Result<Vec<Site>, GithubError> {
        let tail = format!("/orgs/{of}/repos?type=all&per_page=100");
        let sites = self.core.pages(of, tail, |page: Vec<RawSite>| page)?;
        sites.into_iter().map(Site::try_from).collect()
    }

    /// All repositories that the app is installed in.
    pub fn installation_sites(&self) -> Result<Vec<Site>, GithubError> {
        let tail = "/installation/repositories?per_page=100".to_owned();
        let items = |page: Repositories| page.repositories;
        let sites = self.core.pages(Place::Installation, tail, items)?;
        sites.into_iter().map(Site::try_from).collect()
    }

    /// All artifacts of a repository.
    pub fn artifacts(&self, of: &Repository) -> Result<Vec<Artifact>, GithubError> {
        let tail = route(of, "/actions/artifacts?per_page=100");
        let items = |page: Artifacts| page.artifacts;
        self.core.pages(of, tail, items)
    }

    /// Whether GitHub still has an artifact and its content.
    pub fn artifact_present(&self, of: &Repository, artifact: u64) -> Result<bool, GithubError> {
        let tail = route(of, &format!("/actions/artifacts/{artifact}"));
        let answer = self.core.get_json::<Artifact>(of, &tail);
        gone_is(false, answer.map(|artifact| !artifact.expired))
    }

    /// Asks once to delete an artifact; else as [`Self::delete_logs`].
    pub fn delete_artifact(&self, of: &Repository, artifact: u64) -> Result<Deleted, GithubError> {
        self.delete(of, &format!("/actions/artifacts/{artifact}"))
    }

    /// How long GitHub keeps new logs and artifacts.
    pub fn retention(&self, of: &Seat) -> Result<Retention, GithubError> {
        self.core.get_json(of, &retention_route(of))
    }

    /// Asks once to keep new logs and artifacts so many days.
    pub fn set_retention(&self, of: &Seat, days: u64) -> Result<(), GithubError> {
        let body = json!({ "days": days });
        let tail = retention_route(of);
        self.core.change(of, &Method::PUT, &tail, Some(&body))
    }
}

fn runs_route(of: &Repository, (first, last): (Timestamp, Timestamp)) -> String {
    let second = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ");
    let tail = format!(
        "/actions/runs?created={}..{}&exclude_pull_requests=true&per_page=100",
        second(first),
        second(last)
    );
    route(of, &tail)
}

fn retention_route(of: &Seat) -> String {
    let tail = "/actions/permissions/artifact-and-log-retention";
    match of {
        Seat::Repository(repository) => route(repository, tail),
        Seat::Organization(organization) => format!("/orgs/{organization}{tail}"),
    }
}

impl<'a> From<&'a Seat> for Place<'a> {
    fn from(seat: &'a Seat) -> Self {
        match seat {
            Seat::Repository(repository) => Self::Repository(repository),
            Seat::Organization(organization) => Self::Organization(organization),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_however_it_is_written() {
        let hint = |count: Value| {
            let json = json!({ "total_count": count, "workflow_runs": [] });
            serde_json::from_value::<Runs>(json).unwrap().total_count
        };
        assert_eq!(hint(json!(7)), Some(7));
        assert_eq!(hint(json!("2,500+")), Some(2_500));
        for none in [json!(null), json!("many"), json!([1]), json!(-1)] {
            assert_eq!(hint(none), None);
        }
        let bare: Runs = serde_json::from_value(json!({ "workflow_runs": [] })).unwrap();
        assert_eq!(bare.total_count, None);
    }

    #[test]
    fn an_artifact_may_have_lost_its_run() {
        let artifact = |json| serde_json::from_value::<Artifact>(json).unwrap();
        assert_eq!(artifact(json!({ "id": 1 })).run(), None);
        let whole = artifact(json!({ "id": 1, "workflow_run": { "id": 7 }, "expired": true }));
        assert_eq!((whole.run(), whole.expired), (Some(7), true));
    }
}
