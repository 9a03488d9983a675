//! Exchange rates: published ones with their source, and what a contract says about which of them converts spend that was billed in
//! another currency than the commitment's.

mod convert;
mod moved;
mod published;
mod read;
mod rule;

pub use convert::{Apart, Conversions, Day, Foreign, Step, Used, Waiting};
pub use moved::{FxMove, moves};
pub use published::{Cited, Published, Quote, Rates, Source};
pub use read::{CsvSource, Read};
pub(super) use rule::check;
pub use rule::{By, Conversion, Rate, RateDay};
