//! Who is paid by a payout run, and who is left out for which reason: one answer for the run itself and for what is shown before.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::{
        ContextType as _, EvalError,
        funding::{
            BankReference, Item, Paper as _, PartnerPaper, Payable, PayableStatus, PayoutPaper, Sheet, SheetContext,
        },
    },
    ids::{LegalEntityId, PartyId, PersonId},
    mdf::model::PartnerStatus,
    people::People,
    policy::approvals::Round,
};
use entente_store::Store;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    afterwards::{self, Sight},
    apart::{self, Hands},
    case,
    debt::Debt,
    launch,
    owed::{self, Later, Owed},
    packs,
    stored::{self, Stored},
    tax::Taxes,
};
use crate::{
    offers::{DeskError, standing::waiting_on},
    world::World,
};

/// An item whose payee may be paid now.
#[derive(Debug)]
pub struct Ready {
    /// What is paid.
    pub item: Item,
    /// What owes it.
    pub debt: Debt,
    /// Where the money goes.
    pub bank: BankReference,
    /// Who has a hand in it, and does not agree to the run.
    pub hands: Hands,
}

/// An item that may not be paid now.
#[derive(Debug)]
pub struct Unfit {
    /// What was to be paid.
    pub item: Item,
    /// What owes it.
    pub debt: Debt,
    /// Why not.
    pub why: String,
}

/// Whether the payee of an item may be paid now, or why not. What else the claim itself says, such as that another run has its
/// payable, it says once it is asked for it.
///
/// # Errors
/// When the records cannot be read.
pub async fn looked_at(
    sight: Sight<'_>,
    item: Item,
    former: &BTreeSet<PartyId>,
) -> Result<Result<Ready, Box<Unfit>>, DeskError> {
    let debt = Debt::of(sight.store, &item.claim).await?;
    let found = why_not(sight, &item, &debt, former).await?;
    Ok(match found {
        Ok((bank, hands)) => Ok(Ready { item, debt, bank, hands }),
        Err(why) => Err(Box::new(Unfit { item, debt, why })),
    })
}

async fn why_not(
    sight: Sight<'_>,
    item: &Item,
    debt: &Debt,
    former: &BTreeSet<PartyId>,
) -> Result<Result<(BankReference, Hands), String>, DeskError> {
    let Sight { store, now, .. } = sight;
    let partner = stored::partner(store, &item.payee).await?;
    let Some(pin) = debt.pack() else { return Ok(Err("it names no pack that it was judged by".to_owned())) };
    let pack = packs::pinned(store, pin).await?;
    let bank = match fit(&partner, former, pack.cool_down_days(), now) {
        Ok(bank) => bank,
        Err(why) => return Ok(Err(why)),
    };
    if let Some(why) = untaxed(store, item, debt, now).await? {
        return Ok(Err(why));
    }
    if let Some(why) = unfit_netting(store, item).await? {
        return Ok(Err(why));
    }
    match afterwards::obstacle(sight, debt, &pack).await {
        Ok(None) => {}
        Ok(Some(why)) => return Ok(Err(why)),
        // One claim whose judgement cannot be read stands in no other's way.
        Err(error @ DeskError::Unreadable { .. }) => return Ok(Err(error.to_string())),
        Err(error) => return Err(error),
    }
    let hands = apart::hands(store, debt, (&partner.sheet, &bank), &pack, now).await?;
    Ok(hands.map(|hands| (bank, hands)))
}

/// Whether a partner may be paid as it stands: one that is in business, and one that has left where the run names it.
pub fn may_be_paid(partner: &Stored<PartnerPaper>, former: &BTreeSet<PartyId>) -> bool {
    match case::status(partner) {
        PartnerStatus::Active => true,
        PartnerStatus::Left => former.contains(&partner.sheet.paper.partner),
        _ => false,
    }
}

