//! What can be wrong with a payment file, and with which field of which transfer.

use std::fmt;

use entente_core::money::{Currency, Money};

/// A part of a payment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The file itself.
    File,
    /// A group, by its id.
    Group(String),
    /// A transfer, by its end-to-end id.
    Transfer(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ids that were refused may hold anything: they are shown escaped and shortened.
        let shown = |id: &str| id.chars().take(40).flat_map(char::escape_debug).collect::<String>();
        match self {
            Place::File => f.write_str("the payment file"),
            Place::Group(id) => write!(f, "group `{}`", shown(id)),
            Place::Transfer(id) => write!(f, "transfer `{}`", shown(id)),
        }
    }
}

/// A field of a file, a group or a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The message's id.
    MessageId,
    /// Who sends the file.
    InitiatingParty,
    /// The groups.
    Groups,
    /// The sum over everything.
    ControlSum,
    /// The group's id.
    GroupId,
    /// Who pays.
    DebtorName,
    /// The account that is debited.
    DebtorAccount,
    /// The debited account's bank.
    DebtorBic,
    /// The group's transfers.
    Transfers,
    /// The transfer's own id.
    EndToEndId,
    /// How much.
    Amount,
    /// Who is paid.
    CreditorName,
    /// The account that is credited.
    CreditorAccount,
    /// The credited account's bank.
    CreditorBic,
    /// Where the payee is.
    CreditorCountry,
    /// What the payee reads.
    Remittance,
}

impl Field {
    /// Its name for people.
    pub fn word(self) -> &'static str {
        match self {
            Field::MessageId => "message id",
            Field::InitiatingParty => "initiating party",
            Field::Groups => "groups",
            Field::ControlSum => "control sum",
            Field::GroupId => "group id",
            Field::DebtorName => "debtor's name",
            Field::DebtorAccount => "debtor's account",
            Field::DebtorBic => "debtor's BIC",
            Field::Transfers => "transfers",
            Field::EndToEndId => "end-to-end id",
            Field::Amount => "amount",
            Field::CreditorName => "creditor's name",
            Field::CreditorAccount => "creditor's account",
            Field::CreditorBic => "creditor's BIC",
            Field::CreditorCountry => "creditor's country",
            Field::Remittance => "remittance text",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What is wrong with a value. Account numbers are never repeated in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing is there.
    #[error("is empty; fill it in")]
    Empty,
    /// Longer than the bank takes.
    #[error("has {length} characters as it would be sent, and {most} are the most; shorten it")]
    TooLong {
        /// Its length in the SEPA character set.
        length: usize,
        /// The most.
        most: usize,
    },
    /// A character that is not of the SEPA character set, and has no equivalent where one would be looked for.
    #[error(
        "holds U+{:04X}, which is not of the SEPA character set; write it in Latin letters, digits and `/ - ? : ( ) . , ' +`",
        u32::from(*.character)
    )]
    Character {
        /// The character.
        character: char,
    },
    /// A reference with a slash or a space in a wrong place.
    #[error("begins or ends with `/` or a space, or holds `//`; leave them out")]
    Slashes,
    /// Not of the form of an IBAN.
    #[error(
        "is no IBAN: two letters, two digits and up to 30 letters and digits; correct it, or give it as another account"
    )]
    IbanForm,
    /// Not as long as its country's are.
    #[error("has {length} characters, and an IBAN of its country has {expected}; correct it")]
    IbanLength {
        /// Its length.
        length: usize,
        /// What its country's have.
        expected: usize,
    },
    /// A mistyped IBAN.
    #[error("has check digits that do not fit the rest; correct it with the account's owner")]
    IbanCheckDigits,
    /// Not of the form of a BIC.
    #[error("is no BIC: 8 or 11 capital letters and digits, such as `DEUTDEFF`; correct it or leave it out")]
    Bic,
    /// Not of the form of a country's code.
    #[error("is no country: two capital letters of ISO 3166, such as `DE`; correct it")]
    Country,
    /// Nothing or less.
    #[error("is {amount}, and only what is more than zero can be paid; leave the transfer out")]
    NotPositive {
        /// The amount.
        amount: Money,
    },
    /// More than the schema's 18 digits.
    #[error("has more than the 18 digits that the file can hold; divide the payment")]
    TooLarge,
    /// Another currency than its group's.
    #[error("is in {found}, and its group pays in {expected}; put it into a group of its own")]
    OtherCurrency {
        /// The transfer's.
        found: Currency,
        /// The group's.
        expected: Currency,
    },
    /// The same id twice.
    #[error("is there twice; give each its own")]
    Doubled,
    /// Two groups for the same account and currency.
    #[error("is debited in {currency} by another group already; put both groups' transfers into one")]
    AccountTwice {
        /// The currency.
        currency: Currency,
    },
}

/// Why there is no payment file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: the {field} {flaw}")]
pub struct FileError {
    /// Of which part.
    pub place: Place,
    /// Which field.
    pub field: Field,
    /// What is wrong with it.
    pub flaw: Flaw,
}
