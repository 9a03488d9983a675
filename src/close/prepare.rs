//! Preparing a month: reading everything that it is closed from, and closing it.

use entente_core::{
    close::{Batch, Books, close},
    ids::LegalEntityId,
    mdf::statement::Period,
};
use entente_store::Store;
use jiff::Timestamp;

use super::{CloseError, books, estimates, months, rules};

/// What somebody wants to close.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The legal entity.
    pub entity: &'a LegalEntityId,
    /// The month, such as `2027-03`.
    pub month: &'a str,
    /// The rules as `name@version`; absent: the newest ones of the legal entity.
    pub rules: Option<&'a str>,
    /// Business time.
    pub now: Timestamp,
}

/// The batch of a month. Nothing is kept.
///
/// # Errors
/// When the month is not over, is locked or not next, or the books do not make a batch.
pub async fn batch(store: &dyn Store, asked: Asked<'_>) -> Result<Batch, CloseError> {
    let Asked { entity, month, .. } = asked;
    let rules = rules::of_entity(store, entity, asked.rules).await?;
    let zone = rules.entities.get(entity).ok_or_else(|| CloseError::NoRules(entity.clone()))?;
    let period = Period::new(month, zone)?;
    let end = books::end_of(&period)?;
    if asked.now < end {
        return Err(CloseError::NotOver { month: period.month(), zone: zone.clone() });
    }
    let chain = months::locked(store, entity).await?;
    if chain.iter().any(|known| known.lock.period == period.month()) {
        return Err(CloseError::Locked { entity: entity.clone(), month: period.month() });
    }
    // Balances are read after the journals: what comes in between does not tie out, and is refused.
    let open = books::open(store, entity, end, &chain).await?;
    let standing = books::standing(store, entity, end).await?;
    let named = standing.iter().map(|at| at.fund.as_str());
    let funds = books::funds(store, named.chain(open.journals.iter().map(|moved| moved.fund.as_str()))).await?;
    let requests = books::requests(store, entity, &period).await?;
    let orders = books::orders(store, entity, &period).await?;
    let estimates = estimates::in_force(store, entity).await?;
    let previous = chain.last().map(|last| (&last.batch, last.sha256.clone()));
    let (entity, rules) = (entity.clone(), &rules);
    let (journals, cut) = (open.journals, open.cut);
    Ok(close(&Books { entity, period, rules, funds, journals, cut, previous, standing, requests, orders, estimates })?)
}
