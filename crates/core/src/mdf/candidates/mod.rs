//! Which few of very many earlier claims are worth comparing with a new one.
//!
//! Each claim is kept under [`Key`]s: short strings of a kind, such as `file:…` or `near:EUR:541:2891`, that say what
//! about it could be alike. A new claim is compared with those that are kept under the keys it [asks](asked) for: a
//! superset of its own, because the neighbours of its amounts, dates and pictures are among them. Keys are stable over
//! versions; a change of what a kind means gives it another name. [`Candidates`] does both in memory, and whoever keeps
//! claims in a database stores the same keys as search keys.

mod bands;
mod index;
mod key;
mod keys;
mod reach;

pub use index::{Candidates, Cut, Found, Work};
pub use key::{Key, KeyKind};
pub use keys::{asked, kept};
pub use reach::Reach;
