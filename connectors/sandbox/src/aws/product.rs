//! Products: what an offer builder needs of them, and the default catalogue.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::offer::{CreatedBy, Offer, OfferState, PricingModel};
use super::term::{self, Term};
use crate::ids::IdSource;

/// The kinds of product that the catalogue lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "the API's names end so")]
pub(crate) enum ProductKind {
    SaaSProduct,
    AmiProduct,
    ContainerProduct,
    DataProduct,
    MachineLearningProduct,
}

impl ProductKind {
    pub(crate) const ALL: [Self; 5] =
        [Self::SaaSProduct, Self::AmiProduct, Self::ContainerProduct, Self::DataProduct, Self::MachineLearningProduct];

    /// The entity type without its version.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SaaSProduct => "SaaSProduct",
            Self::AmiProduct => "AmiProduct",
            Self::ContainerProduct => "ContainerProduct",
            Self::DataProduct => "DataProduct",
            Self::MachineLearningProduct => "MachineLearningProduct",
        }
    }
}

/// Who can see a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Visibility {
    Draft,
    Limited,
    Public,
    Restricted,
}

impl Visibility {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Limited => "Limited",
            Self::Public => "Public",
            Self::Restricted => "Restricted",
        }
    }
}

/// How a dimension may be sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DimensionType {
    Entitled,
    Metered,
    ExternallyMetered,
}

/// One unit of sale of a product.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dimension {
    pub(crate) key: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default = "units")]
    pub(crate) unit: String,
    pub(crate) types: Vec<DimensionType>,
}

fn units() -> String {
    "Units".to_owned()
}

impl Dimension {
    pub(crate) fn is_entitled(&self) -> bool {
        self.types.contains(&DimensionType::Entitled)
    }

    pub(crate) fn is_metered(&self) -> bool {
        self.types.iter().any(|kind| matches!(kind, DimensionType::Metered | DimensionType::ExternallyMetered))
    }
}

/// A product as the control API takes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProduct {
    pub(crate) id: String,
    pub(crate) kind: ProductKind,
    pub(crate) title: String,
    pub(crate) visibility: Visibility,
    pub(crate) dimensions: Vec<Dimension>,
    /// The owning seller account; the default seller when absent.
    pub(crate) owner: Option<String>,
    /// Whether a released public offer exists; by default for `Public` and `Limited` products.
    pub(crate) public_offer: Option<bool>,
}

/// A product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) kind: ProductKind,
    pub(crate) title: String,
    pub(crate) visibility: Visibility,
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) public_offer: bool,
    pub(crate) modified_at: Timestamp,
    pub(crate) revision: u32,
}

impl Product {
    pub(crate) fn has_public_offer(&self) -> bool {
        self.public_offer
    }

    /// Offers can be made on products that are on sale (Catalog API: `INCOMPATIBLE_PRODUCT`).
    pub(crate) fn is_on_sale(&self) -> bool {
        matches!(self.visibility, Visibility::Limited | Visibility::Public)
    }

    pub(crate) fn dimension(&self, key: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|dimension| dimension.key == key)
    }

    /// The details document of `DescribeEntity`.
    pub(crate) fn details(&self) -> Value {
        let dimensions: Vec<Value> = self
            .dimensions
            .iter()
            .map(|dimension| {
                json!({
                    "Name": dimension.name, "Description": dimension.description, "Key": dimension.key,
                    "Unit": dimension.unit, "Types": dimension.types,
                })
            })
            .collect();
        let state = if self.visibility == Visibility::Draft { "Draft" } else { "Active" };
        json!({
            "Description": {
                "ProductTitle": self.title,
                "ProductCode": self.id.trim_start_matches("prod-"),
                "ShortDescription": self.title,
                "LongDescription": format!("{}, listed in the sandbox.", self.title),
                "Highlights": [self.title],
                "SearchKeywords": ["sandbox"],
                "Visibility": self.visibility.name(),
                "ProductState": state,
                "Categories": ["Source Control"],
            },
            "PromotionalResources": { "LogoUrl": "https://s3.amazonaws.com/sandbox/logo.png", "Videos": [], "AdditionalResources": [] },
            "SupportInformation": { "Description": "Support by mail on working days." },
            "Dimensions": dimensions,
            "Versions": [],
            "Targeting": { "PositiveTargeting": { "BuyerAccounts": [] } },
        })
    }
}

impl NewProduct {
    /// The product to list; `None` parts take the sandbox's defaults.
    pub(crate) fn into_product(self, seller: &str, now: Timestamp) -> Product {
        let on_sale = matches!(self.visibility, Visibility::Limited | Visibility::Public);
        Product {
            id: self.id,
            owner: self.owner.unwrap_or_else(|| seller.to_owned()),
            kind: self.kind,
            title: self.title,
            visibility: self.visibility,
            dimensions: self.dimensions,
            public_offer: self.public_offer.unwrap_or(on_sale),
            modified_at: now,
            revision: 1,
        }
    }
}

/// A public product of every kind.
pub(crate) fn default_catalogue() -> Vec<Product> {
    ProductKind::ALL.into_iter().map(default_product).collect()
}

fn default_product(kind: ProductKind) -> Product {
    let (id, title) = match kind {
        ProductKind::SaaSProduct => ("prod-saas000000001", "Nimbus Observability (SaaS)"),
        ProductKind::AmiProduct => ("prod-ami0000000001", "Nimbus Collector (AMI)"),
        ProductKind::ContainerProduct => ("prod-cont000000001", "Nimbus Collector (container)"),
        ProductKind::DataProduct => ("prod-data000000001", "Nimbus Benchmarks (data)"),
        ProductKind::MachineLearningProduct => ("prod-mlearn0000001", "Nimbus Forecast (model)"),
    };
    let dimension = |key: &str, name: &str, kind: DimensionType| Dimension {
        key: key.to_owned(),
        name: name.to_owned(),
        description: name.to_owned(),
        unit: units(),
        types: vec![kind],
    };
    Product {
        id: id.to_owned(),
        owner: super::accounts::defaults().swap_remove(0).account_id,
        kind,
        title: title.to_owned(),
        visibility: Visibility::Public,
        dimensions: vec![
            dimension("Seats", "Named seats", DimensionType::Entitled),
            dimension("Premium", "Premium package", DimensionType::Entitled),
            dimension("Events", "Million events", DimensionType::ExternallyMetered),
            dimension("Hours", "Compute hours", DimensionType::ExternallyMetered),
        ],
        public_offer: true,
        modified_at: Timestamp::UNIX_EPOCH,
        revision: 1,
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
