//! What the vendor's own records say around an offer: prices, licences, ids already taken, calendars, agreements.

use std::collections::BTreeSet;

use entente_core::{
    calendar::{Calendar, Note},
    context::private_offer::AgreementStatus,
    ids::RunId,
    offer::{
        Offer,
        discount::{DiscountError, Discounts, discounts},
        preflight::{AgreementFacts, TakenRef},
    },
    scope::Scope,
};
use entente_store::{RunKey, Store};
use jiff::{Timestamp, tz::TimeZone};

use super::{Desk, DeskError, licences, price_books, stored};

/// What the vendor's own records say around an offer. What is absent is not known, and lets its rules pass.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Ids that other offers carry already; the offer's own reference is the system `reference`.
    pub taken: Vec<TakenRef>,
    /// The offer against its price book.
    pub discounts: Option<Result<Discounts, DiscountError>>,
    /// The price book that the offer names and nobody has imported.
    pub missing_book: Option<String>,
    /// SHA-256 of the approved licence texts.
    pub approved_eulas: Option<BTreeSet<String>>,
    /// What the calendars have against the last moment.
    pub objections: Vec<String>,
    /// The agreement that the offer says it renews.
    pub renewed: Option<AgreementFacts>,
}

impl Desk {
    /// Gathers what the records say around an offer. `own` is the offer's run, where it has one already.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn known(&self, offer: &Offer, own: Option<RunId>) -> Result<Known, DeskError> {
        let store = self.store.as_ref();
        let approved = licences::approved(store).await?.into_keys().collect();
        let mut known = Known {
            taken: taken(store, offer, own).await?,
            approved_eulas: Some(approved),
            objections: self
                .last_moment(offer, offer.expires_on)
                .map(|at| self.objections(offer, at))
                .unwrap_or_default(),
            renewed: renewed(store, offer).await?,
            ..Known::default()
        };
        if let Some(id) = &offer.price_book {
            match price_books::find(store, id).await? {
                Some(book) => known.discounts = Some(discounts(offer, &book, self.now.to_zoned(TimeZone::UTC).date())),
                None => known.missing_book = Some(id.clone()),
            }
        }
        Ok(known)
    }

    /// What the calendars of the seller, the buyer and the marketplace have against an instant: the day it falls on. That a day
    /// ends after business hours is so on every day.
    fn objections(&self, offer: &Offer, at: Timestamp) -> Vec<String> {
        let buyer = offer.buyer.accounts.iter().find_map(|account| self.calendars.of_party(&account.parse().ok()?));
        let calendars: [(&str, Option<&Calendar>); 3] = [
            ("seller", Some(self.calendars.of_entity(&offer.legal_entity))),
            ("buyer", buyer),
            ("marketplace", self.calendars.named(offer.marketplace.as_str())),
        ];
        let objections = calendars.into_iter().filter_map(|(party, calendar)| Some((party, calendar?.explain(at))));
        let of_the_day = |note: &Note| *note != Note::OutsideHours;
        objections
            .flat_map(|(party, notes)| {
                notes.into_iter().filter(of_the_day).map(move |note| format!("for the {party} it {note}"))
            })
            .collect()
    }
}

/// The offer's ids that a run other than its own holds.
async fn taken(store: &dyn Store, offer: &Offer, own: Option<RunId>) -> Result<Vec<TakenRef>, DeskError> {
    let references = offer.external_refs.iter().map(|(system, id)| (system.as_str(), format!("ref.{system}"), id));
    let mut taken = Vec::new();
    for (system, kind, id) in references.chain([("reference", "reference".to_owned(), &offer.reference)]) {
        let key = RunKey { kind, value: id.clone(), unique: true };
        for run in store.run_by_key(&Scope::vendor(), &key).await? {
            let holder = store.run(&Scope::vendor(), run).await?.filter(|row| Some(run) != own && !row.snapshot.ended);
            taken.extend(holder.map(|row| TakenRef {
                system: system.to_owned(),
                id: id.clone(),
                by: row.snapshot.label,
            }));
        }
    }
    Ok(taken)
}

/// What our own records say about the agreement to be renewed; nothing where it was made elsewhere.
async fn renewed(store: &dyn Store, offer: &Offer) -> Result<Option<AgreementFacts>, DeskError> {
    let Some(renewal) = &offer.renewal else { return Ok(None) };
    let key = RunKey { kind: "agreement".into(), value: format!("{}/{}", offer.marketplace, renewal.of), unique: true };
    let Some(run) = store.run_by_key(&Scope::vendor(), &key).await?.into_iter().next() else { return Ok(None) };
    let Some(row) = store.run(&Scope::vendor(), run).await? else { return Ok(None) };
    let earlier = stored::typed(row)?.offer;
    let facts = earlier.agreements.get(&renewal.of).map(|agreement| AgreementFacts {
        id: renewal.of.clone(),
        marketplace: earlier.offer.marketplace.clone(),
        product: earlier.offer.product.id.clone(),
        buyer_account: agreement.account.clone().unwrap_or_default(),
        currency: Some(earlier.offer.currency),
        active: agreement.status == AgreementStatus::Active,
        ends: agreement.ends_at.map(|end| end.to_zoned(TimeZone::UTC).date()),
    });
    Ok(facts.filter(|facts| !facts.buyer_account.is_empty()))
}
