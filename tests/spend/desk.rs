//! A database, a place for raw files, and a contract.

use std::{path::PathBuf, sync::Arc};

use entente::spend::{Came, ImportError, Insists, Job, Judge, Taken, drawdown, import};
use entente_core::{
    commitment::{Commitment, Replaces, eligibility::Rules},
    scope::Scope,
};
use entente_documents::{Raw, Settings};
use entente_spend::Limits;
use entente_store::{ReadingRow, Store};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::ground;

const CONTRACT: &str = include_str!("../../crates/core/tests/commitment/globex.yaml");
const SHIPPED: &str = include_str!("../../eligibility/rules.yaml");

/// The heading of a FOCUS file.
const HEADING: &str = "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,\
    ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,ProviderName,PublisherName,InvoiceIssuerName,ServiceName,BilledCost";

/// A contract with something changed.
pub fn contract(from: &str, to: &str) -> Commitment {
    assert!(CONTRACT.contains(from));
    Commitment::from_yaml("globex.yaml", &CONTRACT.replacen(from, to, 1)).unwrap()
}

/// The contract.
pub fn globex() -> Commitment {
    contract("EDP-77", "EDP-77")
}

/// The rules that ship with the program, and more.
pub fn rules(own: &str) -> Rules {
    let shipped = Rules::from_yaml("rules.yaml", SHIPPED).unwrap();
    match own {
        "" => shipped,
        own => shipped.and(Rules::from_yaml("own.yaml", own).unwrap()),
    }
}

/// A FOCUS file of charges, each a day of March 2026, the cost and the publisher.
pub fn focus<'a>(charges: impl IntoIterator<Item = (u8, &'a str, &'a str)>) -> String {
    let mut text = format!("{HEADING}\n");
    for (day, cost, publisher) in charges {
        let (from, to) = (format!("2026-03-{day:02}T08:00:00Z"), format!("2026-03-{day:02}T20:00:00Z"));
        text.push_str(&format!(
            "111122223333,USD,2026-03-01 00:00:00,2026-04-01 00:00:00,Usage,NULL,Usage-Based,{from},{to},AWS,{publisher},\
             Amazon Web Services,Amazon S3,{cost}\n"
        ));
    }
    text
}

/// The same charges a month later.
pub fn april(text: &str) -> String {
    text.replace("2026-04-01 00", "2026-05-01 00").replace("2026-03", "2026-04")
}

/// The cloud's own charges.
pub const AWS: &str = "AWS";

/// An installation's spend.
pub struct Desk {
    /// Its folder.
    pub folder: PathBuf,
    /// Its database.
    pub store: Arc<dyn Store>,
    /// Its raw files.
    pub raw: Raw,
    _keep: Option<TempDir>,
}

impl Desk {
    /// A new one.
    pub async fn new() -> Desk {
        let keep = tempfile::tempdir().unwrap();
        let desk = Desk::at(keep.path().to_owned()).await;
        Desk { _keep: Some(keep), ..desk }
    }

    /// The one in a folder.
    pub async fn at(folder: PathBuf) -> Desk {
        let store = ground::beside(&folder.join("entente.db")).await;
        let raw = Raw::open(&Settings::folder(folder.join("evidence"))).unwrap();
        Desk { folder, store, raw, _keep: None }
    }

    /// Takes a file in, with something changed about how.
    pub async fn import_as(
        &self,
        commitment: &Commitment,
        name: &str,
        text: &str,
        change: impl for<'a> FnOnce(Job<'a>) -> Job<'a>,
    ) -> Result<Came, ImportError> {
        let incoming = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(incoming.path(), text).unwrap();
        let rules = rules("");
        let at = at(1);
        let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(at) };
        let limits = Limits { rows: 100, ..Limits::default() };
        let (replaces, restore, dry_run) = (Replaces::Partition, false, false);
        let job = Job {
            judge,
            partition: name,
            file: name,
            replaces,
            former: None,
            covers: None,
            currency: None,
            insists: Insists::default(),
            restore,
            dry_run,
            limits,
            by: "mia",
            at,
        };
        import(self.store.as_ref(), &self.raw, incoming.path(), change(job), &mut |_| {}).await
    }

    /// Takes a file in for the contract.
    pub async fn import(&self, name: &str, text: &str) -> Result<Came, ImportError> {
        self.import_as(&globex(), name, text, |job| job).await
    }

    /// Takes a file in that says something new.
    pub async fn take(&self, name: &str, text: &str, minute: i64) -> Taken {
        match self.import_as(&globex(), name, text, |job| Job { at: at(minute), ..job }).await.unwrap() {
            Came::New(taken) => *taken,
            other => panic!("it is new: {other:?}"),
        }
    }

    /// What was read.
    pub async fn readings(&self) -> Vec<ReadingRow> {
        self.store.readings(&Scope::vendor(), None).await.unwrap()
    }

    /// What was spent, as known before a minute or now, by day.
    pub async fn spent(&self, until: Option<Timestamp>) -> Vec<(String, String)> {
        let commitment = globex();
        let drawdown = drawdown(self.store.as_ref(), &Scope::vendor(), &commitment, until).await.unwrap();
        drawdown.days().iter().map(|(day, counted)| (day.to_string(), counted.spent.to_string())).collect()
    }
}

/// A minute of 1 December 2026.
pub fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_796_083_200 + 60 * minute).unwrap()
}

/// Days and amounts as [`Desk::spent`] tells them.
pub fn days(all: &[(u8, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(day, amount)| (format!("2026-03-{day:02}"), (*amount).to_owned())).collect()
}
