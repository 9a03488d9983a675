//! Alerts: on the first day on which the condition holds, and once.

use entente_core::commitment::{
    About, Alert, Observation, alerts,
    drawdown::Side,
    eligibility::Line,
    forecast::{Ahead, forecast, history},
};
use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::support::{amount, band, day, drawdown, exactly, globex, usage};

/// A day on which nothing is the matter.
fn quiet(on: Date) -> Observation {
    Observation {
        day: on,
        due: day("2027-12-31"),
        amount: amount("1000000"),
        remaining: exactly("50000"),
        days_left: 300,
        pace: Some((Decimal::ONE, Decimal::ONE)),
        shortfall: None,
        changed: Vec::new(),
        age_hours: 12,
        fx_move: None,
        month: None,
    }
}

fn days(from: &str, count: i64, change: impl Fn(i64, &mut Observation)) -> Vec<Observation> {
    let observe = |at: i64| {
        let mut observation = quiet(day(from).checked_add(at.days()).unwrap());
        change(at, &mut observation);
        observation
    };
    (0..count).map(observe).collect()
}

fn pace(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn told(alerts: &[Alert]) -> Vec<String> {
    let sure = |alert: &Alert| if alert.sure { "" } else { " perhaps" };
    alerts.iter().map(|alert| format!("{} {:?}{}", alert.day, alert.about, sure(alert))).collect()
}

#[test]
fn nothing_is_told_of_quiet_days() {
    assert_eq!(alerts(&days("2027-01-01", 200, |_, _| {}), &[]), []);
}

#[test]
fn each_condition_is_told_on_its_first_day_and_not_a_day_earlier() {
    type Change = fn(&mut Observation, bool);
    let cases: [(Change, &str); 8] = [
        (
            |day, bad| {
                day.pace = Some(if bad { (pace("0.8499"), pace("0.8499")) } else { (pace("0.85"), pace("0.85")) })
            },
            "PaceBad",
        ),
        (
            |day, bad| day.pace = Some(if bad { (pace("1.1001"), pace("1.1001")) } else { (pace("1.1"), pace("1.1")) }),
            "OverBurn",
        ),
        (|day, bad| day.shortfall = Some(amount(if bad { "20000.01" } else { "20000" })), "Shortfall"),
        (|day, bad| day.age_hours = if bad { 37 } else { 36 }, "Stale(2027-03-10)"),
        (|day, bad| day.fx_move = Some(pace(if bad { "-0.0301" } else { "0.03" })), "FxMove"),
        (|day, bad| day.changed = if bad { vec!["p".into()] } else { vec![] }, "Eligibility(\"p\", 2027-03-11)"),
        (|day, bad| day.month = bad.then(|| (amount("9"), band("10", "20"))), "ForecastMissed(2027-03-11)"),
        (
            |day, bad| {
                day.days_left = if bad { 180 } else { 181 };
                day.remaining = exactly("100000.01");
            },
            "MuchLeft(180)",
        ),
    ];
    for (change, about) in cases {
        let history = days("2027-03-01", 11, |at, day| change(day, at == 10));
        let first = format!("2027-03-11 {about}");
        assert_eq!(told(&alerts(&history, &[])), [first], "{about}");
    }
}

#[test]
fn an_alert_is_told_once_in_a_period_however_often_its_days_are_looked_at() {
    let bad = |at: i64| at % 4 != 3;
    let mut history = days("2027-01-01", 40, |at, day| {
        if bad(at) {
            day.pace = Some((pace("0.8"), pace("0.8")));
        }
    });
    assert_eq!(told(&alerts(&history, &[])), ["2027-01-01 PaceBad"]);
    let mut raised = Vec::new();
    for upto in 1..=history.len() {
        let new = alerts(&history[..upto], &raised);
        raised.extend(new);
    }
    assert_eq!(told(&raised), ["2027-01-01 PaceBad"], "day by day it is the same");
    history.iter_mut().skip(20).for_each(|seen| seen.due = day("2028-12-31"));
    assert_eq!(told(&alerts(&history, &raised)), ["2027-01-21 PaceBad"], "a new period is a new matter");
}

#[test]
fn low_pace_is_told_after_two_whole_months_of_it() {
    let low = |from: i64| {
        days("2027-01-01", 120, move |at, day| {
            if at >= from {
                day.pace = Some((pace("0.94"), pace("0.94")));
            }
        })
    };
    assert_eq!(told(&alerts(&low(0), &[])), ["2027-03-01 PaceLow"]);
    assert_eq!(told(&alerts(&low(9), &[])), ["2027-03-10 PaceLow"]);
    let mut broken = low(0);
    broken[30].pace = Some((pace("0.95"), pace("0.95")));
    assert_eq!(told(&alerts(&broken, &[])), ["2027-04-01 PaceLow"], "a good day begins it anew");
}

#[test]
fn what_may_hold_is_told_and_told_again_when_it_is_sure() {
    let history = days("2027-01-01", 30, |at, day| {
        day.pace = Some(if at < 20 { (pace("0.8"), pace("0.9")) } else { (pace("0.7"), pace("0.8")) });
    });
    assert_eq!(told(&alerts(&history, &[])), ["2027-01-01 PaceBad perhaps", "2027-01-21 PaceBad"]);
}

#[test]
fn each_of_the_three_dates_before_the_end_is_told() {
    let history = days("2027-01-01", 200, |at, day| {
        day.days_left = 199 - at;
        day.remaining = exactly("100000.01");
    });
    let expected = ["2027-01-20 MuchLeft(180)", "2027-04-20 MuchLeft(90)", "2027-06-19 MuchLeft(30)"];
    assert_eq!(told(&alerts(&history, &[])), expected);
}

/// US-11: spend falls in September; each day has its own forecast, made of what was known on it.
#[test]
fn the_shortfall_alert_fires_on_the_first_day_its_rule_is_true() {
    let commitment = globex();
    let sums = [
        "110000", "110000", "110000", "110000", "110000", "110000", "110000", "110000", "60000", "60000", "60000",
        "60000",
    ];
    let lines: Vec<Line> = (1..)
        .zip(sums)
        .flat_map(|(month, sum)| {
            let half = (sum.parse::<u32>().unwrap() / 2).to_string();
            [usage(&format!("2026-{month:02}-03"), &half), usage(&format!("2026-{month:02}-17"), &half)]
        })
        .collect();
    let drawdown = drawdown(&commitment, &lines);
    let observe = |on: Date| {
        let figures = drawdown.figures(&commitment, on, on).unwrap();
        let months = history(&drawdown, on, Side::Least).unwrap();
        let told = forecast(&months, &Ahead::to_next_due(&figures, Side::Least)).unwrap();
        Observation { shortfall: Some(told.shortfall.mid), ..Observation::of(&figures) }
    };
    let history: Vec<Observation> =
        (0..180).map(|at| observe(day("2026-07-03").checked_add(at.days()).unwrap())).collect();
    let limit = amount("24000");
    let first = history.iter().find(|seen| seen.shortfall.unwrap() > limit).unwrap().day;
    let raised: Vec<Alert> =
        alerts(&history, &[]).into_iter().filter(|alert| alert.about == About::Shortfall).collect();
    assert_eq!(raised.iter().map(|alert| alert.day).collect::<Vec<_>>(), [first]);
    assert!(first > day("2026-09-01"), "{first}: not before spend fell");
}
