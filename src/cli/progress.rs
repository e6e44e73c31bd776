//! A progress bar on a terminal, for work that takes long enough to wonder.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// Counts bytes or other work; shows itself only on a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Of bytes. `wanted`: not switched off by the user.
    pub(crate) fn new(wanted: bool) -> Self {
        let template = "{spinner} {decimal_bytes} scanned, {decimal_bytes_per_sec}, {elapsed}";
        Self::with(wanted, template)
    }

    /// Of work whose amount is about known.
    pub(crate) fn of_work(wanted: bool) -> Self {
        let template = "{spinner} {wide_bar} {pos} of about {len}, about {eta} left, {msg}";
        Self::with(wanted, template)
    }

    fn with(wanted: bool, template: &str) -> Self {
        let shown = wanted && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            None,
            if shown {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// `bytes` more were scanned.
    pub(crate) fn add(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// How far the work is, and what to say of it.
    pub(crate) fn show(&self, done: u64, about: u64, message: String) {
        self.bar.set_length(about);
        self.bar.set_position(done);
        self.bar.set_message(message);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
