//! What the general ledger holds of a batch, beside what it was told: every difference is named, and they add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Batch, GlAccount, Line, NotAnAccount};
use crate::money::{Currency, Money, MoneyError};

/// A row of what the general ledger holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number in the extract, from 1, the heading apart.
    pub row: usize,
    /// The account.
    pub account: GlAccount,
    /// How much; a debit is positive.
    pub amount: Money,
    /// What it was told under.
    pub reference: String,
}

/// What the general ledger holds, as a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extract {
    /// The rows.
    pub rows: Vec<Row>,
}

/// An extract that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// It is no table.
    #[error("the extract is no table with the columns `account`, `amount`, `currency` and `reference`: {0}")]
    Table(String),
    /// An account is none.
    #[error("row {row}, field `account`: {error}")]
    Account {
        /// The row.
        row: usize,
        /// What is wrong.
        error: NotAnAccount,
    },
    /// An amount or a currency is none.
    #[error("row {row}, field `{field}`: {error}")]
    Amount {
        /// The row.
        row: usize,
        /// The field.
        field: &'static str,
        /// What is wrong.
        error: MoneyError,
    },
}

#[derive(Deserialize)]
struct Columns {
    account: String,
    amount: String,
    currency: String,
    reference: String,
}

impl Extract {
    /// Reads a table in CSV with the columns `account`, `amount`, `currency` and `reference`; others are left alone. A
    /// debit is positive, a credit negative.
    ///
    /// # Errors
    /// With the row and the field that is wrong.
    pub fn from_csv(text: &str) -> Result<Extract, ExtractError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for (read, row) in reader.deserialize::<Columns>().zip(1..) {
            let Columns { account, amount, currency, reference } =
                read.map_err(|error| ExtractError::Table(error.to_string()))?;
            let wrong = |field| move |error| ExtractError::Amount { row, field, error };
            let currency: Currency = currency.parse().map_err(wrong("currency"))?;
            let amount = Money::parse(&amount, currency).map_err(wrong("amount"))?;
            let account = account.parse().map_err(|error| ExtractError::Account { row, error })?;
            // What was exported as text that begins like a formula has a `'` before it.
            let plain = reference.strip_prefix('\'').filter(|plain| plain.starts_with(['=', '+', '-', '@']));
            let reference = plain.unwrap_or(&reference).to_owned();
            rows.push(Row { row, account, amount, reference });
        }
        Ok(Extract { rows })
    }
}

/// Where the general ledger is not what it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// A line is not there.
    Missing {
        /// The line's reference.
        reference: String,
        /// Its account.
        account: GlAccount,
        /// Its amount; a debit is positive.
        exported: Money,
    },
    /// A line is there more than once, or with more than one amount.
    Twice {
        /// The line's reference.
        reference: String,
        /// The row that is too much.
        row: Row,
    },
    /// A line is there with another amount or currency.
    OtherAmount {
        /// The line's account.
        account: GlAccount,
        /// What was exported.
        exported: Money,
        /// What is there.
        row: Row,
    },
    /// A line is there on another account.
    OtherAccount {
        /// The line's account.
        account: GlAccount,
        /// What was exported.
        exported: Money,
        /// What is there.
        row: Row,
    },
    /// Nothing was exported under the reference.
    Unknown {
        /// What is there.
        row: Row,
    },
}

/// An account in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountTotal {
    /// The account.
    pub account: GlAccount,
    /// The currency.
    pub currency: Currency,
    /// What was exported, in minor units; debits are positive.
    pub exported: i128,
    /// What is there.
    pub found: i128,
    /// What is there too much, or too little; the differences of the account sum up to it.
    pub difference: i128,
}

/// A batch beside what the general ledger holds of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Lines that are there as they were exported.
    pub matched: usize,
    /// Every difference, by reference and row.
    pub differences: Vec<Difference>,
    /// Every account that was exported or found.
    pub totals: Vec<AccountTotal>,
}

/// An account in one currency.
type Place = (GlAccount, Currency);

