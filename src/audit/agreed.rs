//! Which key an installation of several machines seals with: the database names it, each machine has it in a file.

use entente_store::Store;

use super::key::SealKey;

/// The setting that holds the public key.
const NAME: &str = "seal-key";

/// Why a machine may not seal.
#[derive(Debug, thiserror::Error)]
pub enum Disagreement {
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// This machine has another key.
    #[error(
        "history is sealed with key {agreed}, and the key on this machine is {here}: bring the `.seal-key` file of a machine \
         that seals into the state folder of this one"
    )]
    AnotherKey {
        /// The key that the database names.
        agreed: String,
        /// The key on this machine.
        here: String,
    },
}

/// Makes this machine's key the installation's, or finds that it is.
///
/// # Errors
/// When the installation has another key, or the database cannot be read or written.
pub async fn agree(store: &dyn Store, key: &SealKey) -> Result<(), Disagreement> {
    let here = key.public();
    if store.replace_setting(NAME, None, &here).await? {
        return Ok(());
    }
    match store.setting(NAME).await? {
        Some(agreed) if agreed != here => Err(Disagreement::AnotherKey { agreed, here }),
        _ => Ok(()),
    }
}
