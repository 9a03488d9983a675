//! What is behind an amount in the books: a journal, a fund's balances, a payout run, what is owed to a payee.

use entente_core::{
    context::funding::{FundPaper, Item, Paper as _, PayableStatus, PayoutPaper},
    ids::PartyId,
    money::Money,
    policy::approvals::Verdict,
    scope::Scope,
};
use serde_json::json;

use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        funding::papers::{self, Spoken as _},
        output::instant,
        session::Session,
    },
    funding::{
        explained::{
            Said, balances,
            journal::{self, Asks, Booked},
            payable::{self, Owed},
            said,
        },
        standing,
    },
    offers::timeline,
};

fn asks<'a>(session: &'a Session, scope: &'a Scope) -> Asks<'a> {
    Asks { scope, partner: session.party() }
}

/// Explains a journal by its number.
pub(super) async fn journal(session: &Session, no: i64) -> Result<Exit, Failure> {
    // What is booked is for those of the vendor's people who may read the ledger; a partner's person sees what is booked for it.
    let action = if session.party().is_some() { Action::ReadFunds } else { Action::ReadLedger };
    let scope = session.reach(action, "journal", &format!("J-{no}"))?;
    let mut booked = journal::of(session.app.store.as_ref(), asks(session, &scope), no).await?;
    if session.partner().is_some() {
        for_partner(session, &mut booked);
    }
    if session.out.is_json() {
        session.out.json(&booked)?;
        return Ok(Exit::Ok);
    }
    let text = |value: Option<String>| value.unwrap_or_default();
    let event = booked.event.as_ref();
    session.out.fields(&[
        ("journal", booked.journal.clone()),
        ("booked at", instant(booked.at)),
        ("fund", booked.fund.clone()),
        ("movement", booked.movement.to_string()),
        ("amount", booked.amount.to_string()),
        ("for", booked.key.clone()),
        ("from then on for", text(booked.to.clone())),
        ("booked by", text(booked.run.as_ref().map(|run| format!("{run}, step {}", booked.step)))),
        ("because of", text(event.map(|event| event.what.clone()))),
        ("by", text(event.and_then(|event| event.who.as_ref()).map(ToString::to_string))),
        ("in place of", text(event.and_then(|event| event.on_behalf_of.as_ref()).map(ToString::to_string))),
        ("came by", text(event.map(|event| event.source.clone()))),
        ("state", text(event.map(|event| format!("{} to {}", event.from, event.state)))),
    ]);
    session.out.heading("Its sides");
    let sides = booked.entries.iter().map(|side| {
        let account = side.account.to_string();
        vec![account, side.key.clone(), side.amount.to_string()]
    });
    session.out.table(&["account", "for", "amount"], &sides.collect::<Vec<_>>());
    votes(session, &booked.votes);
    Ok(Exit::Ok)
}

/// Of what made a step, a partner's person hears what the partner's own people did.
fn for_partner(session: &Session, booked: &mut Booked) {
    let Some(event) = &mut booked.event else { return };
    event.source.clear();
    event.on_behalf_of = event.on_behalf_of.take().filter(|person| session.is_of_ones_own(person));
    event.who = event.who.take().filter(|person| session.is_of_ones_own(person));
    if event.who.is_none() {
        "it went on".clone_into(&mut event.what);
    }
}

/// Shows who said what when asked.
fn votes(session: &Session, votes: &[Said]) {
    if votes.is_empty() {
        return;
    }
    session.out.heading("Who agreed");
    let rows = votes.iter().map(|vote| {
        let stead = vote.on_behalf_of.as_ref().map(|person| format!(" for {person}")).unwrap_or_default();
        let verdict = match vote.verdict {
            Verdict::Approve => "approve",
            Verdict::Reject => "reject",
            Verdict::SendBack => "send back",
        };
        let row = vote.row.clone().unwrap_or_default();
        vec![format!("{}{stead}", vote.who), verdict.to_owned(), row, instant(vote.at), vote.reason.clone()]
    });
    session.out.table(&["who", "said", "for", "at", "because"], &rows.collect::<Vec<_>>());
}

