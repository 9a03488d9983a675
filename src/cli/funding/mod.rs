//! The commands about market development funds.

pub mod accrual;
mod amend;
mod beside;
pub mod budget;
pub mod claim;
pub mod evidence;
pub mod exception;
pub mod explain;
pub mod fund;
pub mod grant;
pub mod import;
mod last_moment;
pub mod order;
pub(super) mod papers;
pub mod partner;
pub mod payout;
pub mod play;
pub mod programme;
pub mod request;
mod returns;
pub mod review;
mod share;
mod shown;
mod sweep;
pub mod tax;
pub mod trial;
