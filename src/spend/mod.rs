//! Spend towards commitments: files taken in, what each partition says, and what a restated file has changed.
//!
//! A file's bytes are kept first. It is then read in portions, each class of its charges is judged once, and its daily sums are
//! published in place of what their partition said. Nothing here prints, and nothing decides what counts: the rules do.

mod again;
mod consent;
mod currencies;
mod days;
mod differences;
mod doubt;
mod drawdown;
mod explain;
mod import;
mod job;
mod judged;
mod look;
mod lots;
mod manifest;
mod place;
mod retract;
mod rules;
mod runs;
mod sources;
mod stage;
mod told;

pub use again::{Again, again, judged_otherwise};
pub use consent::{is_held_back, says_nothing};
pub use currencies::{InCurrency, import_all};
pub use differences::{Change, Why, changes, differences};
pub use drawdown::{DrawdownFailed, Known, Spent, drawdown, effective, spent};
pub use explain::{Asked, Charge, Explained, explain};
pub use import::import;
pub use job::{Came, Insists, Job, Taken};
pub use judged::{Judge, judged_by};
pub use retract::{is_retracted, retract};
pub use rules::{OWN_RULES, in_force, keep, kept, out_of_force};
pub use runs::{Run, come_in_place_of_all};
pub use sources::{Local, Source, SourceError, Sources, sources};
pub use stage::ImportError;
pub use told::{Published, state, tell};
