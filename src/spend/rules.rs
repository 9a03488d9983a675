//! The rules by which charges are judged: what ships with the program, and an organisation's own, kept by name and version.

use std::collections::BTreeSet;

use entente_core::{commitment::eligibility::Rules, offer::DocumentError};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{
    commitments::rules::built_in,
    funding::versions::{self, Author},
    offers::DeskError,
};

/// The kind under which an organisation's own rules are kept.
pub const OWN_RULES: &str = "eligibility_rules";

/// Keeps an organisation's own rules in force under a name, as its next version; the same text again changes nothing. Gives the
/// version.
///
/// # Errors
/// When the database cannot be read or written, or somebody else was faster.
pub async fn keep(store: &dyn Store, name: &str, text: &str, by: &str, at: Timestamp) -> Result<u32, DeskError> {
    let known = kept(store).await?;
    let of_name = || known.iter().filter(|document| document.name == name);
    let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
    if let Some(same) = of_name().find(|document| document.active && document.sha256 == sha256) {
        return Ok(same.version);
    }
    let version = of_name().map(|document| document.version).max().unwrap_or(0) + 1;
    versions::put(store, (OWN_RULES, name, version), text, Author { by, at }).await?;
    store.activate_document(OWN_RULES, name, version).await?;
    Ok(version)
}

/// The version in force under a name, and those of its rules that others under the same name do not have: they would go out of force.
/// `None` where there are none.
///
/// # Errors
/// When the database cannot be read.
pub async fn out_of_force(
    store: &dyn Store,
    name: &str,
    others: &Rules,
) -> Result<Option<(StoredDocument, Vec<String>)>, DeskError> {
    let active = |document: &StoredDocument| document.active && document.name == name;
    let Some(document) = kept(store).await?.into_iter().find(active) else { return Ok(None) };
    // Where they cannot be read, others are what mends it.
    let Ok(now) = read(&document) else { return Ok(None) };
    let names = |rules: &Rules| rules.iter().map(|rule| rule.rule.to_string()).collect::<BTreeSet<_>>();
    let gone: Vec<String> = names(&now).difference(&names(others)).cloned().collect();
    Ok(Some((document, gone)).filter(|(_, gone)| !gone.is_empty()))
}

/// Every version of an organisation's own rules.
///
/// # Errors
/// When the database cannot be read.
pub async fn kept(store: &dyn Store) -> Result<Vec<StoredDocument>, DeskError> {
    Ok(store.documents(OWN_RULES).await?)
}

/// The rules in force: those that ship with the program, and of each name of one's own the version in force.
///
/// # Errors
/// When the database cannot be read, or a text in it cannot be.
pub async fn in_force(store: &dyn Store) -> Result<Rules, DeskError> {
    let mut rules = built_in().map_err(|error| unreadable("the rules of this program".into(), &error))?;
    for document in kept(store).await?.into_iter().filter(|document| document.active) {
        rules = rules.and(read(&document)?);
    }
    Ok(rules)
}

fn read(document: &StoredDocument) -> Result<Rules, DeskError> {
    let named = format!("{}@{}", document.name, document.version);
    Rules::from_yaml(&named, &document.text).map_err(|error| unreadable(format!("rules `{named}`"), &error))
}

fn unreadable(what: String, error: &DocumentError) -> DeskError {
    DeskError::Unreadable { what, why: error.to_string() }
}
