//! What `guard` may do, as people write it: from which confidence on it acts,
//! and which logs it must not touch.

use super::{Glob, RepositoryGlob};
use crate::rule::Confidence;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, de};
use std::str::FromStr;

/// What `leaksweep guard` does when it finds a secret.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Guard {
    /// Findings from this confidence on become incidents (default `high`);
    /// below, they are only reported.
    pub act_at: Option<Confidence>,
    /// Ask GitHub to delete the logs of a run that leaks.
    pub delete_logs: bool,
    /// Delete the run itself where its logs or annotations stay.
    pub delete_run: bool,
    /// Folder for copies of the logs with every secret masked, kept before a log
    /// is deleted.
    pub keep_redacted: Option<String>,
    /// age recipient for whole copies, encrypted, kept before a log is deleted.
    pub seal: Option<String>,
    /// Folder for them; `sealed` beside the state if left out.
    pub seal_to: Option<String>,
    /// Exceptions from `act_at`; the first that fits decides.
    pub decisions: Vec<Decision>,
    /// Runs whose logs must not be deleted. Incidents are opened all the same.
    pub hold: Vec<Hold>,
}

/// From which confidence on findings of one kind are acted on. All conditions
/// must hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Rule identifier, or a glob on it.
    pub rule: Option<Glob>,
    /// `OWNER/REPO`, or a glob on it.
    pub repository: Option<RepositoryGlob>,
    /// Branch the run ran on, or a glob on it.
    pub branch: Option<Glob>,
    /// Visibility of the repository.
    pub visibility: Option<Visibility>,
    /// From which confidence on, or `never`.
    pub act_at: ActAt,
    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
}

/// From which confidence on to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActAt {
    /// From `low` on.
    Low,
    /// From `medium` on.
    Medium,
    /// From `high` on.
    High,
    /// Only what is proved.
    Certain,
    /// Not at all.
    Never,
}

impl ActAt {
    /// Whether a finding of `confidence` is acted on.
    pub fn admits(self, confidence: Confidence) -> bool {
        let least = match self {
            Self::Low => Confidence::Low,
            Self::Medium => Confidence::Medium,
            Self::High => Confidence::High,
            Self::Certain => Confidence::Certain,
            Self::Never => return false,
        };
        confidence >= least
    }
}

/// Who can read a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Those who were let in.
    Private,
    /// Everybody in the enterprise.
    Internal,
}

impl FromStr for Visibility {
    type Err = de::value::Error;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::deserialize(de::value::StrDeserializer::new(word))
    }
}

/// What a finding is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Rule that matched.
    pub rule_id: &'a str,
    /// How sure.
    pub confidence: Confidence,
    /// `OWNER/REPO`.
    pub repository: &'a str,
    /// Branch the run ran on, where known.
    pub branch: Option<&'a str>,
    /// Visibility of the repository, where known.
    pub visibility: Option<Visibility>,
}

impl Decision {
    fn fits(&self, subject: &Subject<'_>) -> bool {
        let rule = self.rule.as_ref();
        let repository = self.repository.as_ref();
        let branch = self.branch.as_ref();
        rule.is_none_or(|glob| glob.is_match(subject.rule_id))
            && repository.is_none_or(|glob| glob.is_match(subject.repository))
            && branch.is_none_or(|glob| subject.branch.is_some_and(|name| glob.is_match(name)))
            && self
                .visibility
                .is_none_or(|wanted| Some(wanted) == subject.visibility)
    }
}

/// Logs that must not be deleted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// `OWNER/REPO`, or a glob on it.
    pub repository: RepositoryGlob,
    /// One run; all runs of the repository if left out.
    pub run: Option<u64>,
    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// Last day on which the hold holds.
    #[serde(default, deserialize_with = "super::allow::date")]
    #[schemars(with = "String", extend("format" = "date"))]
    pub until: Option<Date>,
}

impl Guard {
    /// Why a finding is only reported; `None` if it is acted on. `act_at` of
    /// the command line goes before the one of the configuration, and behind
    /// its exceptions.
    pub fn refusal(&self, subject: &Subject<'_>, act_at: Option<Confidence>) -> Option<String> {
        let confidence = subject.confidence;
        if let Some(decision) = self.decisions.iter().find(|entry| entry.fits(subject)) {
            let admitted = decision.act_at.admits(confidence);
            return (!admitted).then(|| format!("by configuration: {}", decision.reason));
        }
        let least = act_at.or(self.act_at).unwrap_or(Confidence::High);
        (confidence < least)
            .then(|| format!("its confidence is {confidence}, and guard acts from {least} on"))
    }

    /// Why the logs of a run must not be deleted, if so.
    pub fn held(&self, repository: &str, run_id: u64, today: Date) -> Option<&str> {
        let holds = |hold: &&Hold| {
            hold.repository.is_match(repository) && hold.run.is_none_or(|run| run == run_id)
        };
        let hold = self.holds_on(today).find(holds);
        hold.map(|hold| &*hold.reason)
    }

    /// The holds that have not ended.
    pub fn holds_on(&self, today: Date) -> impl Iterator<Item = &Hold> {
        let holds = move |hold: &&Hold| hold.until.is_none_or(|last| today <= last);
        self.hold.iter().filter(holds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(yaml: &str) -> Guard {
        serde_saphyr::from_str(yaml).unwrap()
    }

    fn subject(rule_id: &str, confidence: Confidence) -> Subject<'_> {
        Subject {
            rule_id,
            confidence,
            repository: "acme/shop",
            branch: Some("main"),
            visibility: Some(Visibility::Public),
        }
    }

    #[test]
    fn high_confidence_is_acted_on_unless_something_else_is_said() {
        let plain = guard("{}");
        assert_eq!(plain.refusal(&subject("a", Confidence::High), None), None);
        let refusal = plain.refusal(&subject("a", Confidence::Medium), None);
        assert!(refusal.unwrap().contains("medium"));
        let given = Some(Confidence::Medium);
        assert_eq!(
            plain.refusal(&subject("a", Confidence::Medium), given),
            None
        );
    }

    #[test]
    fn the_first_exception_that_fits_decides() {
        let guard = guard(
            "decisions:
- {rule: 'a-*', branch: 'release/*', act_at: low, reason: releases are public}
- {rule: 'a-*', visibility: public, act_at: never, reason: made up}
- {rule: 'a-*', act_at: medium, reason: too late}",
        );
        let refused = guard.refusal(&subject("a-key", Confidence::High), None);
        assert_eq!(refused.as_deref(), Some("by configuration: made up"));
        let elsewhere = Subject {
            branch: Some("release/1"),
            ..subject("a-key", Confidence::Low)
        };
        assert_eq!(guard.refusal(&elsewhere, None), None);
        let unknown = Subject {
            branch: None,
            visibility: None,
            ..subject("a-key", Confidence::Medium)
        };
        assert_eq!(guard.refusal(&unknown, None), None);
    }

    #[test]
    fn holds_end_with_their_last_day() {
        let guard = guard(
            "hold:
- {repository: 'acme/*', run: 7, reason: court order}
- {repository: acme/old, reason: audit, until: 2027-01-31}",
        );
        let day = |text: &str| text.parse::<Date>().unwrap();
        let today = day("2027-01-31");
        assert_eq!(guard.held("Acme/Shop", 7, today), Some("court order"));
        assert_eq!(guard.held("acme/shop", 8, today), None);
        assert_eq!(guard.held("acme/old", 1, today), Some("audit"));
        assert_eq!(guard.held("acme/old", 1, day("2027-02-01")), None);
    }
}
