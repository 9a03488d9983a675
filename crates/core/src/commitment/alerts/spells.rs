//! Spells: since when each thing holds, and the last day on which it did.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{About, Alert};

/// Something that holds, or did: from its first day to its last one, with less than a month in which it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spell {
    /// What it is about.
    pub about: About,
    /// The day on which the amount that it is about is due; none where it holds whatever is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// The first day on which it held.
    pub since: Date,
    /// The last day on which it held.
    pub last: Date,
}

/// What tells one alert from another, but for its day and for how sure it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Matter {
    about: About,
    /// The day on which the amount is due; old data, changed rules, rates that moved and months that were missed are so whatever
    /// is due.
    due: Option<Date>,
}

impl Matter {
    pub(super) fn of(alert: &Alert) -> Matter {
        let whatever_is_due = matches!(
            alert.about,
            About::Stale(_) | About::Eligibility(..) | About::FxMove(..) | About::ForecastMissed(_)
        );
        let due = if whatever_is_due { None } else { Some(alert.due) };
        Matter { about: alert.about.clone(), due }
    }
}

/// The spells that are known, one of each matter.
#[derive(Debug, Default)]
pub(super) struct Spells(BTreeMap<Matter, (Date, Date)>);

impl Spells {
    /// What was remembered before a day. Of what was told then and is not remembered, it is taken that it has held since.
    pub(super) fn remembered(spells: &[Spell], raised: &[Alert], first: Date) -> Spells {
        let before = first.yesterday().unwrap_or(first);
        let mut all: BTreeMap<Matter, (Date, Date)> = BTreeMap::new();
        for alert in raised {
            let spell = all.entry(Matter::of(alert)).or_insert((alert.day, before));
            spell.0 = spell.0.min(alert.day);
        }
        let remembered = |spell: &Spell| {
            let matter = Matter { about: spell.about.clone(), due: spell.due };
            (matter, (spell.since, spell.last))
        };
        all.extend(spells.iter().map(remembered));
        Spells(all)
    }

    /// Notes that something holds on a day, and gives the first day of its spell: what was gone for a whole month begins anew.
    pub(super) fn holds(&mut self, matter: Matter, day: Date) -> Date {
        let spell = self.0.entry(matter).or_insert((day, day));
        if recovered(spell.1, day) {
            spell.0 = day;
        }
        spell.1 = spell.1.max(day);
        spell.0
    }

    /// What is to be remembered.
    pub(super) fn kept(self) -> Vec<Spell> {
        let spell = |(Matter { about, due }, (since, last))| Spell { about, due, since, last };
        self.0.into_iter().map(spell).collect()
    }
}

/// Whether more than a month lies between two days.
fn recovered(held: Date, again: Date) -> bool {
    held.checked_add(1.month()).is_ok_and(|end| end < again)
}
