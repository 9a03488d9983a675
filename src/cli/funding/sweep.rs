//! `entente fund sweep`: what may be done with money that is likely to lapse, and asking people for it.

use entente_core::{context::funding::FundPaper, ids::FundId, money::Money};
use jiff::civil::Date;
use serde_json::json;

use super::papers::{self, Label};
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, session::Session, submit::Trying},
    funding::sweep::{self, Proposal, Way},
};

/// Keep money from lapsing: give it back, pass it on to another fund, or extend the time
#[derive(Debug, clap::Subcommand)]
pub enum Sweep {
    /// Show what may be done with what a fund is likely to let lapse; nothing is written
    Propose(Label),
    /// Ask people for a release, a transfer or an extension; refused if the money has moved by then
    Ask(Ask),
}

/// Ask people for a release, a transfer or an extension
#[derive(Debug, clap::Args)]
pub struct Ask {
    #[command(flatten)]
    label: Label,
    /// What to do
    #[arg(value_enum, value_name = "WAY")]
    way: Which,
    /// How much to release or pass on, where that is not all that is proposed
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Option<Money>,
    /// The fund that is given it, by its own id
    #[arg(long, value_name = "FUND", required_if_eq("way", "reallocate"))]
    to: Option<FundId>,
    /// The new last day, where that is not the last that is proposed
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Trying,
}

/// The ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    Release,
    Reallocate,
    Extend,
}

impl Sweep {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        match self {
            Sweep::Propose(label) => {
                let proposal = proposed(session, &label.label).await?;
                shown(session, &proposal)
            }
            Sweep::Ask(ask) => ask.run(session).await,
        }
    }
}

async fn proposed(session: &Session, label: &str) -> Result<Proposal, Failure> {
    let fund = papers::find::<FundPaper>(session, label).await?;
    let scope = papers::reach(session, "fund", label)?;
    let proposal = sweep::proposal(session.app.store.as_ref(), &scope, &fund, session.app.clock.now()).await?;
    proposal
        .ok_or_else(|| Failure::new(Exit::Conflict, format!("`{label}` is not open; only open funds let money lapse")))
}

fn shown(session: &Session, proposal: &Proposal) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(proposal)?;
        return Ok(Exit::Ok);
    }
    let seen = &proposal.seen;
    session.out.fields(&[
        ("fund", seen.fund.to_string()),
        ("owner", seen.owner.to_string()),
        ("given", seen.given.to_string()),
        ("committed", seen.committed.to_string()),
        ("until", seen.until.to_string()),
        ("likely to lapse", seen.forecast.likely_to_lapse.to_string()),
    ]);
    let rows = proposal.ways.iter().map(|way| match way {
        Way::Release { amount, budget } => {
            vec!["release".into(), amount.to_string(), format!("budget {budget}"), seen.owner.to_string()]
        }
        Way::Reallocate { amount, to, owner } => {
            vec!["reallocate".into(), amount.to_string(), format!("fund {to}"), owner.to_string()]
        }
        Way::Extend { amount, until } => {
            vec!["extend".into(), amount.to_string(), format!("until {until}"), seen.owner.to_string()]
        }
    });
    session.out.table(&["way", "amount", "to", "owner"], &rows.collect::<Vec<_>>());
    if proposal.ways.is_empty() {
        session.out.say("nothing of it is likely to lapse, or a change of it is under way");
    }
    Ok(Exit::Ok)
}

impl Ask {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let label = &self.label.label;
        let proposal = proposed(session, label).await?;
        let way = proposal.ways.iter().find(|way| self.is(way)).ok_or_else(|| {
            let failure = Failure::new(Exit::Conflict, format!("that is not what can be done with `{label}` now"));
            failure.hint(format!("see what can be with `entente fund sweep propose {label}`"))
        })?;
        let given = proposal.seen.given;
        let data = match way {
            Way::Release { amount, .. } => self.less(given, *amount, None)?,
            Way::Reallocate { amount, to, .. } => self.less(given, *amount, Some(to))?,
            Way::Extend { until, .. } => {
                let last = self.until.unwrap_or(*until);
                if last > *until || last <= proposal.seen.until {
                    let message = format!("`{last}` is not a later day within the budget, which ends on {until}");
                    return Err(Failure::usage(message));
                }
                json!({ "until": last, "given": given, "reason": self.reason })
            }
        };
        papers::send::<FundPaper>(session, label, &self.sending.sending(), Action::ManageFunds, "change", data).await
    }

    fn is(&self, way: &Way) -> bool {
        match (self.way, way) {
            (Which::Release, Way::Release { .. }) | (Which::Extend, Way::Extend { .. }) => true,
            (Which::Reallocate, Way::Reallocate { to, .. }) => self.to.as_ref() == Some(to),
            _ => false,
        }
    }

    /// The fund with so much less.
    fn less(&self, given: Money, most: Money, to: Option<&FundId>) -> Result<serde_json::Value, Failure> {
        let amount = self.amount.unwrap_or(most);
        let wrong = amount.currency != most.currency || amount.minor <= 0 || amount.minor > most.minor;
        if wrong {
            return Err(Failure::usage(format!("{amount} is not an amount up to {most}, which is what can be moved")));
        }
        let left = given.minus(amount).map_err(|error| Failure::usage(error.to_string()))?;
        if left.minor == 0 {
            return Err(Failure::usage("nothing would be left in the fund").hint("pass on less, or close the fund"));
        }
        Ok(json!({ "amount": left, "to": to, "given": given, "reason": self.reason }))
    }
}
