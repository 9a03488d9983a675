//! `entente ledger`: what stands on every account, and whether the books are sound.

use std::collections::BTreeMap;

use entente_core::{
    ids::PartyId,
    money::{Currency, Money},
    scope::{Entities, Parties, Scope},
};
use entente_store::{AccountBalance, BalanceFilter};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    ledger::verify::{self, Report},
};

/// Show the accounts of funds, and verify the books
#[derive(Debug, clap::Subcommand)]
pub enum Ledger {
    /// Show what stands on each account of each fund
    Show(Show),
    /// Check every promise of the ledger on what is stored
    ///
    /// The trial balance is zero in each currency, balances are those of the entries, each entry comes from a step of a
    /// run, and nothing is held for a run that is gone. Ends with 7 when something is not so, and says where.
    Verify,
}

/// Which balances.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Of this fund
    #[arg(long)]
    fund: Option<String>,
    /// In this currency
    #[arg(long)]
    currency: Option<Currency>,
    /// As it stood at this instant, or at the end of this day in UTC
    #[arg(long, value_name = "TIME", value_parser = instant)]
    as_of: Option<Timestamp>,
    /// What each thing has that the money is for, such as a claim, and not accounts alone
    #[arg(long)]
    by_key: bool,
    /// As this party sees it: from its own runs alone
    #[arg(long)]
    party: Option<PartyId>,
}

impl Ledger {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Ledger::Show(show) => show.run(&session).await,
            Ledger::Verify => verified(&session).await,
        }
    }
}

impl Show {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let name = self.fund.as_deref().unwrap_or("all funds");
        let mut scope = session.reach(Action::ReadLedger, "ledger", name)?;
        if let Some(party) = self.party {
            scope.parties = Parties::Only(party);
        }
        let filter =
            BalanceFilter { fund: self.fund.clone(), currency: self.currency, as_of: self.as_of, by_key: self.by_key };
        let stands = session.app.store.balances(&scope, &filter).await?;
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for at in &stands {
            *sums.entry(at.currency).or_default() += i128::from(at.minor);
        }
        let shown: Vec<&AccountBalance> = stands.iter().filter(|at| at.minor != 0).collect();
        if session.out.is_json() {
            let accounts: Vec<Value> = shown.iter().map(|at| account_json(at)).collect();
            let as_of = self.as_of.map(|at| at.to_string());
            session.out.json(&json!({ "as_of": as_of, "accounts": accounts, "trial_balance": sums_json(&sums) }))?;
            return Ok(Exit::Ok);
        }
        let cells =
            shown.iter().map(|at| vec![at.fund.clone(), at.account.to_string(), at.key.clone(), money(at).to_string()]);
        session.out.table(&["fund", "account", "for", "amount"], &cells.collect::<Vec<_>>());
        match shown.is_empty() {
            true => session.out.say("nothing is booked"),
            false => session.out.say(&format!("trial balance: {}", sums_words(&sums))),
        }
        Ok(Exit::Ok)
    }
}

async fn verified(session: &Session) -> Result<Exit, Failure> {
    let scope = session.reach(Action::ReadLedger, "ledger", "all funds")?;
    if scope.entities != Entities::All || scope != Scope::vendor() {
        let message = "the books are verified as a whole, and you work for some legal entities only";
        return Err(Failure::new(Exit::Forbidden, message).hint("ask somebody who works for all of them"));
    }
    let Report { journals, trial_balance, archived, findings } = verify::verify(session.app.store.as_ref()).await?;
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    if session.out.is_json() {
        session.out.json(&json!({
            "journals": journals, "trial_balance": sums_json(&trial_balance), "archived": archived,
            "findings": told, "located": findings,
        }))?;
    } else {
        told.iter().for_each(|finding| session.out.data(finding));
    }
    let sums = sums_words(&trial_balance);
    session.out.say(&format!("{journals} journals, trial balance {sums}, {} findings", findings.len()));
    if archived > 0 {
        session.out.say(&format!(
            "the steps of {archived} journals are in archives alone: verify each file with `entente audit verify <file>`"
        ));
    }
    Ok(if findings.is_empty() { Exit::Ok } else { Exit::Differences })
}

fn money(at: &AccountBalance) -> Money {
    Money { minor: at.minor, currency: at.currency }
}

fn account_json(at: &AccountBalance) -> Value {
    json!({
        "fund": at.fund, "account": at.account, "key": at.key, "currency": at.currency, "minor": at.minor,
        "amount": money(at).to_string(),
    })
}

fn sums_json(sums: &BTreeMap<Currency, i128>) -> Value {
    sums.iter()
        .map(|(currency, sum)| (currency.code().to_owned(), json!(sum)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// `EUR 0, USD 0`, in minor units.
fn sums_words(sums: &BTreeMap<Currency, i128>) -> String {
    match sums.is_empty() {
        true => "0".to_owned(),
        false => sums.iter().map(|(currency, sum)| format!("{currency} {sum}")).collect::<Vec<_>>().join(", "),
    }
}

/// An instant, or a day, which stands for its end in UTC.
fn instant(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<Date>().ok().and_then(|day| day.at(23, 59, 59, 999_999_999).to_zoned(TimeZone::UTC).ok());
    let parsed = text.parse().ok().or_else(|| day().map(|end| end.timestamp()));
    parsed.ok_or_else(|| format!("`{text}` is no instant and no day; write `2027-03-31` or `2027-03-31T12:00:00Z`"))
}
