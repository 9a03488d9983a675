//! What the sandbox lists from the start: products of every kind, each with its public offer.

use jiff::Timestamp;
use serde_json::Map;

use super::offer::{CreatedBy, Offer, OfferState, PricingModel};
use super::product::{Dimension, DimensionType, Product, ProductKind, Visibility};
use super::solution::Solution;
use super::term::{self, Term};
use crate::director::{
    AMI_CONTRACT_PRODUCT, AMI_HOURLY_PRODUCT, CONTAINER_CONTRACT_PRODUCT, CONTAINER_HOURLY_PRODUCT, SAAS_PRODUCT,
};
use crate::ids::IdSource;

use DimensionType::{Entitled, ExternallyMetered, Metered};

/// A dimension of the default catalogue: key, name, unit, how it is sold.
type Row = (&'static str, &'static str, &'static str, DimensionType);

/// What SaaS, data and machine learning products sell.
const SERVICE: &[Row] = &[
    ("Seats", "Named seats", "Units", Entitled),
    ("Premium", "Premium package", "Units", Entitled),
    ("Events", "Million events", "Units", ExternallyMetered),
    ("Hours", "Compute hours", "Units", ExternallyMetered),
];

/// Instance types, sold by the hour and by the year.
const INSTANCES: &[Row] = &[
    ("t3.medium", "t3.medium", "Hrs", Metered),
    ("m5.large", "m5.large", "Hrs", Metered),
    ("m5.xlarge", "m5.xlarge", "Hrs", Metered),
];

/// Running tasks and pods, sold by the hour and by the year.
const TASKS: &[Row] = &[("Hours", "Hours of a task or pod", "Hrs", Metered)];

/// Licences, sold by contract.
const LICENCES: &[Row] =
    &[("Seats", "Named seats", "Units", Entitled), ("Premium", "Premium package", "Units", Entitled)];

/// The listed products: an AMI and a container are priced by the hour or by contract, so there are two of each.
const LISTED: &[(&str, ProductKind, &str, &[Row])] = &[
    (SAAS_PRODUCT, ProductKind::SaaSProduct, "Nimbus Observability (SaaS)", SERVICE),
    (AMI_HOURLY_PRODUCT, ProductKind::AmiProduct, "Nimbus Collector (AMI)", INSTANCES),
    (AMI_CONTRACT_PRODUCT, ProductKind::AmiProduct, "Nimbus Vault (AMI, contract)", LICENCES),
    (CONTAINER_HOURLY_PRODUCT, ProductKind::ContainerProduct, "Nimbus Collector (container)", TASKS),
    (CONTAINER_CONTRACT_PRODUCT, ProductKind::ContainerProduct, "Nimbus Vault (container, contract)", LICENCES),
    ("prod-data000000001", ProductKind::DataProduct, "Nimbus Benchmarks (data)", SERVICE),
    ("prod-mlearn0000001", ProductKind::MachineLearningProduct, "Nimbus Forecast (model)", SERVICE),
];

/// All products of a fresh sandbox.
pub(crate) fn products() -> Vec<Product> {
    LISTED.iter().map(|(id, kind, title, rows)| product(id, *kind, title, rows)).collect()
}

/// The solution that bundles the SaaS product and the AMI, for offer sets.
pub(crate) fn solution() -> Solution {
    Solution {
        id: "soln-nimbus0000001".to_owned(),
        owner: seller(),
        title: "Nimbus everywhere".to_owned(),
        visibility: Visibility::Public,
        products: vec![SAAS_PRODUCT.to_owned(), AMI_HOURLY_PRODUCT.to_owned()],
        modified_at: Timestamp::UNIX_EPOCH,
    }
}

fn seller() -> String {
    super::accounts::defaults().swap_remove(0).account_id
}

fn product(id: &str, kind: ProductKind, title: &str, rows: &[Row]) -> Product {
    let dimensions = rows.iter().map(|(key, name, unit, sold)| Dimension {
        key: (*key).to_owned(),
        name: (*name).to_owned(),
        description: (*name).to_owned(),
        unit: (*unit).to_owned(),
        types: vec![*sold],
    });
    Product {
        id: id.to_owned(),
        owner: seller(),
        kind,
        title: title.to_owned(),
        visibility: Visibility::Public,
        dimensions: dimensions.collect(),
        public_offer: true,
        modified_at: Timestamp::UNIX_EPOCH,
        revision: 1,
        countries: None,
        information: Map::new(),
        versions: Vec::new(),
    }
}

/// The public offer that a listed product has.
pub(crate) fn public_offer(product: &Product, now: Timestamp, ids: &mut IdSource) -> Offer {
    let mut offer = Offer::draft(ids.next("offer-", 13), &product.owner, &product.id, now);
    offer.name = Some(format!("{}: public offer", product.title));
    offer.description = Some(format!("Worldwide offer for {}", product.title));
    offer.state = OfferState::Released;
    offer.released_at = Some(now);
    offer.created_by = CreatedBy::Seller;
    let entitled: Vec<&str> = product.dimensions.iter().filter(|d| d.is_entitled()).map(|d| d.key.as_str()).collect();
    let metered: Vec<&str> = product.dimensions.iter().filter(|d| d.is_metered()).map(|d| d.key.as_str()).collect();
    let model = if entitled.is_empty() { PricingModel::Usage } else { PricingModel::Contract };
    offer.pricing_model = Some(model);
    let mut terms: Vec<Term> = Vec::new();
    terms.extend(term::list_price_usage(&metered));
    terms.extend(term::list_price_contract(&entitled));
    terms.push(term::standard_eula());
    terms.push(term::no_refunds());
    offer.terms = terms;
    offer.record_revision(now, "catalogue");
    offer
}
