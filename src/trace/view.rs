//! Turning a [`Traced`] into bytes. No I/O, no clock: the same trace gives the
//! same bytes.

use super::traced::Traced;
use super::{html, markdown, text};
use crate::report::RenderOptions;
use crate::report::json;

/// The form in which a trace is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraceFormat {
    /// For people at a terminal.
    Text,
    /// One JSON document.
    Json,
    /// A Markdown document, for issues.
    Markdown,
    /// One page for a browser, which needs nothing else.
    Html,
}

impl TraceFormat {
    /// Every format, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Markdown, Self::Html];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl std::fmt::Display for TraceFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// `traced` in `format`, ending in a line feed. Every text in it is hostile, and
/// escaped for the target.
pub fn render(format: TraceFormat, traced: &Traced, options: &RenderOptions) -> Vec<u8> {
    match format {
        TraceFormat::Text => text::text(traced, options),
        TraceFormat::Json => json::pretty(traced),
        TraceFormat::Markdown => markdown::markdown(traced),
        TraceFormat::Html => html::html(traced),
    }
    .into_bytes()
}
