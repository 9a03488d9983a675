//! `entente payout`: paying what is owed to partners, and what the bank says to it.

use std::{collections::BTreeSet, path::PathBuf};

use entente_core::{
    context::{
        FieldError,
        funding::{Item, ItemOutcome, Paper as _, PayoutPaper, load_with},
    },
    money::Money,
};
use jiff::civil::Date;
use serde_json::json;

use super::{
    papers::{self, Act, Because, History, Label, List, Spoken},
    shown::Part,
};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
        submit::Sending,
    },
    decision,
    funding::{
        afterwards::Sight,
        answers,
        paying::{self, NotIn, Plan, Plans},
        standing::Standing,
    },
};

/// Pay what is owed to partners
#[derive(Debug, clap::Subcommand)]
pub enum Payout {
    /// Put what is owed into a run
    Create(Create),
    /// List runs
    List(List),
    /// Show where a run stands, and each of its payments
    Show(Label),
    /// Show everything that happened to a run
    History(History),
    /// Submit a run: payables are taken into it, then two people decide
    Submit(Act),
    /// Take a run back before its file is written
    Withdraw(Because),
    /// Print the file for the bank
    File(Label),
    /// Read what the bank answers: pain.002, camt.053, camt.054 or a CSV
    Answers(Answers),
}

/// Put what is owed into a run
///
/// The document names the legal entity, the day, the form of the file and the accounts that are paid from. What is claimed
/// back from a payee is taken off, up to the part of each payment that the claim's pack allows.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The document; `-` reads standard input
    #[arg(value_name = "FILE.YAML")]
    file: PathBuf,
    /// Only this claim, also where it joins the run of a later month; may be given several times [default: everything that is owed]
    #[arg(long = "claim", value_name = "LABEL")]
    claims: Vec<String>,
    /// Show what would be paid and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Submit it at once
    #[arg(long)]
    submit: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Read what the bank answers
#[derive(Debug, clap::Args)]
pub struct Answers {
    #[command(flatten)]
    label: Label,
    /// The bank's file
    file: PathBuf,
    /// Show what it says and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

impl Payout {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = PayoutPaper;
        let open = || Session::open(globals);
        match self {
            Payout::Create(create) => create.run(globals).await,
            Payout::Answers(answers) => answers.run(&open().await?).await,
            Payout::List(list) => papers::list::<P>(&open().await?, list).await,
            Payout::Show(label) => papers::show::<P>(&open().await?, &label.label).await,
            Payout::History(shown) => papers::tell::<P>(&open().await?, &shown).await,
            Payout::Submit(act) => papers::submit::<P>(&open().await?, &act).await,
            Payout::Withdraw(because) => papers::because::<P>(&open().await?, &because, P::ACTION, "withdraw").await,
            Payout::File(label) => file(&open().await?, &label.label).await,
        }
    }
}

impl Create {
    async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let text = input::document(&self.file)?;
        // What is paid is filled in from what is owed.
        let check = |paper: &PayoutPaper| match paper.items.is_empty() {
            true => Ok(()),
            false => Err(FieldError {
                field: "/items".into(),
                message: "is filled in from what is owed; leave it out".into(),
            }),
        };
        let mut paper: PayoutPaper = load_with(&input::name(&self.file), &text, check)?;
        let session = Session::open(globals).await?;
        let actor = session.act_for(PayoutPaper::ACTION, PayoutPaper::KIND, &paper.title(), &paper.legal_entity)?;
        let (only, now) = (self.claims.into_iter().collect::<BTreeSet<String>>(), session.app.clock.now());
        let store = session.app.store.as_ref();
        let world = session.app.world.borrow().clone();
        let plan = {
            let sight = Sight { store, room: &session.app.evidence, world: &world, now };
            let (entity, former) = (&paper.legal_entity, &paper.former_partners);
            let plans = Plans { entity, only: &only, former, execute_on: paper.execute_on };
            paying::plan(sight, &plans).await?
        };
        paper.items.clone_from(&plan.items);
        if plan.ready.is_empty() && !plan.left_out.is_empty() {
            return Err(nothing_in(&plan));
        }
        paper.check().map_err(|error| {
            let failure = Failure::usage(error.to_string());
            failure.hint("see what is owed with `entente claim list --tag payable`")
        })?;
        not_over(&paper, paying::today(store, &plan.ready, now).await?)?;
        let asks = &actor.person;
        let stuck = paying::obstacles(&paper, &plan.ready, asks, (&world, &session.app.people), now)?;
        if self.dry_run {
            planned(&session, &plan, &stuck)?;
            return Ok(Exit::Ok);
        }
        for left in &plan.left_out {
            session.out.say(&format!("left out: {}", told(left)));
        }
        for early in &plan.early {
            session.out.say(&format!("early: {}", told(early)));
        }
        for obstacle in &stuck {
            session.out.say(obstacle);
        }
        papers::create(&session, &paper, self.submit, &self.sending).await
    }
}

