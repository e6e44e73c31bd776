//! Questions to GitHub in a walk, and why it does not go on.

use super::plan::Progress;
use super::{TraceError, World};
use crate::github::{GithubError, GithubErrorKind};
use jiff::Timestamp;
use std::time::Duration;

/// Why a walk does not go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// What is left can be done later.
    Left(String),
    /// Nothing more can be done.
    Broken(TraceError),
}

impl<E: Into<TraceError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// Questions to GitHub, each with the patience for its limits.
pub(super) struct Ask<'a> {
    pub(super) world: &'a World<'a>,
    /// When to stop.
    pub(super) end: Option<Timestamp>,
}

impl Ask<'_> {
    /// Asks, after what GitHub told to wait. What is no limit comes back.
    pub(super) fn ask<T>(
        &self,
        mut call: impl FnMut() -> Result<T, GithubError>,
    ) -> Result<Result<T, GithubError>, Halt> {
        loop {
            self.wait_for_the_hour()?;
            match call() {
                Err(error) => match error.kind() {
                    GithubErrorKind::RateLimited { until } => self.wait(until)?,
                    GithubErrorKind::Budget => return Err(Halt::Left(error.to_string())),
                    _ => return Ok(Err(error)),
                },
                done => return Ok(done),
            }
        }
    }

    /// A request that is known to be refused is not made.
    fn wait_for_the_hour(&self) -> Result<(), Halt> {
        let client = self.world.client();
        let used_up = client.limit().filter(|limit| limit.remaining == 0);
        match used_up {
            // The reset is told in whole seconds.
            Some(limit) if limit.reset >= self.world.now() => {
                self.wait(limit.reset + Duration::from_secs(1))
            }
            _ if self.end.is_some_and(|end| self.world.now() >= end) => Err(Halt::Left(
                "the time of --max-duration is over\nhint: run trace again to go on".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn wait(&self, until: Timestamp) -> Result<(), Halt> {
        if self.end.is_some_and(|end| until >= end) {
            let why = format!(
                "the rate limit lasts until {until}, beyond --max-duration\n\
                 hint: run trace again then to go on"
            );
            return Err(Halt::Left(why));
        }
        // A limit that is over already was told by a clock that is not ours.
        let until = until.max(self.world.now() + Duration::from_secs(1));
        self.tell("", 0, 0, Some(until));
        let left = until.duration_since(self.world.now());
        if let Ok(left) = left.try_into() {
            self.world.respond.voice.clock.sleep(left);
        }
        Ok(())
    }

    pub(super) fn tell(
        &self,
        repository: &str,
        done: u64,
        about: u64,
        waits_until: Option<Timestamp>,
    ) {
        (self.world.progress)(&Progress {
            repository,
            done,
            about,
            waits_until,
        });
    }
}
