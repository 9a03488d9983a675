//! A marketplace on localhost: AWS Marketplace's wire protocols, a virtual clock, buyers and faults.
//!
//! The sandbox is independent of every other crate of this workspace, so that what it accepts or
//! refuses says something about the caller. One port serves two trees:
//!
//! - `/aws` speaks the AWS Marketplace Catalog API (restJson1) and the Agreement API (rpc-v2-cbor
//!   and awsJson1.0). The vendors' SDKs run against it unchanged: give them
//!   [`Running::aws_url`] as the endpoint and one of the accounts of the [`Running::ready_line`].
//! - `/control` moves the clock, plays the buyers, edits the catalogue and injects faults. Its
//!   OpenAPI description is served at `/control/openapi.json`.
//!
//! ```no_run
//! # async fn demo() -> Result<(), entente_sandbox::Error> {
//! let running = entente_sandbox::start(entente_sandbox::Config::default()).await?;
//! println!("{}", running.ready_line());
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod aws;
mod clock;
mod config;
mod control;
mod director;
mod ids;
mod line;
mod period;
mod persist;
mod running;
mod sandbox;
mod world;

pub use config::{Config, Processing, Rate, Throttling};
pub use director::{
    AMI_CONTRACT_PRODUCT, AMI_HOURLY_PRODUCT, Account, CONTAINER_CONTRACT_PRODUCT, CONTAINER_HOURLY_PRODUCT, Director,
    DirectorError, Effect, NOBODYS_ACCOUNT, SAAS_PRODUCT,
};
pub use running::{Error, Running, start};
