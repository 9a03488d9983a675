//! What is known of funds and partners while a list is read.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{FundPaper, PartnerPaper},
    ids::LegalEntityId,
    scope::Scope,
};
use entente_store::{RunFilter, Store};

use crate::{funding::stored, offers::DeskError};

/// The tag of funds that may be drawn on.
const OPEN: &str = "open";

/// Funds and partners, by their ids.
#[derive(Debug, Default)]
pub struct World {
    pub(super) funds: BTreeMap<String, Known>,
    pub(super) partners: BTreeSet<String>,
}

/// A fund.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) paper: FundPaper,
    pub(super) is_open: bool,
}

impl World {
    /// Reads what is known.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(store: &dyn Store) -> Result<World, DeskError> {
        let mut world = World::default();
        for fund in stored::papers::<FundPaper>(store, &Scope::vendor(), RunFilter::default()).await? {
            let known = Known { is_open: fund.has(OPEN), paper: fund.sheet.paper.clone() };
            let id = known.paper.fund.to_string();
            // Of several runs of a fund the one that has not ended counts.
            if known.is_open || !world.funds.contains_key(&id) {
                world.funds.insert(id, known);
            }
        }
        let partners = stored::papers::<PartnerPaper>(store, &Scope::vendor(), RunFilter::default()).await?;
        world.partners.extend(partners.into_iter().map(|partner| partner.sheet.paper.partner.to_string()));
        Ok(world)
    }

    /// The legal entities whose funds are known.
    pub fn entities(&self) -> BTreeSet<LegalEntityId> {
        self.funds.values().map(|fund| fund.paper.legal_entity.clone()).collect()
    }
}
