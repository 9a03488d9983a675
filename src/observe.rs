//! What marketplaces show, told to the runs it concerns: only what a run does not know yet, each fact once.

use entente_core::{
    context::private_offer::AgreementStatus as Known,
    event::{Body, Event},
    ids::RunId,
    run::Snapshot,
    scope::Scope,
};
use entente_port::{Agreement, AgreementStatus, Observation};
use entente_store::{Appended, Message, RunKey, Store};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{connectors::Connection, offers::stored, runner::Shared};

/// What became of observations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Facts told to runs.
    pub told: u32,
    /// Facts that runs knew.
    pub known: u32,
    /// Objects that no run of ours made.
    pub foreign: u32,
    /// Objects for which the connector has no word.
    pub unrecognised: u32,
}

/// Tells runs what was observed.
///
/// # Errors
/// When the database cannot be read or written; what was not told is told at the next look.
pub async fn tell(
    shared: &Shared,
    connection: &Connection,
    observations: &[Observation],
) -> entente_store::Result<Tally> {
    let mut tally = Tally::default();
    for observation in observations {
        match observation {
            Observation::Agreement(agreement) if agreement.status == AgreementStatus::Unrecognised => {
                tally.unrecognised += 1
            }
            Observation::Agreement(agreement) => {
                tell_agreement(shared, connection, agreement, observations, &mut tally).await?
            }
            Observation::Unrecognised { object, word } => {
                tracing::warn!(account = %connection.account, "`{object}` shows `{word}`, which this binary does not know");
                tally.unrecognised += 1;
            }
        }
    }
    Ok(tally)
}

async fn tell_agreement(
    shared: &Shared,
    connection: &Connection,
    agreement: &Agreement,
    all: &[Observation],
    tally: &mut Tally,
) -> entente_store::Result<()> {
    let runs = concerned(shared.store.as_ref(), connection, agreement).await?;
    if runs.is_empty() {
        tally.foreign += 1;
    }
    for run in runs {
        let Some(row) = shared.store.run(&Scope::vendor(), run).await? else { continue };
        match news(&row.snapshot, agreement, successor(agreement, all)) {
            None => tally.known += 1,
            Some((name, data)) => {
                let message = message(connection, &row.snapshot, name, data, agreement, shared.clock.now());
                let appended = shared.store.append(&Scope::vendor(), vec![message]).await?;
                tally.told += 1;
                let pending = appended.into_iter().filter_map(|appended| match appended {
                    Appended::New(pending) => Some(pending),
                    Appended::Again { .. } | Appended::KeyReused => None,
                });
                shared.pending(pending.collect());
            }
        }
    }
    Ok(())
}

/// The runs that made the offer behind an agreement, or know the agreement.
///
/// # Errors
/// When the database cannot be read.
pub async fn concerned(
    store: &dyn Store,
    connection: &Connection,
    agreement: &Agreement,
) -> entente_store::Result<Vec<RunId>> {
    let marketplace = connection.marketplace.id();
    let key = |kind: &str, id: &str| RunKey { kind: kind.into(), value: format!("{marketplace}/{id}"), unique: true };
    if let Some(offer) = &agreement.offer_id {
        let runs = store.run_by_key(&Scope::vendor(), &key("offer", offer)).await?;
        if !runs.is_empty() {
            return Ok(runs);
        }
    }
    store.run_by_key(&Scope::vendor(), &key("agreement", &agreement.id)).await
}

/// The agreement that follows this one in its chain of renewals.
fn successor<'a>(agreement: &Agreement, all: &'a [Observation]) -> Option<&'a str> {
    let chain = agreement.initial_id.as_ref().unwrap_or(&agreement.id);
    let later = all.iter().filter_map(|observation| match observation {
        Observation::Agreement(other) => Some(other),
        Observation::Unrecognised { .. } => None,
    });
    let later = later.filter(|other| {
        other.id != agreement.id
            && other.initial_id.as_ref() == Some(chain)
            && other.accepted_at >= agreement.accepted_at
    });
    later.min_by_key(|other| other.accepted_at).map(|other| other.id.as_str())
}

/// The event by which a run learns what it does not know of an agreement. A run that has ended keeps it as a note beside its
/// history, once: its step does not change any more, and with it the message's key.
fn news(snapshot: &Snapshot, agreement: &Agreement, successor: Option<&str>) -> Option<(&'static str, Value)> {
    let context = stored::context(snapshot).ok()?;
    let value_minor = agreement.value.filter(|value| value.currency == context.offer.currency).map(|value| value.minor);
    let Some(known) = context.agreements.get(&agreement.id) else {
        return Some((
            "offer.accepted",
            json!({
                "agreement_id": agreement.id,
                "accepted_at": agreement.accepted_at,
                "account": agreement.buyer_account,
                "offer_id": agreement.offer_id,
                "starts_at": agreement.starts_at,
                "ends_at": agreement.ends_at,
                "value_minor": value_minor,
            }),
        ));
    };
    match status(agreement.status) {
        None => None,
        Some(Known::Active) => {
            let same = known.starts_at == agreement.starts_at
                && known.ends_at == agreement.ends_at
                && (value_minor.is_none() || known.value_minor == value_minor);
            (!same).then(|| {
                let data = json!({ "agreement_id": agreement.id, "starts_at": agreement.starts_at, "ends_at": agreement.ends_at, "value_minor": value_minor });
                ("agreement.updated", data)
            })
        }
        Some(Known::Renewed) if known.renewed_by.is_none() && successor.is_some() => {
            Some(("agreement.renewed", json!({ "agreement_id": agreement.id, "renewed_by": successor })))
        }
        Some(ended) if known.status == Known::Active && ended != Known::Renewed => Some((
            "agreement.ended",
            json!({ "agreement_id": agreement.id, "status": ended, "ended_at": agreement.updated_at }),
        )),
        Some(_) => None,
    }
}

fn status(status: AgreementStatus) -> Option<Known> {
    match status {
        AgreementStatus::Active => Some(Known::Active),
        AgreementStatus::Cancelled | AgreementStatus::RolledBack => Some(Known::Cancelled),
        AgreementStatus::Expired => Some(Known::Expired),
        AgreementStatus::Renewed => Some(Known::Renewed),
        AgreementStatus::Replaced => Some(Known::Replaced),
        AgreementStatus::Terminated => Some(Known::Terminated),
        AgreementStatus::Archived | AgreementStatus::Unrecognised => None,
    }
}

/// The key carries the run's step: a fact that was refused while the run was parked is told again once it has moved.
fn message(
    connection: &Connection,
    snapshot: &Snapshot,
    name: &str,
    data: Value,
    agreement: &Agreement,
    now: Timestamp,
) -> Message {
    let event = Event {
        source: format!("connector/{}", connection.account),
        id: format!("{name}/{}/{}@{}", agreement.id, agreement.updated_at, snapshot.seq),
        actor: None,
        body: Body::Named { name: name.into(), data },
    };
    Message { run: snapshot.run, event, start: None, expect_seq: None, expect_revision: None, at: now }
}
