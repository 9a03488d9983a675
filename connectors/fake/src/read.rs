//! What the marketplace tells.

use entente_core::offer::Offer;
use entente_port::{
    Agreement, Capability, ChangeId, ChangeState, Difference, Effect, Error, InvoicePage, Observation, ObservationPage,
    OwnWrite, PaymentTerm, ProductFacts, RecoveryClass, RemoteOffer, RemoteOfferState, Result, StepKey, Write,
};
use jiff::Timestamp;

use crate::{
    Fake, after_sale,
    fault::rejected,
    world::{ChangeRow, End},
};

impl Fake {
    pub(crate) fn state_of(&self, change: &ChangeId) -> Result<ChangeState> {
        let world = self.world();
        let row =
            world.changes.get(&change.0).ok_or_else(|| Error::NotFound { object: format!("change `{}`", change.0) })?;
        Ok(state(row, world.now()))
    }

    /// Nothing is found of a write whose class says that the marketplace keeps no key of ours.
    pub(crate) fn effects_of(&self, key: &StepKey, write: &Write) -> Vec<Effect> {
        let class = self.settings.profile(write.capability()).class;
        if !matches!(class, RecoveryClass::TokenDedup | RecoveryClass::NaturalKey) {
            return Vec::new();
        }
        let world = self.world();
        let now = world.now();
        let ours = world.changes.iter().filter(|(_, row)| row.key == *key && row.visible_at <= now);
        ours.map(|(id, row)| Effect {
            change: ChangeId(id.clone()),
            state: state(row, now),
            same_request: row.write == *write,
        })
        .collect()
    }

    /// As [`Fake::effects_of`], where no key is kept nothing can be listed by it.
    pub(crate) fn writes_since(&self, since: Timestamp) -> Result<Vec<OwnWrite>> {
        let class = self.settings.profile(Capability::CreateOffer).class;
        if !matches!(class, RecoveryClass::TokenDedup | RecoveryClass::NaturalKey) {
            return Err(Error::Unsupported(Capability::FindByKey));
        }
        let world = self.world();
        let now = world.now();
        let listed = world.changes.iter().filter(|(_, row)| row.visible_at <= now && row.began_at >= since);
        let mut ours: Vec<OwnWrite> = listed
            .map(|(id, row)| OwnWrite {
                key: row.key.clone(),
                change: ChangeId(id.clone()),
                began_at: row.began_at,
                state: state(row, now),
            })
            .collect();
        ours.sort_by_key(|write| write.began_at);
        Ok(ours)
    }

    pub(crate) fn offer_as_it_stands(&self, offer_id: &str) -> Result<RemoteOffer> {
        let world = self.world();
        let now = world.now();
        let row = world.offers.get(offer_id).filter(|row| row.visible_at <= now);
        let row = row.ok_or_else(|| Error::NotFound { object: format!("offer `{offer_id}`") })?;
        let mut document = row.document.clone();
        (document.name, document.description, document.expires_on) =
            (row.name.clone(), row.description.clone(), row.expires_on);
        Ok(RemoteOffer {
            id: offer_id.to_owned(),
            revision: row.revision.to_string(),
            state: RemoteOfferState::Released,
            name: Some(row.name.clone()),
            // A withdrawn offer is one whose last day is over, as on real marketplaces.
            expires_on: Some(if row.withdrawn { jiff::civil::Date::constant(2000, 1, 1) } else { row.expires_on }),
            buyers: row.document.buyer.accounts.clone(),
            document: serde_json::to_value(&document).unwrap_or_default(),
        })
    }

    pub(crate) fn product_facts(&self, product_id: &str) -> Result<ProductFacts> {
        let product = self.settings.products.iter().find(|product| product.id == product_id);
        product.cloned().ok_or_else(|| Error::NotFound { object: format!("product `{product_id}`") })
    }

    pub(crate) fn agreements_for(&self, offer_id: &str) -> ObservationPage {
        let world = self.world();
        let mut found: Vec<_> =
            world.agreements.values().filter(|a| a.offer_id.as_deref() == Some(offer_id)).cloned().collect();
        found.sort_by_key(|agreement| agreement.updated_at);
        ObservationPage {
            observations: found.into_iter().map(Observation::Agreement).collect(),
            read_to: world.now(),
            more: false,
        }
    }

