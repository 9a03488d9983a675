//! What the rules must know and the document cannot say. The shell gathers it; an unknown fact lets its rules pass.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ids::ConnectorId,
    money::Currency,
    offer::discount::{DiscountError, Discounts},
};

/// The world around an offer at the moment of the check.
#[derive(Debug, Clone, PartialEq)]
pub struct PreflightFacts {
    /// Today in the marketplace's zone.
    pub today: Date,
    /// The last moment to accept, and what speaks against it.
    pub expiry: Option<ExpiryFacts>,
    /// The product as the marketplace lists it.
    pub product: Option<ProductFacts>,
    /// External ids that other offers carry already.
    pub taken_refs: Vec<TakenRef>,
    /// The offer against its price book, or what the book lacks.
    pub discounts: Option<Result<Discounts, DiscountError>>,
    /// SHA-256 of the vendor's approved licence texts.
    pub approved_eulas: Option<BTreeSet<String>>,
    /// The agreement that the offer says it renews.
    pub renewed: Option<AgreementFacts>,
}

impl PreflightFacts {
    /// Nothing known but the day.
    pub fn on(today: Date) -> PreflightFacts {
        PreflightFacts {
            today,
            expiry: None,
            product: None,
            taken_refs: Vec::new(),
            discounts: None,
            approved_eulas: None,
            renewed: None,
        }
    }
}

/// The last moment to accept, as the business calendars see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryFacts {
    /// The instant after which the marketplace takes no acceptance.
    pub last_moment: Timestamp,
    /// What speaks against it, calendar by calendar, such as `for the seller it falls on a holiday (Labor Day)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<String>,
}

/// A product as its marketplace lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductFacts {
    /// Whether private offers can be made for it.
    pub offerable: bool,
    /// The marketplace's keys of dimensions that contracts can buy.
    pub contract_dimensions: BTreeSet<String>,
    /// The marketplace's keys of dimensions that are metered.
    pub usage_dimensions: BTreeSet<String>,
}

/// An external id that another offer carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenRef {
    /// The system, such as `crm_opportunity`.
    pub system: String,
    /// The id there.
    pub id: String,
    /// The label of the offer that carries it.
    pub by: String,
}

/// An agreement under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementFacts {
    /// The marketplace's id.
    pub id: String,
    /// The marketplace.
    pub marketplace: ConnectorId,
    /// The marketplace's id of its product.
    pub product: String,
    /// The account that accepted it.
    pub buyer_account: String,
    /// The currency in which it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Whether it is in force.
    pub active: bool,
    /// Its last day.
    pub ends: Option<Date>,
}
