//! Posting rules in the database: imported once, never changed, pinned by the months that were closed by them.

use entente_core::{close::PostingRules, ids::LegalEntityId};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;

use super::{
    CloseError,
    kept::{self, Author},
};
use crate::{funding::versions, offers::DeskError};

const KIND: &str = "close_rules";

/// Keeps rules that have been read well.
///
/// # Errors
/// When another text is kept under their name and version, or the database cannot be written.
pub async fn import(
    store: &dyn Store,
    rules: &PostingRules,
    text: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), CloseError> {
    let taken = || {
        let (name, version) = (&rules.name, rules.version);
        format!("version {version} of `{name}` is another text, and rules never change; raise `version`")
    };
    kept::put(store, (KIND, &rules.name, rules.version), text.to_owned(), Author { by, at }, taken).await?;
    Ok(())
}

/// Every kept document of rules.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<StoredDocument>, CloseError> {
    Ok(store.documents(KIND).await?)
}

/// Rules by `name@version`, as they were imported.
///
/// # Errors
/// When there are none.
pub async fn text(store: &dyn Store, named: &str) -> Result<StoredDocument, CloseError> {
    Ok(versions::find(store, (KIND, "document of posting rules"), named).await?)
}

/// The rules by which a legal entity closes: those that are named, else the newest version that names it, where only
/// those of one name do.
///
/// # Errors
/// When there are none or several.
pub async fn of_entity(
    store: &dyn Store,
    entity: &LegalEntityId,
    named: Option<&str>,
) -> Result<PostingRules, CloseError> {
    if let Some(named) = named {
        let rules = typed(&text(store, named).await?)?;
        let names = rules.entities.contains_key(entity);
        let refuse = || CloseError::NotByTheseRules { rules: named.to_owned(), entity: entity.clone() };
        return names.then_some(rules).ok_or_else(refuse);
    }
    // Of each name the newest version that names the entity: what others name in a later one is no matter of it.
    let mut found: Vec<PostingRules> = Vec::new();
    for document in list(store).await?.iter().rev() {
        if found.last().is_some_and(|newer| newer.name == document.name) {
            continue;
        }
        let rules = typed(document)?;
        found.extend(rules.entities.contains_key(entity).then_some(rules));
    }
    found.reverse();
    match (found.pop(), found.len()) {
        (Some(rules), 0) => Ok(rules),
        (None, _) => Err(CloseError::NoRules(entity.clone())),
        (Some(last), _) => {
            let names: Vec<String> = found.iter().chain([&last]).map(|rules| format!("`{}`", rules.name)).collect();
            Err(CloseError::WhichRules { entity: entity.clone(), found: names.join(", ") })
        }
    }
}

fn typed(document: &StoredDocument) -> Result<PostingRules, DeskError> {
    let named = format!("{}@{}", document.name, document.version);
    PostingRules::from_yaml(&named, &document.text)
        .map_err(|error| DeskError::Unreadable { what: format!("rules `{named}`"), why: error.to_string() })
}
