//! Charts: lifecycle as data. [`model`] is what a chart says, [`step`] what it means.

pub mod bound;
pub mod cel;
pub mod diagram;
pub mod graph;
pub mod library;
pub mod lint;
pub mod migration;
pub mod model;
mod parse;
pub mod paths;
pub mod problem;
pub mod scenario;
pub mod step;
