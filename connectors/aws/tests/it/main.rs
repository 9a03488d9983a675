//! The connector against the sandbox: real SDKs, real wire protocols, one machine.
#![allow(clippy::unwrap_used, missing_docs)]

mod agreements;
mod check;
mod conformance;
mod desk;
mod examples;
mod failures;
mod funding;
mod hints;
mod invoices;
mod life;
mod mangled;
mod mangled_requests;
mod offers;
mod plan;
mod preflight;
mod published;
mod recovery;
mod requests;
mod terms;
mod wire;
