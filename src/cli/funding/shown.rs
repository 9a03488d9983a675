//! How a paper is shown on a terminal.

use entente_core::context::funding::Assessment;
use entente_store::StoredDocument;
use serde_json::json;

use super::papers::Spoken;
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        output::{Out, instant},
    },
    funding::standing::Standing,
};

/// A table that belongs to a paper.
pub struct Part {
    /// Its heading.
    pub title: &'static str,
    /// Its columns.
    pub columns: &'static [&'static str],
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// Shows what a paper says, how it stands and what the rules found.
pub fn facts<P: Spoken>(out: &Out, standing: &Standing<P>) {
    let waiting = standing.waiting_on.as_ref().map(|party| match standing.waiting_since {
        Some(since) => format!("{party}, since {}", instant(since)),
        None => party.clone(),
    });
    let refusal = standing.refusal.as_ref().map(|refusal| {
        let field = refusal.field.as_ref().map(|field| format!(" (field `{field}`)")).unwrap_or_default();
        format!("{}{field}", refusal.message)
    });
    let text = |value: Option<String>| value.unwrap_or_default();
    let mut fields =
        vec![(P::KIND, standing.label.clone()), ("state", standing.state.clone()), ("waiting on", text(waiting))];
    fields.extend(P::fields(standing));
    fields.extend([
        ("revision", standing.revision.clone()),
        ("asked by", text(standing.requester.as_ref().map(ToString::to_string))),
        ("refusal", text(refusal)),
        ("withdrawal", text(standing.withdrawal.as_ref().map(|withdrawal| withdrawal.reason.clone()))),
        ("incident", text(standing.incident.as_ref().map(|incident| incident.message.clone()))),
    ]);
    out.fields(&fields);
    if let Some(assessment) = &standing.assessment {
        assessed(out, assessment);
    }
    for part in P::tables(standing).into_iter().filter(|part| !part.rows.is_empty()) {
        out.heading(part.title);
        out.table(part.columns, &part.rows);
    }
}

/// Shows what the rules said.
fn assessed(out: &Out, assessment: &Assessment) {
    out.heading("Rules");
    let money =
        |amount: Option<entente_core::money::Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    out.fields(&[
        ("judged by", assessment.pack.to_string()),
        ("judged at", instant(assessment.at)),
        ("asked for", money(assessment.asked)),
        ("payable", money(assessment.payable)),
        ("bound by", assessment.bound_by.map(|rule| rule.to_string()).unwrap_or_default()),
    ]);
    let rows = assessment.reasons.iter().map(|reason| {
        vec![reason.rule.to_string(), reason.effect.clone(), reason.because.clone(), reason.remedy.clone()]
    });
    out.table(&["rule", "effect", "because", "remedy"], &rows.collect::<Vec<_>>());
}

/// Lists texts that are kept in versions, under the word that people have for them.
pub fn versions(out: &Out, what: &str, texts: &[StoredDocument]) -> Result<Exit, Failure> {
    if out.is_json() {
        let rows = texts.iter().map(
            |one| json!({ "name": one.name, "version": one.version, "sha256": one.sha256, "by": one.by, "at": one.at }),
        );
        out.json(&rows.collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let cells = texts
        .iter()
        .map(|one| vec![format!("{}@{}", one.name, one.version), instant(one.at), one.by.clone(), one.sha256.clone()]);
    out.table(&[what, "imported", "by", "sha256"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}
