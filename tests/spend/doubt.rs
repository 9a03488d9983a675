//! What keeps a file out until it is insisted upon, and how what is in is taken back.

use entente::spend::{Came, ImportError, Insists, Job, drawdown, retract};
use entente_core::{commitment::Amount, scope::Scope};
use entente_store::{ReadingRow, ReadingStatus};

use crate::desk::{AWS, Desk, april, at, contract, days, focus, globex};

const RESTATE: Insists = Insists { restate: true, beside: false, whole: false };
const BESIDE: Insists = Insists { restate: false, beside: true, whole: false };

async fn insisting(desk: &Desk, name: &str, text: &str, insists: Insists) -> Result<Came, ImportError> {
    desk.import_as(&globex(), name, text, |job| Job { insists, ..job }).await
}

async fn current(desk: &Desk) -> ReadingRow {
    desk.readings().await.into_iter().find(|row| row.status == ReadingStatus::Current).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_month_does_not_come_in_place_of_a_partition_unless_it_is_said() {
    let desk = Desk::new().await;
    let march = focus([(1, "10", AWS), (2, "20", AWS)]);
    desk.take("part-0", &march, 1).await;
    for dry_run in [true, false] {
        let refused =
            desk.import_as(&globex(), "part-0", &april(&march), |job| Job { dry_run, ..job }).await.unwrap_err();
        assert!(matches!(&refused, ImportError::OtherDays { partition, .. } if partition == "part-0"), "{refused}");
    }
    assert_eq!(desk.readings().await.len(), 1, "nothing of it is left");
    assert_eq!(desk.spent(None).await, days(&[(1, "10"), (2, "20")]));
    assert!(matches!(insisting(&desk, "part-0", &april(&march), RESTATE).await, Ok(Came::New(_))));
    assert_eq!(desk.spent(None).await.len(), 2);
    assert_eq!(desk.spent(None).await[0].0, "2026-04-01");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_that_is_in_under_another_name_is_not_counted_twice() {
    let desk = Desk::new().await;
    let sums = |last: &'static str| focus([(1, "10", AWS), (2, "20", AWS), (3, "30", AWS), (4, last, AWS)]);
    desk.take("run-1/part_0", &sums("40"), 1).await;
    let refused = desk.import("run-2/part_0", &sums("41")).await.unwrap_err();
    let told = |partition: &str, same: usize, of: usize| partition == "run-1/part_0" && (same, of) == (3, 4);
    assert!(
        matches!(&refused, ImportError::Twice { partition, same, of, .. } if told(partition, *same, *of)),
        "{refused}"
    );
    assert_eq!(desk.spent(None).await, days(&[(1, "10"), (2, "20"), (3, "30"), (4, "40")]));

    // Another part of the same export has the same days and products.
    desk.take("run-1/part_1", &focus([(1, "11", AWS), (2, "21", AWS), (3, "30", AWS), (4, "41", AWS)]), 2).await;
    assert!(matches!(insisting(&desk, "run-2/part_0", &sums("41"), BESIDE).await, Ok(Came::New(_))));
    assert_eq!(desk.spent(None).await, days(&[(1, "31"), (2, "61"), (3, "90"), (4, "122")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_by_mistake_is_taken_back_and_nothing_is_known_of_its_days() {
    let desk = Desk::new().await;
    let text = focus([(1, "10", AWS)]);
    desk.take("2026-03", &text, 1).await;
    let row = current(&desk).await;
    retract(desk.store.as_ref(), &row, ("mia", at(2))).await.unwrap();
    assert_eq!((desk.spent(None).await, desk.spent(Some(at(2))).await), (Vec::new(), days(&[(1, "10")])));
    let now = drawdown(desk.store.as_ref(), &Scope::vendor(), &globex(), None).await.unwrap();
    assert_eq!(now.complete_through(), None);
    let refused = retract(desk.store.as_ref(), &current(&desk).await, ("mia", at(3))).await.unwrap_err();
    assert!(matches!(refused, ImportError::NotCurrent(_)), "{refused}");
    // It is not in the way of the same file under its right name, and comes back where it is said.
    desk.take("march", &text, 4).await;
    assert!(matches!(desk.import("2026-03", &text).await, Err(ImportError::Elsewhere { .. })));
    assert_eq!(desk.spent(None).await, days(&[(1, "10")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_can_be_restated_to_nothing_and_a_new_one_cannot_be_nothing() {
    let desk = Desk::new().await;
    desk.take("2026-03", &focus([(1, "10", AWS)]), 1).await;
    assert!(matches!(desk.import("2026-02", &focus([])).await, Err(ImportError::Nothing { .. })));
    // A heading alone may be what is left of a file that was cut off, however few rows it had.
    for dry_run in [true, false] {
        let refused = desk.import_as(&globex(), "2026-03", &focus([]), |job| Job { dry_run, ..job }).await.unwrap_err();
        assert!(matches!(refused, ImportError::Shrunk { rows: 0, before: 1, .. }), "{refused}");
    }
    assert_eq!(desk.spent(None).await, days(&[(1, "10")]));
    let Came::New(taken) = insisting(&desk, "2026-03", &focus([]), WHOLE).await.unwrap() else { panic!("it is new") };
    assert_eq!((taken.version, taken.rows, taken.differences.len()), (Some(2), 0, 1));
    assert_eq!(desk.spent(None).await, []);
}

const EVENTS: &str = r#"{"value":[{"id":"/providers/Microsoft.Billing/billingAccounts/1:2/events/1",
  "type":"Microsoft.Consumption/events","properties":{"transactionDate":"MONTH-09T12:00:00Z","eventType":"SettledCharges",
  "charges":{"currency":"USD","value":CHARGED},"lotSource":"ConsumptionCommitment"}}]}"#;

/// A settled event of a commitment, as Microsoft lists them.
fn events(month: &str, charged: &str) -> String {
    EVENTS.replace("MONTH", month).replace("CHARGED", charged)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_events_does_not_come_beside_an_export_of_the_same_days_unless_it_is_said() {
    let (azure, export) =
        (contract("cloud: aws", "cloud: microsoft"), focus([(1, "10", "Microsoft")]).replace("AWS,", "Microsoft,"));
    let desk = Desk::new().await;
    let import = async |name: &str, text: &str, insists: Insists| {
        desk.import_as(&azure, name, text, |job| Job { insists, ..job }).await
    };
    let none = Insists::default();
    assert!(matches!(import("2026-03", &export, none).await, Ok(Came::New(_))));
    let refused = import("events", &events("2026-03", "-10"), none).await.unwrap_err();
    assert!(matches!(&refused, ImportError::BesideEvents { partition, .. } if partition == "2026-03"), "{refused}");
    assert!(
        matches!(import("events", &events("2026-05", "-10"), none).await, Ok(Came::New(_))),
        "other months are no doubt"
    );
    let may = april(&export).replace("2026-05-01 00", "2026-06-01 00").replace("2026-04", "2026-05");
    let refused = import("2026-05", &may, none).await.unwrap_err();
    assert!(matches!(&refused, ImportError::BesideEvents { partition, .. } if partition == "events"), "{refused}");
    assert!(matches!(import("2026-05", &may, BESIDE).await, Ok(Came::New(_))));
}

const WHOLE: Insists = Insists { restate: false, beside: false, whole: true };

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_be_cut_off_is_taken_in_only_where_it_is_said_to_be_whole() {
    let desk = Desk::new().await;
    let text = focus((1..=12).map(|day| (day, "10", AWS)));
    let cut = text.trim_end();
    for dry_run in [true, false] {
        let refused = desk.import_as(&globex(), "2026-03", cut, |job| Job { dry_run, ..job }).await.unwrap_err();
        assert!(matches!(&refused, ImportError::Unended { file } if file == "2026-03"), "{refused}");
    }
    assert!(desk.readings().await.is_empty(), "nothing of it is left");
    assert!(matches!(insisting(&desk, "2026-03", cut, WHOLE).await, Ok(Came::New(_))));

    // Of twelve rows six are half of them; five are fewer.
    let first = |rows: usize| text.split_inclusive('\n').take(1 + rows).collect::<String>();
    let refused = desk.import("2026-03", &first(5)).await.unwrap_err();
    assert!(matches!(refused, ImportError::Shrunk { rows: 5, before: 12, .. }), "{refused}");
    assert_eq!(desk.spent(None).await.len(), 12, "what its partition said stays");
    assert!(matches!(insisting(&desk, "2026-03", &first(5), WHOLE).await, Ok(Came::New(_))));
    let other = Desk::new().await;
    other.take("2026-03", &text, 1).await;
    other.take("2026-03", &first(6), 2).await;
    assert_eq!(other.spent(None).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_take_one_file_in_at_the_same_time_one_finds_it_in() {
    let desk = Desk::new().await;
    // Twelve portions of a hundred rows.
    let text = focus((0..1_200).map(|row| (u8::try_from(1 + row % 28).unwrap(), "0.1", AWS)));
    let globex = globex();
    let (one, other) = tokio::join!(
        desk.import_as(&globex, "2026-03", &text, |job| job),
        desk.import_as(&globex, "2026-03", &text, |job| job),
    );
    let is_in = |came: Result<Came, ImportError>| match came.unwrap() {
        Came::New(taken) => (true, taken.id),
        Came::Before(row) => (false, row.new.id),
        came => panic!("{came:?}"),
    };
    let (one, other) = (is_in(one), is_in(other));
    assert_eq!(one.1, other.1, "it is the same reading");
    assert!(one.0 || other.0, "somebody has taken it in");
    assert_eq!(desk.readings().await.len(), 1);
    let spent = desk.spent(None).await.into_iter().map(|(_, sum)| sum.parse::<Amount>().unwrap());
    assert_eq!(Amount::sum(spent).unwrap().to_string(), "120", "and no row of it counts twice");
}
