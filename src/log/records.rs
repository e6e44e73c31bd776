//! JSON objects with the text of a log inside: which field is what.

use super::Prefix;
use super::json;
use std::ops::Range;

/// How the text of a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Bare,
    /// With the escapes of JSON.
    Json,
    /// Base64 of it.
    Base64,
}

/// The fields of the objects of a format.
#[derive(Debug)]
pub(super) struct Records {
    /// Objects stand in one JSON array, not on lines of their own.
    pub(super) array: bool,
    /// The field with the text.
    pub(super) text: &'static str,
    /// The field with the name of the stream, or empty.
    pub(super) stream: &'static str,
    /// The field with the time, or empty.
    pub(super) time: &'static str,
    pub(super) coding: Coding,
}

/// What one object says. Ranges are raw.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) text: Option<Range<usize>>,
    pub(super) stream: u32,
    pub(super) time: Option<Range<usize>>,
    /// Offset behind the object.
    pub(super) end: usize,
}

impl Records {
    /// Reads the object that begins at `start`. Of a field that stands there
    /// twice the first counts.
    pub(super) fn read(&self, bytes: &[u8], start: usize) -> Fields {
        let mut fields = Fields::default();
        fields.end = json::object(bytes, start, &mut |key, value| {
            if key == self.text.as_bytes() {
                fields.text.get_or_insert(value);
            } else if key == self.time.as_bytes() {
                fields.time.get_or_insert(value);
            } else if key == self.stream.as_bytes() {
                fields.stream = stream(&bytes[value]);
            }
        });
        fields
    }

    /// Whether the text of an object ends its line.
    pub(super) fn ends_line(&self, text: &[u8]) -> bool {
        match self.coding {
            Coding::Json => json::ends_line(text),
            // One entry is one line: the line end was cut off before encoding.
            Coding::Bare | Coding::Base64 => true,
        }
    }

    /// All before the text of an object, as a prefix.
    pub(super) fn prefix(&self, object: &[u8]) -> Prefix {
        let start = memchr::memchr(b'{', object).unwrap_or(object.len());
        let fields = self.read(object, start);
        let Some(text) = fields.text else {
            return Prefix::default();
        };
        Prefix {
            len: text.start,
            stamp: fields.time,
            stream: fields.stream,
            continues: false,
            partial: !self.ends_line(&object[text]),
        }
    }
}

/// The number of a stream by its name.
pub(super) fn stream(name: &[u8]) -> u32 {
    match name {
        b"stdout" | b"out" => 1,
        b"stderr" | b"err" => 2,
        _ => 0,
    }
}
