//! Grants: the least that each mode needs, and whether they are there.

use entente_port::{Marketplace, Mode};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, call},
    offers::{create, every_kind, every_model},
};

fn actions(policy: &Value) -> Vec<&str> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap())
        .collect()
}

#[test]
fn only_a_live_connection_may_write_and_only_offers() {
    let aws = entente_aws::connect(entente_aws::Config::new()).unwrap();
    for mode in [Mode::Observe, Mode::Shadow] {
        let policy = aws.least_privilege(mode);
        let reads = |action: &&str| ["List", "Describe", "Search", "Get"].iter().any(|verb| action.contains(verb));
        assert!(actions(&policy).iter().all(reads), "{mode:?}: {policy:#}");
    }
    let policy = aws.least_privilege(Mode::Live);
    let writes = policy["Statement"].as_array().unwrap().last().unwrap();
    assert_eq!(writes["Action"], json!(["aws-marketplace:StartChangeSet"]));
    let allowed = writes.pointer("/Condition/StringEquals/catalog:ChangeType").unwrap().as_array().unwrap();
    for (model, offer) in every_model("444455556666").into_iter().chain(every_kind("444455556666")) {
        for planned in aws.plan(&call(1), &create(offer)).unwrap() {
            for change in planned.body["ChangeSet"].as_array().unwrap() {
                assert!(allowed.contains(&change["ChangeType"]), "{model}: {change}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_is_checked_by_reading_alone() {
    let desk = Desk::new().await;
    let items = desk.aws.check(Mode::Live).await;
    assert!(items.iter().all(|item| item.ok), "{items:#?}");
    assert_eq!(desk.get("/aws/effects").await["effects"], json!([]));
}

#[tokio::test]
async fn a_missing_grant_is_named() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "SearchAgreements", "effect": "access_denied" })).await;
    let items = desk.aws.check(Mode::Observe).await;
    let failed: Vec<&str> = items.iter().filter(|item| !item.ok).map(|item| item.what.as_str()).collect();
    assert_eq!(failed, ["search agreements"], "{items:#?}");
}

#[tokio::test]
async fn a_region_that_does_not_serve_the_api_is_named() {
    let desk = Desk::with(crate::desk::sandbox(), |config| config.region = "eu-central-1".to_owned()).await;
    let items = desk.aws.check(Mode::Observe).await;
    let region = items.iter().find(|item| item.what == "region").unwrap();
    assert!(!region.ok && region.detail.contains("us-east-1"), "{region:?}");
}

#[tokio::test]
async fn the_documented_quotas_are_kept() {
    let desk = Desk::with(entente_sandbox::Config::default(), |config| config.keep_quotas = true).await;
    for n in 1..=12 {
        let unknown = entente_port::ChangeId(format!("nosuchchangeset{n}"));
        desk.aws.change(&unknown).await.unwrap_err();
    }
    let requests = desk.get("/aws/requests").await;
    let throttled = requests["requests"].as_array().unwrap().iter().filter(|request| request["status"] == 429).count();
    assert_eq!(throttled, 0, "{requests:#}");
}

#[test]
fn configurations_that_cannot_work_are_refused() {
    let refused = |adjust: fn(&mut entente_aws::Config)| {
        let mut config = entente_aws::Config::new();
        adjust(&mut config);
        entente_aws::connect(config).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(refused(|config| config.endpoint = Some("localhost:8080".to_owned())).contains("`localhost:8080`"));
    assert!(refused(|config| config.timeout_seconds = 0).contains("1 to 300"));
    let unknown = serde_json::from_value::<entente_aws::Config>(json!({ "regoin": "us-east-1" }));
    assert!(unknown.unwrap_err().to_string().contains("regoin"));
    let written_down = serde_json::from_value::<entente_aws::Config>(
        json!({ "credentials": { "keys": { "id": "AKIA", "secret": "s" } } }),
    );
    assert!(written_down.is_err(), "keys cannot be written into a configuration");
}
