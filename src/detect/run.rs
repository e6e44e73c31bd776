//! One rule on one line: from a woken keyword to a hit.

use super::hit::Hit;
use super::name::{self, LazyVendors, NameClass};
use super::pattern::{Match, Matcher};
use super::value::{self, Verdict};
use super::{assignment, beside, brief, checksum, command, jwt, pem, shape, uri};
use crate::finding::Encoding;
use crate::rule::{Confidence, DetectorKind, Rule};
use crate::secret::Secret;
use std::ops::Range;

/// What a rule is run on.
pub(super) struct Site<'a> {
    /// A layer of clean text.
    pub text: &'a [u8],
    /// The line in it.
    pub line: Range<usize>,
    /// The line stands in the `env:` block that a runner prints: what is not
    /// masked there was never registered as a secret.
    pub in_env_block: bool,
}

/// How far around a name the rest of a connection string is looked for.
const NEAR: usize = 512;

impl Site<'_> {
    /// What stands around `range` on the line.
    fn around(&self, range: &Range<usize>) -> &[u8] {
        let start = self.line.start.max(range.start.saturating_sub(NEAR));
        &self.text[start..self.line.end.min(range.end + NEAR)]
    }
}

/// A rule, ready to run.
pub(super) struct Runner<'a> {
    pub index: u32,
    pub rule: &'a Rule,
    pub matcher: &'a Matcher,
    pub vendors: LazyVendors<'a>,
    /// The time of the scan, in seconds since 1970.
    pub now: Option<i64>,
}

