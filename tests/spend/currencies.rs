//! Files with charges in other currencies than the contract's: kept apart, and converted where the contract says how.

use entente::{
    funding::versions::Author,
    rates,
    spend::{Came, ImportError, InCurrency, Insists, Job, Judge, Known, import_all, spent},
};
use entente_core::{
    commitment::{
        Commitment, Replaces,
        rates::{CsvSource, Foreign, Published, Rates, Source},
    },
    scope::Scope,
};
use entente_spend::Limits;
use jiff::{Timestamp, civil::Date};

use crate::desk::{AWS, Desk, at, contract, days, focus, rules};

fn converting() -> Commitment {
    contract("    glide: ramp\n", "    glide: ramp\n    conversions: [{ from: EUR, rates: ecb, day: charge }]\n")
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Two charges in dollars, two in euros and one in pounds.
fn mixed(euros: &str) -> String {
    let dollars = focus([(1, "10", AWS), (2, "20", AWS)]);
    let others = focus([(2, "100", AWS), (3, euros, AWS), (3, "7", AWS)]).replace(",USD,", ",EUR,");
    let (heading, rows) = others.split_once('\n').unwrap();
    assert!(dollars.starts_with(heading));
    let (euros, pounds) = rows.trim_end().rsplit_once('\n').unwrap();
    format!("{dollars}{euros}\n{}\n", pounds.replace(",EUR,", ",GBP,"))
}

async fn take(desk: &Desk, commitment: &Commitment, text: &str, minute: i64) -> Vec<InCurrency> {
    let path = desk.folder.join("incoming.csv");
    std::fs::write(&path, text).unwrap();
    let (rules, at) = (rules(""), at(minute));
    let job = Job {
        judge: Judge { commitment, rules: &rules, known_on: commitment.day_of(at) },
        partition: "2026-03",
        file: "march.csv",
        replaces: Replaces::Partition,
        former: None,
        covers: None,
        currency: None,
        insists: Insists::default(),
        restore: false,
        dry_run: false,
        limits: Limits::default(),
        by: "mia",
        at,
    };
    import_all(desk.store.as_ref(), &desk.raw, &path, job, &mut |_| {}).await.unwrap()
}

fn rows(all: &[InCurrency]) -> Vec<(&str, Option<u64>)> {
    let count = |came: &Result<Came, ImportError>| match came {
        Ok(Came::New(taken)) => Some(taken.rows),
        _ => None,
    };
    all.iter().map(|one| (one.partition.as_str(), count(&one.came))).collect()
}

/// Keeps what the euro cost on a day.
async fn publish(desk: &Desk, on: &str, dollars: &str, minute: i64) {
    let source = Source { at: "the bank's table".into(), read: day("2026-12-01") };
    let told = CsvSource { source, base: "EUR".parse().unwrap(), only: Vec::new(), since: None };
    let read = Published::from_csv("ecb.csv", &format!("Date,USD\n{on},{dollars}\n"), &told).unwrap();
    rates::keep(desk.store.as_ref(), "ecb", read.published, Author { by: "mia", at: at(minute) }).await.unwrap();
}

/// What was spent by day, and what in other currencies, as it was known before a minute.
async fn told(desk: &Desk, commitment: &Commitment, until: Option<Timestamp>) -> (Vec<(String, String)>, Foreign) {
    let rates: Rates = rates::known(desk.store.as_ref(), until).await.unwrap();
    let known = Known { until, on: day("2026-12-01"), rates: &rates, statements: &[], without_daily_sums: false };
    let spent = spent(desk.store.as_ref(), &Scope::vendor(), commitment, known).await.unwrap();
    let days = spent.drawdown.days().iter().map(|(day, counted)| (day.to_string(), counted.spent.to_string()));
    (days.collect(), spent.foreign)
}

fn waiting(foreign: &Foreign) -> Vec<String> {
    let waiting = foreign.waiting(Date::MAX).unwrap();
    waiting.iter().map(|one| format!("{} {}: {}", one.currency, one.billed, one.why)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_currency_of_a_file_is_a_partition_of_its_own_and_no_two_are_added_up() {
    let (desk, commitment) = (Desk::new().await, converting());
    let came = take(&desk, &commitment, &mixed("50"), 1).await;
    assert_eq!(rows(&came), [("2026-03", Some(2)), ("2026-03@EUR", Some(2)), ("2026-03@GBP", Some(1))]);
    let (spent, foreign) = told(&desk, &commitment, None).await;
    assert_eq!(spent, days(&[(1, "10"), (2, "20")]));
    let no_rate = "no rate of `ecb` is known for it or the seven days before";
    let no_rule = "the contract does not say how it is converted";
    assert_eq!(waiting(&foreign), [format!("EUR 150: {no_rate}"), format!("GBP 7: {no_rule}")]);

    let again = take(&desk, &commitment, &mixed("50"), 2).await;
    assert!(again.iter().all(|one| matches!(one.came, Ok(Came::Before(_)))), "{again:?}");
    assert_eq!(desk.readings().await.len(), 3, "importing twice changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_converted_counts_by_the_rates_that_were_known_then() {
    let (desk, commitment) = (Desk::new().await, converting());
    take(&desk, &commitment, &mixed("50"), 1).await;
    publish(&desk, "2026-03-02", "1.1", 10).await;
    let (first, foreign) = told(&desk, &commitment, None).await;
    assert_eq!(first, days(&[(1, "10"), (2, "130"), (3, "55")]), "20 + 110, and 50 at the rate of the day before");
    assert_eq!(waiting(&foreign), ["GBP 7: the contract does not say how it is converted"]);
    assert_eq!(foreign.steps(Date::MAX).unwrap().len(), 1);

    publish(&desk, "2026-03-02", "1.2", 20).await;
    assert_eq!(told(&desk, &commitment, None).await.0, days(&[(1, "10"), (2, "140"), (3, "60")]), "corrected");
    assert_eq!(told(&desk, &commitment, Some(at(20))).await.0, first, "as it was known before");
    assert_eq!(told(&desk, &commitment, Some(at(10))).await.0, days(&[(1, "10"), (2, "20")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restated_file_restates_each_of_its_currencies_and_empties_those_that_are_gone() {
    let (desk, commitment) = (Desk::new().await, converting());
    publish(&desk, "2026-03-02", "1.1", 1).await;
    take(&desk, &commitment, &mixed("50"), 2).await;
    let came = take(&desk, &commitment, &mixed("60"), 3).await;
    assert_eq!(rows(&came), [("2026-03", Some(2)), ("2026-03@EUR", Some(2)), ("2026-03@GBP", Some(1))]);
    assert_eq!(told(&desk, &commitment, None).await.0, days(&[(1, "10"), (2, "130"), (3, "66")]));
    let came = take(&desk, &commitment, &focus([(1, "10", AWS), (2, "21", AWS)]), 4).await;
    assert_eq!(rows(&came), [("2026-03", Some(2)), ("2026-03@EUR", Some(0)), ("2026-03@GBP", Some(0))]);
    let (spent, foreign) = told(&desk, &commitment, None).await;
    assert_eq!((spent, waiting(&foreign)), (days(&[(1, "10"), (2, "21")]), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_another_currency_alone_is_taken_in_beside_nothing_and_never_in_place_of_the_contracts() {
    let (desk, commitment) = (Desk::new().await, converting());
    publish(&desk, "2026-03-02", "1.1", 1).await;
    let euros = focus([(2, "100", AWS)]).replace(",USD,", ",EUR,");
    assert_eq!(rows(&take(&desk, &commitment, &euros, 2).await), [("2026-03@EUR", Some(1))]);
    assert_eq!(told(&desk, &commitment, None).await.0, days(&[(2, "110")]));

    let desk = Desk::new().await;
    take(&desk, &commitment, &focus([(1, "10", AWS)]), 1).await;
    let came = take(&desk, &commitment, &euros, 2).await;
    let [InCurrency { came: Err(ImportError::Nothing { .. }), .. }] = came.as_slice() else { panic!("{came:?}") };
    assert_eq!(told(&desk, &commitment, None).await.0, days(&[(1, "10")]), "what was there stays");
}
