//! Files that are restated: each replaces itself and nothing else.

use entente_core::commitment::{
    Commitment, DailySums, Partition, Replaces,
    drawdown::{Drawdown, Side},
    eligibility::{Line, daily_sums},
    forecast::history,
};
use jiff::civil::Date;

use super::{
    golden::charges,
    support::{amount, batch, day, drawdown, exactly, globex, shipped, usage},
};

/// The file of a month, by the dates of its charges.
fn file(commitment: &Commitment, name: &str, month: Date, lines: &[Line]) -> DailySums {
    let sums = daily_sums(commitment, &shipped(), day("2030-12-31"), lines).unwrap();
    DailySums {
        partition: Partition(name.into()),
        replaces: Replaces::Partition,
        from: month,
        through: month.last_of_month(),
        ..batch(commitment, sums)
    }
}

#[test]
fn month_by_month_and_account_by_account_the_golden_sheet_is_the_same() {
    let (commitment, lines) = (globex(), charges());
    let mut in_files = Drawdown::new(&commitment);
    let first = |line: &Line| line.dates.charge.first_of_month();
    let months: std::collections::BTreeSet<Date> = lines.iter().map(first).collect();
    let accounts: std::collections::BTreeSet<&String> = lines.iter().map(|line| &line.account).collect();
    for month in months {
        for account in &accounts {
            let of = |line: &&Line| first(line) == month && line.account == **account;
            let own: Vec<Line> = lines.iter().filter(of).cloned().collect();
            in_files.take(&file(&commitment, &format!("{account} {month}"), month, &own)).unwrap();
        }
    }
    // March has the refund that counts in February.
    assert_eq!(in_files.days(), drawdown(&commitment, &lines).days());
    assert_eq!(in_files.complete_through(), Some(day("2027-12-31")));
}

#[test]
fn a_restated_file_leaves_those_beside_it_and_takes_back_what_it_had_said_of_other_months() {
    let commitment = globex();
    let mut refund = usage("2026-03-05", "-30");
    (refund.kind, refund.dates.original) =
        (entente_core::commitment::eligibility::ChargeKind::Refund, Some(day("2026-02-10")));
    let mut drawdown = Drawdown::new(&commitment);
    let february = [usage("2026-02-10", "100")];
    let march = [usage("2026-03-10", "200"), refund];
    drawdown.take(&file(&commitment, "february", day("2026-02-01"), &february)).unwrap();
    drawdown.take(&file(&commitment, "march", day("2026-03-01"), &march)).unwrap();
    drawdown.take(&file(&commitment, "march, other account", day("2026-03-01"), &[usage("2026-03-10", "7")])).unwrap();
    let eligible =
        |drawdown: &Drawdown, on: &str| drawdown.figures(&commitment, day(on), day("2030-12-31")).unwrap().eligible;
    assert_eq!((eligible(&drawdown, "2026-02-28"), eligible(&drawdown, "2026-03-31")), (exactly("70"), exactly("277")));
    // March comes again, without the refund.
    let restated = file(&commitment, "march", day("2026-03-01"), &march[..1]);
    let differences = drawdown.take(&restated).unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!((differences[0].before, differences[0].after), (amount("-30"), amount("0")));
    assert_eq!(
        (eligible(&drawdown, "2026-02-28"), eligible(&drawdown, "2026-03-31")),
        (exactly("100"), exactly("307"))
    );
    assert_eq!(drawdown.take(&restated).unwrap(), [], "what comes twice changes nothing");
}

#[test]
fn sums_are_complete_to_the_first_day_that_is_missing() {
    let commitment = globex();
    let mut drawdown = Drawdown::new(&commitment);
    assert_eq!(drawdown.complete_through(), None);
    for (name, month, through) in [
        ("january", "2026-01-01", "2026-01-31"),
        ("march", "2026-03-01", "2026-01-31"),
        ("february", "2026-02-01", "2026-03-31"),
        ("december", "2025-12-01", "2026-03-31"),
    ] {
        drawdown.take(&file(&commitment, name, day(month), &[])).unwrap();
        assert_eq!(drawdown.complete_through(), Some(day(through)), "after {name}");
    }
}

#[test]
fn an_old_file_beside_this_years_and_a_gap_in_a_former_period_hold_nothing_back() {
    let commitment = globex();
    let mut drawdown = Drawdown::new(&commitment);
    let mut take = |months: &[&str]| {
        for month in months {
            let charge = usage(&format!("{}-05", &month[..7]), "1000");
            drawdown.take(&file(&commitment, month, day(month), &[charge])).unwrap();
        }
        drawdown.clone()
    };
    let told = |drawdown: &Drawdown, on: &str| {
        let figures = drawdown.figures(&commitment, day(on), day("2030-12-31")).unwrap();
        (figures.complete_through, history(drawdown, day(on), Side::Least).unwrap().len())
    };
    take(&["2024-03-01"]);
    let drawn = take(&["2026-01-01", "2026-02-01", "2026-04-01"]);
    assert_eq!(told(&drawn, "2026-05-10"), (Some(day("2026-02-28")), 2), "March lacks, and holds back");
    let drawn = take(&["2026-03-01"]);
    assert_eq!(told(&drawn, "2026-05-10"), (Some(day("2026-04-30")), 4), "of months before a gap nothing is made up");
    let drawn = take(&["2027-01-01", "2027-02-01"]);
    assert_eq!(told(&drawn, "2027-03-10"), (Some(day("2027-02-28")), 2));
    assert_eq!(told(&drawn, "2026-12-31").0, Some(day("2026-04-30")), "a past day is told by its own period");
}
