//! What would close a gap: offers to the buyer that are open, and possible ones, each judged by the rules.

use std::collections::BTreeMap;

use entente_core::{
    commitment::{
        Accounts, Amount, Band, Candidate, Commitment,
        drawdown::Figures,
        eligibility::{Channel, ChargeKind, Dates, Frequency, Line, Mark, Pricing},
        forecast::Forecast,
    },
    offer::{Offer, document::ProductKind, totals::contract_total},
    scope::Home,
};
use entente_store::{RunFilter, Store};
use jiff::civil::Date;
use serde::Serialize;

use super::{CommitmentError, ahead::Outcome};
use crate::offers::stored::{self, StoredOffer};

/// The system under which an offer names the party that it is for.
const PARTY: &str = "party";

/// An offer that is open, or only thought of.
#[derive(Debug, Clone)]
pub struct Possible {
    /// Where it stands.
    pub standing: Standing,
    /// What it would bring.
    pub candidate: Candidate,
}

/// Where an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is a private offer here that nobody has accepted yet.
    Open,
    /// It is only thought of.
    Possible,
    /// It is a plan that somebody keeps.
    Planned,
}

/// The open private offers to the buyer of a commitment, on its cloud and in its currency.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(
    store: &dyn Store,
    commitment: &Commitment,
    home: &Home,
    marks: &BTreeMap<Mark, bool>,
) -> Result<Vec<Possible>, CommitmentError> {
    let offers = stored::offers(store, RunFilter { ended: Some(false), ..RunFilter::default() }).await?;
    let concerned = |stored: &StoredOffer| {
        let offer = &stored.offer;
        // What was accepted is billed, and stands in the spend.
        stored.row.snapshot.home.legal_entity == home.legal_entity
            && offer.agreements.is_empty()
            && is_for(&offer.offer, commitment)
    };
    let possible = |stored: StoredOffer| Possible {
        standing: Standing::Open,
        candidate: candidate(&stored.row.snapshot.label, &stored.offer.offer, commitment, marks),
    };
    Ok(offers.into_iter().filter(concerned).map(possible).collect())
}

/// Whether an offer is for the buyer of a commitment, on its cloud and in its currency.
pub fn is_for(offer: &Offer, commitment: &Commitment) -> bool {
    offer.marketplace == commitment.cloud && offer.currency == commitment.currency && is_for_buyer(offer, commitment)
}

/// Finds that an offer, which is only thought of, could count for a commitment at all: amounts are never taken for those of another
/// currency, and what is sold elsewhere or to somebody else brings it nothing.
///
/// # Errors
/// [`CommitmentError::Wrong`] otherwise, with the offer and what does not fit.
pub fn fits(offer: &Offer, commitment: &Commitment) -> Result<(), CommitmentError> {
    let id = &commitment.id;
    let why = if offer.marketplace != commitment.cloud {
        format!("it is made on {}, and `{id}` is a commitment to {}", offer.marketplace, commitment.cloud)
    } else if offer.currency != commitment.currency {
        format!("it is in {}, and `{id}` in {}", offer.currency, commitment.currency)
    } else if !is_for_buyer(offer, commitment) {
        match &commitment.accounts {
            Accounts::Only(_) => {
                format!("it is for `{}`, none of whose accounts is in the scope of `{id}`", offer.buyer.name)
            }
            Accounts::All => format!("it is for `{}`, and `{id}` is that of `{}`", offer.buyer.name, commitment.party),
        }
    } else {
        return Ok(());
    };
    let why = format!("the offer `{}` cannot count: {why}", offer.reference);
    let hint = "what another name or account is the buyer's is said by the offer's `external_refs: { party: … }`";
    Err(CommitmentError::Wrong { field: "possible", why, hint: Some(hint) })
}

fn is_for_buyer(offer: &Offer, commitment: &Commitment) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let buyer = match &commitment.accounts {
        Accounts::Only(accounts) => offer.buyer.accounts.iter().any(|account| accounts.contains(account)),
        Accounts::All => plain(&offer.buyer.name) == plain(commitment.party.as_str()),
    };
    let named = offer.external_refs.get(PARTY).is_some_and(|party| party == commitment.party.as_str());
    buyer || named
}

/// What an offer would bring if it were accepted on its last day: its instalments, or everything at once. Usage is not known
/// beforehand and brings nothing here.
pub fn candidate(name: &str, offer: &Offer, commitment: &Commitment, marks: &BTreeMap<Mark, bool>) -> Candidate {
    let accepted = offer.expires_on;
    let contract = offer.pricing.contract.as_ref();
    let instalments = contract.map(|contract| contract.instalments.as_slice()).unwrap_or_default();
    let due: Vec<(Date, Amount)> = match instalments {
        [] => {
            let total = contract_total(offer).ok().and_then(|total| Amount::new(total.decimal()).ok());
            total.into_iter().map(|total| (accepted, total)).collect()
        }
        some => some
            .iter()
            .filter_map(|one| Some((one.date.max(accepted), Amount::new(one.amount.decimal()).ok()?)))
            .collect(),
    };
    let account = offer.buyer.accounts.iter().find(|account| commitment.accounts.contain(account));
    let charge = |(day, amount): (Date, Amount)| Line {
        account: account.or(offer.buyer.accounts.first()).cloned().unwrap_or_default(),
        product: offer.product.id.clone(),
        channel: Channel::Marketplace,
        kind: ChargeKind::Purchase,
        frequency: if instalments.len() > 1 { Frequency::Recurring } else { Frequency::OneTime },
        pricing: Pricing::Paid,
        dates: Dates {
            charge: day,
            purchase: Some(accepted),
            activation: Some(accepted),
            invoice: Some(day),
            original: None,
        },
        marks: known(offer, marks),
        amount,
    };
    Candidate { offer: name.to_owned(), charges: due.into_iter().map(charge).collect() }
}

/// What is known about the product: what the offer says of it, and what somebody knows besides.
fn known(offer: &Offer, marks: &BTreeMap<Mark, bool>) -> BTreeMap<Mark, bool> {
    let kind = offer.product.kind;
    let mut known = BTreeMap::from([
        (Mark::SoftwareAsService, kind == ProductKind::Saas),
        (Mark::ProfessionalServices, kind == ProductKind::ProfessionalServices),
    ]);
    known.extend(marks);
    known
}

/// What lacks at the end of the current period: as forecast, else what remains of it now.
pub fn gap(figures: &Figures, forecast: &Outcome) -> Band {
    let lacks = |told: &Forecast| told.shortfall.mid;
    match (forecast.least.as_ref().map(lacks), forecast.most.as_ref().map(lacks)) {
        (Some(least), Some(most)) => Band::between(least, most),
        (Some(lacks), None) | (None, Some(lacks)) => Band::exactly(lacks),
        (None, None) => figures.period.remaining,
    }
}

/// The account that is billed where none is named: the first in scope.
pub fn first_account(commitment: &Commitment) -> &str {
    match &commitment.accounts {
        Accounts::Only(accounts) => accounts.first().map_or("", String::as_str),
        Accounts::All => "",
    }
}
