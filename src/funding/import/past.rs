//! What was brought in, as the rules ask for it.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::RequestPaper,
    ids::{FundId, PartyId, RunId},
    mdf::{candidates::Key, model::EarlierClaim},
    money::{Currency, Money},
};
use entente_store::{ImportedSum, Store};
use jiff::{Timestamp, tz::TimeZone};

use super::content::Content;
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
        if let Content::Paid { claim, .. } = Content::read(line)? {
            // As an older program kept it: nobody can have a claim opened again that was never here.
            earlier.push(EarlierClaim { closing: false, ..*claim });
        }
    }
    Ok(earlier)
}

/// What was paid out of a fund, by currency.
pub(in crate::funding) async fn paid(store: &dyn Store, fund: &FundId) -> Result<BTreeMap<Currency, Money>, DeskError> {
    add(store.imported_sums(Some(fund.as_str()), None).await?.iter())
}

/// What was paid to a partner out of these funds, by currency.
pub(in crate::funding) async fn paid_to(
    store: &dyn Store,
    partner: &PartyId,
    funds: &BTreeSet<FundId>,
) -> Result<BTreeMap<Currency, Money>, DeskError> {
    let sums = store.imported_sums(None, Some(partner.as_str())).await?;
    add(sums.iter().filter(|sum| funds.iter().any(|fund| fund.as_str() == sum.fund)))
}

fn add<'a>(sums: impl Iterator<Item = &'a ImportedSum>) -> Result<BTreeMap<Currency, Money>, DeskError> {
    let mut paid = BTreeMap::new();
    for sum in sums {
        let so_far = paid.entry(sum.paid.currency).or_insert(Money::zero(sum.paid.currency));
        *so_far = so_far.plus(sum.paid)?;
    }
    Ok(paid)
}

/// When a request was asked for that was opened for a line: at the beginning of that day. Once it is revised into something else
/// than the line says, it is asked for when it is submitted.
pub(in crate::funding) async fn requested_at(
    store: &dyn Store,
    run: RunId,
    paper: &RequestPaper,
    zone: &TimeZone,
) -> Result<Option<Timestamp>, DeskError> {
    let Some(line) = store.imported_request(run).await? else { return Ok(None) };
    let day = match Content::read(&line)? {
        Content::Granted(granted) if granted.request.activity == paper.activity => granted.requested_on,
        Content::Granted(_) | Content::Paid { .. } => None,
    };
    Ok(day.and_then(|day| day.to_zoned(zone.clone()).ok()).map(|at| at.timestamp()))
}
