//! Spend towards commitments: files taken in, what each partition says, and what a restated file has changed.
//!
//! A file's bytes are kept first. It is then read in portions, each class of its charges is judged once, and its daily sums are
//! published in place of what their partition said. Nothing here prints, and nothing decides what counts: the rules do.

mod drawdown;

pub use drawdown::{DrawdownFailed, drawdown, effective};
