//! The payout of a claim as the rules see it: what is owed, planned and paid, by which run, and what came back.

use entente_core::{
    context::funding::{
        ClaimCourse, ClaimPaper, GatheredItem, ItemOutcome, PAYABLE_KEY, Payable, PayableStatus, Payment, PayoutPaper,
    },
    ids::PartyId,
    mdf::{
        CUT_OFF, Case, INVOICED, NETTED, PROMPT, Pack, RETURNED, RuleId,
        model::{Clawback, Duties, Payout, PayoutKind, PayoutStatus},
    },
    money::Money,
    scope::Scope,
};
use entente_store::Store;
use jiff::civil::{Date, Time};

use super::Sight;
use crate::{
    funding::{
        apart,
        beside::invoices,
        debt::Debt,
        stored::{self, Stored},
    },
    offers::DeskError,
};

/// What is known of the payout of a claim as a whole.
pub(super) struct Facts {
    course: ClaimCourse,
    approved: Money,
    duties: Duties,
    /// Whether it lies with whoever wrote it, as if nobody had approved it.
    reopened: bool,
}

impl Facts {
    /// Those of a claim that was approved; `None` of any other.
    pub(super) async fn of(
        store: &dyn Store,
        claim: &Stored<ClaimPaper>,
        case: &Case,
    ) -> Result<Option<Facts>, DeskError> {
        let course = claim.sheet.course.clone();
        let (Some(approved), Some(request)) = (course.approved, &case.request) else { return Ok(None) };
        let duties = apart::duties(store, claim, &request.requested_by).await?;
        Ok(Some(Facts { course, approved, duties, reopened: claim.has("editable") }))
    }

    /// The payout of the whole claim; its documents are told apart.
    pub(super) fn whole(&self) -> Payout {
        let payables = &self.course.payables;
        let every = |status: PayableStatus| payables.iter().all(|payable| payable.status == status);
        let status = match () {
            () if every(PayableStatus::Paid) => PayoutStatus::Paid,
            () if every(PayableStatus::Scheduled) => PayoutStatus::Scheduled,
            () => PayoutStatus::Payable,
        };
        let disputed = self.course.disputes.iter().any(|dispute| dispute.granted.is_none());
        Payout {
            kind: PayoutKind::Bank,
            status,
            approved: self.approved,
            currency: self.approved.currency,
            instalments: payables.iter().flat_map(instalments).collect(),
            complete: !disputed && payables.iter().all(Payable::is_settled),
            duties: self.duties.clone(),
            approved_hash: String::new(),
            paid_hash: String::new(),
            run_month: None,
            paid_at: None,
            invoiced_on: None,
            self_billed_on: None,
            returned_on: None,
            claim_reopened: self.reopened,
            clawback: None,
        }
    }

    /// What is to be paid of it in all: what was approved without what was refused after a dispute; of an advance what was agreed to,
    /// and what its proof shows beyond that.
    pub(super) fn approved_in_parts(&self) -> Money {
        let money = |minor: i64| Money { minor, ..self.approved };
        if let Some(advance) = &self.course.advance {
            let further = advance.further.map_or(0, |further| further.minor);
            return money(advance.agreed.minor.saturating_add(further));
        }
        let refused =
            self.course.disputes.iter().filter_map(|dispute| {
                dispute.granted.map(|granted| dispute.amount.minor.saturating_sub(granted.minor))
            });
        money(refused.fold(self.approved.minor, i64::saturating_sub))
    }

