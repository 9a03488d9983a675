//! Drafts of files that can be sent, at random.

use entente_payments::{AccountDraft, FileDraft, GroupDraft, TransferDraft};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::sample::{draft, group, money, transfer};

const CURRENCIES: [&str; 4] = ["EUR", "USD", "JPY", "KWD"];

fn payee() -> impl Strategy<Value = TransferDraft> {
    let accounts = select(vec![
        AccountDraft::Iban("DE89370400440532013000".into()),
        AccountDraft::Iban("KW81CBKU0000000000001234560101".into()),
        AccountDraft::Other("0001-2345 (a)".into()),
    ]);
    let bic = option::of(select(vec!["COBADEFFXXX".to_owned(), "CHASUS33".to_owned()]));
    let name = "[A-Za-zÄöüß&@<]{0,3}[A-Za-z]{1,20}[&' .a-zé]{0,30}".prop_map(|name| name.replace('<', "("));
    (name, accounts, bic, "[a-zA-Z0-9 &\"';.,_é-]{0,60}", 1..1_000_000_000_i64).prop_map(
        |(creditor_name, creditor_account, creditor_bic, remittance, minor)| TransferDraft {
            creditor_name,
            creditor_account,
            creditor_bic,
            remittance,
            ..transfer("", money(minor, "EUR"))
        },
    )
}

/// A file with one to four groups, whose transfers are numbered through.
pub fn any_file() -> impl Strategy<Value = FileDraft> {
    vec(vec(payee(), 1..12), 1..=4).prop_map(|of_groups| {
        let mut number = 0;
        let groups: Vec<GroupDraft> = of_groups
            .into_iter()
            .zip(CURRENCIES)
            .map(|(payees, code)| {
                let numbered = payees.into_iter().map(|payee| {
                    number += 1;
                    let amount = money(payee.amount.minor, code);
                    TransferDraft { end_to_end_id: format!("T-{number}"), amount, ..payee }
                });
                group(code, code, numbered.collect())
            })
            .collect();
        draft(groups)
    })
}
