//! A commitment as files for others.

use std::path::PathBuf;

use super::{
    args::{Days, Name},
    files, find, paint,
};
use crate::{
    cli::{exit::Exit, failure::Failure, session::Session},
    commitments::{days, export, family::Family},
    spend,
};

/// Write it as FOCUS, or as tables for the warehouse that holds the bill
#[derive(Debug, clap::Args)]
pub struct Export {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    days: Days,
    /// What is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The folder for the files
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// What is written.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// The contract as the `ContractCommitment` dataset of FOCUS 1.3
    #[default]
    Focus,
    /// The same with what the preview of FOCUS 1.4 adds and can be told
    FocusPreview,
    /// Daily sums as the `CostAndUsage` dataset of FOCUS 1.3, with what of each counts
    ContractApplied,
    /// The same in the columns of the preview of FOCUS 1.4, with the commitment among the programmes that could cover what counts
    ContractAppliedPreview,
    /// The contract and the rules as tables for a warehouse, with the statement that makes daily sums there
    Warehouse,
}

impl Export {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let (as_of, known_on) = days::Days::from(self.days).of(&stored, now)?;
        let family = Family::of(store, &stored, known_on, now).await?;
        paint::warn_judged_otherwise(&session.out, &family);
        let made = match self.format {
            Format::Focus => export::made(&family, as_of, export::Format::Focus)?,
            Format::FocusPreview => export::made(&family, as_of, export::Format::FocusPreview)?,
            Format::ContractApplied => export::made(&family, as_of, export::Format::ContractApplied)?,
            Format::ContractAppliedPreview => export::made(&family, as_of, export::Format::ContractAppliedPreview)?,
            Format::Warehouse => export::warehouse(&family, &spend::in_force(store).await?)?,
        };
        files::write(session, &self.out, &made)
    }
}
