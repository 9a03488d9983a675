//! The same files, judged by another contract or other rules.

use entente::spend::{Came, DrawdownFailed, Judge, again, drawdown};
use entente_core::{
    commitment::{Commitment, drawdown::DrawdownError, eligibility::Rules},
    scope::Scope,
};
use entente_documents::Error as KeptError;
use entente_spend::Progress;
use entente_store::{ReadingRow, ReadingStatus};

use crate::desk::{AWS, Desk, at, contract, focus, globex, rules};

/// Rules of the organisation's own.
pub const OWN: &str = "rules: [{ rule: own-1, title: Acme's product does not count from 10 March, tests: charge,
  valid_from: 2026-03-10, known_from: 2026-11-30, precedence: 90, source: { kind: told, at: a letter, read: 2026-11-30 },
  when: { channels: [marketplace] }, effect: excluded }]";

/// Reads a commitment's files again.
pub async fn read_again(desk: &Desk, commitment: &Commitment, rules: &Rules) -> entente::spend::Again {
    let at = at(50);
    let judge = Judge { commitment, rules, known_on: commitment.day_of(at) };
    let mut progress = |_: &ReadingRow, _: Progress| {};
    again(desk.store.as_ref(), &desk.raw, judge, ("mia", at), false, &mut progress).await.unwrap()
}

/// US-12: recomputed from the first day that differs, and both versions stay.
#[tokio::test(flavor = "multi_thread")]
async fn us12_other_rules_make_another_reading_of_the_same_file() {
    let desk = Desk::new().await;
    desk.take("2026-03", &focus([(5, "100", "Red Hat"), (12, "200", "Red Hat"), (13, "7", AWS)]), 1).await;
    desk.take("2026-02", &focus([(1, "3", AWS)]), 2).await;
    let same = read_again(&desk, &globex(), &rules("")).await;
    assert_eq!((same.read.len(), same.unchanged), (0, 2), "nothing has changed");

    let came = read_again(&desk, &globex(), &rules(OWN)).await;
    assert_eq!(came.read.len(), 2, "each partition is judged by the rules as they are now");
    let (before, march) = came.read.iter().find(|(row, _)| row.new.partition.0 == "2026-03").unwrap();
    let first = march.differences.iter().map(|one| one.key.day.to_string()).min();
    assert_eq!((first.as_deref(), march.version), (Some("2026-03-12"), Some(2)), "{:?}", march.differences);
    let told: Vec<(String, String, String)> = march
        .differences
        .iter()
        .map(|one| (one.key.reason.to_string(), one.before.to_string(), one.after.to_string()))
        .collect();
    assert!(told.contains(&("own-1".into(), "0".into(), "200".into())), "{told:?}");

    let all = desk.readings().await;
    let (old, new) =
        (all.iter().find(|row| row.new.id == before.new.id), all.iter().find(|row| row.new.id == march.id));
    let (old, new) = (old.unwrap(), new.unwrap());
    assert_eq!((old.status, new.status), (ReadingStatus::Replaced, ReadingStatus::Current));
    assert_eq!(old.new.file_sha256, new.new.file_sha256);
    assert_ne!(old.new.judged_by, new.new.judged_by);

    // The rules as they were before: the figures as they were before, as a version of their own.
    let back = read_again(&desk, &globex(), &rules("")).await;
    assert!(back.read.iter().all(|(_, taken)| taken.version == Some(3)), "{back:?}");
    assert_eq!(read_again(&desk, &globex(), &rules("")).await.read.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_on_another_basis_are_refused_until_they_are_read_again() {
    let desk = Desk::new().await;
    desk.take("2026-03", &focus([(5, "100", AWS)]), 1).await;
    let revised = contract("tax: excluded", "tax: counts");
    let refused = drawdown(desk.store.as_ref(), &Scope::vendor(), &revised, None).await.unwrap_err();
    assert!(matches!(refused, DrawdownFailed::Drawdown(DrawdownError::OtherBasis { .. })), "{refused}");
    assert_eq!(read_again(&desk, &revised, &rules("")).await.read.len(), 1);
    let drawdown = drawdown(desk.store.as_ref(), &Scope::vendor(), &revised, None).await.unwrap();
    assert_eq!(drawdown.days().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bringing_a_file_again_mends_what_was_damaged_where_it_is_kept() {
    let desk = Desk::new().await;
    let (text, damaged) = (focus([(5, "100", "Red Hat")]), focus([(5, "999", "Red Hat")]));
    desk.take("2026-03", &text, 1).await;
    let sha256 = desk.readings().await.remove(0).new.file_sha256;
    let kept = desk.folder.join("evidence/raw").join(&sha256[..2]).join(&sha256);
    std::fs::write(&kept, &damaged).unwrap();
    assert!(matches!(desk.import("2026-03", &text).await.unwrap(), Came::Before(_)));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), text);
    assert_eq!(read_again(&desk, &globex(), &rules(OWN)).await.read.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_where_it_is_kept_is_not_read_again_and_keeps_back_no_other() {
    let desk = Desk::new().await;
    desk.take("2026-03", &focus([(5, "100", "Red Hat")]), 1).await;
    let sha256 = desk.readings().await.remove(0).new.file_sha256;
    for (name, minute) in [("2026-02", 2), ("2026-04", 3)] {
        desk.take(name, &focus([(12, minute.to_string().as_str(), "Red Hat")]), minute).await;
    }
    let kept = desk.folder.join("evidence/raw").join(&sha256[..2]).join(&sha256);
    std::fs::write(kept, focus([(5, "999", "Red Hat")])).unwrap();
    let (commitment, rules, at) = (globex(), rules(OWN), at(50));
    let judge = Judge { commitment: &commitment, rules: &rules, known_on: commitment.day_of(at) };
    let mut progress = |_: &ReadingRow, _: Progress| {};
    let came = again(desk.store.as_ref(), &desk.raw, judge, ("mia", at), false, &mut progress).await.unwrap();
    let damaged = |error: &entente::spend::ImportError| {
        matches!(error, entente::spend::ImportError::Kept(KeptError::Changed { .. }))
    };
    assert!(matches!(&came.failed[..], [(row, why)] if row.new.partition.0 == "2026-03" && damaged(why)), "{came:?}");
    let read: Vec<&str> = came.read.iter().map(|(row, _)| row.new.partition.0.as_str()).collect();
    assert_eq!(read, ["2026-02", "2026-04"], "before and behind it");
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_that_were_judged_elsewhere_are_not_said_to_be_judged_as_they_would_be_now() {
    let desk = Desk::new().await;
    let sums = "day,account,product,part,reason,weight_least,weight_most,currency,amount\n\
                2026-03-05,111122223333,Amazon S3,cloud,cloud,100,100,USD,7\n";
    desk.take("warehouse", sums, 1).await;
    desk.take("2026-02", &focus([(1, "3", AWS)]), 2).await;
    let came = read_again(&desk, &globex(), &rules("")).await;
    assert_eq!((came.read.len(), came.unchanged, came.not_compared, came.elsewhere.len()), (0, 1, 1, 0));
}
