//! A sandbox with a stopped clock and hands to work it.

use std::time::Duration;

use entente_sandbox::{Config, Running, Throttling, start};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

pub const PRODUCT: &str = "prod-saas000000001";
/// The public offers of a fresh sandbox: one for each listed product.
pub const LISTED: usize = 7;
pub const START: &str = "2031-05-01T08:00:00Z";

/// An answer: its status and body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub error: Option<String>,
    pub body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let error = response.headers().get("x-amzn-errortype").map(|code| code.to_str().unwrap().to_owned());
        let body = response.json().await.unwrap_or(Value::Null);
        Self { status, error, body }
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.body
    }

    /// Asserts a refusal by status and code; gives the body.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.error.as_deref()), (status, Some(code)), "{self:?}");
        self.body
    }
}

/// The sandbox of one test.
pub struct Desk {
    pub running: Running,
    pub http: Client,
    pub accounts: Value,
}

pub fn stopped() -> Config {
    Config {
        start_at: Some(START.parse().unwrap()),
        rate: "0".parse().unwrap(),
        throttling: Throttling::Off,
        ..Config::default()
    }
}

pub fn authorization(access_key: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={access_key}/20310501/us-east-1/aws-marketplace/aws4_request, SignedHeaders=host, Signature=0"
    )
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(stopped()).await
    }

    pub async fn with(config: Config) -> Self {
        let running = start(config).await.unwrap();
        let accounts = running.ready_line()["accounts"].clone();
        let http =
            Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(Duration::from_secs(20)).build().unwrap();
        Self { running, http, accounts }
    }

    /// The account of a role, counted from 0.
    pub fn account(&self, role: &str, index: usize) -> &Value {
        self.accounts.as_array().unwrap().iter().filter(|account| account["role"] == role).nth(index).unwrap()
    }

    pub fn buyer(&self) -> &str {
        self.account("buyer", 0)["account_id"].as_str().unwrap()
    }

    fn key(&self, role: &str) -> &str {
        self.account(role, 0)["access_key"].as_str().unwrap()
    }

    pub async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.http.request(method, format!("{}{path}", self.running.control_url()));
        Answer::of(request.json(&body).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.control(Method::POST, path, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.control(Method::GET, path, Value::Null).await.ok()
    }

    pub async fn fault(&self, fault: Value) {
        self.post("/aws/faults", fault).await.ok();
    }

    /// Pushes the clock.
    pub async fn advance(&self, by: &str) {
        self.post("/clock", json!({ "advance": by })).await.ok();
    }

    /// A Catalog operation with a JSON body, as the role; the error when no answer came.
    pub async fn try_catalog(&self, role: &str, operation: &str, body: &Value) -> reqwest::Result<Answer> {
        let request = self.http.post(format!("{}/{operation}", self.running.aws_url()));
        let request = request.header("authorization", authorization(self.key(role))).json(body);
        Ok(Answer::of(request.send().await?).await)
    }

    pub async fn catalog_as(&self, role: &str, operation: &str, body: Value) -> Answer {
        self.try_catalog(role, operation, &body).await.unwrap()
    }

    pub async fn catalog(&self, operation: &str, body: Value) -> Answer {
        self.catalog_as("seller", operation, body).await
    }

    /// `DescribeChangeSet`, `CancelChangeSet` and `DescribeEntity`, which take their input in the query.
    pub async fn query(&self, method: Method, operation: &str, key: &str, id: &str) -> Answer {
        self.query_as("seller", method, operation, key, id).await
    }

    pub async fn query_as(&self, role: &str, method: Method, operation: &str, key: &str, id: &str) -> Answer {
        let url = format!("{}/{operation}", self.running.aws_url());
        let request = self.http.request(method, url).query(&[("catalog", "AWSMarketplace"), (key, id)]);
        Answer::of(request.header("authorization", authorization(self.key(role))).send().await.unwrap()).await
    }

    pub async fn describe_set(&self, id: &str) -> Answer {
        self.query(Method::GET, "DescribeChangeSet", "changeSetId", id).await
    }

    pub async fn describe_entity(&self, id: &str) -> Answer {
        self.query(Method::GET, "DescribeEntity", "entityId", id).await
    }

    /// An Agreement operation in awsJson1.0.
    pub async fn agreement(&self, role: &str, operation: &str, body: Value) -> Answer {
        let request = self.http.post(format!("{}/", self.running.aws_url()));
        let request = request
            .header("authorization", authorization(self.key(role)))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AWSMPCommerceService_v20200301.{operation}"))
            .body(body.to_string());
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn start(&self, changes: Vec<Value>) -> Answer {
        self.start_as("seller", changes).await
    }

    pub async fn start_as(&self, role: &str, changes: Vec<Value>) -> Answer {
        self.catalog_as(role, "StartChangeSet", json!({ "Catalog": "AWSMarketplace", "ChangeSet": changes })).await
    }

    /// Starts a set, lets it end, and gives its description.
    pub async fn run(&self, changes: Vec<Value>) -> Value {
        self.run_as("seller", changes).await
    }

    pub async fn run_as(&self, role: &str, changes: Vec<Value>) -> Value {
        let started = self.start_as(role, changes).await.ok();
        self.advance("PT1S").await;
        let id = started["ChangeSetId"].as_str().unwrap();
        self.query_as(role, Method::GET, "DescribeChangeSet", "changeSetId", id).await.ok()
    }

    /// Runs a set that must succeed; gives the id of its first entity.
    pub async fn made(&self, changes: Vec<Value>) -> String {
        self.made_as("seller", changes).await
    }

    pub async fn made_as(&self, role: &str, changes: Vec<Value>) -> String {
        let set = self.run_as(role, changes).await;
        assert_eq!(set["Status"], "SUCCEEDED", "{set:#}");
        set["ChangeSet"][0]["Entity"]["Identifier"].as_str().unwrap().to_owned()
    }

    /// A released private contract offer to the first buyer.
    pub async fn released(&self) -> String {
        self.made(contract(self.buyer())).await
    }

    pub async fn accepted(&self, offer: &str) -> String {
        let path = format!("/aws/buyers/{}/accept", self.buyer());
        let answer = self.post(&path, json!({ "offer_id": offer })).await.ok();
        answer["agreement_id"].as_str().unwrap().to_owned()
    }
}

/// One change; a creating one is named `Make`, the others refer to it.
pub fn change(kind: &str, details: Value) -> Value {
    change_of("Offer@1.0", kind, details)
}

/// The same for another type of entity.
pub fn change_of(entity: &str, kind: &str, details: Value) -> Value {
    if kind.starts_with("Create") {
        return json!({ "ChangeType": kind, "ChangeName": "Make", "Entity": { "Type": entity }, "DetailsDocument": details });
    }
    on_entity(entity, "$Make.Entity.Identifier", kind, details)
}

/// One change of an existing offer.
pub fn on(offer: &str, kind: &str, details: Value) -> Value {
    on_entity("Offer@1.0", offer, kind, details)
}

/// One change of an existing entity.
pub fn on_entity(entity: &str, id: &str, kind: &str, details: Value) -> Value {
    json!({ "ChangeType": kind, "Entity": { "Type": entity, "Identifier": id }, "DetailsDocument": details })
}

/// Puts details in the place of a change's, or adds the change before the release.
pub fn with(mut changes: Vec<Value>, kind: &str, details: Value) -> Vec<Value> {
    match changes.iter_mut().find(|change| change["ChangeType"] == kind) {
        Some(change) => change["DetailsDocument"] = details,
        None => {
            let entity = changes[0]["Entity"]["Type"].as_str().unwrap().to_owned();
            changes.insert(changes.len() - 1, change_of(&entity, kind, details));
        }
    }
    changes
}

pub fn without(changes: Vec<Value>, kind: &str) -> Vec<Value> {
    changes.into_iter().filter(|change| change["ChangeType"] != kind).collect()
}

pub fn upfront(price: &str) -> Value {
    json!({
        "Type": "ConfigurableUpfrontPricingTerm",
        "CurrencyCode": "USD",
        "RateCards": [{
            "Selector": { "Type": "Duration", "Value": "P12M" },
            "RateCard": [{ "DimensionKey": "Seats", "Price": price }, { "DimensionKey": "Premium", "Price": "10" }],
            "Constraints": { "MultipleDimensionSelection": "Allowed", "QuantityConfiguration": "Allowed" },
        }],
    })
}

pub fn usage(price: &str) -> Value {
    json!({
        "Type": "UsageBasedPricingTerm",
        "CurrencyCode": "USD",
        "RateCards": [{ "RateCard": [{ "DimensionKey": "Events", "Price": price }] }],
    })
}

pub fn pricing(model: &str, terms: Value) -> Value {
    json!({ "PricingModel": model, "Terms": terms })
}

pub fn fixed(price: &str, duration: Option<&str>) -> Value {
    let mut term = json!({
        "Type": "FixedUpfrontPricingTerm",
        "CurrencyCode": "USD",
        "Price": price,
        "Grants": [{ "DimensionKey": "Seats", "MaxQuantity": 50 }],
    });
    if let Some(duration) = duration {
        term["Duration"] = duration.into();
    }
    term
}

pub fn schedule(charges: &[(&str, &str)]) -> Value {
    let charges: Vec<Value> =
        charges.iter().map(|(day, amount)| json!({ "ChargeDate": day, "ChargeAmount": amount })).collect();
    json!({ "Terms": [{ "Type": "PaymentScheduleTerm", "CurrencyCode": "USD", "Schedule": charges }] })
}

/// A complete private offer: twelve months, chosen by the buyer, to be accepted until 30 June.
pub fn contract(buyer: &str) -> Vec<Value> {
    vec![
        change("CreateOffer", json!({ "ProductId": PRODUCT })),
        change("UpdateInformation", json!({ "Name": "Observability for Alder", "Description": "Twelve months" })),
        change("UpdateTargeting", json!({ "PositiveTargeting": { "BuyerAccounts": [buyer] } })),
        change("UpdatePricingTerms", pricing("Contract", json!([upfront("950.00")]))),
        change(
            "UpdateLegalTerms",
            json!({ "Terms": [{ "Type": "LegalTerm", "Documents": [{ "Type": "StandardEula", "Version": "2022-07-14" }] }] }),
        ),
        change("UpdateAvailability", json!({ "AvailabilityEndDate": "2031-06-30" })),
        change("ReleaseOffer", json!({})),
    ]
}

/// A complete private offer that is paid in two instalments.
pub fn instalments(buyer: &str) -> Vec<Value> {
    let offer = with(contract(buyer), "UpdatePricingTerms", pricing("Contract", json!([fixed("0.0", Some("P12M"))])));
    with(offer, "UpdatePaymentScheduleTerms", schedule(&[("2031-05-15", "600.00"), ("2031-11-15", "400.00")]))
}
