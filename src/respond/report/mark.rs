//! What leaksweep wrote into a report stands between two comments, so that it
//! can be written anew and all else stays as people left it.
//!
//! The first comment holds a digest of what stands between: a change that a
//! person made there is noticed before it would be lost. Only letters and
//! digits count, so that a program that sets Markdown anew changes nothing.

use super::{Language, ReportError};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

const BEGIN: &str = "<!-- leaksweep:";
const END: &str = "<!-- /leaksweep:";
const CLOSE: &str = " -->";

/// The first line of a report.
pub(super) fn head(id: &str, language: Language) -> String {
    format!("<!-- leaksweep-report {id} {language} -->\n")
}

/// `text` between the comments of the field `name`.
pub(super) fn block(name: &str, text: &str) -> String {
    let text = harmless(text);
    let text = text.trim_end();
    let digest = digest(text);
    format!("{BEGIN}{name} {digest}{CLOSE}\n\n{text}\n\n{END}{name}{CLOSE}")
}

/// The same within a line.
pub(super) fn inline(name: &str, text: &str) -> String {
    let text = harmless(text);
    let digest = digest(&text);
    format!("{BEGIN}{name} {digest}{CLOSE}{text}{END}{name}{CLOSE}")
}

/// No text of a log begins or ends a field.
fn harmless(text: &str) -> String {
    text.replace(BEGIN, "<!- leaksweep:")
        .replace(END, "<!- /leaksweep:")
}

fn digest(text: &str) -> String {
    let mut hash = Sha256::new();
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        hash.update(c.encode_utf8(&mut [0; 4]));
    }
    HEXLOWER.encode(&hash.finalize()[..8])
}

/// The report `old` with what leaksweep writes written anew: `field` has the
/// text of each, or nothing if there is none of the name.
pub(super) fn refresh(
    old: &str,
    head: &str,
    field: &dyn Fn(&str) -> Option<String>,
) -> Result<String, ReportError> {
    check_head(old, head)?;
    let mut new = String::with_capacity(old.len());
    let mut rest = old;
    while let Some(at) = rest.find(BEGIN) {
        let line = 1 + old[..old.len() - rest.len() + at].matches('\n').count();
        let marked = Marked::at(&rest[at..]).ok_or(ReportError::Broken { line })?;
        let name = marked.name;
        let text = field(name).ok_or_else(|| ReportError::Broken { line })?;
        if !marked.is_untouched() {
            let name = name.to_owned();
            return Err(ReportError::Changed { name, line });
        }
        new += &rest[..at];
        new += &marked.anew(&text);
        rest = &rest[at + marked.length..];
    }
    Ok(new + rest)
}

fn check_head(old: &str, head: &str) -> Result<(), ReportError> {
    let found = old.lines().find(|line| line.contains("leaksweep-report"));
    match found.map(str::trim) {
        None => Err(ReportError::Foreign),
        Some(found) if found == head.trim() => Ok(()),
        Some(_) => Err(ReportError::Other),
    }
}

/// A field in a report.
struct Marked<'a> {
    name: &'a str,
    digest: &'a str,
    text: &'a str,
    /// Bytes from the first comment to the end of the second.
    length: usize,
}

impl<'a> Marked<'a> {
    fn at(begin: &'a str) -> Option<Self> {
        let (head, rest) = begin.strip_prefix(BEGIN)?.split_once(CLOSE)?;
        let (name, digest) = head.split_once(' ')?;
        let end = format!("{END}{name}{CLOSE}");
        let (text, after) = rest.split_once(&end)?;
        // Another field begins where this one should have ended.
        (!text.contains(BEGIN)).then(|| Self {
            name,
            digest,
            text,
            length: begin.len() - after.len(),
        })
    }

    fn is_untouched(&self) -> bool {
        self.text.trim().is_empty() || digest(self.text) == self.digest
    }

    fn anew(&self, text: &str) -> String {
        if self.text.contains('\n') {
            block(self.name, text)
        } else {
            inline(self.name, text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{block, head, inline, refresh};
    use crate::respond::report::{Language, ReportError};

    fn old() -> String {
        let head = head("ls-1", Language::English);
        let (state, list) = (inline("state", "open"), block("list", "- one\n"));
        format!("{head}# Ours\n\nIt is {state}.\n\n{list}\n\nAnd ours.")
    }

    fn anew(old: &str) -> Result<String, ReportError> {
        let field = |name: &str| match name {
            "state" => Some("closed".to_owned()),
            "list" => Some("- one\n- two\n".to_owned()),
            _ => None,
        };
        refresh(old, &head("ls-1", Language::English), &field)
    }

    #[test]
    fn what_people_wrote_stays_and_what_leaksweep_wrote_is_new() {
        let people = old()
            .replace("# Ours", "# Ours, changed")
            .replace("And ours.", "\n## More\n\nText {with} <!-- a comment -->");
        let new = anew(&people).unwrap();
        let list = block("list", "- one\n- two");
        let state = inline("state", "closed");
        assert_eq!(
            new,
            people
                .replace(&block("list", "- one"), &list)
                .replace(&inline("state", "open"), &state)
        );
        assert_eq!(anew(&new).unwrap(), new);
    }

    #[test]
    fn a_field_that_people_changed_is_not_overwritten() {
        let touched = old().replace("- one", "- one, and mine");
        let refused = anew(&touched).unwrap_err();
        assert!(
            matches!(&refused, ReportError::Changed { name, line: 6 } if name == "list"),
            "{refused}"
        );
        let set_anew = old().replace("- one\n", "*  one  \r\n\r\n");
        assert!(anew(&set_anew).unwrap().contains("- two"));
        let emptied = old().replace("- one", "");
        assert!(anew(&emptied).unwrap().contains("- two"));
    }

    #[test]
    fn a_file_that_is_not_this_report_is_refused() {
        assert!(matches!(anew("# Mine\n"), Err(ReportError::Foreign)));
        for other in [
            head("ls-2", Language::English),
            head("ls-1", Language::French),
        ] {
            assert!(matches!(anew(&other), Err(ReportError::Other)));
        }
        let torn = old().replace("<!-- /leaksweep:state -->", "");
        assert!(matches!(anew(&torn), Err(ReportError::Broken { line: 4 })));
        let unknown = old().replace("leaksweep:list", "leaksweep:lost");
        assert!(matches!(
            anew(&unknown),
            Err(ReportError::Broken { line: 6 })
        ));
    }

    #[test]
    fn a_text_cannot_end_its_field() {
        let hostile = "`<!-- /leaksweep:list --> <!-- leaksweep:list 0 -->`";
        let marked = block("list", hostile);
        assert_eq!(marked.matches("<!-- ").count(), 2, "{marked}");
    }
}
