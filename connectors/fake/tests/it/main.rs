//! The fake as a marketplace of its own, and the conformance suite's power to find fault with it.
#![allow(clippy::unwrap_used, missing_docs)]

mod after_sale;
mod bench;
mod conformance;
mod faults;
mod pages;
mod persistence;
