//! The benefits that are offered: cash and credits for marketing, asked for beforehand, and the claim of the cash.
//!
//! AWS publishes none of its benefits' schemas; these have the form that the API's documentation describes, and fields that its
//! console asks for.

use serde_json::{Value, json};

/// Something that AWS gives its partners on application.
#[derive(Debug)]
pub(crate) struct Benefit {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) programs: &'static [&'static str],
    pub(crate) fulfillment: &'static str,
    pub(crate) active: bool,
    /// Whether what it gives was granted before, on an application that this one refers to.
    pub(crate) is_claim: bool,
}

/// Cash out of the caller's wallet.
pub(crate) const CASH: &str = "ben-mdfcash0000001";

/// The claim of granted cash.
pub(crate) const CLAIM: &str = "ben-mdfclaim000001";

/// Every benefit.
pub(crate) const BENEFITS: &[Benefit] = &[
    Benefit {
        id: CASH,
        name: "MDF cash",
        description: "Cash towards marketing, out of the partner's wallet. Asked for before the activity begins.",
        programs: &["MDF"],
        fulfillment: "CASH",
        active: true,
        is_claim: false,
    },
    Benefit {
        id: CLAIM,
        name: "MDF cash claim",
        description: "Claims cash that was granted, with proof of the activity.",
        programs: &["MDF"],
        fulfillment: "CASH",
        active: true,
        is_claim: true,
    },
    Benefit {
        id: "ben-mdfcredit00001",
        name: "MDF credits",
        description: "Promotional credits towards marketing.",
        programs: &["MDF"],
        fulfillment: "CREDITS",
        active: true,
        is_claim: false,
    },
    Benefit {
        id: "ben-mdfclosed00001",
        name: "MDF cash of last year",
        description: "No longer given.",
        programs: &["MDF"],
        fulfillment: "CASH",
        active: false,
        is_claim: false,
    },
];

/// The benefit of this id.
pub(crate) fn benefit(id: &str) -> Option<&'static Benefit> {
    BENEFITS.iter().find(|benefit| benefit.id == id)
}

impl Benefit {
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:partnercentral:us-east-1::catalog/AWS/benefit/{}", self.id)
    }

    pub(super) fn status(&self) -> &'static str {
        if self.active { "ACTIVE" } else { "INACTIVE" }
    }

    /// What an application has to say, as a JSON schema (`BenefitRequestSchema`).
    pub(crate) fn schema(&self) -> Value {
        let money = json!({
            "type": "object",
            "properties": {
                "Amount": { "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,2})?$" },
                "CurrencyCode": { "type": "string", "enum": ["USD", "EUR", "GBP", "JPY"] },
            },
            "required": ["Amount", "CurrencyCode"],
            "additionalProperties": false,
        });
        if self.is_claim {
            return json!({
                "$schema": "http://json-schema.org/draft-07/schema#",
                "title": self.name,
                "type": "object",
                "properties": {
                    "ClaimedAmount": money,
                    "InvoiceNumber": { "type": "string", "minLength": 1, "maxLength": 60 },
                    "ActualAttendees": { "type": "integer", "minimum": 0 },
                    "Results": { "type": "string", "minLength": 10, "maxLength": 2000 },
                },
                "required": ["ClaimedAmount", "InvoiceNumber", "Results"],
                "additionalProperties": false,
            });
        }
        json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": self.name,
            "type": "object",
            "properties": {
                "ActivityType": {
                    "type": "string",
                    "title": "Kind of activity",
                    "enum": ["Event", "Webinar", "DigitalCampaign", "Content", "Telemarketing"],
                },
                "ActivityName": { "type": "string", "minLength": 5, "maxLength": 100 },
                "StartDate": { "type": "string", "format": "date" },
                "EndDate": { "type": "string", "format": "date" },
                "Countries": { "type": "array", "items": { "type": "string", "pattern": "^[A-Z]{2}$" }, "minItems": 1, "maxItems": 10 },
                "RequestedAmount": money,
                "TotalCost": money,
                "ExpectedLeads": { "type": "integer", "minimum": 1, "maximum": 100000 },
                "BusinessJustification": { "type": "string", "minLength": 20, "maxLength": 2000 },
            },
            "required": [
                "ActivityType", "ActivityName", "StartDate", "EndDate", "Countries", "RequestedAmount", "ExpectedLeads",
                "BusinessJustification",
            ],
            "additionalProperties": false,
        })
    }

    /// Where the amount stands that an application asks for.
    pub(super) fn amount_key(&self) -> &'static str {
        if self.is_claim { "ClaimedAmount" } else { "RequestedAmount" }
    }
}
