//! The built-in jobs: polling marketplaces, comparing offers with what stands, letting held writes go, sealing, checking, copying,
//! archiving, removing proof whose time is over, judging spend anew, making statements, telling of what is late.

mod archive;
mod backup;
mod check;
mod drift;
mod expire;
mod judging;
mod late;
mod observe;
mod seal;
mod statements;
mod withheld;

use std::sync::Arc;

pub use archive::Archiving;
pub use backup::Backup;
pub use check::Check;
pub use drift::Drift;
pub use expire::ExpireEvidence;
pub use judging::Judging;
pub use late::TellOfLate;
pub use observe::Observe;
pub use seal::{Sealing, keep_sealing};
pub use statements::Statements;
pub use withheld::{ABOUT as WITHHELD, LetLeave};

use crate::{
    app::App,
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of each, in the order in which they are listed.
pub const ABOUT: [&About; 11] = [
    &observe::ABOUT,
    &drift::ABOUT,
    &withheld::ABOUT,
    &seal::ABOUT,
    &check::ABOUT,
    &backup::ABOUT,
    &archive::ABOUT,
    &expire::ABOUT,
    &judging::ABOUT,
    &statements::ABOUT,
    &late::ABOUT,
];

/// All of them, for a running engine.
///
/// # Errors
/// When the key that signs seals cannot be read or made.
pub fn all(app: &App, shared: &Arc<Shared>) -> anyhow::Result<Vec<Arc<dyn Job>>> {
    let database = app.database.beside();
    Ok(vec![
        Arc::new(Observe::new(shared.clone(), app.connections.clone())),
        Arc::new(Drift::new(shared.clone(), app.connections.clone())),
        Arc::new(LetLeave::new(shared.clone(), app.connections.clone())),
        Arc::new(Sealing::new(shared.clone(), database)?),
        Arc::new(Check::new(shared.clone(), database)?),
        Arc::new(Backup::new(shared.clone(), database)),
        Arc::new(Archiving::new(shared.clone(), database, app.config.archive.as_ref(), |path| {
            app.config.resolve(path)
        })?),
        Arc::new(ExpireEvidence::new(shared.clone(), app.evidence.clone())),
        Arc::new(Judging::new(shared.clone(), app.evidence.clone())),
        Arc::new(Statements::new(shared.clone(), database, &app.config.zone)?),
        Arc::new(TellOfLate::new(shared.clone(), app.evidence.clone())),
    ])
}
