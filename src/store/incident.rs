//! Incidents: one for each secret and repository, with every place it was seen.

use super::word::words;
use super::{Changes, RunKey, StoreError, View, millis, time};
use crate::rule::{Confidence, Severity};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

words! {
    /// Where an incident stands.
    IncidentState {
        /// The secret may still be read in a log.
        Open = "open",
        /// Every log it was seen in was confirmed gone.
        Contained = "contained",
        /// A person closed it.
        Closed = "closed",
    }
}

words! {
    /// Why a person closed an incident.
    CloseReason {
        /// The credential was revoked or rotated.
        Rotated = "rotated",
        /// It was no secret: the same value is not acted on again.
        FalseAlarm = "false-alarm",
        /// The risk is accepted.
        Accepted = "accepted",
    }
}

/// What a finding tells of a secret, redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Rule that matched.
    pub rule_id: String,
    /// Vendor of the credential.
    pub vendor: String,
    /// What kind of credential, for people.
    pub name: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Kind and fixed prefix.
    pub redacted: String,
    /// Why the confidence is what it is.
    pub reasons: Vec<String>,
    /// How to revoke it.
    pub revoke: Option<String>,
    /// Documentation.
    pub references: Vec<String>,
    /// The line it stands on, every secret of it masked: what is left to see
    /// when the log is gone. Incidents of earlier versions have none.
    #[serde(default)]
    pub excerpt: Option<String>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// As [`incident_id`] makes it.
    pub id: String,
    /// Base of the server's API.
    pub server: String,
    /// `OWNER/REPO`.
    pub repository: String,
    /// `public`, `private` or `internal`, where known.
    pub visibility: Option<String>,
    /// Keyed fingerprint of the secret.
    pub fingerprint: String,
    /// What the finding tells.
    #[serde(flatten)]
    pub facts: Facts,
    /// Where it stands.
    pub state: IncidentState,
    /// When it was first opened.
    pub opened_at: Timestamp,
    /// When it was opened last: later than `opened_at` if the secret came back.
    pub detected_at: Timestamp,
    /// Earliest time on a line that holds the secret.
    pub leaked_at: Option<Timestamp>,
    /// When the last log was confirmed gone.
    pub contained_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Why.
    pub close_reason: Option<CloseReason>,
    /// What the person who closed it wrote.
    pub note: Option<String>,
}

impl Incident {
    /// One of the runs of its repository.
    pub fn run(&self, run_id: u64) -> RunKey {
        RunKey {
            server: self.server.clone(),
            repository: self.repository.clone(),
            run_id,
        }
    }

    /// Seconds from the earliest line that shows the secret to its first
    /// detection, where lines have times.
    pub fn time_to_detect(&self) -> Option<i64> {
        let leaked_at = self.leaked_at?;
        let seconds = self.opened_at.duration_since(leaked_at).as_secs();
        // A build machine whose clock is ahead leaks after it was caught.
        Some(seconds.max(0))
    }

    /// Seconds from the (latest) detection to containment.
    pub fn time_to_contain(&self) -> Option<i64> {
        let contained_at = self.contained_at?;
        let seconds = contained_at.duration_since(self.detected_at).as_secs();
        Some(seconds.max(0))
    }

    /// Whether a person said that its value is no secret.
    pub fn is_false_alarm(&self) -> bool {
        self.state == IncidentState::Closed && self.close_reason == Some(CloseReason::FalseAlarm)
    }
}

/// One place where the secret of an incident was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// Run.
    pub run_id: u64,
    /// Attempt of the run.
    pub attempt: u64,
    /// Log, as in a finding.
    pub path: String,
    /// Line, counted from 1.
    pub line: u64,
    /// Column in bytes, counted from 1.
    pub column: u64,
    /// Whether it is an annotation, which stays when logs are deleted.
    pub annotation: bool,
    /// Job, where known.
    pub job: Option<String>,
    /// Step, where known.
    pub step: Option<String>,
    /// Time on the line (RFC 3339), where known.
    pub logged_at: Option<String>,
}

/// A step that shows the secret of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Run.
    pub run_id: u64,
    /// Attempt of the run.
    pub attempt: u64,
    /// Whether it is an annotation, which stays when logs are deleted.
    pub annotation: bool,
    /// Job, where known.
    pub job: Option<String>,
    /// Step, where known.
    pub step: Option<String>,
    /// Lines that hold the secret.
    pub lines: u64,
    /// Those that have a time.
    pub stamped: u64,
    /// Earliest of these times (RFC 3339).
    pub first: Option<String>,
    /// Latest of them.
    pub last: Option<String>,
}

