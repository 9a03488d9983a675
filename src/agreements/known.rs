//! The agreements that offers of ours have made, and the connection by which each is reached.

use entente_core::{
    context::private_offer::Agreement,
    ids::ConnectorId,
    money::Money,
    offer::totals::totals,
    scope::{Home, Scope},
};
use entente_store::{RunFilter, RunKey, Store};
use serde::Serialize;

use crate::{
    connectors::Connection,
    offers::{
        Desk, DeskError, VENDOR,
        stored::{self, StoredOffer},
    },
};

/// An agreement that an offer of ours has made.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// The marketplace's id.
    pub id: String,
    /// The marketplace.
    pub marketplace: ConnectorId,
    /// The label of the offer that made it.
    pub offer: String,
    /// The product's id there.
    pub product: String,
    /// The buyer's name.
    pub buyer: String,
    /// What it is worth: as the marketplace states it, else as the offer says.
    pub value: Option<Money>,
    /// What the offer's run knows of it.
    #[serde(flatten)]
    pub agreement: Agreement,
}

/// Where an agreement is to be asked for, and what our own records know of it.
pub struct Whose<'a> {
    /// The connection by which it is reached.
    pub connection: &'a Connection,
    /// Where it belongs.
    pub home: Home,
    /// The offer that made it, where one of ours did.
    pub offer: Option<StoredOffer>,
}

/// The agreements that an offer has made.
pub fn of_offer(stored: &StoredOffer) -> impl Iterator<Item = Known> {
    let (offer, label) = (&stored.offer.offer, &stored.row.snapshot.label);
    let documented = totals(offer).ok().map(|totals| totals.total).filter(|total| total.minor > 0);
    stored.offer.agreements.iter().map(move |(id, agreement)| Known {
        id: id.clone(),
        marketplace: offer.marketplace.clone(),
        offer: label.clone(),
        product: offer.product.id.clone(),
        buyer: offer.buyer.name.clone(),
        value: agreement.value_minor.map(|minor| Money { minor, currency: offer.currency }).or(documented),
        agreement: agreement.clone(),
    })
}

/// The offer of ours that has made an agreement, if one has.
///
/// # Errors
/// When the database cannot be read.
pub async fn maker(store: &dyn Store, marketplace: &ConnectorId, id: &str) -> Result<Option<StoredOffer>, DeskError> {
    let key = RunKey { kind: "agreement".into(), value: format!("{marketplace}/{id}"), unique: true };
    let Some(run) = store.run_by_key(&Scope::vendor(), &key).await?.into_iter().next_back() else { return Ok(None) };
    let row = store.run(&Scope::vendor(), run).await?;
    row.map(stored::typed).transpose()
}

impl Desk {
    /// Every agreement that an offer of ours has made, by the offer's label.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn agreements(&self) -> Result<Vec<Known>, DeskError> {
        let offers = stored::offers(self.store.as_ref(), RunFilter::default()).await?;
        Ok(offers.iter().flat_map(of_offer).collect())
    }

    /// Where an agreement is to be asked for: the connection of the offer that made it, or the one that is named.
    ///
    /// # Errors
    /// When no offer of ours made it and no connection is named, or there is no such connection.
    pub async fn whose(&self, id: &str, connector: Option<&str>) -> Result<Whose<'_>, DeskError> {
        let not_found = |kind: &'static str, id: &str| entente_store::Error::NotFound { kind, id: id.to_owned() };
        let party = || VENDOR.parse().map_err(DeskError::from);
        if let Some(name) = connector {
            let connection = self.connections.get(name).ok_or_else(|| not_found("connector account", name))?;
            let home = Home { legal_entity: connection.legal_entity.clone(), party: party()? };
            let offer = maker(self.store.as_ref(), &connection.marketplace.id(), id).await?;
            let offer = offer.filter(|offer| offer.row.snapshot.home.legal_entity == home.legal_entity);
            return Ok(Whose { connection, home, offer });
        }
        for marketplace in self.connections.marketplaces() {
            if let Some(offer) = maker(self.store.as_ref(), &marketplace, id).await? {
                let (connection, home) = (self.connection(&offer.offer.offer)?, offer.row.snapshot.home.clone());
                return Ok(Whose { connection, home, offer: Some(offer) });
            }
        }
        Err(not_found("agreement", id).into())
    }
}
