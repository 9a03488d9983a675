//! What is declared answers; what is not declared says so.

use super::{Trial, after_sale};
use crate::{Capability, ChangeId, Error, FundingApplication, FundingChange, Result, Write};

const DECLARED: &str = "a declared capability never answers Unsupported, an undeclared one always does";
const UNKNOWN: &str = "an object that does not exist is NotFound";

/// An id that no marketplace gave to anything.
const NOWHERE: &str = "offer-nowhere000000";

/// Likewise of an agreement.
const NO_AGREEMENT: &str = "agmt-nowhere000000";

/// Likewise of an application for funding.
const NO_APPLICATION: &str = "benappl-nowhere0000000";

/// An application for a benefit that nobody gives.
fn nobodys_application() -> FundingApplication {
    FundingApplication {
        benefit: "ben-nowhere0000000".to_owned(),
        kinds: Vec::new(),
        name: "Nothing".to_owned(),
        description: None,
        details: serde_json::json!({}),
        resources: Vec::new(),
        files: Vec::new(),
    }
}

pub(super) async fn try_laws(trial: &mut Trial<'_>) {
    for capability in Capability::ALL {
        let answer = probe(trial, capability).await;
        let unsupported = matches!(answer, Err(Error::Unsupported(_)));
        let declared = trial.can(capability);
        trial.check(DECLARED, declared != unsupported, || {
            format!("{capability}: declared {declared}, answered {answer:?}")
        });
    }
    if trial.can(Capability::ReadOffer) {
        let answer = trial.marketplace.offer(NOWHERE).await;
        trial.check(UNKNOWN, matches!(answer, Err(Error::NotFound { .. })), || format!("offer: {answer:?}"));
    }
    if trial.can(Capability::ReadProduct) {
        let answer = trial.marketplace.product("prod-nowhere000000").await;
        trial.check(UNKNOWN, matches!(answer, Err(Error::NotFound { .. })), || format!("product: {answer:?}"));
    }
    if trial.can(Capability::ListAgreements) {
        let answer = trial.marketplace.agreement(NO_AGREEMENT).await;
        trial.check(UNKNOWN, matches!(answer, Err(Error::NotFound { .. })), || format!("agreement: {answer:?}"));
    }
    if trial.can(Capability::ListInvoices) {
        let answer = trial.marketplace.invoices_of(NO_AGREEMENT).await;
        trial.check(UNKNOWN, matches!(answer, Err(Error::NotFound { .. })), || format!("invoices: {answer:?}"));
    }
    if trial.can(Capability::RequestPayment) {
        let answer = trial.marketplace.payment_terms(NO_AGREEMENT).await;
        trial.check(UNKNOWN, matches!(answer, Err(Error::NotFound { .. })), || format!("payment terms: {answer:?}"));
    }
    if trial.can(Capability::ReadFunding) {
        let answer = trial.marketplace.funding(NO_APPLICATION).await;
        trial.check(UNKNOWN, matches!(answer, Err(Error::NotFound { .. })), || format!("funding: {answer:?}"));
    }
    if trial.can(Capability::CreateOffer) {
        let answer = trial.marketplace.change(&ChangeId("nowhere".to_owned())).await;
        trial.check(UNKNOWN, matches!(answer, Err(Error::NotFound { .. })), || format!("change: {answer:?}"));
    }
}

/// Asks for one ability, whatever the answer. Changes go to an offer that does not exist; the created one is nobody else's.
async fn probe(trial: &mut Trial<'_>, capability: Capability) -> Result<()> {
    let call = trial.fresh_call();
    let offer = Box::new(trial.next_offer());
    let offer_id = NOWHERE.to_owned();
    let marketplace = &trial.marketplace;
    match capability {
        Capability::CreateOffer => marketplace.submit(&call, &Write::CreateOffer { offer }).await.map(drop),
        Capability::WithdrawOffer => marketplace.submit(&call, &Write::WithdrawOffer { offer_id }).await.map(drop),
        Capability::ExtendOffer => {
            let expires_on = offer.expires_on;
            marketplace.submit(&call, &Write::ExtendOffer { offer_id, expires_on, offer }).await.map(drop)
        }
        Capability::AmendOffer => {
            let name = Some("Renamed".to_owned());
            let write = Write::AmendOffer { offer_id, name, description: None, duration: None, expires_on: None };
            marketplace.submit(&call, &write).await.map(drop)
        }
        Capability::FindByKey => marketplace.find(&call.key, &Write::CreateOffer { offer }).await.map(drop),
        Capability::ReadOffer => marketplace.offer(&offer_id).await.map(drop),
        Capability::ReadProduct => marketplace.product(&offer.product.id).await.map(drop),
        Capability::ListAgreements => marketplace.agreements_of(&offer_id).await.map(drop),
        Capability::AcceptEvents => marketplace.hint(b"{}").map(drop),
        Capability::CancelAgreement => {
            marketplace.submit(&call, &after_sale::cancellation(NO_AGREEMENT)).await.map(drop)
        }
        Capability::AdjustBilling => {
            marketplace.submit(&call, &after_sale::refund(NO_AGREEMENT, "inv-nowhere", 100)).await.map(drop)
        }
        Capability::RequestPayment => {
            marketplace.submit(&call, &after_sale::payment(NO_AGREEMENT, "term-nowhere", 100)).await.map(drop)
        }
        Capability::WithdrawPayment => {
            marketplace.submit(&call, &after_sale::taken_back(NO_AGREEMENT, "nowhere")).await.map(drop)
        }
        Capability::ListInvoices => marketplace.invoices_of(NO_AGREEMENT).await.map(drop),
        Capability::ReadFunding => marketplace.benefits().await.map(drop),
        Capability::ApplyForFunding => {
            let application = Box::new(nobodys_application());
            marketplace.submit(&call, &Write::ApplyForFunding { application }).await.map(drop)
        }
        Capability::ChangeFunding => {
            let (application_id, change) = (NO_APPLICATION.to_owned(), FundingChange::Submit);
            marketplace.submit(&call, &Write::ChangeFunding { application_id, change }).await.map(drop)
        }
    }
}
