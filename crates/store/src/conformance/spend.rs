//! Readings of spend.

use std::sync::Arc;

use entente_core::{
    commitment::{
        Basis, Cost, Dated, Discounts, Part, Partition, Reduction, Refunds, Replaces, SumKey, Treatment, Weight,
    },
    scope::Scope,
};
use jiff::civil::{Date, date};

use super::fixture::*;
use crate::{Error, NewReading, Quarantined, ReadingStatus, SpendSum, Store};

fn basis() -> Basis {
    Basis {
        cost: Cost::Billed,
        discounts: Discounts::After,
        dated_by: Dated::Charge,
        support: Treatment::Excluded,
        tax: Treatment::Excluded,
        credits: Reduction::Reduce,
        savings_plan_fees: Treatment::Counts,
        reservation_fees: Treatment::Counts,
        refunds: Refunds::OriginalPeriod,
        zone: "Europe/Berlin".into(),
    }
}

fn reading(letter: &str, partition: &str) -> NewReading {
    NewReading {
        id: letter.repeat(64),
        commitment: "globex-2026".parse().expect("an id"),
        legal_entity: "acme-us".parse().expect("a legal entity"),
        party: "globex".parse().expect("a party"),
        partition: Partition(partition.into()),
        replaces: Replaces::Partition,
        file: format!("{letter}.parquet"),
        file_sha256: "1".repeat(64),
        format: "focus 1.2 parquet".into(),
        judged_by: "2".repeat(64),
        basis: basis(),
        currency: "EUR".parse().expect("a currency"),
        known_on: date(2027, 1, 15),
        by: "ada".into(),
        at: at(1),
    }
}

const JANUARY: (Date, Date) = (date(2027, 1, 1), date(2027, 1, 31));

/// A sum of one row, or of several.
fn sum(day: i8, amount: &str, rows: (u64, u64)) -> SpendSum {
    let weight = Weight { least: "25".parse().expect("a percentage"), most: "33.3333".parse().expect("a percentage") };
    let key = SumKey {
        day: date(2027, 1, day),
        account: "4711".into(),
        product: "Größe, \"quoted\"".into(),
        part: Part::Marketplace,
        reason: "K10".parse().expect("a rule"),
        weight,
    };
    let (first_row, last_row) = rows;
    SpendSum { key, amount: amount.parse().expect("an amount"), rows: last_row - first_row + 1, first_row, last_row }
}

fn aside(reason: &str, first_row: u64, sample: &str) -> Quarantined {
    Quarantined { reason: reason.into(), column: "BilledCost".into(), rows: 2, first_row, sample: sample.into() }
}

fn is_conflict<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Conflict { .. }))
}

async fn all(store: &Arc<dyn Store>) -> Vec<(ReadingStatus, Option<u32>, u64, u64, u64)> {
    let rows = store.readings(&Scope::vendor(), None).await.expect("a read");
    rows.into_iter().map(|row| (row.status, row.version, row.read_to, row.rows, row.quarantined)).collect()
}

async fn sums(store: &Arc<dyn Store>, id: &str) -> Vec<SpendSum> {
    let sums = store.spend_sums(&Scope::vendor(), &[id.to_owned()]).await.expect("a read");
    sums.into_iter().inspect(|(of, _)| assert_eq!(of, id)).map(|(_, sum)| sum).collect()
}

/// A process that dies between two portions finds where it was, and neither is stored twice.
pub async fn a_reading_is_begun_once_and_goes_on_where_it_was(store: Arc<dyn Store>) {
    let (new, id) = (reading("a", "2027-01"), reading("a", "2027-01").id);
    let begun = store.begin_reading(&new).await.expect("a write");
    assert_eq!((begun.status, begun.read_to, begun.version), (ReadingStatus::Staging, 0, None));
    store
        .stage_sums(&id, 0, 5, Some(JANUARY), &[sum(1, "1", (1, 3))], &[aside("date", 4, "NULL")])
        .await
        .expect("a write");
    let again = NewReading { by: "ben".into(), at: at(9), ..new.clone() };
    let again = store.begin_reading(&again).await.expect("a read");
    assert_eq!(
        (again.new, again.read_to, again.rows, again.quarantined),
        (new, 5, 3, 2),
        "it is the one that was begun"
    );
    assert!(is_conflict(store.stage_sums(&id, 0, 5, None, &[sum(1, "1", (1, 3))], &[]).await), "it was read further");
    assert!(is_conflict(store.stage_sums(&id, 5, 4, None, &[], &[]).await), "reading does not go back");
    assert!(is_conflict(store.stage_sums(&id, 5, 5, None, &[sum(2, "1", (6, 6))], &[]).await), "no row was read");
    let earlier = Some((date(2026, 12, 30), date(2027, 1, 2)));
    store.stage_sums(&id, 5, 6, earlier, &[sum(1, "1", (6, 6))], &[]).await.expect("a write");
    store.stage_sums(&id, 6, 6, None, &[], &[]).await.expect("nothing more");
    assert_eq!(all(&store).await, [(ReadingStatus::Staging, None, 6, 4, 2)]);
    let row = store.begin_reading(&reading("a", "2027-01")).await.expect("a read");
    assert_eq!((row.from, row.through), (Some(date(2026, 12, 30)), Some(JANUARY.1)), "the days of all portions");
    let unknown = store.stage_sums(&"b".repeat(64), 0, 1, None, &[], &[]).await;
    assert!(matches!(unknown, Err(Error::Conflict { .. } | Error::NotFound { .. })), "{unknown:?}");
    assert!(store.publish_reading(&"b".repeat(64), JANUARY.0, JANUARY.1, at(2), None).await.is_err());
}

