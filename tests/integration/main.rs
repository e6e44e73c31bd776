//! Integration tests, one binary.

#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test that cannot go on has to stop, and speed is not its point"
)]

mod accounts;
#[path = "../accuracy/mod.rs"]
mod accuracy;
mod action;
mod architecture;
mod bounds;
mod cases;
mod channels;
mod desk;
mod documents;
mod fake_clock;
mod fake_github;
mod formats;
mod github;
mod guard;
mod incident;
mod product;
mod program;
mod properties;
mod purge;
mod receivers;
mod redact;
mod shapes;
mod support;
mod trace;
