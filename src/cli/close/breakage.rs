//! `entente close breakage`: estimates of what will never be claimed, by two people each.

use entente_core::{
    close::percentage,
    ids::{LegalEntityId, ProgrammeId},
    mdf::BasisPoints,
};
use serde_json::json;

use super::KIND;
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, output::instant, session::Session},
    close::estimates::{self, Proposed},
};

/// Propose and approve estimates of what will never be claimed
#[derive(Debug, clap::Subcommand)]
pub enum Breakage {
    /// Propose an estimate, and print its id
    Propose {
        /// The legal entity
        #[arg(long, value_name = "ENTITY")]
        entity: LegalEntityId,
        /// The programme
        #[arg(long, value_name = "PROGRAMME")]
        programme: ProgrammeId,
        /// The part that will never be claimed, such as 12.5
        #[arg(long, value_name = "PERCENT", value_parser = percentage)]
        percent: BasisPoints,
        /// What it rests on: a history of claims, a memo
        #[arg(long, value_name = "TEXT", value_parser = input::said)]
        evidence: String,
        /// Show it, and keep nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Approve an estimate that somebody else proposed
    Approve {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
        /// Say whether it may be approved, and keep nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the estimates
    List,
}

impl Breakage {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (store, out, at) = (session.app.store.as_ref(), &session.out, session.app.clock.now());
        match self {
            Breakage::Propose { entity, programme, percent, evidence, dry_run } => {
                let by = session.act_for(Action::PrepareClose, "estimate", programme.as_str(), &entity)?.person;
                let proposed = Proposed { entity, programme, percent, evidence, by, at };
                let id = match dry_run {
                    true => None,
                    false => Some(estimates::propose(store, &proposed).await?),
                };
                match out.is_json() {
                    true => out.json(&json!({ "id": id, "proposed": proposed }))?,
                    false => id.iter().for_each(|id| out.data(id)),
                }
                out.say("it counts once somebody else approves it");
                Ok(Exit::Ok)
            }
            Breakage::Approve { id, dry_run } => {
                let person = session.person()?.clone();
                let known = estimates::list(store).await?.into_iter().find(|known| known.id == id);
                let entity = known.map(|known| known.proposed.entity);
                let by = match &entity {
                    Some(entity) => session.act_for(Action::LockMonths, "estimate", &id, entity)?.person,
                    None => session.act(Action::LockMonths, "estimate", &id)?.person,
                };
                match dry_run {
                    true => drop(estimates::approvable(store, &id, &person).await?),
                    false => estimates::approve(store, &id, &by, at).await?,
                }
                if out.is_json() {
                    out.json(&json!({ "id": id, "approved": !dry_run }))?;
                }
                Ok(Exit::Ok)
            }
            Breakage::List => list(session).await,
        }
    }
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    let scope = session.reach(Action::ReadClose, KIND, "all estimates")?;
    let mut all = estimates::list(session.app.store.as_ref()).await?;
    all.retain(|known| super::within(&scope, &known.proposed.entity));
    if session.out.is_json() {
        session.out.json(&all)?;
        return Ok(Exit::Ok);
    }
    let cells = all.iter().map(|known| {
        let approved = known.approved.as_ref();
        let approved = approved.map_or_else(|| "-".into(), |one| format!("{} {}", one.by, instant(one.at)));
        let proposed = &known.proposed;
        vec![
            known.id.clone(),
            proposed.entity.to_string(),
            proposed.programme.to_string(),
            proposed.percent.to_string(),
            format!("{} {}", proposed.by, instant(proposed.at)),
            approved,
            proposed.evidence.clone(),
        ]
    });
    let heading = ["estimate", "entity", "programme", "percent", "proposed", "approved", "evidence"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}
