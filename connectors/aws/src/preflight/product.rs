//! What is sold: the product and its dimensions.

use std::collections::BTreeSet;

use entente_core::offer::document::ProductKind;

use super::{Breach, PRIVATE_OFFERS, QUOTAS, Rule, Subject, breach, rule};
use crate::offers::by_the_hour;

const DIMENSIONS_MAX: usize = 200;
const KEY_MAX: usize = 100;
const QUANTITY_MAX: u64 = 2_147_483_646;

pub(super) const RULES: &[Rule] = &[
    rule(
        "AWS-007",
        "the product is SaaS, a machine image or containers, and is what the document says",
        PRIVATE_OFFERS,
        kind,
    ),
    rule("AWS-008", "the product is public or limited, and has a public offer", PRIVATE_OFFERS, visible),
    rule("AWS-009", "each dimension exists on the product and is sold in this way", PRIVATE_OFFERS, known_dimensions),
    rule(
        "AWS-010",
        "each dimension is named once per section, by a key of 1 to 100 characters",
        PRIVATE_OFFERS,
        unique_dimensions,
    ),
    rule("AWS-011", "an offer has at most 200 dimensions per section", QUOTAS, number_of_dimensions),
    rule("AWS-012", "a quantity is at most 2147483646", PRIVATE_OFFERS, quantities),
];

/// The pointer to the dimensions of each section, and the marketplace's keys there.
fn sections<'a>(subject: &'a Subject<'_>) -> Vec<(&'static str, &'static str, Vec<&'a str>)> {
    let offer = subject.offer;
    let mut sections = Vec::new();
    if let Some(contract) = &offer.pricing.contract {
        let keys = contract.dimensions.iter().map(|dimension| offer.marketplace_key(&dimension.key)).collect();
        sections.push(("/pricing/contract/dimensions", "contract", keys));
    }
    if let Some(usage) = &offer.pricing.usage {
        let keys = usage.dimensions.iter().map(|dimension| offer.marketplace_key(&dimension.key)).collect();
        sections.push(("/pricing/usage/dimensions", "usage", keys));
    }
    sections
}

fn kind(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let stated = subject.offer.product.kind;
    if !matches!(stated, ProductKind::Saas | ProductKind::MachineImage | ProductKind::Container) {
        let message = "offers for this kind of product are not sent to AWS Marketplace by Entente";
        return breach(breaches, "/product/kind", message, "create the offer in the AWS Marketplace Management Portal");
    }
    let listed = subject.product.and_then(|product| product.kind);
    if let Some(listed) = listed.filter(|listed| *listed != stated) {
        let message = format!("the product `{}` is listed as {}", subject.offer.product.id, name(listed));
        breach(breaches, "/product/kind", message, "correct the kind, or name another product");
    }
}

/// A kind, as offer documents write it.
fn name(kind: ProductKind) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(|word| format!("`{word}`"))).unwrap_or_default()
}

fn visible(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    if let Some(product) = subject.product.filter(|product| !product.public) {
        let message = format!("buyers cannot see the product `{}` yet", product.id);
        breach(breaches, "/product/id", message, "make the product limited or public first");
    }
}

fn known_dimensions(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(product) = subject.product else { return };
    for (pointer, sale, keys) in sections(subject) {
        for (at, key) in keys.into_iter().enumerate() {
            let uses = product.dimensions.get(key);
            let message = match uses {
                Some(uses) if is_sold(subject, uses, sale) => continue,
                Some(_) => format!("dimension `{key}` of product `{}` cannot be sold by {sale}", product.id),
                None => format!("product `{}` has no dimension `{key}`", product.id),
            };
            let there: Vec<&str> = product
                .dimensions
                .iter()
                .filter(|(_, uses)| is_sold(subject, uses, sale))
                .map(|(key, _)| key.as_str())
                .collect();
            let remedy = match there.is_empty() {
                true => format!("the product has no dimension that is sold by {sale}"),
                false => format!("write one of {}, or map the key under `product.dimensions`", there.join(", ")),
            };
            breach(breaches, format!("{pointer}/{at}/key"), message, remedy);
        }
    }
}

/// Whether an offer can sell a dimension in a way. What a machine image or a container meters is sold in advance only beside its
/// price by the hour.
fn is_sold(subject: &Subject<'_>, uses: &[String], sale: &str) -> bool {
    let usable = |way: &str| uses.iter().any(|usable| usable == way);
    let metered = subject.offer.product.kind != ProductKind::Saas && usable("usage");
    usable(sale) && !(sale == "contract" && metered && !by_the_hour(subject.offer))
}

fn unique_dimensions(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    for (pointer, _, keys) in sections(subject) {
        let mut seen = BTreeSet::new();
        for (at, key) in keys.into_iter().enumerate() {
            if !seen.insert(key) {
                breach(
                    breaches,
                    format!("{pointer}/{at}/key"),
                    format!("dimension `{key}` is named twice"),
                    "put both into one row",
                );
            }
            if key.is_empty() || key.chars().count() > KEY_MAX {
                let message = format!("the key has {} characters", key.chars().count());
                breach(
                    breaches,
                    format!("{pointer}/{at}/key"),
                    message,
                    format!("write the product's own key, 1 to {KEY_MAX} characters"),
                );
            }
        }
    }
}

fn number_of_dimensions(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    for (pointer, sale, keys) in sections(subject) {
        if keys.len() > DIMENSIONS_MAX {
            let message = format!("{} dimensions are sold by {sale}", keys.len());
            breach(breaches, pointer, message, format!("offer at most {DIMENSIONS_MAX}"));
        }
    }
}

fn quantities(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    for (at, dimension) in subject.offer.pricing.contract.iter().flat_map(|contract| &contract.dimensions).enumerate() {
        let most =
            dimension.ramp.iter().map(|step| step.quantity).chain([dimension.quantity]).max().unwrap_or_default();
        if most > QUANTITY_MAX {
            let message = format!("{most} units of `{}` are more than AWS can grant", dimension.key);
            breach(
                breaches,
                format!("/pricing/contract/dimensions/{at}/quantity"),
                message,
                format!("write at most {QUANTITY_MAX}"),
            );
        }
    }
}
