//! The rules compiled into the program.

use crate::rule::RuleSet;

/// Written by the build script, which resolved `rules/*.yaml`.
const RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

impl RuleSet {
    /// The rules compiled into the program.
    ///
    /// # Panics
    /// Never: the build script wrote the bytes with this very type.
    pub fn builtin() -> Self {
        match postcard::from_bytes(RULES) {
            Ok(set) => set,
            Err(error) => unreachable!("built-in rules do not load: {error}"),
        }
    }
}
