//! What is granted to each partner in each fund, and how much of it lapses when, unless it is claimed.

use std::collections::BTreeSet;

use entente_core::{
    context::funding::{FundPaper, REQUEST_FUND_KEY, RequestPaper},
    ids::{FundId, PartyId, PersonId},
    ledger::Account,
    money::Money,
    scope::{Parties, Scope},
};
use entente_store::{AccountBalance, BalanceFilter, RunFilter, Store};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    packs,
    position::Position,
    stored::{self, Stored},
    utilisation::{self, Seen},
};
use crate::offers::DeskError;

/// What is granted to a partner in a fund.
#[derive(Debug, Clone, Serialize)]
pub struct Granted {
    /// The partner.
    pub partner: PartyId,
    /// The fund.
    pub fund: FundId,
    /// Who answers for the fund.
    pub owner: PersonId,
    /// What was granted to the partner, however far that has come.
    pub granted: Money,
    /// What approved claims and orders take of it, and is not paid.
    pub claimed: Money,
    /// What was paid of it.
    pub paid: Money,
    /// What is held, and not claimed.
    pub unclaimed: Money,
    /// What is likely to lapse of what is free, where the fund is for this partner alone.
    pub free_and_likely_to_lapse: Money,
    /// The first day after which some of it lapses.
    pub until: Option<Date>,
    /// How many days are left until then, the present one included; none once it is over.
    pub days_left: Option<i64>,
    /// What lapses within thirty days unless it is used.
    pub lapses_in_30: Money,
    /// What lapses within sixty days unless it is used.
    pub lapses_in_60: Money,
    /// What lapses within ninety days unless it is used.
    pub lapses_in_90: Money,
    /// The requests that hold what is not claimed, the first to lapse first.
    pub requests: Vec<Unclaimed>,
}

/// A request that holds money which nobody has claimed.
#[derive(Debug, Clone, Serialize)]
pub struct Unclaimed {
    /// Its label.
    pub request: String,
    /// Who asked for it.
    pub asked_by: Option<PersonId>,
    /// How much.
    pub unclaimed: Money,
    /// The last day for claims that need nobody's consent, in the programme's zone.
    pub until: Date,
    /// How many days are left, the present one included; none once it is over.
    pub days_left: i64,
}

/// What is granted in every fund in reach that has not ended, partner by partner, what lapses first at the top. A fund whose time is
/// over still holds what was granted of it.
///
/// # Errors
/// When the database cannot be read, or amounts do not add.
pub async fn of_funds(store: &dyn Store, scope: &Scope, now: Timestamp) -> Result<Vec<Granted>, DeskError> {
    let open = utilisation::open_funds(store, scope, now).await?;
    let filter = RunFilter { ended: Some(false), ..RunFilter::default() };
    let mut shares = Vec::new();
    let funds = stored::papers::<FundPaper>(store, scope, filter).await?;
    // What people have not agreed to yet holds nothing, and may name a pack that is not there.
    for fund in funds.iter().filter(|fund| fund.sheet.course.allocated.is_some()) {
        let paper = &fund.sheet.paper;
        let seen = open.iter().find(|seen| seen.fund == paper.fund);
        shares.extend(of_fund(store, scope, (paper, seen), now).await?);
    }
    shares.sort_by_key(|share| (share.days_left.unwrap_or(i64::MAX), share.partner.clone(), share.fund.clone()));
    Ok(shares)
}

