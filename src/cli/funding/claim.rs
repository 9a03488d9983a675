//! `entente claim`: what the work has cost, and what is paid for it.

use entente_core::{
    context::funding::{ClaimPaper, Clawback, Paper as _, PayableStatus, RequestPaper},
    ids::PartyId,
    money::Money,
};
use serde_json::json;

use super::{
    beside::{Audit, CheckBrand, Falsity, Invoice},
    evidence::hand_in,
    joint,
    papers::{self, Act, Because, Create, History, Label, List, Revise, Spoken},
    put_off::PutOff,
    settle::ResolveDispute,
    share::{self, Shares},
    shown::Part,
};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
        submit::Trying,
    },
    decision,
    funding::standing::Standing,
};

/// The tag of papers that people are asked to agree to.
const ASKS: &str = "awaiting_approval";

/// Claim what the work has cost, and claim money back
#[derive(Debug, clap::Subcommand)]
pub enum Claim {
    /// Enter a claim on a granted request
    Create(Create),
    /// List claims
    List(List),
    /// Show where a claim stands, what the rules cut and why
    Show(Label),
    /// Show everything that happened to a claim
    History(History),
    /// Change a claim that was returned, and claim again
    Revise(Revise),
    /// Submit a claim: the rules judge it, then people
    Submit(Act),
    /// Take a claim back that is not approved yet
    Withdraw(Because),
    /// List what claims of other partners owe to one
    Shares(Shares),
    /// Dispute a part of what is owed: that part is held, the rest is paid
    Dispute(Dispute),
    /// Ask to settle a dispute: what of it is owed after all
    ResolveDispute(ResolveDispute),
    /// Ask to claim money back after it was paid, or what was given in kind
    ClawBack(ClawBack),
    /// Ask to waive what is claimed back and has not come
    Waive(Dispute),
    /// Record that money which was claimed back has come, or that a part of an advance was given back
    Recovered(Recovered),
    /// Prove what an advance was spent on: what the activity has cost, with the proof of it
    Prove(Revise),
    /// Ask to put the proof of an advance off, once
    PutOff(PutOff),
    /// Say what an audit of a claim found that rule F9 holds
    Audit(Audit),
    /// Enter the invoice of a payee, or the vendor's own credit note in its place
    Invoice(Invoice),
    /// Say what a check of logo, brand and claims found
    CheckBrand(CheckBrand),
    /// Say that a claim is a false one; it counts once another person has said so too
    False(Falsity),
    /// Say that a claim is no false one, after somebody else has said that it is
    NotFalse(Falsity),
}

/// A part of what is owed or was paid to one payee.
#[derive(Debug, clap::Args)]
pub struct Dispute {
    /// How much, such as "120.00 EUR"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Money,
    #[command(flatten)]
    whose: Whose,
}

/// Whose part of a claim something is about, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Whose {
    #[command(flatten)]
    pub(super) label: Label,
    /// Whose part it is, where several are paid [default: the partner who claims]
    #[arg(long, value_name = "PARTNER")]
    pub(super) payee: Option<PartyId>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) sending: Trying,
}

/// Ask to claim money back after it was paid, or what was given in kind
#[derive(Debug, clap::Args)]
pub struct ClawBack {
    #[command(flatten)]
    part: Dispute,
    /// What was given in kind comes back as it was given: its value goes back to the fund, and nobody owes it
    #[arg(long)]
    as_given: bool,
}

/// Record that money which was claimed back has come
#[derive(Debug, clap::Args)]
pub struct Recovered {
    #[command(flatten)]
    label: Label,
    /// How much, such as "120.00 EUR"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Money,
    /// From whom, where money is claimed back from several
    #[arg(long, value_name = "PARTNER")]
    payee: Option<PartyId>,
    #[command(flatten)]
    sending: Trying,
}

