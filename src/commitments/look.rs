//! The daily look: where a commitment stands, and which alerts hold for the first time.

use entente_core::{
    commitment::{
        Alert, Amount, Band, Commitment, News, Observation, Spell, alerts,
        drawdown::{Figures, Side, Standing},
        eligibility::{Rules, turned},
        is_low,
    },
    context::commitment::{Look, Outlook},
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::{
    CommitmentError,
    ahead::{self, Until},
    family::{Family, end_of},
};

/// The most days that are looked at again after nobody has looked.
const DAYS_MAX: i64 = 62;

/// What was found, and what is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub look: Look,
    /// The alerts that hold for the first time, and what is to be remembered of all that hold.
    pub news: News,
}

/// What is known of earlier looks.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// When the commitment was entered.
    pub entered: Timestamp,
    /// The day of the last look.
    pub last: Option<Date>,
    /// What was told already.
    pub told: &'a [Alert],
    /// Since when what was told holds.
    pub spells: &'a [Spell],
    /// Products whose eligibility has changed since the day of the last look, and when that came to be known.
    pub changed: &'a [(String, Date)],
    /// The rules of eligibility.
    pub rules: &'a Rules,
}

/// Looks at a commitment.
///
/// # Errors
/// When the figures cannot be told.
pub fn look(family: &Family, before: &Before<'_>, now: Timestamp) -> Result<Found, CommitmentError> {
    let (commitment, _) = family.own()?;
    let today = family.known_on();
    let (starts, ends) = commitment.terms(today, today).map_or((today, today), |terms| (terms.starts(), terms.ends()));
    let figures = family.figures(today.clamp(starts, ends))?;
    let outlook = outlook(&figures, today, (starts, ends));
    let mut shortfall = None;
    let mut news = News::default();
    if outlook == Outlook::Active || outlook == Outlook::Fulfilled {
        let history = history(family, &figures, before, now)?;
        shortfall = history.last().and_then(|now| now.shortfall).map(|lacks| lacks.most);
        news = alerts(&history, before.told, before.spells);
    }
    let pace = figures.period.pace;
    let lacks = shortfall.is_some_and(|lacks| lacks > Amount::ZERO) || outlook == Outlook::Shortfall;
    let look = Look {
        day: figures.as_of,
        outlook,
        at_risk: outlook != Outlook::Fulfilled && (lacks || is_low(pace)),
        remaining: figures.remaining,
        pace,
        settles_on: settles_on(&figures, outlook, ends),
    };
    Ok(Found { look, news })
}

/// The first day that the last look has not seen.
fn oldest_new(last: Option<Date>, today: Date) -> Date {
    last.and_then(|last| last.tomorrow().ok()).map_or(today, |next| next.min(today))
}

/// Where it stands. A term that is over waits for its data: it is judged once there is no day left of which nothing is known.
fn outlook(figures: &Figures, today: Date, (starts, ends): (Date, Date)) -> Outlook {
    if today < starts {
        return Outlook::Planned;
    }
    match figures.standing {
        (Standing::Replaced, Standing::Replaced) => return Outlook::Superseded,
        (Standing::Waiting, Standing::Waiting) => return Outlook::Planned,
        _ => {}
    }
    match figures.remaining.most <= Amount::ZERO {
        true => Outlook::Fulfilled,
        false if today > ends && !figures.period.unknown => Outlook::Shortfall,
        false => Outlook::Active,
    }
}

/// The day by which everything that fell due is paid, once nothing more is to come.
fn settles_on(figures: &Figures, outlook: Outlook, ends: Date) -> Option<Date> {
    let owed = figures.settled.iter().filter(|settled| settled.cost.cash != Band::ZERO);
    let paid = owed.map(|settled| settled.cost.due).max();
    match outlook {
        Outlook::Planned | Outlook::Active => None,
        Outlook::Fulfilled => Some(paid.unwrap_or(ends).max(ends)),
        Outlook::Shortfall => Some(paid.unwrap_or(ends).max(figures.period.true_up.due)),
        Outlook::Superseded => Some(paid.unwrap_or(figures.as_of)),
    }
}

