//! The sandbox as the demo directs it: buyers that accept, faults, and time that passes.

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// One account at the sandbox.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// `seller`, `reseller` or `buyer`.
    pub role: String,
    /// The account's id.
    pub account_id: String,
    /// The id of its key.
    pub access_key: String,
    /// The key's secret, which protects nothing.
    pub secret_key: String,
}

/// A write that was applied at the sandbox.
#[derive(Debug, Clone, Deserialize)]
pub struct Effect {
    /// The operation.
    pub operation: String,
    /// The name that the client gave it.
    #[serde(default)]
    pub change_set_name: Option<String>,
}

/// The sandbox's control side.
pub struct Stage {
    control: String,
    client: reqwest::Client,
    accounts: Vec<Account>,
    seller: Account,
}

#[derive(Deserialize)]
struct Accounts {
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Effects {
    effects: Vec<Effect>,
}

impl Stage {
    /// Meets the sandbox.
    pub async fn open(control: &str) -> anyhow::Result<Stage> {
        let client = reqwest::Client::new();
        let known: Accounts =
            client.get(format!("{control}/accounts")).send().await?.error_for_status()?.json().await?;
        let seller = known
            .accounts
            .iter()
            .find(|account| account.role == "seller")
            .cloned()
            .context("the sandbox has no seller")?;
        Ok(Stage { control: control.into(), client, accounts: known.accounts, seller })
    }

    /// The vendor's account.
    pub fn seller(&self) -> &Account {
        &self.seller
    }

    /// A buyer's account, counted from 0.
    pub fn buyer(&self, at: usize) -> anyhow::Result<&str> {
        let buyer = self.accounts.iter().filter(|account| account.role == "buyer").nth(at);
        buyer.map(|account| account.account_id.as_str()).context("the sandbox has too few buyers")
    }

    /// The sandbox's time.
    pub async fn now(&self) -> anyhow::Result<Timestamp> {
        let shown: Value = self.get("clock").await?;
        shown["now"].as_str().context("the sandbox shows no time")?.parse().context("the sandbox's time")
    }

    /// Lets time pass at once.
    pub async fn advance(&self, span: &str) -> anyhow::Result<()> {
        self.post("clock", &json!({ "advance": span })).await.map(drop)
    }

    /// The buyer accepts an offer.
    pub async fn accept(&self, account: &str, offer_id: &str, quantities: &Value) -> anyhow::Result<()> {
        // An offer that fixes its quantities leaves the buyer no choice to state.
        let body = match quantities.as_object() {
            Some(chosen) if !chosen.is_empty() => json!({ "offer_id": offer_id, "quantities": quantities }),
            _ => json!({ "offer_id": offer_id }),
        };
        self.post(&format!("aws/buyers/{account}/accept"), &body).await.map(drop)
    }

    /// Whether somebody has accepted the offer already.
    pub async fn accepted(&self, offer_id: &str) -> anyhow::Result<bool> {
        let all: Value = self.get("aws/agreements").await?;
        Ok(all.to_string().contains(offer_id))
    }

    /// Loses the answer to the next write, after it was applied.
    pub async fn lose_next_answer(&self) -> anyhow::Result<()> {
        self.post("aws/faults", &json!({ "op": "StartChangeSet", "effect": "lose_answer", "times": 1 })).await.map(drop)
    }

    /// Every write that was applied.
    pub async fn effects(&self) -> anyhow::Result<Vec<Effect>> {
        let all: Effects = self.get("aws/effects").await?;
        Ok(all.effects)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let url = format!("{}/{path}", self.control);
        let answer = self.client.get(&url).send().await?.error_for_status()?;
        answer.json().await.with_context(|| format!("the sandbox's answer to {url}"))
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}/{path}", self.control);
        let answer = self.client.post(&url).json(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        anyhow::ensure!(status.is_success(), "the sandbox refused {path}: {status} {text}");
        serde_json::from_str(&text).with_context(|| format!("the sandbox's answer to {url}"))
    }
}
