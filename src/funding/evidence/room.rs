//! The vault, opened when it is first needed.

use std::sync::{Arc, OnceLock};

use entente_documents::{Error, Raw, Result, Settings, Vault};

/// Where the vault is. It is opened when somebody asks for a file: an installation without proof needs none, and what is wrong with
/// its settings stands in nobody else's way. All clones share one vault.
#[derive(Clone)]
pub struct Room {
    settings: Result<Settings>,
    opened: Arc<OnceLock<Vault>>,
}

impl Room {
    /// The vault of these settings, or why there are none.
    pub fn new<E: std::fmt::Display>(settings: std::result::Result<Settings, E>) -> Room {
        let settings = settings.map_err(|error| Error::Settings(error.to_string()));
        Room { settings, opened: Arc::default() }
    }

    /// The vault.
    ///
    /// # Errors
    /// When its settings cannot work.
    pub fn vault(&self) -> Result<Vault> {
        if let Some(vault) = self.opened.get() {
            return Ok(vault.clone());
        }
        let vault = Vault::open(self.settings.as_ref().map_err(Clone::clone)?)?;
        Ok(self.opened.get_or_init(|| vault).clone())
    }

    /// The large files that figures are made from, which lie in the same place.
    ///
    /// # Errors
    /// As for [`Room::vault`].
    pub fn raw(&self) -> Result<Raw> {
        Raw::open(self.settings.as_ref().map_err(Clone::clone)?)
    }
}
