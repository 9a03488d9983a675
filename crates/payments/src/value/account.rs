//! Accounts.

use std::fmt;

use super::Iban;
use crate::{file::Flaw, transliterate::is_sepa};

/// The number of an account where IBANs are not used: 1 to 34 characters of the SEPA set (`Max34Text`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl AccountId {
    /// The most characters.
    pub const MOST: usize = 34;

    /// An account's number, as its bank writes it.
    ///
    /// # Errors
    /// When it is empty, too long, or holds other characters.
    pub fn parse(text: &str) -> Result<AccountId, Flaw> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(Flaw::Empty);
        }
        if let Some(character) = text.chars().find(|c| !is_sepa(*c)) {
            return Err(Flaw::Character { character });
        }
        if text.len() > AccountId::MOST {
            return Err(Flaw::TooLong { length: text.len(), most: AccountId::MOST });
        }
        Ok(AccountId(text.to_owned()))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountId(…)")
    }
}

/// Where money comes from or goes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// An IBAN.
    Iban(Iban),
    /// Any other number.
    Other(AccountId),
}

impl Account {
    /// The number.
    pub fn as_str(&self) -> &str {
        match self {
            Account::Iban(iban) => iban.as_str(),
            Account::Other(id) => id.as_str(),
        }
    }

    /// Whether a SEPA credit transfer can reach it.
    pub fn is_sepa(&self) -> bool {
        matches!(self, Account::Iban(iban) if iban.is_sepa())
    }
}
