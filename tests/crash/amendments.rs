//! kill -9 around the send of an amendment, and an answer that is lost: the offer that stands is changed once.

use entente_core::offer::Offer;
use serde_json::json;

use crate::house::{
    sandbox::{NO_POLLING, Sandbox},
    selling::{connected, label, offer_id, submitted},
};

const AMEND: &str = "marketplace.amend_offer";

#[tokio::test(flavor = "multi_thread")]
async fn row_02_03_an_amendment_whose_process_dies_or_whose_answer_is_lost_is_made_once() {
    let sandbox = Sandbox::at_rate("60").await;
    let house = connected(&sandbox, NO_POLLING).await;
    let run = submitted(&sandbox, &house, "A-1").await;
    let server = house.serve().await;
    house.approve(run).await;
    let mut row = house.state(run, "published").await;
    server.stop().await;
    let (label, id) = (label(&house, run).await, offer_id(&house, run).await);
    let mut begun = sandbox.applied(&label).await.len();
    assert_eq!(begun, 1, "it was published once");
    for trouble in ["K3", "K4", "K5", "K6", "lost"] {
        let name = format!("Renamed at {trouble}");
        let (mut offer, mut facts) = (row.snapshot.context["offer"].clone(), row.snapshot.context["facts"].clone());
        offer["name"] = json!(name);
        let revision = Offer::from_json(&offer).unwrap().revision().hash;
        facts["revision"] = json!(revision);
        house.tell(run, "ada", trouble, "amend", json!({ "offer": offer, "facts": facts })).await;
        if trouble == "lost" {
            sandbox.fault(json!({ "op": "StartChangeSet", "effect": "lose_answer", "times": 1 })).await;
        } else {
            house.serve_until(Some(&format!("{trouble}:{AMEND}"))).await.died().await;
        }
        let server = house.serve().await;
        let amended = |stands: &entente_store::RunRow| {
            stands.snapshot.state == "published" && stands.snapshot.context["revision"] == revision.as_str()
        };
        row = house.until(run, "it is amended", amended).await;
        server.stop().await;
        begun += 1;
        assert_eq!(sandbox.applied(&label).await.len(), begun, "one change set more after {trouble}");
        assert_eq!(sandbox.get(&format!("aws/offers/{id}")).await["name"], name.as_str());
        assert_eq!(row.snapshot.context["remote"]["revision"], revision.as_str());
    }
    assert_eq!(offer_id(&house, run).await, id, "it is the same offer");
    house.verify().await;
}
