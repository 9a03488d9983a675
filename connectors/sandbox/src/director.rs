//! A client of the control side, for stories and tests: buyers that accept, faults, and time that passes.

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The default catalogue's SaaS product.
pub const SAAS_PRODUCT: &str = "prod-saas000000001";

/// An account number of the right form that belongs to nobody.
pub const NOBODYS_ACCOUNT: &str = "000000000000";

/// A sandbox that did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum DirectorError {
    /// It did not answer, or not as the control side does.
    #[error("the sandbox did not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// It refused.
    #[error("the sandbox refused {path}: {status} {reason}")]
    Refused {
        /// What was asked.
        path: String,
        /// The HTTP status.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// It lacks something that every sandbox has.
    #[error("the sandbox shows no {0}")]
    Missing(&'static str),
}

type Result<T> = std::result::Result<T, DirectorError>;

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
#[derive(Debug)]
pub struct Director {
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

impl Director {
    /// Meets the sandbox.
    pub async fn open(control: &str) -> Result<Director> {
        let client = reqwest::Client::new();
        let known: Accounts =
            client.get(format!("{control}/accounts")).send().await?.error_for_status()?.json().await?;
        let seller = known
            .accounts
            .iter()
            .find(|account| account.role == "seller")
            .cloned()
            .ok_or(DirectorError::Missing("seller"))?;
        Ok(Director { control: control.into(), client, accounts: known.accounts, seller })
    }

    /// The vendor's account.
    pub fn seller(&self) -> &Account {
        &self.seller
    }

    /// A buyer's account, counted from 0.
    pub fn buyer(&self, at: usize) -> Result<&str> {
        let buyer = self.accounts.iter().filter(|account| account.role == "buyer").nth(at);
        buyer.map(|account| account.account_id.as_str()).ok_or(DirectorError::Missing("further buyer"))
    }

    /// The sandbox's time.
    pub async fn now(&self) -> Result<Timestamp> {
        let shown: Value = self.get("clock").await?;
        shown["now"].as_str().and_then(|now| now.parse().ok()).ok_or(DirectorError::Missing("time"))
    }

    /// Lets time pass at once.
    pub async fn advance(&self, span: &str) -> Result<()> {
        self.post("clock", &json!({ "advance": span })).await
    }

    /// The buyer accepts an offer.
    pub async fn accept(&self, account: &str, offer_id: &str, quantities: &Value) -> Result<()> {
        // An offer that fixes its quantities leaves the buyer no choice to state.
        let body = match quantities.as_object() {
            Some(chosen) if !chosen.is_empty() => json!({ "offer_id": offer_id, "quantities": quantities }),
            _ => json!({ "offer_id": offer_id }),
        };
        self.post(&format!("aws/buyers/{account}/accept"), &body).await
    }

    /// Whether somebody has accepted the offer already.
    pub async fn accepted(&self, offer_id: &str) -> Result<bool> {
        let all: Value = self.get("aws/agreements").await?;
        Ok(all.to_string().contains(offer_id))
    }

    /// Loses the answer to the next write, after it was applied.
    pub async fn lose_next_answer(&self) -> Result<()> {
        self.post("aws/faults", &json!({ "op": "StartChangeSet", "effect": "lose_answer", "times": 1 })).await
    }

    /// How many writes that carry `key` in their name were applied.
    pub async fn applied(&self, key: &str) -> Result<usize> {
        let named = |effect: &Effect| effect.change_set_name.as_ref().is_some_and(|name| name.contains(key));
        let begun = self.effects().await?.into_iter().filter(|effect| effect.operation == "StartChangeSet");
        Ok(begun.filter(named).count())
    }

    /// Every write that was applied.
    pub async fn effects(&self) -> Result<Vec<Effect>> {
        let all: Effects = self.get("aws/effects").await?;
        Ok(all.effects)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let answer = self.client.get(format!("{}/{path}", self.control)).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<()> {
        let answer = self.client.post(format!("{}/{path}", self.control)).json(body).send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        Err(DirectorError::Refused { path: path.into(), status: status.as_u16(), reason: answer.text().await? })
    }
}
