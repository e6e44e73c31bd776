//! From raw bytes of a CI log to clean text with its way back.
//!
//! [`recognise()`] tells the format of a log, [`clean`] takes a window of raw
//! bytes and gives [`Text`]: no transport prefixes, no control sequences,
//! records joined, and every clean byte knows its raw one. [`landmarks`],
//! [`labels`] and [`logged_at`] tell job, step and time, [`commands()`] what
//! was run.
//!
//! A new CI system is one file here with its table, one variant of
//! [`LogFormat`], its place in the order of recognition, and a fixture.
//!
//! There is no I/O and no clock here. Every input is taken: what has not the
//! shape of its format is plain text.

mod ansi;
mod azure;
mod build;
mod buildkite;
mod buildx;
mod circleci;
mod codebuild;
mod container;
mod drone;
mod echo;
mod github;
mod gitlab;
mod grammar;
mod jenkins;
mod json;
mod landmark;
mod lines;
mod recognise;
mod records;
mod stamp;
mod streams;
mod text;
mod travis;

pub use ansi::is_dirty;
pub use echo::{ECHO_REACH, commands};
pub use landmark::{Landmark, landmarks};
pub use recognise::{HEAD, recognise};
pub use text::{Line, Text};

use grammar::{Grammar, Layout};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// Largest window [`clean`] takes; what is beyond is not cleaned.
const MAX_WINDOW: usize = 1 << 30;

/// How a log is written. A closed set: every `match` names every arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogFormat {
    /// No known transport; lines as a program printed them.
    Plain,
    /// GitHub Actions, a job's or a step's log.
    GitHubActions,
    /// GitHub Actions as `gh run view --log` prints it.
    GhRunView,
    /// GitLab CI without time stamps.
    GitLab,
    /// GitLab CI with time stamps and stream ids.
    GitLabStamped,
    /// Azure Pipelines.
    Azure,
    /// Jenkins console log.
    Jenkins,
    /// Buildkite.
    Buildkite,
    /// Travis CI.
    Travis,
    /// AWS CodeBuild.
    CodeBuild,
    /// CircleCI, the JSON output of a step.
    CircleCi,
    /// Drone, the JSON log of a step.
    Drone,
    /// Woodpecker, the JSON log of a step.
    Woodpecker,
    /// Kubernetes container runtime (Tekton, Argo).
    Cri,
    /// Docker's json-file driver.
    DockerJson,
    /// docker compose.
    Compose,
}

impl LogFormat {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 16] = [
        Self::Plain,
        Self::GitHubActions,
        Self::GhRunView,
        Self::GitLab,
        Self::GitLabStamped,
        Self::Azure,
        Self::Jenkins,
        Self::Buildkite,
        Self::Travis,
        Self::CodeBuild,
        Self::CircleCi,
        Self::Drone,
        Self::Woodpecker,
        Self::Cri,
        Self::DockerJson,
        Self::Compose,
    ];

    /// What the format is. One line for each, and each in a file of its own.
    fn grammar(self) -> &'static Grammar {
        match self {
            Self::Plain => &Grammar::PLAIN,
            Self::GitHubActions => &github::ACTIONS,
            Self::GhRunView => &github::VIEW,
            Self::GitLab => &gitlab::TRACE,
            Self::GitLabStamped => &gitlab::STAMPED,
            Self::Azure => &azure::AZURE,
            Self::Jenkins => &jenkins::JENKINS,
            Self::Buildkite => &buildkite::BUILDKITE,
            Self::Travis => &travis::TRAVIS,
            Self::CodeBuild => &codebuild::CODEBUILD,
            Self::CircleCi => &circleci::CIRCLECI,
            Self::Drone => &drone::DRONE,
            Self::Woodpecker => &drone::WOODPECKER,
            Self::Cri => &container::CRI,
            Self::DockerJson => &container::DOCKER_JSON,
            Self::Compose => &container::COMPOSE,
        }
    }

    /// The name on the command line and in JSON.
    pub fn id(self) -> &'static str {
        self.grammar().id
    }

    /// The CI system in findings; `None` where the format does not tell one.
    pub fn ci(self) -> Option<&'static str> {
        self.grammar().ci
    }

    /// Is every record one physical line that can be cleaned alone, and does
    /// clean text stand in the raw bytes as it is, but for what
    /// [`is_dirty`] sees? Otherwise only whole windows can be searched.
    pub fn is_line_based(self) -> bool {
        matches!(self.grammar().layout, Layout::Lines)
    }

    /// Does the text of each record stand there as base64?
    pub fn is_base64(self) -> bool {
        let layout = self.grammar().layout;
        matches!(layout, Layout::Records(records) if records.coding == records::Coding::Base64)
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A name that is not that of a log format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown log format {0:?}\nhint: use one of {names}", names = names())]
pub struct UnknownFormat(String);

fn names() -> String {
    LogFormat::ALL.map(LogFormat::id).join(", ")
}

impl FromStr for LogFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|format| format.id() == name);
        named.ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// The transport prefix of one physical line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prefix {
    /// Its length in bytes.
    pub len: usize,
    /// Where in the line the time stamp stands.
    pub stamp: Option<Range<usize>>,
    /// The interleaved stream of the line; 0 where there is only one.
    pub stream: u32,
    /// The text continues the line before it in the same stream.
    pub continues: bool,
    /// The next line of the same stream continues the text.
    pub partial: bool,
}