impl Claim {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = ClaimPaper;
        let open = || Session::open(globals);
        match self {
            Claim::Create(create) => {
                let paper = hand_in::claim(&create.file)?;
                let session = open().await?;
                papers::still_partner::<P>(&session, paper.party()).await?;
                let paper = hand_in::payees(&session, paper).await?;
                let paper = hand_in::files(&session, &create.file, paper).await?;
                match joint::is_whole::<RequestPaper>(&paper.request) {
                    true => joint::create_claim(&session, &paper, &create).await,
                    false => papers::create(&session, &paper, create.submit, &create.sending).await,
                }
            }
            Claim::Revise(revise) => {
                let paper = hand_in::claim(&revise.file)?;
                let session = open().await?;
                let paper = hand_in::payees(&session, paper).await?;
                let paper = hand_in::files(&session, &revise.file, paper).await?;
                match joint::is_whole::<P>(&revise.label.label) {
                    true => joint::revise_claim(&session, &revise.label.label, &revise.sending, &paper).await,
                    false => papers::revise(&session, &revise, &paper).await,
                }
            }
            Claim::Prove(prove) => {
                let paper = hand_in::claim(&prove.file)?;
                let session = open().await?;
                let paper = hand_in::files(&session, &prove.file, paper).await?;
                let (label, data) = (&prove.label.label, json!({ "paper": paper }));
                papers::send::<P>(&session, label, &prove.sending, P::ACTION, "prove", data).await
            }
            Claim::List(list) => papers::list::<P>(&open().await?, list).await,
            Claim::Show(label) if is_joint(&label) => joint::show_claim(&open().await?, &label.label).await,
            Claim::Show(label) => papers::show::<P>(&open().await?, &label.label).await,
            Claim::History(shown) => papers::tell::<P>(&open().await?, &shown).await,
            Claim::Submit(act) if is_joint(&act.label) => {
                let (label, sending) = (&act.label.label, act.sending.sending());
                joint::each::<P>(&open().await?, label, &sending, "submit", |_| Ok(serde_json::Value::Null)).await
            }
            Claim::Submit(act) => papers::submit::<P>(&open().await?, &act).await,
            Claim::Withdraw(because) if is_joint(&because.label) => {
                let (label, sending) = (&because.label.label, because.sending.sending());
                let data = json!({ "reason": because.reason });
                joint::each::<P>(&open().await?, label, &sending, "withdraw", |_| Ok(data.clone())).await
            }
            Claim::Withdraw(because) => papers::because::<P>(&open().await?, &because, P::ACTION, "withdraw").await,
            Claim::Audit(audit) => audit.run(globals).await,
            Claim::Invoice(invoice) => invoice.run(globals).await,
            Claim::CheckBrand(check) => check.run(globals).await,
            Claim::False(said) => said.run(globals, true).await,
            Claim::NotFalse(said) => said.run(globals, false).await,
            Claim::Shares(shares) => shares.run(globals).await,
            Claim::Dispute(part) => part.dispute(&open().await?).await,
            Claim::ClawBack(back) => back.run(&open().await?).await,
            Claim::Waive(part) => part.waive(&open().await?).await,
            Claim::PutOff(off) => off.run(&open().await?).await,
            Claim::ResolveDispute(resolve) => resolve.run(&open().await?).await,
            Claim::Recovered(recovered) => {
                let data = json!({ "amount": recovered.amount, "how": "paid", "payee": recovered.payee });
                let label = &recovered.label.label;
                let (session, action) = (open().await?, Action::AnswerForClaims);
                papers::send::<P>(&session, label, &recovered.sending.sending(), action, "recovered", data).await
            }
        }
    }
}

fn is_joint(label: &Label) -> bool {
    joint::is_whole::<ClaimPaper>(&label.label)
}

/// Whose part is meant: the partner's own where nobody is named.
async fn payee(session: &Session, label: &str, named: Option<PartyId>) -> Result<PartyId, Failure> {
    match named {
        Some(payee) => Ok(payee),
        None => Ok(papers::find::<ClaimPaper>(session, label).await?.sheet.paper.partner),
    }
}

impl Dispute {
    async fn dispute(self, session: &Session) -> Result<Exit, Failure> {
        let Dispute { amount, whose: Whose { label, payee: named, reason, sending } } = self;
        let label = &label.label;
        let (run, actor, payee) = share::disputes(session, label, named).await?;
        let data = json!({ "payee": payee, "amount": amount, "reason": reason });
        let sending = sending.sending();
        let message = sending.sender(session, actor).named(run, "dispute", data);
        session.send(&sending, label, vec![message]).await?;
        Ok(Exit::Ok)
    }

    async fn waive(self, session: &Session) -> Result<Exit, Failure> {
        let Dispute { amount, whose: Whose { label, payee: named, reason, sending } } = self;
        let label = &label.label;
        let payee = payee(session, label, named).await?;
        let data = json!({ "payee": payee, "amount": amount, "reason": reason });
        papers::send::<ClaimPaper>(session, label, &sending.sending(), Action::AnswerForClaims, "waive", data).await
    }
}

impl ClawBack {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let ClawBack { part: Dispute { amount, whose }, as_given } = self;
        let Whose { label, payee: named, reason, sending } = whose;
        let label = &label.label;
        let payee = payee(session, label, named).await?;
        let mut data = json!({ "payee": payee, "amount": amount, "reason": reason });
        if let (true, Some(fields)) = (as_given, data.as_object_mut()) {
            fields.insert("as_given".into(), json!(true));
        }
        papers::send::<ClaimPaper>(session, label, &sending.sending(), Action::AnswerForClaims, "claw_back", data).await
    }
}

