//! What a mode forbids never reaches the connector.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use entente_core::money::Currency;
use entente_fake::Fake;
use entente_port::{
    Allowance, Caps, ChangeState, Error, Grants, Guarded, HeldBy, Hold, Marketplace, Mode, StepKey, Use, Used, Write,
};

use crate::offers::{call, cancel, create, dollars as cents, every_write, offer, payment, refund};

/// Grants as a test sets them, and what the guard recorded.
#[derive(Default)]
struct Granted {
    grants: Mutex<Grants>,
    admitted: Mutex<Vec<(StepKey, Use)>>,
    unreadable: bool,
}

#[async_trait]
impl Allowance for Granted {
    async fn grants(&self) -> Result<Grants, String> {
        if self.unreadable {
            return Err("the database is locked".to_owned());
        }
        Ok(self.grants.lock().unwrap().clone())
    }

    async fn used_today(&self, except: &StepKey) -> Result<Used, String> {
        Ok(sum(&self.admitted.lock().unwrap(), except))
    }

    async fn admit(&self, key: &StepKey, used: Use, seen: &Used) -> Result<bool, String> {
        let mut admitted = self.admitted.lock().unwrap();
        if sum(&admitted, key) != *seen {
            return Ok(false);
        }
        if !admitted.iter().any(|(known, _)| known == key) {
            admitted.push((key.clone(), used));
        }
        Ok(true)
    }
}

fn sum(admitted: &[(StepKey, Use)], except: &StepKey) -> Used {
    let mut used = Used::default();
    admitted.iter().filter(|(key, _)| key != except).for_each(|(_, one)| used.add(*one));
    used
}

fn guard(grants: Grants) -> (Fake, Arc<Granted>, Guarded) {
    let fake = Fake::in_memory();
    let granted = Arc::new(Granted { grants: Mutex::new(grants), ..Granted::default() });
    let guarded = Guarded::new(Arc::new(fake.clone()), Arc::clone(&granted) as Arc<dyn Allowance>);
    (fake, granted, guarded)
}

fn live(caps: Caps) -> Grants {
    Grants { mode: Mode::Live, caps, stopped: false }
}

fn dollars() -> Currency {
    "USD".parse().unwrap()
}

fn held(answer: entente_port::Result<entente_port::Submitted>) -> Hold {
    match answer {
        Err(Error::Withheld(hold)) => *hold,
        other => panic!("expected a withheld write, got {other:?}"),
    }
}

fn reason(answer: entente_port::Result<entente_port::Submitted>) -> String {
    held(answer).reason
}

#[tokio::test]
async fn in_observe_no_write_leaves() {
    let (fake, _, guarded) = guard(Grants::default());
    for (n, write) in (1..).zip(every_write()) {
        let hold = held(guarded.submit(&call(n), &write).await);
        assert_eq!((hold.by, &hold.value), (HeldBy::Mode, &"observe".into()), "{write:?}");
        assert!(hold.reason.contains("observe") && !hold.plan.is_empty(), "{hold:?}");
    }
    assert_eq!(fake.received(), 0, "a write reached the marketplace");
}

#[tokio::test]
async fn in_shadow_the_plan_is_told_and_no_write_leaves() {
    let (fake, _, guarded) = guard(Grants { mode: Mode::Shadow, ..Grants::default() });
    let write = create(offer());
    let hold = held(guarded.submit(&call(1), &write).await);
    assert_eq!((hold.by, &hold.value), (HeldBy::Mode, &"shadow".into()));
    assert_eq!(fake.received(), 0);
    assert_eq!(hold.plan, fake.plan(&call(1), &write).unwrap(), "the plan is what would have been sent");
}

#[tokio::test]
async fn what_may_leave_is_counted_when_it_is_asked_about_and_sent_later() {
    let (fake, granted, guarded) = guard(live(Caps { offers_per_day: Some(1), ..Caps::default() }));
    assert_eq!(guarded.hold(&call(1), &create(offer())).await, Ok(None));
    assert_eq!((granted.admitted.lock().unwrap().len(), fake.received()), (1, 0), "counted, and nothing sent");
    let hold = guarded.hold(&call(2), &create(offer())).await.unwrap().unwrap();
    assert_eq!((hold.by, &hold.value), (HeldBy::OffersPerDay, &1.into()));
    guarded.submit(&call(1), &create(offer())).await.expect("its place was kept");
    assert_eq!(fake.applied().len(), 1);
}

#[tokio::test]
async fn a_stopped_connection_reads_and_does_not_write() {
    let (fake, _, guarded) = guard(Grants { stopped: true, ..live(Caps::default()) });
    assert!(reason(guarded.submit(&call(1), &create(offer())).await).contains("stopped"));
    assert_eq!(fake.received(), 0);
    assert!(guarded.product("prod-fake").await.is_ok(), "reads pass");
    assert!(guarded.find(&call(1).key, &create(offer())).await.is_ok(), "reads pass");
}

