//! Pictures of a commitment as SVG. Looks come from the page's style sheet through classes; there is no style attribute,
//! every text is escaped, and each picture says in words what it shows.

mod bars;
mod burndown;
mod frame;
mod waterfall;

pub use bars::{Bar, bars};
pub use burndown::{BurnDown, burn_down};
pub use waterfall::{Step, waterfall};
