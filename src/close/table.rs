//! A batch as a table for the general ledger.

use std::io;

use entente_core::{
    close::{Batch, Side},
    money::Money,
};
use entente_payments::table::{Cell, write};

const HEADING: [&str; 15] = [
    "batch",
    "reference",
    "posted_on",
    "entity",
    "account",
    "cost_centre",
    "debit",
    "credit",
    "currency",
    "kind",
    "what",
    "programme",
    "fund",
    "treatment",
    "origin",
];

/// The lines of a batch as CSV; no cell is taken for a formula.
///
/// # Errors
/// When it cannot be written.
pub fn csv(batch: &Batch) -> io::Result<String> {
    let days: Vec<String> = batch.lines.iter().map(|line| line.posted_on.to_string()).collect();
    let rows = batch.lines.iter().zip(&days).map(|(line, posted_on)| {
        let nothing = Money::zero(line.amount.currency);
        let (debit, credit) = match line.side {
            Side::Debit => (line.amount, nothing),
            Side::Credit => (nothing, line.amount),
        };
        vec![
            Cell::Text(&batch.id),
            Cell::Text(&line.reference),
            Cell::Text(posted_on),
            Cell::Text(batch.entity.as_str()),
            Cell::Text(line.account.as_str()),
            Cell::Text(&line.cost_centre),
            Cell::Amount(debit),
            Cell::Amount(credit),
            Cell::Text(line.amount.currency.code()),
            Cell::Text(line.kind.word()),
            Cell::Text(line.what.word()),
            Cell::Text(line.programme.as_str()),
            Cell::Text(&line.fund),
            Cell::Text(line.treatment.word()),
            Cell::Text(line.origin.as_deref().unwrap_or_default()),
        ]
    });
    let mut out = Vec::new();
    write(&HEADING, rows, &mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}
