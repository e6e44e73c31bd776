//! Why a configuration or a baseline was refused.

use super::Located;
use crate::rule::LoadError;
use std::path::PathBuf;

/// Why a configuration, its rules or a baseline was refused. No message holds a
/// value of the file, only keys and rule identifiers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The configuration could not be read.
    #[error("failed to read {path}: {source}\nhint: give the path of a `leaksweep.yaml`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not YAML, not of the form of a configuration, or contradicts
    /// itself.
    #[error("failed to use {path}:{line}:{column}: {message}")]
    Invalid {
        /// The file.
        path: String,
        /// Line, counted from 1.
        line: u64,
        /// Column in characters, counted from 1.
        column: u64,
        /// What is wrong and what to do.
        message: String,
    },
    /// Rules named by the configuration were refused.
    #[error("{path}:{line}:{column}: {source}\nhint: paths are relative to the configuration file")]
    Rules {
        /// The configuration file.
        path: String,
        /// Line, counted from 1.
        line: u64,
        /// Column in characters, counted from 1.
        column: u64,
        /// Why.
        source: LoadError,
    },
    /// Rules named beside the configuration were refused.
    #[error(transparent)]
    MoreRules(#[from] LoadError),
    /// An entry cannot be added to it without a person.
    #[error(
        "failed to add an entry to {path}: its list `allow` is not written line by line\n\
         hint: without --allow-to the entry is printed; put it in by hand"
    )]
    NoPlace {
        /// The configuration file.
        path: String,
    },
    /// A baseline is no report of leaksweep.
    #[error("failed to use the baseline {path}: {message}")]
    Baseline {
        /// The file.
        path: String,
        /// What is wrong and what to do.
        message: String,
    },
}

impl ConfigError {
    pub(super) fn at<T>(path: &str, place: &Located<T>, message: String) -> Self {
        Self::Invalid {
            path: path.to_owned(),
            line: place.line,
            column: place.column,
            message,
        }
    }

    pub(super) fn rules<T>(path: &str, place: &Located<T>, source: LoadError) -> Self {
        Self::Rules {
            path: path.to_owned(),
            line: place.line,
            column: place.column,
            source,
        }
    }
}