#[tokio::test]
async fn a_stopped_connection_gives_nothing_back_asks_for_nothing_and_ends_nothing() {
    let (fake, _, guarded) = guard(Grants { stopped: true, ..live(Caps::default()) });
    let sold = Sold::by(&fake).await;
    for (n, write) in (10..).zip(sold.every_write()) {
        assert!(reason(guarded.submit(&call(n), &write).await).contains("stopped"), "{write:?}");
    }
    assert_eq!(fake.applied().len(), 1, "the offer alone");
    assert_eq!(guarded.invoices_of(&sold.agreement).await.unwrap().invoices.len(), 1, "reads pass");
}

#[tokio::test]
async fn grants_that_cannot_be_read_grant_nothing() {
    let fake = Fake::in_memory();
    let granted = Granted { unreadable: true, ..Granted::default() };
    let guarded = Guarded::new(Arc::new(fake.clone()), Arc::new(granted));
    assert!(reason(guarded.submit(&call(1), &create(offer())).await).contains("database is locked"));
    assert_eq!(fake.received(), 0);
}

#[tokio::test]
async fn live_writes_pass_within_the_caps() {
    let (fake, _, guarded) = guard(live(Caps::default()));
    guarded.submit(&call(1), &create(offer())).await.unwrap();
    assert_eq!(fake.applied().len(), 1);
}

#[tokio::test]
async fn the_cap_on_offers_counts_steps_not_attempts() {
    let (fake, _, guarded) = guard(live(Caps { offers_per_day: Some(1), ..Caps::default() }));
    guarded.submit(&call(1), &create(offer())).await.unwrap();
    guarded.submit(&call(1), &create(offer())).await.expect("the same step again is no second offer");
    assert!(reason(guarded.submit(&call(2), &create(offer())).await).contains("`offers_per_day` of 1"));
    assert_eq!(fake.applied().len(), 1);
}

#[tokio::test]
async fn offers_judged_at_once_do_not_exceed_a_cap_together() {
    let (fake, _, guarded) = guard(live(Caps { offers_per_day: Some(3), ..Caps::default() }));
    let guarded = Arc::new(guarded);
    let all = (1..=10).map(|n| {
        let guarded = Arc::clone(&guarded);
        tokio::spawn(async move { guarded.submit(&call(n), &create(offer())).await.is_ok() })
    });
    let mut sent = 0;
    for one in all.collect::<Vec<_>>() {
        sent += usize::from(one.await.unwrap());
    }
    assert_eq!((sent, fake.applied().len()), (3, 3));
}

#[tokio::test]
async fn the_cap_on_value_is_exact_to_the_cent() {
    for (most, passes) in [(1_200_000, true), (1_199_999, false)] {
        let caps = Caps { value_per_day: BTreeMap::from([(dollars(), most)]), ..Caps::default() };
        let (fake, _, guarded) = guard(live(caps));
        let answer = guarded.submit(&call(1), &create(offer())).await;
        assert_eq!((answer.is_ok(), fake.applied().len() == 1), (passes, passes), "cap of {most} cents");
    }
}

#[tokio::test]
async fn once_a_value_is_capped_other_currencies_are_refused() {
    let caps = Caps { value_per_day: BTreeMap::from([("EUR".parse().unwrap(), i64::MAX)]), ..Caps::default() };
    let (_, _, guarded) = guard(live(caps));
    assert!(reason(guarded.submit(&call(1), &create(offer())).await).contains("names no amount for USD"));
}

#[tokio::test]
async fn only_named_buyers_are_offered_to_or_extended() {
    let (fake, granted, guarded) = guard(live(Caps::default()));
    guarded.submit(&call(1), &create(offer())).await.unwrap();
    let others = Caps { buyers: BTreeSet::from(["999999999999".to_owned()]), ..Caps::default() };
    *granted.grants.lock().unwrap() = live(others);
    for (n, write) in (2..).zip(every_write().into_iter().filter(|write| write.agreement_id().is_none())) {
        let answer = guarded.submit(&call(n), &write).await;
        let names_buyers = matches!(write, Write::CreateOffer { .. } | Write::ExtendOffer { .. });
        assert_eq!(answer.is_err(), names_buyers, "{write:?}: {answer:?}");
    }
    assert_eq!(fake.received(), 3, "the creation before the cap, a withdrawal and an amendment");
}

/// An offer of USD 12,000.00 that a buyer has accepted and was billed for.
struct Sold {
    agreement: String,
    invoice: String,
    term: String,
}

