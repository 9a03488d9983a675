//! Published exchange rates as they are kept: under a name, file by file, each with its source. What came later corrects what came
//! before; nothing is ever taken out, so that what was known at any instant can be told again.

use entente_core::commitment::rates::{Published, Rates};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{funding::versions::Author, offers::DeskError};

/// The kind under which rates are kept.
pub const RATES: &str = "exchange_rates";

/// What keeping rates came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// How many of them were not known as they stand.
    pub new: usize,
    /// How many were known.
    pub known: usize,
    /// Under which version they were kept; `None` where all of them were known.
    pub version: Option<u32>,
}

/// Keeps what of published rates is not known yet, as the next version of their name.
///
/// # Errors
/// When the database cannot be read or written, or somebody else was faster.
pub async fn keep(
    store: &dyn Store,
    name: &str,
    mut published: Published,
    author: Author<'_>,
) -> Result<Kept, DeskError> {
    let versions = store.documents(RATES).await?;
    let all = published.rates.len();
    published.rates = of(&versions, None)?.news(name, published.rates);
    let new = published.rates.len();
    if new == 0 {
        return Ok(Kept { new, known: all, version: None });
    }
    let of_name = versions.iter().filter(|document| document.name == name);
    let version = of_name.map(|document| document.version).max().unwrap_or(0) + 1;
    let text = serde_json::to_string(&published)
        .map_err(|error| DeskError::Unreadable { what: format!("rates `{name}`"), why: error.to_string() })?;
    let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
    let (kind, by) = (RATES.to_owned(), author.by.to_owned());
    let document =
        StoredDocument { kind, name: name.to_owned(), version, sha256, text, by, at: author.at, active: false };
    store.put_document(&document).await?;
    Ok(Kept { new, known: all - new, version: Some(version) })
}

/// The rates that were kept before an instant, or until now.
///
/// # Errors
/// When the database cannot be read, or what is kept in it cannot be.
pub async fn known(store: &dyn Store, until: Option<Timestamp>) -> Result<Rates, DeskError> {
    of(&store.documents(RATES).await?, until)
}

fn of(versions: &[StoredDocument], until: Option<Timestamp>) -> Result<Rates, DeskError> {
    let mut then: Vec<_> = versions.iter().filter(|kept| until.is_none_or(|until| kept.at < until)).collect();
    then.sort_by_key(|kept| (&kept.name, kept.version));
    let mut rates = Rates::default();
    for kept in then {
        let published: Published = serde_json::from_str(&kept.text).map_err(|error| DeskError::Unreadable {
            what: format!("rates `{}@{}`", kept.name, kept.version),
            why: error.to_string(),
        })?;
        rates.take(&kept.name, &published);
    }
    Ok(rates)
}
