//! Pictures for a terminal, character by character.

use entente_core::commitment::{
    Amount,
    drawing::{Bar, BurnDown, terminal_bars, terminal_burn_down},
    forecast::{Ending, Point},
};
use jiff::civil::Date;

use super::support::{amount, day};

fn ending(low: &str, mid: &str, high: &str) -> Ending {
    let half = |a: &str, b: &str| {
        Amount::new((amount(a).decimal() + amount(b).decimal()) / rust_decimal::Decimal::TWO).unwrap()
    };
    Ending {
        low_80: amount(low),
        low_50: half(low, mid),
        mid: amount(mid),
        high_50: half(mid, high),
        high_80: amount(high),
    }
}

fn drawn(path: &[Point], width: usize) -> String {
    let reached: Vec<(Date, Amount)> = [("2027-01-31", "60000"), ("2027-03-31", "220000"), ("2027-06-30", "400000")]
        .map(|(on, sum)| (day(on), amount(sum)))
        .into();
    let glide = [(day("2027-01-01"), Amount::ZERO), (day("2027-12-31"), amount("1000000"))];
    let picture = BurnDown {
        title: "globex-2026, period 2",
        from: day("2027-01-01"),
        through: day("2027-12-31"),
        due: amount("1000000"),
        reached: &reached,
        glide: &glide,
        path,
        currency: "USD".parse().unwrap(),
    };
    terminal_burn_down(&picture, width).unwrap()
}

#[test]
fn a_burn_down_that_ends_short() {
    let path = [
        Point { day: day("2027-09-30"), reached: ending("520000", "600000", "680000") },
        Point { day: day("2027-12-31"), reached: ending("640000", "800000", "960000") },
    ];
    assert_eq!(drawn(&path, 80), include_str!("terminal-short.txt"));
}

#[test]
fn a_burn_down_that_has_no_forecast_and_one_that_ends_over() {
    let none = drawn(&[], 60);
    assert!(!none.contains("forecast") && !none.contains("short by") && none.contains("# spent so far"), "{none}");
    let over = drawn(&[Point { day: day("2027-12-31"), reached: ending("900000", "1100000", "1300000") }], 60);
    assert!(
        over.contains("USD 1,300,000.00") && over.contains("USD 1,000,000.00") && !over.contains("short by"),
        "{over}"
    );
}

#[test]
fn no_line_is_wider_than_asked_for_and_all_is_plain() {
    let path = [Point { day: day("2027-12-31"), reached: ending("640000", "800000", "960000") }];
    for (asked, least, most) in [(0, 40, 64), (60, 40, 64), (80, 60, 80), (132, 100, 132), (9_999, 140, 160)] {
        let picture = drawn(&path, asked);
        let widest = picture.lines().map(|line| line.chars().count()).max().unwrap();
        assert!((least..=most).contains(&widest), "{asked}: {widest}\n{picture}");
        assert!(picture.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{picture}");
    }
}

#[test]
fn months_as_bars() {
    let bar =
        |label: &str, counted, target| Bar { label: label.into(), counted: amount(counted), target: amount(target) };
    let months =
        [bar("2027-01", "90000", "100000"), bar("2027-02", "120000.50", "100000"), bar("2027-03", "-5", "100000")];
    assert_eq!(
        terminal_bars("globex-2026, months", &months, "USD".parse().unwrap(), 80),
        include_str!("terminal-bars.txt")
    );
    let empty = terminal_bars("none", &[], "USD".parse().unwrap(), 80);
    assert_eq!(empty.lines().count(), 2);
}
