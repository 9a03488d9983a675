//! Renewals, by hand and by themselves, and the days until an invoice is paid.

use entente_core::offer::{Amount, document::PricingModel};
use rust_decimal::Decimal;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, breach, rule};

const DUE_DAYS: [u16; 6] = [15, 30, 45, 60, 90, 120];

pub(super) const RULES: &[Rule] = &[
    rule("AWS-034", "an invoice is due after 15, 30, 45, 60, 90 or 120 days", PRIVATE_OFFERS, due_days),
    rule("AWS-035", "an offer that replaces an agreement has a contract", PRIVATE_OFFERS, replacement_has_contract),
    rule(
        "AWS-036",
        "an offer that replaces an agreement ends on a fixed day and starts on acceptance",
        PRIVATE_OFFERS,
        replacement_dates,
    ),
    rule(
        "AWS-037",
        "a rise of the price at renewal is 0 to 100 percent with at most 2 decimals",
        PRIVATE_OFFERS,
        price_increase,
    ),
    rule("AWS-038", "the lockout is shorter than the agreement", PRIVATE_OFFERS, lockout),
    rule(
        "AWS-039",
        "an agreement that renews by itself has a contract, charged in the same way as its renewals",
        PRIVATE_OFFERS,
        renewable,
    ),
];

fn due_days(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    if let Some(days) = subject.offer.payment_due_days.filter(|days| !DUE_DAYS.contains(days)) {
        let choices = DUE_DAYS.map(|days| days.to_string()).join(", ");
        breach(
            breaches,
            "/payment_due_days",
            format!("invoices cannot be due after {days} days"),
            format!("write one of {choices}"),
        );
    }
}

fn replacement_has_contract(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    if subject.offer.renewal.is_some() && subject.offer.pricing.model() == Some(PricingModel::Usage) {
        breach(
            breaches,
            "/pricing",
            "an agreement cannot be replaced by usage alone",
            "add a contract, or make a new offer without `renewal`",
        );
    }
}

fn replacement_dates(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    if subject.offer.renewal.is_none() {
        return;
    }
    let term = subject.offer.term;
    if term.and_then(|term| term.end).is_none() {
        breach(
            breaches,
            "/term/end",
            "an offer that replaces an agreement has no end date",
            "write the agreement's last day",
        );
    }
    if let Some(start) = term.and_then(|term| term.start) {
        let message = format!("an offer that replaces an agreement starts on acceptance, not on {start}");
        breach(breaches, "/term/start", message, "leave it out");
    }
}

fn price_increase(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(renewal) = &subject.offer.auto_renewal else { return };
    let percent = renewal.price_increase_percent;
    if !percent_fits(percent) {
        let message = format!("a rise of {percent} percent is not accepted");
        breach(breaches, "/auto_renewal/price_increase_percent", message, "write 0 to 100 with at most 2 decimals");
    }
}

/// Whether AWS takes a percentage: 0 to 100 with at most 2 decimals.
pub(super) fn percent_fits(percent: Amount) -> bool {
    let percent = percent.decimal();
    percent <= Decimal::ONE_HUNDRED && percent.normalize().scale() <= 2
}

fn lockout(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(renewal) = &subject.offer.auto_renewal else { return };
    let end = subject.offer.agreement_term().and_then(|term| term.end_if_accepted(subject.today));
    let days = end.map(|end| (end - subject.today).get_days());
    if let Some(days) = days.filter(|days| i32::from(renewal.lockout_days) >= *days) {
        let message = format!("a lockout of {} days is not shorter than the agreement of {days}", renewal.lockout_days);
        breach(breaches, "/auto_renewal/lockout_days", message, "write fewer days");
    }
}

fn renewable(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(renewal) = &subject.offer.auto_renewal else { return };
    match &subject.offer.pricing.contract {
        None => breach(
            breaches,
            "/auto_renewal",
            "usage alone does not renew by itself",
            "add a contract, or leave `auto_renewal` out",
        ),
        Some(contract) if contract.instalments.is_empty() != renewal.instalments.is_empty() => {
            let message = "a contract and its renewals are both charged by instalments, or both upfront";
            breach(breaches, "/auto_renewal/instalments", message, "state them in both places, or in neither");
        }
        Some(_) => {}
    }
}
