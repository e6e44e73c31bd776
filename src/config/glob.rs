//! Globs on paths and on rule identifiers.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

/// Longer than any path that is worth writing down.
const MOST_BYTES: usize = 1024;

/// A glob: `*` and `?` stop at `/`, `**` does not, `[a-z]` and `{a,b}` choose.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Glob {
    glob: globset::Glob,
    // A set of one: a lone matcher panics on a glob that is too large.
    set: GlobSet,
}

impl Glob {
    /// Compiles `text`; the error says what is wrong and what to do.
    pub fn new(text: &str) -> Result<Self, String> {
        Self::compile(text, false)
    }

    fn compile(text: &str, any_case: bool) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the glob is empty\nhint: leave the key out, or write `**`".into());
        }
        if text.len() > MOST_BYTES {
            return Err("the glob is longer than 1024 bytes\nhint: write several globs".into());
        }
        let mut builder = GlobBuilder::new(text);
        builder.literal_separator(true).case_insensitive(any_case);
        let glob = builder.build();
        let glob = glob.map_err(|error| refusal(&error))?;
        let set = GlobSetBuilder::new().add(glob.clone()).build();
        let set = set.map_err(|error| refusal(&error))?;
        Ok(Self { glob, set })
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        self.glob.glob()
    }

    /// Whether all of `text` is of this form.
    pub fn is_match(&self, text: &str) -> bool {
        self.set.is_match(text)
    }
}

impl std::str::FromStr for Glob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::new(text)
    }
}

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

/// A glob on `OWNER/REPO`, whatever its case: GitHub does not tell upper from
/// lower case, and a hold must not fail for want of a capital letter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct RepositoryGlob(Glob);

impl RepositoryGlob {
    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether `repository` is of this form.
    pub fn is_match(&self, repository: &str) -> bool {
        self.0.is_match(repository)
    }
}

impl TryFrom<String> for RepositoryGlob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.contains('/') && text != "**" {
            return Err("this is no repository\nhint: write OWNER/REPO, e.g. `acme/*`".into());
        }
        Glob::compile(&text, true).map(Self)
    }
}

fn refusal(error: &globset::Error) -> String {
    use globset::ErrorKind;
    let what = match error.kind() {
        // Holds the whole expression.
        ErrorKind::Regex(_) => "it is too large".to_owned(),
        kind => kind.to_string(),
    };
    format!("the glob is not valid: {what}\nhint: put `\\` before a special character")
}

/// All of `globs` in one set, as the sources take it; nothing if there are none.
pub fn glob_set(globs: &[Glob]) -> Result<Option<GlobSet>, globset::Error> {
    if globs.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(glob.glob.clone());
    }
    set.build().map(Some)
}

#[cfg(test)]
mod tests {
    use super::{Glob, glob_set};

    #[test]
    fn one_star_stays_in_its_folder() {
        let glob = Glob::new("tests/*.log").unwrap();
        assert!(glob.is_match("tests/a.log"));
        assert!(!glob.is_match("tests/deep/a.log"));
        assert!(
            Glob::new("tests/**")
                .unwrap()
                .is_match("tests/deep/a.zip!x/1.txt")
        );
    }

    #[test]
    fn what_is_no_glob_is_refused() {
        for text in ["", "[a", "{a", "a}"] {
            assert!(Glob::new(text).unwrap_err().contains("hint: "), "{text}");
        }
    }

    #[test]
    fn a_huge_glob_is_refused_and_does_not_panic() {
        let nested = |depth| format!("{}a{}", "{".repeat(depth), "}".repeat(depth));
        for text in [nested(500), nested(5000), "[a-z]*".repeat(50_000)] {
            let result = Glob::new(&text);
            assert!(result.is_err(), "{} bytes were taken", text.len());
        }
    }

    #[test]
    fn no_globs_are_no_set() {
        assert!(glob_set(&[]).unwrap().is_none());
        let set = glob_set(&[Glob::new("*.a").unwrap(), Glob::new("*.b").unwrap()]);
        assert!(set.unwrap().unwrap().is_match("x.b"));
    }
}