/// Explains each balance of a fund by the journals behind it.
pub(super) async fn fund(session: &Session, label: &str) -> Result<Exit, Failure> {
    let fund = papers::find::<FundPaper>(session, label).await?;
    session.reach(Action::ReadLedger, "ledger", label)?;
    let id = &fund.sheet.paper.fund;
    let balances = balances::of_fund(session.app.store.as_ref(), id).await?;
    if session.out.is_json() {
        session.out.json(&json!({ "fund": id, "label": label, "balances": balances }))?;
        return Ok(Exit::Ok);
    }
    let stands = balances.iter().map(|balance| {
        let count = balance.journals.len();
        vec![balance.account.to_string(), balance.amount.to_string(), format!("{count} journals")]
    });
    session.out.table(&["account", "amount", "of"], &stands.collect::<Vec<_>>());
    session.out.heading("Journal by journal");
    let made = balances.iter().flat_map(|balance| balance.journals.iter().map(|made| (balance.account, made)));
    let rows = made.map(|(account, made)| {
        let run = made.run.clone().unwrap_or_default();
        let (movement, amount) = (made.movement.to_string(), made.amount.to_string());
        vec![account.to_string(), made.journal.clone(), instant(made.at), movement, amount, made.key.clone(), run]
    });
    let heading = ["account", "journal", "at", "movement", "amount", "for", "booked by"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

/// Explains a payout run: what it pays and what it takes off, what it left out and why, who agreed.
pub(super) async fn payout(session: &Session, label: &str) -> Result<Exit, Failure> {
    let run = papers::find::<PayoutPaper>(session, label).await?;
    let records = timeline::records(session.app.store.as_ref(), run.row.snapshot.run).await?;
    let said = said(&records, run.row.snapshot.seq);
    let course = &run.sheet.course;
    if session.out.is_json() {
        session.out.json(&json!({
            "payout": label, "state": run.row.snapshot.state, "title": run.sheet.paper.title(),
            "items": course.items, "left_out": course.left_out, "answers": course.answers, "file": course.file,
            "votes": said,
        }))?;
        return Ok(Exit::Ok);
    }
    let standing = standing::summary(&run);
    let mut fields = vec![("payout run", label.to_owned()), ("state", run.row.snapshot.state.clone())];
    fields.extend(PayoutPaper::fields(&standing));
    session.out.fields(&fields);
    session.out.heading("What it takes");
    let rows = course.items.iter().map(|gathered| taken(&gathered.item, &gathered.end_to_end_id));
    session.out.table(&["payable", "owed", "taken off", "withheld", "paid", "payment"], &rows.collect::<Vec<_>>());
    if !course.left_out.is_empty() {
        session.out.heading("What it left out");
        let rows = course.left_out.iter().map(|left| {
            let payable = format!("payable/{}/{}", left.claim, left.payee);
            vec![payable, "left out".to_owned(), left.why.clone()]
        });
        session.out.table(&["payable", "", "why"], &rows.collect::<Vec<_>>());
    }
    votes(session, &said);
    Ok(Exit::Ok)
}

/// What a run takes of what is owed.
fn taken(item: &Item, payment: &str) -> Vec<String> {
    let off: Vec<String> = item.netted.iter().map(|one| format!("{} on {}", one.amount, one.claim)).collect();
    let text = |amount: Option<Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    let payable = format!("payable/{}/{}", item.claim, item.payee);
    let amounts = [item.amount.to_string(), off.join(", "), text(item.withheld), text(item.net().ok())];
    std::iter::once(payable).chain(amounts).chain([payment.to_owned()]).collect()
}

/// Explains what is owed to a payee.
pub(super) async fn payable(session: &Session, label: &str, payee: &PartyId) -> Result<Exit, Failure> {
    let scope = session.reach(Action::ReadFunds, "payable", label)?;
    let owed = payable::of(session.app.store.as_ref(), asks(session, &scope), label, payee).await?;
    if session.out.is_json() {
        session.out.json(&owed)?;
        return Ok(Exit::Ok);
    }
    owes(session, &owed);
    parts(session, &owed);
    Ok(Exit::Ok)
}

fn owes(session: &Session, owed: &Owed) {
    let text = |value: Option<String>| value.unwrap_or_default();
    let money = |amount: Option<Money>| text(amount.map(|amount| amount.to_string()));
    let stands = match owed.status {
        PayableStatus::Owed => "owed",
        PayableStatus::Scheduled => "in a payout run",
        PayableStatus::Paid => "paid",
    };
    let back = Some(owed.claimed_back).filter(|back| back.minor > 0);
    let item = owed.in_payout.as_ref();
    let off = item.map(|item| item.netted.iter().map(|one| format!("{} on {}", one.amount, one.claim)));
    session.out.fields(&[
        ("payable", owed.payable.clone()),
        ("fund", text(owed.fund.as_ref().map(ToString::to_string))),
        ("claimed", money(owed.claimed)),
        ("approved", money(owed.approved)),
        ("share", text(owed.share.map(|share| format!("{} of {}", share.weight, share.of)))),
        ("amount", owed.amount.to_string()),
        ("stands", stands.to_owned()),
        ("came twice", money(owed.came_twice)),
        ("payout run", text(owed.payout.clone())),
        ("taken off there", text(off.map(|off| off.collect::<Vec<_>>().join(", ")))),
        ("withheld there", money(item.and_then(|item| item.withheld))),
        ("paid there", money(item.and_then(|item| item.net().ok()))),
        ("paid on", text(owed.paid_on.map(|day| day.to_string()))),
        ("returned", text(owed.returned.clone())),
        ("claimed back", money(back)),
    ]);
}

/// The tables behind it, each only where it has something to say.
fn parts(session: &Session, owed: &Owed) {
    let money = |amount: Option<Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    let lines = owed.lines.iter().map(|line| vec![line.what.clone(), line.amount.to_string()]);
    let rules = owed.rules.iter().map(|lowered| vec![lowered.rule.to_string(), lowered.because.clone()]);
    let disputes = owed.disputes.iter().map(|doubt| {
        let granted = doubt.granted.map_or_else(|| "open".to_owned(), |granted| granted.to_string());
        vec![doubt.amount.to_string(), doubt.reason.clone(), granted]
    });
    let payments = owed.payments.iter().map(|paid| {
        let (on, amount) = (paid.on.to_string(), paid.amount.to_string());
        vec![paid.payout.clone(), on, amount, money(paid.withheld), money(paid.came_back), money(paid.owed_again)]
    });
    let journals = owed
        .journals
        .iter()
        .map(|one| vec![one.journal.clone(), instant(one.at), one.movement.to_string(), one.amount.to_string()]);
    let part = |title: &str, heading: &[&str], rows: Vec<Vec<String>>| session.out.part(title, heading, &rows);
    part("Cost", &["what", "amount"], lines.collect());
    part("Rules that lowered it", &["rule", "because"], rules.collect());
    part("Disputes", &["amount", "why", "granted"], disputes.collect());
    part("Payments", &["run", "on", "amount", "withheld", "came back", "owed again"], payments.collect());
    part("Journals", &["journal", "at", "movement", "amount"], journals.collect());
}
