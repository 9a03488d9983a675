//! Who may accept an offer.

use serde::{Deserialize, Serialize};

/// Who may accept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Targeting {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) positive_targeting: Option<PositiveTargeting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) negative_targeting: Option<NegativeTargeting>,
}

/// Who may accept: these accounts, buyers in these countries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct PositiveTargeting {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buyer_accounts: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country_codes: Option<Vec<String>>,
}

/// Who may not accept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct NegativeTargeting {
    pub(crate) country_codes: Vec<String>,
}

impl Targeting {
    /// These accounts and nothing else.
    pub(crate) fn of_buyers(accounts: Vec<String>) -> Self {
        let positive = PositiveTargeting { buyer_accounts: Some(accounts), country_codes: None };
        Self { positive_targeting: Some(positive), negative_targeting: None }
    }

    /// Exactly one account, as a replacement offer has.
    pub(crate) fn of_buyer(account: &str) -> Self {
        Self::of_buyers(vec![account.to_owned()])
    }

    /// The countries that buyers must be in, when some are named.
    pub(crate) fn countries(&self) -> Option<&[String]> {
        self.positive_targeting.as_ref()?.country_codes.as_deref()
    }
}
