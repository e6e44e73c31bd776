//! The answer, from the store alone.

use super::traced::{Bound, Command, Exposure, LogState, Place, Site, Traced, Twin};
use super::{history, is_wanted};
use crate::config::Glob;
use crate::store::{
    Facts, History, Incident, RunKey, Store, StoreError, TracedPlace, TracedStep, View,
};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What the answer is about.
pub(super) struct Scene<'a> {
    pub(super) server: &'a str,
    pub(super) now: Timestamp,
    pub(super) since: Option<Timestamp>,
    /// Why runs before `since` are not known.
    pub(super) horizon: Option<String>,
    /// What was to be searched, and what was in the way.
    pub(super) repositories: &'a BTreeMap<String, Vec<String>>,
    pub(super) workflows: &'a [Glob],
    /// How the fingerprints begin that are told; all are, if there are none.
    pub(super) fingerprints: &'a [String],
    /// By which logs have to have been read; by any, if there are none.
    pub(super) terms: Option<&'a str>,
}

/// A place and all that is known of it.
struct Seen {
    repository: String,
    place: Place,
    gone_at: Option<Timestamp>,
}

struct Answer<'a> {
    scene: &'a Scene<'a>,
    view: View<'a>,
    visibilities: BTreeMap<String, Option<String>>,
    histories: BTreeMap<String, History>,
}

/// Everything about the secrets that the scene is about.
pub(super) fn answer(store: &Store, scene: &Scene<'_>) -> Result<Traced, StoreError> {
    let view = store.view();
    let mut answer = Answer {
        scene,
        visibilities: view.traced_repositories(scene.server)?,
        histories: BTreeMap::new(),
        view,
    };
    Ok(Traced {
        since: scene.since,
        at: scene.now,
        exposures: answer.exposures()?,
        searched: answer.searched()?,
        left: None,
        calls: 0,
        contained: Vec::new(),
    })
}

