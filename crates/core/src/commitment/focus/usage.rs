//! Daily sums as rows of the `CostAndUsage` dataset.

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::TimeZone};

use super::{
    FocusError,
    allocation::{Allocated, Share, allocate},
    applied::contract_applied,
    commitments::{COMMITTED_SPEND, period_id},
    table::{begins, each, ended, written, zone},
};
use crate::commitment::{
    amount::{Amount, Percent},
    band::Weight,
    basis::word,
    drawdown::{Drawdown, Share as Split},
    eligibility::Sums,
    model::{Commitment, Terms},
    sums::{Part, Partition, SumKey},
};

/// The columns of the export, in their order.
pub const USAGE_COLUMNS: [&str; 34] = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractApplied",
    "ContractedCost",
    "EffectiveCost",
    "HostProviderName",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "ServiceProviderName",
    "ServiceSubcategory",
    "x_CommitmentId",
    "x_CostBasis",
    "x_CountsLeast",
    "x_CountsMost",
    "x_Part",
    "x_Partition",
    "x_Reason",
];

/// What 1.4 has no more.
const GONE: [&str; 2] = ["ProviderName", "PublisherName"];

/// What 1.4 adds for charges that commitment programmes could cover.
const PROGRAMS: &str = "CommitmentProgramEligibilityDetails";

/// Behind which column that stands.
const BEFORE_PROGRAMS: &str = "ChargePeriodStart";

/// Who sells what is bought on the marketplace: sums do not tell.
const UNTOLD: &str = "(not told)";

/// Writes the daily sums to a day, each with what of it counts for which period.
///
/// # Errors
/// As [`allocate`], and when a day has no next one.
pub fn cost_and_usage(
    commitment: &Commitment,
    drawdown: &Drawdown,
    as_of: Date,
    known_on: Date,
    shares: (Split, Split),
) -> Result<String, FocusError> {
    let no_terms = || FocusError::NoTerms { commitment: commitment.id.clone(), day: as_of };
    let terms = commitment.terms(as_of, known_on).ok_or_else(no_terms)?;
    let zone = zone(&commitment.basis.zone)?;
    let allocated = allocate(commitment, drawdown, as_of, known_on, shares)?;
    let rows = allocated.iter().map(|share| row(commitment, terms, share, &zone)).collect::<Result<Vec<_>, _>>()?;
    written(&USAGE_COLUMNS, &rows)
}

/// The same in the columns of 1.4: without the names of provider and publisher, and with the commitment among the programmes that could
/// cover what surely counts, by the names that the contract knows, else as its own dataset calls it.
///
/// # Errors
/// As [`cost_and_usage`].
pub fn cost_and_usage_preview(
    commitment: &Commitment,
    drawdown: &Drawdown,
    as_of: Date,
    known_on: Date,
    shares: (Split, Split),
) -> Result<String, FocusError> {
    let text = cost_and_usage(commitment, drawdown, as_of, known_on, shares)?;
    let kept = || USAGE_COLUMNS.into_iter().filter(|column| !GONE.contains(column));
    let with =
        |column: &'static str| [Some(column), (column == BEFORE_PROGRAMS).then_some(PROGRAMS)].into_iter().flatten();
    let columns: Vec<&str> = kept().flat_map(with).collect();
    let programs = eligible_for(commitment);
    let mut rows = Vec::new();
    each(&text, &USAGE_COLUMNS, |row| {
        let counts = row.parsed::<Percent>("x_CountsLeast")? > Percent::NONE;
        let cell = |column: &&str| match *column {
            PROGRAMS if counts => programs.clone(),
            PROGRAMS => String::new(),
            column => row.get(column).to_owned(),
        };
        rows.push(columns.iter().map(cell).collect());
        Ok(())
    })?;
    written(&columns, &rows)
}

/// The object that names the programmes.
fn eligible_for(commitment: &Commitment) -> String {
    let mut types: Vec<&str> = commitment.programs.iter().map(String::as_str).collect();
    if types.is_empty() {
        types.push(COMMITTED_SPEND);
    }
    let programs: Vec<_> = types.iter().map(|name| serde_json::json!({ "ProgramType": name })).collect();
    serde_json::json!({ "CommitmentPrograms": programs }).to_string()
}

fn row(commitment: &Commitment, terms: &Terms, share: &Share<'_>, zone: &TimeZone) -> Result<Vec<String>, FocusError> {
    let (key, cost, cloud) = (share.key, String::from(share.amount), commitment.cloud.to_string());
    let seller = if key.part == Part::Cloud { cloud.clone() } else { UNTOLD.to_owned() };
    let period =
        share.period.and_then(|place| terms.periods.get(place)).filter(|_| share.counts != Allocated::default());
    let applied = period.map(|period| contract_applied(&period_id(commitment, period), share.counts));
    Ok(vec![
        cost.clone(),
        key.account.clone(),
        key.account.clone(),
        commitment.currency.to_string(),
        ended(key.day.last_of_month(), zone)?,
        begins(key.day.first_of_month(), zone)?,
        // A sum of charges of several categories: FOCUS has no word for it.
        "Adjustment".into(),
        String::new(),
        format!("Daily sum of {}", key.product),
        "One-Time".into(),
        ended(key.day, zone)?,
        begins(key.day, zone)?,
        applied.unwrap_or_default(),
        cost.clone(),
        cost.clone(),
        cloud.clone(),
        String::new(),
        cloud.clone(),
        cost,
        String::new(),
        String::new(),
        cloud,
        seller.clone(),
        "Other".into(),
        key.product.clone(),
        seller,
        "Other (Other)".into(),
        commitment.id.to_string(),
        word(&commitment.basis.cost),
        key.weight.least.decimal().to_string(),
        key.weight.most.decimal().to_string(),
        word(&key.part),
        share.partition.0.clone(),
        key.reason.to_string(),
    ])
}

/// Reads the daily sums of a commitment back, by partition.
///
/// # Errors
/// When columns are missing, a cell is not what its column holds, or the sums are of another commitment.
pub fn read_cost_and_usage(text: &str, commitment: &Commitment) -> Result<BTreeMap<Partition, Sums>, FocusError> {
    let zone = zone(&commitment.basis.zone)?;
    let mut found: BTreeMap<Partition, Sums> = BTreeMap::new();
    let needed: Vec<&'static str> = USAGE_COLUMNS.into_iter().filter(|column| !GONE.contains(column)).collect();
    each(text, &needed, |row| {
        let given: crate::commitment::CommitmentId = row.parsed("x_CommitmentId")?;
        if given != commitment.id {
            return Err(FocusError::Other { sums: given, commitment: commitment.id.clone() });
        }
        let day: Date = row.day("ChargePeriodStart", &zone)?;
        let part = serde_json::from_value(row.get("x_Part").into()).map_err(|error| row.wrong("x_Part", &error))?;
        let key = SumKey {
            day,
            account: row.get("BillingAccountId").to_owned(),
            product: row.get("ServiceName").to_owned(),
            part,
            reason: row.parsed("x_Reason")?,
            weight: Weight { least: row.parsed("x_CountsLeast")?, most: row.parsed("x_CountsMost")? },
        };
        let amount: Amount = row.parsed("BilledCost")?;
        let before = found.entry(Partition(row.get("x_Partition").to_owned())).or_default().insert(key, amount);
        match before {
            None => Ok(()),
            Some(_) => Err(row.wrong("ChargePeriodStart", &"the same daily sum stands there twice")),
        }
    })?;
    Ok(found)
}
