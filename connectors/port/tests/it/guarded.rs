//! What a mode forbids never reaches the connector.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use entente_core::money::{Currency, Money};
use entente_fake::Fake;
use entente_port::{
    Allowance, CallContext, Caps, Error, Grants, Guarded, Marketplace, Mode, PlannedCall, StepKey, Used, Write,
};

use crate::offers::{call, create, every_write, offer};

/// Grants as a test sets them, and what the guard recorded.
#[derive(Default)]
struct Granted {
    grants: Mutex<Grants>,
    admitted: Mutex<Vec<(StepKey, Money)>>,
    withheld: Mutex<Vec<(Write, Vec<PlannedCall>, String)>>,
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
        let admitted = self.admitted.lock().unwrap();
        let others = admitted.iter().filter(|(key, _)| key != except);
        let mut used = Used::default();
        for (_, value) in others {
            used.offers += 1;
            *used.value.entry(value.currency).or_default() += value.minor;
        }
        Ok(used)
    }

    async fn admit(&self, key: &StepKey, value: Money) -> Result<(), String> {
        let mut admitted = self.admitted.lock().unwrap();
        if !admitted.iter().any(|(known, _)| known == key) {
            admitted.push((key.clone(), value));
        }
        Ok(())
    }

    async fn withheld(&self, _call: &CallContext, write: &Write, plan: &[PlannedCall], reason: &str) {
        self.withheld.lock().unwrap().push((write.clone(), plan.to_vec(), reason.to_owned()));
    }
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

fn reason(answer: entente_port::Result<entente_port::Submitted>) -> String {
    match answer {
        Err(Error::Withheld { reason }) => reason,
        other => panic!("expected a withheld write, got {other:?}"),
    }
}

#[tokio::test]
async fn in_observe_no_write_leaves() {
    let (fake, granted, guarded) = guard(Grants::default());
    for (n, write) in (1..).zip(every_write()) {
        assert!(reason(guarded.submit(&call(n), &write).await).contains("observe"));
    }
    assert_eq!(fake.received(), 0, "a write reached the marketplace");
    assert_eq!(granted.withheld.lock().unwrap().len(), every_write().len(), "each withheld write is kept");
}

#[tokio::test]
async fn in_shadow_the_plan_is_kept_and_no_write_leaves() {
    let (fake, granted, guarded) = guard(Grants { mode: Mode::Shadow, ..Grants::default() });
    let write = create(offer());
    assert!(reason(guarded.submit(&call(1), &write).await).contains("shadow"));
    assert_eq!(fake.received(), 0);
    let withheld = granted.withheld.lock().unwrap();
    assert_eq!(withheld[0].1, fake.plan(&call(1), &write).unwrap(), "the kept plan is what would have been sent");
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
    for (n, write) in (2..).zip(every_write()) {
        let answer = guarded.submit(&call(n), &write).await;
        let names_buyers = matches!(write, Write::CreateOffer { .. } | Write::ExtendOffer { .. });
        assert_eq!(answer.is_err(), names_buyers, "{write:?}: {answer:?}");
    }
    assert_eq!(fake.received(), 3, "the creation before the cap, a withdrawal and an amendment");
}
