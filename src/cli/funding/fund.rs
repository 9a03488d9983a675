//! `entente fund`: giving parts of budgets to be drawn on, and closing them.

use entente_core::{context::funding::FundPaper, mdf::model::FundKind, money::Money};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{
    grant,
    papers::{self, Act, Because, Create, History, Label, List, Revise, Spoken},
    returns::{By, Returns},
    sweep::Sweep,
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
    funding::{case, granted, position::Position, standing::Standing, sweep, utilisation},
};

/// Give parts of budgets to be drawn on, change and close them
#[derive(Debug, clap::Subcommand)]
pub enum Fund {
    /// Enter a fund
    Create(Create),
    /// List funds
    List(List),
    /// Show where a fund stands
    Show(Label),
    /// Show everything that happened to a fund
    History(History),
    /// Change a fund that is not open yet
    Revise(Revise),
    /// Submit a fund for approval
    Submit(Act),
    /// Ask for another amount or last day of an open fund
    Change(Change),
    /// Show what of each open fund is likely to lapse, and who answers for it
    Forecast(Forecast),
    /// Keep money from lapsing: give it back, pass it on to another fund, or extend the time
    #[command(subcommand)]
    Sweep(Sweep),
    /// Show what the requests on a fund have brought for what was paid; takes the fund's own id
    Returns(Returns),
    /// Close a fund before its last day: what is free lapses
    Close(Because),
    /// Take a fund back that is not open yet
    Withdraw(Because),
}

/// Ask for another amount or last day of an open fund
#[derive(Debug, clap::Args)]
pub struct Change {
    #[command(flatten)]
    label: Label,
    /// What it is to have been given in all, such as "60000.00 EUR"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Option<Money>,
    /// Its new last day
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Trying,
}

/// Show what of each open fund is likely to lapse, and who answers for it
#[derive(Debug, clap::Args)]
pub struct Forecast {
    /// Only what ends within so many days
    #[arg(long, value_name = "DAYS")]
    within: Option<u16>,
    /// By fund: what is not granted lapses with the fund's last day. By partner: what is granted and not claimed lapses
    /// with the last day for claims, and what is free with the fund, where that is for one partner alone
    #[arg(long, value_enum, default_value = "fund", value_name = "WHAT")]
    by: ForecastBy,
}

/// What a forecast tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ForecastBy {
    Fund,
    Partner,
}

impl Fund {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = FundPaper;
        let open = || Session::open(globals);
        match self {
            Fund::Create(create) => {
                let paper: P = papers::document(&create.file)?;
                papers::create(&open().await?, &paper, create.submit, &create.sending).await
            }
            Fund::Revise(revise) => {
                let paper: P = papers::document(&revise.file)?;
                papers::revise(&open().await?, &revise, &paper).await
            }
            Fund::Change(change) => change.run(&open().await?).await,
            Fund::Forecast(forecast) => forecast.run(&open().await?).await,
            Fund::List(list) => papers::list::<P>(&open().await?, list).await,
            Fund::Show(label) => show(&open().await?, &label.label).await,
            Fund::History(shown) => papers::tell::<P>(&open().await?, &shown).await,
            Fund::Submit(act) => papers::submit::<P>(&open().await?, &act).await,
            Fund::Returns(returns) => returns.run(&open().await?, By::Fund).await,
            Fund::Sweep(sweep) => sweep.run(&open().await?).await,
            Fund::Close(because) => close(&open().await?, &because).await,
            Fund::Withdraw(because) => papers::because::<P>(&open().await?, &because, P::ACTION, "withdraw").await,
        }
    }
}

/// Shows a fund with what it has been given by now: other funds may have passed something on to it. Of one that is filled by
/// earnings, what may be earned stays.
async fn show(session: &Session, label: &str) -> Result<Exit, Failure> {
    let mut stored = papers::find::<FundPaper>(session, label).await?;
    let currency = stored.sheet.paper.amount.currency;
    let stands = case::stands(session.app.store.as_ref(), &stored.sheet.paper).await?;
    if stored.sheet.course.allocated.is_some() && stored.sheet.paper.kind == FundKind::Discretionary {
        stored.sheet.course.allocated = Some(case::given(&stands, currency));
    }
    let position = Position::of(&stands, currency).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
    let grants = grant::beside(session, stored.sheet.paper.fund.as_str()).await?;
    let mut fields: Map<String, Value> = grants.iter().map(|grants| ("co_funding".into(), json!(grants))).collect();
    fields.insert("position".into(), json!(position));
    let exit = papers::show_with(session, &stored, fields).await?;
    if !session.out.is_json() {
        session.out.heading("Its money, as the ledger has it");
        session.out.fields(&position.lines());
        grant::tell_beside(session, &grants.unwrap_or_default());
    }
    Ok(exit)
}