/// Where a partner's money goes, or why it may not be paid now, taxes apart. New bank details wait for so many days, counted from
/// their confirmation.
fn fit(
    partner: &Stored<PartnerPaper>,
    former: &BTreeSet<PartyId>,
    waits: u32,
    now: Timestamp,
) -> Result<BankReference, String> {
    let payee = &partner.sheet.paper.partner;
    if !may_be_paid(partner, former) {
        return Err(match case::status(partner) {
            PartnerStatus::Left => format!("partner `{payee}` has left; name it in `former_partners` to pay it"),
            _ => format!("partner `{payee}` is not in business"),
        });
    }
    let Some(bank) = partner.sheet.course.confirmed() else {
        return Err(format!("the bank details of partner `{payee}` are not confirmed by a second person"));
    };
    match bank.confirmed_at.unwrap_or(bank.at).checked_add(SignedDuration::from_hours(24 * i64::from(waits))) {
        Ok(ripe) if ripe <= now => Ok(bank.clone()),
        _ => Err(format!("the bank details of partner `{payee}` are new; they wait for {waits} days")),
    }
}

/// Why taxes stand in the way of an item: a document is missing, or another amount is to be withheld by now.
async fn untaxed(store: &dyn Store, item: &Item, debt: &Debt, now: Timestamp) -> Result<Option<String>, DeskError> {
    let Some(payable) = debt.payable_of(&item.payee) else { return Ok(None) };
    let mut taxes = Taxes::of(store, debt.legal_entity(), now).await?;
    Ok(match taxes.withheld(payable).await? {
        Err(why) => Some(why),
        Ok(withheld) if withheld != item.withheld => {
            Some("what is withheld of it has changed; make a new run".to_owned())
        }
        Ok(_) => None,
    })
}

/// Why what is to be taken off an item is not claimed back from its payee.
async fn unfit_netting(store: &dyn Store, item: &Item) -> Result<Option<String>, DeskError> {
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for netted in &item.netted {
        let open = Debt::of(store, &netted.claim).await?.open_back(&item.payee);
        let taken = taken.entry(&netted.claim).or_default();
        *taken = taken.saturating_add(netted.amount.minor);
        if *taken > open {
            return Ok(Some(format!("less than {} is claimed back on `{}`", netted.amount, netted.claim)));
        }
    }
    Ok(None)
}

/// Something that was asked for, or is owed, and is not paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotIn {
    /// The claim or order.
    pub claim: String,
    /// Who would have been paid, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee: Option<PartyId>,
    /// Why not.
    pub why: String,
}

/// What a run would pay.
#[derive(Debug)]
pub struct Plan {
    /// What the run is given: it looks at all of it itself.
    pub items: Vec<Item>,
    /// What of it would be paid.
    pub ready: Vec<Ready>,
    /// What would not.
    pub left_out: Vec<NotIn>,
    /// What of it joins a later month's run by rule C10, and is paid now because somebody has named it.
    pub early: Vec<NotIn>,
}

/// What is planned: of which legal entity, paid on which day, and which claims alone where any are named.
#[derive(Debug)]
pub struct Plans<'a> {
    /// The legal entity that pays.
    pub entity: &'a LegalEntityId,
    /// The claims that are paid; all that is owed where none is named.
    pub only: &'a BTreeSet<String>,
    /// Partners that have left and are paid all the same.
    pub former: &'a BTreeSet<PartyId>,
    /// The day of payment.
    pub execute_on: Date,
}

/// What a run would pay. What joins the run of a later month by rule C10 is left out, unless it is named.
///
/// # Errors
/// When a claim that is named does not exist, or the records cannot be read.
pub async fn plan(sight: Sight<'_>, plans: &Plans<'_>) -> Result<Plan, DeskError> {
    let Plans { entity, only, former, execute_on } = *plans;
    let store = sight.store;
    let month = execute_on.first_of_month();
    let until = only.is_empty().then_some(month);
    let Owed { items, later } = owed::until(store, entity, only, until, sight.now).await?;
    let (mut ready, mut left_out) = (Vec::new(), Vec::new());
    let (named, others): (Vec<Later>, Vec<Later>) =
        later.into_iter().filter(|later| later.month > month).partition(|later| only.contains(&later.claim));
    let waits = "it waits for that; name it with `--claim` to pay it now";
    left_out.extend(others.into_iter().map(|later| later.told(waits)));
    let early = named.into_iter().map(|later| later.told("it is paid now, which is early")).collect();
    for item in &items {
        match looked_at(sight, item.clone(), former).await? {
            Ok(one) => ready.push(one),
            Err(unfit) => {
                left_out.push(NotIn { claim: unfit.item.claim, payee: Some(unfit.item.payee), why: unfit.why });
            }
        }
    }
    for label in only.iter().filter(|label| items.iter().all(|item| item.claim != **label)) {
        let why = nothing_owed(&Debt::of(store, label).await?, entity);
        left_out.push(NotIn { claim: label.clone(), payee: None, why });
    }
    Ok(Plan { items, ready, left_out, early })
}

