//! The accounts of the sandbox and the credentials that stand for them.

use serde::{Deserialize, Serialize};

/// What an account does on the marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Seller,
    Reseller,
    Buyer,
}

/// What AWS Marketplace has on file about a seller. Whoever is not in good standing is refused with
/// `INCOMPATIBLE_PAYMENT_SETTINGS`, `INCOMPATIBLE_SELLER_VERIFICATION` or `INVALID_TAX_INFORMATION`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Standing {
    /// The currencies in which the account's banks can be paid.
    pub(crate) payment_currencies: Vec<String>,
    /// Whether the seller's identity was verified, which other currencies than USD need.
    pub(crate) verified: bool,
    /// Whether tax information was handed in.
    pub(crate) tax_information: bool,
}

impl Default for Standing {
    fn default() -> Self {
        let currencies = ["USD", "AUD", "EUR", "GBP", "JPY"];
        Self { payment_currencies: currencies.map(str::to_owned).into(), verified: true, tax_information: true }
    }
}

impl Standing {
    fn is_good(&self) -> bool {
        *self == Self::default()
    }
}

/// One AWS account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) account_id: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    #[serde(default, skip_serializing_if = "Standing::is_good")]
    pub(crate) standing: Standing,
}

impl Account {
    /// An account whose credentials follow from its number, so that they are the same every time.
    pub(crate) fn new(role: Role, name: &str, account_id: &str) -> Self {
        Self {
            role,
            name: name.to_owned(),
            account_id: account_id.to_owned(),
            access_key: format!("AKIASBOX{account_id}"),
            secret_key: format!("sandbox-secret-of-account-{account_id}xx"),
            standing: Standing::default(),
        }
    }
}

/// One seller, one reseller, three buyers.
pub(crate) fn defaults() -> Vec<Account> {
    vec![
        Account::new(Role::Seller, "Nimbus Software", "510000000001"),
        Account::new(Role::Reseller, "Harbour Resale", "520000000001"),
        Account::new(Role::Buyer, "Alder Bank", "530000000001"),
        Account::new(Role::Buyer, "Birch Retail", "530000000002"),
        Account::new(Role::Buyer, "Cedar Health", "530000000003"),
    ]
}

/// Whether a text has the form of an account id.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
