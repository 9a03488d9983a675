//! Where the current period will end, and where it would.

use entente_core::{
    commitment::{
        Amount,
        forecast::{Ending, Forecast as Projected},
    },
    money::Currency,
};
use jiff::civil::Date;
use serde_json::json;

use super::{
    actor,
    args::{Added, Days, Name},
    offers, paint, visitor,
};
use crate::{
    cli::{exit::Exit, failure::Failure, input, output::Out, session::Session, submit::Sending},
    commitments::{
        ahead::{Outcome, Until},
        outlook::Looked,
    },
};

/// Show where the current period will end, with every model's past error
#[derive(Debug, clap::Args)]
pub struct Forecast {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    days: Days,
    /// To the next amount due, where that is a milestone, instead of the period's end
    #[arg(long)]
    next_due: bool,
}

/// Show where it would end if something were added
///
/// With `--keep` the plan is kept under that name, and shown beside offers.
#[derive(Debug, clap::Args)]
pub struct WhatIf {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    added: Added,
    #[command(flatten)]
    days: Days,
    /// Keep it under this name; another plan of that name is replaced
    #[arg(long, value_name = "NAME", value_parser = input::said)]
    keep: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

impl Forecast {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let visitor = visitor(session)?;
        let stored = visitor.find(&self.name.name).await?;
        let looked = Looked::at(&visitor, &stored, self.days.into()).await?;
        paint::warn_judged_otherwise(&session.out, &looked.family);
        let until = if self.next_due { Until::NextDue } else { Until::PeriodEnd };
        let told = looked.told(&visitor, until)?;
        if session.out.is_json() {
            session.out.json(&told)?;
            return Ok(Exit::Ok);
        }
        session.out.fields(&paint::footing(&told.footing));
        outcome(&session.out, &told.outcome, looked.figures.currency);
        Ok(Exit::Ok)
    }
}

impl WhatIf {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let visitor = visitor(session)?;
        let stored = visitor.find(&self.name.name).await?;
        let looked = Looked::at(&visitor, &stored, self.days.into()).await?;
        paint::warn_judged_otherwise(&session.out, &looked.family);
        let plan = self.added.plan(self.keep.as_deref().unwrap_or("what-if"));
        let Some(compared) = looked.compared(&visitor, &plan).await? else { return Ok(Exit::Ok) };
        if session.out.is_json() && self.keep.is_none() {
            session.out.json(&compared)?;
            return Ok(Exit::Ok);
        }
        if !session.out.is_json() {
            let (out, currency) = (&session.out, looked.figures.currency);
            out.fields(&paint::footing(&compared.footing));
            offers::prospects_table(out, &[("plan", &compared.added)], currency);
            out.heading("as it is");
            outcome(out, &compared.now, currency);
            out.heading("with it");
            outcome(out, &compared.then, currency);
        }
        if self.keep.is_none() {
            return Ok(Exit::Ok);
        }
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let message = sender.named(stored.row.snapshot.run, "plan", json!(plan));
        session.send(&self.sending, stored.label(), vec![message]).await?;
        Ok(Exit::Ok)
    }
}

/// Shows where it will end.
pub fn outcome(out: &Out, outcome: &Outcome, currency: Currency) {
    if let Some(why) = &outcome.none {
        out.data(&format!("nothing is forecast: {why}"));
        return;
    }
    let ends = [("least", &outcome.least), ("most", &outcome.most)];
    for (end, forecast) in ends.into_iter().filter_map(|(end, forecast)| Some((end, forecast.as_ref()?))) {
        if outcome.most.is_some() {
            out.heading(&format!("if as {} counts as may be", if end == "least" { "little" } else { "much" }));
        }
        told(out, forecast, currency);
    }
}

fn told(out: &Out, forecast: &Projected, currency: Currency) {
    let error =
        |error: Option<String>| error.map_or_else(|| "not tried".to_owned(), |error| format!("{error} % wrong"));
    let tried = forecast.trials.iter().map(|trial| {
        format!(
            "{} {} over {} forecasts",
            trial.model.title(),
            error(trial.error.map(|error| error.to_string())),
            trial.forecasts
        )
    });
    let (coverage, widened) = (forecast.coverage, forecast.widened);
    let held = match coverage.of {
        0 => "nothing was tried".to_owned(),
        of => format!(
            "{} of {of} pasts fell into the narrow fan (50 %), {} into the wide one (80 %)",
            coverage.narrow, coverage.wide
        ),
    };
    // What was narrow enough to miss more than it should is drawn wider.
    let held = match widened == coverage {
        true => held,
        false => format!("{held}; widened by what they missed by: {} and {}", widened.narrow, widened.wide),
    };
    let day = |day: Option<Date>| day.map_or_else(|| "not before the end".to_owned(), |day| day.to_string());
    let fulfilled = forecast.fulfilled;
    out.fields(&[
        ("model", forecast.model.title().to_owned()),
        ("tried", tried.collect::<Vec<_>>().join("; ")),
        ("fan held", format!("{held}{}", if forecast.thin { "; thin: a hint of the width" } else { "" })),
        ("ends at", ending(forecast.end, currency)),
        ("shortfall", ending(forecast.shortfall, currency)),
        ("costs", cost(forecast, currency)),
        ("spent on", format!("{}; early {}, late {}", day(fulfilled.mid), day(fulfilled.early), day(fulfilled.late))),
    ]);
}

fn ending(ending: Ending, currency: Currency) -> String {
    let show = |amount: Amount| paint::amount(amount, currency);
    format!(
        "{} (50 %: {} to {}; 80 %: {} to {})",
        show(ending.mid),
        show(ending.low_50),
        show(ending.high_50),
        show(ending.low_80),
        show(ending.high_80)
    )
}

fn cost(forecast: &Projected, currency: Currency) -> String {
    let (mid, wide) = (&forecast.cost_mid, &forecast.cost);
    format!(
        "{} on {}, of which {} comes back; net {} (80 %: {})",
        paint::band(mid.cash, currency),
        mid.due,
        paint::band(mid.credit, currency),
        paint::band(mid.net, currency),
        paint::band(wide.net, currency)
    )
}
