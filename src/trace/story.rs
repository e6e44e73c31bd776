//! What every view says of a trace, in one place: which facts, in which words
//! and in which order. Views choose how it is laid out, and how much of it.

mod search;
mod tables;

use super::phrase::{Phrase, Piece, Point, Quote, Table, count};
use super::traced::{Command, Exposure, Site, Traced};
use crate::report::labels::thousands;
use crate::respond::spell;
use jiff::Timestamp;

/// What a reader is to know first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alert {
    /// All was read, and nothing was found.
    Clean,
    /// Nothing was found in what was read.
    Unread,
    /// Something leaked.
    Leaked,
}

/// A trace in words.
pub(super) struct Story<'a> {
    pub(super) headline: String,
    pub(super) alert: Alert,
    /// Whether all was read that was to be.
    pub(super) is_complete: bool,
    /// When it was told.
    pub(super) at: String,
    /// The secrets in a row each.
    pub(super) overview: Table,
    pub(super) chapters: Vec<Chapter<'a>>,
    /// What was searched and what was not.
    pub(super) search: Vec<Point>,
    /// The same by repository, what was not read first.
    pub(super) searched: Table,
    /// What could not be read.
    pub(super) problems: Table,
    /// What was done about the runs that leak.
    pub(super) contained: Table,
}

/// One secret in words.
pub(super) struct Chapter<'a> {
    pub(super) exposure: &'a Exposure,
    pub(super) points: Vec<Point>,
    /// Repositories that show it.
    pub(super) sites: Table,
    /// Steps that show it.
    pub(super) places: Table,
    /// What printed it.
    pub(super) commands: Vec<Quote>,
    /// Where the same commands run.
    pub(super) copies: Table,
    /// What to do now, in order.
    pub(super) next: Vec<Phrase>,
}

impl<'a> Story<'a> {
    pub(super) fn of(traced: &'a Traced) -> Self {
        Self {
            headline: search::headline(traced),
            alert: search::alert(traced),
            is_complete: search::is_complete(traced),
            at: time(traced.at),
            overview: tables::overview(&traced.exposures),
            chapters: traced.exposures.iter().map(Chapter::of).collect(),
            search: search::points(traced),
            searched: search::repositories(&traced.searched),
            problems: search::problems(&traced.searched),
            contained: search::contained(&traced.contained),
        }
    }
}

impl<'a> Chapter<'a> {
    fn of(exposure: &'a Exposure) -> Self {
        Self {
            exposure,
            points: points(exposure),
            sites: tables::sites(&exposure.sites),
            places: tables::places(exposure),
            commands: commands(exposure),
            copies: tables::copies(exposure),
            next: next(exposure),
        }
    }

    /// How sure it is that it is one, and whose.
    pub(super) fn about(&self) -> String {
        let facts = &self.exposure.facts;
        format!("{} confidence · {}", facts.confidence, facts.vendor)
    }
}

/// For people, to the minute.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn points(exposure: &Exposure) -> Vec<Point> {
    let facts = &exposure.facts;
    let line = facts.excerpt.as_ref().map(Phrase::name);
    let points = [
        ("since", since(exposure)),
        ("until", until(exposure)),
        ("for", lasted(exposure)),
        ("readers", readers(exposure)),
        ("known", known(exposure)),
        ("why", facts.reasons.join("; ").into()),
        ("line", line.unwrap_or_default()),
    ];
    let points = points.map(|(label, phrase)| Point { label, phrase });
    let said = |point: &Point| !point.phrase.is_empty();
    points.into_iter().filter(said).collect()
}

fn since(exposure: &Exposure) -> Phrase {
    let bound = &exposure.first_seen;
    let because = bound.at_the_latest_because.join("; ");
    let at = bound.at.map(time);
    let clean = match (bound.clean_before, bound.clean_from) {
        (before @ 1.., Some(from)) => format!(
            "; {} before it, from {} on, read and without it",
            count(before, ("log", "logs")),
            time(from)
        ),
        _ => String::new(),
    };
    match (at, because.is_empty()) {
        (Some(at), true) => format!("{at}{clean}"),
        (Some(at), false) => format!("{at} at the latest, because {because}"),
        (None, true) => "not known: no time stands beside it".to_owned(),
        (None, false) => format!("not known: no time stands beside it, and {because}"),
    }
    .into()
}

fn until(exposure: &Exposure) -> Phrase {
    let readable: u64 = exposure.sites.iter().map(|site| site.readable).sum();
    let gone: u64 = exposure.sites.iter().map(|site| site.gone).sum();
    let logs = count(readable + gone, ("log", "logs"));
    let standing = match (readable, exposure.gone_at) {
        (1.., _) => format!("still readable in {} of {logs}", thousands(readable)),
        (0, Some(at)) => format!("{}, when the last of {logs} was seen to be gone", time(at)),
        (0, None) => format!("not known: none of {logs} can be read"),
    };
    let stay = match annotations(exposure) {
        0 => "",
        _ => "; annotations show it too, and stay when logs are deleted",
    };
    let last = exposure.last_seen.map(time);
    let last = last.map(|at| format!("; last written {at}"));
    format!("{standing}{stay}{}", last.unwrap_or_default()).into()
}

