//! Daily sums that others have made, in place of a partition or of days.

use entente::spend::{Came, ImportError, Job};
use entente_core::commitment::Replaces;
use entente_spend::Limits;
use jiff::civil::Date;

use crate::desk::{AWS, Desk, days, focus, globex};

fn sums(all: &[(u8, &str)]) -> String {
    let heading = "day,account,product,part,reason,weight_least,weight_most,currency,amount\n".to_owned();
    let row =
        |(day, amount): &(u8, &str)| format!("2026-03-{day:02},111122223333,S3,cloud,basis,100,100,USD,{amount}\n");
    heading + &all.iter().map(row).collect::<String>()
}

fn on(day: i8) -> Date {
    jiff::civil::date(2026, 3, day)
}

async fn import(desk: &Desk, text: &str, covers: Option<(Date, Date)>) -> Result<Came, ImportError> {
    let replaces = if covers.is_some() { Replaces::Days } else { Replaces::Partition };
    desk.import_as(&globex(), "sums", text, |job| Job { replaces, covers, ..job }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_came_in_place_of_days_can_come_in_place_of_all_of_it() {
    let desk = Desk::new().await;
    let (first, second) = (sums(&[(1, "10"), (2, "20")]), sums(&[(2, "25")]));
    import(&desk, &first, None).await.unwrap();
    import(&desk, &second, Some((on(2), on(2)))).await.unwrap();
    assert_eq!(desk.spent(None).await, days(&[(1, "10"), (2, "25")]));
    assert!(matches!(import(&desk, &second, Some((on(2), on(2)))).await, Ok(Came::Before(_))));
    assert!(matches!(import(&desk, &second, None).await, Ok(Came::New(_))));
    assert_eq!(desk.spent(None).await, days(&[(2, "25")]), "it was given without `--days`");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_a_sum_among_those_that_are_corrected_has_nothing_any_more() {
    let desk = Desk::new().await;
    import(&desk, &sums(&[(24, "1"), (25, "10"), (30, "20")]), None).await.unwrap();
    let covers = Some((on(25), on(30)));
    assert!(matches!(import(&desk, &sums(&[(25, "11")]), covers).await, Ok(Came::New(_))));
    assert_eq!(desk.spent(None).await, days(&[(24, "1"), (25, "11")]));
    let refused = import(&desk, &sums(&[(24, "3"), (26, "1")]), covers).await.unwrap_err();
    assert!(matches!(refused, ImportError::Outside { .. }), "{refused}");
    assert_eq!(desk.readings().await.len(), 2, "nothing of it is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_days_are_corrected_of_a_file_that_may_be_read_again() {
    let desk = Desk::new().await;
    desk.take("sums", &focus([(1, "10", AWS), (2, "20", AWS)]), 1).await;
    let refused = import(&desk, &sums(&[(2, "25")]), Some((on(2), on(2)))).await.unwrap_err();
    assert!(matches!(&refused, ImportError::NotSums { partition, .. } if partition == "sums"), "{refused}");
    assert_eq!(desk.spent(None).await, days(&[(1, "10"), (2, "20")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_that_is_dated_ahead_makes_no_day_complete() {
    let desk = Desk::new().await;
    let ahead = sums(&[(1, "10"), (2, "20")]) + "2028-08-16,111122223333,S3,cloud,basis,100,100,USD,5\n";
    let Came::New(taken) = import(&desk, &ahead, None).await.unwrap() else { panic!("it is new") };
    assert_eq!(taken.days, (on(1), on(2)));

    // It is stored in a portion of its own, which tells of no day.
    let other = Desk::new().await;
    let limits = Limits { rows: 2, ..Limits::default() };
    let came = other.import_as(&globex(), "sums", &ahead, |job| Job { limits, ..job }).await.unwrap();
    assert!(matches!(came, Came::New(taken) if taken.days == (on(1), on(2)) && taken.rows == 3));

    // What comes in place of days says nothing of a day ahead, either.
    let refused = import(&desk, &ahead, Some((on(1), on(2)))).await.unwrap_err();
    assert!(matches!(refused, ImportError::Outside { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_account_out_of_scope_nothing_counts_whoever_has_judged_it() {
    let desk = Desk::new().await;
    let text = sums(&[(1, "10")]) + "2026-03-01,999999999999,S3,cloud,basis,100,100,USD,7\n";
    let Came::New(taken) = import(&desk, &text, None).await.unwrap() else { panic!("it is new") };
    let told: Vec<_> = taken
        .differences
        .iter()
        .map(|sum| (sum.key.account.as_str(), sum.key.reason.to_string(), sum.key.weight.to_string()))
        .collect();
    let counts = ("111122223333", "basis".to_owned(), "100 %".to_owned());
    assert_eq!(told, [counts, ("999999999999", "scope".to_owned(), "0 %".to_owned())]);
}
