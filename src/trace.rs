//! Since when, where else, who copied it: a secret through the history of logs.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "what reads logs for a trace will use it")
)]
mod command;
mod traced;

pub use traced::{Bound, Command, Day, Exposure, LogState, Place, Searched, Site, Traced, Twin};
