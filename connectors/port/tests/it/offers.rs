//! An offer to write with.

use entente_core::{
    ids::{InvokeId, RunId},
    offer::Offer,
};
use entente_port::{CallContext, StepKey, Write};
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
        Write::AmendOffer { offer_id: offer_id(), name: Some("New".to_owned()), description: None },
    ]
}

/// The call of the `n`-th step of one run.
pub fn call(n: u64) -> CallContext {
    let key = StepKey { run: RunId(Uuid::from_u128(1)), invoke: InvokeId { seq: n, n: 0 }, label: "ACME-1".to_owned() };
    CallContext { token: Uuid::from_u128(n.into()), key }
}
