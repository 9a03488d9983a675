//! Whatever happens to an advance, in whatever order: it is prepaid until it is settled, and never paid twice.

use entente_core::{
    chart::step::VOTE,
    context::funding::{ClaimPaper, Payable, PayableStatus, Sheet},
    event::Body,
    ledger::Account,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{random::Life, values};

/// What may happen to an advance of 1,000.00 EUR on a request of 2,000.00 EUR.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Schedule,
    Settle,
    Returned,
    ClawBack,
    Waive,
    Recovered,
    Prove,
    Judged,
    Agree,
    SendBack,
    Told,
    TimeIsUp,
    Overdue,
}

fn happens() -> impl Strategy<Value = (Happens, usize)> {
    use Happens::*;
    let acts = vec![
        Schedule, Schedule, Settle, Settle, Settle, Returned, ClawBack, Waive, Recovered, Prove, Prove, Prove, Judged,
        Judged, Judged, Judged, Agree, Agree, Agree, SendBack, Told, Told, TimeIsUp, Overdue,
    ];
    (prop::sample::select(acts), 0_usize..4)
}

fn advance(life: &mut Life, act: Happens, which: usize, paid: &mut usize) {
    let sheet: Sheet<ClaimPaper> = serde_json::from_value(life.snapshot.context.clone()).unwrap();
    let payable = &sheet.course.payables[0];
    let payout = payable.payout.clone().unwrap_or_else(|| format!("PAY-{paid}"));
    let at = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let minor = [10_000, 40_000, 60_000, 100_000][which];
    let part = json!({ "payee": "nordlicht", "amount": at(minor), "reason": "x" });
    let vote = |row: &str, verdict: &str, life: &Life| {
        let revision = life.snapshot.approvals.as_ref().map(|round| round.subject.revision.clone());
        json!({ "verdict": verdict, "row": row, "reason": "x", "revision": revision })
    };
    let proof = ["proof", "less_proof", "more_proof"][which % 3];
    match act {
        Happens::Schedule => {
            *paid += 1;
            life.named("schedule", json!({ "payout": format!("PAY-{paid}"), "payee": "nordlicht" }))
        }
        Happens::Settle => life.named(
            "settle",
            json!({ "payout": payout, "payee": "nordlicht", "amount": payable.amount, "on": "2027-05-05" }),
        ),
        Happens::Returned => {
            let Some(payment) = payable.payments.iter().find(|one| one.came_back.is_none()) else { return };
            let data = json!({ "payout": payment.payout, "payee": "nordlicht", "outcome": "returned", "amount": payment.amount, "why": "x" });
            life.named("came_back", data)
        }
        Happens::ClawBack => life.named("claw_back", part),
        Happens::Waive => life.named("waive", part),
        Happens::Recovered => life.named("recovered", json!({ "amount": at(minor), "how": "paid" })),
        Happens::Prove => life.named("prove", json!({ "paper": values("mdf_claim")[proof] })),
        Happens::Judged => {
            let all = values("mdf_claim");
            let fits = |name: &&str| all[&format!("{name}_good")]["assessment"]["paper"] == json!(sheet.paper_hash());
            let Some(name) = ["proof", "less_proof", "more_proof"].into_iter().find(fits) else { return };
            life.done("mdf.assess", all[&format!("{name}_good")].clone())
        }
        Happens::Agree => {
            let data = vote("proof", "approve", life);
            life.happens(Some(("vera", &["claim_validator"])), Body::Named { name: VOTE.into(), data });
            let data = vote("money", "approve", life);
            life.happens(Some(("flo", &["finance_approver"])), Body::Named { name: VOTE.into(), data })
        }
        Happens::SendBack => {
            let data = vote("proof", "send_back", life);
            life.happens(Some(("vera", &["claim_validator"])), Body::Named { name: VOTE.into(), data })
        }
        Happens::Told => life.done("claim.tell_request", Value::Null),
        Happens::TimeIsUp => life.comes_due("claim.prove_by"),
        Happens::Overdue => life.comes_due("P30D"),
    };
}

/// An advance is prepaid until it is settled, and no cent of it is in two places.
fn advance_adds_up(life: &Life) {
    life.sums();
    let sheet: Sheet<ClaimPaper> = serde_json::from_value(life.snapshot.context.clone()).unwrap();
    let (course, payable) = (&sheet.course, &sheet.course.payables[0]);
    let key = Payable::ledger_key(&sheet.label, &payable.payee);
    let open = sheet.unproven().map_or(0, |left| left.minor);
    assert_eq!(life.stands(Account::Prepaid, &key), open, "in `{}`", life.snapshot.state);
    let owed = if payable.status == PayableStatus::Paid { 0 } else { payable.amount.minor };
    assert_eq!(life.stands(Account::Payable, &key), owed, "owed");
    assert_eq!(life.stands(Account::Clawback, &key), course.open_back(&payable.payee), "claimed back");
    let gone = |back: &entente_core::context::funding::Clawback| {
        back.amount.minor - back.waived.map_or(0, |waived| waived.minor)
    };
    let kept = payable.paid_in_all() - course.clawbacks.iter().map(gone).sum::<i64>();
    assert_eq!(life.stands(Account::Paid, &key), kept - open, "proven");
    let shown = course.advance.as_ref().unwrap().further.map_or(100_000, |further| 100_000 + further.minor);
    let twice = payable.twice.map_or(0, |twice| twice.minor);
    assert_eq!(life.stands(Account::Surplus, &key), -twice, "came twice");
    assert!(payable.paid_in_all() + owed - twice <= shown, "never paid twice");
    assert_eq!(life.stands(Account::Posted, &ClaimPaper::ledger_key(&sheet.label)), 0);
    if life.snapshot.state == "paid" {
        assert_eq!((open, owed, course.is_anything_open()), (0, 0, false));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_order_of_events_pays_an_advance_twice_or_loses_a_cent_of_it(
        acts in proptest::collection::vec(happens(), 1..60),
    ) {
        let story = "advance_proven.yaml";
        let mut life = Life::of("mdf_claim", story, "event: schedule", Some("request/REQ-2027-00001"));
        let mut paid = 0;
        advance_adds_up(&life);
        for (act, which) in acts {
            advance(&mut life, act, which, &mut paid);
            advance_adds_up(&life);
        }
    }
}
