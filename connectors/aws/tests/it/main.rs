//! The connector against the sandbox: real SDKs, real wire protocols, one machine.
#![allow(clippy::unwrap_used, missing_docs)]

mod agreements;
mod check;
mod conformance;
mod desk;
mod failures;
mod hints;
mod life;
mod offers;
mod plan;
mod preflight;
mod recovery;
