//! Everything that the runner builds on, on AWS's wire.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{money::Money, offer::Offer};
use entente_port::{
    ChangeId, Marketplace,
    conformance::{Bench, exercise},
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    desk::{Desk, START},
    offers::{document, upfront},
};

struct AwsBench {
    desk: Desk,
    aws: Arc<dyn Marketplace>,
    buyer: String,
}

#[async_trait]
impl Bench for AwsBench {
    fn marketplace(&self) -> Arc<dyn Marketplace> {
        Arc::clone(&self.aws)
    }

    fn offer(&self, n: u32) -> Offer {
        let mut offer = upfront(&self.buyer);
        offer["name"] = json!(format!("Acme for Globex {n}"));
        document(offer)
    }

    fn now(&self) -> Timestamp {
        START.parse().unwrap()
    }

    async fn settle(&self) {
        self.desk.advance("PT1S").await;
    }

    async fn applied(&self, token: Uuid) -> usize {
        self.desk.applied(token).await
    }

    async fn accept(&self, offer_id: &str, account: &str) -> String {
        self.desk.accept(offer_id, account).await
    }

    async fn allow_payments(&self, agreement_id: &str, most: Money) {
        self.desk.allow_payments(agreement_id, &most.decimal().to_string(), None).await;
    }

    async fn answer(&self, change: &ChangeId, yes: bool) {
        self.desk.answer(change, yes).await;
    }
}

#[tokio::test]
async fn the_connector_keeps_every_law() {
    let desk = Desk::new().await;
    let other_hand = entente_aws::connect(desk.config.clone()).unwrap();
    let buyer = desk.buyer();
    let bench = AwsBench { aws: Arc::new(other_hand), buyer, desk };
    assert_eq!(exercise(&bench).await, []);
}
