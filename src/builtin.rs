//! The rules compiled into the program.

use crate::rule::{RuleSet, unpacked};

/// Written by the build script, which resolved `rules/*.yaml`.
const RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

impl RuleSet {
    /// The rules compiled into the program.
    pub fn builtin() -> Self {
        unpacked(RULES)
    }
}