impl Answer<'_> {
    fn exposures(&mut self) -> Result<Vec<Exposure>, StoreError> {
        let secrets = self.view.traced_secrets()?;
        let mut places: BTreeMap<String, Vec<TracedPlace>> = BTreeMap::new();
        for place in self.view.traced_places(self.scene.server)? {
            places
                .entry(place.fingerprint.clone())
                .or_default()
                .push(place);
        }
        let mut incidents: BTreeMap<String, Vec<Incident>> = BTreeMap::new();
        for one in self.view.incidents()? {
            if one.server == self.scene.server {
                incidents
                    .entry(one.fingerprint.clone())
                    .or_default()
                    .push(one);
            }
        }
        let all: BTreeSet<&String> = places.keys().chain(incidents.keys()).collect();
        let mut exposures = Vec::new();
        let wanted = self.scene.fingerprints;
        for fingerprint in all.into_iter().filter(|one| is_wanted(one, wanted)) {
            let incidents = incidents.get(fingerprint).map_or(&[][..], Vec::as_slice);
            let facts = secrets.get(fingerprint);
            let Some(facts) = facts.or_else(|| Some(&incidents.first()?.facts)) else {
                continue;
            };
            let places = places.get(fingerprint).map_or(&[][..], Vec::as_slice);
            let seen = self.seen(places, incidents)?;
            let within = |seen: &Seen| self.scene.repositories.contains_key(&seen.repository);
            let dismissed = incidents.iter().any(Incident::is_false_alarm);
            if seen.iter().any(within) && !dismissed {
                exposures.push(self.exposure(fingerprint, facts, incidents, seen)?);
            }
        }
        exposures.sort_by_key(|one| {
            let rank = (one.facts.severity, one.facts.confidence);
            (Reverse(rank), one.first_seen.at, one.fingerprint.clone())
        });
        Ok(exposures)
    }

    fn history(&mut self, repository: &str) -> Result<&History, StoreError> {
        if !self.histories.contains_key(repository) {
            let history =
                History::load(&self.view, self.scene.server, repository, self.scene.terms)?;
            self.histories.insert(repository.to_owned(), history);
        }
        Ok(&self.histories[repository])
    }

    /// Places that a trace saw, and those that only `guard` did, because their
    /// logs are gone.
    fn seen(
        &mut self,
        places: &[TracedPlace],
        incidents: &[Incident],
    ) -> Result<Vec<Seen>, StoreError> {
        let mut seen = Vec::new();
        for place in places {
            let stamps = (place.first, place.last);
            let step = (place.run.clone(), place.attempt, place.step.clone());
            seen.push(self.place(step, place.lines, stamps, false)?);
        }
        let known: BTreeSet<(&RunKey, u64)> =
            places.iter().map(|one| (&one.run, one.attempt)).collect();
        for incident in incidents {
            for place in self.view.places(&incident.id)? {
                let run = incident.run(place.run_id);
                let traced = known.contains(&(&run, place.attempt));
                if traced && !place.annotation {
                    continue;
                }
                let time = |text: Option<&String>| text.and_then(|text| text.parse().ok());
                let stamps = (time(place.first.as_ref()), time(place.last.as_ref()));
                let step = TracedStep {
                    job: place.job,
                    step: place.step,
                    command: None,
                };
                let step = (run, place.attempt, step);
                seen.push(self.place(step, place.lines, stamps, place.annotation)?);
            }
        }
        Ok(seen)
    }

    fn place(
        &mut self,
        (key, attempt, step): (RunKey, u64, TracedStep),
        lines: u64,
        (first, last): (Option<Timestamp>, Option<Timestamp>),
        annotation: bool,
    ) -> Result<Seen, StoreError> {
        self.history(&key.repository)?;
        let history = &self.histories[&key.repository];
        let run = history.run(key.run_id);
        let created = run.and_then(|run| run.created_at);
        let (log, gone_at) = history::log_state(history, &self.view, (&key, attempt), annotation)?;
        let guarded = self.view.run(&key)?;
        let known =
            |of: fn(&crate::store::RunRecord) -> Option<String>| guarded.as_ref().and_then(of);
        Ok(Seen {
            place: Place {
                run_id: key.run_id,
                attempt,
                url: run
                    .and_then(|run| run.url.clone())
                    .or_else(|| known(|run| run.url.clone())),
                workflow: run
                    .and_then(|run| run.workflow.clone())
                    .or_else(|| known(|run| run.workflow.clone())),
                job: step.job,
                step: step.step,
                lines,
                first: first.or(created),
                last: last.or(created),
                annotation,
                log,
                command: step.command,
            },
            repository: key.repository,
            gone_at,
        })
    }

    fn exposure(
        &mut self,
        fingerprint: &str,
        facts: &Facts,
        incidents: &[Incident],
        seen: Vec<Seen>,
    ) -> Result<Exposure, StoreError> {
        let gone = seen.iter().all(|one| one.place.log == LogState::Gone);
        let gone_at = seen
            .iter()
            .filter_map(|one| one.gone_at)
            .max()
            .filter(|_| gone);
        let last_seen = seen.iter().filter_map(|one| one.place.last).max();
        let commands = self.commands(&seen)?;
        let sites = self.sites(seen)?;
        let first = sites.iter().map(|site| &site.first_seen);
        let first_seen = first.min_by_key(|bound| (bound.at.is_none(), bound.at));
        let first_seen: Bound = first_seen.cloned().unwrap_or_default();
        let end = gone_at.unwrap_or(self.scene.now);
        let seconds = |at: Timestamp| end.duration_since(at).as_secs().max(0);
        Ok(Exposure {
            fingerprint: fingerprint.to_owned(),
            facts: facts.clone(),
            incidents: incidents.iter().map(|one| one.id.clone()).collect(),
            last_seen,
            gone_at,
            exposed_seconds: first_seen.at.map(seconds),
            first_seen,
            public: sites
                .iter()
                .any(|site| site.visibility.as_deref() == Some("public")),
            copies: self.copies(&commands, &sites)?,
            commands,
            sites,
        })
    }

    fn sites(&mut self, seen: Vec<Seen>) -> Result<Vec<Site>, StoreError> {
        let mut by_name: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for one in seen {
            by_name.entry(one.repository).or_default().push(one.place);
        }
        let mut sites = Vec::new();
        for (repository, places) in by_name {
            sites.push(self.site(repository, places)?);
        }
        sites.sort_by_key(|site| (site.first_seen.at.is_none(), site.first_seen.at));
        Ok(sites)
    }

    fn site(&mut self, repository: String, mut places: Vec<Place>) -> Result<Site, StoreError> {
        places.sort_by_key(|one| (Reverse(one.first), Reverse(one.run_id), one.attempt));
        let earliest = places
            .iter()
            .min_by_key(|one| (one.first.is_none(), one.first));
        let horizon = self.scene.horizon.as_deref();
        let mut first_seen = history::bound(self.history(&repository)?, earliest, horizon);
        let trouble = self.scene.repositories.get(&repository);
        if trouble.is_none_or(|trouble| !trouble.is_empty()) && first_seen.clean_before == 0 {
            let why = "not all of its runs were looked at".to_owned();
            first_seen.at_the_latest_because.push(why);
        }
        let logs = |state| {
            // Annotations stand beside logs.
            let of = places
                .iter()
                .filter(|one| one.log == state && !one.annotation);
            let logs: BTreeSet<(u64, u64)> = of.map(|one| (one.run_id, one.attempt)).collect();
            logs.len() as u64
        };
        let runs: BTreeSet<u64> = places.iter().map(|one| one.run_id).collect();
        Ok(Site {
            visibility: self.visibility(&repository),
            first_seen,
            last_seen: places.iter().filter_map(|one| one.last).max(),
            runs: runs.len() as u64,
            readable: logs(LogState::Readable),
            gone: logs(LogState::Gone),
            repository,
            places,
        })
    }

    fn visibility(&self, repository: &str) -> Option<String> {
        self.visibilities.get(repository).cloned().flatten()
    }

    fn commands(&self, seen: &[Seen]) -> Result<Vec<Command>, StoreError> {
        let mut counts: BTreeMap<&String, u64> = BTreeMap::new();
        for digest in seen.iter().filter_map(|one| one.place.command.as_ref()) {
            *counts.entry(digest).or_default() += 1;
        }
        let mut commands = Vec::new();
        for (digest, places) in counts {
            let known = self.view.traced_command(digest)?;
            commands.extend(known.map(|known| Command {
                digest: digest.clone(),
                text: known.text,
                own: known.own,
                places,
            }));
        }
        commands.sort_by(|a, b| (b.places, &a.digest).cmp(&(a.places, &b.digest)));
        Ok(commands)
    }

    /// Where the same commands run in repositories that do not show the secret.
    fn copies(&self, commands: &[Command], sites: &[Site]) -> Result<Vec<Twin>, StoreError> {
        let mut copies = Vec::new();
        for command in commands.iter().filter(|command| command.own) {
            for echo in self
                .view
                .traced_echoes(self.scene.server, &command.digest)?
            {
                if sites.iter().any(|site| site.repository == echo.repository) {
                    continue;
                }
                copies.push(Twin {
                    visibility: self.visibility(&echo.repository),
                    repository: echo.repository,
                    workflow: echo.workflow,
                    job: echo.step.job,
                    step: echo.step.step,
                    command: command.digest.clone(),
                    runs: echo.runs,
                    last_run_id: echo.last_run_id,
                    url: echo.url,
                    first: echo.first,
                    last: echo.last,
                });
            }
        }
        Ok(copies)
    }

    fn searched(&mut self) -> Result<Vec<super::Searched>, StoreError> {
        let scene = self.scene;
        let mut all = Vec::new();
        for (repository, trouble) in scene.repositories {
            let visibility = self.visibility(repository);
            let history = self.history(repository)?;
            let chosen = |run: &crate::store::TracedRun| {
                history::is_chosen(scene.workflows, scene.since, run)
            };
            let visibility = visibility.as_deref();
            let mut searched = history::searched(history, repository, visibility, &chosen);
            searched.problems.extend(trouble.iter().cloned());
            all.push(searched);
        }
        Ok(all)
    }
}