/// To the last of twelve decimals, below zero as well, with the rows that they are made of.
pub async fn what_portions_say_of_a_key_adds_up_exactly(store: Arc<dyn Store>) {
    let id = reading("a", "2027-01").id;
    store.begin_reading(&reading("a", "2027-01")).await.expect("a write");
    let first = [sum(2, "0.000000000001", (2, 9)), sum(1, "-12.5", (1, 1))];
    store.stage_sums(&id, 0, 11, None, &first, &[aside("date", 10, "9999")]).await.expect("a write");
    let second = [sum(2, "999999999999.2", (12, 20)), sum(3, "0.1", (21, 21))];
    store
        .stage_sums(&id, 11, 23, None, &second, &[aside("amount", 23, "1,0"), aside("date", 22, "n/a")])
        .await
        .expect("a write");
    assert!(sums(&store, &id).await.is_empty(), "nobody sees what is staged");
    let whole = SpendSum { rows: 17, ..sum(2, "999999999999.200000000001", (2, 20)) };
    let said = [sum(1, "-12.5", (1, 1)), whole, sum(3, "0.1", (21, 21))];
    assert_eq!(store.staged_sums(&id).await.expect("a read"), said, "but for who stages it");
    let twice = [sum(4, "1", (24, 24)), sum(4, "1", (25, 25))];
    assert!(store.stage_sums(&id, 23, 25, None, &twice, &[]).await.is_err(), "a portion names a key once");
    assert_eq!(store.publish_reading(&id, JANUARY.0, JANUARY.1, at(2), None).await.expect("a write"), 1);
    assert_eq!(sums(&store, &id).await, said);
    assert!(store.staged_sums(&id).await.expect("a read").is_empty(), "it is published");
    let dates = Quarantined { rows: 4, ..aside("date", 10, "9999") };
    let quarantined = store.quarantined(&Scope::vendor(), &id).await.expect("a read");
    assert_eq!(quarantined, [aside("amount", 23, "1,0"), dates], "the first sample stays");
}

/// The former one stays, with what it said; other partitions and commitments are not touched.
pub async fn a_reading_counts_once_it_is_published_and_replaces_the_former_of_its_partition(store: Arc<dyn Store>) {
    let other = NewReading { commitment: "globex-2027".parse().expect("an id"), ..reading("d", "2027-01") };
    let all_of = [reading("a", "2027-01"), reading("b", "2027-01"), reading("c", "2027-02"), other];
    for new in &all_of {
        store.begin_reading(new).await.expect("a write");
        store.stage_sums(&new.id, 0, 1, None, &[sum(1, "5", (1, 1))], &[]).await.expect("a write");
    }
    let (a, b) = (&all_of[0].id, &all_of[1].id);
    let publish = async |id: &str, minute| store.publish_reading(id, JANUARY.0, JANUARY.1, at(minute), None).await;
    for (new, minute) in all_of.iter().skip(2).zip(2..) {
        assert_eq!(publish(&new.id, minute).await.expect("a write"), 1);
    }
    assert_eq!(publish(a, 4).await.expect("a write"), 1);
    assert_eq!(publish(b, 5).await.expect("a write"), 2);
    assert_eq!((publish(b, 6).await.expect("a read"), publish(a, 6).await.expect("a read")), (2, 1), "once is enough");
    let rows = store.readings(&Scope::vendor(), Some(&all_of[0].commitment)).await.expect("a read");
    let told: Vec<_> =
        rows.iter().map(|row| (row.new.id.as_str(), row.status, row.published_at, row.replaced_at)).collect();
    let (current, replaced) = (ReadingStatus::Current, ReadingStatus::Replaced);
    let c = all_of[2].id.as_str();
    assert_eq!(
        told,
        [
            (a.as_str(), replaced, Some(at(4)), Some(at(5))),
            (b.as_str(), current, Some(at(5)), None),
            (c, current, Some(at(2)), None),
        ]
    );
    assert_eq!((rows[0].from, rows[0].through), (Some(JANUARY.0), Some(JANUARY.1)));
    assert_eq!(all(&store).await.iter().filter(|row| row.0 == current).count(), 3);
    assert_eq!(sums(&store, a).await, sums(&store, b).await);
    let both = store.spend_sums(&Scope::vendor(), &[b.clone(), a.clone()]).await.expect("a read");
    assert_eq!(both.iter().map(|(id, _)| id).collect::<Vec<_>>(), [a, b]);
    let later = NewReading { id: "f".repeat(64), ..reading("f", "2027-01") };
    store.begin_reading(&later).await.expect("a write");
    let after = async |former| store.publish_reading(&later.id, JANUARY.0, JANUARY.1, at(7), Some(former)).await;
    assert!(is_conflict(after(a).await), "another is there by now");
    assert_eq!(all(&store).await.iter().filter(|row| row.0 == current).count(), 3, "and stays");
    assert_eq!(after(b).await.expect("a write"), 3);
    let turned = NewReading { id: "e".repeat(64), ..reading("e", "2027-03") };
    store.begin_reading(&turned).await.expect("a write");
    assert!(
        store.publish_reading(&turned.id, JANUARY.1, JANUARY.0, at(7), None).await.is_err(),
        "days the wrong way round"
    );
}

