//! A sandbox with a stopped clock, the connector to it, and hands that play everybody else.

use entente_aws::{AwsMarketplace, Config, CredentialsSource, Keys, connect};
use entente_core::ids::{InvokeId, RunId};
use entente_port::{CallContext, ChangeId, ChangeState, Marketplace, StepKey, Submitted, Write};
use entente_sandbox::{Director, Running, Throttling};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

pub const START: &str = "2031-05-01T08:00:00Z";

pub struct Desk {
    pub aws: AwsMarketplace,
    pub config: Config,
    director: Director,
    /// It stops when it is dropped.
    _running: Running,
}

impl Desk {
    /// No quotas, and time passes only when the test says so.
    pub async fn new() -> Desk {
        Desk::with(sandbox(), |_| {}).await
    }

    pub async fn with(sandbox: entente_sandbox::Config, adjust: impl FnOnce(&mut Config)) -> Desk {
        let running = entente_sandbox::start(sandbox).await.unwrap();
        let director = Director::open(&running.control_url()).await.unwrap();
        let seller = director.seller();
        let mut config = Config::new();
        config.endpoint = Some(running.aws_url());
        config.credentials = CredentialsSource::Keys(Keys::new(&seller.access_key, &seller.secret_key));
        config.keep_quotas = false;
        config.timeout_seconds = 5;
        adjust(&mut config);
        Desk { aws: connect(config.clone()).unwrap(), config, director, _running: running }
    }

    pub fn buyer(&self) -> String {
        self.director.buyer(0).unwrap().to_owned()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.director.tell(path.trim_start_matches('/'), &body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.director.ask(path.trim_start_matches('/')).await.unwrap()
    }

    pub async fn fault(&self, fault: Value) {
        self.director.fault(&fault).await.unwrap();
    }

    pub async fn heal(&self) {
        self.director.heal().await.unwrap();
    }

    pub async fn advance(&self, by: &str) {
        self.director.advance(by).await.unwrap();
    }

    pub async fn now(&self) -> Timestamp {
        self.director.now().await.unwrap()
    }

    /// How often the sandbox applied writes with this token.
    pub async fn applied(&self, token: Uuid) -> usize {
        let effects = self.get("aws/effects").await;
        let ours = |effect: &&Value| effect["client_request_token"] == json!(token.to_string());
        effects["effects"].as_array().unwrap().iter().filter(ours).count()
    }

    pub async fn accept(&self, offer_id: &str, account: &str) -> String {
        self.director.accept(account, offer_id, &Value::Null).await.unwrap()
    }

    /// Lets payments be asked for under an agreement, up to `most`; after `expiration` silence is consent. The term's id.
    pub async fn allow_payments(&self, agreement_id: &str, most: &str, expiration: Option<&str>) -> String {
        let body = json!({ "max_total_charge_amount": most, "expiration_duration": expiration });
        let told = self.post(&format!("aws/agreements/{agreement_id}/variable-payment"), body).await;
        told["term_id"].as_str().unwrap().to_owned()
    }

    /// The buyer answers a request.
    pub async fn answer(&self, change: &ChangeId, yes: bool) {
        let (_, request) = change.0.rsplit_once('/').unwrap();
        let body = json!({ "approve": yes, "reason": if yes { None } else { Some("We need it") } });
        self.post(&format!("aws/agreement-requests/{request}/answer"), body).await;
    }

    /// An agreement on an upfront contract, which is billed at once: its id and its invoice's.
    pub async fn sold(&self, n: u64) -> (String, String) {
        let mut offer = crate::offers::upfront(&self.buyer());
        offer["name"] = json!(format!("Sold {n}"));
        let offer_id = self.applied_offer(&call(n), &crate::offers::create(offer)).await;
        let agreement = self.accept(&offer_id, &self.buyer()).await;
        let invoice = self.aws.invoices_of(&agreement).await.unwrap().invoices[0].id.clone();
        (agreement, invoice)
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
