//! What GitHub tells, read leniently: what is missing or new must not keep a
//! log from being deleted.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::ops::RangeInclusive;

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "RawRun")]
pub struct Run {
    /// Identifier, the same for all attempts.
    pub id: u64,
    /// The latest attempt, from 1.
    pub run_attempt: u64,
    /// `queued`, `in_progress`, `completed`, …
    pub status: Option<String>,
    /// `success`, `failure`, …; none before the end.
    pub conclusion: Option<String>,
    /// What started it: `push`, `pull_request`, …
    pub event: Option<String>,
    /// The branch. Whoever opens a pull request chooses it.
    pub head_branch: Option<String>,
    /// The file of the workflow, `.github/workflows/….yml`.
    pub path: Option<String>,
    /// Name of the workflow.
    pub name: Option<String>,
    /// The run's page.
    pub html_url: Option<String>,
    /// When the first attempt was made.
    pub created_at: Option<Timestamp>,
    /// When the latest attempt began.
    pub run_started_at: Option<Timestamp>,
    /// When something last happened.
    pub updated_at: Option<Timestamp>,
    /// Whether the repository is private.
    pub private: Option<bool>,
    /// `public`, `private` or `internal`.
    pub visibility: Option<String>,
}

impl Run {
    /// Whether all jobs of the latest attempt have ended.
    pub fn is_completed(&self) -> bool {
        self.status.as_deref() == Some("completed")
    }

    /// The numbers of its attempts.
    pub fn attempts(&self) -> RangeInclusive<u64> {
        1..=self.run_attempt
    }
}

#[derive(Deserialize)]
struct RawRun {
    id: u64,
    run_attempt: Option<u64>,
    status: Option<String>,
    conclusion: Option<String>,
    event: Option<String>,
    head_branch: Option<String>,
    path: Option<String>,
    name: Option<String>,
    html_url: Option<String>,
    #[serde(default, deserialize_with = "stamp")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "stamp")]
    run_started_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "stamp")]
    updated_at: Option<Timestamp>,
    repository: Option<RawRepository>,
}

#[derive(Deserialize)]
struct RawRepository {
    private: Option<bool>,
    visibility: Option<String>,
}

impl From<RawRun> for Run {
    fn from(raw: RawRun) -> Self {
        let (private, visibility) = raw.repository.map_or((None, None), |repository| {
            (repository.private, repository.visibility)
        });
        Self {
            id: raw.id,
            run_attempt: raw.run_attempt.unwrap_or(1).max(1),
            status: raw.status,
            conclusion: raw.conclusion,
            event: raw.event,
            head_branch: raw.head_branch,
            path: raw.path,
            name: raw.name,
            html_url: raw.html_url,
            created_at: raw.created_at,
            run_started_at: raw.run_started_at,
            updated_at: raw.updated_at,
            private,
            visibility,
        }
    }
}

/// A job of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Job {
    /// Identifier.
    pub id: u64,
    /// Name, as the workflow gives it.
    #[serde(default)]
    pub name: String,
    /// The attempt it belongs to.
    pub run_attempt: Option<u64>,
    /// `queued`, `in_progress`, `completed`, …
    pub status: Option<String>,
    /// `success`, `failure`, `cancelled`, `skipped`, …; none before the end.
    pub conclusion: Option<String>,
    /// When it began.
    #[serde(default, deserialize_with = "stamp")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "stamp")]
    pub completed_at: Option<Timestamp>,
    /// Its check run, which has the annotations.
    pub check_run_url: Option<String>,
    /// The job's page.
    pub html_url: Option<String>,
}

impl Job {
    /// Whether it has ended.
    pub fn is_completed(&self) -> bool {
        self.status.as_deref() == Some("completed")
    }

    /// Identifier of its check run.
    pub fn check_run(&self) -> Option<u64> {
        let url = self.check_run_url.as_deref()?;
        url.rsplit('/').next()?.parse().ok()
    }
}

/// A remark on a check run. Its text may hold secrets as a log may, so `Debug`
/// does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Annotation {
    /// The file it is about; `.github` for the run itself.
    pub path: Option<String>,
    /// First line in that file.
    pub start_line: Option<u64>,
    /// `notice`, `warning` or `failure`.
    pub annotation_level: Option<String>,
    /// Heading.
    pub title: Option<String>,
    /// Text.
    pub message: Option<String>,
    /// More text.
    pub raw_details: Option<String>,
}

impl fmt::Debug for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotation").finish_non_exhaustive()
    }
}

/// A time that cannot be read is one that is not known.
pub(super) fn stamp<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = Deserialize::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(json: serde_json::Value) -> Run {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_run_needs_no_more_than_its_number() {
        let run = run(json!({ "id": 7 }));
        assert_eq!((run.id, run.run_attempt, run.is_completed()), (7, 1, false));
        assert_eq!(run.attempts().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_run_may_hold_nulls_and_news() {
        let run = run(json!({
            "id": 7, "run_attempt": 3, "status": "completed", "conclusion": "brand_new",
            "head_commit": null, "head_branch": null, "name": null, "unknown": [1],
            "created_at": "2026-11-27T10:00:00Z", "updated_at": "soon",
            "repository": { "private": true, "visibility": "internal", "owner": null }
        }));
        assert!(run.is_completed());
        assert_eq!(run.conclusion.as_deref(), Some("brand_new"));
        assert_eq!(run.attempts().count(), 3);
        assert_eq!(run.created_at.unwrap().to_string(), "2026-11-27T10:00:00Z");
        assert_eq!((run.updated_at, run.private), (None, Some(true)));
        assert_eq!(run.visibility.as_deref(), Some("internal"));
    }

    #[test]
    fn a_job_knows_its_check_run() {
        let job = |json| serde_json::from_value::<Job>(json).unwrap();
        let url = "https://api.github.com/repos/acme/app/check-runs/42";
        let whole =
            job(json!({ "id": 1, "name": "build", "status": "completed", "check_run_url": url }));
        assert_eq!((whole.check_run(), whole.is_completed()), (Some(42), true));
        let bare = job(json!({ "id": 1, "run_attempt": null, "started_at": null }));
        assert_eq!((bare.check_run(), bare.is_completed()), (None, false));
    }

    #[test]
    fn an_annotation_does_not_show_its_text() {
        let annotation: Annotation =
            serde_json::from_value(json!({ "message": "hunter2" })).unwrap();
        assert_eq!(format!("{annotation:?}"), "Annotation { .. }");
    }
}
