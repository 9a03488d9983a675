//! What was brought in, as the rules ask for it.

use std::collections::BTreeMap;

use entente_core::{
    ids::RunId,
    mdf::{candidates::Key, model::EarlierClaim},
    money::{Currency, Money},
};
use entente_store::{Store, StoredLine};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::line::Content;
use crate::offers::DeskError;

/// The most lines under one key that a claim is compared with.
const ALIKE_MOST: u32 = 2_048;

/// The paid lines that are worth comparing with a claim that asks for these keys.
pub(in crate::funding) async fn alike(
    store: &dyn Store,
    keys: impl IntoIterator<Item = &Key>,
) -> Result<Vec<EarlierClaim>, DeskError> {
    let keys: Vec<String> = keys.into_iter().map(ToString::to_string).collect();
    let lines = store.imported_alike(&keys, ALIKE_MOST).await?;
    let mut earlier = Vec::new();
    for line in &lines {
        if let Content::Paid(claim) = content(line)? {
            earlier.push(*claim);
        }
    }
    Ok(earlier)
}

/// What was paid, by currency: out of a fund, or to a partner.
pub(in crate::funding) async fn paid(
    store: &dyn Store,
    fund: Option<&str>,
    partner: Option<&str>,
) -> Result<BTreeMap<Currency, Money>, DeskError> {
    let mut paid = BTreeMap::new();
    for sum in store.imported_sums(fund, partner).await? {
        let so_far = paid.entry(sum.paid.currency).or_insert(Money::zero(sum.paid.currency));
        *so_far = so_far.plus(sum.paid)?;
    }
    Ok(paid)
}

/// When a request was asked for that was opened for a line: at the beginning of that day.
pub(in crate::funding) async fn requested_at(
    store: &dyn Store,
    run: RunId,
    zone: &TimeZone,
) -> Result<Option<Timestamp>, DeskError> {
    let Some(line) = store.imported_request(run).await? else { return Ok(None) };
    let day: Option<Date> = match content(&line)? {
        Content::Granted { requested_on, .. } => requested_on,
        Content::Paid(_) => None,
    };
    Ok(day.and_then(|day| day.to_zoned(zone.clone()).ok()).map(|at| at.timestamp()))
}

fn content(line: &StoredLine) -> Result<Content, DeskError> {
    serde_json::from_str(&line.content).map_err(|error| DeskError::Unreadable {
        what: format!("row {} of import `{}`", line.line, line.import),
        why: error.to_string(),
    })
}
