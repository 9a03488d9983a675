//! A sandbox with a stopped clock, the connector to it, and hands that play everybody else.

use std::time::Duration;

use entente_aws::{AwsMarketplace, Config, CredentialsSource, Keys, connect};
use entente_core::ids::{InvokeId, RunId};
use entente_port::{CallContext, ChangeId, ChangeState, Marketplace, StepKey, Submitted, Write};
use entente_sandbox::{Running, Throttling};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

pub const START: &str = "2031-05-01T08:00:00Z";

pub struct Desk {
    pub running: Running,
    pub aws: AwsMarketplace,
    pub config: Config,
    http: reqwest::Client,
    accounts: Value,
}

impl Desk {
    /// No quotas, and time passes only when the test says so.
    pub async fn new() -> Desk {
        Desk::with(sandbox(), |_| {}).await
    }

    pub async fn with(sandbox: entente_sandbox::Config, adjust: impl FnOnce(&mut Config)) -> Desk {
        let running = entente_sandbox::start(sandbox).await.unwrap();
        let accounts = running.ready_line()["accounts"].clone();
        let seller = accounts.as_array().unwrap().iter().find(|account| account["role"] == "seller").unwrap();
        let text = |key: &str| seller[key].as_str().unwrap().to_owned();
        let mut config = Config::new();
        config.endpoint = Some(running.aws_url());
        config.credentials = CredentialsSource::Keys(Keys::new(text("access_key"), text("secret_key")));
        config.keep_quotas = false;
        config.timeout_seconds = 5;
        adjust(&mut config);
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Desk { aws: connect(config.clone()).unwrap(), config, running, http, accounts }
    }

    pub fn buyer(&self) -> String {
        let buyers = self.accounts.as_array().unwrap();
        let buyer = buyers.iter().find(|account| account["role"] == "buyer").unwrap();
        buyer["account_id"].as_str().unwrap().to_owned()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}{path}", self.running.control_url())).json(&body).send().await.unwrap();
        let status = answer.status();
        let body = answer.json().await.unwrap_or(Value::Null);
        assert!(status.is_success(), "{path}: {status} {body:#}");
        body
    }

    pub async fn get(&self, path: &str) -> Value {
        self.http.get(format!("{}{path}", self.running.control_url())).send().await.unwrap().json().await.unwrap()
    }

    pub async fn fault(&self, fault: Value) {
        self.post("/aws/faults", fault).await;
    }

    pub async fn heal(&self) {
        self.http.delete(format!("{}/aws/faults", self.running.control_url())).send().await.unwrap();
    }

    pub async fn advance(&self, by: &str) {
        self.post("/clock", json!({ "advance": by })).await;
    }

    pub async fn now(&self) -> Timestamp {
        self.get("/clock").await["now"].as_str().unwrap().parse().unwrap()
    }

    /// How often the sandbox applied writes with this token.
    pub async fn applied(&self, token: Uuid) -> usize {
        let effects = self.get("/aws/effects").await;
        let ours = |effect: &&Value| effect["client_request_token"] == json!(token.to_string());
        effects["effects"].as_array().unwrap().iter().filter(ours).count()
    }

    pub async fn accept(&self, offer_id: &str, account: &str) -> String {
        let path = format!("/aws/buyers/{account}/accept");
        self.post(&path, json!({ "offer_id": offer_id })).await["agreement_id"].as_str().unwrap().to_owned()
    }

    /// Where the change stands once it has ended.
    pub async fn end_of(&self, change: &ChangeId) -> ChangeState {
        self.advance("PT1S").await;
        self.aws.change(change).await.unwrap()
    }

    /// Writes, waits, and gives the offer's id.
    pub async fn applied_offer(&self, call: &CallContext, write: &Write) -> String {
        let Submitted { change } = self.aws.submit(call, write).await.unwrap();
        match self.end_of(&change).await {
            ChangeState::Applied { offer_id: Some(id), .. } => id,
            other => panic!("expected an applied write, got {other:?}"),
        }
    }
}

pub fn sandbox() -> entente_sandbox::Config {
    entente_sandbox::Config {
        start_at: Some(START.parse().unwrap()),
        rate: "0".parse().unwrap(),
        throttling: Throttling::Off,
        ..entente_sandbox::Config::default()
    }
}

/// The call of the `n`-th step of one run.
pub fn call(n: u64) -> CallContext {
    let run = RunId(Uuid::from_u128(0x42));
    let key = StepKey { run, invoke: InvokeId { seq: n, n: 0 }, label: "ACME-2031-0042 (Ünïcode/label)".to_owned() };
    CallContext { token: Uuid::from_u128(u128::from(n)), key }
}
