//! A partner's statement of a month: what was owed to it, what happened, and what is owed.

use std::collections::{BTreeMap, btree_map::Entry};

use entente_core::{
    context::funding::{ClaimPaper, Paper as _},
    event::Body,
    ids::{LegalEntityId, PartyId, RunId},
    ledger::{Account, Posting, PostingAction},
    mdf::TAX_RULE,
    mdf::statement::{Applied, Line, NotAPeriod, Period, Section, SectionError, Statement, TEXT_MOST, owed_after},
    money::{Currency, Money},
    run::Record,
    scope::{Home, Scope},
};
use entente_store::{RunRow, Store};
use jiff::Timestamp;

use super::stored::typed;
use crate::{ledger::journals::Reader, offers::DeskError};

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

/// What a rule came to in a claim that is not the payee's own.
const OF_ANOTHER: &str = "it lowered the claim that this is a share of";

/// What one fund owes in one currency, as it is read.
#[derive(Default)]
struct Owed {
    opening: i64,
    closing: i64,
    lines: Vec<Line>,
}

/// The statement of what a legal entity owes a partner, for a month such as `2027-03` in an IANA zone.
///
/// # Errors
/// When the month is none, the records cannot be read, or they do not add up.
pub async fn of_month(
    store: &dyn Store,
    partner: &PartyId,
    entity: &LegalEntityId,
    month: &str,
    zone: &str,
) -> Result<Statement, NoStatement> {
    let period = Period::new(month, zone)?;
    let mut claims = Claims::default();
    let mut owed: BTreeMap<(String, Currency), Owed> = BTreeMap::new();
    let mut reader = Reader::after(0);
    while let Some(journal) = reader.next(store).await? {
        let Some(about) = payable_of(&journal.posting, partner) else { continue };
        let claim = claims.claim(store, journal.run).await?;
        let at = claim.at.get(&journal.step).copied();
        let Some(at) = at.filter(|at| claim.entity == *entity && !period.ends_before(*at)) else { continue };
        let amount = journal.posting.amount;
        let section = owed.entry((journal.posting.fund.clone(), amount.currency)).or_default();
        let after = owed_after(section.closing, journal.posting.action, amount.minor);
        section.closing = after.ok_or_else(|| beyond(&journal.posting.fund))?;
        if period.contains(at) {
            let (movement, mut rules) = (journal.posting.action, claim.rules_for(partner));
            let is_paid = matches!(movement, PostingAction::Pay | PostingAction::PayAdvance);
            rules.extend(claim.withheld.get(&journal.step).filter(|_| is_paid).cloned());
            let about = about.to_owned();
            section.lines.push(Line { at, movement, about, amount, rules, journal: format!("J-{}", journal.no) });
        } else {
            section.opening = section.closing;
        }
    }
    let sections = owed.into_iter().filter(|(_, owed)| owed.opening != 0 || !owed.lines.is_empty());
    let sections = sections.map(|((fund, currency), mut owed)| {
        // Processes may differ by a moment in what time it is; the sum is the same in any order.
        owed.lines.sort_by_key(|line| line.at);
        let money = |minor| Money { minor, currency };
        let fund = fund.parse().map_err(DeskError::from)?;
        Ok(Section { fund, opening: money(owed.opening), lines: owed.lines, closing: money(owed.closing) })
    });
    let sections = sections.collect::<Result<Vec<Section>, NoStatement>>()?;
    Ok(Statement::new(partner.clone(), entity.clone(), period, sections)?)
}

/// The payable of a partner that a posting is about, where it moves what is owed to it.
fn payable_of<'a>(posting: &'a Posting, partner: &PartyId) -> Option<&'a str> {
    let sides = [posting.source(), posting.target()];
    let owed = sides.into_iter().filter(|(account, _)| matches!(account, Account::Payable | Account::Clawback));
    let payee = |key: &str| Some(key.strip_prefix("payable/")?.split_once('/')?.1.to_owned());
    let ours = |key: &&str| payee(key).is_some_and(|payee| payee == partner.as_str());
    let moves = posting.action != PostingAction::Post;
    owed.map(|(_, key)| key).find(ours).filter(|_| moves)
}

fn beyond(fund: &str) -> DeskError {
    DeskError::Unreadable { what: format!("fund `{fund}`"), why: "it owes more than can be counted exactly".into() }
}

/// What statements need of claims, read once.
#[derive(Default)]
struct Claims(BTreeMap<RunId, Told>);

/// What a statement needs of a claim.
struct Told {
    entity: LegalEntityId,
    party: PartyId,
    at: BTreeMap<u64, Timestamp>,
    rules: Vec<Applied>,
    /// What was withheld of payments, by the steps that took the bank's answers.
    withheld: BTreeMap<u64, Applied>,
}

impl Told {
    /// The rules that set what is paid, as a payee is told them: of a claim that another partner has made it hears which ones, and
    /// not what they found there.
    fn rules_for(&self, payee: &PartyId) -> Vec<Applied> {
        let why = |rule: &Applied| if *payee == self.party { rule.why.clone() } else { OF_ANOTHER.to_owned() };
        self.rules.iter().map(|rule| Applied { rule: rule.rule, why: why(rule) }).collect()
    }
}

impl Claims {
    async fn claim(&mut self, store: &dyn Store, run: RunId) -> Result<&Told, DeskError> {
        match self.0.entry(run) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let row = store.run(&Scope::vendor(), run).await?;
                let row = row.ok_or_else(|| entente_store::Error::NotFound { kind: "run", id: run.to_string() })?;
                Ok(unknown.insert(told(store, row).await?))
            }
        }
    }
}

async fn told(store: &dyn Store, row: RunRow) -> Result<Told, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", row.snapshot.label), why };
    let (mut at, mut withheld) = (BTreeMap::new(), BTreeMap::new());
    for step in store.history(&Scope::vendor(), row.snapshot.run, 1, u32::MAX).await? {
        let record: Record = serde_json::from_str(&step.record).map_err(|error| unreadable(error.to_string()))?;
        at.insert(record.seq, record.at);
        withheld.extend(tax(&record).map(|tax| (record.seq, tax)));
    }
    let Home { legal_entity: entity, party } = row.snapshot.home.clone();
    let rules = match row.snapshot.chart.name == ClaimPaper::NAME {
        true => rules(&typed::<ClaimPaper>(row)?.sheet),
        false => Vec::new(),
    };
    Ok(Told { entity, party, at, rules, withheld })
}

/// What a step says of tax that was withheld.
fn tax(record: &Record) -> Option<Applied> {
    let Body::Named { name, data } = &record.event.body else { return None };
    let withheld: Money =
        (name == "settle").then(|| serde_json::from_value(data.get("withheld")?.clone()).ok()).flatten()?;
    Some(Applied { rule: TAX_RULE, why: format!("{withheld} of it was withheld as tax") })
}

/// The rules that set what a claim is paid: those that lowered it, and the one that won.
fn rules(sheet: &entente_core::context::funding::Sheet<ClaimPaper>) -> Vec<Applied> {
    let Some(assessment) = &sheet.assessment else { return Vec::new() };
    let lowered = assessment.for_partner().reasons.into_iter().filter(|reason| reason.effect == "reduce");
    let why = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TEXT_MOST).collect();
    lowered.map(|reason| Applied { rule: reason.rule, why: why(&reason.because) }).collect()
}
