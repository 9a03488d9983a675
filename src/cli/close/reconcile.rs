//! `entente close reconcile`: what the general ledger holds, beside what it was told.

use std::path::PathBuf;

use entente_core::{
    close::{Extract, Reconciliation, reconcile},
    money::Currency,
};
use serde_json::json;

use crate::cli::{exit::Exit, failure::Failure, input, session::Session};

/// Compare what the general ledger holds with what it was told
#[derive(Debug, clap::Args)]
pub struct Reconcile {
    /// The batch, such as acme-us-2027-03
    #[arg(value_name = "BATCH")]
    batch: String,
    /// What the general ledger holds: a table with account, amount, currency and reference; a debit is positive
    #[arg(value_name = "GL.CSV")]
    file: PathBuf,
}

impl Reconcile {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let out = &session.out;
        let text = input::document(&self.file)?;
        let extract = Extract::from_csv(&text)
            .map_err(|error| Failure::usage(format!("{}: {error}", input::name(&self.file))))?;
        let month = super::seen(session, &self.batch).await?;
        let found = reconcile(&month.batch, &extract);
        let Reconciliation { matched, differences, totals } = &found;
        if out.is_json() {
            let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
            out.json(&json!({
                "batch": self.batch, "matched": matched, "findings": words, "differences": differences, "totals": totals,
            }))?;
        } else {
            differences.iter().for_each(|difference| out.data(&difference.to_string()));
            let cells = totals.iter().map(|total| {
                let sums = [total.exported, total.found, total.difference].map(|minor| amount(minor, total.currency));
                [vec![total.account.to_string(), total.currency.to_string()], sums.to_vec()].concat()
            });
            out.heading("Accounts");
            out.table(&["account", "currency", "exported", "found", "difference"], &cells.collect::<Vec<_>>());
        }
        out.say(&format!("{matched} lines as exported, {} differences", differences.len()));
        Ok(if differences.is_empty() { Exit::Ok } else { Exit::Differences })
    }
}

/// A sum of minor units, which may be larger than any amount.
fn amount(minor: i128, currency: Currency) -> String {
    let one = 10_i128.pow(currency.decimals());
    let (whole, part) = (minor.unsigned_abs() / one.unsigned_abs(), minor.unsigned_abs() % one.unsigned_abs());
    let sign = if minor < 0 { "-" } else { "" };
    match currency.decimals() {
        0 => format!("{sign}{whole}"),
        decimals => format!("{sign}{whole}.{part:0width$}", width = decimals as usize),
    }
}
