//! What kind of marketplace the fake is.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use entente_port::{Capability, ProductFacts, Profile, RecoveryClass};

/// What kind of marketplace the fake is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How each write behaves; what is missing has [`profile`] of [`RecoveryClass::TokenDedup`]. The marketplace honours tokens
    /// only where the class is `TokenDedup`, and keeps our key only where it is `TokenDedup` or `NaturalKey`.
    pub profiles: BTreeMap<Capability, Profile>,
    /// How long a change stays pending.
    pub processing: Duration,
    /// After how long an applied write is found and read.
    pub visibility: Duration,
    /// The products it lists.
    pub products: Vec<ProductFacts>,
    /// The most agreements on one page.
    pub page: usize,
    /// The file that holds its world; without one the world ends with the process.
    pub state: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Settings {
        let uses = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let dimensions = [("seats", uses(&["contract"])), ("gigabytes", uses(&["contract", "usage"]))];
        Settings {
            profiles: BTreeMap::new(),
            processing: Duration::ZERO,
            visibility: Duration::ZERO,
            products: vec![ProductFacts {
                id: "prod-fake".to_owned(),
                title: "Fake product".to_owned(),
                kind: None,
                public: true,
                dimensions: dimensions.map(|(key, uses)| (key.to_owned(), uses)).into_iter().collect(),
            }],
            page: 20,
            state: None,
        }
    }
}

impl Settings {
    /// The same, with every write of one recovery class.
    pub fn with_class(mut self, class: RecoveryClass) -> Settings {
        let writes = BTreeSet::from([
            Capability::CreateOffer,
            Capability::WithdrawOffer,
            Capability::ExtendOffer,
            Capability::AmendOffer,
            Capability::CancelAgreement,
            Capability::AdjustBilling,
            Capability::RequestPayment,
            Capability::WithdrawPayment,
        ]);
        self.profiles = writes.into_iter().map(|capability| (capability, profile(class))).collect();
        self
    }

    /// How a write behaves.
    pub fn profile(&self, capability: Capability) -> Profile {
        let profile = self.profiles.get(&capability).cloned().unwrap_or_else(|| profile(RecoveryClass::TokenDedup));
        // Money that moved, or a buyer who was asked, cannot be made as if nothing had been.
        let after_sale = [Capability::CancelAgreement, Capability::AdjustBilling, Capability::RequestPayment];
        Profile { irreversible: profile.irreversible || after_sale.contains(&capability), ..profile }
    }
}

/// What the fake declares for a class. A real connector names the source of each figure; these are the fake's own promises.
pub fn profile(class: RecoveryClass) -> Profile {
    let honours_tokens = class == RecoveryClass::TokenDedup;
    let findable = matches!(class, RecoveryClass::TokenDedup | RecoveryClass::NaturalKey);
    Profile {
        class,
        token_window: if honours_tokens { Duration::from_secs(3600) } else { Duration::ZERO },
        visibility: findable.then_some(Duration::from_secs(1)),
        irreversible: class == RecoveryClass::Manual,
    }
}
