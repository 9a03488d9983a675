//! The fake keeps every law, and a fake that breaks one is found out by name.

use std::time::Duration;

use entente_fake::{Fake, Fault, FaultPlan, Settings};
use entente_port::{Capability, RecoveryClass, conformance::exercise};

use crate::bench::FakeBench;

async fn broken_laws(fake: Fake) -> Vec<&'static str> {
    let mut laws: Vec<&str> = exercise(&FakeBench(fake)).await.into_iter().map(|breach| breach.law).collect();
    laws.dedup();
    laws
}

#[tokio::test]
async fn the_fake_keeps_every_law() {
    assert_eq!(exercise(&FakeBench(Fake::in_memory())).await, []);
}

#[tokio::test]
async fn a_slow_and_late_fake_keeps_every_law() {
    let settings = Settings {
        processing: Duration::from_secs(3),
        visibility: Duration::from_secs(1),
        page: 1,
        ..Settings::default()
    };
    assert_eq!(exercise(&FakeBench(Fake::open(settings).unwrap())).await, []);
}

#[tokio::test]
async fn a_fake_of_another_class_keeps_every_law_that_its_class_promises() {
    let settings = Settings::default().with_class(RecoveryClass::NaturalKey);
    assert_eq!(exercise(&FakeBench(Fake::open(settings).unwrap())).await, []);
}

#[tokio::test]
async fn a_token_that_is_ignored_is_found_out() {
    let fake = Fake::in_memory();
    fake.inject(Fault::IgnoreToken.always());
    let laws = broken_laws(fake).await;
    assert!(laws.contains(&"the same token and write, sent twice, has one effect"), "{laws:?}");
    assert!(laws.contains(&"the same token and request about an agreement, sent twice, has one effect"), "{laws:?}");
}

#[tokio::test]
async fn a_key_that_is_not_kept_is_found_out() {
    let class = RecoveryClass::Manual;
    let fake = Fake::open(Settings::default().with_class(class)).unwrap();
    assert!(broken_laws(fake).await.contains(&"a write is found by its key, with where it stands"));
}

#[tokio::test]
async fn a_refund_that_is_never_worked_off_is_found_out() {
    for fault in [Fault::Stuck, Fault::FailLater { field: None, code: "NO".to_owned() }] {
        let fake = Fake::in_memory();
        fake.inject(FaultPlan { on: Some(Capability::AdjustBilling), skip: 1, ..fault.always() });
        let laws = broken_laws(fake).await;
        assert!(
            laws.contains(&"money given back shows as a credit memo, and less can be given back afterwards"),
            "{laws:?}"
        );
    }
}

#[tokio::test]
async fn a_write_that_is_stuck_or_fails_is_found_out() {
    for fault in [Fault::Stuck, Fault::FailLater { field: None, code: "NO".to_owned() }] {
        let fake = Fake::in_memory();
        fake.inject(FaultPlan { on: Some(Capability::WithdrawOffer), skip: 1, ..fault.always() });
        let laws = broken_laws(fake).await;
        assert_eq!(laws, ["a withdrawn offer reads back as withdrawn"]);
    }
}
