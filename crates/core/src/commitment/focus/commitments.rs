//! The `ContractCommitment` dataset: a row for each period of each version of the terms.

use jiff::civil::Date;
use serde::Serialize;

use super::{
    FocusError,
    table::{begins, ended, written, zone},
};
use crate::commitment::{
    amount::Amount,
    basis::word,
    drawdown::{Figures, Standing},
    model::{Accounts, Commitment, Period, Terms},
};

/// The columns that FOCUS 1.3 asks for, in its order.
pub const MANDATORY: [&str; 13] = [
    "BillingCurrency",
    "ContractCommitmentCategory",
    "ContractCommitmentCost",
    "ContractCommitmentDescription",
    "ContractCommitmentId",
    "ContractCommitmentPeriodEnd",
    "ContractCommitmentPeriodStart",
    "ContractCommitmentQuantity",
    "ContractCommitmentType",
    "ContractCommitmentUnit",
    "ContractId",
    "ContractPeriodEnd",
    "ContractPeriodStart",
];

/// What 1.4 adds, in preview, as far as it is known here.
const PREVIEW: &str = "ContractCommitmentLifecycleStatus";

/// What kind of commitment it is.
pub(super) const COMMITTED_SPEND: &str = "Committed spend";

/// The columns about the whole commitment for which FOCUS has none.
pub(super) const OWN: [&str; 8] =
    ["x_CommitmentId", "x_Party", "x_LegalEntity", "x_Cloud", "x_Accounts", "x_Basis", "x_Succession", "x_Programs"];

/// Those about a version of its terms.
pub(super) const OF_TERMS: [&str; 7] = [
    "x_ValidFrom",
    "x_KnownFrom",
    "x_Glide",
    "x_MarketplaceCounts",
    "x_MarketplaceCap",
    "x_MarketplaceCapOf",
    "x_Conversions",
];

/// Those about a period.
pub(super) const OF_PERIOD: [&str; 3] = ["x_CarryOver", "x_TrueUp", "x_Milestones"];

/// The version of FOCUS that is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Edition {
    /// 1.3, with nothing of its own but `x_` columns.
    #[default]
    V1_3,
    /// The same with the columns of the preview of 1.4 that can be told.
    V1_4Preview,
}

/// The day of which the dataset is told.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'f> {
    /// The day.
    pub day: Date,
    /// As it was known on this day.
    pub known_on: Date,
    /// The figures of that day, where spend was taken in: they tell an exhausted period from an active one.
    pub figures: Option<&'f Figures>,
}

/// Writes the dataset as CSV.
///
/// # Errors
/// When nothing was known about the day, the zone is unknown, or a period ends with the calendar.
pub fn contract_commitments(
    commitment: &Commitment,
    snapshot: &Snapshot<'_>,
    edition: Edition,
) -> Result<String, FocusError> {
    let live = commitment
        .terms(snapshot.day, snapshot.known_on)
        .ok_or_else(|| FocusError::NoTerms { commitment: commitment.id.clone(), day: snapshot.day })?;
    let preview = (edition == Edition::V1_4Preview).then_some(PREVIEW);
    let columns: Vec<&str> = MANDATORY.into_iter().chain(preview).chain(OWN).chain(OF_TERMS).chain(OF_PERIOD).collect();
    let mut rows = Vec::new();
    for terms in commitment.versions() {
        for period in &terms.periods {
            let mut row = mandatory(commitment, live, terms, period)?.to_vec();
            row.extend(preview.map(|_| status(live, terms, period, snapshot).to_owned()));
            row.extend(own(commitment)?);
            row.extend(of_terms(terms)?);
            row.extend([word(&period.carry_over), json(&period.true_up)?, json(&period.milestones)?]);
            rows.push(row);
        }
    }
    written(&columns, &rows)
}

/// The id of a period as a commitment of its own, as `ContractApplied` names it: it stays when the terms are amended, and what it
/// had been then gets another.
pub fn period_id(commitment: &Commitment, period: &Period) -> String {
    format!("{}:{}", commitment.id, period.from)
}

fn mandatory(
    commitment: &Commitment,
    live: &Terms,
    terms: &Terms,
    period: &Period,
) -> Result<[String; 13], FocusError> {
    let zone = zone(&commitment.basis.zone)?;
    let id = match std::ptr::eq(live, terms) {
        true => period_id(commitment, period),
        false => format!("{}:{}:{}", period_id(commitment, period), terms.valid_from, terms.known_from),
    };
    Ok([
        commitment.currency.to_string(),
        "Spend".into(),
        String::from(period.amount),
        terms.note.clone(),
        id,
        ended(period.through, &zone)?,
        begins(period.from, &zone)?,
        String::new(),
        COMMITTED_SPEND.into(),
        String::new(),
        commitment.contract.clone(),
        ended(terms.ends(), &zone)?,
        begins(terms.starts(), &zone)?,
    ])
}

/// Where a row stands, in the words of 1.4.
fn status(live: &Terms, terms: &Terms, period: &Period, snapshot: &Snapshot<'_>) -> &'static str {
    if !std::ptr::eq(live, terms) {
        let later = terms.valid_from > snapshot.day || terms.known_from > snapshot.known_on;
        return if later { "Pending" } else { "Superseded" };
    }
    let now = snapshot.figures.filter(|figures| figures.period.from == period.from);
    match now {
        Some(figures) if figures.standing.1 == Standing::Replaced => "Superseded",
        _ if period.from > snapshot.day => "Pending",
        _ if period.through < snapshot.day => "Expired",
        Some(figures) if figures.period.remaining.most == Amount::ZERO => "Exhausted",
        _ => "Active",
    }
}

fn own(commitment: &Commitment) -> Result<[String; 8], FocusError> {
    let accounts = match &commitment.accounts {
        Accounts::All => String::new(),
        Accounts::Only(accounts) => json(accounts)?,
    };
    let succession = commitment.succession.as_ref().map(json).transpose()?;
    Ok([
        commitment.id.to_string(),
        commitment.party.to_string(),
        commitment.legal_entity.to_string(),
        commitment.cloud.to_string(),
        accounts,
        json(&commitment.basis)?,
        succession.unwrap_or_default(),
        if commitment.programs.is_empty() { String::new() } else { json(&commitment.programs)? },
    ])
}

fn of_terms(terms: &Terms) -> Result<[String; 7], FocusError> {
    let marketplace = &terms.marketplace;
    Ok([
        terms.valid_from.to_string(),
        terms.known_from.to_string(),
        json(&terms.glide)?,
        word(&marketplace.counts),
        word(&marketplace.cap),
        word(&marketplace.cap_of),
        if terms.conversions.is_empty() { String::new() } else { json(&terms.conversions)? },
    ])
}

fn json<T: Serialize>(value: &T) -> Result<String, FocusError> {
    Ok(serde_json::to_string(value)?)
}
