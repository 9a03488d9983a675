//! A partner's statement of a month: what was owed to it, what happened and by which rule, and what is owed.

mod basis;
mod kept;

use std::collections::BTreeMap;

use entente_core::{
    ids::{LegalEntityId, PartyId},
    ledger::{Account, Posting, PostingAction},
    mdf::statement::{Line, NotAPeriod, Period, Section, SectionError, Statement, owed_after},
    money::{Currency, Money},
};
use entente_store::Store;
use jiff::Timestamp;

use crate::{ledger::journals::Reader, offers::DeskError};
use basis::Claims;
pub use kept::{KeptStatement, find, issued, list, make_due};

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum NoStatement {
    /// The text is no month.
    #[error(transparent)]
    Period(#[from] NotAPeriod),
    /// What was booked does not add up.
    #[error("the books do not make a statement, so none is given: {0}; run `entente ledger verify`")]
    Sections(#[from] SectionError),
    /// The records could not be read.
    #[error(transparent)]
    Records(#[from] DeskError),
}

impl From<entente_store::Error> for NoStatement {
    fn from(error: entente_store::Error) -> NoStatement {
        NoStatement::Records(error.into())
    }
}

/// Whom something is owed to, and by which legal entity.
type Between = (PartyId, LegalEntityId);

/// What is owed between two, by fund and currency.
type Owing = BTreeMap<(String, Currency), Owed>;

/// What one fund owes in one currency, as it is read.
#[derive(Default)]
struct Owed {
    opening: i64,
    closing: i64,
    lines: Vec<Line>,
}

/// The statement of what a legal entity owes a partner, for a month such as `2027-03` in an IANA zone, as it stands now.
///
/// # Errors
/// When the month is none, the records cannot be read, or they do not add up.
pub async fn of_month(
    store: &dyn Store,
    (partner, entity): (&PartyId, &LegalEntityId),
    (month, zone): (&str, &str),
    now: Timestamp,
) -> Result<Statement, NoStatement> {
    let period = Period::new(month, zone)?;
    let between = (partner.clone(), entity.clone());
    let owing = read(store, &period, Some(&between)).await?.remove(&between).unwrap_or_default();
    Ok(statement(between, &period, owing)?.as_of(now))
}

/// The statements of everybody who was owed something in a month, or owed it, as they stand now.
///
/// # Errors
/// As [`of_month`].
async fn of_everybody(store: &dyn Store, period: &Period, now: Timestamp) -> Result<Vec<Statement>, NoStatement> {
    let all = read(store, period, None).await?.into_iter();
    let made = all.map(|(between, owing)| Ok(statement(between, period, owing)?.as_of(now)));
    let made = made.collect::<Result<Vec<Statement>, NoStatement>>()?;
    Ok(made.into_iter().filter(|statement| !statement.sections().is_empty()).collect())
}

/// Reads the books once, up to the end of the month: what is owed between these two, or between all.
async fn read(
    store: &dyn Store,
    period: &Period,
    only: Option<&Between>,
) -> Result<BTreeMap<Between, Owing>, NoStatement> {
    let mut claims = Claims::default();
    let mut all: BTreeMap<Between, Owing> = BTreeMap::new();
    let mut reader = Reader::after(0);
    while let Some(journal) = reader.next(store).await? {
        let Some((about, payee)) = payable_of(&journal.posting) else { continue };
        if only.is_some_and(|(partner, _)| partner.as_str() != payee) {
            continue;
        }
        let partner: PartyId = payee.parse().map_err(DeskError::from)?;
        let claim = claims.claim(store, journal.run).await?;
        let Some(at) = claim.booked_at(journal.step).filter(|at| !period.ends_before(*at)) else { continue };
        let between = (partner, claim.entity.clone());
        if only.is_some_and(|only| *only != between) {
            continue;
        }
        let Posting { action: movement, amount, .. } = journal.posting;
        let rules = period.contains(at).then(|| claim.rules_of(journal.step, movement, &between.0));
        let owing = all.entry(between).or_default();
        let section = owing.entry((journal.posting.fund.clone(), amount.currency)).or_default();
        let after = owed_after(section.closing, movement, amount.minor);
        section.closing = after.ok_or_else(|| beyond(&journal.posting.fund))?;
        let about = about.to_owned();
        let journal = format!("J-{}", journal.no);
        match rules {
            Some(rules) => section.lines.push(Line { at, movement, about, amount, rules, journal }),
            None => section.opening = section.closing,
        }
    }
    Ok(all)
}

fn statement((partner, entity): Between, period: &Period, owing: Owing) -> Result<Statement, NoStatement> {
    let sections = owing.into_iter().filter(|(_, owed)| owed.opening != 0 || !owed.lines.is_empty());
    let sections = sections.map(|((fund, currency), mut owed)| {
        // Processes may differ by a moment in what time it is; the sum is the same in any order.
        owed.lines.sort_by_key(|line| line.at);
        let money = |minor| Money { minor, currency };
        let fund = fund.parse().map_err(DeskError::from)?;
        Ok(Section { fund, opening: money(owed.opening), lines: owed.lines, closing: money(owed.closing) })
    });
    let sections = sections.collect::<Result<Vec<Section>, NoStatement>>()?;
    Ok(Statement::new(partner, entity, period.clone(), sections)?)
}

/// The payable that a posting is about, and whose it is, where it moves what is owed.
fn payable_of(posting: &Posting) -> Option<(&str, &str)> {
    let sides = [posting.source(), posting.target()];
    let mut owed = sides.into_iter().filter(|(account, _)| matches!(account, Account::Payable | Account::Clawback));
    let moves = posting.action != PostingAction::Post;
    let found = owed.find_map(|(_, key)| Some((key, key.strip_prefix("payable/")?.split_once('/')?.1)));
    found.filter(|_| moves)
}

fn beyond(fund: &str) -> DeskError {
    DeskError::Unreadable { what: format!("fund `{fund}`"), why: "it owes more than can be counted exactly".into() }
}
