//! leaksweep keeps leaked secrets out of CI logs.

pub mod config;
pub mod detect;
pub mod finding;
pub mod log;
pub mod origin;
pub mod report;
pub mod rule;
pub mod secret;
