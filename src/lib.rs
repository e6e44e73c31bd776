//! leaksweep keeps leaked secrets out of CI logs.

pub mod finding;
pub mod origin;
pub mod rule;
pub mod secret;
pub mod source;
