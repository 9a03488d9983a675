//! US-12: a new commitment starts before the old one is used up. What follows is the contract's own field.

use entente_core::commitment::{
    Commitment, How,
    drawdown::{Sequence, Side, Start},
    eligibility::Line,
};

use super::support::{GLOBEX, amount, commitment, day, drawdown, exactly, usage};

const NOW: &str = "2030-12-31";

fn old() -> Commitment {
    commitment(&year("old", 2026, "120000.00", ""))
}

fn new(how: &str) -> Commitment {
    commitment(
        &year("new", 2026, "500000.00", &format!("succession: {{ to: old, how: {how} }}\n"))
            .replace("from: 2026-01-01", "from: 2026-07-01"),
    )
}

fn year(id: &str, year: u16, amount: &str, succession: &str) -> String {
    let (head, _) = GLOBEX.split_once("versions:").unwrap();
    let head = head.replace("globex-2026", id);
    format!(
        "{head}{succession}versions:\n  - valid_from: {year}-01-01\n    known_from: 2025-12-15\n    note: n\n    glide: \
         ramp\n    marketplace: {{ counts: \"100\", cap: none }}\n    periods:\n      - {{ from: {year}-01-01, through: {}-12-31, amount: \
         \"{amount}\", true_up: {{ due: {}-01-31, buys: nothing }} }}\n",
        year + 1,
        year + 2
    )
}

/// 10 000.50 on the first of every month from January 2026 on: 120 000 are reached on 1 December, with 6.00 beyond.
fn lines() -> Vec<Line> {
    (0..20).map(|m| usage(&format!("{}-{:02}-01", 2026 + m / 12, m % 12 + 1), "10000.50")).collect()
}

fn eligible(how: &str, on: &str) -> (String, String) {
    let (old, new) = (old(), new(how));
    let (one, other) = (drawdown(&old, &lines()), drawdown(&new, &lines()));
    let sequence = Sequence::new([(&old, &one), (&new, &other)]).unwrap();
    let of = |id: &Commitment| sequence.figures(&id.id, day(on), day(NOW)).unwrap().eligible.to_string();
    (of(&old), of(&new))
}

#[test]
fn after_the_former_is_used_up_the_next_takes_the_rest_of_that_very_day() {
    assert_eq!(eligible("after", "2026-11-30"), ("110005.5".into(), "0".into()));
    assert_eq!(eligible("after", "2026-12-31"), ("120000".into(), "6".into()));
    assert_eq!(eligible("after", "2027-02-28"), ("120000".into(), "20007".into()));
}

#[test]
fn superseded_the_former_gets_nothing_from_the_next_ones_first_day_on() {
    assert_eq!(eligible("supersede", "2026-06-30"), ("60003".into(), "0".into()));
    assert_eq!(eligible("supersede", "2026-12-31"), ("60003".into(), "60003".into()));
}

#[test]
fn in_parallel_both_count_what_is_in_their_scope_and_term() {
    assert_eq!(eligible("parallel", "2026-12-31"), ("120006".into(), "60003".into()));
}

#[test]
fn the_start_says_why() {
    let (old, new) = (old(), new("after"));
    let (one, other) = (drawdown(&old, &lines()), drawdown(&new, &lines()));
    let sequence = Sequence::new([(&old, &one), (&new, &other)]).unwrap();
    let start = |on| sequence.start(&new.id, day(on), day(NOW), Side::Least).unwrap();
    assert_eq!(start("2026-11-30"), Start::Waiting);
    assert_eq!(start("2027-03-01"), Start::FormerUsedUp(day("2026-12-01")));
    assert_eq!(sequence.after(&old.id).len(), 1);
    assert_eq!(new.succession.as_ref().unwrap().how, How::After);
}

#[test]
fn a_former_that_ends_unused_is_followed_on_the_next_day() {
    let (old, new) = (old(), new("after"));
    let few = [usage("2026-02-01", "5.00"), usage("2027-12-31", "7.00"), usage("2028-01-01", "9.00")];
    let (one, other) = (drawdown(&old, &few), drawdown(&new, &few));
    let sequence = Sequence::new([(&old, &one), (&new, &other)]).unwrap();
    let start = sequence.start(&new.id, day("2028-01-31"), day(NOW), Side::Least).unwrap();
    assert_eq!(start, Start::FormerEnded(day("2027-12-31")));
    let figures = sequence.figures(&old.id, day("2027-12-31"), day(NOW)).unwrap();
    assert_eq!((figures.eligible, figures.spent), (exactly("12"), amount("12")));
}

#[test]
fn what_counts_for_another_is_told_and_nothing_is_lost() {
    let (old, new) = (old(), new("after"));
    let (one, other) = (drawdown(&old, &lines()), drawdown(&new, &lines()));
    let sequence = Sequence::new([(&old, &one), (&new, &other)]).unwrap();
    for id in [&old.id, &new.id] {
        let figures = sequence.figures(id, day("2027-02-28"), day(NOW)).unwrap();
        let others = figures.ineligible.iter().map(|(_, band)| band.known().unwrap());
        let sum = others.fold(figures.eligible.known().unwrap(), |sum, part| sum.plus(part).unwrap());
        assert_eq!(sum, figures.spent, "{id}: {:?}", figures.ineligible);
    }
}

#[test]
fn a_circle_and_a_missing_former_are_refused() {
    let (a, b) = (new("after"), commitment(&year("old", 2026, "1.00", "succession: { to: new, how: after }\n")));
    let (one, other) = (drawdown(&a, &[]), drawdown(&b, &[]));
    let circle = Sequence::new([(&a, &one), (&b, &other)]).unwrap_err();
    assert!(circle.to_string().contains("follows itself"), "{circle}");
    let lost = Sequence::new([(&a, &one)]).unwrap_err();
    assert!(lost.to_string().contains("`new` follows `old`, which is not among"), "{lost}");
}
