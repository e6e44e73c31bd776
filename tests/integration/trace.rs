//! trace: the history, the answer, and what is done about it.

mod history;
mod local;
mod program;
mod scale;
mod world;
