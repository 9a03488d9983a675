//! `entente accrual`: what partners earn by their sales, from a report to their funds.

mod enter;

use std::path::PathBuf;

use entente_core::{
    context::funding::AccrualPaper,
    mdf::earnings::{EarningPlan, Sale},
    money::Money,
};
use jiff::civil::Date;
use serde_json::{Value, json};

use self::enter::{Anew, Create};
use super::{
    papers::{self, Act, Because, History, Label, List, Spoken},
    shown::{self, Part},
};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
        submit::Trying,
    },
    decision,
    funding::{plans, sales, standing::Standing},
};

/// Fill funds with what partners earn by their sales
#[derive(Debug, clap::Subcommand)]
pub enum Accrual {
    /// Import a version of a plan: what counts, at which rate; it is never changed afterwards
    ImportPlan {
        /// The plan
        #[arg(value_name = "PLAN.YAML")]
        file: PathBuf,
    },
    /// List the plans
    Plans,
    /// Enter a sales report: one run for each partner in it
    Create(Create),
    /// List accrual runs
    List(List),
    /// Show where an accrual run stands
    Show(Label),
    /// Show the sales and returns behind an accrual run
    Sales(Label),
    /// Show everything that happened to an accrual run
    History(History),
    /// Enter another report, plan or period in the place of that of a run which is not approved yet
    Revise(Anew),
    /// Submit an accrual run
    Submit(Act),
    /// Take an accrual run back that is not approved yet
    Withdraw(Because),
    /// Say that something else was earned, while there is time
    Dispute(Dispute),
    /// Propose what was earned after all; another person agrees to it
    Decide(Decide),
    /// Record that a rebate was settled with the partner
    RebateSettled(RebateSettled),
    /// Have a run that waits for its fund tried again now
    TryAgain(Act),
}

/// Say that something else was earned, while there is time
#[derive(Debug, clap::Args)]
pub struct Dispute {
    #[command(flatten)]
    label: Label,
    /// What it should be in all, such as "1200.00 EUR"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money, allow_hyphen_values = true)]
    should_be: Money,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Trying,
}

/// Propose what was earned after all; another person agrees to it
#[derive(Debug, clap::Args)]
pub struct Decide {
    #[command(flatten)]
    label: Label,
    /// In all, between what was stated and what the partner says
    #[arg(long, value_name = "AMOUNT", value_parser = input::money, allow_hyphen_values = true)]
    earned: Money,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Trying,
}

/// Record that a rebate was settled with the partner
#[derive(Debug, clap::Args)]
pub struct RebateSettled {
    #[command(flatten)]
    label: Label,
    /// The credit note, payment or invoice
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reference: String,
    /// Its day
    #[arg(long, value_name = "DATE")]
    on: Date,
    #[command(flatten)]
    sending: Trying,
}

impl Accrual {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = AccrualPaper;
        let session = Session::open(globals).await?;
        match self {
            Accrual::ImportPlan { file } => import(&session, &file).await,
            Accrual::Plans => list_plans(&session).await,
            Accrual::Create(create) => create.run(&session).await,
            Accrual::List(list) => papers::list::<P>(&session, list).await,
            Accrual::Show(label) => papers::show::<P>(&session, &label.label).await,
            Accrual::Sales(label) => show_sales(&session, &label.label).await,
            Accrual::History(shown) => papers::tell::<P>(&session, &shown).await,
            Accrual::Revise(anew) => anew.run(&session).await,
            Accrual::Submit(act) => papers::submit::<P>(&session, &act).await,
            Accrual::Withdraw(because) => papers::because::<P>(&session, &because, P::ACTION, "withdraw").await,
            Accrual::Dispute(Dispute { label, should_be, reason, sending }) => {
                let data = json!({ "should_be": should_be, "reason": reason });
                papers::send::<P>(&session, &label.label, &sending.sending(), Action::AskForFunds, "dispute", data)
                    .await
            }
            Accrual::Decide(Decide { label, earned, reason, sending }) => {
                let data = json!({ "earned": earned, "reason": reason });
                papers::send::<P>(&session, &label.label, &sending.sending(), Action::AnswerForClaims, "decide", data)
                    .await
            }
            Accrual::RebateSettled(RebateSettled { label, reference, on, sending }) => {
                let data = json!({ "reference": reference, "on": on });
                let action = Action::PreparePayouts;
                papers::send::<P>(&session, &label.label, &sending.sending(), action, "rebate_settled", data).await
            }
            Accrual::TryAgain(act) => {
                papers::send::<P>(
                    &session,
                    &act.label.label,
                    &act.sending.sending(),
                    P::ACTION,
                    "try_again",
                    Value::Null,
                )
                .await
            }
        }
    }
}