impl Runner<'_> {
    /// Runs the rule at its keywords, which start at `hits` (ascending).
    pub(super) fn run(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        let known = out.len();
        match self.rule.detector {
            DetectorKind::Pattern => self.patterns(site, hits, out),
            DetectorKind::PrivateKey => self.keys(site, hits, true, out),
            DetectorKind::TruncatedPrivateKey => self.keys(site, hits, false, out),
            DetectorKind::Password => self.assignments(site, hits, true, out),
            DetectorKind::Credential => self.assignments(site, hits, false, out),
            DetectorKind::CommandLine => self.command_lines(site, hits, out),
            DetectorKind::UriUserinfo => self.uris(site, hits, out),
            DetectorKind::BasicAuth => self.basics(site, hits, out),
            DetectorKind::Jwt => self.tokens(site, hits, out),
            DetectorKind::VendorContext => self.beside_vendors(site, hits, out),
        }
        for hit in &mut out[known..] {
            brief::lower(self.rule.detector, site, hit, self.now);
        }
    }

    fn hit(
        &self,
        text: &[u8],
        span: Range<usize>,
        confidence: Confidence,
        why: &'static str,
    ) -> Hit {
        Hit::new(self.index, text, span, confidence, why)
    }

    fn drop(&self, text: &[u8], span: Range<usize>, why: &'static str) -> Hit {
        Hit::dropped(self.index, text, span, why)
    }

    fn patterns(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        self.matcher
            .run(self.rule, site.text, &site.line, hits, &mut |found| {
                let mut hit = self.weigh(site.text, &found);
                if let Some(alone) = self.rule.alone
                    && is_alone(&site.text[site.line.start..found.whole.start])
                {
                    hit.confidence = hit.confidence.min(alone);
                    hit.reasons.push("nothing names it");
                }
                out.push(hit);
            });
    }

    fn weigh(&self, text: &[u8], found: &Match) -> Hit {
        let span = found.secret.clone();
        let secret = &text[span.clone()];
        if let Some(why) = self.refusal(text, found) {
            return self.drop(text, span, why);
        }
        let (confidence, why) = match self.rule.checksum {
            Some(kind) => checksum::judge(kind, secret, self.rule.confidence),
            None => (self.rule.confidence, "the vendor's own shape"),
        };
        self.hit(text, span, confidence, why)
    }

    fn refusal(&self, text: &[u8], found: &Match) -> Option<&'static str> {
        let secret = &text[found.secret.clone()];
        let before = &text[found.whole.start..found.secret.start];
        if found.allowed {
            Some("on the rule's allow-list")
        } else if value::entropy(secret) < self.rule.min_entropy {
            Some("entropy too low")
        } else if shape::is_masked(secret) || shape::is_blatant(secret) {
            Some("a placeholder")
        } else if self.rule.contextual && is_hashy(before, secret) {
            Some("a digest")
        } else {
            None
        }
    }

    fn keys(&self, site: &Site<'_>, hits: &[usize], complete: bool, out: &mut Vec<Hit>) {
        for &hit in hits {
            let Some(key) = pem::at(site.text, hit) else {
                continue;
            };
            if key.complete == complete {
                out.push(self.key(site.text, &key));
            }
        }
    }

    fn key(&self, text: &[u8], key: &pem::Pem) -> Hit {
        let (confidence, why) = match (pem::has_structure(&key.body), key.encrypted) {
            (_, true) => (Confidence::Medium, "a private key that needs a passphrase"),
            (true, false) if key.complete => {
                (Confidence::Certain, "the structure of a private key")
            }
            _ => (self.rule.confidence, "the armour of a private key"),
        };
        let mut hit = self.hit(text, key.span.clone(), confidence, why);
        hit.secret = Secret::new(&key.body);
        if shape::is_blatant(&key.body) {
            hit.dropped = true;
            hit.reasons = vec!["a placeholder"];
        }
        hit
    }

    fn assignments(&self, site: &Site<'_>, hits: &[usize], passwords: bool, out: &mut Vec<Hit>) {
        let mut done = site.line.start;
        for &hit in hits {
            // Two keywords of one name (`api_key_secret`) are one assignment.
            if hit < done {
                continue;
            }
            let Some(found) = assignment::at(site.text, &site.line, hit) else {
                continue;
            };
            done = found.resume();
            let Some((class, name)) = self.class(site, &found.name) else {
                continue;
            };
            if (class == NameClass::Password) == passwords && !found.basic {
                let name = &site.text[name];
                out.push(self.assigned(site, &found, class, name));
            }
        }
    }

    /// What the name promises, and how far the name goes.
    fn class(&self, site: &Site<'_>, name: &Range<usize>) -> Option<(NameClass, Range<usize>)> {
        let of = |name: Range<usize>| {
            name::classify(&site.text[name.clone()], &self.vendors).map(|class| (class, name))
        };
        of(name.clone())
            .or_else(|| of(assignment::with_word_before(site.text, &site.line, name)?))
            .or_else(|| is_key_of_query(site, name).then(|| (NameClass::Vague, name.clone())))
    }

    fn assigned(
        &self,
        site: &Site<'_>,
        found: &assignment::Assignment,
        class: NameClass,
        name: &[u8],
    ) -> Hit {
        let text = site.text;
        // The span stays whole, so that all of the value is masked.
        let span = found.value.clone();
        let kernel = value::kernel(text, &span).unwrap_or(span.clone());
        let bytes = &text[kernel.clone()];
        let known = self.vendors.is_known(name);
        let mut hit = match value::judge(class, bytes, found.quoted, known) {
            Verdict::Not(why) => return self.drop(text, span, why),
            Verdict::Secret(confidence, why) => self.hit(text, span, confidence, why),
        };
        hit.secret = Secret::new(bytes);
        hit.vendor = self.vendors.of_name(name);
        hit.named_at = is_below(site, found).then_some(found.name.start);
        if let Some(why) = self.doubt(site, found, class, name, bytes) {
            hit.confidence = Confidence::Low;
            hit.reasons.push(why);
        } else if found.tight_colon && hit.confidence < Confidence::High && !value::is_strong(bytes)
        {
            hit.confidence = Confidence::Low;
            hit.reasons.push("`name:value` without a space");
        }
        if site.in_env_block && hit.confidence >= Confidence::Low {
            hit.confidence = raised(hit.confidence);
            hit.reasons.push("unmasked in the runner's env block");
        }
        hit
    }

    /// Why a generated value cannot be what its name says. A rule for the
    /// vendor's shape takes what has it, so what is left has another.
    fn doubt(
        &self,
        site: &Site<'_>,
        found: &assignment::Assignment,
        class: NameClass,
        name: &[u8],
        value: &[u8],
    ) -> Option<&'static str> {
        if class == NameClass::Password {
            None
        } else if shape::contains(site.around(&found.name), b"devstoreaccount1") {
            Some("the published key of a storage emulator")
        } else if value::is_mangled(value) {
            Some("holds what no generated credential holds")
        } else if is_below(site, found) {
            // No pattern that looks for a name has seen both.
            None
        } else if self.vendors.begins_like_a_token(value) {
            Some("begins like a vendor's token and goes on otherwise")
        } else if self.vendors.is_shaped(name) {
            Some("has none of the shapes of this vendor's credentials")
        } else {
            None
        }
    }

    fn beside_vendors(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        for &hit in hits {
            let Some(found) = beside::at(site.text, &site.line, hit, &self.vendors) else {
                continue;
            };
            let bytes = &site.text[found.value.clone()];
            let judged = value::judge_beside(bytes, found.named);
            let mut hit = match judged {
                Verdict::Not(why) => self.drop(site.text, found.value, why),
                Verdict::Secret(confidence, why) => {
                    self.hit(site.text, found.value, confidence, why)
                }
            };
            hit.vendor = Some(found.vendor.to_owned());
            out.push(hit);
        }
    }

    fn command_lines(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        for &hit in hits {
            if let Some(span) = command::password(site.text, &site.line, hit) {
                out.push(self.judged(site.text, span));
            }
        }
    }

    fn uris(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        for &hit in hits {
            if let Some(span) = uri::password(site.text, &site.line, hit) {
                out.push(self.judged(site.text, span));
            }
        }
    }

    /// A password in a place that is for passwords.
    fn judged(&self, text: &[u8], span: Range<usize>) -> Hit {
        match value::judge(NameClass::Password, &text[span.clone()], false, false) {
            Verdict::Not(why) => self.drop(text, span, why),
            Verdict::Secret(confidence, why) => self.hit(text, span, confidence, why),
        }
    }

    fn basics(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        for &hit in hits {
            let Some(span) = uri::basic(site.text, &site.line, hit) else {
                continue;
            };
            let Some(decoded) = uri::undo_basic(&site.text[span.clone()]) else {
                continue;
            };
            let colon = decoded.iter().position(|byte| *byte == b':').unwrap_or(0);
            let mut hit = self.judged(&decoded, colon + 1..decoded.len());
            hit.span = span;
            hit.encodings = vec![Encoding::Base64];
            if hit.confidence == Confidence::Low && !hit.dropped {
                hit.confidence = Confidence::Medium;
            }
            out.push(hit);
        }
    }

    fn tokens(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        for &hit in hits {
            if let Some(token) = jwt::at(site.text, &site.line, hit) {
                let (confidence, why) = token.judge(self.rule.confidence, self.now);
                out.push(self.hit(site.text, token.span, confidence, why));
            }
        }
    }
}

