//! The commands about market development funds.

pub mod claim;
pub(super) mod common;
pub mod evidence;
pub mod explain;
pub mod fund;
pub mod partner;
pub mod payout;
pub mod programme;
pub mod request;
mod shown;
pub mod trial;
