//! The commands about market development funds.

pub mod claim;
pub mod evidence;
pub mod explain;
pub mod fund;
pub mod import;
pub(super) mod papers;
pub mod partner;
pub mod payout;
pub mod programme;
pub mod request;
mod shown;
pub mod trial;
