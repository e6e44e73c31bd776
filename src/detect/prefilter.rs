//! Which rules does a text wake? One Aho-Corasick pass over all keywords.
//!
//! The automaton must have no false negatives: a rule whose keyword stands in
//! a text, in any case, is woken. It reports overlapping keywords too, because
//! `token` inside `npm_token` may wake another rule than `npm_`.

use crate::rule::Rule;
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use std::collections::BTreeMap;

/// Keyword automaton and, for each keyword, the rules it wakes.
#[derive(Debug)]
pub(super) struct Prefilter {
    automaton: AhoCorasick,
    wakes: Vec<Vec<u32>>,
}

impl Prefilter {
    /// Builds the automaton over the keywords of `rules`.
    pub(super) fn new(rules: &[Rule]) -> Result<Self, BuildError> {
        let mut words: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            for word in &rule.keywords {
                words.entry(word).or_default().push(index as u32);
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words.keys())?;
        Ok(Self {
            automaton,
            wakes: words.into_values().collect(),
        })
    }

    /// Start of the earliest-ending keyword at or after `from`.
    pub(super) fn first(&self, text: &[u8], from: usize) -> Option<usize> {
        self.automaton
            .find(aho_corasick::Input::new(text).range(from..))
            .map(|hit| hit.start())
    }

    /// Calls `each(rule, start)` for every keyword in `text`, in order of the
    /// keyword's end.
    pub(super) fn hits(&self, text: &[u8], mut each: impl FnMut(u32, usize)) {
        for hit in self.automaton.find_overlapping_iter(text) {
            for &rule in &self.wakes[hit.pattern().as_usize()] {
                each(rule, hit.start());
            }
        }
    }
}
