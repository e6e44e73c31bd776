//! Turning an [`Outcome`] into bytes: one file per output.
//!
//! Exporters return bytes and do no I/O, read no clock and no environment: the
//! same outcome gives the same bytes. Everything a log, a path or a rule put
//! into a finding is hostile text, escaped for the target of each output.

pub(crate) mod escape;
mod github;
pub(crate) mod json;
mod jsonl;
pub(crate) mod labels;
mod markdown;
pub(crate) mod markup;
mod sarif;
pub(crate) mod text;

pub use json::schema;
pub use markdown::{step_summary, step_summary_of};

use crate::finding::Outcome;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// For people at a terminal.
    Text,
    /// One JSON document, described by [`schema`].
    Json,
    /// One JSON object per line, described by [`schema`].
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands, which GitHub Actions shows as annotations.
    Github,
    /// A Markdown document, for issues and pull requests.
    Markdown,
}

impl OutputFormat {
    /// Every format, in the order they are offered.
    pub const ALL: [Self; 6] = [
        Self::Text,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Markdown,
    ];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
        }
    }
}

impl std::fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no [`OutputFormat`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown output format {0:?}\nhint: use text, json, jsonl, sarif, github or markdown")]
pub struct UnknownFormat(String);

impl std::str::FromStr for OutputFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// How a report looks. Only [`OutputFormat::Text`] heeds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// Whether ANSI colours are written.
    pub color: bool,
    /// Width of the terminal, in columns.
    pub width: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
        }
    }
}

/// The report of `outcome` in `format`, ending in a line feed.
pub fn render(format: OutputFormat, outcome: &Outcome, options: &RenderOptions) -> Vec<u8> {
    match format {
        OutputFormat::Text => text::render(outcome, options),
        OutputFormat::Json => json::render(outcome),
        OutputFormat::Jsonl => jsonl::render(outcome),
        OutputFormat::Sarif => sarif::render(outcome),
        OutputFormat::Github => github::render(outcome),
        OutputFormat::Markdown => markdown::render(outcome),
    }
    .into_bytes()
}

#[cfg(test)]
mod sample;

#[cfg(test)]
mod tests;