/// What was known on each day since the last look, and before it the days on which pace was low.
fn history(
    family: &Family,
    today: &Figures,
    known: &Before<'_>,
    now: Timestamp,
) -> Result<Vec<Observation>, CommitmentError> {
    let (commitment, _) = family.own()?;
    let earliest = today.as_of.checked_sub(DAYS_MAX.days()).unwrap_or(today.as_of);
    let first = oldest_new(known.last, today.as_of).max(earliest);
    let mut history = Vec::new();
    let mut day = first;
    while day < today.as_of {
        let figures = family.figures(day)?;
        let observed = observation(family, &figures, known.entered, end_of(commitment, day).unwrap_or(now))?;
        history.push(Observation { changed: turns(family, known.rules, day)?, ..observed });
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    let mut changed = turns(family, known.rules, today.as_of)?;
    changed.extend_from_slice(known.changed);
    let today = observation(family, today, known.entered, now)?;
    history.push(Observation { changed, ..today });
    with_low_days(family, &mut history)?;
    Ok(history)
}

/// The products that were held within a year, and of which another share counts from a day on.
fn turns(family: &Family, rules: &Rules, day: Date) -> Result<Vec<(String, Date)>, CommitmentError> {
    let (commitment, spent) = family.own()?;
    let since = day.checked_sub(1.year()).unwrap_or(day);
    let held = spent.partitions().values().flatten().map(|(key, _)| key);
    let held = held.filter(|key| (since..=day).contains(&key.day));
    Ok(turned(commitment, rules, held, day).into_iter().map(|product| (product, day)).collect())
}

/// Puts the days before in front, as long as pace was low on them: two months of it are an alert.
fn with_low_days(family: &Family, history: &mut Vec<Observation>) -> Result<(), CommitmentError> {
    let Some(today) = history.last().map(|now| now.day) else { return Ok(()) };
    let oldest = today.checked_sub(2.months()).unwrap_or(today);
    let low = |day: &Observation| is_low(day.pace);
    let silent = |day: &Observation| day.pace == (None, None);
    let (commitment, _) = family.own()?;
    let starts = commitment.starts(family.known_on()).unwrap_or(today);
    while let Some(first) = history.first().filter(|first| low(first) || silent(first)) {
        let day = first.day.yesterday().unwrap_or(first.day);
        if day < oldest || day < starts || day == first.day {
            break;
        }
        let figures = family.figures(day)?;
        history.insert(0, Observation { pace_alone: true, ..Observation::of(&figures) });
    }
    Ok(())
}

fn observation(
    family: &Family,
    figures: &Figures,
    entered: Timestamp,
    at: Timestamp,
) -> Result<Observation, CommitmentError> {
    let (commitment, _) = family.own()?;
    let lacks = |side| -> Result<Option<Amount>, CommitmentError> {
        Ok(ahead::at(family, figures, Until::NextDue, side, &[])?.ok().map(|forecast| forecast.shortfall.mid))
    };
    // What cannot be forecast at one end is told by the other one.
    let lacks = match (lacks(Side::Least)?, lacks(Side::Most)?) {
        (Some(least), Some(most)) => Some(Band::between(least, most)),
        (one, other) => one.or(other).map(Band::exactly),
    };
    let observed = Observation {
        shortfall: lacks,
        age_hours: age(commitment, figures, entered, at),
        month: month(family, figures)?,
        fx_moves: family.fx_moves(figures.as_of)?,
        ..Observation::of(figures)
    };
    // Before any spend was taken in, nobody knows what remains.
    let remaining = figures.complete_through.map_or(Band::ZERO, |_| observed.remaining);
    Ok(Observation { remaining, ..observed })
}

/// How old the newest spend is, in whole hours; of what has none yet, for how long it has been followed.
fn age(commitment: &Commitment, figures: &Figures, entered: Timestamp, at: Timestamp) -> u32 {
    let start = commitment.starts(figures.known_on).and_then(|start| start.yesterday().ok());
    let followed = start.and_then(|day| end_of(commitment, day)).map_or(entered, |start| start.max(entered));
    let newest = figures.complete_through.map_or(Some(followed), |day| end_of(commitment, day));
    let age = newest.map_or(SignedDuration::ZERO, |newest| at.duration_since(newest));
    u32::try_from(age.as_hours()).unwrap_or(0)
}

/// Of the last month that is taken in wholly: its last day, what counted, and the wide fan that had been drawn for it before it began.
fn month(family: &Family, figures: &Figures) -> Result<Option<(Date, Amount, Band)>, CommitmentError> {
    let Some(seen) = figures.complete_through.map(|seen| seen.min(figures.as_of)) else { return Ok(None) };
    let end = if seen == seen.last_of_month() { Ok(seen) } else { seen.first_of_month().yesterday() };
    let Some((end, before)) = end.ok().and_then(|end| Some((end, end.first_of_month().yesterday().ok()?))) else {
        return Ok(None);
    };
    // Before the first period nothing was forecast.
    if before < figures.period.from && figures.period.number == 1 {
        return Ok(None);
    }
    let at_end = family.figures(end)?;
    if before < at_end.period.from {
        return Ok(None);
    }
    let then = family.figures(before)?;
    let drawn = ahead::at(family, &then, Until::PeriodEnd, Side::Least, &[])?.ok();
    let Some(point) = drawn.and_then(|forecast| forecast.path.first().copied()).filter(|point| point.day == end) else {
        return Ok(None);
    };
    let done = then.period.towards_ends.0;
    let came = at_end.period.towards_ends.0.minus(done)?;
    let fan = Band::between(point.reached.low_80.minus(done)?, point.reached.high_80.minus(done)?);
    Ok(Some((end, came, fan)))
}

#[cfg(test)]
mod tests;
