//! Injected faults, each with what the client sees and what was applied.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, PRODUCT, change, contract, on};

fn ask(token: &str) -> Value {
    let create = change("CreateOffer", json!({ "ProductId": PRODUCT, "Name": "Draft" }));
    json!({ "Catalog": "AWSMarketplace", "ChangeSet": [create], "ClientRequestToken": token, "ChangeSetName": "step" })
}

async fn applied(desk: &Desk) -> usize {
    desk.get("/aws/effects").await["effects"].as_array().unwrap().len()
}

#[tokio::test]
async fn refusals_come_with_the_services_codes_and_nothing_is_applied() {
    let desk = Desk::new().await;
    let rows = [
        ("throttle", 429, "ThrottlingException"),
        ("internal_error", 500, "InternalServiceException"),
        ("unavailable", 503, "ServiceUnavailableException"),
        ("access_denied", 403, "AccessDeniedException"),
        ("expired_token", 403, "ExpiredTokenException"),
        ("request_time_too_skewed", 403, "RequestTimeTooSkewed"),
        ("resource_in_use", 423, "ResourceInUseException"),
        ("quota_exceeded", 402, "ServiceQuotaExceededException"),
        ("validation", 422, "ValidationException"),
        ("not_found", 404, "ResourceNotFoundException"),
        ("not_supported", 415, "ResourceNotSupportedException"),
    ];
    for (effect, status, code) in rows {
        desk.fault(json!({ "op": "StartChangeSet", "effect": effect, "times": 1 })).await;
        desk.catalog("StartChangeSet", ask("t")).await.refused(status, code);
    }
    assert_eq!(applied(&desk).await, 0);
    desk.catalog("StartChangeSet", ask("t")).await.ok();
}

#[tokio::test]
async fn agreements_are_refused_with_the_codes_of_their_own_service() {
    let desk = Desk::new().await;
    let rows = [
        ("validation", 400, "ValidationException"),
        ("access_denied", 403, "AccessDeniedException"),
        ("not_found", 404, "ResourceNotFoundException"),
        ("conflict", 409, "ConflictException"),
        ("quota_exceeded", 402, "ServiceQuotaExceededException"),
        ("throttle", 429, "ThrottlingException"),
        ("internal_error", 500, "InternalServerException"),
    ];
    for (effect, status, code) in rows {
        desk.fault(json!({ "op": "DescribeAgreement", "effect": effect, "times": 1 })).await;
        let asked = json!({ "agreementId": "agmt-any" });
        desk.agreement("seller", "DescribeAgreement", asked).await.refused(status, code);
    }
}

#[tokio::test]
async fn a_lost_answer_has_been_applied_and_a_dropped_request_has_not() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "lose_answer", "times": 1 })).await;
    desk.try_catalog("seller", "StartChangeSet", &ask("t")).await.unwrap_err();
    assert_eq!(applied(&desk).await, 1);
    desk.fault(json!({ "op": "StartChangeSet", "effect": "drop_request", "times": 1 })).await;
    desk.try_catalog("seller", "StartChangeSet", &ask("u")).await.unwrap_err();
    assert_eq!(applied(&desk).await, 1);
    let requests = desk.get("/aws/requests").await;
    assert_eq!(requests["counters"]["StartChangeSet"], 2);
    assert_eq!(requests["requests"][0]["status"], Value::Null);
    desk.catalog("StartChangeSet", ask("t")).await.ok();
    assert_eq!(applied(&desk).await, 1, "the token finds what the lost answer spoke of");
}

