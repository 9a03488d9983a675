//! The review of an application: three stages, each a while on the virtual clock, unless the control side decides.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::allocations::{Allocation, Shape};
use super::catalogue::{self, Benefit};
use super::input::{business, id_of};
use super::{Application, Benefits, Status};
use crate::aws::Aws;
use crate::aws::refusal::Refusal;
use crate::ids::IdSource;

/// The stages, in the order in which they follow one another. The names are those of AWS's console; their order is assumed.
const STAGES: [&str; 3] = ["Business Approval", "Tech Approval", "Finance Approval"];

/// How long each takes by itself.
const STAGE: SignedDuration = SignedDuration::from_hours(48);

/// How long what was granted may be used.
const USABLE: SignedDuration = SignedDuration::from_hours(120 * 24);

fn later(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// An application was handed in.
pub(super) fn begin(application: &mut Application, now: Timestamp) {
    application.stage = Some(STAGES[0].to_owned());
    application.due = Some(later(now, STAGE));
}

/// The review goes on in the stage that it is in.
pub(super) fn go_on(application: &mut Application, now: Timestamp) {
    application.due = Some(later(now, STAGE));
}

/// Whether the money is on its way already.
pub(super) fn is_late(application: &Application) -> bool {
    application.stage.as_deref() == STAGES.last().copied()
}

/// When the next review goes on.
pub(crate) fn next_due(aws: &Aws) -> Option<Timestamp> {
    aws.benefits.applications.values().filter_map(|application| application.due).min()
}

/// Lets the reviews go on that are due.
pub(crate) fn settle(aws: &mut Aws, at: Timestamp, ids: &mut IdSource) {
    let due = aws.benefits.applications.values().filter(|application| application.due.is_some_and(|due| due <= at));
    let due: Vec<String> = due.map(|application| application.id.clone()).collect();
    for id in due {
        advance(&mut aws.benefits, &id, at, ids);
    }
}

fn advance(benefits: &mut Benefits, id: &str, at: Timestamp, ids: &mut IdSource) {
    let Some(application) = benefits.applications.get_mut(id) else { return };
    let stage = STAGES.iter().position(|stage| Some(*stage) == application.stage.as_deref());
    match stage.and_then(|stage| STAGES.get(stage + 1)) {
        Some(next) => {
            application.stage = Some((*next).to_owned());
            application.due = Some(later(at, STAGE));
            application.touch(at);
        }
        None => approve(benefits, id, at, ids, None),
    }
}

/// What the control side decides about an application in review.
#[derive(Debug, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Decision {
    /// It is granted, in part where an amount is named.
    Approve {
        amount: Option<String>,
    },
    Reject {
        reason: String,
    },
    /// The partner is asked for something.
    RequestAction {
        reason: String,
    },
    /// It moves to the next stage now.
    NextStage {},
    /// It stays in its stage until something else is decided.
    Hold {},
}

/// Decides; the status afterwards, or why not.
pub(crate) fn decide(
    benefits: &mut Benefits,
    ids: &mut IdSource,
    now: Timestamp,
    id: &str,
    decision: Decision,
) -> Result<&'static str, String> {
    let application = benefits.applications.get_mut(id).ok_or_else(|| format!("there is no application `{id}`"))?;
    if !matches!(application.status, Status::InReview | Status::ActionRequired) {
        return Err(format!("the application `{id}` is {}", application.status.name()));
    }
    let mut close = |status: Status, reason: String, code: &str| {
        application.status = status;
        application.reason = Some(reason);
        application.reason_codes = vec![code.to_owned()];
        application.due = None;
        application.touch(now);
    };
    match decision {
        Decision::Reject { reason } => close(Status::Rejected, reason, "REJECTED_BY_REVIEWER"),
        Decision::RequestAction { reason } => close(Status::ActionRequired, reason, "MORE_INFORMATION_NEEDED"),
        Decision::Hold {} => application.due = None,
        Decision::NextStage {} => advance(benefits, id, now, ids),
        Decision::Approve { amount } => {
            let amount = amount.map(|text| text.parse::<Decimal>().map_err(|error| format!("`amount`: {error}")));
            approve(benefits, id, now, ids, amount.transpose()?);
        }
    }
    Ok(benefits.applications.get(id).map_or("", |application| application.status.name()))
}

