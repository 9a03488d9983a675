//! The example documents: each passes pre-flight for the example products, is created as it stands, and reads back without
//! differences.

use std::path::PathBuf;

use entente_core::offer::Offer;
use entente_port::{ChangeState, Error, Finding, Marketplace, RemoteOfferState, Severity, Write};
use serde_json::Value;

use crate::desk::{Desk, call, sandbox};

/// The day on which the examples are written.
const TODAY: &str = "2027-03-01T09:00:00Z";

/// The example that shows a free trial, of which pre-flight warns: private offers have none.
const TRIAL: &str = "offer-contract-usage.yaml";

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"))
}

/// The example files of one kind, in the order of their names.
fn examples(prefix: &str) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut all: Vec<(String, String)> = files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, path)| (name, std::fs::read_to_string(path).unwrap()))
        .collect();
    all.sort();
    all
}

/// A sandbox on that day, with the example products listed.
async fn desk() -> Desk {
    let config = entente_sandbox::Config { start_at: Some(TODAY.parse().unwrap()), ..sandbox() };
    let desk = Desk::with(config, |_| {}).await;
    for (_, product) in examples("product") {
        desk.post("aws/products", serde_json::from_str(&product).unwrap()).await;
    }
    desk
}

async fn findings(desk: &Desk, offer: &Offer) -> Vec<Finding> {
    let product = desk.aws.product(&offer.product.id).await.unwrap();
    desk.aws.validate(offer, TODAY.parse().unwrap(), Some(&product))
}

#[tokio::test]
async fn every_example_passes_preflight_is_created_and_reads_back() {
    let desk = desk().await;
    let offers = examples("offer-");
    assert_eq!(offers.len(), 10);
    for (n, (name, text)) in (1..).zip(offers) {
        let mut offer = Offer::from_yaml(&name, &text).unwrap();
        let found = findings(&desk, &offer).await;
        assert!(found.iter().all(|finding| finding.severity == Severity::Warning), "{name}: {found:#?}");
        if let Some(renewal) = &mut offer.renewal {
            renewal.of = agreement(&desk, n, &offer.buyer.accounts[0]).await;
        }
        let write = Write::CreateOffer { offer: Box::new(offer.clone()) };
        let begun = desk.aws.submit(&call(n), &write).await.unwrap();
        match desk.end_of(&begun.change).await {
            ChangeState::Applied { offer_id: Some(id), .. } => {
                let remote = desk.aws.offer(&id).await.unwrap();
                assert_eq!(remote.state, RemoteOfferState::Released, "{name}");
                assert_eq!(desk.aws.differences(&offer, &remote), [], "{name}");
            }
            ChangeState::Failed(Error::Rejected { code, .. }) if name == TRIAL => {
                assert_eq!(code.as_deref(), Some("INCOMPATIBLE_TERMS"));
                assert!(found.iter().any(|finding| finding.rule == "AWS-020"), "{found:#?}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// An agreement of the account's, on the example contract.
async fn agreement(desk: &Desk, n: u64, account: &str) -> String {
    let text = std::fs::read_to_string(folder().join("offer-contract.yaml")).unwrap();
    let offer = Offer::from_yaml("offer-contract.yaml", &text).unwrap();
    let id = desk.applied_offer(&call(100 + n), &Write::CreateOffer { offer: Box::new(offer) }).await;
    desk.accept(&id, account).await
}

#[tokio::test]
async fn an_example_offer_for_the_wrong_example_product_is_found() {
    let desk = desk().await;
    let (name, text) = examples("offer-container").remove(0);
    let mut offer = Offer::from_yaml(&name, &text).unwrap();
    offer.product.id = "prod-acmecollector2".to_owned();
    let rules: Vec<String> = findings(&desk, &offer).await.into_iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["AWS-007", "AWS-009"]);
    let products: Vec<Value> =
        examples("product").iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(products.len(), 4);
}
