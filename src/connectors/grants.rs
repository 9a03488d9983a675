//! What people have granted to a connection, kept in the database. Raising the mode takes two people.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorAccount, PersonId},
    money::{Currency, Money},
};
use entente_port::{Allowance, CallContext, Grants, PlannedCall, StepKey, Used, Write};
use entente_store::Store;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::runner::clock::Clock;

/// A raise that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What is proposed.
    pub grants: Grants,
    /// Who proposed it.
    pub by: PersonId,
}

/// One UTC day's use of a connection's caps.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Day {
    day: String,
    admitted: BTreeMap<String, Money>,
}

/// The grants of one account, in the database's settings.
pub struct StoredAllowance {
    account: ConnectorAccount,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl StoredAllowance {
    /// The grants of `account`.
    pub fn new(account: ConnectorAccount, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> StoredAllowance {
        StoredAllowance { account, store, clock }
    }

    /// The grants in force; observe when nobody has granted anything.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn current(&self) -> Result<Grants, String> {
        Ok(self.read("grants").await?.unwrap_or_default())
    }

    /// Lowers or stops at once; a raise waits for a second person, and happens when that person proposes the same.
    /// Returns whether the grants are in force now.
    ///
    /// # Errors
    /// When the same person tries to confirm, or the database cannot be written.
    pub async fn propose(&self, grants: Grants, by: &PersonId) -> Result<bool, String> {
        let current = self.current().await?;
        let raises = grants.mode > current.mode || grants.caps != current.caps || (current.stopped && !grants.stopped);
        if raises {
            let waiting: Option<Proposal> = self.read("proposal").await?;
            match waiting.filter(|proposal| proposal.grants == grants) {
                Some(proposal) if proposal.by == *by => {
                    return Err(format!(
                        "`{by}` proposed this already: a second person must confirm it with the same command"
                    ));
                }
                Some(_) => {}
                None => {
                    self.write("proposal", &Proposal { grants, by: by.clone() }).await?;
                    return Ok(false);
                }
            }
        }
        self.write("grants", &grants).await?;
        self.write("proposal", &Option::<Proposal>::None).await?;
        Ok(true)
    }

    fn name(&self, what: &str) -> String {
        format!("connector/{}/{what}", self.account)
    }

    async fn read<T: DeserializeOwned>(&self, what: &str) -> Result<Option<T>, String> {
        let text = self.store.setting(&self.name(what)).await.map_err(|error| error.to_string())?;
        let parsed = text.map(|text| serde_json::from_str::<Option<T>>(&text)).transpose();
        parsed
            .map(Option::flatten)
            .map_err(|error| format!("the stored {what} of `{}` cannot be read: {error}", self.account))
    }

    async fn write<T: Serialize>(&self, what: &str, value: &T) -> Result<(), String> {
        let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
        self.store.set_setting(&self.name(what), &text).await.map_err(|error| error.to_string())
    }

    fn today(&self) -> String {
        self.clock.now().to_zoned(TimeZone::UTC).date().to_string()
    }

    async fn day(&self) -> Result<Day, String> {
        let today = self.today();
        let stored: Option<Day> = self.read("used").await?;
        Ok(stored.filter(|day| day.day == today).unwrap_or(Day { day: today, admitted: BTreeMap::new() }))
    }
}

#[async_trait]
impl Allowance for StoredAllowance {
    async fn grants(&self) -> Result<Grants, String> {
        self.current().await
    }

    async fn used_today(&self, except: &StepKey) -> Result<Used, String> {
        let except = step(except);
        let day = self.day().await?;
        let mut value: BTreeMap<Currency, i64> = BTreeMap::new();
        let others = day.admitted.iter().filter(|(key, _)| **key != except);
        let mut offers = 0u32;
        for (_, money) in others {
            offers = offers.saturating_add(1);
            let sum = value.entry(money.currency).or_default();
            *sum = sum.saturating_add(money.minor);
        }
        Ok(Used { offers, value })
    }

    async fn admit(&self, key: &StepKey, value: Money) -> Result<(), String> {
        let mut day = self.day().await?;
        day.admitted.insert(step(key), value);
        self.write("used", &day).await
    }

    async fn withheld(&self, call: &CallContext, write: &Write, plan: &[PlannedCall], reason: &str) {
        let record = serde_json::json!({ "step": call.key, "write": write, "plan": plan, "reason": reason });
        if let Err(error) = self.write(&format!("withheld/{}", step(&call.key)), &record).await {
            tracing::warn!(account = %self.account, "a withheld write could not be kept: {error}");
        }
    }
}

fn step(key: &StepKey) -> String {
    format!("{}/{}", key.run, key.invoke)
}
