//! AWS Marketplace: a private offer's whole life over the Catalog and Agreement APIs, for SaaS, machine images and containers.
//!
//! [`connect`] gives the connector. An offer becomes one change set (`offers`), whose name is our key (`key`), so that a lost
//! answer is found again (`recover`). Every failure, at once or later, is brought to the port's closed set (`failure`,
//! `rejection`), every status word to ours (`status`). What AWS documents about offers is checked before anything is sent
//! (`preflight`). What is asked about an agreement afterwards is in `requests`, what was billed in `invoices`. What AWS
//! promises about its writes stands in one place, with its source (`profile`).
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod agreements;
mod benefits;
mod change_set;
mod check;
mod client;
mod config;
mod connector;
mod events;
mod failure;
mod invoices;
mod json;
mod key;
mod offers;
mod paging;
mod policy;
mod preflight;
mod profile;
mod recover;
mod rejection;
mod requests;
mod status;

pub use agreements::OVERLAP;
pub use config::{Config, ConfigError, CredentialsSource, Keys, REGION};
pub use connector::{AwsMarketplace, ConnectError, connect};
pub use offers::WITHDRAWN_ON;
pub use policy::{AGREEMENT_REQUESTS, CHANGE_TYPES};
pub use preflight::{FROZEN, Frozen, RULES, Rule};
pub use profile::{CHANGE_SET_VISIBILITY, TOKEN_RESEND_WINDOW};
