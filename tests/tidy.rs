//! The project keeps its own rules: sizes, rooms, words, pages and locks.
//!
//! Every rule is a function from a tree of files to findings. Each is applied to the project, and to a small bad tree
//! that shows that it can fail.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "tidy/mod.rs"]
mod rules;
