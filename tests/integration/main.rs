//! Integration tests, one binary.

mod architecture;
mod cases;
mod program;
mod properties;
mod support;
