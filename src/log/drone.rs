//! Drone, and Woodpecker, which came from it: JSON arrays of lines. Their times
//! count from the start of the step, so they tell no date.

use super::echo::Echoes;
use super::grammar::{Grammar, Layout, Signs};
use super::recognise::begins_with_fields;
use super::records::{Coding, Records};

const LINES: Records = Records {
    array: true,
    text: "out",
    stream: "",
    time: "",
    coding: Coding::Json,
};

pub(super) const DRONE: Grammar = Grammar {
    id: "drone",
    ci: Some("drone"),
    layout: Layout::Records(&LINES),
    signs: Signs::Head(|head| begins_with_fields(head, &["pos", "out"])),
    prefix: |object| LINES.prefix(object),
    echoes: Echoes {
        needles: QUOTED,
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};

/// The text of a record begins with what a shell shows.
pub(super) const QUOTED: &[&str] = &["\"+ ", "\"$ "];

const ENTRIES: Records = Records {
    array: true,
    text: "data",
    stream: "",
    time: "",
    coding: Coding::Base64,
};

pub(super) const WOODPECKER: Grammar = Grammar {
    id: "woodpecker",
    ci: Some("woodpecker"),
    layout: Layout::Records(&ENTRIES),
    signs: Signs::Head(|head| begins_with_fields(head, &["line", "data"])),
    prefix: |object| ENTRIES.prefix(object),
    echoes: Echoes {
        // The same in base64.
        needles: &["\"Ky", "\"JC"],
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};