/// Compares a batch with what the general ledger holds.
pub fn reconcile(batch: &Batch, extract: &Extract) -> Reconciliation {
    let mut rows: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &extract.rows {
        rows.entry(row.reference.as_str()).or_default().push(row);
    }
    let mut found = Reconciliation::default();
    for line in &batch.lines {
        let of_line = rows.remove(line.reference.as_str()).unwrap_or_default();
        compare(line, of_line, &mut found);
    }
    let unknown = rows.into_values().flatten().map(|row| Difference::Unknown { row: row.clone() });
    found.differences.extend(unknown);
    found.totals = totals(batch, extract);
    found
}

/// The rows under a line's reference: the one that is as exported, else the first, stands for it; the others are too much.
fn compare(line: &Line, mut rows: Vec<&Row>, found: &mut Reconciliation) {
    let exported = Money { minor: line.signed(), ..line.amount };
    let (reference, account) = (line.reference.clone(), line.account.clone());
    if rows.is_empty() {
        found.differences.push(Difference::Missing { reference, account, exported });
        return;
    }
    let same = |row: &&Row| row.account == account && row.amount == exported;
    let row = rows.remove(rows.iter().position(same).unwrap_or(0));
    match (row.account == account, row.amount == exported) {
        (true, true) => found.matched += 1,
        (true, false) => found.differences.push(Difference::OtherAmount { account, exported, row: row.clone() }),
        (false, _) => found.differences.push(Difference::OtherAccount { account, exported, row: row.clone() }),
    }
    let extra = rows.into_iter().map(|row| Difference::Twice { reference: reference.clone(), row: row.clone() });
    found.differences.extend(extra);
}

fn totals(batch: &Batch, extract: &Extract) -> Vec<AccountTotal> {
    let mut sums: BTreeMap<Place, (i128, i128)> = BTreeMap::new();
    for line in &batch.lines {
        let sum = sums.entry((line.account.clone(), line.amount.currency)).or_default();
        sum.0 += i128::from(line.signed());
    }
    for row in &extract.rows {
        let sum = sums.entry((row.account.clone(), row.amount.currency)).or_default();
        sum.1 += i128::from(row.amount.minor);
    }
    let total = |((account, currency), (exported, found)): (Place, (i128, i128))| AccountTotal {
        account,
        currency,
        exported,
        found,
        difference: found - exported,
    };
    sums.into_iter().map(total).collect()
}

impl Difference {
    /// What it changes, account by account: signed minor units, debits positive.
    pub fn effects(&self) -> Vec<(Place, i128)> {
        let there = |row: &Row| ((row.account.clone(), row.amount.currency), i128::from(row.amount.minor));
        let lost =
            |account: &GlAccount, exported: &Money| ((account.clone(), exported.currency), -i128::from(exported.minor));
        match self {
            Difference::Missing { account, exported, .. } => vec![lost(account, exported)],
            Difference::Twice { row, .. } | Difference::Unknown { row } => vec![there(row)],
            Difference::OtherAmount { account, exported, row }
            | Difference::OtherAccount { account, exported, row } => {
                vec![lost(account, exported), there(row)]
            }
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Difference::Missing { reference, account, exported } => {
                write!(f, "`{reference}` is missing: {exported} on account `{account}` was exported")
            }
            Difference::Twice { reference, row } => {
                write!(f, "`{reference}` is there twice: row {} has {} on `{}` more", row.row, row.amount, row.account)
            }
            Difference::OtherAmount { account, exported, row } => {
                let (reference, there) = (&row.reference, row.amount);
                write!(f, "`{reference}` is {there} on `{account}` in row {}, and {exported} was exported", row.row)
            }
            Difference::OtherAccount { account, exported, row } => {
                let (reference, there, amount) = (&row.reference, &row.account, row.amount);
                write!(
                    f,
                    "`{reference}` is {amount} on `{there}` in row {}, and {exported} on `{account}` was exported",
                    row.row
                )
            }
            Difference::Unknown { row } => {
                let (reference, account, amount) = (&row.reference, &row.account, row.amount);
                write!(f, "`{reference}` was never exported: row {} has {amount} on `{account}`", row.row)
            }
        }
    }
}
