//! Which commitments there are.

use entente_core::{
    commitment::{Amount, Basis, Cloud},
    context::commitment::Look,
    ids::{CommitmentId, PartyId},
    money::Currency,
};
use jiff::civil::Date;
use serde::Serialize;

use super::{paint, reach};
use crate::{
    cli::{exit::Exit, failure::Failure, output::Out, request::List, session::Session},
    commitments::{
        footing,
        stored::{self, Stored},
    },
    spend::{self, Judge},
};

/// A commitment as lists show it: what the last look has found.
#[derive(Debug, Serialize)]
struct Row {
    label: String,
    party: PartyId,
    tags: Vec<String>,
    trouble: Option<String>,
    #[serde(flatten)]
    shared: Shared,
}

/// What the buyer's own people see of it as well.
#[derive(Debug, Serialize)]
struct Shared {
    commitment: CommitmentId,
    cloud: Cloud,
    state: String,
    ended: bool,
    currency: Currency,
    basis: Basis,
    statement: Option<Stated>,
    look: Option<Look>,
    /// Whether something of its spend is judged by other terms or rules than are known now.
    judged_otherwise: bool,
}

/// What the cloud said last.
#[derive(Debug, Serialize)]
struct Stated {
    as_of: Date,
    remaining: Amount,
}

impl Row {
    fn of(stored: &Stored, judged_otherwise: bool) -> Row {
        let (snapshot, contract) = (&stored.row.snapshot, &stored.contract);
        Row {
            label: snapshot.label.clone(),
            party: stored.commitment.party.clone(),
            tags: snapshot.tags.clone(),
            trouble: contract.trouble.as_ref().map(|trouble| trouble.message.clone()),
            shared: Shared::of(stored, judged_otherwise),
        }
    }
}

impl Shared {
    fn of(stored: &Stored, judged_otherwise: bool) -> Shared {
        let (snapshot, contract, commitment) = (&stored.row.snapshot, &stored.contract, &stored.commitment);
        let statement = contract.last_statement().map(|stated| &stated.statement);
        Shared {
            commitment: commitment.id.clone(),
            cloud: commitment.cloud.clone(),
            state: snapshot.state.clone(),
            ended: snapshot.ended,
            currency: commitment.currency,
            basis: commitment.basis.clone(),
            statement: statement.map(|said| Stated { as_of: said.as_of, remaining: said.remaining }),
            look: contract.look.clone(),
            judged_otherwise,
        }
    }

    /// Its columns, from its cloud on.
    fn cells(self, trouble: bool) -> Vec<String> {
        let (look, currency) = (self.look.as_ref(), self.currency);
        let found = |of: &dyn Fn(&Look) -> String| look.map_or_else(|| "-".to_owned(), of);
        let older = if self.judged_otherwise { ", by older terms" } else { "" };
        let said = self.statement.map(|said| format!("{} on {}", paint::amount(said.remaining, currency), said.as_of));
        vec![
            self.cloud.to_string(),
            self.state,
            format!("{}{older}", course(look, trouble)),
            found(&|look| paint::band(look.remaining, currency)),
            found(&|look| paint::pace(look.pace)),
            found(&|look| look.day.to_string()),
            footing::basis(&self.basis),
            said.unwrap_or_else(|| "-".to_owned()),
        ]
    }
}

/// The columns of everybody, behind those that name it.
const COLUMNS: [&str; 8] = ["cloud", "state", "course", "remaining", "pace", "as of", "basis", "the cloud's statement"];

/// Whether it is on course, as far as the last look could see.
fn course(look: Option<&Look>, trouble: bool) -> &'static str {
    match look {
        _ if trouble => "not seen",
        None => "-",
        Some(look) if look.at_risk => "at risk",
        Some(_) => "on course",
    }
}

/// Lists commitments.
pub async fn list(session: &Session, list: List) -> Result<Exit, Failure> {
    let scope = reach(session, "list")?;
    let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
    let mut all = stored::all(store, &scope, list.filter()).await?;
    if session.buyer().is_some() {
        // What was entered by mistake is not there.
        all.retain(|stored| !stored.is_withdrawn());
    }
    let rules = spend::in_force(store).await?;
    let mut judged_otherwise = Vec::new();
    for Stored { commitment, .. } in &all {
        let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(now) };
        judged_otherwise.push(!spend::judged_otherwise(store, judge).await?.is_empty());
    }
    let rows = all.iter().zip(judged_otherwise).map(|(stored, otherwise)| Row::of(stored, otherwise));
    match session.buyer() {
        Some(_) => of_buyer(&session.out, rows.map(|row| row.shared).collect(), &all)?,
        None => of_vendor(&session.out, rows.collect())?,
    }
    if all.is_empty() {
        session.out.say("there is no such commitment");
    }
    Ok(Exit::Ok)
}

fn of_vendor(out: &Out, rows: Vec<Row>) -> Result<(), Failure> {
    if out.is_json() {
        return out.json(&rows);
    }
    let cells = rows.into_iter().map(|row| {
        let named = vec![row.label, row.shared.commitment.to_string(), row.party.to_string()];
        [named, row.shared.cells(row.trouble.is_some())].concat()
    });
    out.table(&[&["commitment", "id", "buyer"][..], &COLUMNS].concat(), &cells.collect::<Vec<_>>());
    Ok(())
}

/// The same to the buyer's own people, who are not told what went wrong with a look, but that it did.
fn of_buyer(out: &Out, rows: Vec<Shared>, all: &[Stored]) -> Result<(), Failure> {
    if out.is_json() {
        return out.json(&rows);
    }
    let cells = rows.into_iter().zip(all).map(|(row, stored)| {
        let named = vec![row.commitment.to_string()];
        [named, row.cells(stored.contract.trouble.is_some())].concat()
    });
    out.table(&[&["id"][..], &COLUMNS].concat(), &cells.collect::<Vec<_>>());
    Ok(())
}

#[cfg(test)]
mod tests {
    use entente_core::{commitment::Band, context::commitment::Outlook};

    use super::*;

    #[test]
    fn a_commitment_whose_last_look_failed_is_not_said_to_be_on_course() {
        let day = "2027-03-01".parse().unwrap();
        let (remaining, pace) = (Band::ZERO, (None, None));
        let look = Look { day, outlook: Outlook::Active, at_risk: false, remaining, pace, settles_on: None };
        assert_eq!([course(Some(&look), true), course(Some(&look), false)], ["not seen", "on course"]);
        assert_eq!(course(Some(&Look { at_risk: true, ..look }), false), "at risk");
        assert_eq!([course(None, true), course(None, false)], ["not seen", "-"]);
    }
}
