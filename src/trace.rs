//! Since when, where else, who copied it: a secret through the history of logs.

mod traced;

pub use traced::{Bound, Command, Day, Exposure, LogState, Place, Searched, Site, Traced, Twin};
