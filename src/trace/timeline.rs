//! A secret by time: equal columns of days, a row a repository.

use super::phrase::count;
use super::traced::{Exposure, LogState, Place, Searched, Traced};
use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

/// More cannot be told apart at a glance.
pub(super) const MOST_COLUMNS: usize = 60;

/// What the logs of one repository say of a span of days. Of several the last
/// here is told: nothing that leaked hides behind what is clean, and nothing
/// that was not read is called clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// There was no run.
    Nothing,
    /// Every log was read, and none shows the secret.
    Clean,
    /// Some log is gone or was not read; what was read does not show it.
    Unread,
    /// Logs that show it are gone.
    Gone,
    /// A log shows it.
    Readable,
}

impl Cell {
    /// One column of a terminal; each is another shape.
    pub(super) const fn glyph(self) -> char {
        match self {
            Self::Nothing => ' ',
            Self::Clean => '·',
            Self::Unread => '?',
            Self::Gone => '▒',
            Self::Readable => '█',
        }
    }

    /// A word for programs, too: the name of a style.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Clean => "clean",
            Self::Unread => "unread",
            Self::Gone => "gone",
            Self::Readable => "readable",
        }
    }

    /// For people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "no run",
            Self::Clean => "read, clean",
            Self::Unread => "not read, or gone before",
            Self::Gone => "leaked, log gone",
            Self::Readable => "leaked, readable",
        }
    }
}

/// The days that columns stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    first: Date,
    last: Date,
    days_a_column: usize,
}

impl Axis {
    /// As few days a column as `most` columns allow; none where no day is known.
    fn over(traced: &Traced, most: usize) -> Option<Self> {
        let searched = traced.searched.iter().flat_map(|one| &one.days);
        let searched = searched.map(|day| day.date);
        let sites = traced.exposures.iter().flat_map(|one| &one.sites);
        let leaked = sites.flat_map(|site| &site.places).flat_map(days_of);
        let ends = |ends: Option<(Date, Date)>, day: Date| match ends {
            None => Some((day, day)),
            Some((first, last)) => Some((first.min(day), last.max(day))),
        };
        let (first, last) = searched.chain(leaked).fold(None, ends)?;
        let all = days_between(first, last) + 1;
        Some(Self {
            first,
            last,
            days_a_column: all.div_ceil(most.clamp(1, MOST_COLUMNS)),
        })
    }

    pub(super) fn columns(&self) -> usize {
        self.column(self.last) + 1
    }

    fn column(&self, day: Date) -> usize {
        days_between(self.first, day) / self.days_a_column
    }

    /// First and last day of the columns from `from` to before `to`.
    pub(super) fn days(&self, from: usize, to: usize) -> (Date, Date) {
        let day = |days: usize| {
            let days = Span::new().days(days.cast_signed() as i64);
            self.first.saturating_add(days).min(self.last)
        };
        (
            day(from * self.days_a_column),
            day(to * self.days_a_column - 1),
        )
    }
}

/// A repository through time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) repository: &'a str,
    pub(super) visibility: Option<&'a str>,
    pub(super) cells: Vec<Cell>,
}

/// Neighbouring columns of a row that say the same: `from` to before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) cell: Cell,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Row<'_> {
    pub(super) fn stretches(&self) -> Vec<Stretch> {
        let chunks = self.cells.chunk_by(|one, next| one == next);
        let stretch = |to: &mut usize, chunk: &[Cell]| {
            let from = *to;
            *to += chunk.len();
            let (cell, to) = (chunk[0], *to);
            Some(Stretch { cell, from, to })
        };
        chunks.scan(0, stretch).collect()
    }
}

/// Everything that a view draws of one secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timeline<'a> {
    pub(super) axis: Axis,
    /// Repositories that show the secret, then those that only run its commands.
    pub(super) rows: Vec<Row<'a>>,
    /// Places without a time, which no column has.
    pub(super) undated: u64,
}

impl<'a> Timeline<'a> {
    /// The axis is that of the whole trace, so that secrets can be compared.
    pub(super) fn of(traced: &'a Traced, exposure: &'a Exposure, most: usize) -> Option<Self> {
        let axis = Axis::over(traced, most)?;
        let searched = traced.searched.iter();
        let searched: BTreeMap<&str, &Searched> =
            searched.map(|one| (&*one.repository, one)).collect();
        let row = |(repository, visibility): (&'a str, _)| Row {
            repository,
            visibility,
            cells: cells(
                &axis,
                exposure,
                searched.get(repository).copied(),
                repository,
            ),
        };
        Some(Self {
            axis,
            rows: named(exposure).into_iter().map(row).collect(),
            undated: undated(exposure),
        })
    }

