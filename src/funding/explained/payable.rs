//! What a claim or an order owes to a payee: out of which cost, by which rules, by whose share, and what became of it.

use entente_core::{
    context::funding::{ClaimPaper, Dispute, Item, Payable, PayableStatus, Payment, PayoutPaper},
    ids::{FundId, PartyId},
    ledger::PostingAction,
    mdf::{RuleId, model::Line},
    money::Money,
    scope::Scope,
};
use entente_store::{Error as StoreError, Store};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{journal::Asks, named};
use crate::{
    funding::{
        debt::Debt,
        stored::{self, Stored},
    },
    ledger::journals::Reader,
    offers::DeskError,
};

/// What a rule came to in a claim that is not the payee's own.
const OF_ANOTHER: &str = "it lowered the claim that this is a share of";

/// What is owed to a payee, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// Its key in the books: `payable/CLM-2027-00001/nordlicht`.
    pub payable: String,
    /// The claim or the order that owes it.
    pub of: String,
    /// Who is paid.
    pub payee: PartyId,
    /// The fund that pays.
    pub fund: Option<FundId>,
    /// How it stands.
    pub status: PayableStatus,
    /// How much of it is owed, is in a payout run, or was paid last.
    pub amount: Money,
    /// What was claimed, line by line; nothing of another partner's claim.
    pub lines: Vec<Cost>,
    /// What was claimed in all.
    pub claimed: Option<Money>,
    /// The rules that lowered it.
    pub rules: Vec<Lowered>,
    /// What was approved of it in all.
    pub approved: Option<Money>,
    /// The payee's part of that.
    pub share: Option<Share>,
    /// What is or was disputed of it.
    pub disputes: Vec<Doubt>,
    /// What of it came twice, and is the payee's own.
    pub came_twice: Option<Money>,
    /// The payout run that it is in, or was paid by last.
    pub payout: Option<String>,
    /// How it stands in that run: what is taken off and withheld. Not told to partners.
    pub in_payout: Option<Item>,
    /// When the bank paid it.
    pub paid_on: Option<Date>,
    /// Why the bank last refused or returned it.
    pub returned: Option<String>,
    /// Every payment of it, oldest first.
    pub payments: Vec<Payment>,
    /// What is claimed back and has not come.
    pub claimed_back: Money,
    /// Every journal about it.
    pub journals: Vec<Booking>,
}

/// A line of what was claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// What for.
    pub what: String,
    /// How much it has cost.
    pub amount: Money,
}

/// A rule that lowered what is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lowered {
    /// Which.
    pub rule: RuleId,
    /// Why.
    pub because: String,
}

/// A part of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The payee's weight.
    pub weight: u64,
    /// All weights together.
    pub of: u64,
}

/// An amount that somebody says should be another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// How much is held.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// What of it was owed in the end; open where absent.
    pub granted: Option<Money>,
}

/// A journal about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Booking {
    /// Its number.
    pub journal: String,
    /// When it was booked, in business time.
    pub at: Timestamp,
    /// What was done.
    pub movement: PostingAction,
    /// How much.
    pub amount: Money,
}

/// What a paper owes to a payee, as whoever asks may see it. A partner's person sees what is owed to that partner alone; where it is a
/// share in another partner's claim, which rules lowered that, and nothing else of it.
///
/// # Errors
/// When there is none in sight, or the database cannot be read.
pub async fn of(store: &dyn Store, asks: Asks<'_>, label: &str, payee: &PartyId) -> Result<Owed, DeskError> {
    let key = format!("payable/{label}/{payee}");
    let absent = || DeskError::from(StoreError::NotFound { kind: "payable", id: key.clone() });
    let row = store.run_by_label(&Scope::vendor(), label).await?;
    let home = row.map(|row| row.snapshot.home).ok_or_else(absent)?;
    let in_sight = asks.partner.map_or_else(|| asks.scope.reaches(&home), |partner| partner == payee);
    if !in_sight {
        return Err(absent());
    }
    let debt = Debt::of(store, label).await.map_err(|error| match error {
        DeskError::Store(StoreError::NotFound { .. }) => absent(),
        other => other,
    })?;
    let payable = debt.payable_of(payee).ok_or_else(absent)?;
    let is_own = asks.partner.is_none_or(|partner| *partner == home.party);
    let mut owed = standing(&debt, payable, &key);
    owed.journals = journals(store, &debt, &key).await?;
    if let Debt::Claim(claim) = &debt {
        claimed(&mut owed, claim, is_own, asks.partner.is_some());
    }
    if asks.partner.is_none() {
        owed.in_payout = in_payout(store, &owed).await?;
    }
    Ok(owed)
}

