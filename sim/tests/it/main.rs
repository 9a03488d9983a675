//! The simulation itself: it repeats, its seeds break no law, and it would notice if something were wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod clean;
mod kept;
mod repeats;
mod shipped;
#[cfg(feature = "deliberate-bugs")]
mod teeth;
