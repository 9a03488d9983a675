//! What stands at the marketplaces of runs that a restored database does not have, until a person has settled each.

use std::collections::BTreeMap;

use entente_core::ids::PersonId;
use entente_store::{Error, Result, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::Found;

/// The setting that holds it.
const NAME: &str = "recovery.lost";

/// A write that no run of this database knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lost {
    /// What was found.
    pub found: Found,
    /// Business time of the read-back that found it.
    pub at: Timestamp,
    /// What a person did about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// What a person did about a write that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Who.
    pub by: PersonId,
    /// Business time.
    pub at: Timestamp,
    /// What was done about it.
    pub reason: String,
}

/// Every write of a lost run that was ever found, by the marketplace's id of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(store: &dyn Store) -> Result<BTreeMap<String, Lost>> {
    read(store.setting(NAME).await?.as_deref())
}

/// Those that nobody has settled yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(store: &dyn Store) -> Result<Vec<Lost>> {
    Ok(all(store).await?.into_values().filter(|lost| lost.settled.is_none()).collect())
}

/// Keeps what a read-back has found beside what earlier ones did, and gives no label of theirs to another run.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn keep(store: &dyn Store, found: &[Found], at: Timestamp) -> Result<()> {
    for one in found {
        skip_to(store, &one.label).await?;
    }
    change(store, |lost| {
        for one in found {
            lost.entry(one.change.clone()).or_insert_with(|| Lost { found: one.clone(), at, settled: None });
        }
    })
    .await
}

/// Notes what a person did about a write. False when there is none of this id that is not settled.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn settle(store: &dyn Store, change_id: &str, settled: &Settled) -> Result<bool> {
    let mut done = false;
    change(store, |lost| {
        let open = lost.get_mut(change_id).filter(|lost| lost.settled.is_none());
        done = open.map(|lost| lost.settled = Some(settled.clone())).is_some();
    })
    .await?;
    Ok(done)
}

/// Changes what is kept, whoever else does so meanwhile.
async fn change(store: &dyn Store, mut by: impl FnMut(&mut BTreeMap<String, Lost>)) -> Result<()> {
    loop {
        let before = store.setting(NAME).await?;
        let mut lost = read(before.as_deref())?;
        by(&mut lost);
        let text = serde_json::to_string(&lost).map_err(|error| damaged("written", &error))?;
        if store.replace_setting(NAME, before.as_deref(), &text).await? {
            return Ok(());
        }
    }
}

/// Moves the numbers of a label's series past it.
async fn skip_to(store: &dyn Store, label: &str) -> Result<()> {
    let Some((series, number)) = label.rsplit_once('-') else { return Ok(()) };
    let Ok(number) = number.parse::<u64>() else { return Ok(()) };
    while store.next_number(series).await? < number {}
    Ok(())
}

fn read(text: Option<&str>) -> Result<BTreeMap<String, Lost>> {
    text.map_or(Ok(BTreeMap::new()), |text| serde_json::from_str(text).map_err(|error| damaged("read", &error)))
}

fn damaged(what: &str, error: &serde_json::Error) -> Error {
    Error::Database(format!("the setting `{NAME}` cannot be {what}: {error}"))
}
