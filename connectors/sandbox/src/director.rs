//! A client of the control side, for stories and tests: buyers that accept, faults, and time that passes.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The default catalogue's SaaS product.
pub const SAAS_PRODUCT: &str = "prod-saas000000001";

/// The default catalogue's AMI product that is paid by the hour, of instance types such as `m5.large`.
pub const AMI_HOURLY_PRODUCT: &str = "prod-ami0000000001";

/// The default catalogue's AMI product that is sold by contract, of `Seats` and `Premium`.
pub const AMI_CONTRACT_PRODUCT: &str = "prod-ami0000000002";

/// The default catalogue's container product that is paid by the hour, of `Hours`.
pub const CONTAINER_HOURLY_PRODUCT: &str = "prod-cont000000001";

/// The default catalogue's container product that is sold by contract, of `Seats` and `Premium`.
pub const CONTAINER_CONTRACT_PRODUCT: &str = "prod-cont000000002";

/// An account number of the right form that belongs to nobody.
pub const NOBODYS_ACCOUNT: &str = "000000000000";

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(60);

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
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
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
        let shown = self.ask("clock").await?;
        shown["now"].as_str().and_then(|now| now.parse().ok()).ok_or(DirectorError::Missing("time"))
    }

    /// Lets time pass at once.
    pub async fn advance(&self, span: &str) -> Result<()> {
        self.tell("clock", &json!({ "advance": span })).await.map(drop)
    }

    /// The buyer accepts an offer; the agreement's id.
    pub async fn accept(&self, account: &str, offer_id: &str, quantities: &Value) -> Result<String> {
        // An offer that fixes its quantities leaves the buyer no choice to state.
        let body = match quantities.as_object() {
            Some(chosen) if !chosen.is_empty() => json!({ "offer_id": offer_id, "quantities": quantities }),
            _ => json!({ "offer_id": offer_id }),
        };
        let accepted: Value = self.tell(&format!("aws/buyers/{account}/accept"), &body).await?;
        accepted["agreement_id"].as_str().map(str::to_owned).ok_or(DirectorError::Missing("agreement"))
    }

    /// Whether somebody has accepted the offer already.
    pub async fn accepted(&self, offer_id: &str) -> Result<bool> {
        let all = self.ask("aws/agreements").await?;
        Ok(all.to_string().contains(offer_id))
    }

    /// Loses the answer to the next write, after it was applied.
    pub async fn lose_next_answer(&self) -> Result<()> {
        self.fault(&json!({ "op": "StartChangeSet", "effect": "lose_answer", "times": 1 })).await
    }

    /// Lets something go wrong from now on, as the control side's OpenAPI document describes it.
    pub async fn fault(&self, fault: &Value) -> Result<()> {
        self.tell("aws/faults", fault).await.map(drop)
    }

    /// Ends all faults.
    pub async fn heal(&self) -> Result<()> {
        self.client.delete(format!("{}/aws/faults", self.control)).send().await?.error_for_status()?;
        Ok(())
    }

    /// How often an operation was asked for, answered or not.
    pub async fn asked(&self, operation: &str) -> Result<u64> {
        Ok(self.ask("aws/requests").await?["counters"][operation].as_u64().unwrap_or(0))
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

    /// Any other question to the control side, such as `aws/offers`.
    pub async fn ask(&self, path: &str) -> Result<Value> {
        self.get(path).await
    }

    /// Any other command to the control side; its answer.
    pub async fn tell(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.client.post(format!("{}/{path}", self.control)).json(body).send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.json().await?);
        }
        Err(DirectorError::Refused { path: path.into(), status: status.as_u16(), reason: answer.text().await? })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let answer = self.client.get(format!("{}/{path}", self.control)).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }
}