/// What a look at a run changed in an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is new, or was closed or contained and is open again.
    Opened,
    /// It was open and has new places.
    Updated,
    /// All of it was known.
    Known,
}

/// The name of the incident of one secret in one repository. It is the same
/// wherever it is made, so that channels can fold what machines without a
/// common store send them.
pub fn incident_id(server: &str, repository: &str, fingerprint: &str) -> String {
    let mut hash = Sha256::new();
    // Names of repositories do not tell upper from lower case.
    for part in [server, &repository.to_ascii_lowercase(), fingerprint] {
        hash.update(part);
        hash.update([0]);
    }
    format!("ls-{}", HEXLOWER.encode(&hash.finalize()[..8]))
}

impl Changes<'_> {
    /// Writes down that a secret was seen.
    pub fn see(&self, new: &Incident, sightings: &[Sighting]) -> Result<Seen, StoreError> {
        let known = self.incident(&new.id)?;
        if known.is_none() {
            self.insert(new)?;
        }
        let mut added = 0;
        for sighting in sightings {
            added += self.add_sighting(&new.id, sighting)?;
        }
        match known {
            None => Ok(Seen::Opened),
            // Closed while the logs were being scanned.
            Some(known) if known.is_false_alarm() => Ok(Seen::Known),
            // What was contained and can be read again is news.
            Some(known) if added == 0 && known.state != IncidentState::Contained => Ok(Seen::Known),
            Some(known) => self.again(known, new),
        }
    }

    fn again(&self, known: Incident, new: &Incident) -> Result<Seen, StoreError> {
        let was_open = known.state == IncidentState::Open;
        let incident = Incident {
            leaked_at: [known.leaked_at, new.leaked_at].into_iter().flatten().min(),
            detected_at: if was_open {
                known.detected_at
            } else {
                self.now
            },
            state: IncidentState::Open,
            contained_at: None,
            closed_at: None,
            close_reason: None,
            visibility: new.visibility.clone().or(known.visibility),
            ..known
        };
        self.save_incident(&incident)?;
        Ok(if was_open {
            Seen::Updated
        } else {
            Seen::Opened
        })
    }

    fn insert(&self, new: &Incident) -> Result<(), StoreError> {
        self.view.0.execute(
            "INSERT INTO incident (id, server, repository, fingerprint, facts, state, opened_at,
                detected_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                new.id,
                new.server,
                new.repository,
                new.fingerprint,
                serde_json::to_string(&new.facts)?,
                new.state,
                millis(new.opened_at),
                millis(new.detected_at)
            ],
        )?;
        self.save_incident(new)
    }

    /// Writes what can change of an incident.
    pub fn save_incident(&self, incident: &Incident) -> Result<(), StoreError> {
        self.view.0.execute(
            "UPDATE incident SET visibility = ?, state = ?, detected_at = ?, leaked_at = ?,
                contained_at = ?, closed_at = ?, close_reason = ?, note = ? WHERE id = ?",
            params![
                incident.visibility,
                incident.state,
                millis(incident.detected_at),
                incident.leaked_at.map(millis),
                incident.contained_at.map(millis),
                incident.closed_at.map(millis),
                incident.close_reason,
                incident.note,
                incident.id
            ],
        )?;
        Ok(())
    }

    fn add_sighting(&self, incident: &str, sighting: &Sighting) -> Result<usize, StoreError> {
        let sql = "INSERT OR IGNORE INTO sighting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let mut statement = self.view.0.prepare_cached(sql)?;
        Ok(statement.execute(params![
            incident,
            sighting.run_id,
            sighting.attempt,
            sighting.path,
            sighting.line,
            sighting.column,
            sighting.annotation,
            sighting.job,
            sighting.step,
            sighting.logged_at,
            millis(self.now)
        ])?)
    }

    /// A number for the next message of an incident, counted from 1.
    pub fn next_message(&self, incident: &str) -> Result<u64, StoreError> {
        let sql = "UPDATE incident SET messages = messages + 1 WHERE id = ? RETURNING messages";
        Ok(self.view.0.query_row(sql, [incident], |row| row.get(0))?)
    }
}

