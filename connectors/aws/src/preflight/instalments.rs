//! When a contract is charged.

use std::collections::BTreeSet;

use entente_core::offer::document::Instalment;
use rust_decimal::Decimal;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, breach, rule};

const INSTALMENTS_MAX: usize = 60;
const DECIMALS_MAX: u32 = 2;
const AMOUNT_MAX: i64 = 100_000_000;

pub(super) const RULES: &[Rule] = &[
    rule("AWS-028", "a payment schedule has at most 60 instalments", PRIVATE_OFFERS, number),
    rule("AWS-029", "each instalment has its own day", PRIVATE_OFFERS, unique_days),
    rule("AWS-030", "at most one instalment is due by the last day to accept", PRIVATE_OFFERS, due_by_expiry),
    rule("AWS-031", "no instalment is due in the past", PRIVATE_OFFERS, not_past),
    rule(
        "AWS-032",
        "the last instalment is due before the agreement ends, were it accepted today",
        PRIVATE_OFFERS,
        before_end,
    ),
    rule("AWS-033", "an instalment has at most 2 decimals and is at most 100000000", PRIVATE_OFFERS, amounts),
];

const POINTER: &str = "/pricing/contract/instalments";

fn instalments<'a>(subject: &'a Subject<'_>) -> &'a [Instalment] {
    subject.offer.pricing.contract.as_ref().map_or(&[], |contract| &contract.instalments)
}

fn number(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let count = instalments(subject).len();
    if count > INSTALMENTS_MAX {
        breach(breaches, POINTER, format!("there are {count} instalments"), format!("write at most {INSTALMENTS_MAX}"));
    }
}

fn unique_days(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let mut seen = BTreeSet::new();
    for (at, due) in instalments(subject).iter().enumerate() {
        if !seen.insert(due.date) {
            breach(
                breaches,
                format!("{POINTER}/{at}/date"),
                format!("two instalments are due on {}", due.date),
                "put both into one, or move one",
            );
        }
    }
}

fn due_by_expiry(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let last = subject.offer.expires_on;
    let early = instalments(subject).iter().filter(|due| due.date <= last).count();
    if early > 1 {
        let message = format!("{early} instalments are due by the last day to accept, {last}");
        breach(breaches, POINTER, message, "leave one of them there, and move the others behind that day");
    }
}

fn not_past(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    for (at, due) in instalments(subject).iter().enumerate().filter(|(_, due)| due.date < subject.today) {
        let message = format!("{} is in the past (it is {} in UTC)", due.date, subject.today);
        breach(breaches, format!("{POINTER}/{at}/date"), message, "write today or a later day");
    }
}

fn before_end(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let end = subject.offer.agreement_term().and_then(|term| term.end_if_accepted(subject.today));
    let Some(end) = end else { return };
    for (at, due) in instalments(subject).iter().enumerate().filter(|(_, due)| due.date >= end) {
        let message = format!("{} is not before the agreement's end, {end} if it were accepted today", due.date);
        breach(
            breaches,
            format!("{POINTER}/{at}/date"),
            message,
            format!("write a day before {end}, or lengthen the agreement"),
        );
    }
}

fn amounts(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    for (at, due) in instalments(subject).iter().enumerate() {
        let field = format!("{POINTER}/{at}/amount");
        let amount = due.amount.decimal();
        if amount.scale() > DECIMALS_MAX {
            let message = format!("the amount {amount} has {} decimals", amount.scale());
            breach(breaches, &field, message, format!("write at most {DECIMALS_MAX}"));
        }
        if amount > Decimal::from(AMOUNT_MAX) {
            breach(
                breaches,
                &field,
                format!("the amount {amount} is too high"),
                format!("write at most {AMOUNT_MAX}, or split it"),
            );
        }
    }
}
