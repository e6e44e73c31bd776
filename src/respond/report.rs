//! The incident report: Markdown in which leaksweep writes what it knows and
//! people write the rest.
//!
//! A report is a template filled in; the two that are built in, one for each
//! language, are [`Language::template`]. What was filled in can be written anew
//! later without a loss of what people wrote (`mark`). A report is blameless:
//! it names no actor, no author and no branch.

mod draft;
mod field;
mod mark;
mod material;
mod section;
mod summary;
mod timeline;
mod words;

use crate::config::{Piece, pieces};
use crate::detect::Detector;
use crate::incident::shows;
use crate::store::{Incident, Store, StoreError};
use draft::Draft;
use field::{FIELDS, Field};
use material::Material;

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French, as it is written in Canada.
    French,
}

impl Language {
    /// The report in which people find everything to fill in.
    pub fn template(self) -> &'static str {
        match self {
            Self::English => include_str!("report/en.md"),
            Self::French => include_str!("report/fr.md"),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.code())
    }
}

impl std::str::FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let mut all = [Self::English, Self::French].into_iter();
        all.find(|language| language.code() == code)
            .ok_or_else(|| "expected en or fr".to_owned())
    }
}

/// Why there is no report. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The state could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A brace of the template is not one of a pair.
    #[error("failed to use the template: {0}")]
    Template(&'static str),
    /// The template names a field that there is not.
    #[error(
        "the template names the unknown field '{}'\nhint: the fields are {}; write `{{{{` for a brace",
        .0.escape_debug(), field::names()
    )]
    Unknown(String),
    /// A field of several lines stands within a line.
    #[error("the field '{0}' is a list or a table\nhint: give it a line of its own")]
    Alone(&'static str),
    /// The file was not written by leaksweep.
    #[error(
        "the file is no incident report of leaksweep, and stays as it is\nhint: name another file"
    )]
    Foreign,
    /// It was, but for another incident or in another language.
    #[error(
        "the file is the report of another incident or in another language, and stays as it is\n\
         hint: name another file, or the language with --lang"
    )]
    Other,
    /// A field of the file was changed by hand.
    #[error(
        "the field '{name}' at line {line} was changed by hand, and the file stays as it is\n\
         hint: move what you wrote below the field's end, and empty the field"
    )]
    Changed {
        /// Which.
        name: String,
        /// Where it begins, counted from 1.
        line: usize,
    },
    /// The comments around a field do not fit.
    #[error(
        "the comments around the field at line {line} are damaged, and the file stays as it is\n\
         hint: make them whole again, or name another file"
    )]
    Broken {
        /// Where it begins, counted from 1.
        line: usize,
    },
}

/// The report of `incident`. If what logs say in it looks like a secret, it is
/// left out.
pub fn report(
    store: &Store,
    incident: Incident,
    language: Language,
    form: &Form<'_>,
    detector: &Detector,
) -> Result<String, ReportError> {
    let head = mark::head(&incident.id, language);
    let material = Material::gather(store, incident)?;
    let written = write(&material, language, form, &head)?;
    // No report becomes a leak of its own.
    if shows(detector, texts(&material, language).as_bytes()) {
        return write(&material.without_log_texts(), language, form, &head);
    }
    Ok(written)
}

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub enum Form<'a> {
    /// A text with `{field}`.
    Template(&'a str),
    /// An earlier report.
    Old(&'a str),
}

/// What all fields say.
fn texts(material: &Material, language: Language) -> String {
    let draft = Draft::new(material, language);
    let texts: Vec<_> = FIELDS.iter().map(|field| (field.text)(&draft)).collect();
    texts.join("\n")
}

fn write(
    material: &Material,
    language: Language,
    form: &Form<'_>,
    head: &str,
) -> Result<String, ReportError> {
    let draft = Draft::new(material, language);
    match form {
        Form::Template(template) => Ok(head.to_owned() + &fill(template, &draft)?),
        Form::Old(old) => {
            let text = |name: &str| field::find(name).map(|field| (field.text)(&draft));
            mark::refresh(old, head, &text)
        }
    }
}

fn fill(template: &str, draft: &Draft<'_>) -> Result<String, ReportError> {
    let pieces = pieces(template).map_err(ReportError::Template)?;
    let mut report = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => report.push_str(text),
            Piece::Field(name) => {
                let field = field::find(name);
                let field = field.ok_or_else(|| ReportError::Unknown((*name).to_owned()))?;
                let alone = is_alone(&report, pieces.get(at + 1));
                report.push_str(&marked(field, alone, &(field.text)(draft))?);
            }
        }
    }
    Ok(report)
}

/// Whether a field behind `before` has a line of its own.
fn is_alone(before: &str, after: Option<&Piece<'_>>) -> bool {
    let begins = before.is_empty() || before.ends_with('\n');
    begins
        && after.is_none_or(|after| matches!(after, Piece::Text(t) if t.starts_with(['\n', '\r'])))
}

fn marked(field: &Field, alone: bool, text: &str) -> Result<String, ReportError> {
    match (alone, field.is_list) {
        (true, _) => Ok(mark::block(field.name, text)),
        (false, false) => Ok(mark::inline(field.name, text)),
        (false, true) => Err(ReportError::Alone(field.name)),
    }
}

#[cfg(test)]
mod tests;
