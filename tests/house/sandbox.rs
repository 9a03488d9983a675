//! The marketplace's sandbox, in the test's own process, so that it outlives every server that dies.

use std::{fmt::Write as _, time::Duration};

use entente_sandbox::{Director, Running, Throttling};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The sandbox's software product.
pub const PRODUCT: &str = entente_sandbox::SAAS_PRODUCT;

/// Events reach the tests' installations only when a test posts them, and nothing is polled unless a test advances the clock.
pub const NO_POLLING: &str = "jobs:\n  observe: { cron: '0 0 1 1 *' }\n  drift: { cron: '0 0 1 1 *' }";

/// A running sandbox. What it refuses fails the test.
pub struct Sandbox {
    running: Running,
    director: Director,
    http: reqwest::Client,
}

impl Sandbox {
    /// Starts one whose clock runs with the real one.
    pub async fn start() -> Sandbox {
        Sandbox::at_rate("1").await
    }

    /// Starts one whose clock shows so many seconds per real second.
    pub async fn at_rate(rate: &str) -> Sandbox {
        Sandbox::with(rate, Throttling::Off).await
    }

    /// Starts one that holds everybody to its quotas, or to several times as much.
    pub async fn throttled(throttling: Throttling) -> Sandbox {
        Sandbox::with("1", throttling).await
    }

    async fn with(rate: &str, throttling: Throttling) -> Sandbox {
        let config = entente_sandbox::Config {
            rate: rate.parse().unwrap(),
            throttling,
            open_change_sets_max: usize::MAX,
            ..entente_sandbox::Config::default()
        };
        let running = entente_sandbox::start(config).await.unwrap();
        let director = Director::open(&running.control_url()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        Sandbox { running, director, http }
    }

    /// The account that buys.
    pub fn buyer(&self) -> String {
        self.director.buyer(0).unwrap().to_owned()
    }

    /// The configuration of a connection to it. Business time follows its clock.
    pub fn connectors(&self) -> String {
        self.connectors_of(["acme-us"])
    }

    /// The same, with a connection for each of these legal entities.
    pub fn connectors_of<'a>(&self, entities: impl IntoIterator<Item = &'a str>) -> String {
        let (seller, endpoint) = (self.director.seller(), self.running.aws_url());
        let mut lines = format!("sandbox_clock: {}\nconnectors:", self.running.control_url());
        for entity in entities {
            let (key_id, secret) = (&seller.access_key, &seller.secret_key);
            let keys = format!("{{ sandbox: {{ key_id: {key_id}, secret: {secret} }} }}");
            let account = format!("kind: aws, legal_entity: {entity}, endpoint: '{endpoint}', credentials: {keys}");
            write!(lines, "\n  aws/{entity}: {{ {account} }}").unwrap();
        }
        lines
    }

    /// A command of the control API.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.director.tell(path.trim_start_matches('/'), &body).await.unwrap()
    }

    /// A question to the control API.
    pub async fn get(&self, path: &str) -> Value {
        self.director.ask(path.trim_start_matches('/')).await.unwrap()
    }

    pub async fn fault(&self, fault: Value) {
        self.director.fault(&fault).await.unwrap();
    }

    /// Ends all faults.
    pub async fn heal(&self) {
        self.director.heal().await.unwrap();
    }

    pub async fn advance(&self, by: &str) {
        self.director.advance(by).await.unwrap();
    }

    pub async fn now(&self) -> Timestamp {
        self.director.now().await.unwrap()
    }

    /// The change sets that were begun, oldest first.
    pub async fn effects(&self) -> Vec<Value> {
        self.get("aws/effects").await["effects"].as_array().unwrap().clone()
    }

    /// The change sets that were begun for a run, by the label in their names.
    pub async fn applied(&self, label: &str) -> Vec<Value> {
        self.effects().await.into_iter().filter(|effect| is_of(effect, label)).collect()
    }

    /// How often an operation was asked for, answered or not.
    pub async fn asked(&self, operation: &str) -> u64 {
        self.director.asked(operation).await.unwrap()
    }

    /// The private offers that stand there for the buyer.
    pub async fn offers(&self) -> Vec<Value> {
        let offers = self.get("aws/offers").await["offers"].as_array().unwrap().clone();
        offers.into_iter().filter(|offer| offer["public"] == false).collect()
    }

    /// Lists further products like the one that all tests sell; their ids.
    pub async fn list_products(&self, count: u32) -> Vec<String> {
        let all = self.get("aws/products").await;
        let model = all["products"].as_array().unwrap().iter().find(|product| product["id"] == PRODUCT).unwrap();
        let mut ids = Vec::new();
        for number in 0..count {
            let id = format!("prod-more{number:08}");
            let product = json!({ "id": id, "kind": model["kind"], "title": "More", "visibility": "Public", "dimensions": model["dimensions"] });
            self.post("aws/products", product).await;
            ids.push(id);
        }
        ids
    }

    /// The buyer accepts.
    pub async fn accept(&self, offer_id: &str) -> String {
        self.director.accept(&self.buyer(), offer_id, &Value::Null).await.unwrap()
    }

    /// The agreements that were made, whatever became of them.
    pub async fn agreements(&self) -> Vec<Value> {
        self.get("aws/agreements").await["agreements"].as_array().unwrap().clone()
    }

    /// All event envelopes, oldest first.
    pub async fn events(&self) -> Vec<Value> {
        self.get("aws/events").await["events"].as_array().unwrap().clone()
    }

    /// The event envelopes that name something, oldest first.
    pub async fn events_naming(&self, id: &str) -> Vec<Value> {
        self.events().await.into_iter().filter(|event| event.to_string().contains(id)).collect()
    }

    /// Posts an event to an installation, as the marketplace's event bus does; gives the status of the answer.
    pub async fn deliver(&self, address: &str, event: &Value) -> u16 {
        self.deliver_to(address, "aws/acme-us", event).await
    }

    /// Whether a body is refused as too large, by an answer or by a connection that is closed before all of it is read.
    pub async fn is_too_large(&self, address: &str, body: String) -> bool {
        let url = format!("{address}/v1/connectors/aws/acme-us/events");
        let answer = self.http.post(url).body(body).send().await;
        answer.map_or_else(|error| error.is_request(), |answer| answer.status().as_u16() == 413)
    }

    /// As [`Sandbox::deliver`], to a connection of this name.
    pub async fn deliver_to(&self, address: &str, account: &str, event: &Value) -> u16 {
        let url = format!("{address}/v1/connectors/{account}/events");
        self.http.post(url).json(event).send().await.unwrap().status().as_u16()
    }
}

/// Whether a change set was begun for the run of this label.
pub fn is_of(effect: &Value, label: &str) -> bool {
    effect["change_set_name"].as_str().is_some_and(|name| name.split(' ').any(|word| word == label))
}
