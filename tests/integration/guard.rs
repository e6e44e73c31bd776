//! `guard` and `resume` as a user runs them, against a GitHub and receivers on
//! this machine.

mod crash;
mod large;
mod later;
mod secrets;
mod trouble;
mod workflow;
pub(crate) mod world;