    /// The first day above the first column, the last above the last one, for
    /// letters of one width.
    pub(super) fn dates(&self) -> String {
        let columns = self.axis.columns();
        let (first, last) = self.axis.days(0, columns);
        let (first, last) = (first.to_string(), last.to_string());
        match columns.checked_sub(first.len() + last.len()) {
            Some(gap @ 1..) => format!("{first}{}{last}", " ".repeat(gap)),
            _ if first == last => first,
            _ => format!("{first} to {last}"),
        }
    }

    /// What is to be known of the drawing beside its legend.
    /// `most` rows of it are drawn.
    pub(super) fn notes(&self, most: usize) -> Vec<String> {
        let days = self.axis.days_a_column as u64;
        let column = format!("a column is {}", count(days, ("day", "days")));
        let places = count(self.undated, ("place has", "places have"));
        let undated = (self.undated > 0).then(|| format!("not drawn: {places} no time"));
        let rows = self.rows.len().saturating_sub(most) as u64;
        let rows = count(rows, ("repository", "repositories"));
        let left = (self.rows.len() > most).then(|| format!("not drawn: {rows} more"));
        [Some(column), undated, left]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What is drawn, the worst first.
    pub(super) fn legend(&self) -> Vec<Cell> {
        let drawn: BTreeSet<Cell> = self.rows.iter().flat_map(|row| row.cells.clone()).collect();
        drawn.into_iter().rev().collect()
    }
}

fn cells(
    axis: &Axis,
    exposure: &Exposure,
    searched: Option<&Searched>,
    repository: &str,
) -> Vec<Cell> {
    let mut cells = vec![Cell::Nothing; axis.columns()];
    mark_searched(&mut cells, axis, searched);
    let sites = exposure.sites.iter();
    let sites = sites.filter(|site| site.repository == repository);
    let places = sites.flat_map(|site| &site.places);
    places.for_each(|place| mark_place(&mut cells, axis, place));
    cells
}

/// Each repository once, with its visibility.
fn named(exposure: &Exposure) -> Vec<(&str, Option<&str>)> {
    let sites = exposure.sites.iter();
    let sites = sites.map(|site| (&*site.repository, site.visibility.as_deref()));
    let twins = exposure.copies.iter();
    let twins = twins.map(|twin| (&*twin.repository, twin.visibility.as_deref()));
    let mut seen = BTreeSet::new();
    let all = sites.chain(twins);
    all.filter(|(name, _)| seen.insert(*name)).collect()
}

fn undated(exposure: &Exposure) -> u64 {
    let places = exposure.sites.iter().flat_map(|site| &site.places);
    places
        .filter(|place| days_of(place).next().is_none())
        .count() as u64
}

fn mark_searched(cells: &mut [Cell], axis: &Axis, searched: Option<&Searched>) {
    for day in searched.iter().flat_map(|one| &one.days) {
        let cell = match (day.gone + day.unread, day.read) {
            (0, 0) => Cell::Nothing,
            (0, _) => Cell::Clean,
            _ => Cell::Unread,
        };
        raise(cells, axis.column(day.date), cell);
    }
}

fn mark_place(cells: &mut [Cell], axis: &Axis, place: &Place) {
    // Deleting a log leaves its annotations.
    let cell = match place.log {
        LogState::Gone if !place.annotation => Cell::Gone,
        LogState::Gone | LogState::Readable => Cell::Readable,
    };
    for day in days_of(place) {
        raise(cells, axis.column(day), cell);
    }
}

fn raise(cells: &mut [Cell], column: usize, cell: Cell) {
    cells[column] = cells[column].max(cell);
}

/// The day a place was first written on and, if it is another, the last.
fn days_of(place: &Place) -> impl Iterator<Item = Date> {
    let days = [place.first, place.last].map(|at| at.map(day_of));
    days.into_iter().flatten()
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Of days that follow each other.
fn days_between(from: Date, to: Date) -> usize {
    (to.duration_since(from).as_hours() / 24) as usize
}

#[cfg(test)]
mod tests;
