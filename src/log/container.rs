//! Logs of containers: the container runtime interface of Kubernetes, Docker's
//! json-file driver, docker compose.

use super::ansi::ESC;
use super::drone;
use super::echo::Echoes;
use super::grammar::{Grammar, Layout, Signs};
use super::landmark::{Landmark, label};
use super::records::{self, Coding, Records};
use super::{Prefix, stamp};

pub(super) const CRI: Grammar = Grammar {
    id: "cri",
    layout: Layout::Streams,
    signs: Signs::Lines {
        percent: 50,
        vote: |line| cri(line).is_some(),
    },
    prefix: |line| cri(line).unwrap_or_else(|| Prefix::plain(line)),
    ..Grammar::PLAIN
};

/// `2016-10-06T00:17:09.669794202Z stdout F text`; `P` marks a part of a line.
/// More tags may follow the first one after a colon.
fn cri(line: &[u8]) -> Option<Prefix> {
    let end = stamp::offset_length(line)?;
    let stream = line.get(end..end + 8)?;
    let stream = records::stream(stream.strip_prefix(b" ")?.strip_suffix(b" ")?);
    let tags = line.get(end + 8..)?;
    let length = tags
        .iter()
        .take(64)
        .position(|byte| *byte == b' ')
        .unwrap_or(tags.len());
    let partial = match tags.first()? {
        b'P' => true,
        b'F' => false,
        _ => return None,
    };
    let known = stream > 0 && (length == 1 || tags[1] == b':');
    let len = (end + 8 + length + 1).min(line.len());
    known.then(|| Prefix {
        stream,
        partial,
        ..Prefix::stamped(len, 0..end)
    })
}

const OBJECTS: Records = Records {
    array: false,
    text: "log",
    stream: "stream",
    time: "time",
    coding: Coding::Json,
};

pub(super) const DOCKER_JSON: Grammar = Grammar {
    id: "docker-json",
    layout: Layout::Records(&OBJECTS),
    signs: Signs::Lines {
        percent: 50,
        vote: is_docker_json,
    },
    prefix: |object| OBJECTS.prefix(object),
    echoes: Echoes {
        needles: drone::QUOTED,
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};

fn is_docker_json(line: &[u8]) -> bool {
    let has = |key: &[u8]| memchr::memmem::find(line, key).is_some();
    line.starts_with(b"{\"") && has(b"\"log\":\"") && has(b"\"stream\":\"")
}

pub(super) const COMPOSE: Grammar = Grammar {
    id: "compose",
    signs: Signs::Lines {
        percent: 60,
        vote: |line| service(line).is_some_and(is_numbered),
    },
    prefix: compose,
    line_labels,
    ..Grammar::PLAIN
};

/// The name of the service, padded and maybe coloured, `| `, and the stamp of
/// `--timestamps`.
fn compose(line: &[u8]) -> Prefix {
    let Some((name, len)) = columns(line) else {
        return Prefix::plain(line);
    };
    let prefix = Prefix {
        len,
        stream: number(name),
        ..Prefix::default()
    };
    let rest = &line[len..];
    match stamp::utc_length(rest) {
        Some(length) if rest.get(length) == Some(&b' ') => Prefix {
            len: len + length + 1,
            stamp: Some(len..len + length),
            ..prefix
        },
        _ => prefix,
    }
}

/// The name at the start of a line, and the length of all before the text.
fn columns(line: &[u8]) -> Option<(&[u8], usize)> {
    let start = colours(line);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let name = line[start..]
        .iter()
        .take(128)
        .take_while(|byte| is_name(byte))
        .count();
    let blanks = line[start + name..]
        .iter()
        .take(128)
        .take_while(|byte| **byte == b' ')
        .count();
    let bar = start + name + blanks;
    let bar = bar + colours(&line[bar..]);
    let after = line.get(bar..)?.strip_prefix(b"|")?;
    let blank = usize::from(after.first() == Some(&b' '));
    let len = bar + 1 + blank;
    let shaped = name > 0 && blanks > 0 && (blank == 1 || after.is_empty());
    shaped.then(|| (&line[start..start + name], len + colours(&line[len..])))
}

/// Length of the colour sequences at the start of `text`.
fn colours(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(parameters) = text[length..].strip_prefix(&[ESC, b'[']) {
        let is_parameter = |byte: &u8| byte.is_ascii_digit() || *byte == b';';
        let count = parameters
            .iter()
            .take(32)
            .take_while(|byte| is_parameter(byte))
            .count();
        if parameters.get(count) != Some(&b'm') {
            break;
        }
        length += 2 + count + 1;
    }
    length
}

fn service(line: &[u8]) -> Option<&[u8]> {
    columns(line).map(|(name, _)| name)
}

/// Compose numbers the containers of a service: `web-1`, `web_1` before.
fn is_numbered(name: &[u8]) -> bool {
    let digits = name
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let rest = &name[..name.len() - digits];
    digits > 0 && rest.len() > 1 && matches!(rest.last(), Some(b'-' | b'_'))
}

/// A number for a service (FNV-1a), never 0.
fn number(name: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    name.iter().fold(0x811c_9dc5, step).max(1)
}

fn line_labels(line: &[u8]) -> Landmark {
    Landmark {
        job: None,
        step: service(line).map(label),
    }
}