#[tokio::test]
async fn skip_and_times_and_entity_say_when() {
    let desk = Desk::new().await;
    let (one, other) = (desk.released().await, desk.released().await);
    desk.fault(json!({ "op": "*", "effect": "unavailable", "entity": one, "skip": 1, "times": 2 })).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(desk.describe_entity(&one).await.status);
    }
    assert_eq!(seen, [200, 503, 503, 200]);
    assert_eq!(desk.describe_entity(&other).await.status, 200);
    let faults = desk.get("/aws/faults").await;
    assert_eq!((&faults["faults"][0]["hits"], &faults["faults"][0]["times_left"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn faults_can_be_taken_away() {
    let desk = Desk::new().await;
    let fault = desk.post("/aws/faults", json!({ "op": "*", "effect": "unavailable", "times": null })).await.ok();
    let path = format!("/aws/faults/{}", fault["fault_id"].as_str().unwrap());
    desk.control(Method::DELETE, &path, Value::Null).await.ok();
    assert_eq!(desk.control(Method::DELETE, &path, Value::Null).await.status, 404);
    desk.fault(json!({ "op": "*", "effect": "internal_error" })).await;
    desk.control(Method::DELETE, "/aws/faults", Value::Null).await.ok();
    assert_eq!(desk.describe_entity(PRODUCT).await.status, 200);
}

#[tokio::test]
async fn answers_that_cannot_be_read() {
    let desk = Desk::new().await;
    let bytes = async |effect: &str| {
        desk.fault(json!({ "op": "ListChangeSets", "effect": effect, "times": 1 })).await;
        let request = desk.http.post(format!("{}/ListChangeSets", desk.running.aws_url()));
        let request = request.header("authorization", crate::desk::authorization("AKIASBOX510000000001"));
        let response = request.json(&json!({ "Catalog": "AWSMarketplace" })).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        response.text().await.unwrap()
    };
    assert!(bytes("garbage_html").await.contains("<html>"));
    assert!(serde_json::from_str::<Value>(&bytes("truncated_json").await).is_err());
}

#[tokio::test]
async fn a_later_version_has_unknown_fields_and_states() {
    let desk = Desk::new().await;
    let set = desk.run(contract(desk.buyer())).await;
    desk.fault(json!({ "op": "DescribeChangeSet", "effect": "unknown_fields", "times": 1 })).await;
    let shown = desk.describe_set(set["ChangeSetId"].as_str().unwrap()).await.ok();
    assert_eq!(shown["Status"], "AWAITING_SOMETHING_NEW");
    assert!(shown.get("FieldOfALaterVersion").is_some());
    assert_eq!(shown["ChangeSetId"], set["ChangeSetId"]);
}

#[tokio::test]
async fn an_ignored_token_makes_a_twin() {
    let desk = Desk::new().await;
    let first = desk.catalog("StartChangeSet", ask("t")).await.ok();
    desk.fault(json!({ "op": "StartChangeSet", "effect": "ignore_client_token", "times": 1 })).await;
    let twin = desk.catalog("StartChangeSet", ask("t")).await.ok();
    assert_ne!(first["ChangeSetId"], twin["ChangeSetId"]);
    assert_eq!(applied(&desk).await, 2);
}

#[tokio::test]
async fn a_token_is_forgotten_after_a_time() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "forget_client_token", "after": "PT1H", "times": 1 })).await;
    let first = desk.catalog("StartChangeSet", ask("t")).await.ok();
    desk.advance("PT59M").await;
    assert_eq!(desk.catalog("StartChangeSet", ask("t")).await.ok(), first);
    desk.advance("PT1M").await;
    assert_ne!(desk.catalog("StartChangeSet", ask("t")).await.ok(), first);
}

#[tokio::test]
async fn what_is_new_can_stay_hidden_for_a_while() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "hide_change_sets", "for": "PT2M", "times": 1 })).await;
    let started = desk.catalog("StartChangeSet", ask("t")).await.ok();
    let id = started["ChangeSetId"].as_str().unwrap();
    desk.advance("PT1M").await;
    desk.describe_set(id).await.refused(404, "ResourceNotFoundException");
    let list = async || {
        desk.catalog("ListChangeSets", json!({ "Catalog": "AWSMarketplace" })).await.ok()["ChangeSetSummaryList"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(list().await, 0);
    let all = desk.get("/aws/offers").await;
    let draft = all["offers"].as_array().unwrap().iter().find(|offer| offer["state"] == "Draft").unwrap();
    let draft = draft["offer_id"].as_str().unwrap();
    desk.describe_entity(draft).await.refused(404, "ResourceNotFoundException");
    assert_eq!(desk.catalog("StartChangeSet", ask("t")).await.ok(), started, "the token still finds it");
    desk.advance("PT1M").await;
    assert_eq!(desk.describe_set(id).await.ok()["Status"], "SUCCEEDED");
    assert_eq!(list().await, 1);
    desk.describe_entity(draft).await.ok();
}

#[tokio::test]
async fn a_set_can_be_made_to_fail() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "fail_change_set", "code": "INVALID_TAX_INFORMATION",
        "message": "No tax profile.", "change_type": "ReleaseOffer", "times": 1 }))
        .await;
    let set = desk.run(contract(desk.buyer())).await;
    let release = set["ChangeSet"].as_array().unwrap().iter().find(|row| row["ChangeType"] == "ReleaseOffer").unwrap();
    assert_eq!(
        release["ErrorDetailList"],
        json!([{ "ErrorCode": "INVALID_TAX_INFORMATION", "ErrorMessage": "No tax profile." }])
    );
    desk.fault(json!({ "op": "StartChangeSet", "effect": "server_fault", "times": 1 })).await;
    let set = desk.run(contract(desk.buyer())).await;
    assert_eq!((&set["Status"], &set["FailureCode"]), (&json!("FAILED"), &json!("SERVER_FAULT")));
    assert!(set["FailureDescription"].is_string());
}

