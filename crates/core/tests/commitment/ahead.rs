//! What a forecast runs from: the last day with data, the period's first day, and what its contract does with a shortfall.

use entente_core::commitment::{
    Commitment, DailySums,
    drawdown::{Drawdown, Side},
    eligibility::{Line, Mark, daily_sums},
    forecast::{Ahead, Forecast, Month, forecast, history},
};
use jiff::{ToSpan, civil::Date};

use super::support::{
    GLOBEX, amount, batch, carrying, commitment, day, drawdown, exactly, globex, product, shipped, usage, with_mark,
};

/// The same sum on the tenth of so many months, with data through a day.
fn monthly(commitment: &Commitment, first: &str, months: i64, sum: &str, through: &str) -> Drawdown {
    let on = |at: i64| day(first).checked_add(at.months()).unwrap().to_string();
    let lines: Vec<Line> = (0..months).map(|at| usage(&on(at), sum)).collect();
    let sums = daily_sums(commitment, &shipped(), day("2030-12-31"), &lines).unwrap();
    let mut drawdown = Drawdown::new(commitment);
    drawdown.take(&DailySums { through: day(through), ..batch(commitment, sums) }).unwrap();
    drawdown
}

fn told(commitment: &Commitment, drawdown: &Drawdown, on: &str) -> (Vec<Month>, Forecast) {
    let figures = drawdown.figures(commitment, day(on), day("2030-12-31")).unwrap();
    let months = history(drawdown, day(on), Side::Least).unwrap();
    let told = forecast(&months, &Ahead::to_period_end(&figures, Side::Least)).unwrap();
    (months, told)
}

#[test]
fn months_without_data_yet_are_ahead_and_not_months_of_nothing() {
    let commitment = globex();
    for (through, on) in [("2027-06-30", "2027-06-30"), ("2027-06-30", "2027-08-31"), ("2027-07-29", "2027-07-31")] {
        let drawdown = monthly(&commitment, "2026-07-10", 12, "100000", through);
        let (months, told) = told(&commitment, &drawdown, on);
        assert_eq!(months.len(), 12, "{on} with data through {through}");
        assert!(months.iter().all(|month| month.cloud == amount("100000")), "{on} with data through {through}");
        let first: Date = told.path[0].day;
        assert_eq!(first, day("2027-07-31"), "{on} with data through {through}");
        // 600 000 until June; six months of 100 000, or what July still lacks of them.
        let expected = if through == "2027-07-29" { "1106451.61" } else { "1200000" };
        assert_eq!(told.end.mid, amount(expected), "{on} with data through {through}");
    }
}

#[test]
fn what_is_known_behind_a_gap_is_not_done_and_ahead_at_once() {
    // July to November of 2027 were taken in as well, but the last day of June lacks.
    let commitment = globex();
    let mut drawdown = monthly(&commitment, "2026-07-10", 12, "100000", "2027-06-29");
    let lines: Vec<Line> = (7..=11).map(|month| usage(&format!("2027-{month:02}-10"), "100000")).collect();
    let sums = daily_sums(&commitment, &shipped(), day("2030-12-31"), &lines).unwrap();
    let later = batch(&commitment, sums);
    drawdown.take(&DailySums { from: day("2027-07-01"), through: day("2027-11-30"), ..later }).unwrap();
    let (months, told) = told(&commitment, &drawdown, "2027-11-30");
    assert_eq!((months.len(), told.path[0].day), (11, day("2027-06-30")));
    assert_eq!(told.end.mid, amount("1203333.33"), "600 000 until June, a day of June and six months of 100 000");
    let figures = drawdown.figures(&commitment, day("2027-11-30"), day("2030-12-31")).unwrap();
    assert_eq!(figures.period.towards, exactly("1100000"), "the figures of the day hold all that is known");
}

#[test]
fn what_is_done_and_the_room_that_is_left_are_of_the_same_end() {
    // A tenth of five millions may be purchases. 450 000 of 2026 perhaps count: then 50 000 are left for 2027.
    let commitment = commitment(&GLOBEX.replace("cap: \"25\"", "cap: \"10\", cap_of: term"));
    let unsure = with_mark(product("q", "2026-03-01", "450000"), Mark::RunsOnCloud, None);
    let drawdown = drawdown(&commitment, &[unsure, product("p", "2027-03-01", "100000")]);
    let figures = drawdown.figures(&commitment, day("2027-06-30"), day("2030-12-31")).unwrap();
    let ahead = |side| {
        let ahead = Ahead::to_period_end(&figures, side);
        (ahead.done, ahead.headroom)
    };
    assert_eq!(ahead(Side::Least), (amount("100000"), Some(amount("400000"))));
    assert_eq!(ahead(Side::Most), (amount("50000"), Some(amount("0"))));
}

#[test]
fn what_is_spent_before_the_first_day_does_not_stand_against_the_amount() {
    let commitment = globex();
    let drawdown = monthly(&commitment, "2024-12-10", 12, "100000", "2025-11-30");
    let (_, told) = told(&commitment, &drawdown, "2025-11-30");
    assert_eq!((told.path[0].day, told.path[0].reached.mid), (day("2025-12-31"), amount("0")));
    // Twelve months of 100 000, without December 2025.
    assert_eq!((told.end.mid, told.fulfilled.mid), (amount("1200000"), Some(day("2026-12-31"))));
}

#[test]
fn a_shortfall_that_the_next_period_takes_over_costs_nothing() {
    // 6 x 80 000 until June, and as much again: 960 000 of 1 200 000.
    for (carry_over, lacks) in [("nothing", "240000"), ("excess", "240000"), ("shortfall", "0"), ("both", "0")] {
        let commitment = commitment(&carrying(GLOBEX, carry_over, "nothing"));
        let drawdown = monthly(&commitment, "2026-01-10", 6, "80000", "2026-06-30");
        let (_, told) = told(&commitment, &drawdown, "2026-06-30");
        assert_eq!((told.end.mid, told.shortfall.mid), (amount("960000"), amount(lacks)), "{carry_over}");
        assert_eq!((told.cost.net, told.cost_mid.cash), (exactly(lacks), exactly(lacks)), "{carry_over}");
    }
}
