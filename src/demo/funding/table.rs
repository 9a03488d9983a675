//! The claims at the end of the story, in one table: what was claimed, what was paid, and why.

use std::{collections::BTreeSet, path::Path};

use comfy_table::{Table, presets};
use entente_core::{
    context::funding::{ClaimPaper, Payable},
    money::Money,
};
use entente_store::Store;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{claims, plots::Fate};
use crate::{
    demo::teller::Teller,
    funding::{record, stored::Stored},
};

/// One claim.
pub struct Line {
    label: String,
    partner: String,
    title: &'static str,
    claimed: Money,
    paid: Option<Money>,
    state: String,
    why: String,
    /// A rule has lowered it: there is something to explain.
    reduced: bool,
    /// The month in which it was approved, in the installation's zone.
    month: Option<String>,
}

/// Every claim of the story.
pub async fn lines(teller: &Teller) -> anyhow::Result<Vec<Line>> {
    let store = teller.app().store.as_ref();
    let zone = TimeZone::get(&teller.app().config.zone)?;
    let mut lines = Vec::new();
    for (plot, claim) in claims(teller).await? {
        let (paper, course) = (&claim.sheet.paper, &claim.sheet.course);
        let minor = course.payables.iter().map(Payable::paid_in_all).fold(0_i64, i64::saturating_add);
        let paid = (!course.payables.is_empty()).then_some(Money { minor, currency: paper.currency });
        lines.push(Line {
            label: claim.label().to_owned(),
            partner: paper.partner.to_string(),
            title: plot.title,
            claimed: paper.amount,
            paid,
            state: claim.row.snapshot.state.clone(),
            why: why(store, &claim).await?,
            reduced: plot.fate == Fate::Reduced,
            month: course.approved_at.map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m").to_string()),
        });
    }
    Ok(lines)
}

/// The table.
pub fn table(lines: &[Line]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["claim", "story", "partner", "claimed", "paid", "ended in", "why"]);
    for line in lines {
        table.add_row([
            line.label.clone(),
            line.title.into(),
            line.partner.clone(),
            line.claimed.to_string(),
            line.paid.map_or_else(|| "nothing".into(), |paid| paid.to_string()),
            line.state.clone(),
            line.why.clone(),
        ]);
    }
    table.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What there is to see of the claims.
pub fn commands(folder: &Path, lines: &[Line]) -> Vec<String> {
    let label = |line: Option<&Line>| line.map(|line| line.label.clone()).unwrap_or_default();
    let (first, reduced) = (label(lines.first()), label(lines.iter().find(|line| line.reduced)));
    let month = "--partner nordlicht --entity acme-us --month";
    let of = lines.first().and_then(|line| line.month.clone()).unwrap_or_default();
    let folder = folder.join("statements");
    vec![
        format!("--actor finn claim show {first}"),
        format!("--actor finn explain {reduced} V1"),
        "--actor finn ledger show --by-key".to_owned(),
        format!("--actor pia statement create {month} {of}"),
        format!(
            "statement verify {} --key {}",
            folder.join(format!("nordlicht-{of}.ndjson")).display(),
            folder.join("key.txt").display()
        ),
    ]
}

/// Why so much was paid and no more, in the words of the records.
async fn why(store: &dyn Store, claim: &Stored<ClaimPaper>) -> anyhow::Result<String> {
    let course = &claim.sheet.course;
    if let Some(back) = course.clawbacks.last() {
        return Ok(format!("{} of it was claimed back and has come: {}", back.amount, back.reason));
    }
    let reasons = claim.sheet.assessment.iter().flat_map(|assessment| &assessment.reasons);
    let found: Vec<_> = reasons.filter(|reason| ["block", "reduce"].contains(&reason.effect.as_str())).collect();
    if let Some(reason) = found.first() {
        let same = if reason.effect == "block" { twins(store, claim).await? } else { String::new() };
        return Ok(format!("{}: {}{same}", reason.rule, reason.because));
    }
    if course.payables.len() > 1 {
        let parts = course.payables.iter().map(|part| format!("{} to {}", part.amount, part.payee));
        return Ok(parts.collect::<Vec<_>>().join(", "));
    }
    Ok("as claimed".to_owned())
}

/// The other claims that it was found to be like. To the partner they are not named: they may be somebody else's.
async fn twins(store: &dyn Store, claim: &Stored<ClaimPaper>) -> anyhow::Result<String> {
    let Some(assessment) = &claim.sheet.assessment else { return Ok(String::new()) };
    let record = record::get(store, &assessment.record).await?;
    let verdicts = record.pointer("/judgement/verdicts").and_then(Value::as_array).into_iter().flatten();
    let pairs = verdicts.filter_map(|verdict| verdict.get("pairs")?.as_array()).flatten();
    let word = |pair: &Value, field: &str| pair.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let named: BTreeSet<String> =
        pairs.map(|pair| format!("{} of {}", word(pair, "claim"), word(pair, "partner"))).collect();
    let named: Vec<String> = named.into_iter().collect();
    Ok(if named.is_empty() { String::new() } else { format!(", in {}", named.join(", ")) })
}
