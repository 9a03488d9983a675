//! What reading a spreadsheet has shown.

use std::collections::BTreeMap;

use entente_core::money::{Currency, Money};
use serde::Serialize;

use super::mapping::Status;

/// The most defects that are kept; all are counted.
pub const DEFECTS_MOST: usize = 10_000;

/// Something that keeps a file from being brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Defect {
    /// The row.
    pub row: u64,
    /// The column, by its heading.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it, and what to do.
    pub problem: String,
}

/// What lines of one fund and status add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// The fund.
    pub fund: String,
    /// What has become of them: `granted` or `paid`.
    pub status: &'static str,
    /// How much.
    pub amount: Money,
    /// How many lines.
    pub lines: u64,
}

/// What reading a spreadsheet has shown.
#[derive(Debug, Default)]
pub struct Report {
    /// Rows below the heading that say something.
    pub rows: u64,
    /// Those that are new.
    pub new: u64,
    /// Those that were brought in before and say the same.
    pub known: u64,
    /// Those of which nothing came.
    pub over: u64,
    /// How many defects there are.
    pub defective: u64,
    /// The first of them.
    pub defects: Vec<Defect>,
    /// The most rows that were held at once.
    pub most_held: usize,
    /// The import that has brought in the very same file, read in another way.
    pub elsewhere: Option<String>,
    sums: BTreeMap<(String, Status, Currency), (i64, u64)>,
}

impl Report {
    /// Notes a defect.
    pub(super) fn defect(&mut self, defect: Defect) {
        self.defective += 1;
        if self.defects.len() < DEFECTS_MOST {
            self.defects.push(defect);
        }
    }

    /// Adds a new line; false when the sum is more than can be counted.
    pub(super) fn add(&mut self, fund: &str, status: Status, amount: Money) -> bool {
        let sum = self.sums.entry((fund.to_owned(), status, amount.currency)).or_default();
        let Some(total) = sum.0.checked_add(amount.minor) else { return false };
        *sum = (total, sum.1 + 1);
        self.new += 1;
        true
    }

    /// What the new lines add up to, by fund and status.
    pub fn sums(&self) -> Vec<Sum> {
        let sums = self.sums.iter().map(|((fund, status, currency), (minor, lines))| Sum {
            fund: fund.clone(),
            status: if *status == Status::Granted { "granted" } else { "paid" },
            amount: Money { minor: *minor, currency: *currency },
            lines: *lines,
        });
        sums.collect()
    }
}