    /// The payout of what is owed to a payee, as far as a rule looks at it.
    pub(super) async fn of_payee(
        &self,
        sight: Sight<'_>,
        claim: &Stored<ClaimPaper>,
        payable: &Payable,
        (rule, pack): (RuleId, &Pack),
    ) -> Result<Payout, DeskError> {
        let status = match payable.status {
            PayableStatus::Owed => PayoutStatus::Payable,
            PayableStatus::Scheduled => PayoutStatus::Scheduled,
            PayableStatus::Paid => PayoutStatus::Paid,
        };
        let mut payout = Payout { approved: payable.amount, status, ..self.whole() };
        if !pack.terms.enables(rule) {
            return Ok(payout);
        }
        if rule == PROMPT && payable.is_settled() {
            let day = payable.paid_on.unwrap_or_else(|| pack.zone.to_datetime(sight.now).date());
            payout.paid_at = pack.zone.to_timestamp(day.to_datetime(Time::midnight())).ok();
        } else if rule == INVOICED {
            let came = invoices::of(sight.store, claim.label(), &payable.payee).await?;
            let first =
                |self_billed: bool| came.iter().filter(|one| one.self_billed == self_billed).map(|one| one.on).min();
            (payout.invoiced_on, payout.self_billed_on) = (first(false), first(true));
        } else if rule == RETURNED {
            (payout.returned_on, payout.approved) = self.returned(sight.store, claim, payable).await?;
        } else if rule == CUT_OFF {
            payout.run_month = run_month(sight.store, payable).await?;
        } else if rule == NETTED {
            payout.clawback = self.clawback(sight.store, claim, &payable.payee).await?;
        }
        Ok(payout)
    }

    /// When the bank returned what the last run with this payable paid of it, and how much.
    async fn returned(
        &self,
        store: &dyn Store,
        claim: &Stored<ClaimPaper>,
        payable: &Payable,
    ) -> Result<(Option<Date>, Money), DeskError> {
        let key = format!("{}/{}", claim.label(), payable.payee);
        let runs = stored::by_key::<PayoutPaper>(store, PAYABLE_KEY, &key).await?;
        let Some(run) = runs.first() else { return Ok((None, payable.amount)) };
        let ours = |item: &&GatheredItem| item.item.claim == claim.label() && item.item.payee == payable.payee;
        let Some(item) = run.sheet.course.items.iter().find(ours) else { return Ok((None, payable.amount)) };
        let answer = run.sheet.course.answers.get(&item.end_to_end_id);
        let returned = answer.filter(|answer| answer.outcome == ItemOutcome::Returned).and_then(|answer| answer.on);
        Ok((returned, item.item.net()?))
    }

    /// What is claimed back from a payee and has not come, beside what the vendor pays it next.
    async fn clawback(
        &self,
        store: &dyn Store,
        claim: &Stored<ClaimPaper>,
        payee: &PartyId,
    ) -> Result<Option<Clawback>, DeskError> {
        let money = |minor: i64| Money { minor, ..self.approved };
        let open = self.course.open_back(payee);
        if open <= 0 {
            return Ok(None);
        }
        let (mut next, mut netted) = (0_i64, 0_i64);
        for debt in Debt::tagged(store, "payable").await? {
            if *debt.legal_entity() != claim.sheet.paper.legal_entity || debt.currency() != self.approved.currency {
                continue;
            }
            let Some(payable) = debt.payable_of(payee).filter(|payable| payable.status != PayableStatus::Paid) else {
                continue;
            };
            next = next.saturating_add(payable.amount.minor);
            netted = netted.saturating_add(taken_off(store, payable, &debt, claim.label()).await?);
        }
        let invoiced = money(0);
        Ok(Some(Clawback { amount: money(open), next_statement: money(next), netted: money(netted), invoiced }))
    }
}

/// What was paid of a payable, one payment after the other, and what is owed or in a run. The payee's own money is no part of it.
fn instalments(payable: &Payable) -> Vec<Money> {
    let money = |minor: i64| Money { minor, ..payable.amount };
    let minor = |part: Option<Money>| part.map_or(0, |part| part.minor);
    let stays =
        |one: &Payment| money(one.amount.minor.saturating_sub(minor(one.owed_again)).saturating_sub(minor(one.twice)));
    let mut parts: Vec<Money> = payable.payments.iter().map(stays).collect();
    // Of what an older program has paid, the last payment alone is known.
    let unnoted = payable.status == PayableStatus::Paid && payable.payments.is_empty();
    if unnoted || payable.status != PayableStatus::Paid {
        parts.push(money(payable.amount.minor.saturating_sub(minor(payable.twice))));
    }
    parts.retain(|part| part.minor != 0);
    parts
}

