//! Committed spend beside the offers: three customers, one on each cloud, whose contracts are entered and whose bills are taken
//! in, and what is told of each.
//!
//! Everything is dated from the day on which the contracts were entered: what is seen later tells of that day.

mod bills;
mod contract;
mod customers;
mod table;

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use entente_core::{
    commitment::{Commitment, Replaces, eligibility::Channel},
    context::commitment::Plan,
    run::Snapshot,
    scope::Scope,
};
use entente_spend::Limits;
use futures::future::try_join_all;
use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::json;

pub use self::{
    customers::{CUSTOMERS, Customer, Fate, Term},
    table::{commands, lines, table},
};
use super::{
    stories::GAP_BUYER,
    teller::{Teller, run_under, tagged},
};
use crate::{
    commitments::{
        launch,
        stored::{self, Stored},
    },
    spend::{self, Came, Insists, Job, Judge},
};

/// Who follows the commitments.
const PERSON: &str = "ada";

/// The legal entity that follows them.
const ENTITY: &str = "acme-us";

/// Where the bills are laid.
const FOLDER: &str = "spend";

/// The plan that is kept beside the offer, and how much of it comes how often.
const PLAN: &str = "seats for two more branches";
const PLANNED: &str = "90000";
const TIMES: u32 = 2;

/// When the plan begins, in days from the story's: later than the story ends.
const PLAN_AFTER: i64 = 70;

/// How long after midnight a commitment is looked at, and some time more.
const LOOKED_AFTER_HOURS: i64 = 2;

/// The part of the story that is about committed spend.
#[derive(Clone)]
pub struct Commitments {
    teller: Arc<Teller>,
    folder: PathBuf,
}

impl Commitments {
    /// Told by this teller; the bills lie in `folder`.
    pub fn new(teller: Arc<Teller>, folder: PathBuf) -> Commitments {
        teller.announce_more(CUSTOMERS.iter().map(|customer| (run_under(&customer.key()), customer.title)));
        Commitments { teller, folder }
    }

    /// The contracts are entered, the bills taken in, and each is looked at; what would close the gap is planned.
    pub async fn follow(&self) -> anyhow::Result<()> {
        let app = self.teller.app();
        spend::keep(app.store.as_ref(), contract::OWN_RULES, &contract::own_rules(), PERSON, app.clock.now()).await?;
        // One after the other, so that they are numbered as they are told.
        for customer in &CUSTOMERS {
            self.enter(customer).await?;
        }
        try_join_all(CUSTOMERS.iter().map(|customer| self.seen(customer))).await?;
        Ok(())
    }

    /// Time has passed, and each has been looked at on its last day. Where days passed at once while it was looked at, the day that was
    /// seen is over, and it is looked at once more.
    pub async fn at_rest(&self) -> anyhow::Result<()> {
        for customer in &CUSTOMERS {
            let run = run_under(&customer.key());
            let rests = |snapshot: &Snapshot| !tagged(snapshot, "looking") && snapshot.invokes.is_empty();
            let row = self.teller.until(run, rests).await?;
            if !self.is_seen(&row.snapshot) {
                let key = format!("{}/look/{}", customer.key(), row.snapshot.seq);
                self.teller.suggest(&key, PERSON, run, "look").await?;
            }
            self.teller.until(run, |snapshot| rests(snapshot) && self.is_seen(snapshot)).await?;
        }
        Ok(())
    }

    /// Its contract is entered, unless it has been. What is written depends on the day, so it is written once.
    async fn enter(&self, customer: &Customer) -> anyhow::Result<()> {
        let key = customer.key();
        if self.teller.was_made(&key).await? {
            return Ok(());
        }
        let today = self.teller.stage().now().await?.to_zoned(TimeZone::UTC).date();
        let text = contract::document(customer, self.account(customer)?, &Term::around(today)?)?;
        let commitment = Commitment::from_yaml(customer.commitment, &text)?;
        let sender = self.teller.sender(&key, PERSON)?;
        let (_, messages) = launch::start(self.teller.app().store.as_ref(), &sender, &commitment, &text).await?;
        for message in messages {
            self.teller.send(message).await?;
        }
        Ok(())
    }

    /// Whether it was looked at on its last day.
    fn is_seen(&self, snapshot: &Snapshot) -> bool {
        let since = self.teller.app().clock.now().checked_sub(LOOKED_AFTER_HOURS.hours());
        let due = since.map(|at| at.to_zoned(TimeZone::UTC).date().to_string());
        let day = snapshot.context.pointer("/look/day").and_then(serde_json::Value::as_str);
        day.is_some_and(|day| due.is_ok_and(|due| day >= due.as_str()))
    }

