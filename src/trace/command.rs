//! Which command ran at which line of a log, told so that a copy of it is known
//! again.

mod mask;
mod normal;
mod own;
mod reading;
#[cfg(test)]
mod tests;

use crate::detect::Detector;
use crate::finding::Place;
use crate::log::{self, Landmark, LogFormat};
use crate::origin::{Origin, Problem};
use crate::scan;
use crate::source::{Body, Source, Visitor};
use normal::Names;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::{Mutex, PoisonError};

/// Commands that are kept of one log: none has more that people wrote.
const MOST_ECHOES: usize = 10_000;
/// Bytes of commands that are kept of one log.
const MOST_KEPT: usize = 8 << 20;
/// Bytes of a text that are shown; the digest is of all of it.
const MOST_SHOWN: usize = 2048;

/// Line and column, in bytes, both counted from 1.
type Position = (u64, u64);

/// A command and where its log shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Echo {
    /// Where the echo begins. The column matters where a whole log stands on one
    /// line.
    pub(super) line: u64,
    /// See [`Echo::line`].
    pub(super) column: u64,
    /// What begins here no longer belongs to it.
    pub(super) until: Option<Position>,
    /// Job, where the log tells.
    pub(super) job: Option<String>,
    /// Step, where the log tells.
    pub(super) step: Option<String>,
    /// The command, normalised, every secret in it masked.
    pub(super) text: String,
    /// Keyed hash of the text.
    pub(super) digest: String,
    /// It says something of its own: who runs the same has copied it.
    pub(super) own: bool,
}

/// The commands of each log of `sources`, by line. `repository` is the
/// `OWNER/NAME` that ran them, where it is known. What cannot be read is left
/// out: the scan of the same sources tells of it.
pub(super) fn commands(
    detector: &Detector,
    sources: &[Box<dyn Source>],
    scan: &scan::Options<'_>,
    repository: Option<&str>,
) -> BTreeMap<Origin, Vec<Echo>> {
    let gather = Gather {
        detector,
        scan,
        repository,
        found: Mutex::default(),
    };
    for source in sources {
        source.visit(&scan.source, &gather);
    }
    let found = gather.found.into_inner();
    found.unwrap_or_else(PoisonError::into_inner)
}

/// The command that printed what stands at `place`: the last one shown before
/// it, in the same step.
pub(super) fn at<'e>(echoes: &'e [Echo], place: &Place) -> Option<&'e Echo> {
    let position = (place.line, place.column);
    let before = echoes.partition_point(|echo| (echo.line, echo.column) <= position);
    let echo = echoes[..before].last()?;
    let goes_on = echo.until.is_none_or(|until| position < until);
    (goes_on && echo.job == place.job && echo.step == place.step).then_some(echo)
}

/// Reads one log after the other.
struct Gather<'a> {
    detector: &'a Detector,
    scan: &'a scan::Options<'a>,
    repository: Option<&'a str>,
    found: Mutex<BTreeMap<Origin, Vec<Echo>>>,
}

impl Visitor for Gather<'_> {
    fn log(&self, origin: &Origin, body: Body<'_>) {
        let shown = match body {
            Body::File(file) => self.shown(origin, &mut reading::InOrder::new(file)),
            Body::Stream(stream) => self.shown(origin, stream),
        };
        let echoes = self.told(shown);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(origin.clone(), echoes);
    }

    fn problem(&self, _: Problem) {}

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).for_each(job);
    }
}

