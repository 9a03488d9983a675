//! Glide paths and milestones: what was to be expected, the next amount due, and what a missed one costs.

use entente_core::commitment::{
    Commitment, Observation,
    drawdown::{Figures, Side},
    eligibility::Line,
    forecast::Ahead,
};

use super::support::{GLOBEX, amount, commitment, day, drawdown, exactly, usage};

/// 20 000 over two years in one period, of which 8 000 within the first.
fn agreement(glide: &str) -> Commitment {
    let (head, _) = GLOBEX.split_once("versions:").unwrap();
    commitment(&format!(
        "{head}versions:\n  - valid_from: 2026-01-01\n    known_from: 2025-12-15\n    note: n\n    glide: {glide}\n    \
         marketplace: {{ counts: \"100\", cap: none }}\n    periods:\n      - from: 2026-01-01\n        through: 2027-12-31\n        \
         amount: \"20000\"\n        true_up: {{ due: 2028-01-31, buys: credit, credit_through: 2028-12-31 }}\n        \
         milestones: [{{ name: year 1, through: 2026-12-31, amount: \"8000\", true_up: {{ due: 2027-01-31, buys: credit, \
         credit: \"90\", credit_through: 2027-12-31 }} }}]\n"
    ))
}

fn figures(commitment: &Commitment, lines: &[Line], on: &str) -> Figures {
    drawdown(commitment, lines).figures(commitment, day(on), day("2030-12-31")).unwrap()
}

#[test]
fn pace_and_run_rate_go_to_the_next_milestone_and_then_to_the_end() {
    let commitment = agreement("ramp");
    let lines = [usage("2026-03-01", "5000"), usage("2026-12-31", "3000"), usage("2027-07-01", "1000")];
    let first = figures(&commitment, &lines, "2026-10-19").period;
    // 292 of 365 days: 6 400 of 8 000 were to be expected.
    assert_eq!((first.expected, first.next.through), (exactly("6400"), day("2026-12-31")));
    assert_eq!(first.next.milestone.as_deref(), Some("year 1"));
    assert_eq!(first.next.remaining, exactly("3000"));
    assert_eq!((first.next.days_left, first.next.per_day.unwrap().least.to_string()), (73, "41.095890410959".into()));
    let second = figures(&commitment, &lines, "2027-03-14").period;
    // 8 000, and 73 of 365 days of the other 12 000.
    assert_eq!((second.expected, second.next.through), (exactly("10400"), day("2027-12-31")));
    assert_eq!((second.next.milestone, second.next.remaining), (None, exactly("12000")));
}

#[test]
fn a_missed_milestone_is_paid_once_and_counts_towards_the_rest() {
    let commitment = agreement("ramp");
    let lines = [usage("2026-03-01", "5000"), usage("2027-07-01", "10000")];
    let on_the_day = figures(&commitment, &lines, "2026-12-31");
    assert_eq!((on_the_day.settled.len(), on_the_day.period.next.remaining), (0, exactly("3000")));
    let after = figures(&commitment, &lines, "2027-01-01");
    let [missed] = after.settled.as_slice() else { panic!("{:?}", after.settled) };
    assert_eq!((missed.milestone.as_deref(), missed.shortfall), (Some("year 1"), exactly("3000")));
    let cost = &missed.cost;
    assert_eq!((cost.cash, cost.credit, cost.net), (exactly("3000"), exactly("2700"), exactly("300")));
    assert_eq!((cost.due, cost.credit_through), (day("2027-01-31"), Some(day("2027-12-31"))));
    assert_eq!((after.eligible, after.remaining), (exactly("5000"), exactly("12000")));
    // A payment counts like spend: on the first of 365 days for the other 12 000, 8 000 of 8 032.876712 are there.
    assert_eq!(after.period.pace.0.unwrap().to_string(), "0.995907");
    let end = figures(&commitment, &lines, "2028-01-01");
    assert_eq!(end.settled.len(), 2);
    assert_eq!(end.settled[1].shortfall, exactly("2000"), "20 000 - 3 000 paid - 15 000 spent");
}

#[test]
fn forecasts_and_alerts_run_to_the_next_amount_due() {
    let commitment = agreement("ramp");
    let figures = figures(&commitment, &[usage("2026-03-01", "5000")], "2026-10-19");
    let next = Ahead::to_next_due(&figures, Side::Least);
    assert_eq!((next.through, next.due, next.done), (day("2026-12-31"), amount("8000"), amount("5000")));
    assert_eq!(next.true_up.due, day("2027-01-31"));
    let end = Ahead::to_period_end(&figures, Side::Least);
    assert_eq!((end.through, end.due, end.true_up.due), (day("2027-12-31"), amount("20000"), day("2028-01-31")));
    let seen = Observation::of(&figures);
    assert_eq!((seen.due, seen.amount, seen.days_left), (day("2026-12-31"), amount("8000"), 73));
}

#[test]
fn a_linear_path_is_straight_over_the_whole_term() {
    let text = GLOBEX.replace("glide: ramp", "glide: linear");
    let on = |day| figures(&commitment(&text), &[], day).expected.to_string();
    // 365 of 1 096 days of 5 000 000, to twelve decimals; the ramp expects 1 200 000 by then.
    assert_eq!(on("2026-12-31"), "1665145.985401459854");
    assert_eq!(on("2028-12-31"), "5000000");
    assert_eq!(on("2025-12-31"), "0");
    assert_eq!(figures(&commitment(GLOBEX), &[], "2026-12-31").expected, exactly("1200000"));
}

#[test]
fn a_seasonal_path_follows_the_weights_of_its_months() {
    let seasonal = "glide: { seasonal: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4] }";
    let commitment = commitment(&GLOBEX.replace("glide: ramp", seasonal));
    let expected = |on| figures(&commitment, &[], on).period.expected;
    // Fifteen parts of 80 000.
    assert_eq!(expected("2026-01-31"), exactly("80000"));
    assert_eq!(expected("2026-02-14"), exactly("120000"), "half of February");
    assert_eq!(expected("2026-11-30"), exactly("880000"));
    assert_eq!(expected("2026-12-31"), exactly("1200000"));
}
