//! What the use-cases work with: the database, the connections, the calendars, and the moment.

use std::sync::Arc;

use entente_core::{
    calendar::Calendars,
    ids::{ConnectorId, InvalidId, LegalEntityId},
    money::MoneyError,
    offer::Offer,
    scope::Home,
};
use entente_store::Store;
use jiff::{Timestamp, civil::Date};

use crate::{
    app::App,
    connectors::{Connection, Connections},
};

/// The party on whose side an offer lies: the vendor itself.
pub const VENDOR: &str = "vendor";

/// What the use-cases work with.
pub struct Desk {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The connector accounts.
    pub connections: Connections,
    /// The business calendars.
    pub calendars: Calendars,
    /// The zone in which the vendor reads instants, by IANA name.
    pub zone: String,
    /// Business time.
    pub now: Timestamp,
}

/// Why something about an offer cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Nobody sells there.
    #[error("no connector account sells for `{entity}` on `{marketplace}`: add one under `connectors` in entente.yaml")]
    NotConnected {
        /// The marketplace.
        marketplace: ConnectorId,
        /// The legal entity.
        entity: LegalEntityId,
    },
    /// The connector reads days in a zone that is not known here.
    #[error("the last day {day} cannot be read in the zone `{zone}`: name another day")]
    Day {
        /// The day.
        day: Date,
        /// The zone.
        zone: String,
    },
    /// An amount is out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A name is not one that can be kept.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// A stored price book, licence list or offer cannot be read.
    #[error("{what} cannot be read: {why}")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// The marketplace's connector refused.
    #[error(transparent)]
    Marketplace(#[from] entente_port::Error),
}

impl Desk {
    /// The desk of an installation, now.
    pub fn of(app: &App) -> Desk {
        Desk {
            store: app.store.clone(),
            connections: app.connections.clone(),
            calendars: app.world.borrow().calendars.clone(),
            zone: app.config.zone.clone(),
            now: app.clock.now(),
        }
    }

    /// The connection by which an offer is sold.
    ///
    /// # Errors
    /// When no account is connected for its legal entity and marketplace.
    pub fn connection(&self, offer: &Offer) -> Result<&Connection, DeskError> {
        let not_connected =
            || DeskError::NotConnected { marketplace: offer.marketplace.clone(), entity: offer.legal_entity.clone() };
        self.connections.of(offer.marketplace.as_str(), &home_of(offer)?).ok_or_else(not_connected)
    }

    /// The last instant of a day in the marketplace's zone: after it no acceptance is taken.
    ///
    /// # Errors
    /// When no account is connected, or the day does not exist in the zone.
    pub fn last_moment(&self, offer: &Offer, day: Date) -> Result<Timestamp, DeskError> {
        let zone = self.connection(offer)?.marketplace.zone();
        let last = day.at(23, 59, 59, 0).in_tz(zone).map(|zoned| zoned.timestamp());
        last.map_err(|_| DeskError::Day { day, zone: zone.to_owned() })
    }
}

/// Where an offer belongs.
///
/// # Errors
/// Never in practice: the vendor's party is a well-formed id.
pub fn home_of(offer: &Offer) -> Result<Home, InvalidId> {
    Ok(Home { legal_entity: offer.legal_entity.clone(), party: VENDOR.parse()? })
}
