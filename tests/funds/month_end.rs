//! Month end over two months of a vendor: prepared, locked by somebody else, exported again after a kill, acknowledged once.

use entente::close::{
    CloseError, estimates,
    months::{self, Locked},
    prepare::{self, Asked},
    rules,
};
use entente_core::{
    close::{Batch, LineKind, PostingRules, percentage},
    context::funding::PayoutPaper,
    ids::{LegalEntityId, PersonId},
};
use serde_json::json;

use crate::{
    house::again::{MayBeBusy, again},
    papers,
    vendor::{Started, Vendor, accepted},
};

pub const RULES: &str = include_str!("../../examples/funding/posting-rules.yaml");

impl MayBeBusy for CloseError {
    fn is_busy(&self) -> bool {
        matches!(self, CloseError::Records(error) if error.is_busy())
    }
}

pub fn entity() -> LegalEntityId {
    "acme-us".parse().unwrap()
}

pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

async fn batch(vendor: &Vendor, month: &str) -> Result<Batch, CloseError> {
    let entity = entity();
    prepare::batch(vendor.store(), Asked { entity: &entity, month, rules: None, now: vendor.now().await }).await
}

/// Prepares a month by paula and locks it by finn.
async fn closed(vendor: &Vendor, month: &str) -> Locked {
    let (entity, now) = (entity(), vendor.now().await);
    let batch = batch(vendor, month).await.unwrap();
    let hash = again(async || months::keep(vendor.store(), &batch, &person("paula"), now).await).await;
    again(async || months::lock(vendor.store(), (&entity, month), &hash, &person("finn"), now).await).await;
    months::by_id(vendor.store(), &batch.id).await.unwrap()
}

/// Each line as kind, what, account and signed minor units.
fn told(batch: &Batch) -> Vec<String> {
    let told = batch
        .lines
        .iter()
        .map(|line| format!("{} {} {} {}", line.kind.word(), line.what.word(), line.account, line.signed()));
    told.collect()
}

async fn pay(vendor: &Vendor) -> Started {
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let item = vendor.sheet::<PayoutPaper>(run.run).await.course.items.remove(0);
    let answers = json!({ item.end_to_end_id: { "outcome": "paid", "on": "2027-04-05", "why": "" } });
    accepted(vendor.ask(vendor.actor("paula"), run.run, "answered", json!({ "answers": answers })).await);
    vendor.state(run.run, "answered").await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn two_months_are_closed_with_what_was_claimed_in_one_and_paid_in_the_other() {
    let (vendor, mut crew) = Vendor::open().await;
    let posting = PostingRules::from_yaml("rules.yaml", RULES).unwrap();
    let now = vendor.now().await;
    again(async || rules::import(vendor.store(), &posting, RULES, "paula", now).await).await;

    // Two events of 2,000.00 each on the twentieth of March: one is claimed in March and approved, the other is not.
    let other = papers::request(&[("hamburg-breakfast", "event-2")]);
    let requests = vendor.granted(&[("pia", papers::request(&[])), ("pia", other)]).await;
    vendor.pass_days(20).await;
    let approved = vendor.owed(&[("pia", papers::claim(&requests[0].label, 1, &[]))]).await.remove(0);
    assert!(matches!(batch(&vendor, "2027-03").await, Err(CloseError::NotOver { .. })), "the month goes on");

    // A tenth is never claimed, says paula, and finn agrees; paula herself may not.
    let proposed = estimates::Proposed {
        entity: entity(),
        programme: "emea-mdf".parse().unwrap(),
        percent: percentage("10").unwrap(),
        evidence: "claims of 2024 to 2026".into(),
        by: person("paula"),
        at: now,
    };
    let id = again(async || estimates::propose(vendor.store(), &proposed).await).await;
    let by_herself = estimates::approve(vendor.store(), &id, &person("paula"), now).await;
    assert!(matches!(by_herself, Err(CloseError::SamePerson { .. })), "{by_herself:?}");
    again(async || estimates::approve(vendor.store(), &id, &person("finn"), now).await).await;

    vendor.pass_days(8).await;
    // Submitted in April: at the end of March this event was performed, and not claimed.
    let late = vendor.claimed(&[("pia", papers::claim(&requests[1].label, 2, &[]))]).await.remove(0);
    let march = closed(&vendor, "2027-03").await;
    assert_eq!(
        told(&march.batch),
        [
            "movement owe 6610 200000",
            "movement owe 2310 -200000",
            "accrual performed_unclaimed 6610 180000",
            "accrual performed_unclaimed 2390 -180000",
        ]
    );
    assert_eq!(
        march.batch.accruals[0].of.iter().map(|(what, _)| what.as_str()).collect::<Vec<_>>(),
        [&requests[1].label]
    );

    // Whoever has prepared it cannot lock it, and it is locked once.
    let again_locked =
        months::lockable(vendor.store(), (&entity(), "2027-03"), &march.lock.batch, &person("flo"), now).await;
    assert!(matches!(again_locked, Err(CloseError::Locked { .. })), "{again_locked:?}");
    assert!(matches!(batch(&vendor, "2027-03").await, Err(CloseError::Locked { .. })));
    assert!(matches!(batch(&vendor, "2027-05").await, Err(CloseError::NotOver { .. })));

    // Killed between export and acknowledgement, it is exported with the same bytes and acknowledged once.
    let first = again(async || months::export(vendor.store(), &march, &person("paula"), now).await).await;
    crew.remove(0).kill().await;
    crew.push(vendor.start_server("serve", None).await);
    let known = months::by_id(vendor.store(), "acme-us-2027-03").await.unwrap();
    let second = again(async || months::export(vendor.store(), &known, &person("flo"), now).await).await;
    assert_eq!(first, second);
    assert_eq!(months::exported(vendor.store(), "acme-us-2027-03").await.unwrap().unwrap().by, "paula");
    for _ in 0..2 {
        again(async || months::acknowledge(vendor.store(), &known, "ERP-4711", &person("paula"), now).await).await;
    }
    let other = months::acknowledge(vendor.store(), &known, "ERP-4712", &person("paula"), now).await;
    assert!(matches!(&other, Err(CloseError::Done(why)) if why.contains("`ERP-4711`")), "{other:?}");

    // April: the claim is paid, and the other event is claimed and not yet approved at its end.
    pay(&vendor).await;
    vendor.state(approved.run, "paid").await;
    vendor.pass_days(27).await;
    vendor.asks(late.run).await;
    let april = closed(&vendor, "2027-04").await;
    assert_eq!(
        told(&april.batch),
        [
            "reversal performed_unclaimed 6610 -180000",
            "reversal performed_unclaimed 2390 180000",
            "movement pay 2310 200000",
            "movement pay 1090 -200000",
            "accrual claimed_unapproved 6610 200000",
            "accrual claimed_unapproved 2390 -200000",
        ]
    );
    assert_eq!(april.batch.liability, [], "what was owed is paid");
    assert_eq!(april.lock.previous, Some(march.sha256), "one lock holds the one before");
    let journals: Vec<i64> = [&march.batch, &april.batch]
        .into_iter()
        .flat_map(|batch| {
            let movements = batch.lines.iter().filter(|line| line.kind == LineKind::Movement && line.signed() > 0);
            movements.flat_map(|line| &line.journals).chain(batch.memos.iter().flat_map(|memo| &memo.journals))
        })
        .copied()
        .collect();
    let mut once = journals.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), journals.len(), "each journal is in one month");
    let booked = vendor.entries().await.last().unwrap().journal;
    assert_eq!(once, (1..=booked).collect::<Vec<_>>(), "and every one is");
    vendor.verify().await;
}
