//! The control API and its description.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, LISTED, PRODUCT, START};

#[tokio::test]
async fn there_are_a_seller_a_reseller_and_three_buyers() {
    let desk = Desk::new().await;
    let accounts = desk.get("/accounts").await["accounts"].clone();
    let roles: Vec<&str> =
        accounts.as_array().unwrap().iter().map(|account| account["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["seller", "reseller", "buyer", "buyer", "buyer"]);
    for account in accounts.as_array().unwrap() {
        assert_eq!(account["account_id"].as_str().unwrap().len(), 12);
        assert!(account["access_key"].is_string() && account["secret_key"].is_string() && account["name"].is_string());
    }
    let ready = desk.running.ready_line();
    assert_eq!(ready["accounts"], accounts);
    assert_eq!(ready["aws_url"], format!("http://{}/aws", desk.running.addr()));
}

#[tokio::test]
async fn the_clock_is_set_advanced_and_paced() {
    let desk = Desk::new().await;
    assert_eq!(desk.get("/clock").await, json!({ "now": START, "rate": "0" }));
    desk.advance("PT24H").await;
    assert_eq!(desk.get("/clock").await["now"], "2031-05-02T08:00:00Z");
    let past = desk.post("/clock", json!({ "now": "2023-01-01T00:00:00Z" })).await.ok();
    assert_eq!(past["now"], "2023-01-01T00:00:00Z");
    assert_eq!(desk.post("/clock", json!({ "rate": "0.5" })).await.ok()["rate"], "0.5");
    let rows = [
        (json!({ "now": "yesterday" }), "`now`"),
        (json!({ "advance": "PT-1H" }), "advance"),
        (json!({ "advance": "a day" }), "advance"),
        (json!({ "rate": "-1" }), "rate"),
        (json!({ "time": START }), "time"),
        (json!({ "now": START, "advance": "PT1H" }), "either"),
        (json!({}), "give"),
    ];
    for (body, named) in rows {
        let answer = desk.post("/clock", body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body["message"].as_str().unwrap().contains(named), "{answer:?}");
    }
}

#[tokio::test]
async fn products_are_added_and_misspelt_ones_refused_by_field() {
    let desk = Desk::new().await;
    let product = json!({ "id": "prod-new", "kind": "SaaSProduct", "title": "New", "visibility": "Public",
        "dimensions": [{ "key": "k", "name": "K", "description": "d", "unit": "Users", "types": ["Metered"] }] });
    desk.post("/aws/products", product.clone()).await.ok();
    assert_eq!(desk.get("/aws/products").await["products"].as_array().unwrap().len(), LISTED + 1);
    assert_eq!(desk.describe_entity("prod-new").await.ok()["DetailsDocument"]["Dimensions"][0]["Unit"], "Users");
    let rows = [
        ("titel", json!("x"), "titel"),
        ("kind", json!("Gadget"), "Gadget"),
        ("owner", json!("123456789012"), "owner"),
    ];
    for (key, value, named) in rows {
        let mut wrong = product.clone();
        wrong[key] = value;
        let answer = desk.post("/aws/products", wrong).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body["message"].as_str().unwrap().contains(named), "{answer:?}");
    }
}

#[tokio::test]
async fn a_product_needs_no_more_than_an_id_and_a_kind_and_may_be_told_in_the_service_s_own_words() {
    let desk = Desk::new().await;
    let plain = desk.post("/aws/products", json!({ "id": "prod-plain", "kind": "saas" })).await.ok();
    assert_eq!((&plain["kind"], &plain["visibility"]), (&json!("SaaSProduct"), &json!("Public")));
    let dimensions = json!([{ "key": "Users" }, { "Key": "Hours", "Name": "Hours of use", "Types": ["Metered"] }]);
    let told = json!({ "id": "prod-told", "kind": "SaaSProduct", "visibility": "Limited", "dimensions": dimensions });
    let told = desk.post("/aws/products", told).await.ok();
    assert_eq!(told["dimensions"][0]["types"], json!(["Entitled", "ExternallyMetered"]));
    assert_eq!(told["dimensions"][0]["name"], "Users");
    assert_eq!(told["dimensions"][1]["types"], json!(["Metered"]));
}

#[tokio::test]
async fn looks_at_the_clock_are_counted_for_those_who_say_their_name() {
    let desk = Desk::new().await;
    desk.get("/clock").await;
    assert_eq!(desk.get("/clock/readers").await, json!({ "readers": {} }));
    for reader in ["4711", "4711", "4712"] {
        assert_eq!(desk.get(&format!("/clock?reader={reader}")).await["now"], START);
    }
    assert_eq!(desk.get("/clock/readers").await, json!({ "readers": { "4711": 2, "4712": 1 } }));
}

#[tokio::test]
async fn every_described_path_is_served_and_every_served_path_described() {
    let desk = Desk::new().await;
    let described = desk.get("/openapi.json").await;
    assert_eq!(described["openapi"], "3.1.0");
    let mut count = 0;
    for (path, operations) in described["paths"].as_object().unwrap() {
        let concrete = path.replace("{account}", "530000000001").replace("{id}", "none");
        for method in operations.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = desk.control(method.clone(), concrete.strip_prefix("/control").unwrap(), json!({})).await;
            assert_ne!(answer.body["message"], "no such control; see `/control/openapi.json`", "{method} {path}");
            count += 1;
        }
    }
    let served = include_str!("../../src/control/mod.rs");
    let routes: usize = ["get(", ".post(", ", post(", ".delete(", ", delete("]
        .iter()
        .map(|call| {
            served
                .lines()
                .filter(|line| line.trim_start().starts_with(".route("))
                .filter(|line| line.contains(call))
                .count()
        })
        .sum();
    assert_eq!(count, routes);
}