/// The first day of the month of the run that a payable is in, or was paid by.
async fn run_month(store: &dyn Store, payable: &Payable) -> Result<Option<Date>, DeskError> {
    let Some(label) = &payable.payout else { return Ok(None) };
    Ok(Some(run_of(store, label).await?.sheet.paper.execute_on.first_of_month()))
}

/// What the run that a payable is in takes off it for what is claimed back on a claim, in minor units.
async fn taken_off(store: &dyn Store, payable: &Payable, debt: &Debt, claim: &str) -> Result<i64, DeskError> {
    let Some(label) = payable.payout.as_ref().filter(|_| payable.status == PayableStatus::Scheduled) else {
        return Ok(0);
    };
    let run = run_of(store, label).await?;
    let items = run.sheet.course.items.iter().map(|gathered| &gathered.item);
    let ours = items.filter(|item| item.claim == debt.label() && item.payee == payable.payee);
    let netted = ours.flat_map(|item| &item.netted).filter(|netted| netted.claim == claim);
    Ok(netted.fold(0, |sum, netted| netted.amount.minor.saturating_add(sum)))
}

async fn run_of(store: &dyn Store, label: &str) -> Result<Stored<PayoutPaper>, DeskError> {
    stored::by_label(store, &Scope::vendor(), "payout run", label).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The facts of a claim of 2,000.00 EUR that was approved, with these payables besides.
    fn facts(course: serde_json::Value) -> Facts {
        let course = serde_json::from_value(course).unwrap();
        let duties = serde_json::from_value(json!({ "requester": "pia" })).unwrap();
        Facts { course, approved: eur(200_000), duties, reopened: false }
    }

    fn eur(minor: i64) -> Money {
        Money { minor, currency: "EUR".parse().unwrap() }
    }

    fn sum(facts: &Facts) -> i64 {
        facts.whole().instalments.iter().map(|part| part.minor).sum()
    }

    #[test]
    fn what_was_paid_and_came_back_counts_once_and_what_is_owed_beyond_it_is_seen() {
        let payment = |owed_again: i64| {
            json!({
                "payout": "POR-2027-00001", "amount": eur(200_000), "on": "2027-04-05", "came_back": eur(owed_again),
                "owed_again": eur(owed_again),
            })
        };
        let payable = |owed: i64, again: i64| json!({ "payee": "nordlicht", "amount": eur(owed), "status": "owed", "payments": [payment(again)] });
        let returned = facts(json!({ "payables": [payable(200_000, 200_000)] }));
        assert_eq!((sum(&returned), returned.whole().complete), (200_000, false));
        // A payment of which nothing is owed again, and the same owed once more: what Y5 finds.
        let twice = facts(json!({ "payables": [payable(200_000, 0)] }));
        assert_eq!(sum(&twice), 400_000);
    }

    #[test]
    fn what_was_refused_after_a_dispute_is_not_missing_and_what_is_disputed_is_open() {
        let course = |granted: Option<i64>| {
            json!({
                "payables": [{ "payee": "nordlicht", "amount": eur(150_000), "status": "paid" }],
                "disputes": [{
                    "payee": "nordlicht", "amount": eur(50_000), "reason": "which room?", "by": "pia",
                    "at": "2027-04-01T09:00:00Z", "granted": granted.map(eur),
                }],
            })
        };
        let refused = facts(course(Some(0)));
        assert_eq!(
            (sum(&refused), refused.approved_in_parts(), refused.whole().complete),
            (150_000, eur(150_000), true)
        );
        let disputed = facts(course(None));
        assert_eq!((disputed.approved_in_parts(), disputed.whole().complete), (eur(200_000), false));
    }
}
