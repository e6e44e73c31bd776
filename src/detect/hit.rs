//! A secret as detection sees it, before it is redacted.

use crate::finding::Encoding;
use crate::rule::Confidence;
use crate::secret::Secret;
use std::ops::Range;

/// A secret in a layer of text: the log itself, or text decoded out of it.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    /// Index of the rule.
    pub rule: u32,
    /// Where it stands in the layer.
    pub span: Range<usize>,
    /// What it is only a part of, and of no use without: the URI around a
    /// password, the pair of a user and a password. Reports point at all of it.
    pub whole: Option<Range<usize>>,
    /// How sure.
    pub confidence: Confidence,
    /// Why that sure, or why it is none.
    pub reasons: Vec<&'static str>,
    /// The value.
    pub secret: Secret,
    /// Vendor, when the name told one.
    pub vendor: Option<String>,
    /// It stands under a name of credentials that tells no vendor.
    pub nameless: bool,
    /// Encodings undone, outermost first.
    pub encodings: Vec<Encoding>,
    /// Considered and not taken; kept only to explain.
    pub dropped: bool,
    /// Where its name stands, when that is on a line above.
    pub named_at: Option<usize>,
}

impl Hit {
    /// A hit of `rule` on `text[span]`.
    pub(super) fn new(
        rule: u32,
        text: &[u8],
        span: Range<usize>,
        confidence: Confidence,
        reason: &'static str,
    ) -> Self {
        Self {
            rule,
            secret: Secret::new(&text[span.clone()]),
            span,
            whole: None,
            confidence,
            reasons: vec![reason],
            vendor: None,
            nameless: false,
            encodings: Vec::new(),
            dropped: false,
            named_at: None,
        }
    }

    /// What a report points at.
    pub(super) fn place(&self) -> Range<usize> {
        self.whole.clone().unwrap_or_else(|| self.span.clone())
    }

    /// What decides which line, and which window, a hit belongs to.
    pub(super) fn anchor(&self) -> usize {
        self.named_at.unwrap_or(self.place().start)
    }

    /// What stands above it may still tell that it is none.
    pub(super) fn is_open(&self) -> bool {
        self.nameless && !self.dropped && self.confidence > Confidence::Low
    }

    /// Moves it into another layer.
    pub(super) fn map(&mut self, outer: impl Fn(&Range<usize>) -> Range<usize>) {
        self.span = outer(&self.span);
        self.whole = self.whole.as_ref().map(outer);
    }

    /// Moves it out of the separated text, to the text without the spaces put in.
    pub(super) fn together(mut self, cuts: &[u32]) -> Self {
        let back = |at: usize| {
            let spaces = cuts
                .iter()
                .enumerate()
                .take_while(|(n, cut)| **cut as usize + n < at)
                .count();
            at - spaces
        };
        self.map(|span| back(span.start)..back(span.end));
        self.named_at = self.named_at.map(back);
        self
    }

    /// Takes over the confidence of a hit at the same place that it hides: a
    /// likely vendor's token under a name that says credential is surer than
    /// either alone. What was ranked low for a reason stays low.
    pub(super) fn back_up(&mut self, other: &Self) {
        if self.confidence >= Confidence::Medium
            && other.confidence > self.confidence
            && !other.dropped
        {
            self.confidence = other.confidence;
            self.reasons.extend(&other.reasons);
        }
    }

    /// The same, taken back.
    pub(super) fn dropped(
        rule: u32,
        text: &[u8],
        span: Range<usize>,
        reason: &'static str,
    ) -> Self {
        Self {
            dropped: true,
            ..Self::new(rule, text, span, Confidence::Low, reason)
        }
    }
}
