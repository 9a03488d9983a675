//! AWS Marketplace: a SaaS private offer's whole life over the Catalog and Agreement APIs.
//!
//! [`connect`] gives the connector. An offer becomes one change set (`offers`), whose name is our key (`key`), so that a lost
//! answer is found again (`recover`). Every failure, at once or later, is brought to the port's closed set (`failure`,
//! `rejection`), every status word to ours (`status`). What AWS documents about offers is checked before anything is sent
//! (`preflight`), and what it promises about its writes stands in one place, with its source (`profile`).
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod agreements;
mod change_set;
mod check;
mod client;
mod config;
mod connector;
mod events;
mod failure;
mod json;
mod key;
mod offers;
mod policy;
mod preflight;
mod profile;
mod recover;
mod rejection;
mod status;

pub use agreements::OVERLAP;
pub use config::{Config, ConfigError, CredentialsSource, Keys, REGION};
pub use connector::{AwsMarketplace, ConnectError, connect};
pub use offers::WITHDRAWN_ON;
pub use policy::CHANGE_TYPES;
pub use preflight::{RULES, Rule};
pub use profile::{CHANGE_SET_VISIBILITY, TOKEN_RESEND_WINDOW};