/// What people are asked to agree to beside the claim.
fn asked_for(standing: &Standing<ClaimPaper>) -> Vec<Vec<String>> {
    if !standing.tags.iter().any(|tag| tag == ASKS) {
        return Vec::new();
    }
    let course = &standing.course;
    let settlement = course.settlement_asked.iter().map(|asked| {
        let what = format!("{} of {} is owed to `{}` after all", asked.granted, asked.disputed, asked.payee);
        vec![what, asked.reason.clone()]
    });
    let off = course.put_off_asked.iter();
    let off = off.map(|asked| vec![format!("it is proven by {}", asked.until), asked.reason.clone()]);
    settlement.chain(off).collect()
}

impl Spoken for ClaimPaper {
    const KIND: &'static str = "claim";
    const SERIES: &'static str = decision::CLAIMS;
    const ACTION: Action = Action::AskForFunds;
    const ASKS_FOR_MONEY: bool = true;
    const COLUMNS: &'static [&'static str] = &["partner", "request", "claimed", "approved"];

    fn columns(standing: &Standing<ClaimPaper>) -> Vec<String> {
        let paper = &standing.paper;
        let approved = standing.course.approved.map_or_else(|| "-".into(), |approved| approved.to_string());
        vec![paper.partner.to_string(), paper.request.clone(), paper.amount.to_string(), approved]
    }

    fn fields(standing: &Standing<ClaimPaper>) -> Vec<(&'static str, String)> {
        let (paper, course) = (&standing.paper, &standing.course);
        let text = |amount: Option<Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
        let back = |part: fn(&Clawback) -> Option<Money>| {
            let parts = course.clawbacks.iter().filter_map(part);
            let sum = Money::sum(paper.currency, parts).ok();
            text(sum.filter(|sum| sum.minor > 0))
        };
        vec![
            ("partner", paper.partner.to_string()),
            ("request", paper.request.clone()),
            ("part of", paper.joint.as_ref().map(|joint| joint.label.clone()).unwrap_or_default()),
            ("fund", course.fund.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("claimed", paper.amount.to_string()),
            ("approved", text(course.approved)),
            ("claimed back", back(|clawback| Some(clawback.amount))),
            ("recovered", back(|clawback| clawback.recovered)),
            ("waived", back(|clawback| clawback.waived)),
            ("came twice", text(course.came_twice)),
            ("owed of that", {
                let twice = course.payables.iter().filter_map(|payable| payable.twice);
                text(Money::sum(paper.currency, twice).ok().filter(|twice| twice.minor > 0))
            }),
            ("paid in advance", text(course.advance.as_ref().map(|advance| advance.agreed))),
            (
                "to be proven by",
                course.open_advance().and_then(|advance| advance.prove_by).map(|at| at.to_string()).unwrap_or_default(),
            ),
            (
                "put off",
                course
                    .advance
                    .iter()
                    .filter_map(|advance| advance.put_off.as_ref())
                    .map(|off| off.reason.clone())
                    .collect(),
            ),
            ("proven", text(course.advance.as_ref().and_then(|advance| advance.proven))),
            ("owed beyond it", text(course.advance.as_ref().and_then(|advance| advance.further))),
            (
                "answers for it",
                course.owner.as_ref().filter(|_| course.advance.is_some()).map(ToString::to_string).unwrap_or_default(),
            ),
        ]
    }

    fn tables(standing: &Standing<ClaimPaper>) -> Vec<Part> {
        let lines = standing.paper.lines.iter().map(|line| {
            vec![
                line.what.clone(),
                line.kind.clone(),
                line.amount.to_string(),
                format!("{} to {}", line.from, line.until),
            ]
        });
        let owed = standing.course.payables.iter().map(|payable| {
            let stands = match payable.status {
                PayableStatus::Owed => "owed",
                PayableStatus::Scheduled => "in a payout run",
                PayableStatus::Paid => "paid",
            };
            let on = payable.paid_on.map(|day| day.to_string()).unwrap_or_default();
            vec![
                payable.payee.to_string(),
                payable.amount.to_string(),
                stands.to_owned(),
                payable.payout.clone().unwrap_or_default(),
                on,
                payable.returned.clone().unwrap_or_default(),
            ]
        });
        let disputes = standing.course.disputes.iter().map(|dispute| {
            vec![dispute.payee.to_string(), dispute.amount.to_string(), dispute.reason.clone(), dispute.stands()]
        });
        let asked = asked_for(standing);
        let agreed = standing.paper.payees.iter();
        let agreed = agreed.map(|payee| vec![payee.payee.to_string(), payee.weight.to_string()]);
        vec![
            Part { title: "Cost", columns: &["what", "kind", "amount", "when"], rows: lines.collect() },
            Part { title: "Shared among", columns: &["payee", "weight"], rows: agreed.collect() },
            Part {
                title: "Payees",
                columns: &["payee", "amount", "stands", "run", "paid on", "returned"],
                rows: owed.collect(),
            },
            Part { title: "Disputes", columns: &["payee", "amount", "why", "granted"], rows: disputes.collect() },
            Part { title: "Asked for", columns: &["what", "why"], rows: asked },
        ]
    }
}