/// The value stands on a line below its name, where no pattern sees both.
fn is_below(site: &Site<'_>, found: &assignment::Assignment) -> bool {
    found.value.start >= site.line.end
}

/// No name, operator, quote or bracket right before it.
fn is_alone(before: &[u8]) -> bool {
    let last = before.trim_ascii_end().last();
    last.is_none_or(|byte| byte.is_ascii_alphanumeric() || b".,;!".contains(byte))
}

/// `?key=…`: elsewhere that name is a cache's or a table's.
fn is_key_of_query(site: &Site<'_>, name: &Range<usize>) -> bool {
    let before = (name.start > site.line.start).then(|| site.text[name.start - 1]);
    site.text[name.clone()].eq_ignore_ascii_case(b"key") && matches!(before, Some(b'?' | b'&'))
}

fn raised(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::Low => Confidence::Medium,
        Confidence::Medium | Confidence::High => Confidence::High,
        Confidence::Certain => Confidence::Certain,
    }
}

/// A digest under words that speak of digests.
fn is_hashy(before: &[u8], secret: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "sha",
        "hash",
        "digest",
        "commit",
        "checksum",
        "md5",
        "rev",
        "integrity",
        "etag",
        "cache",
    ];
    let before = before.to_ascii_lowercase();
    (shape::is_digest(secret) || shape::is_uuid(secret))
        && WORDS
            .iter()
            .any(|word| shape::contains(&before, word.as_bytes()))
}
