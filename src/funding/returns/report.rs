//! What requests brought and cost: deals credited by a model, what the ledger says was paid, and the return on it.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{CLAIM_REQUEST_KEY, ClaimPaper, ORDER_REQUEST_KEY, OrderPaper, RequestPaper},
    ids::{DealId, RequestId},
    ledger::{Account, Entry, PostingAction},
    mdf::returns::{Credit, Deal, Figures, Model, NoCredit, Stage, Touch, credits, figures},
    money::{Currency, Money, MoneyError},
};
use entente_store::Store;
use serde::Serialize;

use super::records::{self, Kept, in_force};
use crate::{
    funding::stored::{self, Stored},
    ledger::journals::Reader,
    offers::DeskError,
};

/// What is reported on.
#[derive(Debug, Clone, Serialize)]
pub struct Of {
    /// The label.
    pub request: RequestId,
    /// Whose it is.
    pub partner: String,
    /// Out of which fund it is paid.
    pub fund: String,
    /// The play that it names.
    pub play: Option<String>,
    /// The record that counts; absent where nothing was reported.
    pub record: Option<String>,
    /// How many leads there were.
    pub leads: u32,
    /// What it brought and cost.
    pub figures: BTreeMap<Currency, Figures>,
}

/// What of a deal is credited to a request.
#[derive(Debug, Clone, Serialize)]
pub struct Credited {
    /// The deal.
    pub deal: DealId,
    /// How far it is.
    pub stage: Stage,
    /// What the whole deal is worth.
    pub worth: Money,
    /// The private offer that it became.
    pub offer: Option<String>,
    /// The record that says how the deal stands, the newest of all that name it.
    pub told_by: String,
    /// The request's part.
    #[serde(flatten)]
    pub credit: Credit,
}

/// A booking that changed what was paid for a request.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// The request.
    pub request: RequestId,
    /// The journal, as `entente ledger show` numbers it.
    pub journal: String,
    /// The fund.
    pub fund: String,
    /// The movement.
    pub movement: PostingAction,
    /// What it was about.
    pub about: String,
    /// How much more, or less, was paid by it.
    pub amount: Money,
}

