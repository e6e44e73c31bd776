//! The tables about a secret.

use super::time;
use crate::report::labels::thousands;
use crate::trace::phrase::{Column, Phrase, Table, column, number};
use crate::trace::traced::{Bound, Exposure, LogState, Place, Site, Twin};
use jiff::Timestamp;

const OVERVIEW: &[Column] = &[
    column("Severity"),
    column("Credential"),
    column("Value"),
    column("First seen (UTC)"),
    column("Logs"),
    number("Repositories"),
];

pub(super) fn overview(exposures: &[Exposure]) -> Table {
    Table {
        label: "secrets",
        title: "Secrets",
        head: OVERVIEW,
        rows: exposures.iter().map(secret).collect(),
        noun: ("secret", "secrets"),
    }
}

fn secret(exposure: &Exposure) -> Vec<Phrase> {
    let facts = &exposure.facts;
    let readable: u64 = exposure.sites.iter().map(|site| site.readable).sum();
    let logs = match readable {
        0 => "gone".to_owned(),
        some => format!("{} readable", thousands(some)),
    };
    vec![
        facts.severity.to_string().into(),
        facts.name.as_str().into(),
        Phrase::name(&*facts.redacted),
        bound(&exposure.first_seen),
        logs.into(),
        exposure.sites.len().to_string().into(),
    ]
}

const SITES: &[Column] = &[
    column("Repository"),
    column("Visibility"),
    column("First seen (UTC)"),
    column("Last (UTC)"),
    number("Runs"),
    number("Readable"),
    number("Gone"),
];

pub(super) fn sites(sites: &[Site]) -> Table {
    Table {
        label: "where",
        title: "Repositories that show it",
        head: SITES,
        rows: sites.iter().map(site).collect(),
        noun: ("repository", "repositories"),
    }
}

fn site(site: &Site) -> Vec<Phrase> {
    vec![
        Phrase::name(&*site.repository),
        words(site.visibility.as_deref()),
        bound(&site.first_seen),
        moment(site.last_seen),
        thousands(site.runs).into(),
        thousands(site.readable).into(),
        thousands(site.gone).into(),
    ]
}

const PLACES: &[Column] = &[
    column("Log"),
    column("Written (UTC)"),
    number("Lines"),
    column("Job and step"),
    column("Workflow"),
    column("Repository").extra(),
    column("Command").extra(),
    column("Run"),
];

pub(super) fn places(exposure: &Exposure) -> Table {
    let row = |site| move |place| self::place(exposure, site, place);
    let sites = exposure.sites.iter();
    let rows = sites.flat_map(|site| site.places.iter().map(row(site)));
    Table {
        label: "places",
        title: "Places",
        head: PLACES,
        rows: rows.collect(),
        noun: ("place", "places"),
    }
}

fn place(exposure: &Exposure, site: &Site, place: &Place) -> Vec<Phrase> {
    vec![
        standing(place).into(),
        written(place),
        thousands(place.lines).into(),
        step(place.job.as_deref(), place.step.as_deref()),
        workflow(place.workflow.as_deref()),
        among(&exposure.sites, Phrase::name(&*site.repository)),
        command(exposure, place.command.as_deref()),
        run(place.run_id, place.attempt, place.url.as_deref()),
    ]
}

const COPIES: &[Column] = &[
    column("Not leaked yet in"),
    column("Visibility"),
    number("Runs"),
    column("Last run (UTC)"),
    column("Job and step"),
    column("Workflow"),
    column("Command").extra(),
    column("Run"),
];

pub(super) fn copies(exposure: &Exposure) -> Table {
    let copies = exposure.copies.iter();
    Table {
        label: "copies",
        title: "The same commands, where nothing has leaked yet",
        head: COPIES,
        rows: copies.map(|twin| copy(exposure, twin)).collect(),
        noun: ("copy", "copies"),
    }
}

fn copy(exposure: &Exposure, twin: &Twin) -> Vec<Phrase> {
    vec![
        Phrase::name(&*twin.repository),
        words(twin.visibility.as_deref()),
        thousands(twin.runs).into(),
        moment(twin.last),
        step(twin.job.as_deref(), twin.step.as_deref()),
        workflow(twin.workflow.as_deref()),
        command(exposure, Some(&twin.command)),
        run(twin.last_run_id, 1, twin.url.as_deref()),
    ]
}

/// In a column whose head says that it is UTC.
pub(super) fn moment(at: Option<Timestamp>) -> Phrase {
    let at = at.map(|at| time(at).trim_end_matches(" UTC").to_owned());
    at.map(Phrase::from).unwrap_or_default()
}

fn bound(bound: &Bound) -> Phrase {
    let by = if bound.at_the_latest_because.is_empty() {
        ""
    } else {
        "by "
    };
    match bound.at {
        None => "not known".into(),
        at => format!("{by}{}", moment(at).plain()).into(),
    }
}

const fn standing(place: &Place) -> &'static str {
    match (place.annotation, place.log) {
        (false, LogState::Readable) => "readable",
        (false, LogState::Gone) => "gone",
        (true, LogState::Readable) => "annotation",
        (true, LogState::Gone) => "annotation; log gone",
    }
}

pub(super) fn words(text: Option<&str>) -> Phrase {
    text.map(Phrase::from).unwrap_or_default()
}

/// GitHub has all workflows in one folder.
fn workflow(file: Option<&str>) -> Phrase {
    let name = file.map(|file| file.strip_prefix(".github/workflows/").unwrap_or(file));
    name.map(Phrase::name).unwrap_or_default()
}

/// Which one it is, where there are several.
fn among<T>(all: &[T], which: Phrase) -> Phrase {
    if all.len() > 1 {
        which
    } else {
        Phrase::default()
    }
}

/// From when to when, as short as can be.
fn written(place: &Place) -> Phrase {
    let ends = [place.first.or(place.last), place.last];
    let [first, last] = ends.map(|at| moment(at).plain());
    let same_day = first.get(..10) == last.get(..10);
    let last = if same_day {
        last.get(11..).unwrap_or("")
    } else {
        &last
    };
    if last.is_empty() || first.ends_with(last) {
        first.into()
    } else {
        format!("{first} to {last}").into()
    }
}

fn step(job: Option<&str>, step: Option<&str>) -> Phrase {
    let known: Vec<&str> = [job, step].into_iter().flatten().collect();
    match known[..] {
        [] => Phrase::default(),
        _ => Phrase::name(known.join(" › ")),
    }
}

/// The number of the command in the list of those that printed the secret.
fn command(exposure: &Exposure, digest: Option<&str>) -> Phrase {
    let mut commands = exposure.commands.iter();
    let at = commands.position(|command| Some(&*command.digest) == digest);
    let number = at.map(|at| Phrase::from((at + 1).to_string()));
    among(&exposure.commands, number.unwrap_or_default())
}

fn run(id: u64, attempt: u64, url: Option<&str>) -> Phrase {
    let run = match url {
        None => id.to_string().into(),
        Some(address) => Phrase::default().and_link(id.to_string(), address),
    };
    match attempt {
        0 | 1 => run,
        _ => run.and(format!(" (attempt {attempt})")),
    }
}
