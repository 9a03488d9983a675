//! The fake under the control of a test.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    ids::{InvokeId, RunId},
    money::Money,
    offer::Offer,
};
use entente_fake::{Answer, Fake};
use entente_port::{CallContext, ChangeId, Marketplace, StepKey, Write, conformance::Bench};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

pub struct FakeBench(pub Fake);

#[async_trait]
impl Bench for FakeBench {
    fn marketplace(&self) -> Arc<dyn Marketplace> {
        Arc::new(self.0.clone())
    }

    fn offer(&self, n: u32) -> Offer {
        offer(n)
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn settle(&self) {
        self.0.advance(SignedDuration::from_secs(1));
    }

    async fn applied(&self, token: Uuid) -> usize {
        self.0.applied_with_token(token)
    }

    async fn accept(&self, offer_id: &str, account: &str) -> String {
        self.0.accept(offer_id, account).unwrap()
    }

    async fn allow_payments(&self, agreement_id: &str, most: Money) {
        self.0.allow_payments(agreement_id, most, false).unwrap();
    }

    async fn answer(&self, change: &ChangeId, yes: bool) {
        let answer = if yes { Answer::Yes } else { Answer::No { reason: Some("we need it".to_owned()) } };
        self.0.answer(change, answer).unwrap();
    }
}

pub fn offer(n: u32) -> Offer {
    serde_json::from_value(json!({
        "reference": format!("ACME-{n}"),
        "marketplace": "fake",
        "legal_entity": "acme-us",
        "product": { "id": "prod-fake", "kind": "saas" },
        "buyer": { "name": "Globex", "accounts": ["111122223333"] },
        "name": format!("Acme for Globex {n}"),
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

pub fn create(n: u32) -> Write {
    Write::CreateOffer { offer: Box::new(offer(n)) }
}

pub fn call(n: u64) -> CallContext {
    let key = StepKey { run: RunId(Uuid::from_u128(1)), invoke: InvokeId { seq: n, n: 0 }, label: "ACME-1".to_owned() };
    CallContext { token: Uuid::from_u128(n.into()), key }
}
