//! The policies and calendars in force.

use std::collections::BTreeMap;

use entente_core::{calendar::Calendars, policy::Policy};

/// What steps may know besides the run: replaced as a whole when people activate a policy or a calendar.
#[derive(Debug, Clone)]
pub struct World {
    /// The policies in force.
    pub policies: Policies,
    /// The calendars.
    pub calendars: Calendars,
}

/// The policy of each workflow. A workflow without one of its own is judged by the general one: nothing is waved through.
#[derive(Debug, Clone)]
pub struct Policies {
    general: Policy,
    own: BTreeMap<String, Policy>,
}

impl Policies {
    /// Policies of which the general one judges every workflow that has none of its own.
    pub fn new(general: Policy) -> Policies {
        Policies { general, own: BTreeMap::new() }
    }

    /// With a policy for the workflow that it is named for.
    pub fn with(mut self, policy: Policy) -> Policies {
        self.own.insert(policy.name.clone(), policy);
        self
    }

    /// The policy that a workflow's approvals are judged by.
    pub fn of(&self, workflow: &str) -> &Policy {
        self.own.get(workflow).unwrap_or(&self.general)
    }

    /// The policy of this name.
    pub fn named(&self, name: &str) -> Option<&Policy> {
        self.iter().find(|policy| policy.name == name)
    }

    /// All of them, the general one first.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.general).chain(self.own.values())
    }
}
