//! The last moment to accept, on the clocks of everybody who may miss it.

use std::collections::BTreeMap;

use entente_core::{context::private_offer::on_clock, offer::Offer};
use jiff::Timestamp;

use super::{Desk, standing::Standing, stored::StoredOffer};

/// An instant on the clocks of marketplace, seller and buyer; absent where a party's zone is not known.
pub type InZones = BTreeMap<&'static str, Option<String>>;

impl Desk {
    /// The last moment of a document, and how each party reads it. No account for it, no moment: nobody knows the zone.
    pub fn expiry(&self, offer: &Offer) -> (Option<Timestamp>, InZones) {
        let at = self.last_moment(offer, offer.expires_on).ok();
        (at, self.read(offer, at, None))
    }

    /// Says of an offer when it can last be accepted, and how each party reads that. A draft has the moment of its document.
    pub fn tell_expiry(&self, standing: &mut Standing, stored: &StoredOffer) {
        let offer = &stored.offer.offer;
        let facts = stored.offer.facts.as_ref();
        standing.last_moment = standing.last_moment.or_else(|| self.last_moment(offer, standing.last_day).ok());
        let zones = facts.map(|facts| (facts.marketplace_zone.as_str(), facts.seller_zone.as_str()));
        standing.expiry_in_zones = self.read(offer, standing.last_moment, zones);
    }

    /// `known` are the zones of marketplace and seller as the offer pinned them.
    fn read(&self, offer: &Offer, at: Option<Timestamp>, known: Option<(&str, &str)>) -> InZones {
        let connected = self.connection(offer).ok().map(|connection| connection.marketplace.zone());
        let (marketplace, seller) = known.map_or((connected, self.zone.as_str()), |(there, here)| (Some(there), here));
        let calendar = || {
            let mut accounts = offer.buyer.accounts.iter();
            accounts.find_map(|account| self.calendars.of_party(&account.parse().ok()?))
        };
        let buyer = offer.buyer.zone.as_deref().or_else(|| calendar().map(|calendar| calendar.zone_name.as_str()));
        let zones = [("marketplace", marketplace), ("seller", Some(seller)), ("buyer", buyer)];
        zones.into_iter().map(|(party, zone)| (party, at.zip(zone).and_then(|(at, zone)| on_clock(at, zone)))).collect()
    }
}
