//! The commands about market development funds.

pub mod claim;
mod common;
pub mod explain;
pub mod fund;
pub mod partner;
pub mod payout;
pub mod programme;
pub mod request;
mod shown;
