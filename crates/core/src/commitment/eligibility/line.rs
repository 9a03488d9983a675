//! A charge, as far as eligibility asks about it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::commitment::{amount::Amount, basis::Dated};

/// A charge, or several that differ in their amount alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The account that is billed.
    pub account: String,
    /// The product or service.
    pub product: String,
    /// Through which channel it was bought.
    pub channel: Channel,
    /// What kind of charge it is.
    pub kind: ChargeKind,
    /// How often it is charged.
    pub frequency: Frequency,
    /// How it is priced.
    #[serde(default)]
    pub pricing: Pricing,
    /// Its dates.
    pub dates: Dates,
    /// What is known about the product and the purchase; what is not named is unknown.
    #[serde(default)]
    pub marks: BTreeMap<Mark, bool>,
    /// Before taxes, in the commitment's currency; below zero where it is given back.
    pub amount: Amount,
}

impl Line {
    /// Of what gives back an earlier charge, the day of that one, where it is known.
    pub(super) fn gives_back(&self) -> Option<Date> {
        let back = matches!(self.kind, ChargeKind::Refund | ChargeKind::Credit | ChargeKind::Adjustment);
        self.dates.original.filter(|_| back)
    }

    /// The date that a rule tests. What gives back a charge is judged as that one was, so that a rule that begins or ends between
    /// the two does not part them; when that one was invoiced is not told, and its day stands for it. Purchase and
    /// activation are those of the product for both.
    pub(super) fn tested(&self, dated: Dated) -> Option<Date> {
        let back = self.gives_back().filter(|_| matches!(dated, Dated::Charge | Dated::Invoice));
        back.or_else(|| self.dates.get(dated))
    }
}

/// The dates of a charge, in the zone in which the contract's months are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// When it was used or fell due.
    pub charge: Date,
    /// When the product was bought.
    #[serde(default)]
    pub purchase: Option<Date>,
    /// When the product was activated.
    #[serde(default)]
    pub activation: Option<Date>,
    /// When it was invoiced.
    #[serde(default)]
    pub invoice: Option<Date>,
    /// Of a refund, a credit or an adjustment, when what it gives back had been charged.
    #[serde(default)]
    pub original: Option<Date>,
}

impl Dates {
    /// One of them; `None` where it is unknown.
    pub fn get(&self, dated: Dated) -> Option<Date> {
        match dated {
            Dated::Purchase => self.purchase,
            Dated::Activation => self.activation,
            Dated::Charge => Some(self.charge),
            Dated::Invoice => self.invoice,
        }
    }
}

/// Through which channel something was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The cloud's own services.
    Cloud,
    /// The marketplace, from its vendor.
    Marketplace,
    /// The marketplace, through a reseller.
    Reseller,
}

impl Channel {
    /// Whether it is bought on the marketplace, from whomever.
    pub fn is_marketplace(self) -> bool {
        self != Channel::Cloud
    }
}

/// What kind of charge a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// Usage.
    Usage,
    /// A purchase.
    Purchase,
    /// A correction of what had been charged.
    Adjustment,
    /// Support by the cloud.
    Support,
    /// Tax.
    Tax,
    /// A credit.
    Credit,
    /// A refund.
    Refund,
    /// The fee of a savings plan.
    SavingsPlanFee,
    /// The fee of a reservation.
    ReservationFee,
}

/// How often something is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Once.
    OneTime,
    /// Again and again.
    Recurring,
    /// By usage.
    UsageBased,
}

/// How a product is priced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// It is paid for.
    #[default]
    Paid,
    /// It is free.
    Free,
    /// The buyer brings a licence.
    BringYourOwn,
}

/// Something about a product or a purchase that is so, is not so, or is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The product runs on the cloud itself.
    RunsOnCloud,
    /// The product is software as a service.
    SoftwareAsService,
    /// The offer is enrolled with the cloud as one that counts.
    OfferEnrolled,
    /// It was bought where the agreement asks for it, on an account tied to the agreement.
    BoughtUnderAgreement,
    /// The vendor lets what resellers sell count.
    VendorOptedIn,
    /// The product belongs to the buyer or an affiliate.
    OwnedByBuyer,
    /// It is professional services.
    ProfessionalServices,
    /// It is among the products that the cloud publishes as excluded.
    PublishedExclusion,
}

impl Mark {
    /// Its name in files.
    pub fn word(self) -> String {
        crate::commitment::basis::word(&self)
    }
}
