//! The pictures of a commitment.

use std::path::PathBuf;

use super::{
    args::{Days, Name},
    files, find, paint,
};
use crate::{
    cli::{exit::Exit, failure::Failure, session::Session},
    commitments::{days, footing::Footing, picture::drawn, sight::sight},
};

/// Draw its pictures as SVG: burn-down, months, and what of the spend counts
#[derive(Debug, clap::Args)]
pub struct Draw {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    days: Days,
    /// The folder for the files
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Draw {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        let now = session.app.clock.now();
        let (as_of, known_on) = days::Days::from(self.days).of(&stored, now)?;
        let (sight, family) = sight(session.app.store.as_ref(), &stored, as_of, known_on, now).await?;
        paint::warn_judged_otherwise(&session.out, &family);
        let footing = Footing::of(&stored, &family, &sight.figures)?;
        files::write(session, &self.out, &drawn(&sight, &family, &footing)?)
    }
}
