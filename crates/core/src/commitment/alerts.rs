//! Alerts: each on the first day on which its condition holds, and once.

mod spells;

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    amount::Amount,
    band::Band,
    drawdown::{Figures, Standing},
    rates::FxMove,
};
pub use spells::Spell;
use spells::{Matter, Spells};

/// Pace below this for two months.
const PACE_LOW: Decimal = Decimal::from_parts(95, 0, 0, false, 2);
/// Pace below this on a single day.
const PACE_BAD: Decimal = Decimal::from_parts(85, 0, 0, false, 2);
/// Pace above this.
const OVER_BURN: Decimal = Decimal::from_parts(110, 0, 0, false, 2);
/// A shortfall larger than this part of the amount due.
const SHORTFALL: Decimal = Decimal::from_parts(2, 0, 0, false, 2);
/// More than this part of the amount due remains.
const MUCH_LEFT: Decimal = Decimal::from_parts(10, 0, 0, false, 2);
/// A rate that moved by more than this part.
const FX_MOVE: Decimal = Decimal::from_parts(3, 0, 0, false, 2);
/// Data older than this many hours.
const STALE_HOURS: u32 = 36;
/// Days before an amount is due.
const BEFORE_END: [i64; 3] = [180, 90, 30];

/// What was known at the end of a day. Days come without a gap, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The day.
    pub day: Date,
    /// Whether nothing but its pace was looked at: whatever else held on it was told then.
    pub pace_alone: bool,
    /// When the next amount is due: a milestone, or the period's end.
    pub due: Date,
    /// What is due by then.
    pub amount: Amount,
    /// What remains of it.
    pub remaining: Band,
    /// The days that are left until then.
    pub days_left: i64,
    /// The pace, at the least and at the most; `None` at an end where nothing can be said of it.
    pub pace: (Option<Decimal>, Option<Decimal>),
    /// What is forecast to lack then, where anything is forecast.
    pub shortfall: Option<Band>,
    /// Products that the customer holds and whose eligibility has changed, each with the day on which that came to be known.
    pub changed: Vec<(String, Date)>,
    /// How old the newest spend is.
    pub age_hours: u32,
    /// The last day that spend was taken in for.
    pub newest: Option<Date>,
    /// By how much each rate that is watched has moved since the budget was made.
    pub fx_moves: Vec<FxMove>,
    /// Of the last month that is taken in wholly: its last day, what counted, and the wide fan that had been drawn for it.
    pub month: Option<(Date, Amount, Band)>,
}

impl Observation {
    /// What figures say. What they do not know is as if nothing were the matter; the caller fills it in.
    pub fn of(figures: &Figures) -> Observation {
        let next = &figures.period.next;
        Observation {
            day: figures.as_of,
            pace_alone: false,
            due: next.through,
            amount: next.amount,
            remaining: owed(figures),
            days_left: next.days_left,
            pace: figures.period.pace,
            shortfall: None,
            changed: Vec::new(),
            age_hours: 0,
            newest: figures.complete_through,
            fx_moves: Vec::new(),
            month: None,
        }
    }
}

/// What remains of the next amount due, as far as it is owed: of what waits for its former, or was replaced, nothing is.
fn owed(figures: &Figures) -> Band {
    let remaining = figures.period.next.remaining;
    match figures.standing {
        (Standing::Running, Standing::Running) => remaining,
        (Standing::Running, _) | (_, Standing::Running) => Band { least: Amount::ZERO, ..remaining },
        _ => Band::ZERO,
    }
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Pace below 0.95 for two months.
    PaceLow,
    /// Pace below 0.85.
    PaceBad,
    /// Pace above 1.10.
    OverBurn,
    /// A shortfall of more than 2 % of the amount due is forecast.
    Shortfall,
    /// So many days before an amount is due more than a tenth of it remains.
    MuchLeft(i64),
    /// The eligibility of a product that the customer holds has changed.
    Eligibility(String, Date),
    /// The newest spend, of this day, is older than 36 hours.
    Stale(Option<Date>),
    /// The rate of this currency has moved by more than 3 % since this day.
    FxMove(String, Date),
    /// A month fell out of the fan that had been drawn for it.
    ForecastMissed(Date),
}

/// An alert: no two are equal but for their day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about.
    pub about: About,
    /// The day on which the amount that it is about is due.
    pub due: Date,
    /// Whether it holds at every end of what is known; else it may hold.
    pub sure: bool,
    /// The first day on which it holds.
    pub day: Date,
}

/// What is to be told, and what is to be remembered for the next time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// The alerts that are due and have not been raised, in the order of their days.
    pub alerts: Vec<Alert>,
    /// Since when each thing holds.
    pub spells: Vec<Spell>,
}

