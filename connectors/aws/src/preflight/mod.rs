//! AWS's documented rules for private offers, checked before anything is sent. AWS itself checks most of them minutes or hours
//! later, one at a time; here all of them answer at once, each with the field, the remedy and the source.

mod automatic;
mod buyer;
mod choices;
mod country;
mod dates;
mod instalments;
mod kinds;
mod pricing;
mod product;
mod released;
mod renewal;
mod words;

pub(crate) use released::frozen;
pub use released::{FROZEN, Frozen};

use entente_core::offer::Offer;
use entente_port::{Finding, ProductFacts, Severity};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The page that documents private offers.
const PRIVATE_OFFERS: &str =
    "https://docs.aws.amazon.com/marketplace/latest/developerguide/work-with-private-offers.html";

/// The page that documents quotas.
const QUOTAS: &str = "https://docs.aws.amazon.com/marketplace/latest/APIReference/catalog-service-quotas.html";

/// One rule.
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// What it demands, in one line.
    pub demand: &'static str,
    /// How much a breach weighs.
    pub severity: Severity,
    /// Where it is documented.
    pub source: &'static str,
    check: fn(&Subject<'_>, &mut Vec<Breach>),
}

/// Every rule, in the order of their ids.
pub const RULES: &[&[Rule]] = &[
    words::RULES,
    buyer::RULES,
    product::RULES,
    pricing::RULES,
    dates::RULES,
    instalments::RULES,
    renewal::RULES,
    kinds::RULES,
    choices::RULES,
    automatic::RULES,
    kinds::LATER,
];

/// What the rules look at.
struct Subject<'a> {
    offer: &'a Offer,
    /// Today, where AWS reads days.
    today: Date,
    product: Option<&'a ProductFacts>,
}

/// A breach of a rule.
struct Breach {
    field: String,
    message: String,
    remedy: String,
}

/// Adds a breach.
fn breach(breaches: &mut Vec<Breach>, field: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) {
    breaches.push(Breach { field: field.into(), message: message.into(), remedy: remedy.into() });
}

const fn rule(
    id: &'static str,
    demand: &'static str,
    source: &'static str,
    check: fn(&Subject<'_>, &mut Vec<Breach>),
) -> Rule {
    Rule { id, demand, severity: Severity::Error, source, check }
}

const fn advice(
    id: &'static str,
    demand: &'static str,
    source: &'static str,
    check: fn(&Subject<'_>, &mut Vec<Breach>),
) -> Rule {
    Rule { id, demand, severity: Severity::Warning, source, check }
}

/// Every breach of every rule.
pub(crate) fn findings(offer: &Offer, now: Timestamp, product: Option<&ProductFacts>) -> Vec<Finding> {
    let subject = Subject { offer, today: now.to_zoned(TimeZone::UTC).date(), product };
    let mut findings = Vec::new();
    for rule in RULES.iter().copied().flatten() {
        let mut breaches = Vec::new();
        (rule.check)(&subject, &mut breaches);
        findings.extend(breaches.into_iter().map(|Breach { field, message, remedy }| Finding {
            rule: rule.id.to_owned(),
            severity: rule.severity,
            field,
            message,
            remedy,
            source: rule.source.to_owned(),
        }));
    }
    findings
}
