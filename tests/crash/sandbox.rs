//! The marketplace's sandbox, in the test's own process, so that it outlives every server that dies.

use std::time::Duration;

use entente_sandbox::{Running, Throttling};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The sandbox's software product.
pub const PRODUCT: &str = "prod-saas000000001";

/// Events reach the tests' installations only when a test posts them, and nothing is polled unless a test advances the clock.
pub const NO_POLLING: &str = "jobs:\n  observe: { cron: '0 0 1 1 *' }\n  drift: { cron: '0 0 1 1 *' }";

/// A running sandbox.
pub struct Sandbox {
    running: Running,
    http: reqwest::Client,
}

impl Sandbox {
    /// Starts one whose clock runs with the real one.
    pub async fn start() -> Sandbox {
        Sandbox::at_rate("1").await
    }

    /// Starts one whose clock shows so many seconds per real second.
    pub async fn at_rate(rate: &str) -> Sandbox {
        let config = entente_sandbox::Config {
            rate: rate.parse().unwrap(),
            throttling: Throttling::Off,
            ..entente_sandbox::Config::default()
        };
        let running = entente_sandbox::start(config).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        Sandbox { running, http }
    }

    fn account(&self, role: &str) -> Value {
        let line = self.running.ready_line();
        let accounts = line["accounts"].as_array().unwrap();
        accounts.iter().find(|account| account["role"] == role).unwrap().clone()
    }

    /// The account that buys.
    pub fn buyer(&self) -> String {
        self.account("buyer")["account_id"].as_str().unwrap().to_owned()
    }

    /// The configuration of a connection to it. Business time follows its clock.
    pub fn connectors(&self) -> String {
        let seller = self.account("seller");
        format!(
            "sandbox_clock: {}\nconnectors:\n  aws/acme-us:\n    kind: aws\n    legal_entity: acme-us\n    endpoint: {}\n    credentials: {{ sandbox: {{ key_id: {}, secret: {} }} }}",
            self.running.control_url(),
            self.running.aws_url(),
            seller["access_key"].as_str().unwrap(),
            seller["secret_key"].as_str().unwrap(),
        )
    }

    /// A command of the control API.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}{path}", self.running.control_url())).json(&body).send().await.unwrap();
        let status = answer.status();
        let body = answer.json().await.unwrap_or(Value::Null);
        assert!(status.is_success(), "{path}: {status} {body:#}");
        body
    }

    /// A question to the control API.
    pub async fn get(&self, path: &str) -> Value {
        self.http.get(format!("{}{path}", self.running.control_url())).send().await.unwrap().json().await.unwrap()
    }

    pub async fn fault(&self, fault: Value) {
        self.post("/aws/faults", fault).await;
    }

    /// Ends all faults.
    pub async fn heal(&self) {
        self.http.delete(format!("{}/aws/faults", self.running.control_url())).send().await.unwrap();
    }

    pub async fn advance(&self, by: &str) {
        self.post("/clock", json!({ "advance": by })).await;
    }

    pub async fn now(&self) -> Timestamp {
        self.get("/clock").await["now"].as_str().unwrap().parse().unwrap()
    }

    /// The change sets that were begun for a run, by the label in their names.
    pub async fn applied(&self, label: &str) -> Vec<Value> {
        let effects = self.get("/aws/effects").await["effects"].as_array().unwrap().clone();
        let named = |effect: &Value| {
            effect["change_set_name"].as_str().is_some_and(|name| name.split(' ').any(|word| word == label))
        };
        effects.into_iter().filter(named).collect()
    }

    /// How often an operation was asked for, answered or not.
    pub async fn asked(&self, operation: &str) -> u64 {
        self.get("/aws/requests").await["counters"][operation].as_u64().unwrap_or(0)
    }

    /// The private offers that stand there for the buyer.
    pub async fn offers(&self) -> Vec<Value> {
        let offers = self.get("/aws/offers").await["offers"].as_array().unwrap().clone();
        offers.into_iter().filter(|offer| offer["public"] == false).collect()
    }

    /// The buyer accepts.
    pub async fn accept(&self, offer_id: &str) -> String {
        let path = format!("/aws/buyers/{}/accept", self.buyer());
        self.post(&path, json!({ "offer_id": offer_id })).await["agreement_id"].as_str().unwrap().to_owned()
    }

    /// The event envelopes that name something, oldest first.
    pub async fn events_naming(&self, id: &str) -> Vec<Value> {
        let events = self.get("/aws/events").await["events"].as_array().unwrap().clone();
        events.into_iter().filter(|event| event.to_string().contains(id)).collect()
    }

    /// Posts an event to an installation, as the marketplace's event bus does; gives the status of the answer.
    pub async fn deliver(&self, address: &str, event: &Value) -> u16 {
        let url = format!("{address}/v1/connectors/aws/acme-us/events");
        self.http.post(url).json(event).send().await.unwrap().status().as_u16()
    }
}
