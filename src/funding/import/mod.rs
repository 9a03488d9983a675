//! A list of what was granted and paid before Entente, brought in from a spreadsheet.
//!
//! A file is read row by row, and each row is held against what its mapping declares, what is known of funds and partners, and
//! every row that was ever brought in. Only a file without a defect is staged, and it counts once somebody else has agreed:
//! what was paid is then known to the rules, and what was granted may be opened as requests, which go the ordinary way.

mod content;
mod contents;
mod heading;
mod identity;
mod line;
mod mapping;
mod open;
pub(super) mod past;
mod report;
mod scan;
mod stage;
mod world;

pub use contents::{ContentSum, Contents, Sampled, contents};
pub use identity::{Identity, identify};
pub use mapping::{Mapping, TEMPLATE};
pub use open::{Opened, open};
pub use report::{DEFECTS_MOST, Defect, Report, Sum};
pub use scan::check;
pub use stage::{NotStaged, Staged, stage};
pub use world::World;