/// What is news of a history. What may hold is told once, and once more when it is sure; what was gone for a whole month is told
/// anew when it comes back, for which the spells of the days before are remembered.
pub fn alerts(history: &[Observation], raised: &[Alert], spells: &[Spell]) -> News {
    let first = history.iter().find(|day| !day.pace_alone).map_or(Date::MAX, |day| day.day);
    let mut spells = Spells::remembered(spells, raised, first);
    let mut told: BTreeMap<(Matter, bool), Date> = BTreeMap::new();
    for alert in raised {
        let day = told.entry((Matter::of(alert), alert.sure)).or_insert(alert.day);
        *day = alert.day.max(*day);
    }
    let mut alerts = Vec::new();
    for (at, observation) in history.iter().enumerate().filter(|(_, day)| !day.pace_alone) {
        let before = history.get(..=at).unwrap_or_default();
        for (about, sure) in held(observation, before) {
            let alert = Alert { about, due: observation.due, sure, day: observation.day };
            let matter = Matter::of(&alert);
            let since = spells.holds(matter.clone(), alert.day);
            let known = |sure: bool| told.get(&(matter.clone(), sure)).is_some_and(|day| *day >= since);
            if !known(true) && (alert.sure || !known(false)) {
                told.insert((matter, alert.sure), alert.day);
                alerts.push(alert);
            }
        }
    }
    News { alerts, spells: spells.kept() }
}

/// Whether a pace is low, at an end at least: what is so for two months is an alert.
pub fn is_low(pace: (Option<Decimal>, Option<Decimal>)) -> bool {
    [pace.0, pace.1].into_iter().flatten().any(|pace| pace < PACE_LOW)
}

/// What holds on a day, and whether it surely does.
fn held(now: &Observation, before: &[Observation]) -> Vec<(About, bool)> {
    let mut held = Vec::new();
    let mut note = |about: About, may: bool, sure: bool| {
        if may {
            held.push((about, sure));
        }
    };
    let (bad, over) = (|pace: Decimal| pace < PACE_BAD, |pace: Decimal| pace > OVER_BURN);
    note(About::PaceBad, at_an_end(now, bad), at_both_ends(now, bad));
    note(About::OverBurn, at_an_end(now, over), at_both_ends(now, over));
    note(About::PaceLow, low_for_two_months(now, before, at_an_end), low_for_two_months(now, before, at_both_ends));
    let part = |of: Decimal| now.amount.decimal().checked_mul(of).unwrap_or(Decimal::MAX);
    let much = |remaining: Amount| remaining.decimal() > part(MUCH_LEFT);
    if let Some(days) = BEFORE_END.into_iter().rfind(|days| now.days_left <= *days) {
        note(About::MuchLeft(days), much(now.remaining.most), much(now.remaining.least));
    }
    if let Some(shortfall) = now.shortfall {
        let lacks = |shortfall: Amount| shortfall.decimal() > part(SHORTFALL);
        note(About::Shortfall, lacks(shortfall.most), lacks(shortfall.least));
    }
    for (product, day) in &now.changed {
        note(About::Eligibility(product.clone(), *day), true, true);
    }
    if now.age_hours > STALE_HOURS {
        note(About::Stale(now.newest), true, true);
    }
    for fx in &now.fx_moves {
        note(About::FxMove(fx.currency.clone(), fx.since), fx.moved.abs() > FX_MOVE, true);
    }
    if let Some((end, came, fan)) = now.month {
        note(About::ForecastMissed(end), came < fan.least || came > fan.most, true);
    }
    held
}

/// Whether something is so of the pace at an end at least.
fn at_an_end(day: &Observation, so: fn(Decimal) -> bool) -> bool {
    day.pace.0.is_some_and(so) || day.pace.1.is_some_and(so)
}

/// Whether it is so at both.
fn at_both_ends(day: &Observation, so: fn(Decimal) -> bool) -> bool {
    day.pace.0.is_some_and(so) && day.pace.1.is_some_and(so)
}

/// Whether something holds of the pace on a day, at one end of the band or at both.
type Judged = fn(&Observation, fn(Decimal) -> bool) -> bool;

/// Whether pace was low for two months, whatever was due on the way: on the first and the last day, and on every day between
/// of which anything can be said.
fn low_for_two_months(now: &Observation, before: &[Observation], is: Judged) -> bool {
    let Ok(since) = now.day.checked_sub(2.months()) else { return false };
    let low = |day: &Observation| is(day, |pace| pace < PACE_LOW);
    let silent = |day: &Observation| day.pace == (None, None);
    let window = || before.iter().rev().take_while(|observation| observation.day >= since);
    let whole = window().last().is_some_and(|first| first.day == since && low(first));
    whole && low(now) && window().all(|day| low(day) || silent(day))
}
