//! Returns on the command line: recording what an activity brought, and reporting it beside what was paid.

use std::{collections::BTreeMap, path::PathBuf};

use entente_core::{
    context::funding::{PartnerPaper, REQUEST_FUND_KEY, REQUEST_PARTNER_KEY, REQUEST_PLAY_KEY, RequestPaper},
    mdf::returns::{CustomWeights, Figures, Model, Record},
    money::Currency,
};
use entente_store::Error as StoreError;

use super::papers;
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, output::instant, session::Session},
    funding::{
        packs,
        returns::{self, NoReport, NotRecorded, Report},
        stored::{self, Stored},
    },
};

/// Record what an activity brought
#[derive(Debug, clap::Args)]
pub struct Outcome {
    /// The request, such as REQ-2027-00007
    #[arg(value_name = "LABEL")]
    label: String,
    /// What it brought: `after_days`, `leads` and `deals`; without it, what was recorded is listed
    #[arg(value_name = "FILE.YAML")]
    file: Option<PathBuf>,
    /// Why this takes the place of the report that is there
    #[arg(long, value_name = "TEXT", value_parser = input::said, requires = "file")]
    correcting: Option<String>,
}

/// Show what was brought for what was paid
#[derive(Debug, clap::Args)]
pub struct Returns {
    /// What to report on
    #[arg(value_name = "ID")]
    name: String,
    /// How deals are credited to the requests that touched them
    #[arg(long, value_enum, default_value = "equal", value_name = "MODEL")]
    model: Crediting,
    /// What was agreed for single deals, for the model `custom`
    #[arg(long, value_name = "FILE.YAML", required_if_eq("model", "custom"))]
    weights: Option<PathBuf>,
    /// By the reports of at most so many days after each activity
    #[arg(long, value_name = "DAYS")]
    after: Option<u32>,
    /// List the records and the journals behind each sum
    #[arg(long)]
    explain: bool,
}

/// The models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Crediting {
    Equal,
    FirstTouch,
    LastTouch,
    Custom,
}

/// What requests are chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The play that they name.
    Play,
    /// Their own label.
    Request,
    /// Whose they are: an id or a label.
    Partner,
    /// The fund that pays: an id.
    Fund,
}

impl Outcome {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let Some(file) = self.file else { return recorded(session, &self.label).await };
        let text = input::document(&file)?;
        let record = Record::from_yaml(&input::name(&file), &text)?;
        let asked = papers::find::<RequestPaper>(session, &self.label).await?;
        let home = &asked.row.snapshot.home;
        let actor = papers::actor::<RequestPaper>(session, Action::AskForFunds, &self.label, home)?;
        offers_exist(session, &asked, &record).await?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let fund = stored::fund(store, &asked.sheet.paper.fund).await?;
        let pack = packs::find(store, &fund.sheet.paper.pack).await?;
        let kept = returns::record(store, &asked, record, self.correcting, (&pack, &actor.person, now)).await;
        let kept = kept.map_err(|error| match error {
            NotRecorded::Records(error) => Failure::from(error),
            NotRecorded::OtherDay { .. } | NotRecorded::NothingToCorrect(_) => Failure::usage(error.to_string()),
            _ => Failure::new(Exit::Conflict, error.to_string()),
        })?;
        session.out.data(&kept.named());
        Ok(Exit::Ok)
    }
}

/// Every offer that a record names is there. A partner's person names those of the request: of others it learns nothing.
async fn offers_exist(session: &Session, asked: &Stored<RequestPaper>, record: &Record) -> Result<(), Failure> {
    for (at, deal) in record.deals.iter().enumerate() {
        let Some(offer) = &deal.offer else { continue };
        let known = match session.party() {
            Some(_) => asked.sheet.paper.offers.contains(offer),
            None => match session.offer(offer).await {
                Ok(_) => true,
                Err(failure) if failure.exit == Exit::NotFound => false,
                Err(failure) => return Err(failure),
            },
        };
        if !known {
            let remedy = "correct the label, or leave it out";
            return Err(Failure::usage(format!("field `/deals/{at}/offer`: there is no offer `{offer}`; {remedy}")));
        }
    }
    Ok(())
}

