//! A new entry of `allow`, and a configuration with it.

use super::{Config, ConfigError};
use jiff::civil::Date;

/// What makes one secret of one kind known and accepted for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowEntry {
    /// Rule that finds it.
    pub rule: String,
    /// Its fingerprint, as findings have it.
    pub fingerprint: String,
    /// Why.
    pub reason: String,
    /// Last day on which it holds.
    pub expires: Date,
}

impl AllowEntry {
    /// The item of the list as YAML, every line behind `indent`.
    pub fn yaml(&self, indent: &str) -> String {
        // A JSON text is a YAML text, whatever is in it.
        let text = |value: &str| serde_json::Value::from(value).to_string();
        let (rule, fingerprint) = (text(&self.rule), text(&self.fingerprint));
        let (reason, expires) = (text(&self.reason), self.expires);
        format!(
            "{indent}- rule: {rule}\n\
             {indent}  fingerprint: {fingerprint}\n\
             {indent}  reason: {reason}\n\
             {indent}  expires: {expires}\n"
        )
    }

    /// The configuration `text` with this entry, and all else as it is; an empty
    /// text becomes one with nothing else. `path` is for messages.
    pub fn add_to(&self, text: &str, path: &str) -> Result<String, ConfigError> {
        let text = if text.trim().is_empty() {
            "version: 1\n"
        } else {
            text
        };
        let before = Config::parse(text, path)?;
        let new = self.inserted(text);
        let holds = |after: &Config| {
            after.allow.len() == before.allow.len() + 1
                && after
                    .allow
                    .iter()
                    .any(|entry| entry.reason == self.reason && entry.expires == Some(self.expires))
        };
        match Config::parse(&new, path).ok().filter(holds) {
            Some(_) => Ok(new),
            None => Err(ConfigError::NoPlace { path: path.into() }),
        }
    }

    /// At the beginning of the list, or with a new list at the end.
    fn inserted(&self, text: &str) -> String {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            at += line.len();
            if is_list_head(line) {
                let (before, after) = text.split_at(at);
                let indent = indent(after).unwrap_or("  ");
                return format!("{}{}{after}", ended(before), self.yaml(indent));
            }
        }
        format!("{}allow:\n{}", ended(text), self.yaml("  "))
    }
}

fn is_list_head(line: &str) -> bool {
    let rest = line.strip_prefix("allow:").map(str::trim_start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// What stands before the first item.
fn indent(items: &str) -> Option<&str> {
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = items.lines().find(says)?;
    let at = first.find(|c| c != ' ')?;
    first[at..].starts_with('-').then(|| &first[..at])
}

fn ended(text: &str) -> String {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

#[cfg(test)]
mod tests {
    use super::AllowEntry;
    use crate::config::Config;
    use jiff::civil::date;

    fn entry() -> AllowEntry {
        AllowEntry {
            rule: "github-pat".into(),
            fingerprint: "ab".repeat(32),
            reason: "a \"fixture\": # no secret".into(),
            expires: date(2027, 2, 25),
        }
    }

    fn added(text: &str) -> String {
        entry().add_to(text, "c.yaml").unwrap()
    }

    #[test]
    fn an_entry_is_added_and_all_else_stays() {
        let item = entry().yaml("  ");
        assert_eq!(added(""), format!("version: 1\nallow:\n{item}"));
        let bare = "# ours\nversion: 1\nscan: {fail_on: high}";
        assert_eq!(added(bare), format!("{bare}\nallow:\n{item}"));
        let known = "- path: 'a/**' # why\n  reason: r\n";
        let listed = format!("version: 1\nallow: # known\n\n# first\n{known}disable: []\n");
        let expected = listed.replacen("known\n", &format!("known\n{}", entry().yaml("")), 1);
        assert_eq!(added(&listed), expected);
        assert_eq!(Config::parse(&expected, "c").unwrap().allow.len(), 2);
    }

    #[test]
    fn a_configuration_with_no_place_for_it_is_left_alone() {
        for text in [
            "version: 1\nallow: []\n",
            "{version: 1}\n",
            "version: 1\nallow: [{path: a, reason: r}]\n",
        ] {
            let refused = entry().add_to(text, "c.yaml").unwrap_err().to_string();
            assert!(refused.contains("\nhint: "), "{text}: {refused}");
        }
        assert!(entry().add_to("version: 2\n", "c.yaml").is_err());
    }
}