/// Refuses a day that is over wherever the programmes count their days: no bank pays on it.
fn not_over(paper: &PayoutPaper, today: Date) -> Result<(), Failure> {
    if paper.execute_on >= today {
        return Ok(());
    }
    let message =
        format!("field `/execute_on`: {} is over, it is {today}; write a day from {today} on", paper.execute_on);
    Err(Failure::usage(message))
}

fn told(left: &NotIn) -> String {
    let payee = left.payee.as_ref().map(|payee| format!(" to `{payee}`")).unwrap_or_default();
    format!("`{}`{payee}: {}", left.claim, left.why)
}

/// As many reasons as one message gives.
const REASONS: usize = 5;

fn nothing_in(plan: &Plan) -> Failure {
    let mut reasons: Vec<String> = plan.left_out.iter().take(REASONS).map(told).collect();
    if plan.left_out.len() > REASONS {
        reasons.push(format!("and {} more", plan.left_out.len() - REASONS));
    }
    Failure::new(Exit::Conflict, format!("nothing of it can be paid now: {}", reasons.join("; ")))
}

fn planned(session: &Session, plan: &Plan, stuck: &[String]) -> Result<(), Failure> {
    if session.out.is_json() {
        let paid: Vec<&Item> = plan.ready.iter().map(|one| &one.item).collect();
        return session
            .out
            .json(&json!({ "paid": paid, "left_out": plan.left_out, "early": plan.early, "nobody_left": stuck }));
    }
    let rows = plan.ready.iter().map(|one| {
        let item = &one.item;
        let net = item.net().map(|net| net.to_string()).unwrap_or_default();
        let netted: Vec<String> = item.netted.iter().map(|one| format!("{} on {}", one.amount, one.claim)).collect();
        let withheld = item.withheld.map(|withheld| withheld.to_string()).unwrap_or_default();
        vec![item.claim.clone(), item.payee.to_string(), item.amount.to_string(), netted.join(", "), withheld, net]
    });
    session.out.table(&["claim", "payee", "owed", "taken off", "withheld", "paid"], &rows.collect::<Vec<_>>());
    if !plan.left_out.is_empty() {
        session.out.heading("Left out");
        let payee = |left: &NotIn| left.payee.as_ref().map(ToString::to_string).unwrap_or_default();
        let left = plan.left_out.iter().map(|left| vec![left.claim.clone(), payee(left), left.why.clone()]);
        session.out.table(&["claim", "payee", "why"], &left.collect::<Vec<_>>());
    }
    for early in &plan.early {
        session.out.data(&format!("early: {}", told(early)));
    }
    for obstacle in stuck {
        session.out.data(obstacle);
    }
    session.out.say("nothing was written");
    Ok(())
}

async fn file(session: &Session, label: &str) -> Result<Exit, Failure> {
    let stored = papers::find::<PayoutPaper>(session, label).await?;
    papers::actor::<PayoutPaper>(session, PayoutPaper::ACTION, label, &stored.row.snapshot.home)?;
    match written(session, &stored.sheet).await? {
        Some(text) => {
            session.out.data(text.trim_end());
            Ok(Exit::Ok)
        }
        None => {
            let failure = Failure::new(Exit::Conflict, format!("`{label}` has no file yet"));
            Err(failure.hint(format!("see what it waits for with `entente payout show {label}`")))
        }
    }
}

