//! What people have granted to a connection, kept in the database. Raising the mode takes two people.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorAccount, PersonId},
    money::Money,
};
use entente_port::{Allowance, Grants, StepKey, Use, Used};
use entente_store::Store;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::runner::clock::Clock;

/// The setting with what an account holds.
const HELD: &str = "held";

/// The setting with what was used of the caps today.
const USED: &str = "used";

/// How often a change is made anew because somebody else was faster.
const TRIES_MAX: u32 = 64;

/// A raise that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What is proposed.
    pub grants: Grants,
    /// Who proposed it.
    pub by: PersonId,
}

/// What an account holds: written as a whole, so that nobody confirms what somebody else has just changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Held {
    grants: Grants,
    proposal: Option<Proposal>,
}

/// One UTC day's use of a connection's caps.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Day {
    day: String,
    admitted: BTreeMap<String, Money>,
    /// What the admitted steps that offer nothing use. Whoever does not know of these counts them as offers, and so too much.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    others: BTreeMap<String, Use>,
}

impl Day {
    fn add(&mut self, step: String, used: Use) {
        if !matches!(used, Use::Offer(_)) {
            self.others.insert(step.clone(), used);
        }
        self.admitted.insert(step, used.value());
    }

    fn holds(&self, step: &str, used: Use) -> bool {
        let kept = self.admitted.get(step).map(|value| self.others.get(step).copied().unwrap_or(Use::Offer(*value)));
        kept == Some(used)
    }

    fn used(&self, except: &str) -> Used {
        let mut used = Used::default();
        for (step, value) in self.admitted.iter().filter(|(step, _)| *step != except) {
            used.add(self.others.get(step).copied().unwrap_or(Use::Offer(*value)));
        }
        used
    }
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
        Ok(self.held().await?.1.grants)
    }

    /// Asks for these grants; see [`StoredAllowance::change`]. Returns whether they are in force now.
    ///
    /// # Errors
    /// As [`StoredAllowance::change`].
    pub async fn propose(&self, grants: Grants, by: &PersonId) -> Result<bool, String> {
        self.change(by, |_| grants.clone()).await.map(|(_, in_force)| in_force)
    }

    /// Lowers or stops at once; a raise waits for a second person, and happens when that person asks for the same. What is asked
    /// for is made of the grants in force, which may be others by the time it is written: it is made anew then.
    /// Returns what was asked for, and whether it is in force now.
    ///
    /// # Errors
    /// When the same person tries to confirm, or the database cannot be written.
    pub async fn change(
        &self,
        by: &PersonId,
        asked: impl Fn(&Grants) -> Grants + Send + Sync,
    ) -> Result<(Grants, bool), String> {
        for _ in 0..TRIES_MAX {
            let (read, held) = self.held().await?;
            let grants = asked(&held.grants);
            let next = held.after(&grants, by)?;
            let in_force = next.proposal.is_none();
            if self.replace(HELD, read, &next).await? {
                return Ok((grants, in_force));
            }
        }
        Err(self.contended("grants"))
    }

    fn name(&self, what: &str) -> String {
        format!("connector/{}/{what}", self.account)
    }

    /// What is held now, and the text it was read from.
    async fn held(&self) -> Result<(Option<String>, Held), String> {
        let (text, held) = self.read(HELD).await?;
        Ok((text, held.unwrap_or_default()))
    }

    async fn read<T: DeserializeOwned>(&self, what: &str) -> Result<(Option<String>, Option<T>), String> {
        let text = self.store.setting(&self.name(what)).await.map_err(|error| error.to_string())?;
        let parsed = text.as_deref().map(serde_json::from_str::<T>).transpose();
        parsed
            .map_err(|error| format!("the stored {what} of `{}` cannot be read: {error}", self.account))
            .map(|parsed| (text, parsed))
    }

    /// Writes unless somebody else has written since `read`; says whether it did.
    async fn replace(&self, what: &str, read: Option<String>, value: &impl Serialize) -> Result<bool, String> {
        let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
        let replaced = self.store.replace_setting(&self.name(what), read.as_deref(), &text).await;
        replaced.map_err(|error| error.to_string())
    }

    fn contended(&self, what: &str) -> String {
        format!("others change the {what} of `{}` all the time; look at them, then try again", self.account)
    }

    fn today(&self) -> String {
        self.clock.now().to_zoned(TimeZone::UTC).date().to_string()
    }

    async fn day(&self) -> Result<(Option<String>, Day), String> {
        let today = self.today();
        let (text, stored) = self.read::<Day>(USED).await?;
        let day = stored.filter(|day| day.day == today).unwrap_or(Day { day: today, ..Day::default() });
        Ok((text, day))
    }
}

