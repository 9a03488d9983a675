//! `entente budget`: what was planned, what is expected by now, and what became of it.

use entente_core::money::Money;

use super::papers;
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
    },
    funding::budgets::{self, NotKept, Reforecast},
};

/// Show what budgets were, what they are expected to come to, and what was spent of them
#[derive(Debug, clap::Subcommand)]
pub enum Budget {
    /// List the budgets: original, re-forecast, and what the ledger says of their funds
    List,
    /// Show a budget with its funds and everything that it was expected to come to
    Show(Named),
    /// Say what a budget is expected to come to; the original stays, and so does what its funds may be given
    Reforecast {
        #[command(flatten)]
        budget: Named,
        /// What it is expected to come to in all, such as "90000.00 EUR"
        #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
        amount: Money,
        /// Why
        #[arg(long, value_name = "TEXT", value_parser = input::said)]
        reason: String,
    },
}

/// Which budget.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// Its name, as its funds have it
    #[arg(value_name = "BUDGET")]
    name: String,
}

impl Budget {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Budget::List => list(&session).await,
            Budget::Show(Named { name }) => show(&session, &find(&session, &name).await?),
            Budget::Reforecast { budget, amount, reason } => reforecast(&session, &budget.name, (amount, reason)).await,
        }
    }
}

async fn find(session: &Session, name: &str) -> Result<budgets::Budget, Failure> {
    let scope = papers::reach(session, "budget", name)?;
    budgets::find(session.app.store.as_ref(), &scope, name).await.map_err(|error| {
        let failure = Failure::from(error);
        match failure.exit {
            Exit::NotFound => failure.hint("list them with `entente budget list`; a budget begins with its first fund"),
            _ => failure,
        }
    })
}

async fn reforecast(session: &Session, name: &str, expected: (Money, String)) -> Result<Exit, Failure> {
    let budget = find(session, name).await?;
    for part in &budget.funds {
        session.act_for(Action::ManageFunds, "budget", name, &part.legal_entity)?;
    }
    let (by, now) = (session.person()?, session.app.clock.now());
    let kept = budgets::reforecast(session.app.store.as_ref(), &budget, expected, (by, now)).await;
    let kept = kept.map_err(|error| match error {
        NotKept::Records(error) => error.into(),
        NotKept::Currency { .. } | NotKept::Negative(..) => Failure::usage(error.to_string()),
        NotKept::Overtaken(_) => Failure::new(Exit::Conflict, error.to_string()),
    })?;
    if session.out.is_json() {
        session.out.json(&kept)?;
        return Ok(Exit::Ok);
    }
    session.out.data(&format!("{name}@{}", kept.version));
    session.out.say(&format!("`{name}` is expected to come to {}; it was {} at first", kept.amount, budget.original));
    Ok(Exit::Ok)
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    let scope = papers::reach(session, "budget", "list")?;
    let all = budgets::list(session.app.store.as_ref(), &scope).await?;
    if session.out.is_json() {
        session.out.json(&all)?;
        return Ok(Exit::Ok);
    }
    let rows = all.iter().map(|budget| {
        let position = &budget.position;
        let amounts = [budget.allocated, position.reserved, position.claimed, budget.actual, budget.left];
        let first = [budget.budget.clone(), budget.original.to_string(), newest(budget)];
        let amounts = amounts.iter().map(ToString::to_string);
        first.into_iter().chain(amounts).chain([budget.until.to_string()]).collect::<Vec<_>>()
    });
    let heading = ["budget", "original", "re-forecast", "allocated", "reserved", "claimed", "actual", "left", "until"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    if all.is_empty() {
        session.out.say("there is no budget; one begins with the first fund that people agree to");
    }
    Ok(Exit::Ok)
}

fn newest(budget: &budgets::Budget) -> String {
    budget.reforecast.as_ref().map_or_else(|| "-".to_owned(), |newest| newest.amount.to_string())
}

fn show(session: &Session, budget: &budgets::Budget) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(budget)?;
        return Ok(Exit::Ok);
    }
    let before = (budget.paid_before.minor != 0).then(|| budget.paid_before.to_string());
    let mut fields = vec![
        ("budget", budget.budget.clone()),
        ("from", budget.from.to_string()),
        ("until", budget.until.to_string()),
        ("original", budget.original.to_string()),
        ("re-forecast", newest(budget)),
        ("actual", budget.actual.to_string()),
        ("paid before Entente", before.unwrap_or_default()),
        ("allocated", budget.allocated.to_string()),
        ("left", budget.left.to_string()),
    ];
    fields.extend(budget.position.lines());
    session.out.fields(&fields);
    session.out.heading("Its funds");
    let rows = budget.funds.iter().map(|part| {
        let stands = &part.position;
        let amounts = [stands.given, stands.reserved, stands.claimed, stands.paid, stands.lapsed, stands.free];
        let first = [part.label.clone(), part.fund.to_string(), part.state.clone()];
        first.into_iter().chain(amounts.iter().map(ToString::to_string)).collect::<Vec<_>>()
    });
    let heading = ["fund", "id", "state", "given", "reserved", "claimed", "paid", "lapsed", "free"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    if !budget.reforecasts.is_empty() {
        session.out.heading("What it was expected to come to");
        let rows = budget.reforecasts.iter().map(|Reforecast { version, amount, reason, by, at }| {
            vec![version.to_string(), amount.to_string(), by.to_string(), instant(*at), reason.clone()]
        });
        session.out.table(&["version", "amount", "by", "at", "because"], &rows.collect::<Vec<_>>());
    }
    session.out.say("`entente explain FND-…` shows the journals behind a fund's figures");
    Ok(Exit::Ok)
}