#[tokio::test]
async fn a_set_can_be_stuck() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "stuck_change_set", "for": "P3D", "times": 1 })).await;
    let started = desk.start(contract(desk.buyer())).await.ok();
    let id = started["ChangeSetId"].as_str().unwrap();
    desk.advance("P2D").await;
    assert_eq!(desk.describe_set(id).await.ok()["Status"], "APPLYING");
    desk.advance("P2D").await;
    assert_eq!(desk.describe_set(id).await.ok()["Status"], "SUCCEEDED");
}

#[tokio::test]
async fn page_tokens_can_expire() {
    let desk = Desk::new().await;
    for name in ["one", "two"] {
        desk.made(vec![change("CreateOffer", json!({ "ProductId": PRODUCT, "Name": name }))]).await;
    }
    let page = desk.catalog("ListChangeSets", json!({ "Catalog": "AWSMarketplace", "MaxResults": 1 })).await.ok();
    desk.fault(json!({ "op": "ListChangeSets", "effect": "expire_page_tokens" })).await;
    let next = json!({ "Catalog": "AWSMarketplace", "MaxResults": 1, "NextToken": page["NextToken"] });
    desk.catalog("ListChangeSets", next).await.refused(422, "ValidationException");
    desk.catalog("ListChangeSets", json!({ "Catalog": "AWSMarketplace" })).await.ok();
}

#[tokio::test]
async fn a_slow_answer_is_applied_before_it_is_late() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    for (applied_first, effects) in [(true, 2), (false, 2)] {
        desk.fault(json!({ "op": "StartChangeSet", "effect": "delay", "ms": 3_600_000, "applied_first": applied_first, "times": 1 })).await;
        let rename = json!({ "Catalog": "AWSMarketplace", "ChangeSet": [on(&offer, "UpdateInformation", json!({ "Name": "Late" }))] });
        tokio::select! {
            _ = desk.try_catalog("seller", "StartChangeSet", &rename) => panic!("an answer came an hour early"),
            () = until_struck(&desk) => {}
        }
        desk.control(Method::DELETE, "/aws/faults", Value::Null).await.ok();
        if applied_first {
            while applied(&desk).await < effects {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(applied(&desk).await, effects);
    }
}

/// Waits until the only fault has hit.
async fn until_struck(desk: &Desk) {
    while desk.get("/aws/faults").await["faults"][0]["hits"] != 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_fault_that_is_misspelt_is_refused_by_name() {
    let desk = Desk::new().await;
    let rows = [
        (json!({ "op": "*", "effect": "explode" }), "explode"),
        (json!({ "op": "*", "effect": "throttle", "after": 3 }), "after"),
        (json!({ "op": "*", "effect": "hide_change_sets", "for": "2 minutes" }), "2 minutes"),
        (json!({ "op": "*", "effect": "throttle", "times": "many" }), "times"),
        (json!({ "effect": "throttle" }), "op"),
    ];
    for (fault, named) in rows {
        let answer = desk.post("/aws/faults", fault).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body["message"].as_str().unwrap().contains(named), "{answer:?}");
    }
}