/// Closes a fund, unless another one is about to pass money on to it.
async fn close(session: &Session, because: &Because) -> Result<Exit, Failure> {
    let label = &because.label.label;
    let stored = papers::find::<FundPaper>(session, label).await?;
    if let Some(other) = sweep::passes_on_to(session.app.store.as_ref(), &stored.sheet.paper.fund, None).await? {
        let failure = Failure::new(Exit::Conflict, format!("`{other}` is about to pass money on to `{label}`"));
        return Err(failure.hint(format!("decide on it first: `entente inbox`, or `entente send-back {other}`")));
    }
    papers::because::<FundPaper>(session, because, Action::ManageFunds, "close").await
}

impl Forecast {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let scope = papers::reach(session, FundPaper::KIND, "forecast")?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let ends = |days_left: i64| self.within.is_none_or(|days| days_left <= i64::from(days));
        match self.by {
            ForecastBy::Fund => {
                let mut funds = utilisation::open_funds(store, &scope, now).await?;
                funds.retain(|fund| ends(fund.forecast.days_left));
                by_fund(session, &funds)
            }
            ForecastBy::Partner => {
                let mut all = granted::of_funds(store, &scope, now).await?;
                all.retain(|share| share.days_left.map_or(self.within.is_none(), ends));
                by_partner(session, &all)
            }
        }
    }
}

fn by_fund(session: &Session, funds: &[utilisation::Seen]) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(&funds)?;
        return Ok(Exit::Ok);
    }
    let rows = funds.iter().map(|fund| {
        vec![
            fund.fund.to_string(),
            fund.owner.to_string(),
            fund.given.to_string(),
            fund.committed.to_string(),
            fund.until.to_string(),
            fund.forecast.days_left.to_string(),
            fund.forecast.expected.to_string(),
            fund.forecast.likely_to_lapse.to_string(),
        ]
    });
    let heading = ["fund", "owner", "given", "committed", "until", "days left", "expected", "likely to lapse"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    if funds.is_empty() {
        session.out.say("there is no such fund");
    }
    Ok(Exit::Ok)
}

fn by_partner(session: &Session, all: &[granted::Granted]) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(&all)?;
        return Ok(Exit::Ok);
    }
    let rows = all.iter().map(|share| {
        let amounts = [share.granted, share.claimed, share.paid, share.unclaimed];
        let lapses = [share.lapses_in_30, share.lapses_in_60, share.lapses_in_90];
        let day = share.until.map_or_else(|| "-".to_owned(), |until| until.to_string());
        let left = share.days_left.map_or_else(|| "-".to_owned(), |left| left.to_string());
        let first = [share.partner.to_string(), share.fund.to_string(), share.owner.to_string()];
        let (amounts, lapses) = (amounts.iter().map(ToString::to_string), lapses.iter().map(ToString::to_string));
        first.into_iter().chain(amounts).chain([day, left]).chain(lapses).collect::<Vec<_>>()
    });
    let heading = [
        "partner",
        "fund",
        "owner",
        "granted",
        "claimed",
        "paid",
        "not claimed",
        "until",
        "days left",
        "lapses in 30",
        "in 60",
        "in 90",
    ];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    if all.is_empty() {
        session.out.say("nothing is granted to a partner there");
    }
    Ok(Exit::Ok)
}

impl Change {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let mut data = json!({ "reason": self.reason });
        if let Some(fields) = data.as_object_mut() {
            fields.extend(self.amount.map(|amount| ("amount".into(), json!(amount))));
            fields.extend(self.until.map(|until| ("until".into(), json!(until))));
        }
        let label = &self.label.label;
        papers::send::<FundPaper>(session, label, &self.sending.sending(), Action::ManageFunds, "change", data).await
    }
}

impl Spoken for FundPaper {
    const KIND: &'static str = "fund";
    const SERIES: &'static str = decision::FUNDS;
    const ACTION: Action = Action::ManageFunds;
    const COLUMNS: &'static [&'static str] = &["id", "amount", "until", "pack"];

    fn columns(standing: &Standing<FundPaper>) -> Vec<String> {
        let paper = &standing.paper;
        vec![paper.fund.to_string(), paper.amount.to_string(), paper.until.to_string(), paper.pack.clone()]
    }

    fn fields(standing: &Standing<FundPaper>) -> Vec<(&'static str, String)> {
        let (paper, course) = (&standing.paper, &standing.course);
        vec![
            ("id", paper.fund.to_string()),
            ("title", paper.title.clone()),
            ("programme", paper.programme.to_string()),
            ("pack", paper.pack.clone()),
            ("budget", format!("{} of {}", paper.budget.name, paper.budget.amount)),
            ("amount", paper.amount.to_string()),
            ("from", paper.from.to_string()),
            ("until", paper.until.to_string()),
            ("owner", paper.owner.to_string()),
            ("asked for", course.asked.as_ref().map(|change| change.reason.clone()).unwrap_or_default()),
        ]
    }
}