#[tokio::test]
async fn accounts_are_added_and_can_call_at_once() {
    let desk = Desk::new().await;
    let made = desk.post("/accounts", json!({ "role": "reseller", "account_id": "520000000002" })).await.ok();
    assert_eq!((&made["name"], made.get("standing")), (&json!("520000000002"), None));
    let request = desk.http.post(format!("{}/ListEntities", desk.running.aws_url()));
    let request = request.header("authorization", crate::desk::authorization(made["access_key"].as_str().unwrap()));
    let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": "Offer" });
    assert_eq!(request.json(&ask).send().await.unwrap().status().as_u16(), 200);
    let wrong = desk.post("/accounts", json!({ "role": "reseller", "account_id": "52" })).await;
    assert!(wrong.status == 400 && wrong.body["message"].as_str().unwrap().contains("account_id"), "{wrong:?}");
    let unnamed = desk.post("/aws/solutions", json!({ "id": "nimbus", "products": [] })).await;
    assert!(unnamed.status == 400 && unnamed.body["message"].as_str().unwrap().contains("soln-"), "{unnamed:?}");
}

#[tokio::test]
async fn paths_that_do_not_exist_say_where_to_look() {
    let desk = Desk::new().await;
    let unknown = desk.control(Method::GET, "/colours", Value::Null).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body["message"].as_str().unwrap().contains("openapi.json"));
    let response = desk.http.get(desk.running.base_url()).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 404);
    let request = desk.http.get(format!("{}/NoSuchOperation", desk.running.aws_url())).send().await.unwrap();
    assert_eq!(request.headers()["x-amzn-errortype"], "UnknownOperationException");
}

#[tokio::test]
async fn requests_are_counted_and_logged() {
    let desk = Desk::new().await;
    desk.describe_entity(PRODUCT).await.ok();
    desk.describe_entity("offer-nowhere").await;
    let requests = desk.get("/aws/requests").await;
    assert_eq!(requests["counters"]["DescribeEntity"], 2);
    let log: Vec<i64> =
        requests["requests"].as_array().unwrap().iter().map(|entry| entry["status"].as_i64().unwrap()).collect();
    assert_eq!(log, [200, 404]);
    assert_eq!(requests["requests"][0]["account"], "510000000001");
}
