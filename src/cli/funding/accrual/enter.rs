//! Entering sales reports: a run for each partner in one, or another report in the place of that of a run.

use std::{collections::BTreeSet, path::PathBuf};

use entente_core::{
    context::funding::{ACCRUAL_PARTNER_KEY, AccrualPaper, FundPaper, Paper as _},
    ids::{FundId, PartyId},
    mdf::{earnings::EarningPlan, model::FundKind},
    money::{Currency, Money},
    scope::Scope,
};
use entente_store::RunFilter;
use jiff::civil::Date;
use serde_json::json;

use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        funding::papers::{self, Label, Revise, Spoken as _},
        input,
        session::Session,
        submit::Sending,
    },
    funding::{
        plans,
        sales::{self, Report, Unusable},
        stored::{self, Stored},
    },
};

/// Enter a sales report: one run for each partner in it
///
/// The report is a CSV file with the columns that the plan names. Either every row is understood, or nothing is entered. A report
/// that was entered already is not entered again.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    report: Entered,
    /// Show what would be earned and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Submit it at once
    #[arg(long)]
    submit: bool,
    #[command(flatten)]
    sending: Sending,
}

/// A report and how it is read.
#[derive(Debug, clap::Args)]
struct Entered {
    /// The report
    #[arg(value_name = "SALES.CSV")]
    file: PathBuf,
    /// The plan, such as cloud-accrual@1
    #[arg(long, value_name = "NAME@VERSION")]
    plan: String,
    /// The first day of the period
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// Its last day
    #[arg(long, value_name = "DATE")]
    until: Date,
    /// The fund, where a partner has several that are earned
    #[arg(long, value_name = "ID")]
    fund: Option<FundId>,
    /// How many days partners have to doubt it
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    dispute_days: u32,
}

/// Enter another report, plan or period in the place of that of a run which is not approved yet
///
/// Of the report, the rows of the run's partner count.
#[derive(Debug, clap::Args)]
pub struct Anew {
    #[command(flatten)]
    label: Label,
    #[command(flatten)]
    report: Entered,
    #[command(flatten)]
    sending: Sending,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (papers, report) = self.report.read(session).await?;
        if self.dry_run {
            return planned(session, &papers, report.not_counted);
        }
        for paper in &papers {
            if let Some(label) = entered(session, paper).await? {
                session.out.say(&format!("`{}`: these sales are in `{label}` already", paper.partner));
                continue;
            }
            self.report.keep(session, paper, &report).await?;
            let sending = self.sending.clone().of(paper.partner.as_str());
            papers::create(session, paper, self.submit, &sending).await?;
        }
        Ok(Exit::Ok)
    }
}

impl Anew {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = papers::find::<AccrualPaper>(session, &self.label.label).await?;
        let was = &stored.sheet.paper;
        let fund = Some(self.report.fund.clone().unwrap_or_else(|| was.fund.clone()));
        let entered = Entered { fund, ..self.report };
        let (papers, report) = entered.read_of(session, Some(&was.partner)).await?;
        let Some(paper) = papers.into_iter().next() else {
            let message = format!("the report has no row of partner `{}`", was.partner);
            return Err(Failure::usage(message).hint("withdraw the run where nothing was sold"));
        };
        entered.keep(session, &paper, &report).await?;
        let revise = Revise { label: self.label, file: entered.file, sending: self.sending };
        papers::revise(session, &revise, &paper).await
    }
}

impl Entered {
    /// A paper for each partner in the report, and what was read. All are made before any is entered.
    async fn read(&self, session: &Session) -> Result<(Vec<AccrualPaper>, Report), Failure> {
        self.read_of(session, None).await
    }

    /// As [`Entered::read`], of one partner where it is given.
    async fn read_of(&self, session: &Session, only: Option<&PartyId>) -> Result<(Vec<AccrualPaper>, Report), Failure> {
        let name = input::name(&self.file);
        session.act(AccrualPaper::ACTION, "sales report", &name)?;
        let plan = plans::find(session.app.store.as_ref(), &self.plan).await?;
        let file = std::fs::File::open(&self.file)
            .map_err(|error| Failure::usage(format!("{name}: cannot be read: {error}")))?;
        let mut report =
            sales::read(&plan, self.from, self.until, file).map_err(|wrong| unusable(session, &name, wrong))?;
        report.sales.retain(|partner, _| only.is_none_or(|only| only == partner));
        let papers = self.papers(session, &plan, &report).await?;
        Ok((papers, report))
    }

