//! What people are told, before it takes the form of a target.

use super::{Document, RunContainment, Sighting, Stage};
use jiff::Timestamp;

/// An incident in short texts. They show nothing that a chat program acts on,
/// but for what is special to a target's own markup.
pub(super) struct Card {
    /// One line.
    pub(super) title: String,
    /// What it is about: label and value.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What to do.
    pub(super) advice: String,
    /// Documentation.
    pub(super) links: Vec<String>,
    /// Where the secret stands.
    pub(super) places: Vec<Place>,
    /// What became of the logs.
    pub(super) runs: Vec<String>,
}

/// A place, and the page of its run.
pub(super) struct Place {
    pub(super) text: String,
    pub(super) url: Option<String>,
}

impl Stage {
    const fn label(self) -> &'static str {
        match self {
            Self::Opened => "Leaked",
            Self::Updated => "Leaked again",
            Self::Contained => "Contained",
            Self::Closed => "Closed",
        }
    }

    /// Whether somebody still has to act on it.
    pub(super) const fn is_firing(self) -> bool {
        matches!(self, Self::Opened | Self::Updated | Self::Contained)
    }
}

impl Card {
    /// With at most `most` entries in each list.
    pub(super) fn of(document: &Document, most: usize) -> Self {
        let clean = document.inert(most);
        let mut places: Vec<Place> = clean.sightings.iter().map(Place::of).collect();
        let more = clean.sightings_total.saturating_sub(places.len() as u64);
        places.extend((more > 0).then(|| Place {
            text: format!("{more} more places"),
            url: None,
        }));
        let mut runs: Vec<String> = clean.containment.iter().map(run).collect();
        let more = document.containment.len() - runs.len();
        runs.extend((more > 0).then(|| format!("{more} more runs")));
        Self {
            title: title(&clean),
            facts: facts(&clean),
            advice: advice(&clean),
            places,
            runs,
            links: clean.references,
        }
    }

    /// The page of the first run that has one.
    pub(super) fn page(&self) -> Option<&String> {
        self.places.iter().find_map(|place| place.url.as_ref())
    }

    /// Everything, for targets that take plain text.
    pub(super) fn text(&self) -> String {
        let facts = self
            .facts
            .iter()
            .map(|(label, value)| format!("{label}: {value}"));
        let places = self.places.iter().map(|place| format!("- {}", place.text));
        let runs = self.runs.iter().map(|run| format!("- {run}"));
        let places = headed("Where:", places);
        let runs = headed("Logs:", runs);
        let advice = [String::new(), self.advice.clone()];
        let lines = facts.chain(advice).chain(places).chain(runs);
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The heading and the lines, or nothing if there are none.
fn headed(heading: &str, lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines = lines.peekable();
    let heading = lines.peek().map(|_| format!("\n{heading}"));
    heading.into_iter().chain(lines).collect()
}

fn title(of: &Document) -> String {
    let notes = match of.notes.join(", ") {
        none if none.is_empty() => none,
        notes => format!(" ({notes})"),
    };
    let label = of.stage.label();
    format!("{label}: {} in {}{notes}", of.name, of.repository)
}

fn facts(of: &Document) -> Vec<(&'static str, String)> {
    let stamp = |at: Option<Timestamp>| at.map(|at| format!("{at:.0}"));
    let repository = match &of.visibility {
        Some(visibility) => format!("{} ({visibility})", of.repository),
        None => of.repository.clone(),
    };
    let facts = [
        ("Repository", Some(repository)),
        ("Rule", Some(of.rule_id.clone())),
        ("Shown as", Some(of.redacted.clone())),
        ("Severity", Some(word(of.severity))),
        ("Confidence", Some(confidence(of))),
        ("Leaked", stamp(of.leaked_at)),
        ("Found", stamp(Some(of.detected_at))),
        ("Contained", stamp(of.contained_at)),
        ("Time to detect", of.time_to_detect_s.map(span)),
        ("Time to contain", of.time_to_contain_s.map(span)),
        ("Places", Some(of.sightings_total.to_string())),
        ("Incident", Some(of.id.clone())),
        ("Fingerprint", Some(of.fingerprint.clone())),
        (
            "Found by",
            Some(format!("{}, rules {}", of.tool, of.rules_version)),
        ),
    ];
    let known = |(label, value): (_, Option<String>)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((label, value))
    };
    facts.into_iter().filter_map(known).collect()
}

/// The name of a severity or a confidence, as reports write it.
pub(super) fn word(of: impl std::fmt::Debug) -> String {
    format!("{of:?}").to_lowercase()
}

fn confidence(of: &Document) -> String {
    let word = word(of.confidence);
    if of.reasons.is_empty() {
        return word;
    }
    format!("{word}: {}", of.reasons.join("; "))
}

/// The words of a rule: people may follow the addresses in them.
fn advice(of: &Document) -> String {
    let revoke = of.revoke.as_deref();
    let revoke = revoke.unwrap_or("Revoke the credential at its issuer.");
    let rest = "Deleting logs does not undo the leak: whoever has read them has it.";
    format!("{revoke} {rest}")
}

/// `3 h 5 min`, `12 s`.
fn span(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

impl Place {
    fn of(sighting: &Sighting) -> Self {
        let known = |label: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{label} {value}"))
        };
        let log = (!sighting.path.is_empty()).then(|| format!("log {}", sighting.path));
        let parts = [
            Some(format!(
                "run {} attempt {}",
                sighting.run_id, sighting.attempt
            )),
            known("workflow", &sighting.workflow),
            known("branch", &sighting.branch),
            known("job", &sighting.job),
            known("step", &sighting.step),
            log,
            Some(format!("line {}", sighting.line)),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        Self {
            text: parts.join(", "),
            url: sighting.url.clone(),
        }
    }
}

fn run(of: &RunContainment) -> String {
    let at = of.at.map(|at| format!(" ({at:.0})")).unwrap_or_default();
    format!("run {}: {}{at}", of.run_id, of.state)
}