impl Later {
    /// In words, and what that means for a run.
    fn told(self, but: &str) -> NotIn {
        let Later { claim, payee, month } = self;
        let why = format!("it joins the run of {} by rule C10; {but}", month.strftime("%Y-%m"));
        NotIn { claim, payee: Some(payee), why }
    }
}

/// Why nothing of a claim or an order that somebody named is owed.
fn nothing_owed(debt: &Debt, entity: &LegalEntityId) -> String {
    if debt.legal_entity() != entity {
        return format!("`{}` pays it, and not `{entity}`", debt.legal_entity());
    }
    let scheduled = debt.payables().find(|payable| payable.status == PayableStatus::Scheduled);
    if let Some(run) = scheduled.and_then(|payable| payable.payout.as_deref()) {
        return format!("it is in `{run}` already");
    }
    if debt.is_disputed() {
        return "what is owed of it is disputed".to_owned();
    }
    if debt.payables().next().is_some() && debt.payables().all(Payable::is_settled) {
        return "everything that it owed is paid".to_owned();
    }
    let waits = waiting_on(debt.snapshot(), None).map(|whom| format!("; it waits for {whom}"));
    format!("nothing of it is owed{}", waits.unwrap_or_default())
}

/// The day that it is now where a programme of these payments counts its days, the earliest of them.
///
/// # Errors
/// When the records cannot be read.
pub async fn today(store: &dyn Store, ready: &[Ready], now: Timestamp) -> Result<Date, DeskError> {
    let mut today: Option<Date> = None;
    for pin in ready.iter().filter_map(|one| one.debt.pack()).collect::<BTreeSet<_>>() {
        let day = packs::pinned(store, pin).await?.zone.to_datetime(now).date();
        today = Some(today.map_or(day, |before| before.min(day)));
    }
    Ok(today.unwrap_or_else(|| now.to_zoned(TimeZone::UTC).date()))
}

/// What of the approvals that a run would ask for nobody is left to give, where this person submits it.
///
/// # Errors
/// When the policy cannot be evaluated.
pub fn obstacles(
    paper: &PayoutPaper,
    ready: &[Ready],
    asks: &PersonId,
    (world, people): (&World, &People),
    now: Timestamp,
) -> Result<Vec<String>, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: "the approvals of a payout run".into(), why };
    let mut sheet = Sheet::new(paper.clone(), "");
    sheet.requester = Some(asks.clone());
    let mut hands = Hands::default();
    for one in ready {
        hands.extend(&one.hands);
    }
    sheet.course.hands = hands.in_words();
    sheet.course.concerned = sheet.course.hands.keys().cloned().collect();
    let context = serde_json::to_value(&sheet).map_err(|error| unreadable(error.to_string()))?;
    let subject = SheetContext::<PayoutPaper>::default().subject(&context);
    let subject = subject.map_err(|error: EvalError| unreadable(error.to_string()))?;
    let home = launch::home(paper)?;
    let policy = world.policies.of(PayoutPaper::NAME);
    let requirements = policy.evaluate(&subject, &world.calendars, &home, now);
    let requirements = requirements.map_err(|error| unreadable(error.to_string()))?;
    let round = Round::open(policy, subject, requirements, now);
    Ok(round.obstacles(policy, people, &home.legal_entity).iter().map(ToString::to_string).collect())
}
