//! What one log format is: a table each format's file fills in.

use super::Prefix;
use super::echo::Echoes;
use super::landmark::Landmark;
use super::records::Records;
use super::stamp;

/// How the records of a format lie in the log.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layout {
    /// One physical line each, cleaned alone.
    Lines,
    /// One physical line each, which may continue the one before it in the
    /// same stream.
    Streams,
    /// JSON objects with the text inside.
    Records(&'static Records),
}

/// How a format is recognised.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signs {
    /// It is not: it is what remains.
    None,
    /// By lines that speak for it, at least this many in a hundred and one in
    /// any case.
    Lines {
        percent: usize,
        vote: fn(&[u8]) -> bool,
    },
    /// By the first bytes as a whole.
    Head(fn(&[u8]) -> bool),
}

/// One log format.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grammar {
    /// The name on the command line and in JSON.
    pub(super) id: &'static str,
    /// The CI system in findings.
    pub(super) ci: Option<&'static str>,
    pub(super) layout: Layout,
    pub(super) signs: Signs,
    /// The prefix of a line or record, given without its line end.
    pub(super) prefix: fn(&[u8]) -> Prefix,
    /// The bytes of a stamp in RFC 3339 form.
    pub(super) time: fn(&[u8]) -> Option<String>,
    /// One of these stands on every line that is a landmark.
    pub(super) needles: &'static [&'static str],
    /// The landmark on a line at the offset of a needle.
    pub(super) landmark: fn(&[u8], usize) -> Option<Landmark>,
    /// Landmarks tell jobs, not only steps.
    pub(super) tells_jobs: bool,
    /// How it shows the commands that it runs.
    pub(super) echoes: Echoes,
    /// Job and step from the name of a log.
    pub(super) labels: fn(&str) -> Landmark,
    /// Job and step from the line itself.
    pub(super) line_labels: fn(&[u8]) -> Landmark,
}

impl Grammar {
    /// Lines without a transport; what a format does not say otherwise.
    pub(super) const PLAIN: Self = Self {
        id: "plain",
        ci: None,
        layout: Layout::Lines,
        signs: Signs::None,
        prefix: Prefix::plain,
        time: stamp::rfc3339,
        needles: &[],
        landmark: |_, _| None,
        tells_jobs: false,
        echoes: Echoes::SHELL,
        labels: |_| Landmark::default(),
        line_labels: |_| Landmark::default(),
    };
}
