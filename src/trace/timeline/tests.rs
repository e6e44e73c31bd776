use super::{Axis, Cell, MOST_COLUMNS, Timeline};
use crate::rule::template::Seed;
use crate::trace::sample;
use crate::trace::traced::{Day, Exposure, LogState, Place, Searched, Traced};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

const REPOSITORIES: [&str; 4] = ["a/a", "a/b", "b/a", "b/b"];

fn date_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// A trace of at most `days` days.
fn any(seed: &mut Seed, days: usize) -> Traced {
    let mut traced = sample::traced();
    traced.exposures.truncate(1);
    let exposure = &mut traced.exposures[0];
    exposure.copies.truncate(seed.below(3));
    let shown = REPOSITORIES[..seed.below(4)].iter();
    exposure.sites = shown
        .map(|repository| sample::site(repository, "public", places(seed, repository, days)))
        .collect();
    traced.searched = REPOSITORIES[seed.below(3)..]
        .iter()
        .map(|repository| searched(seed, repository, days))
        .collect();
    traced
}

fn places(seed: &mut Seed, repository: &str, days: usize) -> Vec<Place> {
    let number = seed.below(12);
    let place = |_| {
        let state = [LogState::Readable, LogState::Gone][seed.below(2)];
        let mut place = sample::place(repository, seed.below(days), state);
        place.annotation = seed.below(5) == 0;
        match seed.below(5) {
            0 => place.first = None,
            1 => place.last = place.first.map(|at| at + 20.hours()),
            _ => {}
        }
        if seed.below(8) == 0 {
            (place.first, place.last) = (None, None);
        }
        place
    };
    (0..number).map(place).collect()
}

fn searched(seed: &mut Seed, repository: &str, days: usize) -> Searched {
    let of = |number: usize| Day {
        date: date_of(sample::at(number)),
        read: seed.below(3) as u64,
        gone: (seed.below(6) / 5) as u64,
        unread: (seed.below(6) / 5) as u64,
    };
    let days: Vec<Day> = (0..days).map(of).filter(|day| day.read > 0).collect();
    Searched {
        repository: repository.into(),
        days,
        ..Searched::default()
    }
}

/// What the logs of `repository` say of the days from `first` to `last`.
fn truth(traced: &Traced, repository: &str, first: Date, last: Date) -> Cell {
    let within = |day: Date| first <= day && day <= last;
    let written = |place: &&Place| {
        let times = [place.first, place.last];
        times.into_iter().flatten().any(|at| within(date_of(at)))
    };
    let sites = traced.exposures[0].sites.iter();
    let sites = sites.filter(|site| site.repository == repository);
    let places: Vec<&Place> = sites
        .flat_map(|site| &site.places)
        .filter(written)
        .collect();
    let stays = |place: &&Place| place.annotation || place.log == LogState::Readable;
    let own = traced
        .searched
        .iter()
        .find(|one| one.repository == repository);
    let days = own.map(|one| one.days.iter().filter(|day| within(day.date)).copied());
    let days: Vec<Day> = days.into_iter().flatten().collect();
    let logs = |of: fn(&Day) -> u64| days.iter().map(of).sum::<u64>();
    if places.iter().any(stays) {
        Cell::Readable
    } else if !places.is_empty() {
        Cell::Gone
    } else if logs(|day| day.gone + day.unread) > 0 {
        Cell::Unread
    } else if logs(|day| day.read) > 0 {
        Cell::Clean
    } else {
        Cell::Nothing
    }
}

#[test]
fn every_cell_is_what_was_counted() {
    let mut seed = Seed::new(66);
    let mut met = [0; 5];
    for _ in 0..400 {
        let days = 1 + seed.below(200);
        let traced = any(&mut seed, days);
        let most = 1 + seed.below(80);
        let Some(timeline) = Timeline::of(&traced, &traced.exposures[0], most) else {
            let searched = traced.searched.iter();
            assert_eq!(searched.map(|one| one.days.len()).sum::<usize>(), 0);
            continue;
        };
        for row in &timeline.rows {
            for (at, cell) in row.cells.iter().enumerate() {
                let (first, last) = timeline.axis.days(at, at + 1);
                assert_eq!(*cell, truth(&traced, row.repository, first, last));
                met[*cell as usize] += 1;
            }
        }
    }
    assert!(met.iter().all(|count| *count > 100), "{met:?}");
}

#[test]
fn columns_are_equal_and_as_many_as_fit() {
    let mut seed = Seed::new(7);
    for _ in 0..300 {
        let days = 1 + seed.below(400);
        let traced = any(&mut seed, days);
        let most = 1 + seed.below(80);
        let Some(axis) = Axis::over(&traced, most) else {
            continue;
        };
        let fit = most.min(MOST_COLUMNS);
        assert!(axis.columns() <= fit);
        let all = 1 + (axis.last - axis.first).get_days() as usize;
        let fewer = axis.days_a_column - 1;
        assert!(fewer == 0 || all.div_ceil(fewer) > fit, "{axis:?}");
        let mut next = axis.first;
        for at in 0..axis.columns() {
            let (first, last) = axis.days(at, at + 1);
            assert_eq!(first, next);
            let length = 1 + (last - first).get_days() as usize;
            assert!(length == axis.days_a_column || last == axis.last);
            next = last.tomorrow().unwrap();
        }
        assert_eq!(axis.days(0, axis.columns()), (axis.first, axis.last));
    }
}

#[test]
fn stretches_are_the_cells() {
    let traced = sample::traced();
    for exposure in &traced.exposures {
        let timeline = Timeline::of(&traced, exposure, 60).unwrap();
        for row in &timeline.rows {
            let stretches = row.stretches();
            let cells = stretches
                .iter()
                .flat_map(|one| vec![one.cell; one.to - one.from]);
            assert_eq!(cells.collect::<Vec<_>>(), row.cells);
            assert!(stretches.windows(2).all(|two| two[0].cell != two[1].cell));
        }
    }
}

#[test]
fn a_repository_has_one_row_and_copies_come_last() {
    let traced = sample::traced();
    let rows = |exposure: &Exposure| {
        let timeline = Timeline::of(&traced, exposure, 60).unwrap();
        let rows = timeline.rows.iter();
        rows.map(|row| row.repository.to_owned())
            .collect::<Vec<_>>()
    };
    let mut exposure = traced.exposures[0].clone();
    let all = ["acme/web", "acme/billing", "acme/mobile", "acme/infra"];
    assert_eq!(rows(&exposure), all);
    exposure.copies.extend(exposure.copies.clone());
    assert_eq!(rows(&exposure), all);
}

#[test]
fn places_without_time_are_counted() {
    let mut traced = sample::traced();
    for site in &mut traced.exposures[0].sites {
        for place in &mut site.places {
            (place.first, place.last) = (None, None);
        }
    }
    let timeline = Timeline::of(&traced, &traced.exposures[0], 60).unwrap();
    assert_eq!(timeline.undated, 11);
    assert!(
        timeline
            .notes(9)
            .contains(&"not drawn: 11 places have no time".to_owned())
    );
    traced.searched.clear();
    traced.exposures.truncate(1);
    assert_eq!(Timeline::of(&traced, &traced.exposures[0], 60), None);
}
