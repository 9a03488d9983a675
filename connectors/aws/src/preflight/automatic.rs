//! How the price of a renewed agreement may still change, and when it is charged.

use std::collections::BTreeSet;

use entente_core::offer::{
    Amount,
    document::{AutoRenewal, RenewalInstalment},
};
use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, breach, renewal::percent_fits, rule};

const CHARGES_MAX: usize = 86;

pub(super) const RULES: &[Rule] = &[
    rule(
        "AWS-049",
        "an adjustable rise has bounds of 0 to 100 percent around it, and a deadline between lockout and start",
        PRIVATE_OFFERS,
        adjustment,
    ),
    rule(
        "AWS-050",
        "a renewed agreement is charged 1 to 86 times, within it, in one unit, by shares of 100 percent",
        PRIVATE_OFFERS,
        charges,
    ),
];

/// The days of an agreement that is accepted today.
fn days(subject: &Subject<'_>) -> Option<i32> {
    let end = subject.offer.agreement_term()?.end_if_accepted(subject.today)?;
    Some((end - subject.today).get_days())
}

fn adjustment(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(renewal) = &subject.offer.auto_renewal else { return };
    let Some(bounds) = renewal.adjustable else { return };
    for (part, percent) in [("min_percent", bounds.min_percent), ("max_percent", bounds.max_percent)] {
        if !percent_fits(percent) {
            let field = format!("/auto_renewal/adjustable/{part}");
            breach(breaches, field, format!("{percent} percent is no bound"), "write 0 to 100 with at most 2 decimals");
        }
    }
    let rise = renewal.price_increase_percent;
    if bounds.min_percent >= bounds.max_percent || rise < bounds.min_percent || rise > bounds.max_percent {
        let message = format!("{rise} percent does not lie between {} and {}", bounds.min_percent, bounds.max_percent);
        let remedy = "write bounds that differ, with the rise between them";
        breach(breaches, "/auto_renewal/adjustable", message, remedy);
    }
    let (until, lockout) = (i32::from(bounds.until_days), i32::from(renewal.lockout_days));
    if until <= lockout || days(subject).is_some_and(|days| until >= days) {
        let message =
            format!("the rise cannot be settled {until} days before the end, with a lockout of {lockout} days");
        let remedy = "write more days than the lockout has, and fewer than the agreement";
        breach(breaches, "/auto_renewal/adjustable/until_days", message, remedy);
    }
}

const POINTER: &str = "/auto_renewal/instalments";

fn charges(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(renewal) = subject.offer.auto_renewal.as_ref().filter(|renewal| !renewal.instalments.is_empty()) else {
        return;
    };
    whole(renewal, breaches);
    let end = subject.offer.agreement_term().and_then(|term| term.end_if_accepted(subject.today));
    let in_months = renewal.instalments.first().is_some_and(|due| due.after_months.is_some());
    let mut seen = BTreeSet::new();
    for (at, due) in renewal.instalments.iter().enumerate() {
        let field = |part: &str| format!("{POINTER}/{at}/{part}");
        if !percent_fits(due.percent) || due.percent.is_zero() {
            let message = format!("a share of {} percent is not accepted", due.percent);
            breach(breaches, field("percent"), message, "write 0.01 to 100 with at most 2 decimals");
        }
        let unit = if due.after_months.is_some() { "after_months" } else { "after_days" };
        if due.after_months.is_some() != in_months {
            breach(breaches, field(unit), "the first charge counts in the other unit", "count all in one unit");
        }
        if !seen.insert((due.after_months, due.after_days)) {
            breach(breaches, field(unit), "two charges are due at the same time", "join the two, or move one");
        }
        if end.zip(due_on(due, subject.today)).is_some_and(|(end, on)| on >= end) {
            breach(breaches, field(unit), "it is due after the renewed agreement ends", "charge earlier");
        }
        if due.day_of_month.is_some() && due.after_months.is_none() {
            let message = "a day of the month goes with whole months";
            breach(breaches, field("day_of_month"), message, "leave it out, or write `after_months`");
        }
    }
}

/// What the charges are together.
fn whole(renewal: &AutoRenewal, breaches: &mut Vec<Breach>) {
    let count = renewal.instalments.len();
    if count > CHARGES_MAX {
        breach(breaches, POINTER, format!("there are {count} charges"), format!("write at most {CHARGES_MAX}"));
    }
    let sum: Decimal = renewal.instalments.iter().map(|due| Amount::decimal(due.percent)).sum();
    if sum != Decimal::ONE_HUNDRED {
        let message = format!("the shares sum to {} percent", sum.normalize());
        breach(breaches, POINTER, message, "change a share so that they sum to 100");
    }
}

/// The day of a charge, were the agreement renewed today.
fn due_on(due: &RenewalInstalment, today: Date) -> Option<Date> {
    let months = due.after_months.map(|months| i32::from(months).months());
    months.or(due.after_days.map(|days| i32::from(days).days())).and_then(|span| today.checked_add(span).ok())
}
