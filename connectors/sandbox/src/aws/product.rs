//! Products: what an offer builder needs of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::entity::Entity;

/// The kinds of product that the catalogue lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "the API's names end so")]
pub(crate) enum ProductKind {
    #[serde(alias = "SaaS", alias = "saas")]
    SaaSProduct,
    #[serde(alias = "Ami", alias = "AMI", alias = "ami")]
    AmiProduct,
    #[serde(alias = "Container", alias = "container")]
    ContainerProduct,
    #[serde(alias = "Data", alias = "data")]
    DataProduct,
    #[serde(alias = "MachineLearning", alias = "machine_learning")]
    MachineLearningProduct,
}

impl ProductKind {
    pub(crate) const ALL: [Self; 5] =
        [Self::SaaSProduct, Self::AmiProduct, Self::ContainerProduct, Self::DataProduct, Self::MachineLearningProduct];

    /// Whether it runs in the buyer's account and is paid by the hour: AMIs and containers.
    pub(crate) fn runs_at_the_buyer(self) -> bool {
        matches!(self, Self::AmiProduct | Self::ContainerProduct)
    }

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Visibility {
    #[serde(alias = "draft")]
    Draft,
    #[serde(alias = "limited")]
    Limited,
    #[default]
    #[serde(alias = "public")]
    Public,
    #[serde(alias = "restricted")]
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

/// A dimension as the control API takes it: its key says enough, the rest may be told as `DescribeEntity` shows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDimension {
    #[serde(alias = "Key")]
    key: String,
    #[serde(alias = "Name")]
    name: Option<String>,
    #[serde(default, alias = "Description")]
    description: String,
    #[serde(default = "units", alias = "Unit")]
    unit: String,
    #[serde(default = "either_way", alias = "Types")]
    types: Vec<DimensionType>,
}

/// A dimension that says nothing may be sold by contract and by usage.
fn either_way() -> Vec<DimensionType> {
    vec![DimensionType::Entitled, DimensionType::ExternallyMetered]
}

impl From<NewDimension> for Dimension {
    fn from(new: NewDimension) -> Self {
        let name = new.name.unwrap_or_else(|| new.key.clone());
        Self { key: new.key, name, description: new.description, unit: new.unit, types: new.types }
    }
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
    /// Its id, when absent.
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) visibility: Visibility,
    #[serde(default)]
    pub(crate) dimensions: Vec<NewDimension>,
    /// The owning seller account; the default seller when absent.
    pub(crate) owner: Option<String>,
    /// Whether a released public offer exists; by default for `Public` and `Limited` products.
    pub(crate) public_offer: Option<bool>,
    /// The only countries that it may be sold in.
    pub(crate) countries: Option<Vec<String>>,
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
    /// The only countries that it may be sold in; everywhere when absent.
    #[serde(default)]
    pub(crate) countries: Option<Vec<String>>,
    /// What `UpdateInformation` last said of it.
    #[serde(default)]
    pub(crate) information: Map<String, Value>,
    /// What `AddDeliveryOptions` added, oldest first.
    #[serde(default)]
    pub(crate) versions: Vec<Value>,
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

    /// Whether a dimension can be paid upfront. An AMI or container product sells a year of what it
    /// otherwise sells by the hour (Catalog API: hourly with annual pricing).
    pub(crate) fn sells_upfront(&self, dimension: &Dimension) -> bool {
        dimension.is_entitled() || self.kind.runs_at_the_buyer()
    }
}

impl Entity for Product {
    fn blank(id: String, owner: &str, now: Timestamp) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            kind: ProductKind::SaaSProduct,
            title: String::new(),
            visibility: Visibility::Draft,
            dimensions: Vec::new(),
            public_offer: false,
            modified_at: now,
            revision: 0,
            countries: None,
            information: Map::new(),
            versions: Vec::new(),
        }
    }

    fn is_released(&self) -> bool {
        self.visibility != Visibility::Draft
    }

    fn record_revision(&mut self, at: Timestamp, _by: &str) {
        self.revision += 1;
        self.modified_at = at;
    }
}

impl NewProduct {
    /// The product to list; `None` parts take the sandbox's defaults.
    pub(crate) fn into_product(self, seller: &str, now: Timestamp) -> Product {
        let on_sale = matches!(self.visibility, Visibility::Limited | Visibility::Public);
        Product {
            owner: self.owner.unwrap_or_else(|| seller.to_owned()),
            kind: self.kind,
            title: self.title.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            visibility: self.visibility,
            dimensions: self.dimensions.into_iter().map(Dimension::from).collect(),
            public_offer: self.public_offer.unwrap_or(on_sale),
            modified_at: now,
            revision: 1,
            countries: self.countries,
            information: Map::new(),
            versions: Vec::new(),
        }
    }
}
