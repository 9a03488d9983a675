//! Why what was spent counts, or does not, with what that stands on and the rules that are cited.

use entente_core::commitment::{
    Commitment,
    eligibility::{Rule, RuleName, Rules},
};
use entente_store::SpendSum;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::{CommitmentError, days::Days, footing::Footing, outlook::Looked, stored::Stored, visitor::Visitor};
use crate::{
    authz::Action,
    spend::{self, Asked, Charge, Explained},
};

/// A rule that is cited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cited {
    /// Its name.
    pub rule: RuleName,
    /// What it said.
    pub said: &'static str,
    /// What it is about.
    pub title: String,
    /// Where it stands, with the clause.
    pub source: String,
    /// The day it was read.
    pub read: Date,
}

/// What of the spend counts, sum by sum.
#[derive(Debug)]
pub struct Why {
    /// What the figures stand on.
    pub footing: Footing,
    /// What each file says of what was asked about.
    pub found: Vec<Explained>,
    commitment: Commitment,
    rules: Rules,
    known_on: Date,
}

impl Why {
    /// Reads the sums that are asked about, and once more the files that they came in.
    ///
    /// # Errors
    /// When the person may not see spend, or the records or files cannot be read.
    pub async fn of(visitor: &Visitor<'_>, stored: &Stored, asked: &Asked) -> Result<Why, CommitmentError> {
        let store = visitor.store();
        let (_, known_on) = Days::default().of(stored, visitor.now())?;
        let footing = Looked::at(visitor, stored, Days::default()).await?.footing;
        let (commitment, rules) = (stored.commitment.clone(), spend::in_force(store).await?);
        let raw = visitor.app.evidence.raw().map_err(spend::ImportError::from)?;
        let found = spend::explain(store, &raw, (&commitment, &rules), asked).await?;
        Ok(Why { footing, found, commitment, rules, known_on })
    }

    /// Refuses whoever may not see spend.
    ///
    /// # Errors
    /// When the person may not.
    pub fn may_ask(visitor: &Visitor<'_>, name: &str) -> Result<(), CommitmentError> {
        visitor.acting.reach(Action::ReadSpend, "spend", name)?;
        Ok(())
    }

    /// The rules of a name, which a sum cites whose reason it is: some are kept by a field of the contract, and are asked of no charge.
    pub fn cites(&self, reason: &RuleName) -> Vec<Cited> {
        let about = |rule: &&Rule| rule.cloud.as_ref().is_none_or(|cloud| *cloud == self.commitment.cloud);
        let named = self.rules.iter().filter(|rule| rule.rule == *reason && rule.known_on(self.known_on)).filter(about);
        let cited = named.map(|rule| Cited {
            rule: rule.rule.clone(),
            said: "cited",
            title: rule.title.clone(),
            source: match &rule.clause {
                Some(clause) => format!("{}, {clause}", rule.source.at),
                None => rule.source.at.clone(),
            },
            read: rule.source.read,
        });
        cited.collect()
    }

    /// All of it as data.
    pub fn data(&self) -> Value {
        let sums: Vec<Value> = self.found.iter().flat_map(|one| self.sums(one)).collect();
        let unread = self.found.iter().filter_map(|one| {
            Some(json!({ "file": one.reading.new.file, "reading": one.reading.new.id, "why": one.unread.as_ref()? }))
        });
        json!({
            "commitment": self.commitment.id,
            "as_of": self.footing.as_of,
            "basis": self.footing.basis,
            "statement": self.footing.statement,
            "sums": sums,
            "unread": unread.collect::<Vec<Value>>(),
        })
    }

    fn sums(&self, one: &Explained) -> Vec<Value> {
        let new = &one.reading.new;
        let sum = |(SpendSum { key, amount, rows, first_row, last_row }, charges): &(SpendSum, Vec<Charge>)| {
            json!({
                "day": key.day,
                "account": key.account,
                "product": key.product,
                "part": key.part,
                "reason": key.reason,
                "weight": key.weight,
                "amount": amount,
                "currency": new.currency,
                "rows": rows,
                "first_row": first_row,
                "last_row": last_row,
                "file": new.file,
                "file_sha256": new.file_sha256,
                "reading": new.id,
                "partition": new.partition,
                "judged_as_known_on": new.known_on,
                "cited": self.cites(&key.reason),
                "charges": charges,
            })
        };
        one.sums.iter().map(sum).collect()
    }
}
