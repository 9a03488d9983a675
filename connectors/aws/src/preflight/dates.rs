//! When an offer and its agreement begin and end.

use entente_core::offer::{Period, document::Contract};
use jiff::ToSpan;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, breach, rule};

/// The longest agreement, in years.
const YEARS_MAX: i64 = 5;

pub(super) const RULES: &[Rule] = &[
    rule("AWS-022", "the last day to accept is in the future", PRIVATE_OFFERS, future_expiry),
    rule("AWS-023", "the agreement ends after the last day to accept", PRIVATE_OFFERS, end_after_expiry),
    rule("AWS-024", "the agreement starts after the last day to accept", PRIVATE_OFFERS, start_after_expiry),
    rule("AWS-025", "an end date goes with a start date, or with a renewal", PRIVATE_OFFERS, end_has_start),
    rule("AWS-026", "an agreement has a duration or an end date, not both", PRIVATE_OFFERS, duration_or_end),
    rule("AWS-027", "an agreement lasts at most five years", PRIVATE_OFFERS, at_most_five_years),
];

fn future_expiry(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let last = subject.offer.expires_on;
    if last <= subject.today {
        let message = format!("the last day to accept, {last}, is not in the future (it is {} in UTC)", subject.today);
        breach(breaches, "/expires_on", message, "write a later day");
    }
}

fn end_after_expiry(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let last = subject.offer.expires_on;
    if let Some(end) = subject.offer.term.and_then(|term| term.end).filter(|end| *end <= last) {
        let message = format!("the agreement ends on {end}, not after the last day to accept, {last}");
        breach(breaches, "/term/end", message, format!("write a day after {last}, or an earlier `expires_on`"));
    }
}

fn start_after_expiry(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let last = subject.offer.expires_on;
    if let Some(start) = subject.offer.term.and_then(|term| term.start).filter(|start| *start <= last) {
        let message = format!("the agreement starts on {start}, not after the last day to accept, {last}");
        breach(
            breaches,
            "/term/start",
            message,
            format!("write a day after {last}, or leave it out to start on acceptance"),
        );
    }
}

fn end_has_start(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(term) = subject.offer.term else { return };
    if term.end.is_some() && term.start.is_none() && subject.offer.renewal.is_none() {
        let message = "an agreement that starts on acceptance cannot end on a fixed day";
        breach(breaches, "/term/end", message, "add `start`, or write a `duration` in its place");
    }
}

fn duration_or_end(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(term) = subject.offer.term else { return };
    if term.duration.is_some() && term.end.is_some() {
        breach(breaches, "/term", "the agreement has both a duration and an end date", "keep one of them");
    }
}

fn at_most_five_years(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let field = |at: usize| match at {
        0 => "/pricing/contract/duration".to_owned(),
        later => format!("/pricing/contract/alternatives/{}/duration", later - 1),
    };
    let durations = subject.offer.pricing.contract.iter().flat_map(Contract::durations).enumerate();
    let contract = durations.map(|(at, duration)| (field(at), duration));
    let term =
        subject.offer.term.and_then(|term| term.duration).map(|duration| ("/term/duration".to_owned(), duration));
    let longest = subject.today.saturating_add(YEARS_MAX.years());
    let too_long = |period: Period| period.after(subject.today).is_none_or(|end| end > longest);
    for (field, period) in contract.chain(term).filter(|(_, period)| too_long(*period)) {
        breach(breaches, field, format!("`{period}` is longer than five years"), "write at most P5Y");
    }
    if let Some(end) = subject.offer.term.and_then(|term| term.end).filter(|end| *end > longest) {
        breach(
            breaches,
            "/term/end",
            format!("{end} is more than five years away"),
            format!("write {longest} or earlier"),
        );
    }
}
