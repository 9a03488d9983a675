//! Alerts: on the first day on which the condition holds, and once.

use entente_core::commitment::{
    About, Alert, DailySums, Observation, Spell, alerts as news,
    drawdown::{Drawdown, Side},
    eligibility::{Line, daily_sums},
    forecast::{Ahead, forecast, history},
    rates::FxMove,
};
use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::support::{amount, band, batch, day, drawdown, exactly, globex, shipped, usage};

/// A day on which nothing is the matter.
fn quiet(on: Date) -> Observation {
    Observation {
        day: on,
        pace_alone: false,
        due: day("2027-12-31"),
        amount: amount("1000000"),
        remaining: exactly("50000"),
        days_left: 300,
        pace: paces("1", "1"),
        shortfall: None,
        changed: Vec::new(),
        age_hours: 12,
        newest: Some(day("2027-03-09")),
        fx_moves: Vec::new(),
        month: None,
    }
}

/// What is to be told where nothing but that which was told is remembered.
fn alerts(history: &[Observation], raised: &[Alert]) -> Vec<Alert> {
    news(history, raised, &[]).alerts
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

fn paces(least: &str, most: &str) -> (Option<Decimal>, Option<Decimal>) {
    (Some(pace(least)), Some(pace(most)))
}

fn fx(moved: &str) -> FxMove {
    FxMove { currency: "EUR".into(), since: day("2027-01-01"), moved: pace(moved) }
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
        (|day, bad| day.pace = if bad { paces("0.8499", "0.8499") } else { paces("0.85", "0.85") }, "PaceBad"),
        (|day, bad| day.pace = if bad { paces("1.1001", "1.1001") } else { paces("1.1", "1.1") }, "OverBurn"),
        (|day, bad| day.shortfall = Some(exactly(if bad { "20000.01" } else { "20000" })), "Shortfall"),
        (|day, bad| day.age_hours = if bad { 37 } else { 36 }, "Stale(Some(2027-03-09))"),
        (|day, bad| day.fx_moves = vec![fx(if bad { "-0.0301" } else { "0.03" })], "FxMove(\"EUR\", 2027-01-01)"),
        (
            |day, bad| day.changed = if bad { vec![("p".into(), day.day)] } else { vec![] },
            "Eligibility(\"p\", 2027-03-11)",
        ),
        (
            |seen, bad| seen.month = Some((day("2027-02-28"), amount(if bad { "9" } else { "10" }), band("10", "20"))),
            "ForecastMissed(2027-02-28)",
        ),
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
fn whatever_goes_on_is_told_on_its_first_day_and_once_looked_at_day_by_day() {
    type Change = fn(&mut Observation);
    let cases: [(Change, &str); 8] = [
        (|day| day.pace = paces("0.84", "0.84"), "PaceBad"),
        (|day| day.pace = paces("1.11", "1.11"), "OverBurn"),
        (|day| day.shortfall = Some(exactly("20001")), "Shortfall"),
        (|day| day.age_hours = 37, "Stale(Some(2027-03-09))"),
        (|day| day.fx_moves = vec![fx("0.04")], "FxMove(\"EUR\", 2027-01-01)"),
        (|seen| seen.changed = vec![("p".into(), day("2027-01-11"))], "Eligibility(\"p\", 2027-01-11)"),
        (|seen| seen.month = Some((day("2026-12-31"), amount("21"), band("10", "20"))), "ForecastMissed(2026-12-31)"),
        (|day| (day.days_left, day.remaining) = (150, exactly("100001")), "MuchLeft(180)"),
    ];
    for (change, about) in cases {
        let history = days("2027-01-01", 50, |at, day| {
            if at >= 10 {
                change(day);
            }
        });
        let mut raised = Vec::new();
        for upto in 1..=history.len() {
            let new = alerts(&history[upto.saturating_sub(3)..upto], &raised);
            raised.extend(new);
        }
        assert_eq!(told(&raised), [format!("2027-01-11 {about}")], "{about}");
    }
}

#[test]
fn a_shortfall_at_one_end_of_the_band_is_told_as_perhaps_and_once_more_when_it_is_sure() {
    let history = days("2027-01-01", 20, |at, day| {
        day.shortfall = Some(if at < 10 { band("0", "20001") } else { band("20001", "30000") });
    });
    assert_eq!(told(&alerts(&history, &[])), ["2027-01-01 Shortfall perhaps", "2027-01-11 Shortfall"]);
}

#[test]
fn an_alert_is_told_once_in_a_period_however_often_its_days_are_looked_at() {
    let bad = |at: i64| at % 4 != 3;
    let mut history = days("2027-01-01", 40, |at, day| {
        if bad(at) {
            day.pace = paces("0.8", "0.8");
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
                day.pace = paces("0.94", "0.94");
            }
        })
    };
    assert_eq!(told(&alerts(&low(0), &[])), ["2027-03-01 PaceLow"]);
    assert_eq!(told(&alerts(&low(9), &[])), ["2027-03-10 PaceLow"]);
    let mut broken = low(0);
    broken[30].pace = paces("0.95", "0.95");
    assert_eq!(told(&alerts(&broken, &[])), ["2027-04-01 PaceLow"], "a good day begins it anew");
}

#[test]
fn what_may_hold_is_told_and_told_again_when_it_is_sure() {
    let history = days("2027-01-01", 30, |at, day| {
        day.pace = if at < 20 { paces("0.8", "0.9") } else { paces("0.7", "0.8") };
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

#[test]
fn what_was_gone_for_a_whole_month_is_told_anew() {
    let good_for = |good: i64| {
        days("2027-01-01", 90, move |at, day| {
            if !(10..10 + good).contains(&at) {
                day.pace = paces("0.8", "0.8");
            }
        })
    };
    // Bad through 10 January; a month later is 10 February, the forty-first day.
    assert_eq!(told(&alerts(&good_for(30), &[])), ["2027-01-01 PaceBad"]);
    let history = good_for(31);
    assert_eq!(told(&alerts(&history, &[])), ["2027-01-01 PaceBad", "2027-02-11 PaceBad"]);
    let mut raised = Vec::new();
    for upto in 1..=history.len() {
        let new = alerts(&history[..upto], &raised);
        raised.extend(new);
    }
    assert_eq!(told(&raised), ["2027-01-01 PaceBad", "2027-02-11 PaceBad"], "day by day it is the same");
    assert_eq!(alerts(&history[60..], &raised), [], "nor is it told again where older days are no longer at hand");
}

/// Each day is looked at alone, behind two months of which only the pace was asked, as the daily look does.
fn day_by_day(history: &[Observation]) -> Vec<Alert> {
    let (mut raised, mut spells): (Vec<Alert>, Vec<Spell>) = (Vec::new(), Vec::new());
    for (at, today) in history.iter().enumerate() {
        let before = &history[at.saturating_sub(62)..at];
        let before = before.iter().map(|day| Observation { pace_alone: true, ..day.clone() });
        let window: Vec<Observation> = before.chain([today.clone()]).collect();
        let new = news(&window, &raised, &spells);
        raised.extend(new.alerts);
        spells = new.spells;
    }
    raised
}

#[test]
fn a_window_that_slides_day_by_day_tells_nothing_twice() {
    let history = days("2027-01-01", 240, |at, day| {
        day.pace = paces("0.9", "0.9");
        day.age_hours = 40;
        day.days_left = 300 - at;
        day.remaining = exactly("500000");
        day.shortfall = Some(exactly("90000"));
    });
    let expected = [
        "2027-01-01 Shortfall",
        "2027-01-01 Stale(Some(2027-03-09))",
        "2027-03-01 PaceLow",
        "2027-05-01 MuchLeft(180)",
        "2027-07-30 MuchLeft(90)",
    ];
    assert_eq!(told(&day_by_day(&history)), expected);
    assert_eq!(told(&alerts(&history, &[])), expected, "looked at in one, it is the same");
}

#[test]
fn a_window_that_slides_day_by_day_tells_anew_what_was_gone_for_a_whole_month() {
    let bad_but_for = |good: i64| {
        days("2027-01-01", 90, move |at, day| {
            if !(10..10 + good).contains(&at) {
                day.shortfall = Some(exactly("90000"));
            }
        })
    };
    assert_eq!(told(&day_by_day(&bad_but_for(30))), ["2027-01-01 Shortfall"]);
    assert_eq!(told(&day_by_day(&bad_but_for(31))), ["2027-01-01 Shortfall", "2027-02-11 Shortfall"]);
}

#[test]
fn an_end_of_which_nothing_can_be_said_leaves_the_other_to_be_told() {
    let on = |pace: (Option<Decimal>, Option<Decimal>)| {
        told(&alerts(&days("2027-01-01", 1, move |_, day| day.pace = pace), &[]))
    };
    assert_eq!(on((Some(pace("0.8")), None)), ["2027-01-01 PaceBad perhaps"]);
    assert_eq!(on((Some(pace("1.2")), None)), ["2027-01-01 OverBurn perhaps"]);
    assert_eq!(on((None, None)), Vec::<String>::new());
}

#[test]
fn old_data_are_told_once_whatever_the_hour_and_whatever_is_due() {
    // Of the same spend: 37 hours old at two in the morning, 82 the next evening, and then another amount is due.
    let history = days("2027-03-11", 3, |at, day| {
        day.age_hours = [37, 82, 106][usize::try_from(at).unwrap()];
        if at == 2 {
            day.due = super::support::day("2028-12-31");
        }
    });
    assert_eq!(told(&alerts(&history, &[])), ["2027-03-11 Stale(Some(2027-03-09))"]);
}

#[test]
fn low_pace_is_told_after_two_months_although_amounts_fall_due_on_the_way() {
    let low = |change: fn(i64, &mut Observation)| {
        days("2027-01-01", 60, move |at, day| {
            day.pace = paces("0.94", "0.94");
            day.due = day.day.last_of_month();
            change(at, day);
        })
    };
    assert_eq!(told(&alerts(&low(|_, _| {}), &[])), ["2027-03-01 PaceLow"], "monthly milestones");
    let silent = |at: i64, day: &mut Observation| {
        if (10..40).contains(&at) {
            day.pace = (None, None);
        }
    };
    assert_eq!(
        told(&alerts(&low(silent), &[])),
        ["2027-03-01 PaceLow"],
        "nothing can be said of a new period's first month"
    );
}

/// 3 287.67 a day are the first year's pace; data are two days late.
#[test]
fn days_that_have_no_data_yet_say_nothing_about_pace() {
    let commitment = globex();
    let spent = |through: Date| {
        let on = |at: i64| day("2026-01-01").checked_add(at.days()).unwrap();
        let days = (0..366).map(on).take_while(|day| *day <= through);
        let lines: Vec<Line> = days.map(|day| usage(&day.to_string(), "3287.67")).collect();
        let mut drawdown = Drawdown::new(&commitment);
        let sums = daily_sums(&commitment, &shipped(), day("2030-12-31"), &lines).unwrap();
        drawdown.take(&DailySums { through, ..batch(&commitment, sums) }).unwrap();
        drawdown
    };
    let observe = |on: Date| {
        let late = on.checked_sub(2.days()).unwrap();
        Observation::of(&spent(late).figures(&commitment, on, day("2030-12-31")).unwrap())
    };
    let first = day("2026-01-01");
    let history: Vec<Observation> = (0..70).map(|at| observe(first.checked_add(at.days()).unwrap())).collect();
    assert_eq!(told(&alerts(&history, &[])), Vec::<String>::new());
    // The first month ends on 31 January, and its data are there on 2 February.
    let known: Vec<Date> = history.iter().filter(|seen| seen.pace.0.is_some()).map(|seen| seen.day).collect();
    assert_eq!(known.first(), Some(&day("2026-02-02")));
    // 90 x 3 287.67 = 295 890.30 over 1 200 000 x 90 / 365 = 295 890.41, whatever day it is told on.
    let april = spent(day("2026-03-31"));
    for on in ["2026-03-31", "2026-04-10", "2026-05-31"] {
        let pace = april.figures(&commitment, day(on), day("2030-12-31")).unwrap().period.pace;
        assert_eq!(pace, paces("1", "1"), "{on}");
    }
    assert_eq!(april.figures(&commitment, day("2027-01-05"), day("2030-12-31")).unwrap().period.pace, (None, None));
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
        Observation { shortfall: Some(exactly(&told.shortfall.mid.to_string())), ..Observation::of(&figures) }
    };
    let history: Vec<Observation> =
        (0..180).map(|at| observe(day("2026-07-03").checked_add(at.days()).unwrap())).collect();
    let limit = amount("24000");
    let first = history.iter().find(|seen| seen.shortfall.unwrap().most > limit).unwrap().day;
    let raised: Vec<Alert> =
        alerts(&history, &[]).into_iter().filter(|alert| alert.about == About::Shortfall).collect();
    assert_eq!(raised.iter().map(|alert| alert.day).collect::<Vec<_>>(), [first]);
    assert!(first > day("2026-09-01"), "{first}: not before spend fell");
}