/// How it stands, as its paper says.
fn standing(debt: &Debt, payable: &Payable, key: &str) -> Owed {
    Owed {
        payable: key.to_owned(),
        of: debt.label().to_owned(),
        payee: payable.payee.clone(),
        fund: debt.fund().cloned(),
        status: payable.status,
        amount: payable.amount,
        lines: Vec::new(),
        claimed: None,
        rules: Vec::new(),
        approved: None,
        share: None,
        disputes: Vec::new(),
        came_twice: payable.twice,
        payout: payable.payout.clone(),
        in_payout: None,
        paid_on: payable.paid_on,
        returned: payable.returned.clone(),
        payments: payable.payments.clone(),
        claimed_back: Money { minor: debt.open_back(&payable.payee), currency: debt.currency() },
        journals: Vec::new(),
    }
}

/// What was claimed, which rules lowered it, and whose part this is.
fn claimed(owed: &mut Owed, claim: &Stored<ClaimPaper>, is_own: bool, partner: bool) {
    let (paper, course) = (&claim.sheet.paper, &claim.sheet.course);
    let assessment = claim.sheet.assessment.as_ref();
    let assessment = assessment.map(|said| if partner { said.for_partner() } else { said.clone() });
    let reasons = assessment.into_iter().flat_map(|said| said.reasons);
    let lowered = reasons.filter(|reason| reason.effect == "reduce").map(|reason| Lowered {
        rule: reason.rule,
        because: if is_own { reason.because } else { OF_ANOTHER.to_owned() },
    });
    owed.rules = lowered.collect();
    let own = course.disputes.iter().filter(|dispute| dispute.payee == owed.payee);
    // Why is said by whoever disputes it, which may be the other partner.
    owed.disputes = own.map(|dispute| doubt(dispute, is_own)).collect();
    if !is_own {
        return;
    }
    let cost = |line: &Line| Cost { what: line.what.clone(), amount: line.amount };
    owed.lines = paper.lines.iter().map(cost).collect();
    (owed.claimed, owed.approved) = (Some(paper.amount), course.approved);
    let shares = paper.shared_among();
    let weight = shares.iter().find(|share| share.payee == owed.payee).map(|share| share.weight);
    let of = shares.iter().fold(0_u64, |sum, share| sum.saturating_add(share.weight));
    owed.share = weight.map(|weight| Share { weight, of });
}

fn doubt(dispute: &Dispute, with_reason: bool) -> Doubt {
    let reason = if with_reason { dispute.reason.clone() } else { String::new() };
    Doubt { amount: dispute.amount, reason, granted: dispute.granted }
}

/// Every journal that names it, in the order in which they were booked.
async fn journals(store: &dyn Store, debt: &Debt, key: &str) -> Result<Vec<Booking>, DeskError> {
    let Some(fund) = debt.fund() else { return Ok(Vec::new()) };
    let mut reader = Reader::of(fund.to_string());
    let mut bookings = Vec::new();
    while let Some(journal) = reader.next(store).await? {
        if journal.posting.key == key || journal.posting.to.as_deref() == Some(key) {
            let (movement, amount) = (journal.posting.action, journal.posting.amount);
            bookings.push(Booking { journal: named(journal.no), at: journal.at, movement, amount });
        }
    }
    Ok(bookings)
}

/// How it stands in its payout run.
async fn in_payout(store: &dyn Store, owed: &Owed) -> Result<Option<Item>, DeskError> {
    let Some(label) = &owed.payout else { return Ok(None) };
    let run: Stored<PayoutPaper> = stored::by_label(store, &Scope::vendor(), "payout run", label).await?;
    let mut items = run.sheet.course.items.iter().map(|gathered| &gathered.item);
    Ok(items.find(|item| item.claim == owed.of && item.payee == owed.payee).cloned())
}
