//! `purge` and `retention`, on fake time against a GitHub that keeps state.

mod crash;
mod details;
mod program;
mod scale;
mod world;
