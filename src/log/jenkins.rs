//! Jenkins console logs, raw (with console notes) or as text.

use super::echo::{self, Echo, Echoes};
use super::grammar::{Grammar, Signs};
use super::landmark::Landmark;
use super::{Prefix, ansi, stamp};

pub(super) const JENKINS: Grammar = Grammar {
    id: "jenkins",
    ci: Some("jenkins"),
    signs: Signs::Lines {
        percent: 0,
        vote: is_jenkins,
    },
    prefix,
    needles: &["[Pipeline] { (", "[Pipeline] // stage"],
    landmark,
    echoes: Echoes {
        needles: &["+ ", "$ ", "[Pipeline] "],
        read: |line, _| command(line),
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};

/// Console notes, then the stamp of the Timestamper plugin:
/// `[2024-01-01T00:00:00.000Z] `.
fn prefix(line: &[u8]) -> Prefix {
    let notes = notes(line);
    let plain = Prefix {
        len: notes,
        ..Prefix::default()
    };
    let Some(rest) = line[notes..].strip_prefix(b"[") else {
        return if notes == 0 {
            Prefix::plain(line)
        } else {
            plain
        };
    };
    let Some(length) = stamp::utc_length(rest) else {
        return plain;
    };
    let start = notes + 1;
    match &rest[length..] {
        [b']', b' ', ..] => Prefix::stamped(start + length + 2, start..start + length),
        [b']'] => Prefix::stamped(start + length + 1, start..start + length),
        _ => plain,
    }
}

/// Length of the console notes at the start of a line.
fn notes(line: &[u8]) -> usize {
    let mut length = 0;
    while let Some(note) = ansi::console_note(&line[length..]) {
        length += note;
    }
    length
}

/// How the first lines of builds begin.
const OPENINGS: [&[u8]; 10] = [
    b"[Pipeline] ",
    b"Started by user ",
    b"Started by upstream project ",
    b"Started by an SCM change",
    b"Started by timer",
    b"Started by remote host ",
    b"Started by GitHub push by ",
    b"Started from command line by ",
    b"Running in Durability level: ",
    b"Branch indexing",
];

fn is_jenkins(line: &[u8]) -> bool {
    // Every line of a head is asked, and most begin with none of what is told below.
    if !matches!(
        line,
        [ansi::ESC | b'[' | b'S' | b'R' | b'B' | b'#' | 0xef, ..]
    ) {
        return false;
    }
    let prefix = prefix(line);
    let text = &line[prefix.len..];
    prefix.stamp.is_some()
        || notes(line) > 0
        || OPENINGS.iter().any(|opening| text.starts_with(opening))
}

/// `+ make` of a shell, `$ make` of a plugin, `[folder] $ make` of a freestyle
/// job. A step of a pipeline ends what ran before it.
fn command(line: &[u8]) -> Option<Echo<'_>> {
    if line.starts_with(b"[Pipeline] ") {
        return Some(Echo::End);
    }
    let folder = line
        .starts_with(b"[")
        .then(|| memchr::memmem::find(line, b"] $ "));
    let shown = folder.flatten().map_or(line, |end| &line[end + 2..]);
    echo::traced(shown).or_else(|| echo::prompted(shown))
}

fn landmark(line: &[u8], at: usize) -> Option<Landmark> {
    if prefix(line).len != at {
        return None;
    }
    let Some(title) = line[at..].strip_prefix(b"[Pipeline] { (") else {
        return Some(Landmark::end());
    };
    Some(Landmark::step(title.strip_suffix(b")").unwrap_or(title)))
}