fn annotations(exposure: &Exposure) -> u64 {
    let places = exposure.sites.iter().flat_map(|site| &site.places);
    places.filter(|place| place.annotation).count() as u64
}

fn lasted(exposure: &Exposure) -> Phrase {
    let Some(seconds) = exposure.exposed_seconds else {
        return "not known".into();
    };
    let bound = &exposure.first_seen.at_the_latest_because;
    let at_least = if bound.is_empty() { "" } else { "at least " };
    let so_far = if exposure.gone_at.is_none() {
        " so far"
    } else {
        ""
    };
    format!("{at_least}{}{so_far}", spell(seconds.max(0))).into()
}

fn readers(exposure: &Exposure) -> Phrase {
    let sites = &exposure.sites;
    let open = |site: &&Site| site.visibility.as_deref() == Some("public");
    let public = sites.iter().filter(open).count() as u64;
    let unknown = sites.iter().any(|site| site.visibility.is_none());
    match (exposure.public, public, unknown) {
        (true, 0, _) => "anyone: it was public".to_owned(),
        (true, ..) => {
            let repositories = count(public, ("repository is", "repositories are"));
            format!("anyone: {repositories} public")
        }
        (false, _, true) => "not known: who may read these logs was not told".to_owned(),
        (false, _, false) => "people with access: no repository that shows it is public".to_owned(),
    }
    .into()
}

fn known(exposure: &Exposure) -> Phrase {
    let phrase = Phrase::from("as fingerprint ").and_name(&*exposure.fingerprint);
    let incidents = exposure.incidents.iter();
    incidents.fold(phrase, |phrase, id| phrase.and(", incident ").and_name(id))
}

fn commands(exposure: &Exposure) -> Vec<Quote> {
    let quote = |(command, number): (&Command, usize)| Quote {
        about: format!(
            "command {number}, at {}{}",
            count(command.places, ("place", "places")),
            if command.own {
                ""
            } else {
                "; it says nothing of its own, so its copies are not told"
            }
        )
        .into(),
        lines: command.text.lines().map(str::to_owned).collect(),
    };
    exposure.commands.iter().zip(1..).map(quote).collect()
}

fn next(exposure: &Exposure) -> Vec<Phrase> {
    let steps = [
        Some(rotate(exposure)),
        silence(exposure),
        contain(exposure),
        remove_annotations(exposure),
        report(exposure),
    ];
    steps.into_iter().flatten().collect()
}

fn rotate(exposure: &Exposure) -> Phrase {
    let how = exposure.facts.revoke.as_ref();
    let how = how.map_or_else(
        || Piece::Words("Revoke it where it was issued.".to_owned()),
        |how| Piece::Rule(how.clone()),
    );
    let what = "Rotate it, for deleting logs takes nothing back: ";
    let phrase = Phrase(vec![Piece::Words(what.to_owned()), how]);
    let pages = exposure.facts.references.iter();
    pages.fold(phrase, |phrase, page| phrase.and(" ").and_link(page, page))
}

fn silence(exposure: &Exposure) -> Option<Phrase> {
    let commands = match exposure.commands.len() {
        0 => return None,
        1 => "the command",
        _ => "the commands",
    };
    let copies = match exposure.copies.len() as u64 {
        0 => String::new(),
        some => format!(
            ", and {} before it leaks there too",
            count(some, ("copy of it", "copies of it"))
        ),
    };
    Some(format!("Stop {commands} from printing it{copies}.").into())
}

fn contain(exposure: &Exposure) -> Option<Phrase> {
    let readable: u64 = exposure.sites.iter().map(|site| site.readable).sum();
    let logs = count(readable, ("log", "logs"));
    let on_github = exposure.sites.iter().any(is_on_github);
    let phrase = if on_github {
        Phrase::from(format!("Delete the {logs} that can be read: the same "))
            .and_name("leaksweep trace")
            .and(" with ")
            .and_name("--contain")
            .and(".")
    } else {
        format!("Delete the {logs} that can be read, and whatever they were copied from.").into()
    };
    (readable > 0).then_some(phrase)
}

/// Logs on this machine have paths.
fn is_on_github(site: &Site) -> bool {
    let mut addresses = site.places.iter().filter_map(|place| place.url.as_deref());
    addresses.any(|address| address.contains("://"))
}

fn remove_annotations(exposure: &Exposure) -> Option<Phrase> {
    let what = match annotations(exposure) {
        0 => return None,
        some => count(some, ("annotation", "annotations")),
    };
    Some(format!("Delete the runs of {what}: only that removes them.").into())
}

fn report(exposure: &Exposure) -> Option<Phrase> {
    if exposure.incidents.is_empty() {
        return None;
    }
    let start = Phrase::from("Write down what happened: ");
    let incidents = exposure.incidents.iter().enumerate();
    let command = |phrase: Phrase, (at, id): (usize, &String)| {
        let comma = if at == 0 { "" } else { ", " };
        let command = format!("leaksweep incident report {id}");
        phrase.and(comma).and_name(command)
    };
    Some(incidents.fold(start, command))
}
