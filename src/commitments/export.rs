//! A commitment as files for others: FOCUS, and tables for a warehouse.

use entente_core::commitment::{
    eligibility::Rules,
    focus::{Edition, Snapshot, contract_commitments, cost_and_usage, cost_and_usage_preview},
    warehouse::{DAILY_SUMS, tables},
};
use jiff::civil::Date;
use serde::Deserialize;

use super::{CommitmentError, family::Family};

/// What is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// The contract as the `ContractCommitment` dataset of FOCUS 1.3.
    #[default]
    Focus,
    /// The same with what the preview of FOCUS 1.4 adds and can be told.
    FocusPreview,
    /// Daily sums as the `CostAndUsage` dataset of FOCUS 1.3, with what of each counts.
    ContractApplied,
    /// The same in the columns of the preview of FOCUS 1.4.
    ContractAppliedPreview,
}

/// A file by its name.
pub type File = (String, String);

/// A commitment as files of FOCUS.
///
/// # Errors
/// When nothing was known about the day, a period ends with the calendar, or a sum is no longer exact.
pub fn made(family: &Family, as_of: Date, format: Format) -> Result<Vec<File>, CommitmentError> {
    match format {
        Format::Focus => focus(family, as_of, Edition::V1_3),
        Format::FocusPreview => focus(family, as_of, Edition::V1_4Preview),
        Format::ContractApplied => applied(family, as_of, Edition::V1_3),
        Format::ContractAppliedPreview => applied(family, as_of, Edition::V1_4Preview),
    }
}

/// The `ContractCommitment` dataset.
///
/// # Errors
/// When nothing was known about the day, or a period ends with the calendar.
pub fn focus(family: &Family, as_of: Date, edition: Edition) -> Result<Vec<File>, CommitmentError> {
    let (commitment, _) = family.own()?;
    let figures = family.figures(as_of)?;
    let snapshot = Snapshot { day: as_of, known_on: family.known_on(), figures: Some(&figures) };
    let text = contract_commitments(commitment, &snapshot, edition)?;
    Ok(vec![(format!("{}.ContractCommitment.csv", commitment.id), text)])
}

/// The daily sums to a day as `CostAndUsage`, with `ContractApplied`.
///
/// # Errors
/// As [`focus`], and when a sum is no longer exact.
pub fn applied(family: &Family, as_of: Date, edition: Edition) -> Result<Vec<File>, CommitmentError> {
    let (commitment, drawdown) = family.own()?;
    let write = match edition {
        Edition::V1_3 => cost_and_usage,
        Edition::V1_4Preview => cost_and_usage_preview,
    };
    let text = write(commitment, drawdown, as_of, family.known_on(), family.shares(as_of)?)?;
    Ok(vec![(format!("{}.CostAndUsage.csv", commitment.id), text)])
}

/// The contract, its terms and the rules in force as tables, with the statement that joins them with charges.
///
/// # Errors
/// When nothing was known on the day, or a rule names what tables cannot hold.
pub fn warehouse(family: &Family, rules: &Rules) -> Result<Vec<File>, CommitmentError> {
    let (commitment, _) = family.own()?;
    let tables = tables(commitment, rules, family.known_on())?;
    let named = tables.into_iter().map(|(name, text)| (format!("{name}.csv"), text));
    Ok(named.chain([("daily_sums.sql".to_owned(), DAILY_SUMS.to_owned())]).collect())
}
