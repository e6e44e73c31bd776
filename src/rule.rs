//! The YAML form of a rule, loading and checking.

use serde::{Deserialize, Serialize};

/// How bad a leak is, worst last so that `>=` reads naturally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Of little use to a stranger.
    Low,
    /// Limited reach.
    Medium,
    /// Access to data or money of one system.
    High,
    /// Access that spreads: administration, production, source code.
    Critical,
}

/// How sure a finding is, surest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Might be one; not shown by default.
    Low,
    /// Likely one.
    Medium,
    /// Vendor's own shape, or a credential name with a random value.
    High,
    /// A checksum or a structure proves it.
    Certain,
}
