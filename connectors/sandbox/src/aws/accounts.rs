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

/// One AWS account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) account_id: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
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
