//! `entente backup`: a consistent copy of the database, while it is in use.

use std::path::PathBuf;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};
use crate::authz::Action;

/// Copy the database to a new file, while it is in use
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The file, which must not exist
    #[arg(value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let name = self.to.display().to_string();
        if self.to.exists() {
            return Err(Failure::new(Exit::Conflict, format!("`{name}` exists already: name another file")));
        }
        session.act(Action::OperateBackup, "backup", &name)?;
        session.app.store.backup(&self.to).await?;
        session.out.say(&format!("copied to `{name}`"));
        Ok(Exit::Ok)
    }
}