/// A portion at a time, so that whoever stages it meanwhile goes on from what is left.
pub async fn what_was_published_stays_and_what_was_not_can_be_taken_out(store: Arc<dyn Store>) {
    let id = reading("a", "2027-01").id;
    store.begin_reading(&reading("a", "2027-01")).await.expect("a write");
    for (after, day) in [(0, 1), (10, 2), (20, 3)] {
        let aside = if day == 2 { vec![aside("date", 12, "n/a")] } else { Vec::new() };
        store
            .stage_sums(&id, after, after + 10, None, &[sum(day, "5", (after + 1, after + 1))], &aside)
            .await
            .expect("a write");
    }
    assert!(!store.drop_reading(&id).await.expect("a write"));
    assert_eq!(all(&store).await, [(ReadingStatus::Staging, None, 20, 2, 2)]);
    store.stage_sums(&id, 20, 30, None, &[sum(3, "6", (21, 21))], &[]).await.expect("it goes on from there");
    for turn in 0..3 {
        assert!(!store.drop_reading(&id).await.expect("a write"), "{turn}");
    }
    assert_eq!(all(&store).await, [(ReadingStatus::Staging, None, 0, 0, 0)]);
    assert!(store.drop_reading(&id).await.expect("a write"));
    assert!(all(&store).await.is_empty());
    assert!(store.drop_reading(&id).await.is_err(), "it is gone");
    store.begin_reading(&reading("a", "2027-01")).await.expect("a write");
    store.stage_sums(&id, 0, 1, None, &[sum(1, "5", (1, 1))], &[]).await.expect("a write");
    store.publish_reading(&id, JANUARY.0, JANUARY.1, at(2), None).await.expect("a write");
    assert!(is_conflict(store.drop_reading(&id).await), "what counts stays");
    assert!(is_conflict(store.stage_sums(&id, 1, 2, None, &[sum(2, "5", (2, 2))], &[]).await), "and takes nothing in");
    assert_eq!(sums(&store, &id).await, [sum(1, "5", (1, 1))]);
}

/// As everything that belongs to somebody.
pub async fn a_buyers_spend_is_shown_within_its_scope_alone(store: Arc<dyn Store>) {
    let new = reading("a", "2027-01");
    store.begin_reading(&new).await.expect("a write");
    store.stage_sums(&new.id, 0, 2, None, &[sum(1, "5", (1, 1))], &[aside("date", 2, "n/a")]).await.expect("a write");
    store.publish_reading(&new.id, JANUARY.0, JANUARY.1, at(2), None).await.expect("a write");
    let scope = |party: &str| Scope::party(party.parse().expect("a party"));
    for (scope, seen) in [(scope("globex"), 1), (scope("initech"), 0), (Scope::vendor(), 1)] {
        assert_eq!(store.readings(&scope, None).await.expect("a read").len(), seen);
        assert_eq!(store.readings(&scope, Some(&new.commitment)).await.expect("a read").len(), seen);
        assert_eq!(store.spend_sums(&scope, std::slice::from_ref(&new.id)).await.expect("a read").len(), seen);
        assert_eq!(store.quarantined(&scope, &new.id).await.expect("a read").len(), seen);
    }
}
