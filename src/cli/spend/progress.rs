//! How far reading a file is, shown while a person watches.

use std::time::Duration;

use entente_spend::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a second the bar is drawn at most.
const DRAWN: u8 = 5;

/// A bar on standard error; nothing where that is no terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(quiet: bool) -> Bar {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(DRAWN) };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        // Its template is a text of ours: one that cannot be read leaves the usual one.
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{wide_bar}] {percent} %, {msg}, {eta} left") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_secs(1));
        Bar(bar)
    }

    /// Begins with a file.
    pub(super) fn begin(&self, file: &str) {
        self.0.set_prefix(crate::cli::printable::line(file));
        self.0.reset();
    }

    /// Shows how far it is.
    pub(super) fn show(&self, progress: Progress) {
        self.0.set_length(progress.of);
        self.0.set_position(progress.done);
        self.0.set_message(format!("{} rows", progress.rows));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
