//! What `purge` must keep, as people write it.

use super::{Glob, RepositoryGlob, Visibility};
use schemars::JsonSchema;
use serde::Deserialize;

/// What `leaksweep purge` leaves alone.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Purge {
    /// Logs and artifacts that are kept whatever their age; so are those of
    /// `guard.hold`.
    pub keep: Vec<Keep>,
}

/// Runs whose logs and artifacts are kept. All conditions must hold; one about
/// something that GitHub does not tell of a run does.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// `OWNER/REPO`, or a glob on it.
    pub repository: Option<RepositoryGlob>,
    /// File of the workflow, `release.yml` or `.github/workflows/release.yml`,
    /// or a glob on it.
    pub workflow: Option<Glob>,
    /// Branch the run ran on, or a glob on it.
    pub branch: Option<Glob>,
    /// What started the run (`push`, `schedule`, …), or a glob on it.
    pub event: Option<Glob>,
    /// How the run ended (`success`, `failure`, …), or a glob on it.
    pub conclusion: Option<Glob>,
    /// Visibility of the repository.
    pub visibility: Option<Visibility>,
    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
}

/// What a run is judged by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traits<'a> {
    /// `OWNER/REPO`.
    pub repository: &'a str,
    /// Path of the workflow's file, where known.
    pub workflow: Option<&'a str>,
    /// Branch the run ran on, where known.
    pub branch: Option<&'a str>,
    /// What started it, where known.
    pub event: Option<&'a str>,
    /// How it ended, where known.
    pub conclusion: Option<&'a str>,
    /// Visibility of the repository, where known.
    pub visibility: Option<Visibility>,
}

/// Whether a glob names a workflow by its path or by its file alone. GitHub may
/// put the branch behind the path: `ci.yml@main`.
pub fn names_workflow(glob: &Glob, path: &str) -> bool {
    let path = path.split('@').next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    glob.is_match(path) || glob.is_match(file)
}

impl Purge {
    /// Why the logs of a run are kept, if so.
    pub fn kept(&self, run: &Traits<'_>) -> Option<&str> {
        let rule = self.keep.iter().find(|rule| rule.fits(run));
        rule.map(|rule| &*rule.reason)
    }
}

impl Keep {
    fn fits(&self, run: &Traits<'_>) -> bool {
        let holds = |glob: &Option<Glob>, trait_of: Option<&str>| match (glob, trait_of) {
            (Some(glob), Some(text)) => glob.is_match(text),
            _ => true,
        };
        let repository = self.repository.as_ref();
        let workflow = self.workflow.as_ref().zip(run.workflow);
        let visibility = self.visibility.zip(run.visibility);
        repository.is_none_or(|glob| glob.is_match(run.repository))
            && workflow.is_none_or(|(glob, path)| names_workflow(glob, path))
            && holds(&self.branch, run.branch)
            && holds(&self.event, run.event)
            && holds(&self.conclusion, run.conclusion)
            && visibility.is_none_or(|(wanted, is)| wanted == is)
    }

    /// The conditions as a text: the same for the same conditions.
    pub fn terms(&self) -> String {
        let text = |glob: &Option<Glob>| glob.as_ref().map(|glob| glob.as_str().to_owned());
        format!(
            "{:?}",
            (
                self.repository.as_ref().map(RepositoryGlob::as_str),
                text(&self.workflow),
                text(&self.branch),
                text(&self.event),
                text(&self.conclusion),
                self.visibility,
            )
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Traits<'static> {
        Traits {
            repository: "Acme/Shop",
            workflow: Some(".github/workflows/release.yml@v1"),
            branch: Some("release/1"),
            event: Some("push"),
            conclusion: Some("failure"),
            visibility: Some(Visibility::Private),
        }
    }

    fn kept(rule: &str, run: &Traits<'_>) -> bool {
        let yaml = format!("keep: [{{{rule}, reason: audit}}]");
        let purge: Purge = serde_saphyr::from_str(&yaml).unwrap();
        purge.kept(run).is_some_and(|reason| reason == "audit")
    }

    #[test]
    fn every_condition_must_hold() {
        for rule in [
            "repository: acme/*",
            "workflow: release.yml",
            "workflow: .github/workflows/*.yml",
            "branch: release/*",
            "event: push",
            "conclusion: '{failure,cancelled}'",
            "visibility: private",
            "workflow: rel*, branch: release/*",
        ] {
            assert!(kept(rule, &run()), "{rule}");
        }
        for rule in [
            "repository: acme/other",
            "workflow: ci.yml",
            "workflow: release.yml, branch: main",
            "event: schedule",
            "conclusion: success",
            "visibility: public",
        ] {
            assert!(!kept(rule, &run()), "{rule}");
        }
    }

    #[test]
    fn what_is_not_known_may_be_what_is_to_be_kept() {
        let unknown = Traits {
            repository: "acme/shop",
            ..Traits::default()
        };
        assert!(kept("workflow: release.yml, branch: main", &unknown));
        assert!(!kept("repository: acme/other, branch: main", &unknown));
    }
}
