//! The policy and calendars in force.

use entente_core::{calendar::Calendars, policy::Policy};

/// What steps may know besides the run: replaced as a whole when people activate a policy or a calendar.
#[derive(Debug, Clone)]
pub struct World {
    /// The policy in force.
    pub policy: Policy,
    /// The calendars.
    pub calendars: Calendars,
}
