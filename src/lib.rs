//! leaksweep keeps leaked secrets out of CI logs.

mod builtin;
pub mod clock;
pub mod config;
pub mod detect;
pub mod finding;
pub mod github;
pub mod incident;
pub mod log;
pub mod origin;
pub mod purge;
pub mod redact;
pub mod report;
pub mod respond;
pub mod rule;
pub mod scan;
pub mod seal;
pub mod secret;
pub mod source;
pub mod store;
pub mod trace;
