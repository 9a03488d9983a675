//! The shape of `offer.yaml`: neutral words that every marketplace connector maps to its own.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod pricing;
mod renewal;

pub use pricing::{
    Alternative, AlternativePrice, Choice, Contract, ContractDimension, FreeTrial, Grant, Instalment, Pricing,
    PricingModel, RampStep, Usage, UsageDimension,
};
pub use renewal::{Adjustment, AutoRenewal, Renewal, RenewalInstalment, RenewalPurpose};

use super::Period;
use crate::{
    ids::{ConnectorId, LegalEntityId},
    money::Currency,
};

/// A private offer: one product, one buyer, one price, for a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The vendor's own label, unique among its offers, such as `ACME-2027-0042`.
    pub reference: String,
    /// The marketplace connector, such as `aws`.
    pub marketplace: ConnectorId,
    /// The vendor's legal entity that sells.
    pub legal_entity: LegalEntityId,
    /// The sales region, such as `emea`; policy rows may test it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What is sold.
    pub product: Product,
    /// To whom.
    pub buyer: Buyer,
    /// The offer's name, as the buyer reads it.
    pub name: String,
    /// The offer's description, as the marketplace keeps it.
    pub description: String,
    /// The currency of every amount in the document.
    pub currency: Currency,
    /// What it costs.
    pub pricing: Pricing,
    /// How long the agreement lasts; absent means the contract's duration from acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// The licence terms.
    pub eula: Eula,
    /// When and how the buyer gets money back, as the buyer reads it; absent means the marketplace's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_policy: Option<String>,
    /// The countries in which the offer can be accepted; absent means wherever the product is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countries: Option<Countries>,
    /// The last day on which the buyer can accept, in the marketplace's zone.
    #[schemars(with = "IsoDate")]
    pub expires_on: Date,
    /// The agreement that this offer renews or replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// How the agreement renews by itself; absent means that it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_renewal: Option<AutoRenewal>,
    /// Days from invoice to payment; absent means the marketplace's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 365))]
    pub payment_due_days: Option<u16>,
    /// Ids in other systems: `crm_opportunity`, `quote`, `purchase_order`; one per system, carried to every event and export.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external_refs: BTreeMap<String, String>,
    /// The price book against which discounts count, as `id@version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_book: Option<String>,
    /// Why these terms are right, for the people who approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// Internal notes; never sent to a marketplace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// A day of the calendar as documents write it.
#[derive(JsonSchema)]
#[schemars(transparent, extend("format" = "date"))]
#[expect(dead_code, reason = "stands for a calendar day in the JSON Schema only")]
pub(super) struct IsoDate(String);

/// What is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The marketplace's id of the product.
    pub id: String,
    /// What kind of product it is.
    pub kind: ProductKind,
    /// The marketplace's key of each dimension that the document calls differently, by the document's key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
}

/// The kinds of products that marketplaces list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    /// Software as a service.
    Saas,
    /// A virtual machine image.
    MachineImage,
    /// Containers.
    Container,
    /// A machine-learning model.
    MachineLearning,
    /// Data sets.
    Data,
    /// Work by people.
    ProfessionalServices,
}

/// To whom it is offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    /// The organisation's name.
    pub name: String,
    /// The marketplace accounts that may accept.
    #[schemars(length(min = 1))]
    pub accounts: Vec<String>,
    /// The country, in two letters of ISO 3166.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    pub country: Option<String>,
    /// The zone in which the buyer reads instants, by IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
}

/// A person on the buyer's side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The person's name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// What the person does there, such as `accepter`, `procurement`, `legal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// How long the agreement lasts: a duration from acceptance, or dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// From acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Period>,
    /// The first day; absent means the day of acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<IsoDate>")]
    pub start: Option<Date>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<IsoDate>")]
    pub end: Option<Date>,
}

/// The licence terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Eula {
    /// The marketplace's standard contract.
    Standard(StandardEula),
    /// The vendor's own text.
    Custom(CustomEula),
}

/// A version of the marketplace's standard contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandardEula {
    /// The version, as the marketplace names it.
    pub version: String,
}

/// A text of the vendor's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomEula {
    /// Where the marketplace fetches it.
    pub url: String,
    /// SHA-256 of the text that was approved, in hexadecimal.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: String,
}

/// The countries in which an offer can be accepted, each in two letters of ISO 3166.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Countries {
    /// In these and no others.
    Only(#[schemars(length(min = 1))] Vec<String>),
    /// In all but these.
    Except(#[schemars(length(min = 1))] Vec<String>),
}

/// The published JSON Schema of the document.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Offer)
}

impl Offer {
    /// How long the agreement lasts: the stated term, else the contract's duration from acceptance.
    pub fn agreement_term(&self) -> Option<Term> {
        let contract = self.pricing.contract.as_ref();
        self.term
            .or_else(|| contract.map(|contract| Term { duration: Some(contract.duration), start: None, end: None }))
    }

    /// Whether the offer changes an agreement that runs, and takes its place as soon as it is accepted.
    pub fn amends(&self) -> bool {
        self.renewal.as_ref().is_some_and(|renewal| renewal.purpose == Some(RenewalPurpose::Amendment))
    }

    /// The marketplace's key of a dimension that the document calls `key`.
    pub fn marketplace_key<'a>(&'a self, key: &'a str) -> &'a str {
        self.product.dimensions.get(key).map_or(key, String::as_str)
    }
}

impl Countries {
    /// The word under which the document lists them, and the codes.
    pub fn listed(&self) -> (&'static str, &[String]) {
        match self {
            Countries::Only(codes) => ("only", codes),
            Countries::Except(codes) => ("except", codes),
        }
    }

    /// Whether the offer can be accepted in a country.
    pub fn allow(&self, country: &str) -> bool {
        match self {
            Countries::Only(codes) => codes.iter().any(|code| code == country),
            Countries::Except(codes) => codes.iter().all(|code| code != country),
        }
    }
}

impl Term {
    /// The agreement's last day if the buyer accepts on `accepted`.
    pub fn end_if_accepted(&self, accepted: Date) -> Option<Date> {
        self.end.or_else(|| self.duration.and_then(|duration| duration.after(self.start.unwrap_or(accepted))))
    }
}
