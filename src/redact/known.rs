//! Secrets that were found, looked for wherever else they stand.

use crate::finding::Finding;
use crate::origin::{Origin, Problem, ProblemKind};
use crate::rule::Confidence;
use crate::secret::Secret;
use crate::source::LogFile;
use aho_corasick::{AhoCorasick, MatchKind};
use std::io;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Shorter values are words that stand in a log for other reasons.
const SHORTEST: usize = 8;
/// Bytes of values that are looked for together: the automaton takes many times
/// as much.
const MOST_BYTES: usize = 2 << 20;
/// Bytes of a log that are searched at a time.
const WINDOW: u64 = 4 << 20;

/// Gathers secrets, from several threads.
#[derive(Default)]
pub(super) struct Known(Mutex<Vec<Secret>>);

impl Known {
    /// Takes the secrets of a scan that rules are rather sure of: to mask what is
    /// none wherever it stands would make a log unreadable.
    pub(super) fn gather(&self) -> impl Fn(&Finding, &Secret) + Sync + '_ {
        |finding, secret| {
            if finding.confidence >= Confidence::Medium {
                self.add(secret);
            }
        }
    }

    /// Adds the secret line by line: a key over many lines stands elsewhere with
    /// other prefixes.
    fn add(&self, secret: &Secret) {
        let lines = secret.expose().split(|byte| *byte == b'\n');
        let values = lines
            .map(<[u8]>::trim_ascii)
            .filter(|line| line.len() >= SHORTEST && !line.starts_with(b"-----"));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(values.map(Secret::new));
    }

    /// What was gathered, ready to be looked for.
    pub(super) fn ready(&self) -> Ready {
        let mut values =
            std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        values.sort_by(|a, b| a.expose().cmp(b.expose()));
        values.dedup();
        let mut bytes = 0;
        let before = values.len();
        values.retain(|value| {
            bytes += value.len();
            bytes <= MOST_BYTES
        });
        let longest = values.iter().map(Secret::len).max().unwrap_or(0);
        let patterns = values.iter().map(Secret::expose);
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(patterns);
        Ready {
            left_out: before - if automaton.is_ok() { values.len() } else { 0 },
            automaton: automaton.ok().filter(|_| longest > 0),
            longest: longest as u64,
        }
    }
}

/// Looks for secrets.
pub(super) struct Ready {
    automaton: Option<AhoCorasick>,
    longest: u64,
    left_out: usize,
}

impl Ready {
    /// Where they stand in a log.
    pub(super) fn places(&self, log: &LogFile) -> io::Result<Vec<Range<u64>>> {
        let mut places = Vec::new();
        let Some(automaton) = &self.automaton else {
            return Ok(places);
        };
        let mut start = 0;
        while start < log.len() {
            let window = log.window(start..log.len().min(start + WINDOW + self.longest))?;
            places.extend(
                automaton
                    .find_iter(&*window)
                    .map(|found| start + found.start() as u64..start + found.end() as u64),
            );
            start += WINDOW;
        }
        Ok(places)
    }

    /// Said aloud: secrets that were not looked for elsewhere.
    pub(super) fn over_limit(&self, origin: &Origin) -> Option<Problem> {
        let detail = format!(
            "{} secrets were masked where rules find them and not looked for elsewhere: \
             together they are too long\nhint: redact fewer logs at a time",
            self.left_out
        );
        (self.left_out > 0).then(|| Problem::new(origin, ProblemKind::OverLimit, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn places(secrets: &[&str], log: &[u8]) -> Vec<Range<u64>> {
        let known = Known::default();
        for secret in secrets {
            known.add(&Secret::new(secret.as_bytes()));
        }
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(log).unwrap();
        known.ready().places(&LogFile::of(file).unwrap()).unwrap()
    }

    #[test]
    fn values_are_found_across_the_borders_of_windows() {
        let mut log = vec![b'.'; WINDOW as usize - 4];
        log.extend(b"abcdefgh tail abcdefgh");
        let start = WINDOW - 4;
        let mut found = places(&["abcdefgh", "short"], &log);
        found.dedup();
        assert_eq!(found[0], start..start + 8);
        assert_eq!(found[1], start + 14..start + 22);
    }

    #[test]
    fn the_lines_of_a_key_are_known_each_and_its_armour_is_not() {
        let armour = format!("{0}BEGIN KEY{0}", "-----");
        let key = format!("{armour}\nfirst-line\n  second-line\n");
        let log = format!("{armour} x\nsecond-line first-line short");
        let at = armour.len() as u64 + 3;
        let expected = [at..at + 11, at + 12..at + 22];
        assert_eq!(places(&[&key], log.as_bytes()), expected);
    }

    #[test]
    fn too_much_is_said() {
        let known = Known::default();
        let long = "x".repeat(MOST_BYTES);
        known.add(&Secret::new(long.as_bytes()));
        known.add(&Secret::new(b"another one"));
        let problem = known.ready().over_limit(&Origin::new("a.log")).unwrap();
        assert!(problem.detail.starts_with("1 secrets were masked"));
        assert!(
            Known::default()
                .ready()
                .over_limit(&Origin::new("a"))
                .is_none()
        );
    }
}
