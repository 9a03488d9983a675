//! What a payment file refuses, what it becomes, and how answers are read.
#![allow(clippy::unwrap_used, missing_docs)]

mod any_file;
mod camt;
mod files;
mod hostile;
mod pain001;
mod pain002;
mod remittance;
mod sample;
mod sums;
mod tables;
mod xsd;
