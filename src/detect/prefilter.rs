//! Which rules does a text wake?
//!
//! There are no false negatives: a rule whose keyword stands in a text, in any
//! case, is woken. Raw bytes go through the gate, which finds keywords by grams
//! and by the heads of tokens; a line that passed goes through one
//! Aho-Corasick automaton over all keywords. It reports overlapping keywords
//! too, because `token` inside `npm_token` may wake another rule than `npm_`.

use super::glance::Glance;
use super::grams::Grams;
use super::heads;
use super::heads::Heads;
use crate::rule::{Rule, RuleSet};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A keyword and the rules it wakes.
#[derive(Debug)]
pub(super) struct Word {
    /// Lower case.
    pub text: String,
    pub rules: Vec<u32>,
    /// What is worth a look at it, made when it first shows up.
    pub glance: OnceLock<Glance>,
}

/// All keywords, and the ways to find them.
#[derive(Debug)]
pub(super) struct Prefilter {
    pub words: Vec<Word>,
    pub grams: Grams,
    pub heads: Heads,
    /// Made for the first line that passes the gate.
    automaton: OnceLock<AhoCorasick>,
}

impl Prefilter {
    /// Over the keywords of `rules`.
    pub(super) fn new(rules: &RuleSet) -> Self {
        let words = words(&rules.rules);
        let is_head = |word: &Word| {
            let heads = |rule: &u32| rules.rules[*rule as usize].heads_token;
            word.rules.iter().all(heads) && word.text.len() >= heads::SHORTEST
        };
        let numbered = |head: bool| {
            let numbered = (0u32..).zip(&words);
            numbered
                .filter(move |(_, word)| is_head(word) == head)
                .map(|(number, word)| (number, word.text.as_bytes()))
        };
        Self {
            grams: Grams::new(numbered(false)),
            heads: Heads::new(numbered(true)),
            words,
            automaton: OnceLock::new(),
        }
    }

    /// Calls `each(rule, start)` for every keyword in `text`, in order of the
    /// keyword's end.
    pub(super) fn hits(&self, text: &[u8], mut each: impl FnMut(u32, usize)) {
        let automaton = self.automaton.get_or_init(|| automaton(&self.words));
        // An automaton for both cases takes twice as long to build.
        let lower = text.to_ascii_lowercase();
        for hit in automaton.find_overlapping_iter(&lower) {
            for &rule in &self.words[hit.pattern().as_usize()].rules {
                each(rule, hit.start());
            }
        }
    }
}

/// The number of keywords was checked before ([`super::MOST_KEYWORD_BYTES`]), so
/// that the automaton cannot be too large.
fn automaton(words: &[Word]) -> AhoCorasick {
    let built = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(words.iter().map(|word| &word.text));
    match built {
        Ok(automaton) => automaton,
        Err(error) => unreachable!("the keywords make no automaton: {error}"),
    }
}

fn words(rules: &[Rule]) -> Vec<Word> {
    let mut words: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (index, rule) in rules.iter().enumerate() {
        for word in &rule.keywords {
            words.entry(word).or_default().push(index as u32);
        }
    }
    let word = |(text, rules): (&str, Vec<u32>)| Word {
        text: text.to_owned(),
        rules,
        glance: OnceLock::new(),
    };
    words.into_iter().map(word).collect()
}
