//! What the part about market development funds has left: its papers, the books, the payments and the votes.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{Paper as _, PayoutPaper},
    event::Body,
    run::{Record, fold},
    scope::Scope,
};
use entente_payments::pain001;
use entente_store::{RunFilter, Store};

use super::Promise;
use crate::{
    activities::funding::FILE,
    demo::{
        funding::{self, Ending},
        summary::Row,
        teller::{Teller, tagged},
    },
    funding::stored,
    ledger,
    offers::timeline,
};

/// Every paper ended as told.
pub fn told(rows: &[&Row]) -> Promise {
    let endings = funding::endings();
    let of = |ending: &Ending| {
        let (chart, title, tag) = (ending.chart, ending.title, ending.tag);
        let there = rows.iter().filter(move |row| row.run.snapshot.chart.name == chart && row.title.contains(title));
        there.filter(move |row| tagged(&row.run.snapshot, tag)).count()
    };
    let wrong = endings.iter().filter(|ending| of(ending) != ending.papers).map(|ending| ending.title);
    let wrong: Vec<&str> = wrong.collect();
    let all: usize = endings.iter().map(|ending| ending.papers).sum();
    Promise {
        name: "the funds",
        held: wrong.is_empty() && rows.len() == all,
        figures: format!(
            "{} partners, funds, requests, claims and payouts, {} ended otherwise than told{}{}",
            rows.len(),
            wrong.len(),
            if wrong.is_empty() { "" } else { ": " },
            wrong.join(", ")
        ),
    }
}

/// The books are sound, by what `entente ledger verify` does.
pub async fn balanced(teller: &Teller) -> anyhow::Result<Promise> {
    let report = ledger::verify::verify(teller.app().store.as_ref()).await?;
    let sums: Vec<String> = report.trial_balance.iter().map(|(currency, sum)| format!("{currency} {sum}")).collect();
    Ok(Promise {
        name: "P6 books balance",
        held: report.findings.is_empty() && report.journals > 0,
        figures: format!(
            "{} journals, trial balance {}, {} findings",
            report.journals,
            sums.join(", "),
            report.findings.len()
        ),
    })
}

/// Each payable of each claim is in exactly one file, with its amount, and the file says so itself.
pub async fn paid_once(teller: &Teller) -> anyhow::Result<Promise> {
    let store: &dyn Store = teller.app().store.as_ref();
    let runs = stored::papers::<PayoutPaper>(store, &Scope::vendor(), RunFilter::default()).await?;
    let (mut files, mut payments, mut wrong) = (0, 0, 0);
    let mut paid: BTreeMap<(String, String), usize> = BTreeMap::new();
    for run in &runs {
        let Some(file) = &run.sheet.course.file else { continue };
        let kept = store.document_by_hash(FILE, &file.sha256).await?.map(|kept| kept.text).unwrap_or_default();
        let (read, _) = pain001::read(kept.as_bytes())?;
        files += 1;
        payments += read.transfers().count();
        for gathered in &run.sheet.course.items {
            let net = gathered.item.net()?;
            let there = read.transfers().filter(|transfer| {
                transfer.end_to_end_id().as_str() == gathered.end_to_end_id && transfer.amount() == net
            });
            let item = &gathered.item;
            *paid.entry((item.claim.clone(), item.payee.to_string())).or_default() += there.count();
        }
    }
    let mut payables = 0;
    for (_, claim) in funding::claims(teller).await? {
        for payable in &claim.sheet.course.payables {
            payables += 1;
            let times = paid.remove(&(claim.label().to_owned(), payable.payee.to_string())).unwrap_or_default();
            wrong += usize::from(times != 1);
        }
    }
    Ok(Promise {
        name: "paid once",
        held: wrong == 0 && paid.is_empty() && payments == payables && payables > 0,
        figures: format!("{payables} payables, {payments} payments in {files} file, {wrong} not in exactly one"),
    })
}

/// No vote of a person concerned has counted: of whoever asked, wrote, submitted, gains by it or entered the bank details. And
/// where different people are to agree, they were.
pub async fn two_people(teller: &Teller, rows: &[&Row]) -> anyhow::Result<Promise> {
    let store: &dyn Store = teller.app().store.as_ref();
    let (mut votes, mut concerned, mut alone, mut refused) = (0, 0, 0, 0);
    for row in rows {
        let run = row.run.snapshot.run;
        let records = timeline::records(store, run).await?;
        for (at, _) in records.iter().enumerate().filter(|(_, record)| is_vote(record)) {
            let Some(round) = fold(records.get(..=at).unwrap_or_default())?.approvals else { continue };
            let counting: Vec<_> = round.votes.iter().filter(|vote| !vote.void).collect();
            votes += 1;
            concerned += counting.iter().filter(|vote| round.subject.is_from(&vote.person)).count();
            let people: BTreeSet<_> = counting.iter().map(|vote| &vote.person).collect();
            let decided = counting.len() >= round.requirements.len();
            let pays = row.run.snapshot.chart.name == PayoutPaper::NAME;
            alone += usize::from(people.len() < counting.len() || (decided && pays && people.len() < 2));
        }
        let kept = store.messages(&Scope::vendor(), run).await?;
        let no = |verdict| matches!(verdict, Some(entente_store::Verdict::Refused { .. }));
        refused += kept.into_iter().filter(|kept| no(kept.verdict.clone())).count();
    }
    Ok(Promise {
        name: "P7 two people pay",
        held: votes > 0 && concerned + alone == 0 && refused > 0,
        figures: format!(
            "{votes} votes counted, {concerned} of a person concerned, {alone} twice by one person; {refused} refused"
        ),
    })
}

fn is_vote(record: &Record) -> bool {
    matches!(&record.event.body, Body::Named { name, .. } if name == entente_core::chart::step::VOTE)
}
