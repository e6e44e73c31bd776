//! Which rules does a text wake?
//!
//! There are no false negatives: a rule is woken wherever a match of it may stand.
//! Keywords are found, in any case, by grams and by the heads of tokens: on raw
//! bytes, where the gate asks whether one is worth a look, and on each layer of the
//! lines that passed it.

use super::grams::Grams;
use super::heads::{self, Heads};
use crate::rule::{Rule, RuleSet};
use std::collections::BTreeMap;

/// A keyword and the rules it wakes.
#[derive(Debug)]
pub(super) struct Word {
    /// Lower case.
    pub text: String,
    pub rules: Vec<u32>,
}

/// All keywords, and the ways to find them.
#[derive(Debug)]
pub(super) struct Prefilter {
    pub words: Vec<Word>,
    pub grams: Grams,
    pub heads: Heads,
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
        }
    }

    /// Whether the keyword of this number stands at `start` of `text`, in any case.
    #[inline]
    pub(super) fn stands(&self, word: u32, text: &[u8], start: usize) -> bool {
        let word = self.words[word as usize].text.as_bytes();
        let found = text.get(start..start + word.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(word))
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
    };
    words.into_iter().map(word).collect()
}
