//! Rules about agreements that change while they run, and agreements that renew by themselves.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Defect, PreflightFacts, Rule, Severity};
use crate::offer::{Offer, document::RenewalInstalment};

const AMENDMENT: &str = "marketplace seller guides: agreement-based offers";
const AUTOMATIC: &str = "marketplace seller guides: renewal terms";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "OF-040",
        severity: Severity::Error,
        title: "an amendment starts on acceptance and says on which day it ends",
        source: AMENDMENT,
        check: amendment_dates,
    },
    Rule {
        id: "OF-041",
        severity: Severity::Error,
        title: "an amendment can be accepted only while the agreement that it changes runs",
        source: AMENDMENT,
        check: amendment_in_time,
    },
    Rule {
        id: "OF-042",
        severity: Severity::Error,
        title: "an adjustable rise lies within its bounds, and is settled before the lockout",
        source: AUTOMATIC,
        check: adjustment_bounds,
    },
    Rule {
        id: "OF-043",
        severity: Severity::Error,
        title: "the instalments of a renewed agreement count in one unit, fall on different days and sum to 100 percent",
        source: AUTOMATIC,
        check: renewal_instalments,
    },
];

fn amendment_dates(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    if !offer.amends() {
        return None;
    }
    if let Some(start) = offer.term.and_then(|term| term.start) {
        let message = format!("`{start}` is stated, but an amendment holds from the moment it is accepted");
        return Defect::at("/term/start", message, "leave it out");
    }
    if offer.term.and_then(|term| term.end).is_some() {
        return None;
    }
    Defect::at("/term/end", "the amendment does not say when the agreement ends", "write the agreement's last day")
}

fn amendment_in_time(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let agreement = facts.renewed.as_ref().filter(|_| offer.amends())?;
    let ends = agreement.ends.filter(|ends| offer.expires_on >= *ends)?;
    Defect::at(
        "/expires_on",
        format!("`{}` is not before {ends}, when agreement `{}` ends", offer.expires_on, agreement.id),
        "let the offer expire earlier, or offer a renewal",
    )
}

fn adjustment_bounds(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let renewal = offer.auto_renewal.as_ref()?;
    let adjustable = renewal.adjustable?;
    let (least, most) = (adjustable.min_percent, adjustable.max_percent);
    if least >= most || most.decimal() > Decimal::ONE_HUNDRED {
        return Defect::at(
            "/auto_renewal/adjustable/max_percent",
            format!("`{least}` to `{most}` percent is no range within 0 to 100"),
            "write a lower `min_percent`, or leave `adjustable` out to fix the rise",
        );
    }
    let rise = renewal.price_increase_percent;
    if rise < least || rise > most {
        return Defect::at(
            "/auto_renewal/price_increase_percent",
            format!("`{rise}` does not lie between {least} and {most}"),
            "the rise that counts unless somebody adjusts it must be within the bounds",
        );
    }
    if adjustable.until_days > renewal.lockout_days {
        return None;
    }
    Defect::at(
        "/auto_renewal/adjustable/until_days",
        format!(
            "the rise may change until {} days before the end, and after {} days before it nobody can stop the renewal",
            adjustable.until_days, renewal.lockout_days
        ),
        "write more days than `lockout_days`, so that the buyer sees the final price in time",
    )
}

fn renewal_instalments(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    const FIELD: &str = "/auto_renewal/instalments";
    let instalments = &offer.auto_renewal.as_ref()?.instalments;
    let first = instalments.first()?;
    let mut seen = BTreeSet::new();
    for (at, due) in instalments.iter().enumerate() {
        let field = |part: &str| format!("{FIELD}/{at}/{part}");
        if due.after_months.is_some() != first.after_months.is_some() {
            return Defect::at(
                field(unit(due)),
                "the first instalment counts in the other unit",
                "count all in one unit",
            );
        }
        if due.percent.is_zero() {
            return Defect::at(field("percent"), "nothing is charged", "leave the instalment out");
        }
        if due.day_of_month.is_some() && due.after_months.is_none() {
            let message = "a day of the month says nothing where the instalments count days";
            return Defect::at(field("day_of_month"), message, "leave it out, or write `after_months`");
        }
        if !seen.insert(offset(due)) {
            let message = format!("two instalments are due {} after the renewal", waits(due));
            return Defect::at(field(unit(due)), message, "join the two, or move one of them");
        }
    }
    let sum: Decimal = instalments.iter().map(|due| due.percent.decimal()).sum();
    if sum == Decimal::ONE_HUNDRED {
        return None;
    }
    Defect::at(FIELD, format!("they sum to {} percent", sum.normalize()), "change a share so that they sum to 100")
}

fn offset(due: &RenewalInstalment) -> (Option<u16>, Option<u16>) {
    (due.after_months, due.after_days)
}

fn unit(due: &RenewalInstalment) -> &'static str {
    if due.after_months.is_some() { "after_months" } else { "after_days" }
}

fn waits(due: &RenewalInstalment) -> String {
    match (due.after_months, due.after_days) {
        (Some(months), _) => format!("{months} months"),
        (None, days) => format!("{} days", days.unwrap_or_default()),
    }
}