impl Held {
    /// What is held once somebody has asked for these grants.
    fn after(&self, grants: &Grants, by: &PersonId) -> Result<Held, String> {
        let current = &self.grants;
        let raises = grants.mode > current.mode || grants.caps != current.caps || (current.stopped && !grants.stopped);
        let in_force = Held { grants: grants.clone(), proposal: None };
        match self.proposal.as_ref().filter(|proposal| proposal.grants == *grants) {
            _ if !raises => Ok(in_force),
            Some(proposal) if proposal.by == *by => {
                Err(format!("`{by}` proposed this already: a second person must confirm it with the same command"))
            }
            Some(_) => Ok(in_force),
            None => {
                let proposal = Proposal { grants: grants.clone(), by: by.clone() };
                Ok(Held { grants: current.clone(), proposal: Some(proposal) })
            }
        }
    }
}

#[async_trait]
impl Allowance for StoredAllowance {
    async fn grants(&self) -> Result<Grants, String> {
        self.current().await
    }

    async fn used_today(&self, except: &StepKey) -> Result<Used, String> {
        Ok(self.day().await?.1.used(&step(except)))
    }

    async fn admit(&self, key: &StepKey, used: Use, seen: &Used) -> Result<bool, String> {
        let (read, mut day) = self.day().await?;
        let step = step(key);
        if day.used(&step) != *seen {
            return Ok(false);
        }
        if day.holds(&step, used) {
            return Ok(true);
        }
        day.add(step, used);
        self.replace(USED, read, &day).await
    }
}

fn step(key: &StepKey) -> String {
    format!("{}/{}", key.run, key.invoke)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(minor: i64) -> Money {
        Money { minor, currency: "USD".parse().unwrap() }
    }

    #[test]
    fn refunds_and_payments_count_as_money_and_not_as_offers() {
        let mut day = Day::default();
        day.add("run/1".into(), Use::Offer(dollars(1_000)));
        day.add("run/2".into(), Use::Refund(dollars(200)));
        day.add("run/3".into(), Use::Charge(dollars(30)));
        day.add("run/3".into(), Use::Charge(dollars(30)));
        let stored: Day = serde_json::from_str(&serde_json::to_string(&day).unwrap()).unwrap();
        assert!(stored.holds("run/2", Use::Refund(dollars(200))) && !stored.holds("run/2", Use::Offer(dollars(200))));
        let used = stored.used("run/none");
        let sums = [&used.value, &used.refunded].map(|sums| sums.get(&dollars(0).currency).copied());
        assert_eq!((used.offers, sums), (1, [Some(1_230), Some(200)]));
        assert_eq!(stored.used("run/2").refunded, BTreeMap::new(), "a step is not counted against itself");
    }

    #[test]
    fn a_day_that_an_older_program_kept_holds_offers_alone() {
        let day: Day =
            serde_json::from_str(r#"{"day":"2031-05-01","admitted":{"run/1":{"minor":1000,"currency":"USD"}}}"#)
                .unwrap();
        assert_eq!(day.used("run/none").offers, 1);
    }
}
