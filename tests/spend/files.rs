//! What files come to.

use entente::spend::{Came, ImportError, Job, changes};
use entente_core::{commitment::Replaces, scope::Scope};
use entente_store::ReadingStatus;

use crate::desk::{AWS, Desk, at, contract, days, focus};

#[tokio::test(flavor = "multi_thread")]
async fn taking_a_file_in_twice_changes_nothing() {
    let desk = Desk::new().await;
    let text = focus([(1, "10.10", AWS), (2, "0.000000000001", AWS), (1, "5", AWS)]);
    let taken = desk.take("2026-03", &text, 1).await;
    assert_eq!((taken.version, taken.rows, taken.quarantined.len(), taken.differences.len()), (Some(1), 3, 0, 2));
    assert_eq!(taken.format, "focus 1.0 csv");
    let again = desk.import("2026-03", &text).await.unwrap();
    assert!(matches!(again, Came::Before(row) if row.new.id == taken.id));
    assert_eq!(desk.readings().await.len(), 1);
    assert_eq!(desk.spent(None).await, days(&[(1, "15.1"), (2, "0.000000000001")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restated_file_replaces_its_partition_and_tells_the_differences_for_ever() {
    let desk = Desk::new().await;
    desk.take("2026-03", &focus([(1, "10", AWS), (2, "20", AWS), (3, "30", AWS)]), 10).await;
    desk.take("2026-03-other", &focus([(1, "1", AWS)]), 11).await;
    let restated = desk.take("2026-03", &focus([(2, "25", AWS), (3, "30", AWS), (4, "40", AWS)]), 20).await;
    let told = |differences: &[entente_core::commitment::drawdown::Difference]| -> Vec<(String, String, String)> {
        let one = |one: &entente_core::commitment::drawdown::Difference| {
            (one.key.day.to_string(), one.before.to_string(), one.after.to_string())
        };
        differences.iter().map(one).collect()
    };
    let expected: Vec<(String, String, String)> =
        [("2026-03-01", "10", "0"), ("2026-03-02", "20", "25"), ("2026-03-04", "0", "40")]
            .map(|(day, before, after)| (day.into(), before.into(), after.into()))
            .into();
    assert_eq!((restated.version, told(&restated.differences)), (Some(2), expected.clone()));
    assert_eq!(desk.spent(None).await, days(&[(1, "1"), (2, "25"), (3, "30"), (4, "40")]));
    assert_eq!(desk.spent(Some(at(15))).await, days(&[(1, "11"), (2, "20"), (3, "30")]), "as it was known then");
    assert_eq!(desk.spent(Some(at(9))).await, []);

    // A third version does not change what the second one has changed.
    desk.take("2026-03", &focus([(9, "1", AWS)]), 30).await;
    let all = desk.readings().await;
    let second = all.iter().find(|row| row.new.id == restated.id).unwrap();
    assert_eq!((second.status, second.replaced_at), (ReadingStatus::Replaced, Some(at(30))));
    let change = changes(desk.store.as_ref(), &Scope::vendor(), &all, &[second]).await.unwrap().remove(0);
    assert_eq!(told(&change.differences), expected);
    assert_eq!((change.from.map(|day| day.to_string()), change.version), (Some("2026-03-01".into()), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_replaced_comes_back_only_where_it_is_said() {
    let desk = Desk::new().await;
    let (first, second) = (focus([(1, "10", AWS)]), focus([(1, "11", AWS)]));
    desk.take("2026-03", &first, 1).await;
    desk.take("2026-03", &second, 2).await;
    assert!(matches!(desk.import("2026-03", &first).await.unwrap(), Came::Replaced(_)));
    assert_eq!(desk.spent(None).await, days(&[(1, "11")]));
    let commitment = crate::desk::globex();
    let restored = desk.import_as(&commitment, "2026-03", &first, |job| Job { restore: true, ..job }).await.unwrap();
    assert!(matches!(restored, Came::New(taken) if taken.version == Some(3)));
    assert_eq!(desk.spent(None).await, days(&[(1, "10")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_counted_is_set_aside_with_its_reason_and_none_of_it_is_dropped() {
    let desk = Desk::new().await;
    let mut text = focus((1..=30).map(|day| (day, "1", AWS)));
    text = text.replacen("2026-03-07T08", "2026-13-07T08", 1).replacen(",1\n", ",one\n", 2);
    let taken = desk.take("2026-03", &text, 1).await;
    let aside: u64 = taken.quarantined.iter().map(|rows| rows.rows).sum();
    assert_eq!((taken.rows, aside), (27, 3));
    let said: Vec<(&str, &str, u64, u64, &str)> = taken
        .quarantined
        .iter()
        .map(|rows| (rows.reason.as_str(), rows.column.as_str(), rows.rows, rows.first_row, rows.sample.as_str()))
        .collect();
    assert!(said.contains(&("not_a_number", "BilledCost", 2, 1, "one")), "{said:?}");
    assert!(
        said.iter().any(|(reason, column, ..)| (*reason, *column) == ("not_a_date", "ChargePeriodStart")),
        "{said:?}"
    );
    assert_eq!(desk.store.quarantined(&Scope::vendor(), &taken.id).await.unwrap(), taken.quarantined);

    // Nothing of a file that none of the commitment's cost can be read from.
    let none = focus([(1, "one", AWS), (2, "two", AWS)]);
    let refused = desk.import("2026-03", &none).await.unwrap_err();
    assert!(matches!(&refused, ImportError::Nothing { quarantined, .. } if quarantined[0].rows == 2), "{refused}");
    assert_eq!(desk.readings().await.len(), 1, "what its partition said stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_tell_the_contracts_cost_is_refused() {
    let desk = Desk::new().await;
    let effective = contract("cost: billed", "cost: effective");
    let refused = desk.import_as(&effective, "2026-03", &focus([(1, "10", AWS)]), |job| job).await.unwrap_err();
    assert!(matches!(refused, ImportError::File { .. }), "{refused}");
    assert!(desk.readings().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_are_not_two_partitions() {
    let desk = Desk::new().await;
    let text = focus([(1, "10", AWS)]);
    desk.take("2026-03", &text, 1).await;
    let refused = desk.import("march", &text).await.unwrap_err();
    assert!(matches!(&refused, ImportError::Elsewhere { partition, .. } if partition == "2026-03"), "{refused}");
    let refused = desk
        .import_as(&crate::desk::globex(), "march", &text, |job| Job { replaces: Replaces::Days, ..job })
        .await
        .unwrap_err();
    assert!(matches!(refused, ImportError::NotDays { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_change_and_keeps_nothing() {
    let desk = Desk::new().await;
    let (first, second) = (focus([(1, "10", AWS)]), focus([(1, "11", AWS)]));
    let dry = async |text: &str| {
        let came = desk.import_as(&crate::desk::globex(), "2026-03", text, |job| Job { dry_run: true, ..job }).await;
        let Came::New(taken) = came.unwrap() else { panic!("it would be new") };
        (taken.version, taken.rows, taken.differences.iter().map(|one| one.after.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(dry(&first).await, (None, 1, vec!["10".to_owned()]));
    assert!(desk.readings().await.is_empty() && !desk.folder.join("evidence/raw").exists());
    desk.take("2026-03", &first, 1).await;
    assert_eq!(dry(&second).await, (None, 1, vec!["11".to_owned()]));
    assert_eq!(desk.spent(None).await, days(&[(1, "10")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commitment_that_was_entered_for_the_wrong_buyer_takes_its_files_in_again_for_the_right_one() {
    let desk = Desk::new().await;
    let (text, right) = (focus([(1, "10", AWS)]), contract("party: globex", "party: initech"));
    desk.take("2026-03", &text, 1).await;
    let seen = async |party: &str| {
        let scope = Scope::party(party.parse().unwrap());
        entente::spend::drawdown(desk.store.as_ref(), &scope, &right, None).await.unwrap().days().len()
    };
    assert_eq!((seen("globex").await, seen("initech").await), (1, 0));
    let came = desk.import_as(&right, "2026-03", &text, |job| job).await.unwrap();
    assert!(matches!(&came, Came::New(taken) if taken.differences.len() == 1), "{came:?}");
    assert_eq!(seen("initech").await, 1);
    assert!(matches!(desk.import_as(&right, "2026-03", &text, |job| job).await.unwrap(), Came::Before(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_again_does_not_come_in_place_of_a_file_that_came_meanwhile() {
    let desk = Desk::new().await;
    let (first, second) = (focus([(1, "10", AWS)]), focus([(1, "11", AWS)]));
    let former: &'static str = desk.take("2026-03", &first, 1).await.id.leak();
    desk.take("2026-03", &second, 2).await;
    let commitment = crate::desk::globex();
    // As `again` does, which has seen the first file there before the second one came.
    let again =
        async |former| desk.import_as(&commitment, "2026-03", &first, |job| Job { restore: true, former, ..job }).await;
    let overtaken = again(Some(former)).await.unwrap_err();
    assert!(matches!(overtaken, ImportError::Overtaken { .. }), "{overtaken}");
    assert_eq!(desk.spent(None).await, days(&[(1, "11")]));
    assert!(
        matches!(again(None).await.unwrap(), Came::New(taken) if taken.version == Some(3)),
        "nothing of it was left"
    );
}
