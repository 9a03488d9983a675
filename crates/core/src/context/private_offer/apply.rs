//! What each event does to the context. Total: what makes no sense leaves the context as it is.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Agreement, AgreementStatus, Expiry, PrivateOffer, Readiness, Standing, Withdrawal,
    data::{Acceptance, AgreementEnd, AgreementUpdate, Amend, Drift, Extend, Reason, Reissue, Renewed, Revise, Submit},
    outputs,
};
use crate::{
    context::ApplyFacts,
    event::{Body, Event, Outcome},
    offer::Offer,
};

impl PrivateOffer {
    /// Applies an event.
    pub(super) fn apply(&mut self, event: &Event, facts: &ApplyFacts<'_>) {
        match &event.body {
            Body::Named { name, data } => self.named(name, data, event, facts),
            Body::Result { outcome, .. } => {
                let Some(activity) = facts.activity else { return };
                match outcome {
                    Outcome::Done { output } => outputs::done(self, activity, output, facts.now),
                    Outcome::Failed(failure) => outputs::failed(self, activity, failure),
                }
            }
            Body::Timer { key, due }
                if key.0.ends_with("offer.expires_in_7d") || key.0.ends_with("offer.expires_in_2d") =>
            {
                self.reminded = self.reminded.max(Some(*due));
            }
            Body::Started { .. } => self.written_by(event),
            Body::Timer { .. } | Body::ChildEnded { .. } => {}
            Body::LedgerRefused { .. } | Body::Resolve { .. } => {}
        }
    }

    fn named(&mut self, name: &str, data: &Value, event: &Event, facts: &ApplyFacts<'_>) {
        match name {
            "submit" => with(data, |submit: Submit| self.submit(submit, event)),
            "revise" => with(data, |revise: Revise| self.revise(revise, event)),
            "withdraw" | "cancel" => with(data, |reason: Reason| {
                let by = event.actor.as_ref().map(|actor| actor.person.clone());
                self.withdrawal = Some(Withdrawal { reason: reason.reason, by, at: facts.now });
            }),
            "extend" => with(data, |extend: Extend| self.extend(&extend)),
            "reissue" => with(data, |reissue: Reissue| self.reissue(reissue, event)),
            "amend" => with(data, |amend: Amend| self.amend(&amend, event)),
            "keep" => self.amendment = None,
            "readiness" => with(data, |news: Readiness| self.readiness.update(news)),
            "offer.accepted" => with(data, |acceptance: Acceptance| self.accepted(acceptance)),
            "offer.drifted" => with(data, |drift: Drift| self.drift = drift.diff),
            "agreement.updated" => with(data, |update: AgreementUpdate| self.agreement_updated(update)),
            "agreement.ended" => with(data, |end: AgreementEnd| self.agreement_ended(&end)),
            "agreement.renewed" => with(data, |renewed: Renewed| self.agreement_renewed(renewed)),
            _ => {}
        }
    }

    fn submit(&mut self, submit: Submit, event: &Event) {
        if submit.facts.revision != self.revision {
            self.facts = None;
            return;
        }
        self.asked_by(event);
        self.refusal = None;
        self.expiry = Some(Expiry { last_day: self.offer.expires_on, last_moment: submit.facts.last_moment });
        self.facts = Some(submit.facts);
    }

    fn revise(&mut self, revise: Revise, event: &Event) {
        let Ok(offer) = Offer::from_json(&revise.offer) else { return };
        self.asked_by(event);
        self.replace(offer);
        self.refusal = None;
        self.facts = revise.facts.filter(|facts| facts.revision == self.revision);
        let last_day = self.offer.expires_on;
        self.expiry = self.facts.as_ref().map(|facts| Expiry { last_day, last_moment: facts.last_moment });
    }

    fn extend(&mut self, extend: &Extend) {
        let extension = Expiry { last_day: extend.expires_on, last_moment: extend.last_moment };
        self.extension = self.extension_refused(&extension).is_none().then_some(extension);
    }

    /// Why the buyer cannot get time until then: payment schedule and agreement stay as they were approved.
    pub fn extension_refused(&self, extension: &Expiry) -> Option<String> {
        let day = extension.last_day;
        let Some(current) = &self.expiry else {
            return Some("the offer has not been submitted yet; revise `expires_on` instead".into());
        };
        if extension.last_moment <= current.last_moment {
            return Some(format!("`{day}` is not after the present last day, {}; name a later one", current.last_day));
        }
        let early = |day| self.instalment_days().filter(|date| *date <= day).count();
        if early(day) > early(current.last_day).max(1) {
            return Some(format!(
                "more than one instalment would be due by `{day}`; withdraw, and offer a new schedule"
            ));
        }
        let dates = self.offer.term.into_iter().flat_map(|term| [term.start, term.end]).flatten();
        let blocking = dates.filter(|date| day >= *date).min()?;
        Some(format!("the agreement's own date {blocking} is not after `{day}`; name an earlier day"))
    }