async fn recorded(session: &Session, label: &str) -> Result<Exit, Failure> {
    let asked = papers::find::<RequestPaper>(session, label).await?;
    let request = asked.label().parse().map_err(crate::offers::DeskError::from)?;
    let records = returns::of_request(session.app.store.as_ref(), &request).await?;
    if session.out.is_json() {
        session.out.json(&records)?;
        return Ok(Exit::Ok);
    }
    let rows = records.iter().map(|kept| {
        let corrects = kept.corrects.map_or_else(|| "-".into(), |number| format!("#{number}"));
        vec![
            kept.named(),
            kept.record.after_days.to_string(),
            kept.record.leads.to_string(),
            kept.record.deals.len().to_string(),
            instant(kept.at),
            kept.by.to_string(),
            corrects,
            kept.reason.clone().unwrap_or_default(),
        ]
    });
    let heading = ["record", "after days", "leads", "deals", "recorded", "by", "corrects", "because"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    if records.is_empty() {
        session.out.say("nothing is recorded");
    }
    Ok(Exit::Ok)
}

impl Returns {
    pub(super) async fn run(self, session: &Session, by: By) -> Result<Exit, Failure> {
        let scope = papers::reach(session, "report of returns", &self.name)?;
        if session.party().is_some() {
            // Parts of a deal tell that somebody else has touched it.
            let failure = Failure::new(Exit::Forbidden, "reports of returns are for the vendor's own people");
            return Err(failure.hint("see what you have recorded with `entente request outcome <label>`"));
        }
        let model = self.model()?;
        let mut requests = chosen(session, by, &self.name).await?;
        requests.retain(|request| scope.reaches(&request.row.snapshot.home));
        requests.sort_by(|a, b| a.label().cmp(b.label()));
        let report = returns::report(session.app.store.as_ref(), &requests, &model, self.after).await;
        let report = report.map_err(|error| match error {
            NoReport::Records(error) => Failure::from(error),
            NoReport::Model(_) | NoReport::Sums(_) => Failure::usage(error.to_string()),
        })?;
        if session.out.is_json() {
            session.out.json(&report)?;
            return Ok(Exit::Ok);
        }
        told(session, &report);
        if self.explain {
            explained(session, &report);
        }
        Ok(Exit::Ok)
    }

    fn model(&self) -> Result<Model, Failure> {
        Ok(match self.model {
            Crediting::Equal => Model::Equal,
            Crediting::FirstTouch => Model::FirstTouch,
            Crediting::LastTouch => Model::LastTouch,
            Crediting::Custom => {
                let file = self.weights.clone().unwrap_or_default();
                Model::Custom(CustomWeights::from_yaml(&input::name(&file), &input::document(&file)?)?)
            }
        })
    }
}

async fn chosen(session: &Session, by: By, name: &str) -> Result<Vec<Stored<RequestPaper>>, Failure> {
    let store = session.app.store.as_ref();
    let key = match by {
        By::Request => return Ok(vec![papers::find::<RequestPaper>(session, name).await?]),
        By::Play => REQUEST_PLAY_KEY,
        By::Partner => REQUEST_PARTNER_KEY,
        By::Fund => REQUEST_FUND_KEY,
    };
    let id = match by {
        By::Partner if name.starts_with("PTN-") => {
            papers::find::<PartnerPaper>(session, name).await?.sheet.paper.partner.to_string()
        }
        _ => name.to_owned(),
    };
    let requests = stored::by_key::<RequestPaper>(store, key, &id).await?;
    if requests.is_empty() {
        let kind = match by {
            By::Play => "request for play",
            By::Partner => "request of partner",
            _ => "request on fund",
        };
        return Err(StoreError::NotFound { kind, id }.into());
    }
    Ok(requests)
}

/// Pipeline, won revenue, cost and what came of each unit, in one currency.
fn cells(figures: &Figures) -> Vec<String> {
    let ratio =
        |ratio: Option<entente_core::mdf::returns::Ratio>| ratio.map_or_else(|| "-".into(), |it| it.to_string());
    vec![
        figures.pipeline.to_string(),
        figures.won.to_string(),
        figures.cost.to_string(),
        ratio(figures.pipeline_per_unit),
        ratio(figures.won_per_unit),
    ]
}

fn told(session: &Session, report: &Report) {
    let money = ["pipeline", "won", "cost", "pipeline per unit", "won per unit"];
    let heading: Vec<&str> = ["request", "partner", "record", "leads"].into_iter().chain(money).collect();
    let line = |first: [String; 4], figures: &BTreeMap<Currency, Figures>| -> Vec<Vec<String>> {
        let none = vec![first.iter().cloned().chain(money.map(|_| "-".to_owned())).collect()];
        let rows: Vec<Vec<String>> =
            figures.values().map(|one| first.iter().cloned().chain(cells(one)).collect()).collect();
        if rows.is_empty() { none } else { rows }
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for one in &report.requests {
        let record = one.record.clone().unwrap_or_else(|| "-".into());
        let first = [one.request.to_string(), one.partner.clone(), record, one.leads.to_string()];
        rows.extend(line(first, &one.figures));
    }
    let all = ["all".to_owned(), String::new(), String::new(), report.leads.to_string()];
    rows.extend(line(all, &report.figures));
    session.out.table(&heading, &rows);
    session.out.say(&format!("deals are credited by the model `{}`; another one changes no payment", report.model));
}

fn explained(session: &Session, report: &Report) {
    session.out.heading("Where pipeline and won revenue come from");
    let rows = report.credits.iter().map(|one| {
        vec![
            one.credit.request.to_string(),
            one.deal.to_string(),
            one.stage.word().to_owned(),
            one.offer.clone().unwrap_or_else(|| "-".into()),
            one.worth.to_string(),
            format!("{}/{}", one.credit.part, one.credit.of),
            one.credit.amount.to_string(),
            one.told_by.clone(),
        ]
    });
    let heading = ["request", "deal", "stage", "offer", "worth", "weight", "credited", "by record"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    session.out.heading("Where the cost comes from");
    let rows = report.costs.iter().map(|one| {
        vec![
            one.request.to_string(),
            one.journal.clone(),
            one.fund.clone(),
            one.movement.to_string(),
            one.about.clone(),
            one.amount.to_string(),
        ]
    });
    session.out.table(&["request", "journal", "fund", "movement", "about", "paid"], &rows.collect::<Vec<_>>());
}
