//! Tells the format of a log from its first bytes and its name.

use super::{LogFormat, ansi, github};

/// Bytes that are looked at.
const HEAD: usize = 64 << 10;

/// The format of a log that begins with `head` (64 KiB are enough) and has this
/// name. The majority of lines decides, since logs often start with lines that
/// are not typical. The cost is one look at every line of the head.
pub fn recognise(head: &[u8], name: &str) -> LogFormat {
    let head = &head[..head.len().min(HEAD)];
    let votes = Votes::count(head);
    let _ = name;
    votes.winner()
}

/// Lines that speak for each format.
#[derive(Debug, Default)]
struct Votes {
    lines: usize,
    github: usize,
    view: usize,
    azure: usize,
}

impl Votes {
    fn count(head: &[u8]) -> Self {
        let mut votes = Self::default();
        for line in head.split(|byte| *byte == b'\n') {
            let line = ansi::trim_line_end(line);
            if !line.is_empty() {
                votes.add(line);
            }
        }
        votes
    }

    fn add(&mut self, line: &[u8]) {
        self.lines += 1;
        let prefix = github::prefix(line);
        self.github += usize::from(prefix.stamp.is_some());
        self.azure += usize::from(line[prefix.len..].starts_with(b"##[section]"));
        self.view += usize::from(github::is_view_line(line));
    }

    fn winner(&self) -> LogFormat {
        match self {
            _ if self.most(self.view) => LogFormat::GhRunView,
            _ if self.most(self.github) && self.azure > 0 => LogFormat::Azure,
            _ if self.most(self.github) => LogFormat::GitHubActions,
            _ => LogFormat::Plain,
        }
    }

    /// Unstamped values of several lines may be longer than the log around
    /// them: a fifth of the lines is enough for shapes that nothing else has.
    fn most(&self, votes: usize) -> bool {
        votes > 0 && votes * 5 >= self.lines
    }
}
