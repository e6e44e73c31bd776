//! Windows of creation, split until one page holds all runs of each.
//!
//! A listing of many pages may lose runs between two of them when others are
//! removed meanwhile, and GitHub lists no more than 1,000. So a window counts
//! only if a single page, which is not full and names no next, holds it whole;
//! what GitHub says of their number is not asked. A second cannot be split: its
//! pages are followed.

use super::Halt;
use crate::github::{Client, GithubError, Repository, Run, RunPage};
use jiff::{SignedDuration, Timestamp};
use std::ops::ControlFlow;

/// A page holds so many.
const PAGE: usize = 100;
/// What a window is split for: half a page, because runs do not come evenly.
const AIM: i64 = 50;
/// Parts a window is split into at most: what one page tells of the density of
/// years may be wrong.
const MOST_PARTS: i64 = 16;
/// GitHub lists no more.
const CAP: usize = 1_000;
/// Nothing ran before GitHub Actions began.
const BEGINNING: i64 = 1_538_352_000;

/// From one second to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) first: i64,
    pub(super) last: i64,
}

/// A window that was listed whole.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) window: Window,
    pub(super) runs: Vec<Run>,
    /// Whether there may be more runs than GitHub lists.
    pub(super) crowded: bool,
}

/// Windows that are still to be listed, the oldest last.
#[derive(Debug)]
pub(super) struct Windows(Vec<Window>);

impl Windows {
    /// All time from `first`, or else the beginning, to `last`.
    pub(super) fn new(first: Option<Timestamp>, last: Timestamp) -> Self {
        let first = first.map_or(BEGINNING, Timestamp::as_second).max(BEGINNING);
        let last = last.as_second();
        let whole = (first <= last).then_some(Window { first, last });
        Self(whole.into_iter().collect())
    }

    /// All time.
    pub(super) fn all() -> Self {
        Self::new(None, Timestamp::MAX)
    }

    /// Since when runs were not looked at.
    pub(super) fn rest(&self) -> Option<Timestamp> {
        self.0.last().map(|window| window.first())
    }

    /// Lists the oldest window, or breaks it up. The hint of the page goes to
    /// `hint`.
    pub(super) fn next(
        &mut self,
        client: &Client,
        of: &Repository,
        hint: impl FnOnce(u64),
    ) -> Result<ControlFlow<Listed>, GithubError> {
        let Some(window) = self.0.last().copied() else {
            return Ok(ControlFlow::Continue(()));
        };
        let page = window.list(client, of)?;
        page.hint.map(hint);
        self.0.pop();
        if window.is_second() || is_whole(&page) {
            return Ok(ControlFlow::Break(Listed {
                window,
                crowded: !page.is_last || page.runs.len() >= CAP,
                runs: page.runs,
            }));
        }
        self.0.extend(window.split(&page.runs).into_iter().rev());
        Ok(ControlFlow::Continue(()))
    }
}

fn is_whole(page: &RunPage) -> bool {
    page.is_last && page.runs.len() < PAGE
}

impl Window {
    pub(super) fn first(self) -> Timestamp {
        Timestamp::from_second(self.first).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The first second behind it.
    pub(super) fn end(self) -> Timestamp {
        Timestamp::from_second(self.last + 1).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn is_second(self) -> bool {
        self.first == self.last
    }

    /// One page, or of a second all that GitHub lists.
    pub(super) fn list(self, client: &Client, of: &Repository) -> Result<RunPage, GithubError> {
        let last = Timestamp::from_second(self.last).unwrap_or(Timestamp::UNIX_EPOCH);
        let pages = if self.is_second() { CAP / PAGE } else { 1 };
        client.runs(of, (self.first(), last), pages)
    }

    /// Equal parts, as many as should hold [`AIM`] runs each if all runs came as
    /// those of the page did.
    fn split(self, runs: &[Run]) -> Vec<Self> {
        let length = self.last - self.first + 1;
        let created = || runs.iter().filter_map(|run| run.created_at);
        let span = created().max().zip(created().min());
        let span = span.map_or(0, |(max, min)| max.as_second() - min.as_second());
        let about = runs.len().cast_signed() as i64 * length / span.max(1);
        let parts = (about / AIM).clamp(2, MOST_PARTS).min(length);
        let at = |part: i64| self.first + length * part / parts;
        let window = |part| Self {
            first: at(part),
            last: at(part + 1) - 1,
        };
        (0..parts).map(window).collect()
    }
}

/// GitHub's present, as the answer before told it.
pub(super) fn present(client: &Client) -> Result<Timestamp, Halt> {
    client.server_time().ok_or_else(|| {
        Halt::GivenUp(
            "github's answers tell no time, so the age of logs is not known\n\
             hint: let the header `date` through whatever stands between"
                .to_owned(),
        )
    })
}

/// `time` less `age`.
pub(super) fn before(time: Timestamp, age: std::time::Duration) -> Timestamp {
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    time.saturating_sub(age).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(second: i64) -> Run {
        let created = Timestamp::from_second(second).unwrap().to_string();
        serde_json::from_value(json!({ "id": second, "created_at": created })).unwrap()
    }

    #[test]
    fn parts_cover_the_whole_and_do_not_overlap() {
        for (first, last) in [(0, 1), (0, 6), (100, 1_000_000), (7, 90)] {
            for runs in [vec![], vec![run(3), run(3)], (0..100).map(run).collect()] {
                let parts = Window { first, last }.split(&runs);
                assert!((2..=16).contains(&parts.len()));
                assert_eq!((parts[0].first, parts[parts.len() - 1].last), (first, last));
                for pair in parts.windows(2) {
                    assert_eq!(pair[0].last + 1, pair[1].first);
                    assert!(pair[0].first <= pair[0].last);
                }
            }
        }
    }

    #[test]
    fn dense_windows_have_more_parts() {
        let window = Window {
            first: 0,
            last: 399,
        };
        let sparse: Vec<Run> = (0..100).map(|n| run(n * 4)).collect();
        assert_eq!(window.split(&sparse).len(), 2);
        let dense: Vec<Run> = (200..300).map(run).collect();
        assert_eq!(window.split(&dense).len(), 8);
    }

    #[test]
    fn nothing_is_listed_of_the_future() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let windows = Windows::new(Some(at(1_700_000_001)), at(1_700_000_000));
        assert_eq!(windows.rest(), None);
    }
}
