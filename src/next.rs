//! This program as its next version may be, so that tests can run two versions on one database. Release builds do not have it.
//!
//! With `ENTENTE_NEXT_VERSION=0.2.0` the process is of that version: it knows one notice more, and ships a newer chart of
//! private offers that names it. A process without knows neither.

/// The notice that only the next version knows.
const NOTICE: &str = "preflight_said_no";

/// The version that this process is of.
pub fn version() -> &'static str {
    named().unwrap_or(env!("CARGO_PKG_VERSION"))
}

/// The notice that this process knows beyond the usual ones.
pub fn notice() -> Option<&'static str> {
    named().map(|_| NOTICE)
}

/// The text of the newer chart, made of the newest that is shipped.
pub fn chart(shipped: &str) -> Option<String> {
    named().map(|_| {
        shipped.replacen("version: 2", "version: 3", 1).replace("notify.preflight_failed", &format!("notify.{NOTICE}"))
    })
}

#[cfg(debug_assertions)]
fn named() -> Option<&'static str> {
    static NAMED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    NAMED.get_or_init(|| std::env::var("ENTENTE_NEXT_VERSION").ok().filter(|name| !name.is_empty())).as_deref()
}

#[cfg(not(debug_assertions))]
fn named() -> Option<&'static str> {
    None
}
