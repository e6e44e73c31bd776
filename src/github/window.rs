//! Windows of creation, split until one page holds all runs of each.
//!
//! A listing of many pages may lose runs between two of them when others are
//! removed meanwhile, and GitHub lists no more than 1,000. So a window counts
//! only if a single page, which is not full and names no next, holds it whole;
//! what GitHub says of their number is not asked. A second cannot be split: its
//! pages are followed.

use super::{Client, GithubError, Repository, Run, RunPage};
use jiff::Timestamp;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// First second since 1970.
    pub first: i64,
    /// Last second.
    pub last: i64,
}

/// A window that was listed whole.
#[derive(Debug)]
pub struct Listed {
    /// The window.
    pub window: Window,
    /// Its runs; none if they are as GitHub's tag said: unchanged.
    pub runs: Option<Vec<Run>>,
    /// Whether there may be more runs than GitHub lists.
    pub crowded: bool,
    /// GitHub's tag, by which it can be asked whether something changed.
    pub etag: Option<String>,
}

/// Windows that are still to be listed, the oldest last, each with the tag
/// that GitHub gave it if it was listed before.
#[derive(Debug)]
pub struct Windows(Vec<(Window, Option<String>)>);

impl Windows {
    /// All time from `first`, or else the beginning, to `last`.
    pub fn new(first: Option<Timestamp>, last: Timestamp) -> Self {
        let first = first.map_or(BEGINNING, Timestamp::as_second).max(BEGINNING);
        let last = last.as_second();
        let whole = (first <= last).then_some((Window { first, last }, None));
        Self(whole.into_iter().collect())
    }

    /// All time.
    pub fn all() -> Self {
        Self::new(None, Timestamp::MAX)
    }

    /// All time from `first`, or else the beginning, to `last`, of which some
    /// windows were listed before: those with a tag are listed again, those
    /// without are left out.
    pub fn around(
        first: Option<Timestamp>,
        last: Timestamp,
        mut known: Vec<(Window, Option<String>)>,
    ) -> Self {
        known.sort_by_key(|(window, _)| *window);
        let mut windows = Vec::new();
        let mut rest = Self::new(first, last).0.pop().map(|(whole, _)| whole);
        for (window, etag) in known {
            let meets = |open: &Window| window.last >= open.first && window.first <= open.last;
            let Some(open) = rest.filter(meets) else {
                continue;
            };
            windows.extend(open.until(window.first).map(|gap| (gap, None)));
            windows.extend(etag.map(|etag| (window, Some(etag))));
            rest = open.from(window.last + 1);
        }
        windows.extend(rest.map(|gap| (gap, None)));
        windows.reverse();
        Self(windows)
    }

    /// Since when runs were not looked at.
    pub fn rest(&self) -> Option<Timestamp> {
        self.0.last().map(|(window, _)| window.first())
    }

    /// Lists the oldest window, or breaks it up. The hint of the page goes to
    /// `hint`.
    pub fn next(
        &mut self,
        client: &Client,
        of: &Repository,
        hint: impl FnOnce(u64),
    ) -> Result<ControlFlow<Listed>, GithubError> {
        let Some((window, etag)) = self.0.last() else {
            return Ok(ControlFlow::Continue(()));
        };
        let (window, etag) = (*window, etag.clone());
        let page = window.list_unless(client, of, etag.as_deref())?;
        self.0.pop();
        let Some(page) = page else {
            return Ok(ControlFlow::Break(Listed {
                window,
                runs: None,
                crowded: false,
                etag,
            }));
        };
        page.hint.map(hint);
        if window.is_second() || is_whole(&page) {
            return Ok(ControlFlow::Break(Listed {
                window,
                crowded: !page.is_last || page.runs.len() >= CAP,
                runs: Some(page.runs),
                etag: page.etag,
            }));
        }
        let parts = window.split(&page.runs).into_iter().rev();
        self.0.extend(parts.map(|part| (part, None)));
        Ok(ControlFlow::Continue(()))
    }
}

fn is_whole(page: &RunPage) -> bool {
    page.is_last && page.runs.len() < PAGE
}

impl Window {
    /// The first second.
    pub fn first(self) -> Timestamp {
        Timestamp::from_second(self.first).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The first second behind it.
    pub fn end(self) -> Timestamp {
        Timestamp::from_second(self.last + 1).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn is_second(self) -> bool {
        self.first == self.last
    }

    /// The part of it before a second.
    fn until(self, second: i64) -> Option<Self> {
        let last = self.last.min(second - 1);
        (self.first <= last).then_some(Self { last, ..self })
    }

    /// The part of it from a second on.
    fn from(self, second: i64) -> Option<Self> {
        let first = self.first.max(second);
        (first <= self.last).then_some(Self { first, ..self })
    }

    /// [`Self::list`], unless nothing changed since GitHub gave the tag.
    fn list_unless(
        self,
        client: &Client,
        of: &Repository,
        etag: Option<&str>,
    ) -> Result<Option<RunPage>, GithubError> {
        if self.is_second() {
            return self.list(client, of).map(Some);
        }
        client.runs_unless(of, self.ends(), etag)
    }

    /// One page, or of a second all that GitHub lists.
    pub fn list(self, client: &Client, of: &Repository) -> Result<RunPage, GithubError> {
        let pages = if self.is_second() { CAP / PAGE } else { 1 };
        client.runs(of, self.ends(), pages)
    }

    fn ends(self) -> (Timestamp, Timestamp) {
        let last = Timestamp::from_second(self.last).unwrap_or(Timestamp::UNIX_EPOCH);
        (self.first(), last)
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
    fn what_was_listed_before_is_left_out_or_asked_for_by_its_tag() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let base = 1_700_000_000;
        let window = |first, last| Window {
            first: base + first,
            last: base + last,
        };
        let known = vec![
            (window(50, 59), Some("b".to_owned())),
            (window(10, 19), None),
            (window(20, 29), Some("a".to_owned())),
            (window(55, 70), None),
        ];
        let around = Windows::around(Some(at(base + 15)), at(base + 99), known);
        let tag = |text: &str| Some(text.to_owned());
        let expected = [
            (window(20, 29), tag("a")),
            (window(30, 49), None),
            (window(50, 59), tag("b")),
            (window(71, 99), None),
        ];
        assert_eq!(around.0, expected.into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_listed_of_the_future() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let windows = Windows::new(Some(at(1_700_000_001)), at(1_700_000_000));
        assert_eq!(windows.rest(), None);
    }
}
