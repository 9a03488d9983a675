//! What differs between SaaS, machine images and containers.

use entente_core::offer::{
    Period,
    document::{Contract, ProductKind},
};
use jiff::civil::Date;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, advice, breach, rule};
use crate::offers::by_the_hour;

pub(super) const RULES: &[Rule] = &[
    rule("AWS-040", "only agreements about SaaS start on a later day", PRIVATE_OFFERS, future_start),
    rule("AWS-041", "only agreements about SaaS renew by themselves", PRIVATE_OFFERS, renewable),
    rule(
        "AWS-042",
        "an agreement about machine images or containers outlasts the time to accept and the duration paid for together",
        PRIVATE_OFFERS,
        outlasting,
    ),
    rule("AWS-043", "what is sold by the hour is paid a year in advance at once", PRIVATE_OFFERS, paid_at_once),
    advice("AWS-044", "an offer by usage says how long its agreement lasts", PRIVATE_OFFERS, stated_duration),
];

/// Later rules of the same kind: ids are never given anew.
pub(super) const LATER: &[Rule] =
    &[advice("AWS-051", "beside a price by the hour, a year of 365 days is paid in advance", PRIVATE_OFFERS, annual)];

fn is_saas(subject: &Subject<'_>) -> bool {
    subject.offer.product.kind == ProductKind::Saas
}

fn future_start(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let start = subject.offer.term.and_then(|term| term.start).filter(|_| !is_saas(subject));
    if let Some(start) = start {
        let message = format!("an agreement about this kind of product begins on acceptance, not on {start}");
        breach(breaches, "/term/start", message, "leave it out, and write a `duration` in the place of `end`");
    }
}

fn renewable(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    if subject.offer.auto_renewal.is_some() && !is_saas(subject) {
        let message = "an agreement about this kind of product does not renew by itself";
        breach(breaches, "/auto_renewal", message, "leave it out, and renew by a new offer");
    }
}

/// Whoever accepts on the last day still gets the whole duration that was paid for.
fn outlasting(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let offer = subject.offer;
    let (Some(duration), Some(contract)) = (offer.term.and_then(|term| term.duration), &offer.pricing.contract) else {
        return;
    };
    if is_saas(subject) {
        return;
    }
    let ends = |from: Date, period: Period| period.after(from);
    let needed = contract.durations().filter_map(|paid| ends(offer.expires_on, paid)).max();
    let (Some(end), Some(needed)) = (ends(subject.today, duration), needed) else { return };
    if end <= needed {
        let message = format!(
            "an agreement of `{duration}` from today ends on {end}; bought on the last day, {}, the contract ends on {needed}",
            offer.expires_on
        );
        breach(breaches, "/term/duration", message, "write a longer duration, or an earlier `expires_on`");
    }
}

fn paid_at_once(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let instalments = subject.offer.pricing.contract.as_ref().map_or(0, |contract| contract.instalments.len());
    if by_the_hour(subject.offer) && instalments > 0 {
        let message = "beside a price by the hour, a duration is paid in full when the buyer takes it";
        let remedy = "leave the instalments out, or the usage";
        breach(breaches, "/pricing/contract/instalments", message, remedy);
    }
}

fn stated_duration(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let offer = subject.offer;
    if offer.pricing.usage.is_some() && offer.pricing.contract.is_none() && offer.term.is_none() {
        let message = "nothing says how long the private prices hold";
        breach(breaches, "/term", message, "write a `duration`, such as P12M");
    }
}

/// What AWS documents is a year. It may take other durations, and says nowhere which.
fn annual(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    const YEAR: Period = Period { years: 0, months: 0, days: 365 };
    let durations = subject.offer.pricing.contract.iter().flat_map(Contract::durations).enumerate();
    for (at, duration) in durations.filter(|(_, duration)| *duration != YEAR && by_the_hour(subject.offer)) {
        let field = match at {
            0 => "/pricing/contract/duration".to_owned(),
            later => format!("/pricing/contract/alternatives/{}/duration", later - 1),
        };
        breach(breaches, field, format!("AWS may refuse `{duration}` beside a price by the hour"), "write P365D");
    }
}
