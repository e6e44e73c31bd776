//! leaksweep keeps leaked secrets out of CI logs.

mod builtin;
pub mod config;
pub mod detect;
pub mod finding;
pub mod log;
pub mod origin;
pub mod redact;
pub mod report;
pub mod rule;
pub mod scan;
pub mod seal;
pub mod secret;
pub mod source;