async fn import(session: &Session, file: &std::path::Path) -> Result<Exit, Failure> {
    let text = input::document(file)?;
    let plan = EarningPlan::from_yaml(&input::name(file), &text)?;
    let named = format!("{}@{}", plan.name, plan.version);
    let actor = session.act(Action::ImportRules, "plan", &named)?;
    let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
    plans::import(store, &plan, &text, actor.person.as_str(), now).await.map_err(|error| {
        let failure = Failure::from(error);
        match failure.exit {
            Exit::Conflict => failure.hint("a plan never changes; raise its `version` and import it again"),
            _ => failure,
        }
    })?;
    session.out.data(&named);
    session.out.say("reports may be entered by it with `entente accrual create`");
    Ok(Exit::Ok)
}

async fn list_plans(session: &Session) -> Result<Exit, Failure> {
    session.act(AccrualPaper::ACTION, "plan", "list")?;
    shown::versions(&session.out, "plan", &plans::list(session.app.store.as_ref()).await?)
}

async fn show_sales(session: &Session, label: &str) -> Result<Exit, Failure> {
    let stored = papers::find::<AccrualPaper>(session, label).await?;
    let rows: Vec<Sale> = sales::get(session.app.store.as_ref(), &stored.sheet.paper.sales).await?;
    if session.out.is_json() {
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|sale| {
        let (row, on, net) = (sale.row.to_string(), sale.on.to_string(), sale.net.to_string());
        vec![row, sale.reference.clone(), on, sale.sku.clone(), sale.line.clone(), net]
    });
    session.out.table(&["row", "reference", "on", "SKU", "product line", "net"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

impl Spoken for AccrualPaper {
    const KIND: &'static str = "accrual run";
    const SERIES: &'static str = decision::ACCRUALS;
    const ACTION: Action = Action::ManageFunds;
    const COLUMNS: &'static [&'static str] = &["partner", "fund", "from", "until", "earned"];

    fn columns(standing: &Standing<AccrualPaper>) -> Vec<String> {
        let paper = &standing.paper;
        let (from, until) = (paper.from.to_string(), paper.until.to_string());
        vec![paper.partner.to_string(), paper.fund.to_string(), from, until, paper.earned.to_string()]
    }

    fn fields(standing: &Standing<AccrualPaper>) -> Vec<(&'static str, String)> {
        let (paper, course) = (&standing.paper, &standing.course);
        let money = |amount: Option<Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
        let doubt = course.doubt.as_ref().map(|doubt| format!("{}: {}", doubt.should_be, doubt.reason));
        let decided = course.decided.as_ref().map(|decided| format!("{}: {}", decided.earned, decided.reason));
        let settlement = course.settlement.as_ref().map(|settled| format!("{} on {}", settled.reference, settled.on));
        vec![
            ("partner", paper.partner.to_string()),
            ("fund", paper.fund.to_string()),
            ("plan", paper.plan.clone()),
            ("period", format!("{} to {}", paper.from, paper.until)),
            ("earned", paper.earned.to_string()),
            ("doubts until", course.window_ends_at.map(instant).unwrap_or_default()),
            ("doubted", doubt.unwrap_or_default()),
            ("decided", decided.unwrap_or_default()),
            ("to the fund", money(course.credited)),
            ("rebate", money(course.rebate)),
            ("rebate settled", settlement.unwrap_or_default()),
        ]
    }

    fn tables(standing: &Standing<AccrualPaper>) -> Vec<Part> {
        let rows = standing.paper.lines.iter().map(|line| {
            let (sales, returns) = (line.sales.to_string(), line.returns.to_string());
            vec![
                line.line.clone(),
                sales,
                returns,
                line.net.to_string(),
                line.rate.to_string(),
                line.earned.to_string(),
            ]
        });
        let columns: &[&str] = &["product line", "sales", "returns", "net", "rate", "earned"];
        vec![Part { title: "Earned", columns, rows: rows.collect() }]
    }
}