/// What requests brought and cost.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The model by which deals are credited.
    pub model: &'static str,
    /// All together.
    pub figures: BTreeMap<Currency, Figures>,
    /// How many leads there were.
    pub leads: u64,
    /// Request by request.
    pub requests: Vec<Of>,
    /// Where pipeline and won revenue come from.
    pub credits: Vec<Credited>,
    /// Where the cost comes from.
    pub costs: Vec<Cost>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum NoReport {
    /// The model does not fit what was reported.
    #[error(transparent)]
    Model(#[from] NoCredit),
    /// Sums are too large.
    #[error(transparent)]
    Sums(#[from] MoneyError),
    /// The records could not be read.
    #[error(transparent)]
    Records(#[from] DeskError),
}

impl From<entente_store::Error> for NoReport {
    fn from(error: entente_store::Error) -> NoReport {
        NoReport::Records(error.into())
    }
}

/// What these requests brought and cost, by the reports of at most so many days after the activity where that is given.
///
/// # Errors
/// When the model names a request that did not touch a deal, a sum is too large, or the records cannot be read.
pub async fn report(
    store: &dyn Store,
    requests: &[Stored<RequestPaper>],
    model: &Model,
    after: Option<u32>,
) -> Result<Report, NoReport> {
    let mut known = Known { after, records: BTreeMap::new() };
    let mut deals: BTreeSet<DealId> = BTreeSet::new();
    for request in requests {
        let record = known.of(store, &id(request)?).await?;
        deals.extend(record.iter().flat_map(|kept| &kept.record.deals).map(|deal| deal.deal.clone()));
    }
    let ours: BTreeSet<RequestId> = requests.iter().map(id).collect::<Result<_, _>>()?;
    let mut credited = Vec::new();
    for deal in deals {
        let all = divided(store, &mut known, model, &deal).await?;
        credited.extend(all.into_iter().filter(|one| ours.contains(&one.credit.request)));
    }
    let costs = paid(store, requests).await?;
    let mut of = Vec::new();
    for request in requests {
        of.push(one(request, &mut known, store, (&credited, &costs)).await?);
    }
    Ok(Report {
        model: model.name(),
        figures: sums(&credited, &costs, |_| true)?,
        leads: of.iter().map(|one| u64::from(one.leads)).sum(),
        requests: of,
        credits: credited,
        costs,
    })
}

fn id(request: &Stored<RequestPaper>) -> Result<RequestId, DeskError> {
    Ok(request.label().parse()?)
}

fn sums(
    credited: &[Credited],
    costs: &[Cost],
    of: impl Fn(&RequestId) -> bool,
) -> Result<BTreeMap<Currency, Figures>, MoneyError> {
    let ours = credited.iter().filter(|one| of(&one.credit.request)).map(|one| (one.stage, one.credit.amount));
    figures(ours, costs.iter().filter(|one| of(&one.request)).map(|one| one.amount))
}

async fn one(
    request: &Stored<RequestPaper>,
    known: &mut Known,
    store: &dyn Store,
    (credited, costs): (&[Credited], &[Cost]),
) -> Result<Of, NoReport> {
    let label = id(request)?;
    let record = known.of(store, &label).await?;
    let paper = &request.sheet.paper;
    Ok(Of {
        partner: paper.partner.to_string(),
        fund: paper.fund.to_string(),
        play: paper.play.clone(),
        leads: record.as_ref().map_or(0, |kept| kept.record.leads),
        record: record.map(|kept| kept.named()),
        figures: sums(credited, costs, |one| *one == label)?,
        request: label,
    })
}

/// The records that count, each read once.
struct Known {
    after: Option<u32>,
    records: BTreeMap<RequestId, Option<Kept>>,
}

impl Known {
    async fn of(&mut self, store: &dyn Store, request: &RequestId) -> Result<Option<Kept>, DeskError> {
        if let Some(known) = self.records.get(request) {
            return Ok(known.clone());
        }
        let all = records::of_request(store, request).await?;
        let counts = in_force(&all, self.after).cloned();
        self.records.insert(request.clone(), counts.clone());
        Ok(counts)
    }
}

/// What of a deal is credited to each request that touched it. How the deal stands, its newest record says.
async fn divided(
    store: &dyn Store,
    known: &mut Known,
    model: &Model,
    deal: &DealId,
) -> Result<Vec<Credited>, NoReport> {
    let mut told: Vec<(Kept, Deal)> = Vec::new();
    for request in records::that_reported(store, deal).await? {
        let Some(kept) = known.of(store, &request).await? else { continue };
        let found = kept.record.deals.iter().find(|one| one.deal == *deal).cloned();
        told.extend(found.map(|found| (kept, found)));
    }
    let touches: Vec<Touch> =
        told.iter().map(|(kept, deal)| Touch { request: kept.request.clone(), on: deal.touched_on }).collect();
    let newest = told.iter().max_by_key(|(kept, _)| (kept.at, kept.named()));
    let Some((kept, stands)) = newest else { return Ok(Vec::new()) };
    let credits = credits(model, deal, stands.amount, &touches)?.into_iter().map(|credit| Credited {
        deal: deal.clone(),
        stage: stands.stage,
        worth: stands.amount,
        offer: stands.offer.clone(),
        told_by: kept.named(),
        credit,
    });
    Ok(credits.collect())
}

/// Every booking by which what was paid for these requests grew or shrank.
async fn paid(store: &dyn Store, requests: &[Stored<RequestPaper>]) -> Result<Vec<Cost>, NoReport> {
    let mut of_claim = BTreeMap::new();
    for request in requests {
        let claims = stored::by_key::<ClaimPaper>(store, CLAIM_REQUEST_KEY, request.label()).await?;
        let label = id(request)?;
        of_claim.extend(claims.iter().map(|claim| (claim.label().to_owned(), label.clone())));
        let orders = stored::by_key::<OrderPaper>(store, ORDER_REQUEST_KEY, request.label()).await?;
        of_claim.extend(orders.iter().map(|order| (order.label().to_owned(), label.clone())));
        of_claim.insert(request.label().to_owned(), label);
    }
    let funds: BTreeSet<String> = requests.iter().map(|request| request.sheet.paper.fund.to_string()).collect();
    let mut costs = Vec::new();
    for fund in funds {
        let mut reader = Reader::of(fund.clone());
        while let Some(journal) = reader.next(store).await? {
            let about = |entry: &&Entry| is_paid(entry.account) && subject(&entry.key).is_some();
            let Some(entry) = journal.entries.iter().find(about) else { continue };
            let Some(request) = subject(&entry.key).and_then(|subject| of_claim.get(subject)) else { continue };
            let minor: i64 = journal.entries.iter().filter(|one| is_paid(one.account)).map(|one| one.minor).sum();
            if minor != 0 {
                costs.push(Cost {
                    request: request.clone(),
                    journal: format!("J-{}", journal.no),
                    fund: fund.clone(),
                    movement: journal.posting.action,
                    about: entry.key.clone(),
                    amount: Money { minor, currency: entry.currency },
                });
            }
        }
    }
    Ok(costs)
}

/// What is claimed back counts as paid until it has come.
fn is_paid(account: Account) -> bool {
    matches!(account, Account::Paid | Account::Clawback | Account::Prepaid)
}

/// The request or claim that a key of the ledger is about: the second part of `payable/CLM-2027-00001/nordlicht`.
fn subject(key: &str) -> Option<&str> {
    key.split('/').nth(1)
}
