//! One rule on one line: from a woken keyword to a hit.

use super::assignment::Assignment;
use super::beside::Beside;
use super::hit::Hit;
use super::name::{self, LazyVendors, NameClass, Vendors};
use super::pattern::{Match, Matcher};
use super::value::{self, Verdict};
use super::{assignment, beside, brief, checksum, command, jwt, pem, shape, uri};
use crate::finding::Encoding;
use crate::rule::{Confidence, DetectorKind, Rule};
use crate::secret::Secret;
use serde_json::{Map, Value};
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
            if hit.whole.is_none() && self.finds_parts() {
                hit.whole = uri::around(site.text, &site.line, &hit.span);
            }
            brief::lower(self.rule.detector, site, hit, self.now);
        }
    }

    /// What it finds may be of no use without what stands around it, as a token
    /// of a shape of its own never is.
    fn finds_parts(&self) -> bool {
        match self.rule.detector {
            DetectorKind::Pattern => {
                self.rule.contextual || self.rule.pattern.contains("(?P<secret>")
            }
            DetectorKind::Jwt => false,
            kind => !kind.is_key(),
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
                if self.rule.contextual && goes_on(site, &found.secret) {
                    hit.confidence = Confidence::Low;
                    hit.reasons.push("the beginning of a longer value");
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
            _ if !self.rule.contextual && shape::is_counted(secret) => {
                (Confidence::Low, "letters or digits in their order")
            }
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
        } else if shape::is_masked(secret)
            || shape::is_blatant(secret)
            || checksum::json_within(secret).is_some_and(|json| says_example(&json))
        {
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
            let Some(name) = assignment::name_around(site.text, &site.line, hit) else {
                continue;
            };
            let Some((class, whole)) = name_class(site.text, &site.line, &name, &self.vendors)
            else {
                continue;
            };
            let Some(found) = assignment::of_name(site.text, &site.line, &name) else {
                continue;
            };
            done = found.resume();
            if (class == NameClass::Password) == passwords && !found.basic {
                out.push(self.assigned(site, &found, class, &site.text[whole]));
            }
        }
    }

    fn assigned(&self, site: &Site<'_>, found: &Assignment, class: NameClass, name: &[u8]) -> Hit {
        let text = site.text;
        // The span stays whole, so that all of the value is masked.
        let span = found.value.clone();
        let (bytes, verdict) = judge_assigned(text, found, class, name, &self.vendors);
        let mut hit = match verdict {
            Verdict::Not(why) => return self.drop(text, span, why),
            Verdict::Secret(confidence, why) => self.hit(text, span, confidence, why),
        };
        hit.secret = Secret::new(bytes);
        hit.vendor = self.vendors.of_name(name);
        hit.nameless = class != NameClass::Password && hit.vendor.is_none();
        hit.named_at = is_below(site, found).then_some(found.name.start);
        let issuer = self.issuer(site, found, class);
        let form = issuer
            .or_else(|| self.opener(site, found.name.start, class))
            .and_then(|vendor| self.vendors.has_form(vendor, bytes));
        if form == Some(true) {
            hit.confidence = hit.confidence.max(Confidence::Medium);
            hit.reasons.push(value::KNOWN_FORM);
        } else if form == Some(false) {
            hit.confidence = Confidence::Low;
            hit.reasons.push(value::NO_FORM);
        } else if let Some(why) = self.doubt(site, found, class, issuer, bytes) {
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

    /// The vendor that issued a generated value, told by its name or by the
    /// words in front of it.
    fn issuer(&self, site: &Site<'_>, found: &Assignment, class: NameClass) -> Option<&str> {
        let of = |name: Range<usize>| self.vendors.issuer(&site.text[name]);
        let name = &found.name;
        let wider = || assignment::with_words_before(site.text, &site.line, name);
        if class == NameClass::Password {
            return None;
        }
        of(name.clone()).or_else(|| of(wider()))
    }

    /// The vendor whose word begins the line: `acme key = '…' secret = '…'`.
    fn opener(&self, site: &Site<'_>, name: usize, class: NameClass) -> Option<&str> {
        let line = &site.text[site.line.clone()];
        let message = line.get(start_of_message(&line[..name - site.line.start])..)?;
        let (len, vendor) = self.vendors.at(message)?;
        let whole = message.get(len) == Some(&b' ');
        (whole && class != NameClass::Password).then_some(vendor)
    }

    /// Why a generated value cannot be what its name says. A rule for the
    /// vendor's shape takes what has it, so what is left has another.
    fn doubt(
        &self,
        site: &Site<'_>,
        found: &Assignment,
        class: NameClass,
        issuer: Option<&str>,
        value: &[u8],
    ) -> Option<&'static str> {
        if class == NameClass::Password {
            None
        } else if shape::contains(site.around(&found.name), b"devstoreaccount1")
            || value.starts_with(b"Eby8vdM02xNOcqFl")
        {
            Some("the published key of a storage emulator")
        } else if value::is_mangled(value) {
            Some("holds what no generated credential holds")
        } else if is_below(site, found) {
            // No pattern that looks for a name has seen both.
            None
        } else if self.vendors.begins_like_a_token(value) {
            Some("begins like a vendor's token and goes on otherwise")
        } else if issuer.is_some_and(|vendor| self.vendors.is_shaped(vendor)) {
            Some("has none of the shapes of this vendor's credentials")
        } else {
            None
        }
    }

    fn beside_vendors(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        for &hit in hits {
            let on_line = beside::at(site.text, &site.line, hit, &self.vendors);
            let below = || beside::below(site.text, &site.line, hit, &self.vendors);
            let Some(found) = on_line.or_else(below) else {
                continue;
            };
            let named_at = (found.value.start > site.line.end).then_some(hit);
            let (form, judged) = judge_beside(site.text, &found, &self.vendors);
            // Two lines only go together when the value says so as well.
            if named_at.is_some() && form != Some(true) {
                continue;
            }
            let mut hit = match judged {
                Verdict::Not(why) => self.drop(site.text, found.value, why),
                Verdict::Secret(confidence, why) => {
                    self.hit(site.text, found.value, confidence, why)
                }
            };
            hit.vendor = Some(found.vendor.to_owned());
            hit.named_at = named_at;
            out.push(hit);
        }
    }

    fn command_lines(&self, site: &Site<'_>, hits: &[usize], out: &mut Vec<Hit>) {
        for &hit in hits {
            if let Some(found) = command::password(site.text, &site.line, hit) {
                let mut hit = self.judged(site.text, found.password);
                hit.whole = found.pair;
                out.push(hit);
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
        match value::judge_placed(&text[span.clone()]) {
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

/// The secret in an assigned value, and what it turned out to be.
pub(super) fn judge_assigned<'t>(
    text: &'t [u8],
    found: &Assignment,
    class: NameClass,
    name: &[u8],
    vendors: &Vendors,
) -> (&'t [u8], Verdict) {
    let kernel = value::kernel(text, &found.value);
    let bytes = &text[kernel.unwrap_or_else(|| found.value.clone())];
    let known = || vendors.is_known(name);
    (bytes, value::judge(class, bytes, found.quoted, known))
}

/// Whether the value behind a vendor's word has a form of its credentials, where
/// one is known, and what the value turned out to be.
pub(super) fn judge_beside(
    text: &[u8],
    found: &Beside<'_>,
    vendors: &Vendors,
) -> (Option<bool>, Verdict) {
    let value = &text[found.value.clone()];
    let form = vendors.has_form(found.vendor, value);
    (form, value::judge_beside(value, found.named, form))
}

/// The value stands on a line below its name, where no pattern sees both.
fn is_below(site: &Site<'_>, found: &Assignment) -> bool {
    found.value.start >= site.line.end
}

/// One of the texts in a token says that it is made up.
fn says_example(json: &Map<String, Value>) -> bool {
    let mut texts = json.values().filter_map(Value::as_str);
    texts.any(|text| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && shape::says_example(text.as_bytes())
    })
}

/// A quote opens right before it and does not close behind it: a word of its
/// own shape would still be one, a mere run of letters is not.
fn goes_on(site: &Site<'_>, secret: &Range<usize>) -> bool {
    let before = (secret.start > site.line.start).then(|| site.text[secret.start - 1]);
    let after = (secret.end < site.line.end).then(|| site.text[secret.end]);
    // What may close it instead, and the padding that a pattern left out.
    let ends = |byte: u8| !byte.is_ascii_graphic() || b"\"'`\\<&,;)}]=".contains(&byte);
    matches!(before, Some(b'"' | b'\'')) && after.is_some_and(|byte| !ends(byte))
}

/// No name, operator, quote or bracket right before it.
fn is_alone(before: &[u8]) -> bool {
    if opens_message(before) {
        return true;
    }
    let last = before.trim_ascii_end().last();
    last.is_none_or(|byte| byte.is_ascii_alphanumeric() || b".,;!".contains(byte))
}

/// What the name promises, and how far the name goes.
pub(super) fn name_class(
    text: &[u8],
    line: &Range<usize>,
    name: &Range<usize>,
    vendors: &Vendors,
) -> Option<(NameClass, Range<usize>)> {
    let of = |name: Range<usize>| {
        name::classify(&text[name.clone()], vendors).map(|class| (class, name))
    };
    of(name.clone())
        .or_else(|| of(assignment::with_word_before(text, line, name)?))
        .or_else(|| is_key_of_query(text, line, name).then(|| (NameClass::Vague, name.clone())))
}

/// `"msg": "`, at whose start a log in JSON puts the text of a line.
fn opens_message(before: &[u8]) -> bool {
    const FIELDS: [&[u8]; 6] = [b"msg", b"message", b"body", b"text", b"line", b"log"];
    let Some(field) = before.strip_suffix(b"\"") else {
        return false;
    };
    let field = field.trim_ascii_end().strip_suffix(b":");
    let field = field.and_then(|field| field.trim_ascii_end().strip_suffix(b"\""));
    field.is_some_and(|field| {
        let name = field.rsplit(|byte| *byte == b'"').next();
        name.is_some_and(|name| FIELDS.contains(&name))
    })
}

/// Where the text of a line begins that a log in JSON holds, of what stands
/// before a name.
fn start_of_message(before: &[u8]) -> usize {
    let near = before.len().saturating_sub(NEAR);
    let mut quotes = memchr::memrchr_iter(b'"', &before[near..]).map(|at| near + at + 1);
    quotes
        .find(|start| opens_message(&before[..*start]))
        .unwrap_or(0)
}

/// `?key=…`: elsewhere that name is a cache's or a table's.
fn is_key_of_query(text: &[u8], line: &Range<usize>, name: &Range<usize>) -> bool {
    let before = (name.start > line.start).then(|| text[name.start - 1]);
    text[name.clone()].eq_ignore_ascii_case(b"key") && matches!(before, Some(b'?' | b'&'))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> Site<'_> {
        Site {
            text: text.as_bytes(),
            line: 0..text.len(),
            in_env_block: false,
        }
    }

    #[test]
    fn quoted_values_that_go_on() {
        let goes_on = |text: &str| {
            let start = text.find("v4lue").unwrap();
            goes_on(&site(text), &(start..start + 5))
        };
        assert!(goes_on("key = 'v4lue?rest'") && goes_on("\"v4lue.rest\""));
        assert!(!goes_on("key = 'v4lue'") && !goes_on("key = v4lue?") && !goes_on("'v4lue=='"));
    }

    #[test]
    fn messages_in_json() {
        for before in ["{\"msg\":\"", "{\"level\": \"info\", \"body\": \""] {
            assert!(is_alone(before.as_bytes()), "{before}");
        }
        for before in ["{\"key\":\"", "key = \"", "message: "] {
            assert!(!is_alone(before.as_bytes()), "{before}");
        }
    }
}
