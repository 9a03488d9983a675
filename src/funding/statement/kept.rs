//! The statements that the program makes itself once a month is over: signed, kept, and never made again.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    ids::{FundId, LegalEntityId, PartyId},
    mdf::{
        model::Statement as Issued,
        statement::{Period, Statement},
    },
};
use entente_store::{Store, StoredDocument};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{NoStatement, of_everybody};
use crate::{
    audit::key::SealKey,
    funding::versions::{self, Author},
    ledger::journals::Reader,
    offers::DeskError,
};

/// The kind of document that a kept statement is.
const STATEMENT: &str = "partner_statement";

/// The kind of document that says that a month has its statements.
const MONTH: &str = "statement_month";

/// In whose name they are made.
const BY: &str = "job/statements";

/// How long after a month its steps may still be on their way into the database.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// A kept statement.
#[derive(Debug, Clone, Serialize)]
pub struct KeptStatement {
    /// Whom it is for.
    pub partner: PartyId,
    /// The legal entity that owes.
    pub entity: LegalEntityId,
    /// The month, such as `2027-03`.
    pub month: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// SHA-256 of its file.
    pub sha256: String,
    /// Its file.
    #[serde(skip)]
    pub file: String,
}

/// That a month has its statements.
#[derive(Debug, Serialize, Deserialize)]
struct Month {
    first_day: jiff::civil::Date,
    statements: usize,
    /// How many lines name no rule, by fund.
    lines_without_rule: BTreeMap<FundId, u32>,
}

impl KeptStatement {
    fn read(stored: StoredDocument) -> Result<KeptStatement, DeskError> {
        let unreadable = || DeskError::Unreadable {
            what: format!("statement `{}`", stored.name),
            why: "its name is not that of a partner, a legal entity and a month".into(),
        };
        let mut parts = stored.name.splitn(3, '/');
        let mut part = || parts.next().ok_or_else(unreadable);
        let (partner, entity, month) = (part()?.parse()?, part()?.parse()?, part()?.to_owned());
        let StoredDocument { at: made_at, sha256, text: file, .. } = stored;
        Ok(KeptStatement { partner, entity, month, made_at, sha256, file })
    }
}

fn name(partner: &PartyId, entity: &LegalEntityId, month: &str) -> String {
    format!("{partner}/{entity}/{month}")
}

/// Every kept statement, by partner, legal entity and month.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<KeptStatement>, DeskError> {
    store.documents(STATEMENT).await?.into_iter().map(KeptStatement::read).collect()
}

/// The kept statement of a month, where there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(
    store: &dyn Store,
    (partner, entity): (&PartyId, &LegalEntityId),
    month: &str,
) -> Result<Option<KeptStatement>, DeskError> {
    let stored = store.document(STATEMENT, &name(partner, entity, month)).await?;
    stored.map(KeptStatement::read).transpose()
}

/// The statements of a fund as rules look at them: one for each month that has its statements.
///
/// # Errors
/// When the database cannot be read.
pub async fn issued(store: &dyn Store, fund: &FundId) -> Result<Vec<Issued>, DeskError> {
    let of_fund = |month: Month| Issued {
        month: month.first_day,
        signed: true,
        lines_without_rule: month.lines_without_rule.get(fund).copied().unwrap_or_default(),
    };
    Ok(months(store).await?.into_iter().map(of_fund).collect())
}

async fn months(store: &dyn Store) -> Result<Vec<Month>, DeskError> {
    let read = |stored: StoredDocument| {
        serde_json::from_str(&stored.text).map_err(|error| DeskError::Unreadable {
            what: format!("the statements of {}", stored.name),
            why: error.to_string(),
        })
    };
    store.documents(MONTH).await?.into_iter().map(read).collect()
}

/// Makes the statements of every month that is over and has none, and says of how many months and how many there are. A month that
/// was begun and not finished is finished; what is kept stays as it was signed.
///
/// # Errors
/// When the books do not make statements, or the database cannot be read or written.
pub async fn make_due(
    store: &dyn Store,
    key: &SealKey,
    zone: &str,
    now: Timestamp,
) -> Result<(usize, usize), NoStatement> {
    let Some(first) = Reader::after(0).next(store).await? else { return Ok((0, 0)) };
    let named = jiff::tz::TimeZone::get(zone)
        .map_err(|error| DeskError::Unreadable { what: format!("zone `{zone}`"), why: error.to_string() })?;
    let first = first.at.to_zoned(named).strftime("%Y-%m").to_string();
    let made: BTreeSet<_> = months(store).await?.into_iter().map(|month| month.first_day).collect();
    let (mut counted, mut statements) = (0, 0);
    let mut next = Some(Period::new(&first, zone)?);
    while let Some(period) = next.filter(|period| is_over(period, now)) {
        if !made.contains(&period.first_day()) {
            statements += make(store, key, &period, now).await?;
            counted += 1;
        }
        next = period.next();
    }
    Ok((counted, statements))
}

fn is_over(period: &Period, now: Timestamp) -> bool {
    period.ends_at().and_then(|end| end.checked_add(SETTLED_AFTER).ok()).is_some_and(|settled| settled <= now)
}

/// Makes the statements of a month that is over.
async fn make(store: &dyn Store, key: &SealKey, period: &Period, now: Timestamp) -> Result<usize, NoStatement> {
    let (by, month) = (Author { by: BY, at: now }, period.month());
    let all = of_everybody(store, period, now).await?;
    for made in &all {
        if find(store, (made.partner(), made.entity()), &month).await?.is_none() {
            let file = made.sign(&key.public(), |bytes| key.sign(bytes));
            let name = name(made.partner(), made.entity(), &month);
            versions::put(store, (STATEMENT, &name, 1), &String::from_utf8_lossy(&file), by).await?;
        }
    }
    let lines_without_rule = without_rule(&all);
    let said = Month { first_day: period.first_day(), statements: all.len(), lines_without_rule };
    versions::put(store, (MONTH, &month, 1), &serde_json::json!(said).to_string(), by).await?;
    Ok(all.len())
}

fn without_rule(all: &[Statement]) -> BTreeMap<FundId, u32> {
    let mut funds = BTreeMap::new();
    for section in all.iter().flat_map(Statement::sections) {
        let lines = u32::try_from(section.lines_without_rule()).unwrap_or(u32::MAX);
        let so_far: &mut u32 = funds.entry(section.fund.clone()).or_default();
        *so_far = so_far.saturating_add(lines);
    }
    funds
}
