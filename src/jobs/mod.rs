//! The built-in jobs: polling marketplaces, comparing offers with what stands, sealing, copying.

mod backup;
mod drift;
mod observe;
mod seal;

use std::sync::Arc;

pub use backup::Backup;
pub use drift::Drift;
pub use observe::Observe;
pub use seal::Sealing;

use crate::{app::App, runner::Shared, schedule::Job};

/// All of them, for a running engine.
///
/// # Errors
/// When the key that signs seals cannot be read or made.
pub fn all(app: &App, shared: &Arc<Shared>) -> anyhow::Result<Vec<Arc<dyn Job>>> {
    let database = app.config.resolve(&app.config.database);
    Ok(vec![
        Arc::new(Observe::new(shared.clone(), app.connections.clone())),
        Arc::new(Drift::new(shared.clone(), app.connections.clone())),
        Arc::new(Sealing::new(shared.clone(), &database)?),
        Arc::new(Backup::new(shared.clone(), &database)),
    ])
}