    /// Keeps the rows behind a paper.
    async fn keep(&self, session: &Session, paper: &AccrualPaper, report: &Report) -> Result<(), Failure> {
        let home = crate::funding::launch::home(paper)?;
        let actor = papers::actor::<AccrualPaper>(session, AccrualPaper::ACTION, &paper.title(), &home)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let rows = report.sales.get(&paper.partner).map(Vec::as_slice).unwrap_or_default();
        sales::put(store, &self.plan, rows, actor.person.as_str(), now).await?;
        Ok(())
    }

    async fn papers(
        &self,
        session: &Session,
        plan: &EarningPlan,
        report: &Report,
    ) -> Result<Vec<AccrualPaper>, Failure> {
        let store = session.app.store.as_ref();
        let funds = stored::papers::<FundPaper>(store, &Scope::vendor(), RunFilter::default()).await?;
        let mut papers = Vec::new();
        for (partner, rows) in &report.sales {
            let fund = own_fund(&funds, partner, plan.currency, self.fund.as_ref())?;
            let overflow = |error: entente_core::money::MoneyError| Failure::usage(error.to_string());
            let lines = plan.earned(rows).map_err(overflow)?;
            let paper = AccrualPaper {
                partner: partner.clone(),
                legal_entity: fund.legal_entity.clone(),
                fund: fund.fund.clone(),
                plan: self.plan.clone(),
                from: self.from,
                until: self.until,
                sales: sales::named(&self.plan, rows),
                earned: Money::sum(plan.currency, lines.iter().map(|line| line.earned)).map_err(overflow)?,
                lines,
                dispute_days: self.dispute_days,
            };
            paper.check().map_err(|error| Failure::usage(error.to_string()))?;
            papers.push(paper);
        }
        Ok(papers)
    }
}

/// The partner's only open fund in a currency that is filled by what it earns; the named one, where one is named.
fn own_fund<'a>(
    funds: &'a [Stored<FundPaper>],
    partner: &PartyId,
    currency: Currency,
    named: Option<&FundId>,
) -> Result<&'a FundPaper, Failure> {
    let own = BTreeSet::from([partner.clone()]);
    let mut fitting = funds
        .iter()
        .filter(|fund| fund.has("open"))
        .map(|fund| &fund.sheet.paper)
        .filter(|fund| fund.kind == FundKind::Accrual && fund.partners == own && fund.amount.currency == currency)
        .filter(|fund| named.is_none_or(|named| fund.fund == *named));
    match (fitting.next(), fitting.next()) {
        (Some(fund), None) => Ok(fund),
        (None, _) => {
            let message = format!("partner `{partner}` has no such open fund of kind `accrual` in {currency}");
            let failure = Failure::new(Exit::NotFound, message);
            Err(failure.hint("open one for it alone with `entente fund create`, or take its rows out of the report"))
        }
        (Some(one), Some(other)) => {
            let message =
                format!("partner `{partner}` has two open funds that are earned: `{}` and `{}`", one.fund, other.fund);
            Err(Failure::new(Exit::Conflict, message).hint("name the one that is meant with --fund"))
        }
    }
}

/// The run in which the same sales are entered already.
async fn entered(session: &Session, paper: &AccrualPaper) -> Result<Option<String>, Failure> {
    let store = session.app.store.as_ref();
    let runs: Vec<Stored<AccrualPaper>> = stored::by_key(store, ACCRUAL_PARTNER_KEY, paper.partner.as_str()).await?;
    let same = |run: &&Stored<AccrualPaper>| {
        run.sheet.paper.sales == paper.sales && !run.has("failure") && !run.has("cancelled")
    };
    Ok(runs.iter().find(same).map(|run| run.label().to_owned()))
}

fn unusable(session: &Session, name: &str, wrong: Unusable) -> Failure {
    if let Unusable::Rows(rows) = &wrong {
        for row in rows {
            session.out.warn(&format!("{name}: {row}"));
        }
    }
    Failure::usage(format!("{name}: {wrong}; nothing was entered"))
}

fn planned(session: &Session, papers: &[AccrualPaper], not_counted: u64) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(&json!({ "papers": papers, "not_counted": not_counted }))?;
        return Ok(Exit::Ok);
    }
    let rows = papers.iter().flat_map(|paper| {
        paper.lines.iter().map(move |line| {
            let (sales, returns) = (line.sales.to_string(), line.returns.to_string());
            let (net, rate, earned) = (line.net.to_string(), line.rate.to_string(), line.earned.to_string());
            vec![
                paper.partner.to_string(),
                paper.fund.to_string(),
                line.line.clone(),
                sales,
                returns,
                net,
                rate,
                earned,
            ]
        })
    });
    let heading = ["partner", "fund", "product line", "sales", "returns", "net", "rate", "earned"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    session.out.say(&format!("{not_counted} rows sell what earns nothing; nothing was written"));
    Ok(Exit::Ok)
}
