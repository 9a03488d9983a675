//! Rules about the payment schedule.

use std::collections::BTreeSet;

use super::{Defect, PreflightFacts, Rule, Severity, dates::earliest_end};
use crate::{
    money::Money,
    offer::{
        Offer,
        document::Instalment,
        totals::{months, totals},
    },
};

const SCHEDULE: &str = "marketplace seller guides: flexible payment schedules";
const ARITHMETIC: &str = "arithmetic of the document; rounding half-even to the currency's minor unit (ISO 4217)";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "OF-010",
        severity: Severity::Error,
        title: "no two instalments fall on the same day",
        source: SCHEDULE,
        check: unique_days,
    },
    Rule {
        id: "OF-011",
        severity: Severity::Error,
        title: "instalments stand in the order of their days",
        source: "readability of the document: people approve what they can follow",
        check: ordered_days,
    },
    Rule {
        id: "OF-012",
        severity: Severity::Error,
        title: "the first instalment is not in the past",
        source: SCHEDULE,
        check: first_not_past,
    },
    Rule {
        id: "OF-013",
        severity: Severity::Error,
        title: "the last instalment falls before the agreement ends, counted from acceptance today",
        source: SCHEDULE,
        check: last_before_end,
    },
    Rule {
        id: "OF-014",
        severity: Severity::Error,
        title: "at most one instalment is due on or before the last day to accept",
        source: SCHEDULE,
        check: one_before_expiry,
    },
    Rule {
        id: "OF-015",
        severity: Severity::Error,
        title: "the instalments sum to the total contract value",
        source: ARITHMETIC,
        check: sum_is_total,
    },
    Rule {
        id: "OF-016",
        severity: Severity::Error,
        title: "each instalment is a positive amount in whole minor units",
        source: "ISO 4217: decimals of the currency",
        check: chargeable_amounts,
    },
    Rule {
        id: "OF-017",
        severity: Severity::Error,
        title: "ramps and free months come with instalments that say when what is charged",
        source: "marketplace seller guides: an upfront price charges the full quantity for the full duration",
        check: changes_have_instalments,
    },
];

fn instalments(offer: &Offer) -> &[Instalment] {
    offer.pricing.contract.as_ref().map_or(&[], |contract| contract.instalments.as_slice())
}

fn field(at: usize, part: &str) -> String {
    format!("/pricing/contract/instalments/{at}/{part}")
}

fn unique_days(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let mut seen = BTreeSet::new();
    let (at, due) = instalments(offer).iter().enumerate().find(|(_, due)| !seen.insert(due.date))?;
    Defect::at(
        field(at, "date"),
        format!("`{}` has an instalment already", due.date),
        "join the two, or move one of them",
    )
}

fn ordered_days(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let pairs = instalments(offer).iter().zip(instalments(offer).iter().skip(1));
    let (at, (before, due)) = pairs.enumerate().find(|(_, (before, due))| due.date < before.date)?;
    Defect::at(
        field(at + 1, "date"),
        format!("`{}` stands after `{}`", due.date, before.date),
        "list the instalments from the first day to the last",
    )
}

fn first_not_past(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let (at, due) = instalments(offer)
        .iter()
        .enumerate()
        .min_by_key(|(_, due)| due.date)
        .filter(|(_, due)| due.date < facts.today)?;
    Defect::at(
        field(at, "date"),
        format!("`{}` is before today, {} at the marketplace", due.date, facts.today),
        "move it to today or later",
    )
}

fn last_before_end(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let (at, due) = instalments(offer).iter().enumerate().max_by_key(|(_, due)| due.date)?;
    let end = earliest_end(offer, facts).filter(|end| due.date >= *end)?;
    Defect::at(
        field(at, "date"),
        format!("`{}` is not before {end}, when an agreement accepted today would end", due.date),
        "charge earlier, or let the agreement last longer",
    )
}

fn one_before_expiry(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let early = || instalments(offer).iter().enumerate().filter(|(_, due)| due.date <= offer.expires_on);
    let (at, due) = early().nth(1)?;
    Defect::at(
        field(at, "date"),
        format!(
            "`{}` is the second of {} instalments on or before the last day to accept, {}",
            due.date,
            early().count(),
            offer.expires_on
        ),
        "move all but one after that day, or let the offer expire earlier",
    )
}

fn sum_is_total(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let totals = totals(offer).ok().filter(|totals| totals.scheduled != totals.total)?;
    let off = totals.scheduled.minus(totals.total).ok()?;
    let more = if off.minor > 0 { "more" } else { "less" };
    let by = Money { minor: off.minor.abs(), ..off };
    Defect::at(
        "/pricing/contract/instalments",
        format!("they sum to {}, which is {by} {more} than the total of {}", totals.scheduled, totals.total),
        "change an instalment, or the prices and quantities",
    )
}

fn chargeable_amounts(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    for (at, due) in instalments(offer).iter().enumerate() {
        // An amendment may leave nothing to pay; the marketplace still wants to read when.
        let nothing_left = offer.renewal.is_some() && instalments(offer).len() == 1;
        if due.amount.is_zero() && !nothing_left {
            return Defect::at(field(at, "amount"), "nothing is charged", "leave the instalment out");
        }
        if let Err(error) = Money::exact(due.amount.decimal(), offer.currency) {
            return Defect::at(
                field(at, "amount"),
                error.to_string(),
                "round it, and adjust another instalment so that the sum holds",
            );
        }
    }
    None
}

fn changes_have_instalments(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let contract =
        offer.pricing.contract.as_ref().filter(|contract| contract.instalments.is_empty() && months(contract) > 1)?;
    let what = if contract.free_months > 0 { "free months" } else { "a ramp" };
    Defect::at(
        "/pricing/contract/instalments",
        format!(
            "the contract has {what} but no instalments, so the buyer would be charged the full price on acceptance"
        ),
        "list the instalments",
    )
}
