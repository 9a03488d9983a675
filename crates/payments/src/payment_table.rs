//! The payments of a file as a CSV table, for people and for banks that take no XML.

use std::io;

use crate::{
    file::PaymentFile,
    table::{self, Cell},
};

/// The columns, in their order.
pub const COLUMNS: [&str; 14] = [
    "message_id",
    "group_id",
    "execute_on",
    "debtor_name",
    "debtor_account",
    "debtor_bic",
    "end_to_end_id",
    "amount",
    "currency",
    "creditor_name",
    "creditor_account",
    "creditor_bic",
    "creditor_country",
    "remittance",
];

/// Writes one row per transfer; the same file gives the same bytes.
///
/// # Errors
/// Those of `out`.
pub fn write(file: &PaymentFile, mut out: impl io::Write) -> io::Result<()> {
    let of_group =
        file.groups().iter().flat_map(|group| group.transfers().iter().map(move |transfer| (group, transfer)));
    // The texts that are made here live beside the rows that borrow them.
    let made: Vec<_> = of_group
        .map(|(group, transfer)| {
            (group, transfer, group.execute_on().to_string(), transfer.creditor_country().to_string())
        })
        .collect();
    let rows = made.iter().map(|(group, transfer, execute_on, country)| {
        vec![
            Cell::Text(file.message_id().as_str()),
            Cell::Text(group.id().as_str()),
            Cell::Text(execute_on),
            Cell::Text(group.debtor_name().as_str()),
            Cell::Text(group.debtor_account().as_str()),
            Cell::Text(group.debtor_bic().map_or("", |bic| bic.as_str())),
            Cell::Text(transfer.end_to_end_id().as_str()),
            Cell::Amount(transfer.amount()),
            Cell::Text(group.currency().code()),
            Cell::Text(transfer.creditor_name().as_str()),
            Cell::Text(transfer.creditor_account().as_str()),
            Cell::Text(transfer.creditor_bic().map_or("", |bic| bic.as_str())),
            Cell::Text(country),
            Cell::Text(transfer.remittance().map_or("", |text| text.as_str())),
        ]
    });
    table::write(&COLUMNS, rows, &mut out)
}
