//! `entente close prepare|lock|list`: a month, from its preparation to its lock.

use std::collections::{BTreeMap, btree_map::Entry};

use entente_core::{close::Batch, ids::LegalEntityId};
use serde_json::{Value, json};

use super::{KIND, show};
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, session::Session},
    close::{
        months::{self, Locked},
        prepare::{self, Asked},
    },
};

/// A month of a legal entity.
#[derive(Debug, clap::Args)]
pub struct Month {
    /// The legal entity
    #[arg(value_name = "ENTITY")]
    entity: LegalEntityId,
    /// The month, such as 2027-03, in the zone that the rules give the legal entity
    #[arg(value_name = "MONTH")]
    month: String,
}

/// Make a month's batch
#[derive(Debug, clap::Args)]
pub struct Prepare {
    #[command(flatten)]
    month: Month,
    /// By these rules [default: the newest ones that name the legal entity]
    #[arg(long, value_name = "NAME@VERSION")]
    rules: Option<String>,
    /// Show the batch, and keep nothing
    #[arg(long)]
    dry_run: bool,
}

/// Lock a month for good
#[derive(Debug, clap::Args)]
pub struct Lock {
    #[command(flatten)]
    month: Month,
    /// The hash of what was prepared and looked at, or its first characters, six at least
    #[arg(long, value_name = "SHA256")]
    batch: String,
    /// Say whether it may be locked, and keep nothing
    #[arg(long)]
    dry_run: bool,
}

impl Prepare {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (store, out, now) = (session.app.store.as_ref(), &session.out, session.app.clock.now());
        let Month { entity, month } = &self.month;
        let by = session.act_for(Action::PrepareClose, KIND, month, entity)?.person;
        let batch = prepare::batch(store, Asked { entity, month, rules: self.rules.as_deref(), now }).await?;
        let hash = match self.dry_run {
            true => None,
            false => Some(months::keep(store, &batch, &by, now).await?),
        };
        if out.is_json() {
            out.json(&json!({ "sha256": hash, "kept": !self.dry_run, "batch": batch }))?;
            return Ok(Exit::Ok);
        }
        show::overview(out, &batch);
        match hash {
            Some(hash) => {
                out.fields(&[("sha256", hash.clone())]);
                let short: String = hash.chars().take(12).collect();
                out.say(&format!("somebody else locks it with `entente close lock {entity} {month} --batch {short}`"));
            }
            None => out.say("nothing was kept"),
        }
        Ok(Exit::Ok)
    }
}

impl Lock {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (store, out, now) = (session.app.store.as_ref(), &session.out, session.app.clock.now());
        let Month { entity, month } = &self.month;
        let by = session.act_for(Action::LockMonths, KIND, month, entity)?.person;
        let lock = match self.dry_run {
            true => months::lockable(store, (entity, month), &self.batch, &by, now).await?.lock,
            false => months::lock(store, (entity, month), &self.batch, &by, now).await?,
        };
        let id = Batch::id_of(entity, month);
        match out.is_json() {
            true => out.json(&json!({ "batch": id, "lock": lock, "locked": !self.dry_run }))?,
            false => out.data(&id),
        }
        if !self.dry_run {
            out.say(&format!("it is locked for good; export it with `entente close export {id}`"));
        }
        Ok(Exit::Ok)
    }
}

/// How far each month has come.
pub async fn list(session: &Session) -> Result<Exit, Failure> {
    let scope = session.reach(Action::ReadClose, KIND, "all months")?;
    let store = session.app.store.as_ref();
    let mut chains: BTreeMap<LegalEntityId, Vec<Locked>> = BTreeMap::new();
    let mut rows = Vec::new();
    for made in months::newest(store).await? {
        let batch = &made.batch;
        if !super::within(&scope, &batch.entity) {
            continue;
        }
        let chain = match chains.entry(batch.entity.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(months::locked(store, &batch.entity).await?),
        };
        let lock = chain.iter().map(|month| &month.lock).find(|lock| lock.period == batch.period);
        let exported = months::exported(store, &batch.id).await?;
        let acknowledged = months::acknowledged(store, &batch.id).await?;
        let hash = lock.map_or_else(|| made.sha256.clone(), |lock| lock.batch.clone());
        rows.push(json!({
            "batch": batch.id, "entity": batch.entity, "period": batch.period, "sha256": hash,
            "prepared_by": made.by, "prepared_at": made.at, "lock": lock, "exported": exported,
            "acknowledged": acknowledged,
        }));
    }
    if session.out.is_json() {
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let cells = rows.iter().map(|row| {
        vec![
            text(&row["batch"]),
            text(&row["sha256"]).chars().take(12).collect(),
            text(&row["prepared_by"]),
            text(&row["lock"]["locked_by"]),
            text(&row["exported"]["by"]),
            text(&row["acknowledged"]["what"]["reference"]),
        ]
    });
    let heading = ["batch", "sha256", "prepared by", "locked by", "exported by", "acknowledged as"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}
