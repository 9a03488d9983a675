//! What an amendment of a released offer asks of the marketplace.

use entente_core::{context::private_offer::amended, offer::Offer};
use entente_port::Write;

use super::stored::StoredOffer;

/// The first version of the chart on which an offer can be amended.
const AMENDED_SINCE: u32 = 2;

/// Whether an offer runs on a version of its chart that knows amendments.
pub fn can_be_amended(stored: &StoredOffer) -> bool {
    stored.row.snapshot.chart.version >= AMENDED_SINCE
}

/// The write that an amendment makes.
pub fn write(offer_id: String, standing: &Offer, wanted: &Offer) -> Write {
    let amended = amended(standing, wanted);
    Write::AmendOffer {
        offer_id,
        name: amended.name,
        description: amended.description,
        duration: amended.duration,
        expires_on: amended.expires_on,
    }
}
