//! An offer to write with.

use entente_core::{
    ids::{InvokeId, RunId},
    money::Money,
    offer::Offer,
};
use entente_port::{AdjustmentReason, CallContext, CancellationReason, ChangeId, StepKey, Write};
use serde_json::json;
use uuid::Uuid;

/// A contract worth USD 12,000.00 for one account.
pub fn offer() -> Offer {
    serde_json::from_value(json!({
        "reference": "ACME-1",
        "marketplace": "fake",
        "legal_entity": "acme-us",
        "product": { "id": "prod-fake", "kind": "saas" },
        "buyer": { "name": "Globex", "accounts": ["111122223333"] },
        "name": "Acme for Globex",
        "description": "A year of Acme",
        "currency": "USD",
        "pricing": { "contract": {
            "duration": "P12M",
            "dimensions": [{ "key": "seats", "quantity": 10, "unit_price": "1200" }],
        } },
        "eula": { "standard": { "version": "2022-07-14" } },
        "expires_on": "2199-06-30",
    }))
    .unwrap()
}

pub fn create(offer: Offer) -> Write {
    Write::CreateOffer { offer: Box::new(offer) }
}

/// Every kind of write.
pub fn every_write() -> Vec<Write> {
    let offer_id = || "offer-fake000001".to_owned();
    vec![
        create(offer()),
        Write::WithdrawOffer { offer_id: offer_id() },
        Write::ExtendOffer { offer_id: offer_id(), expires_on: offer().expires_on, offer: Box::new(offer()) },
        Write::AmendOffer {
            offer_id: offer_id(),
            name: Some("New".to_owned()),
            description: None,
            duration: None,
            expires_on: None,
        },
        cancel("agmt-fake000001"),
        refund("agmt-fake000001", "inv-fake000001", 100),
        payment("agmt-fake000001", "term-fake000001", 100),
        taken_back("agmt-fake000001", "change-fake000001"),
    ]
}

pub fn dollars(cents: i64) -> Money {
    Money { minor: cents, currency: "USD".parse().unwrap() }
}

pub fn cancel(agreement_id: &str) -> Write {
    let reason = CancellationReason::Other;
    Write::CancelAgreement { agreement_id: agreement_id.to_owned(), reason, description: None }
}

pub fn refund(agreement_id: &str, invoice_id: &str, cents: i64) -> Write {
    Write::AdjustBilling {
        agreement_id: agreement_id.to_owned(),
        invoice_id: invoice_id.to_owned(),
        amount: dollars(cents),
        reason: AdjustmentReason::Other,
        description: None,
    }
}

pub fn payment(agreement_id: &str, term_id: &str, cents: i64) -> Write {
    Write::RequestPayment {
        agreement_id: agreement_id.to_owned(),
        term_id: term_id.to_owned(),
        name: "Onboarding".to_owned(),
        amount: dollars(cents),
        description: None,
    }
}

pub fn taken_back(agreement_id: &str, request: &str) -> Write {
    Write::WithdrawPayment { agreement_id: agreement_id.to_owned(), request: ChangeId(request.to_owned()) }
}

/// The call of the `n`-th step of one run.
pub fn call(n: u64) -> CallContext {
    let key = StepKey { run: RunId(Uuid::from_u128(1)), invoke: InvokeId { seq: n, n: 0 }, label: "ACME-1".to_owned() };
    CallContext { token: Uuid::from_u128(n.into()), key }
}
