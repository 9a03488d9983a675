//! What was granted: amounts, how much of them is used, and until when.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{arn, instant};

/// What of an allocation can be told: the members of the `FulfillmentDetails` union that are used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Shape {
    /// Used up by claims.
    Consumable,
    /// Paid.
    Disbursement,
    /// Given as a code.
    Credits,
}

/// Something that was granted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Allocation {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) benefit_id: String,
    pub(crate) application_id: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) fulfillment: String,
    pub(crate) amount: Decimal,
    pub(crate) used: Decimal,
    pub(crate) currency: String,
    /// Which benefits it may be used for.
    pub(crate) usable_for: Vec<String>,
    /// The purchase order, the payment or the code.
    pub(crate) issuance: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Allocation {
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, "benefit-allocation", &self.id)
    }

    pub(crate) fn remaining(&self) -> Decimal {
        (self.amount - self.used).max(Decimal::ZERO)
    }

    /// All of it used, over, or neither.
    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        match self.remaining() {
            left if left == Decimal::ZERO => "FULFILLED",
            _ if self.expires_at <= now => "INACTIVE",
            _ => "ACTIVE",
        }
    }

    fn money(&self, amount: Decimal) -> Value {
        json!({ "Amount": format!("{amount:.2}"), "CurrencyCode": self.currency })
    }

    fn detail(&self) -> Value {
        let issuance = json!({
            "IssuanceId": self.issuance,
            "IssuanceAmount": self.money(self.amount),
            "IssuedAt": instant(self.created_at),
        });
        match self.shape {
            Shape::Consumable => json!({ "ConsumableDetails": {
                "AllocatedAmount": self.money(self.amount),
                "RemainingAmount": self.money(self.remaining()),
                "UtilizedAmount": self.money(self.used),
                "IssuanceDetails": issuance,
            } }),
            Shape::Disbursement => json!({ "DisbursementDetails": {
                "DisbursedAmount": self.money(self.used),
                "IssuanceDetails": issuance,
            } }),
            Shape::Credits => json!({ "CreditDetails": {
                "AllocatedAmount": self.money(self.amount),
                "IssuedAmount": self.money(self.used),
                "Codes": [{
                    "AwsAccountId": self.account,
                    "Value": self.money(self.amount),
                    "AwsCreditCode": self.issuance,
                    "Status": "ACTIVE",
                    "IssuedAt": instant(self.created_at),
                    "ExpiresAt": instant(self.expires_at),
                }],
            } }),
        }
    }

    fn common(&self, now: Timestamp) -> Map<String, Value> {
        let mut shown = Map::new();
        let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
        put("Id", json!(self.id));
        put("Catalog", json!("AWS"));
        put("Arn", json!(self.arn()));
        put("Name", json!(self.name));
        put("Status", json!(self.status(now)));
        put("BenefitId", json!(self.benefit_id));
        if let Some(id) = &self.application_id {
            put("BenefitApplicationId", json!(id));
        }
        put("ApplicableBenefitIds", json!(self.usable_for));
        put("CreatedAt", instant(self.created_at));
        put("ExpiresAt", instant(self.expires_at));
        shown
    }

    /// A line of a list.
    pub(super) fn listed(&self, now: Timestamp) -> Value {
        let mut shown = self.common(now);
        shown.insert("FulfillmentTypes".to_owned(), json!([self.fulfillment]));
        Value::Object(shown)
    }

    /// All of it.
    pub(super) fn shown(&self, now: Timestamp) -> Value {
        let mut shown = self.common(now);
        shown.insert("FulfillmentType".to_owned(), json!(self.fulfillment));
        shown.insert("FulfillmentDetail".to_owned(), self.detail());
        shown.insert("StartsAt".to_owned(), instant(self.created_at));
        shown.insert("UpdatedAt".to_owned(), instant(self.updated_at));
        Value::Object(shown)
    }
}
