//! `entente close show`: a batch, and the journals behind a line.

use entente_core::{
    close::{Batch, Line, LineKind, Side},
    money::{Currency, Money},
};
use serde_json::json;

use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        output::{Out, instant},
        session::Session,
    },
    close::books::scope_of,
    ledger::journals::{Journal, Reader},
};

/// Show a batch
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The batch, such as acme-us-2027-03
    #[arg(value_name = "BATCH")]
    batch: String,
    /// The journals behind this line
    #[arg(long, value_name = "N")]
    line: Option<u32>,
}

impl Show {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let month = super::seen(session, &self.batch).await?;
        let (out, batch) = (&session.out, &month.batch);
        if let Some(no) = self.line {
            let line = batch.line(no).ok_or_else(|| {
                let message = format!("batch `{}` has {} lines, and no line {no}", batch.id, batch.lines.len());
                Failure::new(Exit::NotFound, message)
            })?;
            return behind(session, batch, line).await;
        }
        if out.is_json() {
            out.json(&month)?;
            return Ok(Exit::Ok);
        }
        overview(out, batch);
        out.fields(&[
            ("sha256", month.lock.batch.clone()),
            ("prepared by", month.lock.prepared_by.join(", ")),
            ("locked by", format!("{} {}", month.lock.locked_by, instant(month.lock.at))),
        ]);
        Ok(Exit::Ok)
    }
}

/// What a line is made of: journals, or the workings of an estimate.
async fn behind(session: &Session, batch: &Batch, line: &Line) -> Result<Exit, Failure> {
    let mut journals: Vec<Journal> = Vec::new();
    if !line.journals.is_empty() {
        let mut reader = Reader::within(scope_of(&batch.entity));
        while let Some(journal) = reader.next(session.app.store.as_ref()).await? {
            journals.extend(line.journals.contains(&journal.no).then_some(journal));
        }
    }
    let of_line = |accrual: &&entente_core::close::Accrual| {
        line.kind == LineKind::Accrual
            && accrual.fund == line.fund
            && accrual.accrued == line.amount
            && line.what == entente_core::close::What::Accrual(accrual.kind)
    };
    let workings = batch.accruals.iter().find(of_line);
    let moved = |journal: &Journal| {
        let minor = journal.entries.iter().map(|entry| entry.minor).max().unwrap_or_default();
        Money { minor, ..journal.posting.amount }
    };
    if session.out.is_json() {
        let rows = journals.iter().map(|journal| {
            json!({
                "journal": journal.no, "at": journal.at, "movement": journal.posting.action, "key": journal.posting.key,
                "to": journal.posting.to, "amount": moved(journal), "run": journal.run, "step": journal.step,
            })
        });
        let rows = rows.collect::<Vec<_>>();
        session.out.json(&json!({ "line": line, "journals": rows, "workings": workings }))?;
        return Ok(Exit::Ok);
    }
    session.out.table(&LINE, &[cells(line)]);
    let rows = journals.iter().map(|journal| {
        let posting = &journal.posting;
        let key = posting.to.as_ref().map_or_else(|| posting.key.clone(), |to| format!("{} → {to}", posting.key));
        vec![
            format!("J-{}", journal.no),
            instant(journal.at),
            posting.action.to_string(),
            key,
            moved(journal).to_string(),
        ]
    });
    session.out.table(&["journal", "booked", "movement", "for", "amount"], &rows.collect::<Vec<_>>());
    let parts = workings.iter().flat_map(|accrual| &accrual.of);
    let parts: Vec<Vec<String>> = parts.map(|(what, part)| vec![what.clone(), part.to_string()]).collect();
    session.out.table(&["part", "amount"], &parts);
    if line.kind == LineKind::Reversal {
        session.out.say("it takes back the same line of the month before");
    }
    Ok(Exit::Ok)
}

const LINE: [&str; 8] = ["line", "posted", "account", "debit", "credit", "kind", "what", "fund"];

fn cells(line: &Line) -> Vec<String> {
    let (debit, credit) = match line.side {
        Side::Debit => (line.amount.to_string(), String::new()),
        Side::Credit => (String::new(), line.amount.to_string()),
    };
    let late = line.origin.as_ref().map(|origin| format!(" (of {origin})")).unwrap_or_default();
    vec![
        line.no.to_string(),
        line.posted_on.to_string(),
        line.account.to_string(),
        debit,
        credit,
        line.kind.word().to_owned(),
        format!("{}{late}", line.what.word()),
        line.fund.clone(),
    ]
}

/// A batch on a terminal.
pub fn overview(out: &Out, batch: &Batch) {
    let rules = format!("{}@{} {}", batch.rules.name, batch.rules.version, batch.rules.sha256);
    out.fields(&[("batch", batch.id.clone()), ("rules", rules), ("zone", batch.zone.clone())]);
    out.heading("Lines");
    out.table(&LINE, &batch.lines.iter().map(cells).collect::<Vec<_>>());
    out.heading("Estimates");
    let rows = batch.accruals.iter().map(|accrual| {
        let amounts = [accrual.entitled, accrual.breakage, accrual.accrued].map(|amount| amount.to_string());
        [vec![accrual.kind.word().to_owned(), accrual.fund.clone()], amounts.to_vec()].concat()
    });
    out.table(&["what", "fund", "entitled", "breakage", "accrued"], &rows.collect::<Vec<_>>());
    out.heading("Roll-forward");
    let rows = batch.roll.iter().map(|roll| {
        let money = |minor| amount(minor, roll.currency);
        let moved = roll.movements.iter().map(|one| format!("{} {}", one.movement, money(one.minor)));
        let moved = moved.collect::<Vec<_>>().join(", ");
        vec![roll.fund.clone(), roll.account.to_string(), money(roll.opening), moved, money(roll.closing)]
    });
    out.table(&["fund", "account", "opening", "movements", "closing"], &rows.collect::<Vec<_>>());
    out.heading("Totals");
    let rows = batch.controls.iter().map(|(currency, sum)| {
        let money = |minor| amount(minor, *currency);
        vec![currency.to_string(), money(sum.debits), money(sum.credits), sum.lines.to_string()]
    });
    out.table(&["currency", "debits", "credits", "lines"], &rows.collect::<Vec<_>>());
}

fn amount(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.to_string()
}
