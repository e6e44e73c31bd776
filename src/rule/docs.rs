//! The rule library as a page: `docs/rules.md`.

use super::{Rule, RuleSet, Vendor};
use std::fmt::{self, Write};

/// Everything about every rule but its pattern, in Markdown.
///
/// # Panics
/// Never: writing to a `String` does not fail.
pub fn markdown(set: &RuleSet) -> String {
    let mut page = Page {
        set,
        vendors: vendors(set),
        out: String::new(),
    };
    match page.write() {
        Ok(()) => page.out,
        Err(error) => unreachable!("a text did not take a text: {error}"),
    }
}

/// Vendors that have rules, by name.
fn vendors(set: &RuleSet) -> Vec<&Vendor> {
    let has_rules = |vendor: &&Vendor| set.rules.iter().any(|rule| rule.vendor == vendor.id);
    let mut vendors: Vec<&Vendor> = set.vendors.iter().filter(has_rules).collect();
    vendors.sort_by_key(|vendor| (vendor.name.to_lowercase(), &vendor.id));
    vendors
}

struct Page<'a> {
    set: &'a RuleSet,
    vendors: Vec<&'a Vendor>,
    out: String,
}

impl Page<'_> {
    fn write(&mut self) -> fmt::Result {
        let (rules, vendors) = (self.set.rules.len(), self.vendors.len());
        writeln!(
            self.out,
            "# Rules\n\n\
             {rules} rules of {vendors} vendors, as `leaksweep rules docs` prints them. \
             `leaksweep rules show ID` shows\npatterns and examples; severity says how bad a leak is, \
             confidence how sure a match is.\n"
        )?;
        self.contents()?;
        for vendor in self.vendors.clone() {
            self.vendor(vendor)?;
        }
        Ok(())
    }

    /// A line for each first letter.
    fn contents(&mut self) -> fmt::Result {
        for group in self.vendors.chunk_by(|a, b| initial(a) == initial(b)) {
            let links: Vec<String> = group
                .iter()
                .map(|vendor| format!("[{}](#{})", text(&vendor.name), vendor.id))
                .collect();
            writeln!(
                self.out,
                "**{}** {}\n",
                initial(group[0]),
                links.join(" · ")
            )?;
        }
        Ok(())
    }

    fn vendor(&mut self, vendor: &Vendor) -> fmt::Result {
        let (id, name) = (&vendor.id, text(&vendor.name));
        write!(
            self.out,
            "## <a id=\"{id}\"></a>{name}\n\n\
             | rule | what it is | severity | confidence |\n|---|---|---|---|\n"
        )?;
        let rules: Vec<&Rule> = self
            .set
            .rules
            .iter()
            .filter(|rule| rule.vendor == *id)
            .collect();
        for rule in &rules {
            let Rule {
                id,
                severity,
                confidence,
                ..
            } = rule;
            let what = what(rule);
            writeln!(self.out, "| `{id}` | {what} | {severity} | {confidence} |")?;
        }
        self.out.push('\n');
        self.revocation(&rules)?;
        self.references(&rules)
    }

    /// Each way to revoke once, with its rules where there are several ways.
    fn revocation(&mut self, rules: &[&Rule]) -> fmt::Result {
        let mut ways: Vec<(&str, Vec<String>)> = Vec::new();
        for rule in rules {
            let Some(way) = rule.texts.revoke.as_deref() else {
                continue;
            };
            let id = format!("`{}`", rule.id);
            match ways.iter_mut().find(|(known, _)| *known == way) {
                Some((_, ids)) => ids.push(id),
                None => ways.push((way, vec![id])),
            }
        }
        for (way, ids) in &ways {
            let whose = if ways.len() == 1 {
                String::new()
            } else {
                format!(" {}", ids.join(", "))
            };
            writeln!(self.out, "**Revoke**{whose}: {}\n", text(way))?;
        }
        Ok(())
    }

    fn references(&mut self, rules: &[&Rule]) -> fmt::Result {
        let mut links: Vec<String> = Vec::new();
        for link in rules.iter().flat_map(|rule| &rule.texts.references) {
            let link = format!("<{link}>");
            if !links.contains(&link) {
                links.push(link);
            }
        }
        if links.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "**See** {}\n", links.join(" · "))
    }
}

fn initial(vendor: &Vendor) -> String {
    let first = vendor.name.chars().next().unwrap_or('?');
    if first.is_alphabetic() {
        first.to_uppercase().collect()
    } else {
        "0–9".into()
    }
}

fn what(rule: &Rule) -> String {
    if rule.texts.description.is_empty() {
        text(&rule.name)
    } else {
        format!("{}: {}", text(&rule.name), text(&rule.texts.description))
    }
}

/// On one line, nothing in it that Markdown takes for its own.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for word in raw.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let address = word.starts_with("https://");
        for c in word.chars() {
            if c == '|' || (!address && matches!(c, '<' | '>' | '*' | '_' | '[' | ']')) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_published_page_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
        let now = markdown(&RuleSet::builtin());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(published == now, "run the tests with UPDATE_DOCS=1");
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(text("a |\n b_c <x>"), r"a \| b\_c \<x\>");
        assert_eq!(text("at https://x.example/a_b"), "at https://x.example/a_b");
    }

    #[test]
    fn every_rule_is_on_the_page() {
        let set = RuleSet::builtin();
        let page = markdown(&set);
        for rule in &set.rules {
            assert!(page.contains(&format!("| `{}` |", rule.id)), "{}", rule.id);
        }
    }
}
