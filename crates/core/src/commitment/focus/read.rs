//! A `ContractCommitment` dataset that this program wrote, read back.

use serde_json::{Value, json};

use super::{
    FocusError,
    commitments::{MANDATORY, OF_PERIOD, OF_TERMS, OWN},
    table::{Row, each, zone},
};
use crate::commitment::{amount::Amount, basis::Basis, model::Commitment};

/// A commitment on its way back.
struct Gathered {
    /// The cells about the whole commitment.
    cells: Vec<String>,
    head: Value,
    basis: Basis,
    versions: Vec<Version>,
}

struct Version {
    /// The cells about these terms.
    cells: Vec<String>,
    head: Value,
    periods: Vec<Value>,
}

/// What is the same in every row of a commitment.
fn shared() -> impl Iterator<Item = &'static str> {
    OWN.into_iter().chain(["BillingCurrency", "ContractId"])
}

/// What is the same in every row of a version of its terms.
fn shared_terms() -> impl Iterator<Item = &'static str> {
    OF_TERMS.into_iter().chain(["ContractCommitmentDescription", "ContractPeriodEnd", "ContractPeriodStart"])
}

/// Reads commitments back. What the rows say is checked as a commitment's own file is.
///
/// # Errors
/// When columns are missing, a cell is not what its column holds, rows contradict each other, or a commitment does not hold
/// together.
pub fn read_contract_commitments(text: &str) -> Result<Vec<Commitment>, FocusError> {
    // A commitment's own reader checks what dates and amounts say to each other.
    let read = |document: &String| Ok(Commitment::from_yaml("ContractCommitment.csv", document)?);
    contract_documents(text)?.iter().map(read).collect()
}

/// Whether a text is such a dataset, by its first line.
pub fn is_contract_commitments(text: &str) -> bool {
    let heading = text.lines().next().unwrap_or_default();
    ["ContractCommitmentCost", "x_CommitmentId"].iter().all(|column| heading.split(',').any(|name| name == *column))
}

/// The commitments of a dataset as documents, such as a person writes them; JSON is YAML, too.
///
/// # Errors
/// When columns are missing, a cell is not what its column holds, or rows contradict each other.
pub fn contract_documents(text: &str) -> Result<Vec<String>, FocusError> {
    let needed: Vec<&'static str> = MANDATORY.into_iter().chain(OWN).chain(OF_TERMS).chain(OF_PERIOD).collect();
    let mut found: Vec<Gathered> = Vec::new();
    each(text, &needed, |row| {
        let gathered = gather(&mut found, &row)?;
        let zone = zone(&gathered.basis.zone)?;
        let period = json!({
            "from": row.day("ContractCommitmentPeriodStart", &zone)?,
            "through": row.last_day("ContractCommitmentPeriodEnd", &zone)?,
            "amount": row.parsed::<Amount>("ContractCommitmentCost")?,
            "carry_over": row.get("x_CarryOver"),
            "true_up": value(&row, "x_TrueUp")?,
            "milestones": value(&row, "x_Milestones")?,
        });
        version(gathered, &row)?.periods.push(period);
        Ok(())
    })?;
    found.into_iter().map(Gathered::document).collect()
}

fn gather<'g>(found: &'g mut Vec<Gathered>, row: &Row<'_>) -> Result<&'g mut Gathered, FocusError> {
    let cells: Vec<String> = shared().map(|column| row.get(column).to_owned()).collect();
    let place = match found.iter().position(|gathered| gathered.cells.first() == cells.first()) {
        Some(place) => place,
        None => {
            let head = json!({
                "commitment": row.get("x_CommitmentId"),
                "contract": row.get("ContractId"),
                "party": row.get("x_Party"),
                "legal_entity": row.get("x_LegalEntity"),
                "cloud": row.get("x_Cloud"),
                "currency": row.get("BillingCurrency"),
                "accounts": value(row, "x_Accounts")?,
                "basis": value(row, "x_Basis")?,
                "succession": value(row, "x_Succession")?,
                "programs": list(row, "x_Programs")?,
            });
            let basis = serde_json::from_str(row.get("x_Basis")).map_err(|error| row.wrong("x_Basis", &error))?;
            found.push(Gathered { cells: cells.clone(), head, basis, versions: Vec::new() });
            found.len() - 1
        }
    };
    let gathered = found.get_mut(place).ok_or_else(|| contradicts(row, "x_CommitmentId"))?;
    match shared().zip(gathered.cells.iter().zip(&cells)).find(|(_, (a, b))| a != b) {
        None => Ok(gathered),
        Some((column, _)) => Err(contradicts(row, column)),
    }
}

fn contradicts(row: &Row<'_>, column: &'static str) -> FocusError {
    FocusError::Contradiction { row: row.number, column, commitment: row.get("x_CommitmentId").to_owned() }
}

fn version<'g>(gathered: &'g mut Gathered, row: &Row<'_>) -> Result<&'g mut Version, FocusError> {
    let cells: Vec<String> = shared_terms().map(|column| row.get(column).to_owned()).collect();
    let same = |version: &Version| version.cells.iter().take(2).eq(cells.iter().take(2));
    let place = match gathered.versions.iter().position(same) {
        Some(place) => place,
        None => {
            let head = json!({
                "valid_from": row.get("x_ValidFrom"),
                "known_from": row.get("x_KnownFrom"),
                "note": row.get("ContractCommitmentDescription"),
                "glide": value(row, "x_Glide")?,
                "marketplace": {
                    "counts": row.get("x_MarketplaceCounts"),
                    "cap": row.get("x_MarketplaceCap"),
                    "cap_of": row.get("x_MarketplaceCapOf"),
                },
                "conversions": list(row, "x_Conversions")?,
            });
            gathered.versions.push(Version { cells: cells.clone(), head, periods: Vec::new() });
            gathered.versions.len() - 1
        }
    };
    let found = gathered.versions.get_mut(place).ok_or_else(|| contradicts(row, "x_ValidFrom"))?;
    match shared_terms().zip(found.cells.iter().zip(&cells)).find(|(_, (a, b))| a != b) {
        None => Ok(found),
        Some((column, _)) => Err(contradicts(row, column)),
    }
}

impl Gathered {
    fn document(self) -> Result<String, FocusError> {
        let versions = self.versions.into_iter().map(|version| {
            let mut terms = version.head;
            put(&mut terms, "periods", Value::Array(version.periods));
            terms
        });
        let mut document = self.head;
        put(&mut document, "versions", versions.collect());
        Ok(serde_json::to_string_pretty(&document)?)
    }
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value);
    }
}

/// A cell that holds a list; an empty one where it is null.
fn list(row: &Row<'_>, column: &'static str) -> Result<Value, FocusError> {
    Ok(match value(row, column)? {
        Value::Null => json!([]),
        some => some,
    })
}

/// A cell that holds JSON; nothing where it is null.
fn value(row: &Row<'_>, column: &'static str) -> Result<Value, FocusError> {
    match row.get(column) {
        "" => Ok(Value::Null),
        text => serde_json::from_str(text).map_err(|error| row.wrong(column, &error)),
    }
}
