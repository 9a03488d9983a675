//! Every reason of the Agreement API's model can be given: by the situation, or by a fault that chooses it.

use std::path::Path;

use serde_json::{Value, json};

use crate::desk::Desk;

const REASONS: &str = include_str!("../data/agreement-reasons.json");

fn reasons(exception: &str) -> Vec<String> {
    let listed: Value = serde_json::from_str(REASONS).unwrap();
    serde_json::from_value(listed[exception].clone()).unwrap()
}

#[tokio::test]
async fn a_fault_gives_every_reason_of_the_model() {
    let desk = Desk::new().await;
    for (effect, exception, status) in
        [("validation", "ValidationException", 400), ("access_denied", "AccessDeniedException", 403)]
    {
        for reason in reasons(exception) {
            let fault = json!({ "op": "SearchAgreements", "effect": effect, "reason": reason, "times": 1 });
            desk.fault(fault).await;
            let answer = desk.agreement("seller", "SearchAgreements", json!({})).await;
            assert_eq!(answer.refused(status, exception)["reason"], reason);
        }
        let unknown = json!({ "op": "*", "effect": effect, "reason": "NO_SUCH_REASON" });
        assert_eq!(desk.post("/aws/faults", unknown).await.status, 400);
    }
    desk.fault(json!({ "op": "ListEntities", "effect": "validation", "reason": "OTHER", "times": 1 })).await;
    let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": "Offer" });
    let answer = desk.catalog("ListEntities", ask).await.refused(422, "ValidationException");
    assert_eq!(answer.get("reason"), None, "the catalogue has no reasons");
}

/// With `ENTENTE_FIDELITY_DATA`, the list is held against the vendor's model.
#[test]
fn the_list_of_reasons_is_the_models() {
    assert_eq!((reasons("ValidationException").len(), reasons("AccessDeniedException").len()), (101, 5));
    let Some(data) = std::env::var_os("ENTENTE_FIDELITY_DATA") else { return };
    let model = Path::new(&data).join("botocore/marketplace-agreement.service-2.json");
    if !model.exists() {
        return;
    }
    let model: Value = serde_json::from_str(&std::fs::read_to_string(model).unwrap()).unwrap();
    for exception in ["ValidationException", "AccessDeniedException"] {
        let mut theirs: Vec<String> =
            serde_json::from_value(model["shapes"][format!("{exception}Reason")]["enum"].clone()).unwrap();
        let mut ours = reasons(exception);
        theirs.sort();
        ours.sort();
        assert_eq!(ours, theirs);
    }
}
