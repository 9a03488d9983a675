//! What one run tells another: once while it is obeyed or freshly refused, and again when the cause of a refusal may be gone.

use std::time::Duration;

use entente::{
    activities::letters::Letters,
    funding::tell::{self, Told},
};
use entente_core::ids::{RunId, derived};
use entente_store::{LeaseKey, Verdict};
use jiff::ToSpan as _;
use serde_json::json;

use crate::vendor::Vendor;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_told_again_after_a_while_and_what_was_done_is_not() {
    let vendor = Vendor::new().await;
    let (from, to) = (RunId(derived(&["payout"])), RunId(derived(&["claim"])));
    let told = [Told { to, id: "settle/1".into(), event: "settle", data: json!({}), until: None }];
    let shard = LeaseKey::shard(to.shard());
    let owner = "p-1".parse().unwrap();
    let lease = vendor.store().acquire(&owner, &[shard], Duration::from_secs(600)).await.unwrap().remove(0);
    let now = vendor.now().await;
    let sent = async |at| {
        let sent = tell::renewed(vendor.store(), from, &told, at).await.unwrap();
        tell::send(vendor.store(), &Letters::default(), from, &sent, at).await.unwrap();
        sent[0].id.clone()
    };
    let answer = async |verdict| {
        let pending = vendor.store().pending(&[to.shard()], 0, 9).await.unwrap();
        let [one] = pending.as_slice() else { panic!("{} messages wait", pending.len()) };
        vendor.store().answer(&[(to.shard(), lease.fence)], vec![(one.no, verdict)]).await.unwrap();
    };
    let refused = || Verdict::Refused { code: "parked".into(), reason: "an incident parks it".into() };

    assert_eq!(sent(now).await, "settle/1");
    assert_eq!(sent(now + 1.hour()).await, "settle/1", "it is not decided: nothing is told twice");
    answer(refused()).await;
    assert_eq!(sent(now + 59.seconds()).await, "settle/1", "that is its answer");
    assert_eq!(sent(now + 1.minute()).await, "settle/1~2", "the cause may be gone");
    answer(refused()).await;
    assert_eq!(sent(now + 3.minutes()).await, "settle/1~3");
    answer(Verdict::Accepted { seq: 2, state: "paid".into() }).await;
    assert_eq!(sent(now + 3.hours()).await, "settle/1~3", "it is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_not_told_again_once_another_message_rests_on_that() {
    let vendor = Vendor::new().await;
    let (from, to) = (RunId(derived(&["payout"])), RunId(derived(&["claim"])));
    let told = |id: &str, until: Option<&str>| {
        let (id, until) = (id.to_owned(), until.map(str::to_owned));
        [Told { to, id, event: "recovered", data: json!({}), until }]
    };
    let (netted, settle) = (told("netted/1", Some("settle/1")), told("settle/1", None));
    let shard = LeaseKey::shard(to.shard());
    let owner = "p-1".parse().unwrap();
    let lease = vendor.store().acquire(&owner, &[shard], Duration::from_secs(600)).await.unwrap().remove(0);
    let now = vendor.now().await;
    let sent = async |told: &[Told], at| {
        let sent = tell::renewed(vendor.store(), from, told, at).await.unwrap();
        tell::send(vendor.store(), &Letters::default(), from, &sent, at).await.unwrap();
        sent[0].id.clone()
    };
    let refuse = async || {
        let pending = vendor.store().pending(&[to.shard()], 0, 9).await.unwrap();
        let [one] = pending.as_slice() else { panic!("{} messages wait", pending.len()) };
        let verdict = Verdict::Refused { code: "parked".into(), reason: "an incident parks it".into() };
        vendor.store().answer(&[(to.shard(), lease.fence)], vec![(one.no, verdict)]).await.unwrap();
    };

    assert_eq!(sent(&netted, now).await, "netted/1");
    refuse().await;
    assert_eq!(sent(&netted, now + 1.hour()).await, "netted/1~2", "nothing rests on its refusal yet");
    refuse().await;
    assert_eq!(sent(&settle, now + 1.hour()).await, "settle/1");
    assert_eq!(sent(&netted, now + 3.hours()).await, "netted/1~2", "the last answer stands, and not the first");
    refuse().await;
    assert_eq!(sent(&settle, now + 3.hours()).await, "settle/1~2");
    assert_eq!(sent(&netted, now + 5.hours()).await, "netted/1~2");
}
