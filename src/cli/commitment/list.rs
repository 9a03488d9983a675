//! Which commitments there are.

use entente_core::context::commitment::Look;

use super::{paint, visitor};
use crate::{
    cli::{exit::Exit, failure::Failure, output::Out, request::List, session::Session},
    commitments::{
        footing,
        listed::{self, Listed, Row, Shared},
        stored::Stored,
    },
};

impl Shared {
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
    let visitor = visitor(session)?;
    let all = listed::found(&visitor, list.filter()).await?;
    let rows = listed::rows(&visitor, &all).await?;
    match rows {
        rows if session.out.is_json() => session.out.json(&rows)?,
        Listed::Vendor(rows) => of_vendor(&session.out, rows),
        Listed::Buyer(rows) => of_buyer(&session.out, rows, &all),
    }
    if all.is_empty() {
        session.out.say("there is no such commitment");
    }
    Ok(Exit::Ok)
}

fn of_vendor(out: &Out, rows: Vec<Row>) {
    let cells = rows.into_iter().map(|row| {
        let named = vec![row.label, row.shared.commitment.to_string(), row.party.to_string()];
        [named, row.shared.cells(row.trouble.is_some())].concat()
    });
    out.table(&[&["commitment", "id", "buyer"][..], &COLUMNS].concat(), &cells.collect::<Vec<_>>());
}

/// The same to the buyer's own people, who are not told what went wrong with a look, but that it did.
fn of_buyer(out: &Out, rows: Vec<Shared>, all: &[Stored]) {
    let cells = rows.into_iter().zip(all).map(|(row, stored)| {
        let named = vec![row.commitment.to_string()];
        [named, row.cells(stored.contract.trouble.is_some())].concat()
    });
    out.table(&[&["id"][..], &COLUMNS].concat(), &cells.collect::<Vec<_>>());
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
