//! Lines of a log of which not all was looked at.

use crate::detect::Bound;
use crate::origin::{Origin, Problem, ProblemKind};
use std::collections::BTreeMap;

/// Such lines by the bound that they reached: one problem for each, however
/// many lines a hostile log has.
#[derive(Default)]
pub(super) struct Unseen {
    lines: BTreeMap<Bound, Lines>,
}

struct Lines {
    first: u64,
    last: u64,
    count: u64,
}

impl Unseen {
    /// Adds a line. A long line may come again with each of its blocks.
    pub(super) fn add(&mut self, line: u64, bound: Bound) {
        let lines = self.lines.entry(bound).or_insert(Lines {
            first: line,
            last: line,
            count: 1,
        });
        if line > lines.last {
            lines.last = line;
            lines.count += 1;
        }
    }

    pub(super) fn problems(&self, origin: &Origin) -> Vec<Problem> {
        let problem = |(bound, lines): (&Bound, &Lines)| {
            let more = match lines.count - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let detail = format!(
                "line {}{more} was not looked at to its end: {bound}",
                lines.first
            );
            Problem::new(origin, ProblemKind::OverLimit, detail)
        };
        self.lines.iter().map(problem).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_once() {
        let mut unseen = Unseen::default();
        for line in [3, 3, 5, 9, 9] {
            unseen.add(line, Bound::Hits(7));
        }
        unseen.add(4, Bound::Decoded(100));
        let problems = unseen.problems(&Origin::new("a.log"));
        let details: Vec<_> = problems.iter().map(|one| one.detail.as_str()).collect();
        assert_eq!(
            details,
            [
                "line 4 was not looked at to its end: more is encoded in it than the 100 bytes \
                 that are decoded of one line",
                "line 3 (and 2 more) was not looked at to its end: it holds more than 7 secrets",
            ]
        );
    }
}
