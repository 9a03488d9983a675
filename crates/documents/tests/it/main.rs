//! Evidence from the sender to the vault: hostile files, folders and buckets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod archives;
mod bucket;
mod corpus;
mod documents;
mod folder;
mod pictures;
mod raw;
mod s3;
mod scanner;
mod suite;
mod tables;
mod workbook;
