//! Everything that can be said against an offer before people or marketplaces are bothered with it.

use std::collections::BTreeSet;

use entente_core::{
    offer::{
        Offer,
        preflight::{self as general, ExpiryFacts, PreflightFacts},
    },
    scope::Home,
};
use entente_port::{Finding, ProductFacts, Severity};
use jiff::{Timestamp, tz::TimeZone};

use super::known::Known;
use crate::connectors::{Connection, Connections};

/// Where the rules of this file come from.
const SOURCE: &str = "this installation's configuration and records";

/// Checks an offer against the general rules, the marketplace's rules and the product as it stands now.
pub async fn findings(connections: &Connections, offer: &Offer, home: &Home, now: Timestamp) -> Vec<Finding> {
    findings_knowing(connections, offer, home, Known::default(), now).await
}

/// As [`findings`], with what the vendor's own records say. Errors come first.
pub async fn findings_knowing(
    connections: &Connections,
    offer: &Offer,
    home: &Home,
    known: Known,
    now: Timestamp,
) -> Vec<Finding> {
    let mut findings = own_records(offer, &known);
    let connection = connections.of(offer.marketplace.as_str(), home);
    let product = match connection {
        Some(connection) => read_product(connection, offer, &mut findings).await,
        None => {
            findings.push(not_connected(offer));
            None
        }
    };
    let facts = facts(connection, offer, known, product.as_ref(), now);
    findings.extend(general::preflight(offer, &facts).into_iter().map(from_general));
    if let Some(connection) = connection {
        findings.extend(connection.marketplace.validate(offer, now, product.as_ref()));
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    findings
}

/// What an amendment asks of a released offer that the marketplace does not change any more.
pub fn frozen(connections: &Connections, standing: &Offer, wanted: &Offer, home: &Home) -> Vec<Finding> {
    let connection = connections.of(standing.marketplace.as_str(), home);
    connection.map(|connection| connection.marketplace.frozen(standing, wanted)).unwrap_or_default()
}

fn facts(
    connection: Option<&Connection>,
    offer: &Offer,
    known: Known,
    product: Option<&ProductFacts>,
    now: Timestamp,
) -> PreflightFacts {
    let zone = connection.map_or("UTC", |connection| connection.marketplace.zone());
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let last_moment = offer.expires_on.at(23, 59, 59, 0).to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    PreflightFacts {
        today: now.to_zoned(zone).date(),
        expiry: last_moment.ok().map(|last_moment| ExpiryFacts { last_moment, objections: known.objections }),
        product: product.map(from_port),
        taken_refs: known.taken.into_iter().filter(|taken| taken.system != "reference").collect(),
        discounts: known.discounts,
        approved_eulas: known.approved_eulas,
        renewed: known.renewed,
    }
}

/// A marketplace that cannot be read is no reason to stop: it will say itself what it refuses.
async fn read_product(connection: &Connection, offer: &Offer, findings: &mut Vec<Finding>) -> Option<ProductFacts> {
    match connection.marketplace.product(&offer.product.id).await {
        Ok(facts) => Some(facts),
        Err(entente_port::Error::Unsupported(_)) => None,
        Err(entente_port::Error::NotFound { object }) => {
            let message = format!("{object} does not exist at `{}`, or not for these credentials", connection.account);
            findings.push(finding(
                "RD-002",
                Severity::Error,
                "/product/id",
                message,
                "correct the id, or use the account that lists it",
            ));
            None
        }
        Err(error) => {
            let message = format!(
                "product `{}` could not be read, so its dimensions were not checked: {error}",
                offer.product.id
            );
            findings.push(finding(
                "RD-003",
                Severity::Warning,
                "/product/id",
                message,
                "check the connection with `entente connector check`",
            ));
            None
        }
    }
}

fn own_records(offer: &Offer, known: &Known) -> Vec<Finding> {
    let taken = known.taken.iter().filter(|taken| taken.system == "reference").map(|taken| {
        let message = format!("`{}` is the reference of `{}` already", taken.id, taken.by);
        finding("RD-004", Severity::Error, "/reference", message, "give this offer a reference of its own")
    });
    let book = known.missing_book.iter().map(|id| {
        let message = format!("price book `{id}` has not been imported, so the discount counts as full");
        finding("RD-005", Severity::Warning, "/price_book", message, "import it with `entente pricebook import`")
    });
    let unlisted = offer.price_book.is_none().then(|| {
        let message = "no price book is named, so the discount counts as full".to_owned();
        finding("RD-006", Severity::Warning, "/price_book", message, "name the price book as `id@version`")
    });
    taken.chain(book).chain(unlisted).collect()
}

fn not_connected(offer: &Offer) -> Finding {
    let message = format!("no connector account sells for `{}` on `{}`", offer.legal_entity, offer.marketplace);
    finding(
        "RD-001",
        Severity::Error,
        "/marketplace",
        message,
        "add one under `connectors` in entente.yaml, or correct the document",
    )
}

fn finding(rule: &str, severity: Severity, field: &str, message: String, remedy: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        field: field.to_owned(),
        message,
        remedy: remedy.to_owned(),
        source: SOURCE.to_owned(),
    }
}

fn from_port(product: &ProductFacts) -> general::ProductFacts {
    let allowing = |wanted: &str| -> BTreeSet<String> {
        let allowed = product.dimensions.iter().filter(|(_, uses)| uses.iter().any(|allowed| allowed == wanted));
        allowed.map(|(key, _)| key.clone()).collect()
    };
    general::ProductFacts {
        offerable: product.public,
        contract_dimensions: allowing("contract"),
        usage_dimensions: allowing("usage"),
    }
}

fn from_general(found: general::Finding) -> Finding {
    let severity = match found.severity {
        general::Severity::Warning => Severity::Warning,
        general::Severity::Error => Severity::Error,
    };
    Finding {
        rule: found.rule,
        severity,
        field: found.field,
        message: found.message,
        remedy: found.remedy,
        source: found.source,
    }
}