/// The file of a run, once it is written.
async fn written(
    session: &Session,
    sheet: &entente_core::context::funding::Sheet<PayoutPaper>,
) -> Result<Option<String>, Failure> {
    let Some(file) = &sheet.course.file else { return Ok(None) };
    let stored = session.app.store.document_by_hash(crate::activities::funding::FILE, &file.sha256).await?;
    Ok(stored.map(|stored| stored.text))
}

impl Answers {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let label = &self.label.label;
        let bytes = input::document(&self.file)?.into_bytes();
        let stored = papers::find::<PayoutPaper>(session, label).await?;
        let sent = written(session, &stored.sheet).await?;
        let name = input::name(&self.file);
        let answers = answers::read(&bytes, sent.as_deref(), &stored.sheet)
            .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
        if self.dry_run || answers.is_empty() {
            session.out.json(&answers)?;
            session.out.say("nothing was written");
            return Ok(Exit::Ok);
        }
        let data = json!({ "answers": answers });
        papers::send::<PayoutPaper>(session, label, &self.sending, Action::PreparePayouts, "answered", data).await
    }
}

impl Spoken for PayoutPaper {
    const KIND: &'static str = "payout run";
    const SERIES: &'static str = decision::PAYOUTS;
    const ACTION: Action = Action::PreparePayouts;
    const COLUMNS: &'static [&'static str] = &["legal entity", "on", "payments"];

    fn columns(standing: &Standing<PayoutPaper>) -> Vec<String> {
        let paper = &standing.paper;
        let payments = if standing.course.items.is_empty() { paper.items.len() } else { standing.course.items.len() };
        vec![paper.legal_entity.to_string(), paper.execute_on.to_string(), payments.to_string()]
    }

    fn fields(standing: &Standing<PayoutPaper>) -> Vec<(&'static str, String)> {
        let file = standing.course.file.as_ref();
        let former: Vec<String> = standing.paper.former_partners.iter().map(ToString::to_string).collect();
        let sums = |sums: &[Money]| sums.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        vec![
            ("legal entity", standing.paper.legal_entity.to_string()),
            ("on", standing.paper.execute_on.to_string()),
            ("although they left", former.join(", ")),
            ("file", file.map(|file| file.name.clone()).unwrap_or_default()),
            ("sha256", file.map(|file| file.sha256.clone()).unwrap_or_default()),
            ("sum", file.map(|file| sums(&file.sums)).unwrap_or_default()),
        ]
    }

    fn tables(standing: &Standing<PayoutPaper>) -> Vec<Part> {
        let payments = standing.course.items.iter().map(|gathered| {
            let item = &gathered.item;
            let answer = standing.course.answers.get(&gathered.end_to_end_id);
            let answer = answer.map(|settled| match settled.outcome {
                ItemOutcome::Paid => "paid".to_owned(),
                ItemOutcome::Rejected => format!("rejected: {}", settled.why),
                ItemOutcome::Returned => format!("returned: {}", settled.why),
            });
            vec![
                gathered.end_to_end_id.clone(),
                item.claim.clone(),
                item.payee.to_string(),
                item.net().map(|net| net.to_string()).unwrap_or_default(),
                item.withheld.map(|withheld| withheld.to_string()).unwrap_or_default(),
                gathered.bank_shown.clone(),
                answer.unwrap_or_default(),
            ]
        });
        let left = standing
            .course
            .left_out
            .iter()
            .map(|left| vec![left.claim.clone(), left.payee.to_string(), left.why.clone()]);
        vec![
            Part {
                title: "Payments",
                columns: &["id", "claim", "payee", "amount", "withheld", "account", "answer"],
                rows: payments.collect(),
            },
            Part { title: "Left out", columns: &["claim", "payee", "why"], rows: left.collect() },
        ]
    }
}