    /// Pages never end between two changes of the same instant, and each one reaches beyond `since`: reading always advances.
    pub(crate) fn agreements_changed(&self, since: Timestamp) -> ObservationPage {
        let world = self.world();
        let mut found: Vec<_> =
            world.agreements.values().filter(|agreement| agreement.updated_at >= since).cloned().collect();
        found.sort_by_key(|agreement| agreement.updated_at);
        let mut end = self.settings.page.max(1).min(found.len());
        let at = |index: usize| found.get(index).map(|agreement| agreement.updated_at);
        while end > 0 && end < found.len() && (at(end) == at(end - 1) || at(end - 1) == Some(since)) {
            end += 1;
        }
        let more = end < found.len();
        let read_to = if more { at(end - 1).unwrap_or(since) } else { world.now().max(since) };
        found.truncate(end);
        ObservationPage { observations: found.into_iter().map(Observation::Agreement).collect(), read_to, more }
    }
}

/// What was billed, told page by page.
impl Fake {
    pub(crate) fn agreement_as_it_stands(&self, agreement_id: &str) -> Result<Agreement> {
        after_sale::agreement(&self.world(), agreement_id).cloned()
    }

    pub(crate) fn payment_terms_of(&self, agreement_id: &str) -> Result<Vec<PaymentTerm>> {
        let world = self.world();
        after_sale::agreement(&world, agreement_id)?;
        Ok(world.payment_terms.get(agreement_id).cloned().unwrap_or_default())
    }

    pub(crate) fn invoices_for(&self, agreement_id: &str) -> Result<InvoicePage> {
        let world = self.world();
        after_sale::agreement(&world, agreement_id)?;
        let now = world.now();
        let issued = world.invoices.values().filter(|row| row.agreement_id == agreement_id && row.issued_at <= now);
        let mut invoices: Vec<_> = issued.cloned().collect();
        invoices.sort_by_key(|invoice| invoice.issued_at);
        Ok(InvoicePage { invoices, ..InvoicePage::default() })
    }

    /// Ids are given in order of issue, so that the last one of a page says where the next begins.
    pub(crate) fn invoices_issued(&self, since: Timestamp, cursor: Option<&str>) -> InvoicePage {
        let world = self.world();
        let now = world.now();
        let later = world.invoices.values().filter(|row| cursor.is_none_or(|cursor| row.id.as_str() > cursor));
        let issued = later.filter(|row| (since..=now).contains(&row.issued_at));
        let mut invoices: Vec<_> = issued.take(self.settings.page.max(1) + 1).cloned().collect();
        let more = invoices.len() > self.settings.page.max(1);
        invoices.truncate(self.settings.page.max(1));
        let next = invoices.last().filter(|_| more).map(|last| last.id.clone());
        InvoicePage { invoices, next, ..InvoicePage::default() }
    }
}

fn state(row: &ChangeRow, now: Timestamp) -> ChangeState {
    match &row.end {
        End::Applied { at } if *at <= now => ChangeState::Applied { offer_id: row.offer_id.clone(), at: *at },
        End::Applied { .. } | End::Never => ChangeState::Pending,
        End::Asked { answer_by } => ChangeState::AwaitingBuyer { answer_by: *answer_by },
        End::Declined { reason, at } => ChangeState::Declined { reason: reason.clone(), at: *at },
        End::Failed { field, code } => ChangeState::Failed(rejected(field.clone(), code)),
    }
}

/// What differs. A real connector maps its own words back first; the fake keeps ours.
pub(crate) fn differences(offer: &Offer, remote: &RemoteOffer) -> Vec<Difference> {
    let ours = serde_json::to_value(offer).unwrap_or_default();
    let fields = ["/name", "/description", "/expires_on", "/buyer/accounts", "/currency", "/pricing", "/term", "/eula"];
    let differ = fields.into_iter().filter(|field| ours.pointer(field) != remote.document.pointer(field));
    let text = |value: Option<&serde_json::Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let difference = |field: &str| Difference {
        field: field.to_owned(),
        ours: text(ours.pointer(field)),
        theirs: text(remote.document.pointer(field)),
    };
    differ.map(difference).collect()
}
