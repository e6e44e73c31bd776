//! Which findings are known and accepted.

use super::{Allow, Baseline, Located};
use crate::finding::Finding;
use jiff::civil::Date;
use regex::bytes::Regex;

/// What suppresses findings: entries of `allow` that have not expired, and
/// baselines. Without any it costs nothing to ask.
#[derive(Debug, Clone, Default)]
pub struct Suppressions {
    entries: Vec<Entry>,
    expired: Vec<Located<Allow>>,
    baselines: Vec<Baseline>,
}

#[derive(Debug, Clone)]
struct Entry {
    allow: Allow,
    /// Index among the value patterns.
    value: Option<usize>,
}

impl Suppressions {
    /// What holds on the day `today`. An entry still holds on the day it
    /// expires.
    pub fn new(entries: &[Located<Allow>], today: Date, baselines: Vec<Baseline>) -> Self {
        let (expired, holding): (Vec<_>, Vec<_>) = entries
            .iter()
            .cloned()
            .partition(|entry| entry.is_expired(today));
        Self {
            entries: numbered(holding),
            expired,
            baselines,
        }
    }

    /// Entries that suppress nothing any more, for a warning.
    pub fn expired(&self) -> &[Located<Allow>] {
        &self.expired
    }

    /// All that decides what is suppressed, in an order that is always the same.
    pub fn terms(&self) -> String {
        format!("{:?} {:?}", self.entries, self.baselines)
    }

    /// The expressions that detection tries on raw secrets. The indices of
    /// those that matched come back to [`Suppressions::reason`].
    pub fn value_patterns(&self) -> Vec<Regex> {
        let patterns = self.entries.iter().filter_map(|e| e.allow.value.as_ref());
        patterns.map(|pattern| pattern.regex().clone()).collect()
    }

    /// The same for a finding, as the scan asks it.
    pub fn reason_for(&self, finding: &Finding, value_matches: &[usize]) -> Option<String> {
        let path = finding.place.path.as_str();
        self.reason(&finding.rule_id, path, &finding.fingerprint, value_matches)
    }

    /// Why a finding is suppressed (`allowed: …` or `baseline`), or nothing.
    ///
    /// `path` is the origin of one place, `fingerprint` lower-case hexadecimal,
    /// `value_matches` the indices of [`Suppressions::value_patterns`] that
    /// match the raw secret.
    pub fn reason(
        &self,
        rule_id: &str,
        path: &str,
        fingerprint: &str,
        value_matches: &[usize],
    ) -> Option<String> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let holds = |entry: &&Entry| entry.holds(rule_id, path, fingerprint, value_matches);
        if let Some(entry) = self.entries.iter().find(holds) {
            return Some(format!("allowed: {}", entry.allow.reason.trim()));
        }
        let known = |baseline: &Baseline| baseline.contains(fingerprint);
        self.baselines
            .iter()
            .any(known)
            .then(|| "baseline".to_owned())
    }
}

impl Entry {
    fn holds(&self, rule_id: &str, path: &str, fingerprint: &str, values: &[usize]) -> bool {
        let Allow {
            rule,
            path: glob,
            fingerprint: prefix,
            ..
        } = &self.allow;
        self.value.is_none_or(|index| values.contains(&index))
            && prefix.as_ref().is_none_or(|it| it.is_match(fingerprint))
            && rule.as_ref().is_none_or(|it| it.is_match(rule_id))
            && glob.as_ref().is_none_or(|it| it.is_match(path))
    }
}

