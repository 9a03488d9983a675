//! Pictures of a commitment as SVG, and as plain characters for a terminal. Looks come from the page's style sheet through
//! classes; there is no style attribute, every text is escaped, and each picture says in words what it shows.

mod bars;
mod burndown;
mod frame;
mod terminal;
mod waterfall;

pub use bars::{Bar, bars};
pub use burndown::{AtMost, BurnDown, burn_down};
pub use frame::Caption;
pub use terminal::{terminal_bars, terminal_burn_down};
pub use waterfall::{Step, waterfall};
