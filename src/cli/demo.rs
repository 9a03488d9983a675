//! `entente demo`: a dozen private offers and their fates, on a sandbox.

use std::path::PathBuf;

use super::{exit::Exit, failure::Failure};
use crate::demo;

/// Tell the story of a dozen private offers on a sandbox
///
/// Killed in the middle and started again, it goes on where it was and ends the same way. Ends with 7 when a promise
/// did not hold.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// End when the story is told, instead of serving on
    #[arg(long)]
    once: bool,
    /// Begin anew, whatever the folder holds
    #[arg(long)]
    fresh: bool,
    /// Where it keeps its files
    #[arg(long, value_name = "FOLDER", default_value = "entente-demo")]
    dir: PathBuf,
}

impl Demo {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let demo = demo::Demo { folder: self.dir, once: self.once, fresh: self.fresh };
        let held = demo::tell(&demo, super::serve::told_to_stop()).await?;
        Ok(if held { Exit::Ok } else { Exit::Differences })
    }
}
