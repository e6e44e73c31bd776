//! leaksweep keeps leaked secrets out of CI logs.

mod builtin;
pub mod clock;
pub mod config;
pub mod detect;
pub mod finding;
#[cfg(feature = "respond")]
pub mod github;
#[cfg(feature = "respond")]
pub mod incident;
pub mod log;
pub mod origin;
#[cfg(feature = "respond")]
pub mod purge;
pub mod redact;
pub mod report;
#[cfg(feature = "respond")]
pub mod respond;
pub mod rule;
pub mod scan;
#[cfg(feature = "respond")]
pub mod seal;
pub mod secret;
pub mod source;
#[cfg(feature = "respond")]
pub mod store;
#[cfg(feature = "respond")]
pub mod trace;
