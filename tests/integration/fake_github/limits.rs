//! Rate limits that count by the fake's clock: so many requests an hour, and
//! GitHub's secondary limits a minute.

use super::http::{Answer, Request};
use super::routes::say;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// What a minute allows: points, and requests that change something.
const POINTS: u32 = 900;
const CHANGES: usize = 80;

/// Limits, and how far they are used up.
pub(crate) struct Limits {
    pub(crate) an_hour: u64,
    /// Whether each repository has an hour of its own, as with `GITHUB_TOKEN`.
    pub(crate) per_repository: bool,
    buckets: BTreeMap<String, (Timestamp, u64)>,
    minute: VecDeque<(Timestamp, u32)>,
    /// Requests that were refused because the hour was used up.
    pub(crate) refused: u64,
    /// Requests that came faster than they may.
    pub(crate) hasty: u64,
    /// Requests that cost nothing, because nothing had changed.
    pub(crate) free: u64,
}

impl Limits {
    pub(crate) fn new(an_hour: u64, per_repository: bool) -> Self {
        Self {
            an_hour,
            per_repository,
            buckets: BTreeMap::new(),
            minute: VecDeque::new(),
            refused: 0,
            hasty: 0,
            free: 0,
        }
    }

    /// Counts a request; the answer, if it is refused.
    pub(crate) fn take(&mut self, request: &Request, now: Timestamp) -> Option<Answer> {
        if self.is_hasty(request, now) {
            self.hasty += 1;
            let answer = say(403, "You have exceeded a secondary rate limit.");
            return Some(answer.with("retry-after", "60"));
        }
        let most = self.an_hour;
        let (_, used) = self.bucket(request, now);
        if *used < most {
            *used += 1;
            return None;
        }
        self.refused += 1;
        Some(say(403, "API rate limit exceeded"))
    }

    /// Takes back that a request was counted.
    pub(crate) fn give_back(&mut self, request: &Request, now: Timestamp) {
        self.free += 1;
        self.bucket(request, now).1 -= 1;
    }

    /// Says how the hour stands.
    pub(crate) fn tell(&mut self, request: &Request, now: Timestamp, answer: Answer) -> Answer {
        let most = self.an_hour;
        let (start, used) = self.bucket(request, now);
        let reset = *start + SignedDuration::from_hours(1);
        answer
            .with("x-ratelimit-limit", &most.to_string())
            .with("x-ratelimit-remaining", &(most - *used).to_string())
            .with("x-ratelimit-reset", &reset.as_second().to_string())
    }

    fn bucket(&mut self, request: &Request, now: Timestamp) -> &mut (Timestamp, u64) {
        let mut parts = request.target.split(['/', '?']).skip(1);
        let name = match (self.per_repository, parts.next()) {
            (true, Some("repos")) => parts.take(2).collect::<Vec<_>>().join("/"),
            _ => String::new(),
        };
        let bucket = self.buckets.entry(name).or_insert((now, 0));
        if now.duration_since(bucket.0) >= SignedDuration::from_hours(1) {
            *bucket = (now, 0);
        }
        bucket
    }

    fn is_hasty(&mut self, request: &Request, now: Timestamp) -> bool {
        let recent = |at: Timestamp| now.duration_since(at) < SignedDuration::from_mins(1);
        self.minute.retain(|(at, _)| recent(*at));
        let points = if request.method == "GET" { 1 } else { 5 };
        let used: u32 = self.minute.iter().map(|(_, points)| points).sum();
        let changes = self.minute.iter().filter(|(_, points)| *points > 1).count();
        let hasty = used + points > POINTS || points > 1 && changes >= CHANGES;
        self.minute.push_back((now, points));
        hasty
    }
}
