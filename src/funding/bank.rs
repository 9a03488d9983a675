//! Bank details: kept apart from every history, under their hash.

use entente_core::ids::PartyId;
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::offers::DeskError;

const KIND: &str = "bank_details";

/// Where a partner's money goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankDetails {
    /// Who holds the account.
    pub holder: String,
    /// The IBAN, or the account's number where it has none.
    pub account: String,
    /// The bank's BIC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// The country of the holder, as ISO 3166 codes it.
    pub country: String,
}

impl std::fmt::Debug for BankDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BankDetails").field("account", &self.shown()).finish_non_exhaustive()
    }
}

impl BankDetails {
    /// What is wrong with them, without repeating them.
    pub fn problem(&self) -> Option<&'static str> {
        let code = |text: &str| text.len() == 2 && text.chars().all(|c| c.is_ascii_uppercase());
        let plain = self.account.chars().filter(char::is_ascii_alphanumeric).count();
        match () {
            () if self.holder.trim().is_empty() => Some("`holder` is empty; write who holds the account"),
            () if !(4..=34).contains(&plain) => Some("`account` is no IBAN and no account number"),
            () if !code(&self.country) => Some("`country` is not a code of ISO 3166; write two capital letters"),
            () => None,
        }
    }

    /// What people are shown of the account: its first two and last four characters.
    pub fn shown(&self) -> String {
        let plain: Vec<char> = self.account.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let last: String = plain.iter().skip(plain.len().saturating_sub(4)).collect();
        let first: String = plain.iter().take(2).collect();
        if plain.len() < 8 { "****".to_owned() } else { format!("{first}…{last}") }
    }
}

/// Puts details aside, and says under which hash.
///
/// # Errors
/// When the database cannot be written.
pub async fn put(
    store: &dyn Store,
    partner: &PartyId,
    details: &BankDetails,
    by: &str,
    at: Timestamp,
) -> Result<String, DeskError> {
    let text = serde_json::to_string(details).map_err(|error| DeskError::Unreadable {
        what: format!("bank details of `{partner}`"),
        why: error.to_string(),
    })?;
    let sha256 = hex::encode(Sha256::digest(format!("{partner}\n{text}").as_bytes()));
    let (text, version) = (format!("{partner}\n{text}"), 1);
    let document = StoredDocument {
        kind: KIND.into(),
        name: sha256.clone(),
        version,
        sha256: sha256.clone(),
        text,
        by: by.into(),
        at,
        active: true,
    };
    store.put_document(&document).await?;
    Ok(sha256)
}

/// The details under a hash.
///
/// # Errors
/// When there are none, or they cannot be read.
pub async fn get(store: &dyn Store, sha256: &str) -> Result<BankDetails, DeskError> {
    let stored = store.document_by_hash(KIND, sha256).await?;
    let stored =
        stored.ok_or_else(|| entente_store::Error::NotFound { kind: "bank details", id: sha256.to_owned() })?;
    let text = stored.text.split_once('\n').map_or("", |(_, text)| text);
    serde_json::from_str(text)
        .map_err(|error| DeskError::Unreadable { what: format!("bank details `{sha256}`"), why: error.to_string() })
}
