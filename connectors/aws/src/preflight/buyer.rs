//! To whom an offer is made.

use std::collections::BTreeSet;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, breach, rule};

const ACCOUNTS_MAX: usize = 26;

pub(super) const RULES: &[Rule] = &[
    rule("AWS-005", "each buyer account is an AWS account id of 12 digits", PRIVATE_OFFERS, digits),
    rule("AWS-006", "an offer is for 1 to 26 accounts, each named once", PRIVATE_OFFERS, number),
];

fn digits(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    for (at, account) in subject.offer.buyer.accounts.iter().enumerate() {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{}` is not an AWS account id", account.chars().take(40).collect::<String>());
            breach(breaches, format!("/buyer/accounts/{at}"), message, "write the 12 digits without dashes");
        }
    }
}

fn number(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let accounts = &subject.offer.buyer.accounts;
    if accounts.is_empty() || accounts.len() > ACCOUNTS_MAX {
        let message = format!("the offer is for {} accounts", accounts.len());
        breach(breaches, "/buyer/accounts", message, format!("name 1 to {ACCOUNTS_MAX} accounts"));
    }
    let mut seen = BTreeSet::new();
    for (at, account) in accounts.iter().enumerate() {
        if !seen.insert(account) {
            breach(breaches, format!("/buyer/accounts/{at}"), format!("`{account}` is named twice"), "name it once");
        }
    }
}
