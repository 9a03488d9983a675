//! Pictures for a terminal, character by character.

use entente_core::commitment::{
    Amount, Band,
    drawing::{AtMost, Bar, BurnDown, Caption, burn_down, terminal_bars, terminal_burn_down},
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
        caption: Caption { title: "globex-2026, period 2", foot: &[], id: "" },
        from: day("2027-01-01"),
        through: day("2027-12-31"),
        due: amount("1000000"),
        reached: &reached,
        glide: &glide,
        path,
        most: None,
        unknown: &[],
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
fn both_ends_of_what_is_known_are_drawn_and_days_without_data() {
    let at = |on: &str, sum| (day(on), amount(sum));
    let (least, most) = ([at("2027-06-30", "300000")], [at("2027-06-30", "500000")]);
    let path = |sum| [Point { day: day("2027-12-31"), reached: ending(sum, sum, sum) }];
    let (low, high) = (path("600000"), path("900000"));
    let picture = BurnDown {
        caption: Caption { title: "unsure", foot: &[], id: "" },
        from: day("2027-01-01"),
        through: day("2027-12-31"),
        due: amount("1000000"),
        reached: &least,
        glide: &[],
        path: &low,
        most: Some(AtMost { reached: &most, path: &high }),
        unknown: &[(day("2027-07-01"), day("2027-08-31"))],
        currency: "USD".parse().unwrap(),
    };
    let drawn = terminal_burn_down(&picture, 80).unwrap();
    assert!(drawn.contains('+') && drawn.contains("??") && drawn.contains("? no data"), "{drawn}");
    let svg = burn_down(&picture).unwrap();
    assert!(svg.contains("USD 500,000.00 to USD 700,000.00 left on 2027-06-30"), "{svg}");
    assert!(svg.contains("on 2027-12-31 USD 100,000.00 to USD 400,000.00 will be left"), "{svg}");
    assert!(svg.contains("short by USD 100,000.00 to USD 400,000.00"), "{svg}");
    assert!(svg.contains("<title>no data from 2027-07-01 to 2027-08-31</title>"), "{svg}");
    assert_eq!((svg.matches("class=\"known\"").count(), svg.matches("class=\"mid\"").count()), (1, 2));
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
    let bar = |label: &str, counted, target| Bar {
        label: label.into(),
        counted: Some(Band::exactly(amount(counted))),
        target: amount(target),
    };
    let months =
        [bar("2027-01", "90000", "100000"), bar("2027-02", "120000.50", "100000"), bar("2027-03", "-5", "100000")];
    assert_eq!(
        terminal_bars("globex-2026, months", &months, "USD".parse().unwrap(), 80),
        include_str!("terminal-bars.txt")
    );
    let gap = Bar { label: "2027-04".into(), counted: None, target: amount("100000") };
    let band = Some(Band { least: amount("50000"), most: amount("80000") });
    let unsure = Bar { label: "2027-05".into(), counted: band, target: amount("100000") };
    let drawn = terminal_bars("unknown", &[gap, unsure], "USD".parse().unwrap(), 80);
    let lines: Vec<&str> = drawn.lines().collect();
    assert!(lines[1].contains("???") && lines[1].ends_with("no data, USD 100,000.00 was expected"), "{drawn}");
    assert!(
        lines[2].contains("#+") && lines[2].ends_with("USD 50,000.00 to USD 80,000.00 of USD 100,000.00"),
        "{drawn}"
    );
    let empty = terminal_bars("none", &[], "USD".parse().unwrap(), 80);
    assert_eq!(empty.lines().count(), 2);
}