impl View<'_> {
    /// The incident `id`.
    pub fn incident(&self, id: &str) -> Result<Option<Incident>, StoreError> {
        let sql = "SELECT * FROM incident WHERE id = ?";
        let row = self.0.query_row(sql, [id], |row| Ok(incident_of(row)));
        row.optional()?.transpose()
    }

    /// All incidents, the newest first.
    pub fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let sql = "SELECT * FROM incident ORDER BY detected_at DESC, id";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok(incident_of(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Incidents whose secret was seen in a run, but for false alarms.
    pub fn live_incidents_of(&self, run: &RunKey) -> Result<Vec<Incident>, StoreError> {
        let mut incidents = self.incidents_of(run)?;
        incidents.retain(|incident| !incident.is_false_alarm());
        Ok(incidents)
    }

    /// Incidents whose secret was seen in a run.
    pub fn incidents_of(&self, run: &RunKey) -> Result<Vec<Incident>, StoreError> {
        let sql = "SELECT * FROM incident WHERE server = ? AND repository = ? AND id IN
                   (SELECT incident FROM sighting WHERE run_id = ?) ORDER BY id";
        let mut statement = self.0.prepare(sql)?;
        let parameters = params![run.server, run.repository, run.run_id];
        let rows = statement.query_map(parameters, |row| Ok(incident_of(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Places where the secret of an incident was seen, the newest runs first.
    pub fn sightings(&self, incident: &str, most: usize) -> Result<Vec<Sighting>, StoreError> {
        let sql = "SELECT * FROM sighting WHERE incident = ?
                   ORDER BY run_id DESC, attempt, path, line, column LIMIT ?";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map(params![incident, most as u64], sighting_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The same by step, the oldest runs first. An archive holds a line in the
    /// log of its step and in that of its job: the time of a line tells that the
    /// two are one.
    pub fn places(&self, incident: &str) -> Result<Vec<Place>, StoreError> {
        let sql = "SELECT run_id, attempt, annotation, job, step,
                       count(DISTINCT coalesce(logged_at, path || ':' || line)),
                       count(DISTINCT logged_at), min(logged_at), max(logged_at)
                   FROM sighting WHERE incident = ?
                   GROUP BY run_id, attempt, annotation, job, step
                   ORDER BY run_id, attempt, annotation, min(path), job, step";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([incident], |row| {
            Ok(Place {
                run_id: row.get(0)?,
                attempt: row.get(1)?,
                annotation: row.get(2)?,
                job: row.get(3)?,
                step: row.get(4)?,
                lines: row.get(5)?,
                stamped: row.get(6)?,
                first: row.get(7)?,
                last: row.get(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many such places there are.
    pub fn count_sightings(&self, incident: &str) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM sighting WHERE incident = ?";
        Ok(self.0.query_row(sql, [incident], |row| row.get(0))?)
    }

    /// Runs in which the secret of an incident was seen, the newest first.
    pub fn runs_of(&self, incident: &Incident) -> Result<Vec<RunKey>, StoreError> {
        let sql = "SELECT DISTINCT run_id FROM sighting WHERE incident = ? ORDER BY run_id DESC";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([&incident.id], |row| Ok(incident.run(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a secret, no false alarm, was seen in an annotation of a run.
    pub fn seen_in_annotations(&self, run: &RunKey) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sighting JOIN incident ON incident.id = incident
                   WHERE annotation AND server = ? AND repository = ? AND run_id = ?
                   AND close_reason IS NOT 'false-alarm')";
        let parameters = params![run.server, run.repository, run.run_id];
        Ok(self.0.query_row(sql, parameters, |row| row.get(0))?)
    }
}

fn incident_of(row: &Row<'_>) -> Result<Incident, StoreError> {
    let moment = |name| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(name)?.map(time))
    };
    Ok(Incident {
        id: row.get("id")?,
        server: row.get("server")?,
        repository: row.get("repository")?,
        visibility: row.get("visibility")?,
        fingerprint: row.get("fingerprint")?,
        facts: serde_json::from_str(&row.get::<_, String>("facts")?)?,
        state: row.get("state")?,
        opened_at: time(row.get("opened_at")?),
        detected_at: time(row.get("detected_at")?),
        leaked_at: moment("leaked_at")?,
        contained_at: moment("contained_at")?,
        closed_at: moment("closed_at")?,
        close_reason: row.get("close_reason")?,
        note: row.get("note")?,
    })
}

fn sighting_of(row: &Row<'_>) -> rusqlite::Result<Sighting> {
    Ok(Sighting {
        run_id: row.get("run_id")?,
        attempt: row.get("attempt")?,
        path: row.get("path")?,
        line: row.get("line")?,
        column: row.get("column")?,
        annotation: row.get("annotation")?,
        job: row.get("job")?,
        step: row.get("step")?,
        logged_at: row.get("logged_at")?,
    })
}