async fn of_fund(
    store: &dyn Store,
    scope: &Scope,
    (paper, seen): (&FundPaper, Option<&Seen>),
    now: Timestamp,
) -> Result<Vec<Granted>, DeskError> {
    let zone = packs::find(store, &paper.pack).await?.zone;
    let requests: Vec<Stored<RequestPaper>> = stored::by_key(store, REQUEST_FUND_KEY, paper.fund.as_str()).await?;
    let stands = balances(store, scope, paper, true).await?;
    let alone = paper.partners.iter().next().filter(|_| paper.partners.len() == 1);
    let partners: BTreeSet<&PartyId> = requests.iter().map(|one| &one.sheet.paper.partner).chain(alone).collect();
    let mut shares = Vec::new();
    for partner in partners {
        let theirs = requests.iter().filter(|one| one.sheet.paper.partner == *partner);
        let mut open = Vec::new();
        for request in theirs {
            open.extend(unclaimed(request, &stands, (&zone, now))?);
        }
        open.sort_by_key(|one| (one.until, one.request.clone()));
        // Whatever is booked for a partner is booked by a run of that partner: what others have stays out.
        let reach = Scope { parties: Parties::Only(partner.clone()), ..scope.clone() };
        let own = balances(store, &reach, paper, false).await?;
        let own = own.into_iter().map(|at| (at.account, Money { minor: at.minor, ..paper.amount })).collect();
        let position = Position::of(&own, paper.amount.currency)?;
        let lapses = seen.filter(|_| alone == Some(partner));
        let something = position.granted.minor != 0 || lapses.is_some();
        shares.extend(something.then(|| share(partner, (paper, lapses), &position, open)).transpose()?);
    }
    Ok(shares)
}

async fn balances(
    store: &dyn Store,
    scope: &Scope,
    paper: &FundPaper,
    by_key: bool,
) -> Result<Vec<AccountBalance>, DeskError> {
    let (fund, currency) = (Some(paper.fund.to_string()), Some(paper.amount.currency));
    Ok(store.balances(scope, &BalanceFilter { fund, currency, as_of: None, by_key }).await?)
}

/// What a request holds: under its own key, and under those of what it was amended by.
fn unclaimed(
    request: &Stored<RequestPaper>,
    stands: &[AccountBalance],
    (zone, now): (&TimeZone, Timestamp),
) -> Result<Option<Unclaimed>, DeskError> {
    let key = RequestPaper::ledger_key(request.label());
    let own = |at: &&AccountBalance| {
        let rest = at.key.strip_prefix(&key);
        at.account == Account::Reserved && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let currency = request.sheet.paper.amount.currency;
    let held = stands.iter().filter(own).map(|at| Money { minor: at.minor, currency });
    let held = Money::sum(currency, held)?;
    let Some(ends) = request.sheet.claims_end().filter(|_| held.minor > 0) else { return Ok(None) };
    // It ends with the midnight that follows the last day.
    let last = ends.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(ends);
    let (until, today) = (zone.to_datetime(last).date(), zone.to_datetime(now).date());
    let days = today.until(until).map_or(0, |span| i64::from(span.get_days()));
    Ok(Some(Unclaimed {
        request: request.label().to_owned(),
        asked_by: request.sheet.course.requested_by.clone(),
        unclaimed: held,
        until,
        days_left: (days + 1).max(0),
    }))
}

fn share(
    partner: &PartyId,
    (paper, alone): (&FundPaper, Option<&Seen>),
    position: &Position,
    requests: Vec<Unclaimed>,
) -> Result<Granted, DeskError> {
    let zero = Money::zero(paper.amount.currency);
    let free = alone.map_or(zero, |seen| seen.forecast.likely_to_lapse);
    let held = requests.iter().map(|one| (one.until, one.days_left, one.unclaimed));
    let own = alone.filter(|_| free.minor > 0).map(|seen| (seen.until, seen.forecast.days_left, free));
    let all: Vec<(Date, i64, Money)> = held.chain(own).collect();
    let within = |days: i64| {
        let due = all.iter().filter(|(_, left, _)| *left <= days).map(|(.., amount)| *amount);
        Money::sum(zero.currency, due)
    };
    let first = all.iter().min_by_key(|(until, ..)| *until);
    Ok(Granted {
        partner: partner.clone(),
        fund: paper.fund.clone(),
        owner: paper.owner.clone(),
        granted: position.granted,
        claimed: position.claimed,
        paid: position.paid,
        unclaimed: position.reserved,
        free_and_likely_to_lapse: free,
        until: first.map(|(until, ..)| *until),
        days_left: first.map(|(_, left, _)| *left),
        lapses_in_30: within(30)?,
        lapses_in_60: within(60)?,
        lapses_in_90: within(90)?,
        requests,
    })
}
