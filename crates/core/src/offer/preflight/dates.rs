//! Rules about when an offer can be accepted and how long its agreement lasts.

use jiff::{ToSpan, civil::Date};

use super::{Defect, PreflightFacts, Rule, Severity};
use crate::offer::{
    Offer,
    document::{Contract, Term},
};

const AVAILABILITY: &str = "marketplace seller guides: availability of private offers";
const VALIDITY: &str = "marketplace seller guides: agreement duration and future-dated agreements";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "OF-001",
        severity: Severity::Error,
        title: "the last day to accept lies in the future",
        source: AVAILABILITY,
        check: expiry_in_future,
    },
    Rule {
        id: "OF-002",
        severity: Severity::Error,
        title: "the offer expires before its agreement would end",
        source: AVAILABILITY,
        check: expiry_before_end,
    },
    Rule {
        id: "OF-003",
        severity: Severity::Warning,
        title: "the last moment to accept is a business moment",
        source: "business calendars of seller, buyer and marketplace",
        check: expiry_at_a_business_moment,
    },
    Rule {
        id: "OF-004",
        severity: Severity::Error,
        title: "a term is either a duration or an end date, and an end date beginning today needs a renewal",
        source: VALIDITY,
        check: term_is_one_thing,
    },
    Rule {
        id: "OF-005",
        severity: Severity::Error,
        title: "a future-dated agreement starts after the last day to accept and before its end",
        source: VALIDITY,
        check: start_after_expiry,
    },
    Rule {
        id: "OF-006",
        severity: Severity::Error,
        title: "the agreement lasts at least as long as the contract that it pays for",
        source: VALIDITY,
        check: term_covers_contract,
    },
    Rule {
        id: "OF-007",
        severity: Severity::Warning,
        title: "the buyer has at least three days to accept",
        source: "experience: account and permission checks on the buyer's side take days",
        check: time_to_accept,
    },
];

/// The agreement's last day if the buyer accepts at once, and chooses the shortest duration.
pub(super) fn earliest_end(offer: &Offer, facts: &PreflightFacts) -> Option<Date> {
    match offer.term {
        Some(term) => term.end_if_accepted(facts.today),
        None => {
            let durations = offer.pricing.contract.iter().flat_map(Contract::durations);
            durations.filter_map(|duration| duration.after(facts.today)).min()
        }
    }
}

fn expiry_in_future(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    if offer.expires_on > facts.today {
        return None;
    }
    Defect::at(
        "/expires_on",
        format!("`{}` is not after today, {} at the marketplace", offer.expires_on, facts.today),
        "choose a later day",
    )
}

fn expiry_before_end(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let end = earliest_end(offer, facts).filter(|end| offer.expires_on >= *end)?;
    Defect::at(
        "/expires_on",
        format!("`{}` is not before {end}, when an agreement accepted today would end", offer.expires_on),
        "let the offer expire earlier, or the agreement last longer",
    )
}

fn expiry_at_a_business_moment(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let expiry = facts.expiry.as_ref().filter(|expiry| !expiry.objections.is_empty())?;
    Defect::at(
        "/expires_on",
        format!(
            "the last moment to accept on `{}` is {}; {}",
            offer.expires_on,
            expiry.last_moment,
            expiry.objections.join("; ")
        ),
        "choose the business day before, or tell the buyer",
    )
}

fn term_is_one_thing(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    match offer.term? {
        Term { duration: None, end: None, .. } => {
            Defect::at("/term", "states neither a duration nor an end", "write `duration`, or `start` and `end`")
        }
        Term { duration: Some(duration), end: Some(end), .. } => {
            Defect::at("/term/end", format!("`{end}` stands beside the duration `{duration}`"), "keep one of the two")
        }
        Term { start: None, end: Some(end), .. } if offer.renewal.is_none() => Defect::at(
            "/term/end",
            format!("`{end}` has no start, which only the renewal of an agreement allows"),
            "add `start`, or name the agreement in `renewal`",
        ),
        _ => None,
    }
}

fn start_after_expiry(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let term = offer.term?;
    let start = term.start?;
    if start <= offer.expires_on {
        return Defect::at(
            "/term/start",
            format!("`{start}` is not after the last day to accept, {}", offer.expires_on),
            "start later, or let the offer expire earlier",
        );
    }
    let end = term.end.filter(|end| *end <= start)?;
    Defect::at("/term/end", format!("`{end}` is not after the start, {start}"), "end later than the start")
}

fn term_covers_contract(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let contract = offer.pricing.contract.as_ref()?;
    let term = offer.term?;
    let (start, end) = (term.start.unwrap_or(facts.today), term.end_if_accepted(facts.today)?);
    // A dated term counts its last day; one that renews ends where the new agreement does, and may be shorter.
    let ends = contract.durations().filter_map(|duration| Some((duration.after(start)?, duration)));
    let (needed, duration) = ends.max_by_key(|(end, _)| *end)?;
    let reached = if term.end.is_some() { end.tomorrow().ok()? } else { end };
    if reached >= needed || (term.start.is_none() && term.end.is_some()) {
        return None;
    }
    let field = if term.end.is_some() { "/term/end" } else { "/term/duration" };
    Defect::at(
        field,
        format!("the agreement from {start} would end on {end}, before the `{duration}` that the prices pay for"),
        "lengthen the term, or shorten the contract's duration",
    )
}

fn time_to_accept(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let enough = facts.today.checked_add(3.days()).ok()?;
    if offer.expires_on <= facts.today || offer.expires_on >= enough {
        return None;
    }
    Defect::at(
        "/expires_on",
        format!("`{}` is less than three days away", offer.expires_on),
        "check that the buyer is ready, or choose a later day",
    )
}
