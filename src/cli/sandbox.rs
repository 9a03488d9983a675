//! `entente sandbox`: the marketplaces on localhost, alone.

use std::{io::Write as _, net::SocketAddr, path::PathBuf};

use jiff::Timestamp;

use super::{exit::Exit, failure::Failure, session::Globals};

/// Run the marketplaces' sandbox alone
///
/// Prints one line of JSON with its addresses and accounts as soon as it answers, then runs until it is interrupted.
#[derive(Debug, clap::Args)]
pub struct Sandbox {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The file that keeps its world over restarts
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// What its clock shows at the very first start
    #[arg(long, value_name = "INSTANT")]
    start_at: Option<Timestamp>,
    /// Virtual seconds per real second, such as 0, 1 or 3600
    #[arg(long, value_name = "RATE", default_value = "1")]
    rate: entente_sandbox::Rate,
    /// Do not enforce the documented request rates
    #[arg(long)]
    no_throttling: bool,
}

impl Sandbox {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let throttling =
            if self.no_throttling { entente_sandbox::Throttling::Off } else { entente_sandbox::Throttling::default() };
        let config = entente_sandbox::Config {
            listen: self.listen,
            state: self.state,
            start_at: self.start_at,
            rate: self.rate,
            throttling,
            ..entente_sandbox::Config::default()
        };
        let running = entente_sandbox::start(config).await.map_err(anyhow::Error::from)?;
        let mut stdout = std::io::stdout();
        let shown = writeln!(stdout, "{}", running.ready_line()).and_then(|()| stdout.flush());
        shown.map_err(|error| Failure::new(Exit::Error, format!("the ready line cannot be written: {error}")))?;
        globals.out().say("the sandbox runs until it is interrupted");
        super::serve::told_to_stop().await;
        running.shutdown().await;
        Ok(Exit::Ok)
    }
}
