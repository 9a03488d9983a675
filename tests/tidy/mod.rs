//! The rules, one concern per file.

mod charts;
mod commands;
mod directions;
mod error_pages;
mod faults;
mod layers;
mod marketplaces;
mod purity;
mod records;
mod rust_source;
mod sizes;
mod sql;
mod state_names;
mod tree;
mod words;
