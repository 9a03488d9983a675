//! The days that files are complete for.

use entente::spend::{Came, Job, Judge, drawdown};
use entente_core::scope::Scope;
use jiff::civil::Date;

use crate::desk::{AWS, Desk, april, focus, globex, rules};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn complete(desk: &Desk) -> Option<Date> {
    drawdown(desk.store.as_ref(), &Scope::vendor(), &globex(), None).await.unwrap().complete_through()
}

async fn on(desk: &Desk, known_on: &str, text: &str) -> Came {
    let known_on = day(known_on);
    let commitment = globex();
    let came =
        desk.import_as(&commitment, "2026-03", text, |job| Job { judge: Judge { known_on, ..job.judge }, ..job });
    came.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_with_one_charge_is_complete_once_it_is_over() {
    let desk = Desk::new().await;
    let march = focus([(1, "10", "Red Hat")]);
    desk.take("2026-03", &march, 1).await;
    desk.take("2026-04", &april(&march), 2).await;
    assert_eq!(complete(&desk).await, Some(day("2026-04-30")));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_month_runs_its_file_is_complete_to_its_last_charge_that_is_not_dated_ahead() {
    let desk = Desk::new().await;
    let text = focus([(3, "10", AWS), (10, "10", AWS), (28, "500", "Red Hat")]);
    assert!(matches!(on(&desk, "2026-03-15", &text).await, Came::New(_)));
    assert_eq!(complete(&desk).await, Some(day("2026-03-10")));
    assert!(matches!(on(&desk, "2026-03-20", &text).await, Came::Before(_)));

    // The month is over, and the same file is all of it.
    assert!(matches!(on(&desk, "2026-04-02", &text).await, Came::New(taken) if taken.differences.is_empty()));
    assert_eq!(complete(&desk).await, Some(day("2026-03-31")));
    assert!(matches!(on(&desk, "2026-05-02", &text).await, Came::Before(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_that_a_file_is_complete_for_can_be_said() {
    let desk = Desk::new().await;
    let text = focus([(3, "10", AWS)]);
    let covers = Some((day("2026-03-01"), day("2026-03-09")));
    let said = async || desk.import_as(&globex(), "2026-03", &text, |job| Job { covers, ..job }).await.unwrap();
    desk.take("2026-03", &text, 1).await;
    assert!(matches!(said().await, Came::New(taken) if Some(taken.days) == covers));
    assert_eq!(complete(&desk).await, Some(day("2026-03-09")));
    assert!(matches!(said().await, Came::Before(_)));

    // Judged by other rules it is complete for the same days.
    let own = rules(crate::again::OWN);
    assert_eq!(crate::again::read_again(&desk, &globex(), &own).await.read.len(), 1);
    assert_eq!(complete(&desk).await, Some(day("2026-03-09")));
}
