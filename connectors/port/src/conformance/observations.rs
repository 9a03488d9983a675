//! What buyers do is seen, by offer and by time, and reading goes forward only.

use jiff::{Timestamp, ToSpan};

use super::Trial;
use crate::{Agreement, AgreementStatus, Capability, Observation, ObservationPage};

const BY_OFFER: &str = "an accepted offer's agreement is found by the offer";
const BY_TIME: &str = "an accepted offer's agreement is among the changes since before it";
const FORWARD: &str = "pages are in order of change, and reading goes forward only";

pub(super) async fn try_laws(trial: &mut Trial<'_>) {
    if !trial.can(Capability::ListAgreements) || !trial.can(Capability::CreateOffer) {
        return;
    }
    let Some((offer_id, offer, _)) = trial.released(BY_OFFER).await else { return };
    let before = trial.bench.now();
    let account = offer.buyer.accounts.first().cloned().unwrap_or_default();
    let agreement_id = trial.bench.accept(&offer_id, &account).await;
    trial.bench.settle().await;

    match trial.marketplace.agreements_of(&offer_id).await {
        Ok(page) => {
            let good = |a: &&Agreement| {
                a.id == agreement_id
                    && a.buyer_account == account
                    && a.offer_id.as_deref() == Some(&*offer_id)
                    && a.status == AgreementStatus::Active
            };
            let found = agreements(&page).filter(good).count();
            trial
                .check(BY_OFFER, found == 1, || format!("expected `{agreement_id}` of `{account}` once, got {page:?}"));
        }
        Err(error) => trial.breach(BY_OFFER, error.to_string()),
    }
    since(trial, before.saturating_sub(1.minute()).unwrap_or(before), &agreement_id).await;
}

async fn since(trial: &mut Trial<'_>, start: Timestamp, agreement_id: &str) {
    let mut from = start;
    let mut seen = false;
    loop {
        let page = match trial.marketplace.agreements_since(from).await {
            Ok(page) => page,
            Err(error) => return trial.breach(BY_TIME, error.to_string()),
        };
        seen |= agreements(&page).any(|agreement| agreement.id == agreement_id);
        let times: Vec<Timestamp> = agreements(&page).map(|agreement| agreement.updated_at).collect();
        trial.check(FORWARD, times.is_sorted(), || format!("a page out of order: {times:?}"));
        trial.check(FORWARD, page.read_to >= from, || format!("read to {} after {from}", page.read_to));
        if page.more && page.read_to <= from {
            return trial.breach(FORWARD, format!("more is promised, but reading stays at {from}"));
        }
        if !page.more {
            break;
        }
        from = page.read_to;
    }
    trial.check(BY_TIME, seen, || format!("`{agreement_id}` is not among the changes since {start}"));
}

fn agreements(page: &ObservationPage) -> impl Iterator<Item = &Agreement> {
    page.observations.iter().filter_map(|observation| match observation {
        Observation::Agreement(agreement) => Some(agreement),
        Observation::Unrecognised { .. } => None,
    })
}
