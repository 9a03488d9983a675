//! The private offer as a document: what is offered to whom, for how much, until when.
//!
//! [`document`] is the shape, [`load`] reads it, [`revision`] hashes it, [`purchase`] says what can be bought by accepting it,
//! [`totals`] and [`discount`] count it, [`figures`] shows it line by line,
//! [`price_book`] and [`template`] are what a vendor prepares, [`preflight`] is what is checked before anybody is asked.

pub mod amount;
pub mod attribution;
mod coherence;
pub mod discount;
pub mod document;
pub mod figures;
mod hidden;
pub mod load;
pub(crate) mod outline;
pub mod period;
pub mod preflight;
pub mod price_book;
pub mod purchase;
pub mod revision;
pub(crate) mod source;
pub mod template;
pub mod totals;

pub use amount::Amount;
pub use document::Offer;
pub use load::DocumentError;
pub use period::Period;