    fn instalment_days(&self) -> impl Iterator<Item = jiff::civil::Date> {
        self.offer.pricing.contract.iter().flat_map(|contract| contract.instalments.iter().map(|due| due.date))
    }

    fn reissue(&mut self, reissue: Reissue, event: &Event) {
        let offer = self.reissued(&reissue.account);
        if reissue.facts.revision != offer.revision().hash || self.is_for(&reissue.account) {
            return;
        }
        self.refusal = None;
        self.amendment = None;
        self.reissue = Some(Box::new(Standing {
            offer: self.offer.clone(),
            facts: self.facts.take(),
            expiry: self.expiry.clone(),
            requester: self.requester.clone(),
            authors: self.authors.clone(),
        }));
        self.asked_by(event);
        self.replace(offer);
        self.expiry = Some(Expiry { last_day: self.offer.expires_on, last_moment: reissue.facts.last_moment });
        self.facts = Some(reissue.facts);
    }

    /// The marketplace keeps the old offer: the document is again the one that stands there.
    pub(super) fn reissue_refused(&mut self) {
        if let Some(standing) = self.reissue.take() {
            self.replace(standing.offer);
            self.facts = standing.facts;
            self.expiry = standing.expiry;
            self.requester = standing.requester;
            self.authors = standing.authors;
        }
    }

    fn accepted(&mut self, acceptance: Acceptance) {
        let agreement = Agreement {
            accepted_at: acceptance.accepted_at,
            account: acceptance.account,
            offer_id: acceptance.offer_id.or_else(|| self.remote.offer_id.clone()),
            starts_at: acceptance.starts_at,
            ends_at: acceptance.ends_at,
            value_minor: acceptance.value_minor,
            status: AgreementStatus::Active,
            renewed_by: None,
        };
        self.agreements.entry(acceptance.agreement_id).or_insert(agreement);
    }

    fn agreement_updated(&mut self, update: AgreementUpdate) {
        if let Some(agreement) = self.agreements.get_mut(&update.agreement_id) {
            agreement.starts_at = update.starts_at.or(agreement.starts_at);
            agreement.ends_at = update.ends_at.or(agreement.ends_at);
            agreement.value_minor = update.value_minor.or(agreement.value_minor);
        }
    }

    fn agreement_ended(&mut self, end: &AgreementEnd) {
        if let Some(agreement) =
            self.agreements.get_mut(&end.agreement_id).filter(|_| end.status != AgreementStatus::Active)
        {
            agreement.status = end.status;
            agreement.ends_at = end.ended_at.or(agreement.ends_at);
        }
    }

    fn agreement_renewed(&mut self, renewed: Renewed) {
        if let Some(agreement) = self.agreements.get_mut(&renewed.agreement_id) {
            agreement.status = AgreementStatus::Renewed;
            agreement.renewed_by = Some(renewed.renewed_by);
        }
    }

    fn asked_by(&mut self, event: &Event) {
        if let Some(actor) = &event.actor {
            self.requester = Some(actor.person.clone());
        }
        self.written_by(event);
    }

    /// Whoever acts has a hand in the document from now on, and so has whom they act for.
    fn written_by(&mut self, event: &Event) {
        if let Some(actor) = &event.actor {
            self.authors.extend(std::iter::once(&actor.person).chain(&actor.on_behalf_of).cloned());
        }
    }

    fn replace(&mut self, offer: Offer) {
        self.revision = offer.revision().hash;
        self.offer = offer;
    }
}

impl Readiness {
    /// Takes over what the news says; what it does not mention stays.
    fn update(&mut self, news: Readiness) {
        fn take<T>(field: &mut Option<T>, news: Option<T>) {
            if news.is_some() {
                *field = news;
            }
        }
        take(&mut self.account_confirmed_by, news.account_confirmed_by);
        take(&mut self.accepter_permission, news.accepter_permission);
        take(&mut self.purchase_order, news.purchase_order);
        take(&mut self.legal, news.legal);
        take(&mut self.next_step, news.next_step);
        take(&mut self.owner, news.owner);
        take(&mut self.waiting_on, news.waiting_on);
    }
}

fn with<T: DeserializeOwned>(data: &Value, apply: impl FnOnce(T)) {
    if let Some(data) = super::data::read(data) {
        apply(data);
    }
}