impl Prefix {
    /// Of a line without a transport: a BOM, where there is one, and that of
    /// buildx.
    #[inline]
    fn plain(line: &[u8]) -> Self {
        Self {
            len: ansi::bom_length(line),
            ..Self::default()
        }
        .with_buildx(line)
    }

    #[inline]
    fn stamped(len: usize, stamp: Range<usize>) -> Self {
        Self {
            len,
            stamp: Some(stamp),
            ..Self::default()
        }
    }

    /// Extended over a buildx prefix, where one follows.
    #[inline]
    fn with_buildx(self, line: &[u8]) -> Self {
        let follows = line.get(self.len..).and_then(buildx::prefix);
        match follows {
            Some((len, stream)) => Self {
                len: self.len + len,
                stream,
                ..self
            },
            None => self,
        }
    }

    /// The same prefix behind `skipped` bytes.
    fn behind(self, skipped: usize) -> Self {
        let stamp = self.stamp.map(|range| stamp::moved(&range, skipped));
        Self {
            len: self.len + skipped,
            stamp,
            ..self
        }
    }
}

/// The prefix of one physical line, or of one record of a JSON format, given with
/// or without its line end. It looks at the start of a line only; of a JSON record
/// it reads all.
pub fn prefix(format: LogFormat, line: &[u8]) -> Prefix {
    (format.grammar().prefix)(ansi::trim_line_end(line))
}

/// Cleans `raw[range]`, which the caller cuts at record starts
/// ([`next_record`]); all offsets of the text count in `raw`. A single line
/// that is not [dirty](is_dirty), in a line-based format, is borrowed and costs
/// no allocation; everything else is built in one pass over the window.
///
/// A range outside of `raw` is clipped, and so is one of more than 1 GiB.
pub fn clean(format: LogFormat, raw: &[u8], range: Range<usize>) -> Text<'_> {
    let start = range.start.min(raw.len());
    let end = range.end.min(raw.len()).clamp(start, start + MAX_WINDOW);
    let grammar = format.grammar();
    match grammar.layout {
        Layout::Lines => lines::clean(grammar, raw, start..end),
        Layout::Streams | Layout::Records(_) => streams::clean(grammar, raw, start..end),
    }
}

/// Cleans these lines of `raw`, given without their ends and in their order, as
/// plain text.
pub fn clean_lines<'a>(raw: &[u8], lines: &[Range<usize>]) -> Text<'a> {
    lines::clean_each(LogFormat::Plain.grammar(), raw, lines)
}

/// The first offset from `from` on at which a record may start: after a line
/// end, in a JSON array at an element. `None` if there is none in `raw`. It
/// costs time in proportion to the distance.
pub fn next_record(format: LogFormat, raw: &[u8], from: usize) -> Option<usize> {
    if from == 0 {
        return (!raw.is_empty()).then_some(0);
    }
    match format.grammar().layout {
        Layout::Records(records) if records.array => {
            let mut braces = memchr::memchr_iter(b'{', raw.get(from..)?).map(|at| from + at);
            braces.find(|at| json::may_begin(raw, *at))
        }
        Layout::Lines | Layout::Streams | Layout::Records(_) => {
            let start = from + memchr::memchr(b'\n', raw.get(from - 1..)?)?;
            (start < raw.len()).then_some(start)
        }
    }
}

/// Job and step as the name of a log tells them: `build/1_Set up job.txt` in a
/// run-log zip is the step "Set up job" of the job "build". `leaf_name` is the
/// name below the archive, with folders.
pub fn labels(format: LogFormat, leaf_name: &str) -> Landmark {
    (format.grammar().labels)(leaf_name)
}

/// Job and step as the raw line itself tells them.
pub fn line_labels(format: LogFormat, line: &[u8]) -> Landmark {
    (format.grammar().line_labels)(line)
}

/// The time stamp of a raw line (or record: `raw[line.raw]` of a [`Line`]) in
/// RFC 3339 form, UTC: `2022-06-16T22:22:54.2999347Z`. `None` when there is
/// none or it is not a time.
pub fn logged_at(format: LogFormat, line: &[u8]) -> Option<String> {
    let grammar = format.grammar();
    let stamp = (grammar.prefix)(line).stamp?;
    (grammar.time)(line.get(stamp)?)
}

#[cfg(test)]
mod tests;
