//! The values of a payment, each valid once it exists.

mod account;
mod bic;
mod country;
mod iban;
mod reference;
mod wording;

pub use account::{Account, AccountId};
pub use bic::Bic;
pub use country::CountryCode;
pub use iban::Iban;
pub use reference::Reference;
pub use wording::Wording;
