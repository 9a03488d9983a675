//! A commitment as files for others.

use std::path::PathBuf;

use entente_core::commitment::focus::Edition;

use super::{
    args::{Days, Name},
    files, find, paint,
};
use crate::{
    cli::{exit::Exit, failure::Failure, session::Session},
    commitments::{export, family::Family},
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
        let (as_of, known_on) = self.days.of(session, &stored)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let family = Family::of(store, &stored, known_on, now).await?;
        paint::warn_judged_otherwise(&session.out, &family);
        let made = match self.format {
            Format::Focus => export::focus(&family, as_of, Edition::V1_3)?,
            Format::FocusPreview => export::focus(&family, as_of, Edition::V1_4Preview)?,
            Format::ContractApplied => export::applied(&family, as_of, Edition::V1_3)?,
            Format::ContractAppliedPreview => export::applied(&family, as_of, Edition::V1_4Preview)?,
            Format::Warehouse => export::warehouse(&family, &spend::in_force(store).await?)?,
        };
        files::write(session, &self.out, &made)
    }
}