    /// Its bill is taken in, and what follows from it is seen.
    async fn seen(&self, customer: &Customer) -> anyhow::Result<()> {
        let (key, run) = (customer.key(), run_under(&customer.key()));
        self.take_in(customer).await?;
        let paced = |snapshot: &Snapshot| {
            let pace = snapshot.context.pointer("/look/pace/0");
            !tagged(snapshot, "looking") && pace.is_some_and(|pace| !pace.is_null())
        };
        self.teller.until(run, paced).await?;
        if customer.fate == Fate::Short {
            let plan = self.plan(&term(&self.stored(customer).await?.commitment)?)?;
            self.teller.once(&format!("{key}/plan"), PERSON, run, "plan", json!(plan)).await?;
        }
        Ok(())
    }

    /// Every file of its bill, the way `entente spend import` goes. Once the commitment has been told of it, it is in.
    async fn take_in(&self, customer: &Customer) -> anyhow::Result<()> {
        let (key, run) = (format!("{}/spend", customer.key()), run_under(&customer.key()));
        if self.teller.was_made(&key).await? {
            return Ok(());
        }
        let (app, stored) = (self.teller.app(), self.stored(customer).await?);
        let (store, raw, commitment) = (app.store.as_ref(), app.evidence.raw()?, &stored.commitment);
        let (term, rules) = (term(commitment)?, spend::in_force(store).await?);
        let made = bills::files(customer, self.account(customer)?, &term);
        let folder = self.folder.join(FOLDER).join(customer.commitment);
        fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
        for file in &made {
            fs::write(folder.join(&file.name), &file.text)
                .with_context(|| format!("`{}` cannot be written", file.name))?;
        }
        for source in spend::sources(&folder.to_string_lossy()).await?.files {
            let at = app.clock.now();
            let job = Job {
                judge: Judge { commitment, rules: &rules, known_on: commitment.day_of(at) },
                partition: &source.partition,
                file: &source.name,
                replaces: Replaces::Partition,
                former: None,
                covers: made.iter().find(|file| file.name == source.name).map(|file| file.covers),
                currency: None,
                insists: Insists::default(),
                restore: false,
                dry_run: false,
                limits: Limits::default(),
                by: PERSON,
                at,
            };
            let local = source.local().await?;
            match spend::import(store, &raw, local.path(), job, &mut |_| {}).await? {
                Came::New(taken) => {
                    anyhow::ensure!(taken.quarantined.is_empty(), "rows of `{}` are no spend", source.name)
                }
                Came::Before(_) => {}
                Came::Replaced(_) => anyhow::bail!("another file has come in place of `{}`", source.name),
                // The cloud's own word on what remains is kept beside the figures.
                Came::Stated(statement) => {
                    let key = format!("{}/statement", customer.key());
                    self.teller.once(&key, PERSON, run, "statement", json!(*statement)).await?;
                }
            }
        }
        let whole = json!({ "from": term.from, "through": term.billed });
        self.teller.once(&key, PERSON, run, "spend_imported", whole).await
    }

    /// What would be bought besides, on the way to which an offer is only thought of.
    fn plan(&self, term: &Term) -> anyhow::Result<Plan> {
        Ok(Plan {
            name: PLAN.to_owned(),
            product: contract::PRODUCT.to_owned(),
            channel: Channel::Marketplace,
            account: None,
            amount: PLANNED.parse()?,
            from: term.today.checked_add(PLAN_AFTER.days())?,
            times: TIMES,
            marks: Default::default(),
            by: None,
            at: None,
        })
    }

    fn account<'c>(&'c self, customer: &Customer) -> anyhow::Result<&'c str> {
        match customer.account {
            "" => Ok(self.teller.stage().buyer(GAP_BUYER)?),
            named => Ok(named),
        }
    }

    async fn stored(&self, customer: &Customer) -> anyhow::Result<Stored> {
        entered(&self.teller, customer).await
    }
}

/// The commitment of a customer, as it is stored.
///
/// # Errors
/// When it has not been entered, or cannot be read.
pub async fn entered(teller: &Teller, customer: &Customer) -> anyhow::Result<Stored> {
    let id = customer.commitment.parse()?;
    Ok(stored::find(teller.app().store.as_ref(), &Scope::vendor(), &id).await?)
}

/// The days of a commitment that was entered.
///
/// # Errors
/// When it has none.
pub fn term(commitment: &Commitment) -> anyhow::Result<Term> {
    let first = commitment.versions().first().map(|terms| terms.starts());
    Term::since(first.context("a commitment has terms")?)
}
