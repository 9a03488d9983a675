//! What the program says about itself, on standard error.

use tracing_subscriber::EnvFilter;

/// Starts logging. `ENTENTE_LOG` holds a filter such as `info` or `entente::runner=debug` and wins over the default.
///
/// Fields are escaped by the subscriber, so that nothing in them acts on a terminal.
pub fn start(default: &str, color: bool) {
    let filter = EnvFilter::try_from_env("ENTENTE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .with_target(false);
    // A second start in one process keeps the first.
    let _started = subscriber.compact().try_init();
}