impl Gather<'_> {
    /// The commands as the log shows them.
    fn shown(&self, origin: &Origin, log: &mut dyn Read) -> Vec<Echo> {
        let mut blocks = reading::Blocks::new(log);
        let format = self.scan.format_of(origin, blocks.head());
        let mut reader = Reader::new(format, log::labels(format, origin.leaf()));
        while let Some((raw, core)) = blocks.next(format) {
            reader.read(raw, core);
        }
        reader.echoes
    }

    /// The same, masked and normalised. Loops and matrices run the same command
    /// often: it is looked at once.
    fn told(&self, mut echoes: Vec<Echo>) -> Vec<Echo> {
        let shown = echoes.iter().map(|echo| echo.text.as_str());
        let names = Names::of(self.repository, &shown);
        let mut known: HashMap<String, (String, String, bool)> = HashMap::new();
        for echo in &mut echoes {
            let raw = std::mem::take(&mut echo.text);
            let tell = |raw: &String| self.tell(raw, &names);
            let told = known.entry(raw).or_insert_with_key(tell).clone();
            (echo.text, echo.digest, echo.own) = told;
        }
        echoes.retain(|echo| !echo.text.is_empty());
        echoes
    }

    fn tell(&self, raw: &str, names: &Names) -> (String, String, bool) {
        let text = normal::normal(&mask::masked(self.detector, raw), names);
        // Without its quotes a text may be one.
        let text = mask::masked(self.detector, &text);
        let digest = self.detector.digest(&text)[..16].to_owned();
        let own = own::says_something(&text);
        (cut(text), digest, own)
    }
}

fn cut(text: String) -> String {
    if text.len() <= MOST_SHOWN {
        return text;
    }
    format!("{}…", normal::start_of(&text, MOST_SHOWN))
}

/// Adds up the blocks of one log.
struct Reader {
    format: LogFormat,
    labels: Landmark,
    landmark: Landmark,
    newlines: u64,
    /// Bytes of the line that the next block begins on.
    column: u64,
    echoes: Vec<Echo>,
    /// Bytes of their texts.
    kept: usize,
}

/// What stands in a log besides text.
enum Event {
    Landmark(Landmark),
    Command(String),
}

impl Reader {
    fn new(format: LogFormat, labels: Landmark) -> Self {
        Self {
            format,
            labels,
            landmark: Landmark::default(),
            newlines: 0,
            column: 0,
            echoes: Vec::new(),
            kept: 0,
        }
    }

    /// Reads `raw[core]`, which begins where the last one ended.
    fn read(&mut self, raw: &[u8], core: std::ops::Range<usize>) {
        let mut events = Vec::new();
        log::landmarks(self.format, &raw[core.clone()], &mut |at, landmark| {
            events.push((core.start + at, Event::Landmark(landmark)));
        });
        log::commands(self.format, raw, core.clone(), &mut |at, command| {
            events.push((at, Event::Command(command)));
        });
        // The header of a step is both: it ends the last command, then begins one.
        events.sort_by_key(|(at, _)| *at);
        let mut from = core.start;
        for (at, event) in events {
            self.advance(&raw[from..at]);
            from = at;
            let line = &raw[at - (self.column as usize).min(at)..];
            self.take(event, line);
        }
        self.advance(&raw[from..core.end]);
    }

    fn advance(&mut self, passed: &[u8]) {
        self.newlines += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.column = match memchr::memrchr(b'\n', passed) {
            Some(newline) => (passed.len() - newline - 1) as u64,
            None => self.column + passed.len() as u64,
        };
    }

    /// Takes an event on the line that begins with `line`.
    fn take(&mut self, event: Event, line: &[u8]) {
        let here = (self.newlines + 1, self.column + 1);
        match event {
            Event::Landmark(landmark) => {
                self.landmark.update(landmark);
                self.end(here);
            }
            Event::Command(text) => {
                self.end(here);
                self.kept += text.len();
                if !text.is_empty() && self.echoes.len() < MOST_ECHOES && self.kept < MOST_KEPT {
                    self.begin(text, here, line);
                }
            }
        }
    }

    fn end(&mut self, here: Position) {
        if let Some(last) = self.echoes.last_mut() {
            last.until.get_or_insert(here);
        }
    }

    fn begin(&mut self, text: String, (line, column): Position, raw: &[u8]) {
        let (job, step) = self.job_and_step(raw);
        self.echoes.push(Echo {
            line,
            column,
            until: None,
            job,
            step,
            text,
            digest: String::new(),
            own: false,
        });
    }

    /// As the scan tells them of a place: the line itself knows best, then the
    /// lines before it, then the name of the log.
    fn job_and_step(&self, line: &[u8]) -> (Option<String>, Option<String>) {
        let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let mut known = self.labels.clone();
        known.update(self.landmark.clone());
        known.update(log::line_labels(self.format, &line[..end]));
        let named = |label: Option<String>| label.filter(|name| !name.is_empty());
        (named(known.job), named(known.step))
    }
}
