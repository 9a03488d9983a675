//! Cards as the database keeps them, as far as a side's scope reaches.

use entente_core::{
    commitment::{CommitmentId, card::Owner},
    context::{
        commitment_card::{CARD_KEY, CommitmentCard, CommitmentCardContext, Subject},
        raised,
    },
    ids::{LegalEntityId, PartyId},
    scope::Scope,
};
use entente_store::{RunFilter, RunKey, RunRow, Store};
use serde::Deserialize as _;

use super::CHART;
use crate::offers::DeskError;

/// What people call it.
pub const KIND: &str = "card";

/// The most rows that one read brings.
const PAGE: u32 = 1_000;

/// A stored card: its run and its typed context.
#[derive(Debug, Clone)]
pub struct StoredCard {
    /// The run.
    pub row: RunRow,
    /// What it knows.
    pub card: CommitmentCard,
}

fn typed(row: RunRow) -> Result<StoredCard, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", row.snapshot.label), why };
    let card = {
        let context = raised(&CommitmentCardContext, &row.snapshot).map_err(|error| unreadable(error.to_string()))?;
        CommitmentCard::deserialize(context.as_ref()).map_err(|error| unreadable(error.to_string()))?
    };
    Ok(StoredCard { row, card })
}

/// A card by its label. One that is out of reach is not there.
///
/// # Errors
/// When there is none in reach, or the database cannot be read.
pub async fn by_label(store: &dyn Store, scope: &Scope, label: &str) -> Result<StoredCard, DeskError> {
    let row = store.run_by_label(scope, label).await?.filter(|row| row.snapshot.chart.name == CHART);
    typed(row.ok_or_else(|| entente_store::Error::NotFound { kind: KIND, id: label.to_owned() })?)
}

/// The cards in reach, in the order of their labels.
///
/// # Errors
/// When the database cannot be read, or a card cannot be understood.
pub async fn cards(store: &dyn Store, scope: &Scope, ended: bool) -> Result<Vec<StoredCard>, DeskError> {
    let mut filter =
        RunFilter { chart: Some(CHART.into()), ended: (!ended).then_some(false), limit: PAGE, ..RunFilter::default() };
    let mut found: Vec<StoredCard> = Vec::new();
    loop {
        let page = store.runs(scope, &filter).await?;
        found.extend(page.rows.into_iter().map(typed).collect::<Result<Vec<_>, _>>()?);
        if page.next.is_none() {
            return Ok(found);
        }
        filter.after = found.last().map(|card| card.row.snapshot.label.clone());
    }
}

/// Whether a buyer lets the seller count its daily sums of a commitment: the one thing of a buyer's card that leaves it. `None` where the
/// buyer keeps none; of a card that is closed its last word stands.
///
/// # Errors
/// When the database cannot be read, or the card cannot be understood.
pub async fn sharing(
    store: &dyn Store,
    buyer: &PartyId,
    commitment: &CommitmentId,
    legal_entity: &LegalEntityId,
) -> Result<Option<bool>, DeskError> {
    let subject = Subject {
        buyer: buyer.clone(),
        commitment: commitment.clone(),
        legal_entity: legal_entity.clone(),
        side: Owner::Buyer,
    };
    let scope = Scope::party(buyer.clone());
    let mut runs = Vec::new();
    for unique in [true, false] {
        let key = RunKey { kind: CARD_KEY.into(), value: CommitmentCard::key(&subject), unique };
        runs.extend(store.run_by_key(&scope, &key).await?);
    }
    let rows = store.runs_of(&scope, &runs).await?;
    let last = rows.into_iter().max_by_key(|row| (!row.snapshot.ended, row.updated_at));
    Ok(last.map(typed).transpose()?.map(|found| found.card.shares_daily_sums))
}