fn numbered(holding: Vec<Located<Allow>>) -> Vec<Entry> {
    let mut values = 0..;
    let number = |entry: Located<Allow>| Entry {
        value: entry.value.value.as_ref().and_then(|_| values.next()),
        allow: entry.value,
    };
    holding.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::Suppressions;
    use crate::config::{Baseline, Config};
    use jiff::civil::{Date, date};

    const TODAY: Date = date(2026, 5, 10);

    fn fingerprint(byte: u8) -> String {
        format!("{byte:02x}").repeat(32)
    }

    fn on(today: Date, allow: &str) -> Suppressions {
        let config = Config::parse(&format!("version: 1\nallow:\n{allow}"), "c.yaml").unwrap();
        Suppressions::new(&config.allow, today, vec![])
    }

    fn allowing(allow: &str) -> Suppressions {
        on(TODAY, allow)
    }

    #[test]
    fn nothing_is_suppressed_without_entries() {
        let none = Suppressions::new(&[], TODAY, vec![]);
        assert_eq!(none.reason("a-key", "x.log", &fingerprint(1), &[]), None);
        assert!(none.value_patterns().is_empty() && none.expired().is_empty());
    }

    #[test]
    fn every_condition_of_an_entry_must_hold() {
        let both = allowing("  - {rule: 'acme-*', path: 'tests/**', reason: ' made up '}\n");
        let reason = |rule, path| both.reason(rule, path, &fingerprint(1), &[]);
        let allowed = Some("allowed: made up".to_owned());
        assert_eq!(reason("acme-key", "tests/a/1.log"), allowed);
        assert_eq!(reason("acme-key", "./tests/1.log"), allowed);
        assert_eq!(reason("acme-key", "src/1.log"), None);
        assert_eq!(reason("other-key", "tests/1.log"), None);
    }

    #[test]
    fn a_path_is_matched_as_a_whole() {
        let tests = allowing("  - {path: 'tests/**', reason: r}\n");
        // The name of an archive entry is chosen by who made the archive.
        let reason = |path| tests.reason("a-key", path, &fingerprint(1), &[]);
        assert_eq!(reason("logs.zip!tests/1.log"), None);
        assert_eq!(reason("ci/tests/1.log"), None);
    }

    #[test]
    fn a_fingerprint_is_known_by_its_start_in_either_case() {
        let known = allowing(&format!(
            "  - {{fingerprint: '{}', reason: r}}\n",
            &fingerprint(0xab)[..16].to_uppercase()
        ));
        let reason = |byte| known.reason("a-key", "x", &fingerprint(byte), &[]);
        assert!(reason(0xab).is_some());
        assert!(reason(0xac).is_none());
    }

    #[test]
    fn values_are_counted_without_expired_entries() {
        let values = allowing(
            "  - {value: '^gone$', reason: gone, expires: 2026-05-09}\n\
             \x20 - {rule: 'a-*', reason: by rule}\n\
             \x20 - {value: '^one$', reason: one}\n\
             \x20 - {value: '^two$', rule: 'b-*', reason: two}\n",
        );
        let patterns = values.value_patterns();
        let texts: Vec<&str> = patterns.iter().map(regex::bytes::Regex::as_str).collect();
        assert_eq!(texts, ["^one$", "^two$"]);
        let reason = |rule, matches: &[usize]| values.reason(rule, "x", &fingerprint(1), matches);
        assert_eq!(reason("c-key", &[0]), Some("allowed: one".to_owned()));
        assert_eq!(reason("b-key", &[1]), Some("allowed: two".to_owned()));
        assert_eq!(reason("c-key", &[1]), None);
        assert_eq!(reason("c-key", &[]), None);
    }

    #[test]
    fn an_entry_holds_through_its_last_day() {
        let entry = "  - {rule: 'a-*', reason: r, expires: 2026-05-10}\n";
        let held = |today| {
            let suppressions = on(today, entry);
            let reason = suppressions.reason("a-key", "x", &fingerprint(1), &[]);
            (reason.is_some(), suppressions.expired().len())
        };
        assert_eq!(held(date(2026, 5, 9)), (true, 0));
        assert_eq!(held(date(2026, 5, 10)), (true, 0));
        assert_eq!(held(date(2026, 5, 11)), (false, 1));
        assert_eq!(on(date(2027, 1, 1), entry).expired()[0].line, 3);
    }

    #[test]
    fn what_a_baseline_holds_is_known() {
        let line = format!(r#"{{"type":"finding","fingerprint":"{}"}}"#, fingerprint(7));
        let baseline = Baseline::parse(line.as_bytes(), "b.jsonl").unwrap();
        let known = Suppressions::new(&[], TODAY, vec![Baseline::default(), baseline]);
        let reason = |byte| known.reason("a-key", "x", &fingerprint(byte), &[]);
        assert_eq!(reason(7), Some("baseline".to_owned()));
        assert_eq!(reason(8), None);
    }
}
