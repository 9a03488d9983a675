//! Which commitments there are.

use entente_core::commitment::Cloud;
use entente_core::context::commitment::Look;
use entente_core::ids::{CommitmentId, PartyId};
use serde::Serialize;

use super::{paint, reach};
use crate::{
    cli::{exit::Exit, failure::Failure, request::List, session::Session},
    commitments::stored::{self, Stored},
    spend::{self, Judge},
};

/// A commitment as lists show it: what the last look has found.
#[derive(Debug, Serialize)]
struct Row {
    label: String,
    commitment: CommitmentId,
    party: PartyId,
    cloud: Cloud,
    state: String,
    tags: Vec<String>,
    ended: bool,
    look: Option<Look>,
    trouble: Option<String>,
    /// Whether something of its spend is judged by other terms or rules than are known now.
    judged_otherwise: bool,
}

impl Row {
    fn of(stored: &Stored, judged_otherwise: bool) -> Row {
        let (snapshot, contract) = (&stored.row.snapshot, &stored.contract);
        Row {
            label: snapshot.label.clone(),
            commitment: stored.commitment.id.clone(),
            party: stored.commitment.party.clone(),
            cloud: stored.commitment.cloud.clone(),
            state: snapshot.state.clone(),
            tags: snapshot.tags.clone(),
            ended: snapshot.ended,
            look: contract.look.clone(),
            trouble: contract.trouble.as_ref().map(|trouble| trouble.message.clone()),
            judged_otherwise,
        }
    }
}

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
    let all = stored::all(session.app.store.as_ref(), &scope, list.filter()).await?;
    let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
    let rules = spend::in_force(store).await?;
    let mut judged_otherwise = Vec::new();
    for Stored { commitment, .. } in &all {
        let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(now) };
        judged_otherwise.push(!spend::judged_otherwise(store, judge).await?.is_empty());
    }
    let rows = || all.iter().zip(&judged_otherwise).map(|(stored, otherwise)| Row::of(stored, *otherwise));
    if session.out.is_json() {
        session.out.json(&rows().collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let cells = all.iter().zip(rows()).map(|(stored, row)| {
        let look = row.look.as_ref();
        let currency = stored.commitment.currency;
        let found = |of: &dyn Fn(&Look) -> String| look.map_or_else(|| "-".to_owned(), of);
        vec![
            row.label,
            row.commitment.to_string(),
            row.party.to_string(),
            row.cloud.to_string(),
            row.state,
            format!(
                "{}{}",
                course(look, row.trouble.is_some()),
                if row.judged_otherwise { ", by older terms" } else { "" }
            ),
            found(&|look| paint::band(look.remaining, currency)),
            found(&|look| paint::pace(look.pace)),
            found(&|look| look.day.to_string()),
        ]
    });
    let heading = ["commitment", "id", "buyer", "cloud", "state", "course", "remaining", "pace", "as of"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    if all.is_empty() {
        session.out.say("there is no such commitment");
    }
    Ok(Exit::Ok)
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
