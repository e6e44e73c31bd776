//! What was searched, and what was not.

use super::tables::{moment, words};
use super::{Alert, time};
use crate::report::labels::thousands;
use crate::trace::phrase::{Column, Phrase, Point, Table, column, count, number};
use crate::trace::traced::{Contained, Searched, Traced};
use std::cmp::Reverse;

/// Logs of all repositories.
struct Sum {
    read: u64,
    gone: u64,
    unread: u64,
    running: u64,
    problems: usize,
}

impl Sum {
    fn of(searched: &[Searched]) -> Self {
        let sum = |of: fn(&Searched) -> u64| searched.iter().map(of).sum();
        Self {
            read: sum(|one| one.read),
            gone: sum(|one| one.gone),
            unread: sum(|one| one.unread),
            running: sum(|one| one.running),
            problems: searched.iter().map(|one| one.problems.len()).sum(),
        }
    }
}

/// Whether everything was read that was to be searched.
pub(super) fn is_complete(traced: &Traced) -> bool {
    let sum = Sum::of(&traced.searched);
    sum.gone + sum.unread + sum.running == 0 && sum.problems == 0 && traced.left.is_none()
}

pub(super) fn alert(traced: &Traced) -> Alert {
    match (traced.exposures.is_empty(), is_complete(traced)) {
        (false, _) => Alert::Leaked,
        (true, false) => Alert::Unread,
        (true, true) => Alert::Clean,
    }
}

/// Never "clean" when something was not read.
pub(super) fn headline(traced: &Traced) -> String {
    let read = count(Sum::of(&traced.searched).read, ("log", "logs"));
    let secrets = count(traced.exposures.len() as u64, ("secret", "secrets"));
    match (alert(traced), is_complete(traced)) {
        (Alert::Clean, _) => format!("no secret found in {read}"),
        (Alert::Unread, _) => format!("no secret found in {read}, but not all was read"),
        (Alert::Leaked, false) => format!("{secrets} found, and not all was read"),
        (Alert::Leaked, true) => format!("{secrets} found"),
    }
}

pub(super) fn points(traced: &Traced) -> Vec<Point> {
    let points = [
        ("read", Some(read(&traced.searched))),
        ("unread", unread(&traced.searched)),
        ("from", traced.since.map(from)),
        ("left", traced.left.as_deref().map(Phrase::from)),
        ("calls", calls(traced)),
    ];
    let point = |(label, phrase): (_, Option<Phrase>)| {
        let phrase = phrase?;
        Some(Point { label, phrase })
    };
    points.into_iter().filter_map(point).collect()
}

fn read(searched: &[Searched]) -> Phrase {
    let logs = count(Sum::of(searched).read, ("log", "logs"));
    let runs = count(searched.iter().map(|one| one.runs).sum(), ("run", "runs"));
    let repositories = count(searched.len() as u64, ("repository", "repositories"));
    format!("{logs} of {runs} in {repositories}").into()
}

fn unread(searched: &[Searched]) -> Option<Phrase> {
    let Sum {
        gone,
        unread,
        running,
        ..
    } = Sum::of(searched);
    let all = count(gone + unread + running, ("log", "logs"));
    let gone = (gone > 0).then(|| format!("{} gone before anybody read them", thousands(gone)));
    let unread = (unread > 0).then(|| format!("{} still to be read", thousands(unread)));
    let running = (running > 0).then(|| format!("{} of runs in progress", thousands(running)));
    let parts: Vec<String> = [gone, unread, running].into_iter().flatten().collect();
    let parts = (!parts.is_empty()).then(|| parts.join(", "))?;
    Some(format!("{all} not known to be clean: {parts}").into())
}

fn from(since: jiff::Timestamp) -> Phrase {
    let at = time(since);
    format!("{at}; runs that were created before were not looked at").into()
}

fn calls(traced: &Traced) -> Option<Phrase> {
    let requests = count(traced.calls, ("request", "requests"));
    (traced.calls > 0).then(|| format!("{requests} to GitHub").into())
}

const SEARCHED: &[Column] = &[
    column("Repository"),
    column("Visibility"),
    number("Runs"),
    number("Logs read"),
    number("Gone before"),
    number("Still to read"),
    column("Read back to (UTC)"),
];

pub(super) fn repositories(searched: &[Searched]) -> Table {
    let mut worst: Vec<&Searched> = searched.iter().collect();
    worst.sort_by_key(|one| Reverse((one.unread, one.gone, one.problems.len())));
    Table {
        label: "in",
        title: "Repositories that were searched",
        head: SEARCHED,
        rows: worst.into_iter().map(repository).collect(),
        noun: ("repository", "repositories"),
    }
}

fn repository(one: &Searched) -> Vec<Phrase> {
    vec![
        Phrase::name(&*one.repository),
        words(one.visibility.as_deref()),
        thousands(one.runs).into(),
        thousands(one.read).into(),
        thousands(one.gone).into(),
        thousands(one.unread).into(),
        moment(one.oldest_read),
    ]
}

const PROBLEMS: &[Column] = &[column("Repository"), column("Problem")];

pub(super) fn problems(searched: &[Searched]) -> Table {
    let row = |one: &Searched| {
        let name = Phrase::name(&*one.repository);
        move |problem: &String| vec![name.clone(), problem.as_str().into()]
    };
    let rows = searched
        .iter()
        .flat_map(|one| one.problems.iter().map(row(one)));
    Table {
        label: "trouble",
        title: "What could not be read",
        head: PROBLEMS,
        rows: rows.collect(),
        noun: ("problem", "problems"),
    }
}

const CONTAINED: &[Column] = &[
    column("Repository"),
    column("Run"),
    column("Logs"),
    column("How"),
];

/// What was done about the runs that leak.
pub(super) fn contained(contained: &[Contained]) -> Table {
    let row = |one: &Contained| {
        let state = match (one.gone, one.asked) {
            (true, _) => "confirmed gone",
            (false, true) => "stay",
            (false, false) => "stay: nothing is acted on",
        };
        vec![
            Phrase::name(&*one.repository),
            one.run_id.to_string().into(),
            state.into(),
            Phrase::name(one.details.join("; ")),
        ]
    };
    Table {
        label: "runs",
        title: "Containment",
        head: CONTAINED,
        rows: contained.iter().map(row).collect(),
        noun: ("run", "runs"),
    }
}