impl Sold {
    async fn by(fake: &Fake) -> Sold {
        fake.submit(&call(1), &create(offer())).await.unwrap();
        let agreement = fake.accept(&fake.applied()[0].object_id, "111122223333").unwrap();
        let invoice = fake.invoices_of(&agreement).await.unwrap().invoices[0].id.clone();
        let term = fake.allow_payments(&agreement, cents(500_000), false).unwrap();
        Sold { agreement, invoice, term }
    }

    fn every_write(&self) -> [Write; 3] {
        [cancel(&self.agreement), self.refund(100), payment(&self.agreement, &self.term, 100)]
    }

    fn refund(&self, cents: i64) -> Write {
        refund(&self.agreement, &self.invoice, cents)
    }
}

#[tokio::test]
async fn whose_an_agreement_is_the_marketplace_says() {
    for (allowed, passes) in [("111122223333", true), ("999999999999", false)] {
        let buyers = BTreeSet::from([allowed.to_owned()]);
        let (fake, _, guarded) = guard(live(Caps { buyers, ..Caps::default() }));
        let sold = Sold::by(&fake).await;
        for (n, write) in (10..).zip(sold.every_write()) {
            let answer = guarded.submit(&call(n), &write).await;
            assert_eq!(answer.is_ok(), passes, "{allowed}, {write:?}: {answer:?}");
        }
    }
    let (_, _, guarded) = guard(live(Caps { buyers: BTreeSet::from(["1".to_owned()]), ..Caps::default() }));
    let unknown = guarded.submit(&call(1), &cancel("agmt-nowhere")).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
}

#[tokio::test]
async fn the_cap_on_refunds_is_exact_to_the_cent_and_counts_steps_not_attempts() {
    let refunds_per_day = BTreeMap::from([(dollars(), 1_000)]);
    let (fake, _, guarded) = guard(live(Caps { refunds_per_day, ..Caps::default() }));
    let sold = Sold::by(&fake).await;
    guarded.submit(&call(2), &sold.refund(400)).await.unwrap();
    guarded.submit(&call(2), &sold.refund(400)).await.expect("the same step again is no second refund");
    assert!(reason(guarded.submit(&call(3), &sold.refund(601)).await).contains("`refunds_per_day` of USD 10.00"));
    guarded.submit(&call(3), &sold.refund(600)).await.unwrap();
    assert!(reason(guarded.submit(&call(4), &sold.refund(1)).await).contains("USD 10.00 sent today"));
    guarded.submit(&call(5), &create(offer())).await.expect("offers are not refunds");
    guarded.submit(&call(6), &payment(&sold.agreement, &sold.term, 500)).await.expect("nor are payments");
}

#[tokio::test]
async fn refunds_payments_and_offers_share_the_cap_on_value_and_only_offers_count_as_offers() {
    let value_per_day = BTreeMap::from([(dollars(), 1_200_300)]);
    let (fake, _, guarded) = guard(live(Caps { value_per_day, offers_per_day: Some(1), ..Caps::default() }));
    let sold = Sold::by(&fake).await;
    guarded.submit(&call(2), &sold.refund(100)).await.unwrap();
    guarded.submit(&call(3), &payment(&sold.agreement, &sold.term, 200)).await.unwrap();
    guarded.submit(&call(4), &create(offer())).await.expect("neither a refund nor a payment is an offer");
    assert!(reason(guarded.submit(&call(5), &sold.refund(1)).await).contains("`value_per_day`"));
}

#[tokio::test]
async fn an_amount_below_zero_makes_no_room_under_a_cap() {
    for caps in [Caps::default(), Caps { value_per_day: BTreeMap::from([(dollars(), 100)]), ..Caps::default() }] {
        let (fake, granted, guarded) = guard(live(caps));
        let sold = Sold::by(&fake).await;
        for (n, amount) in [(2, 0), (3, -1_000)] {
            assert!(reason(guarded.submit(&call(n), &sold.refund(amount)).await).contains("more than zero"));
        }
        assert!(granted.admitted.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn once_refunds_are_capped_other_currencies_are_refused() {
    let caps = Caps { refunds_per_day: BTreeMap::from([("EUR".parse().unwrap(), i64::MAX)]), ..Caps::default() };
    let (fake, _, guarded) = guard(live(caps));
    let sold = Sold::by(&fake).await;
    assert!(reason(guarded.submit(&call(2), &sold.refund(1)).await).contains("names no amount for USD"));
    let asked = guarded.submit(&call(3), &payment(&sold.agreement, &sold.term, 1)).await.unwrap();
    assert!(matches!(guarded.change(&asked.change).await, Ok(ChangeState::AwaitingBuyer { .. })));
}
