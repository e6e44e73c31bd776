//! Since when, where else, who copied it: a secret through the history of logs.

mod html;
mod markdown;
mod phrase;
mod story;
mod text;
mod timeline;
mod traced;
mod view;

pub use traced::{Bound, Command, Day, Exposure, LogState, Place, Searched, Site, Traced, Twin};
pub use view::{TraceFormat, render};

#[cfg(test)]
mod sample;

#[cfg(test)]
mod tests;
