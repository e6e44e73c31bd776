//! All repositories: one at a time, and another while one waits for its limit.

use super::outcome::{Plan, PurgeOutcome};
use super::sweep::{Means, Sweep};
use super::{Halt, Order, Progress, PurgeError, World};
use crate::github::{Limit, Site, seconds_until_allowed};
use crate::store::Store;
use jiff::Timestamp;

/// Seconds between deletions.
const PAUSE: u64 = 1;

/// Purges repositories, or says what would be done. The store knows at any
/// time what was done and what was about to be: after a crash the next purge
/// goes on from there. For a dry run give a [`Store::scratch`].
pub fn purge(
    world: &World<'_>,
    store: &mut Store,
    order: &Order,
    sites: Vec<Site>,
) -> Result<PurgeOutcome, PurgeError> {
    let _alone = store.lock_purge()?;
    let chosen = |site: &Site| {
        let visibility = site
            .visibility
            .as_deref()
            .and_then(|word| word.parse().ok());
        order.choice.admits(visibility)
    };
    let sites = sites.into_iter().filter(chosen);
    let mut queue = Queue {
        sweeps: sites
            .map(|site| (Timestamp::MIN, Sweep::new(site)))
            .collect(),
        end: order.max_duration.map(|most| world.now() + most),
        means: Means {
            world,
            order,
            store,
        },
    };
    queue.run()?;
    queue.outcome()
}

struct Queue<'a> {
    /// Each with the time before which it is not worth a try.
    sweeps: Vec<(Timestamp, Sweep)>,
    end: Option<Timestamp>,
    means: Means<'a>,
}

impl Queue<'_> {
    fn run(&mut self) -> Result<(), PurgeError> {
        while let Some(first) = self.first_due() {
            let now = self.means.world.now();
            if self.is_over(first) {
                self.leave(&self.no_time(first));
                return Ok(());
            }
            if first > now {
                self.wait(first);
                continue;
            }
            let Some(at) = self.next(now) else { break };
            if let Some(why) = self.work_on(at)? {
                self.leave(&why);
                return Ok(());
            }
        }
        Ok(())
    }

    /// When there is something to do.
    fn first_due(&self) -> Option<Timestamp> {
        let open = self.sweeps.iter().filter(|(_, sweep)| !sweep.is_done());
        open.map(|(from, _)| *from).min()
    }

    fn is_over(&self, first: Timestamp) -> bool {
        self.end
            .is_some_and(|end| first.max(self.means.world.now()) >= end)
    }

    fn no_time(&self, first: Timestamp) -> String {
        if first > self.means.world.now() {
            format!("the rate limit lasts until {first}, beyond --max-duration")
        } else {
            "the time of --max-duration is over".to_owned()
        }
    }

    /// The repository that most is to be done in: what waits for limits longest
    /// has to begin first. Those that nothing is known of come before.
    fn next(&self, now: Timestamp) -> Option<usize> {
        let rest = |sweep: &Sweep| {
            if sweep.has_begun() {
                sweep.about() - sweep.dealt_with()
            } else {
                u64::MAX
            }
        };
        let ready = self.sweeps.iter().enumerate();
        let ready = ready.filter(|(_, (from, sweep))| !sweep.is_done() && *from <= now);
        // Of equals, the first.
        let most = ready.max_by_key(|(at, (_, sweep))| (rest(sweep), std::cmp::Reverse(*at)));
        most.map(|(at, _)| at)
    }

    /// Works on a repository until it is done, just begun, or has to wait. Why
    /// all is to end comes back.
    fn work_on(&mut self, at: usize) -> Result<Option<String>, PurgeError> {
        let mut progressed = false;
        self.sweeps[at].1.take_up(&self.means);
        loop {
            let sweep = &mut self.sweeps[at].1;
            let begun = sweep.has_begun();
            match sweep.step(&mut self.means) {
                Ok(()) => progressed = true,
                Err(Halt::Limited { until, shared }) => {
                    self.park(at, until, shared || !progressed);
                    return Ok(None);
                }
                Err(Halt::Budget(why)) => return Ok(Some(why)),
                Err(Halt::GivenUp(why)) => sweep.give_up(&why),
                Err(Halt::Broken(error)) => return Err(error),
            }
            self.tell(at, None);
            if !begun || self.sweeps[at].1.is_done() || self.is_over(Timestamp::MIN) {
                return Ok(None);
            }
        }
    }

    /// A limit is the repository's own, unless another one meets it at once.
    fn park(&mut self, at: usize, until: Timestamp, shared: bool) {
        for (number, (from, _)) in self.sweeps.iter_mut().enumerate() {
            if number == at || shared {
                *from = until.max(*from);
            }
        }
    }

    fn wait(&self, until: Timestamp) {
        self.tell(0, Some(until));
        let left = until.duration_since(self.means.world.now());
        if let Ok(left) = left.try_into() {
            self.means.world.sleep(left);
        }
    }

    fn tell(&self, at: usize, waits_until: Option<Timestamp>) {
        let sum = |of: fn(&Sweep) -> u64| self.sweeps.iter().map(|(_, sweep)| of(sweep)).sum();
        (self.means.world.progress)(&Progress {
            repository: &self.sweeps[at].1.swept.repository,
            done: sum(Sweep::dealt_with),
            about: sum(Sweep::about),
            deleted: sum(|sweep| sweep.swept.logs.deleted + sweep.swept.artifacts.deleted),
            waits_until,
        });
    }

    fn leave(&mut self, why: &str) {
        for (_, sweep) in &mut self.sweeps {
            sweep.leave(why);
        }
    }

    fn outcome(self) -> Result<PurgeOutcome, PurgeError> {
        let client = self.means.world.client();
        let now = self.means.world.now();
        let mut due = Vec::new();
        let mut repositories = Vec::new();
        for (_, sweep) in self.sweeps {
            due.extend(sweep.due);
            repositories.push(sweep.swept);
        }
        let calls = client.calls();
        let plan = || {
            let deletions = due.len() as u64;
            let confirmations: u64 = due.iter().map(|one| one.attempts).sum();
            let calls = calls + deletions + confirmations;
            let limit = client.limit();
            Plan {
                due,
                calls,
                calls_an_hour: limit.map(|limit| limit.an_hour),
                seconds: seconds(calls, deletions, limit, now),
            }
        };
        Ok(PurgeOutcome {
            plan: self.means.order.dry_run.then(plan),
            calls,
            audit_head: self.means.store.view().audit_head()?.1,
            repositories,
        })
    }
}

/// How long so many calls take if all repositories share one limit.
fn seconds(calls: u64, deletions: u64, limit: Option<Limit>, now: Timestamp) -> u64 {
    (deletions * PAUSE).max(seconds_until_allowed(limit, calls, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_estimate_counts_pauses_and_limits() {
        let now = Timestamp::from_second(1_000).unwrap();
        let limit = |remaining| {
            Some(Limit {
                an_hour: 1_000,
                remaining,
                reset: now + Duration::from_secs(600),
            })
        };
        assert_eq!(seconds(500, 200, None, now), 200);
        assert_eq!(seconds(500, 200, limit(100), now), 600);
        assert_eq!(seconds(500, 20_000, limit(100), now), 20_000);
    }
}