/// The amount that an application asks for.
fn asked(application: &Application, benefit: &Benefit) -> Option<(Decimal, String)> {
    let money = application.details.get(benefit.amount_key())?;
    let amount = money.get("Amount").and_then(Value::as_str)?.parse().ok()?;
    Some((amount, money.get("CurrencyCode").and_then(Value::as_str)?.to_owned()))
}

/// The allocation that an application draws on: what it names, where that may be used for its benefit.
fn source(benefits: &Benefits, application: &Application, benefit: &Benefit, now: Timestamp) -> Option<String> {
    let named = application.resources.iter().filter_map(|arn| benefits.allocations.get(id_of(arn)));
    let mut usable = named.filter(|known| {
        known.account == application.account
            && known.usable_for.iter().any(|id| id == benefit.id)
            && known.status(now) == "ACTIVE"
    });
    usable.next().map(|known| known.id.clone())
}

/// Whether what an application draws on has enough left. Cash comes out of an allocation; credits do not.
pub(super) fn affordable(
    benefits: &Benefits,
    application: &Application,
    benefit: &Benefit,
    now: Timestamp,
) -> Result<(), Refusal> {
    if benefit.fulfillment != "CASH" {
        return Ok(());
    }
    let Some(source) = source(benefits, application, benefit, now).and_then(|id| benefits.allocations.get(&id)) else {
        let message = "The application names no allocation that cash can be granted from.";
        return Err(business("AssociatedResources", "REQUIRED_FIELD_MISSING", message));
    };
    let Some((amount, currency)) = asked(application, benefit) else { return Ok(()) };
    let field = format!("BenefitApplicationDetails.{}", benefit.amount_key());
    if currency != source.currency {
        return Err(business(&field, "INVALID_VALUE", format!("The allocation is in {}.", source.currency)));
    }
    if amount <= Decimal::ZERO || amount > source.remaining() {
        let message = format!("{} {} is left of the allocation.", source.remaining(), source.currency);
        return Err(business(&field, "VALUE_OUT_OF_RANGE", message));
    }
    Ok(())
}

/// Grants an application. Cash that was asked for beforehand is set aside for its claim; a claim pays it; credits are issued.
fn approve(benefits: &mut Benefits, id: &str, at: Timestamp, ids: &mut IdSource, amount: Option<Decimal>) {
    let Some(application) = benefits.applications.get(id).cloned() else { return };
    let Some(benefit) = catalogue::benefit(&application.benefit_id) else { return };
    let (asked, currency) = asked(&application, benefit).unwrap_or((Decimal::ZERO, "USD".to_owned()));
    let amount = amount.unwrap_or(asked);
    if let Some(source) = source(benefits, &application, benefit, at)
        && let Some(source) = benefits.allocations.get_mut(&source)
    {
        source.used += amount;
        source.updated_at = at;
    }
    let shape = match (benefit.fulfillment, benefit.is_claim) {
        ("CREDITS", _) => Shape::Credits,
        (_, true) => Shape::Disbursement,
        (_, false) => Shape::Consumable,
    };
    let granted = Allocation {
        id: ids.next("benalloc-", 14),
        account: application.account.clone(),
        name: format!("{} {}", benefit.name, application.name.clone().unwrap_or_default()).trim().to_owned(),
        benefit_id: benefit.id.to_owned(),
        application_id: Some(id.to_owned()),
        shape,
        fulfillment: benefit.fulfillment.to_owned(),
        amount,
        used: if shape == Shape::Consumable { Decimal::ZERO } else { amount },
        currency,
        usable_for: if shape == Shape::Consumable { vec![catalogue::CLAIM.to_owned()] } else { Vec::new() },
        issuance: ids.next(if shape == Shape::Credits { "CODE-" } else { "PO-" }, 10),
        created_at: at,
        updated_at: at,
        expires_at: later(at, USABLE),
    };
    benefits.allocations.insert(granted.id.clone(), granted);
    if let Some(application) = benefits.applications.get_mut(id) {
        application.status = Status::Approved;
        application.due = None;
        application.reason = None;
        application.touch(at);
    }
}
