//! CircleCI: the output of a step is a JSON array of messages, whose borders
//! fall anywhere in the text.

use super::echo::{self, Block, Echo, Echoes};
use super::grammar::{Grammar, Layout, Signs};
use super::recognise::begins_with_fields;
use super::records::{Coding, Records};

const RECORDS: Records = Records {
    array: true,
    text: "message",
    stream: "type",
    time: "time",
    coding: Coding::Json,
};

pub(super) const CIRCLECI: Grammar = Grammar {
    id: "circleci",
    ci: Some("circleci"),
    layout: Layout::Records(&RECORDS),
    signs: Signs::Head(|head| begins_with_fields(head, &["message", "time", "type"])),
    prefix: |object| RECORDS.prefix(object),
    // The first message of a step: the line of its shell, and its script.
    echoes: Echoes {
        needles: &["\"#!/"],
        read: |line, _| line.starts_with(b"#!/").then_some(Echo::Block),
        block: Block {
            last: None,
            read: |text, _| echo::joined(text, text.lines().iter().skip(1)),
        },
    },
    ..Grammar::PLAIN
};
