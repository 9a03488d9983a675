//! How long evidence is kept: decided from dates that the caller gives.

use std::{collections::BTreeMap, fmt};

use jiff::{Span, civil::Date};

/// A class of evidence that a rule of retention is about, such as `invoice` or `attendees`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class(String);

impl Class {
    /// The class of this name.
    pub fn new(name: impl Into<String>) -> Class {
        Class(name.into())
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many months each class is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention(BTreeMap<Class, u16>);

/// How a file stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Somebody has it kept for a dispute or an audit, whatever its age.
    Held,
    /// Its class has no rule: it is kept.
    WithoutRule,
    /// Its time is not over.
    KeptUntil(Date),
    /// Its time is over.
    Removable(Permit),
}

/// The finding that a file's time is over: what [`Vault::remove`](crate::Vault::remove) asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    today: Date,
}

impl Permit {
    /// The day on which it was given.
    pub fn given_on(&self) -> Date {
        self.today
    }
}

impl FromIterator<(Class, u16)> for Retention {
    /// Rules: class and months. Of two rules for a class the last one holds.
    fn from_iter<T: IntoIterator<Item = (Class, u16)>>(rules: T) -> Self {
        Retention(rules.into_iter().collect())
    }
}

impl Retention {
    /// Whether what was stored on a day may be removed today. Months count by the calendar: what was stored on the 31st
    /// is kept to the last day of a shorter month. A legal hold is stronger than any rule, and so is the absence of one.
    ///
    /// One content may serve several claims: the caller asks for each record that names it, and removes the object
    /// when all of them agree.
    pub fn removable(&self, stored_on: Date, class: &Class, legal_hold: bool, today: Date) -> Standing {
        // A day past the end of the calendar never comes.
        let until = |months: &u16| stored_on.checked_add(Span::new().months(i32::from(*months))).unwrap_or(Date::MAX);
        Standing::on(today, self.0.get(class).map(until), legal_hold)
    }
}

impl Standing {
    /// How a file stands on a day whose time is over on another one; without such a day it is kept.
    pub fn on(today: Date, until: Option<Date>, legal_hold: bool) -> Standing {
        match until {
            _ if legal_hold => Standing::Held,
            None => Standing::WithoutRule,
            Some(until) if today < until => Standing::KeptUntil(until),
            Some(_) => Standing::Removable(Permit { today }),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn retention() -> Retention {
        [(Class::new("invoice"), 120), (Class::new("photo"), 1), (Class::new("draft"), 0)].into_iter().collect()
    }

    #[test]
    fn a_file_is_kept_for_its_months_to_the_day() {
        let (early, late) = (date(2026, 1, 31), date(2027, 5, 3));
        for (class, stored, today, until) in [
            ("invoice", late, late, Some(date(2037, 5, 3))),
            ("invoice", late, date(2037, 5, 2), Some(date(2037, 5, 3))),
            ("invoice", late, date(2037, 5, 3), None),
            ("photo", early, date(2026, 2, 27), Some(date(2026, 2, 28))),
            ("photo", early, date(2026, 2, 28), None),
            ("photo", date(2028, 1, 31), date(2028, 2, 28), Some(date(2028, 2, 29))),
            ("photo", late, early, Some(date(2027, 6, 3))),
            ("draft", late, late, None),
            ("invoice", date(9999, 1, 1), date(9999, 12, 30), Some(Date::MAX)),
        ] {
            let standing = retention().removable(stored, &Class::new(class), false, today);
            let expected = until.map_or(Standing::Removable(Permit { today }), Standing::KeptUntil);
            assert_eq!(standing, expected, "{class} of {stored} on {today}");
        }
    }

    #[test]
    fn a_legal_hold_is_stronger_than_any_rule_and_a_class_without_a_rule_stays() {
        let (stored, today) = (date(2000, 1, 1), date(2100, 1, 1));
        for (class, hold, expected) in [
            ("photo", true, Standing::Held),
            ("unknown", true, Standing::Held),
            ("unknown", false, Standing::WithoutRule),
            ("photo", false, Standing::Removable(Permit { today })),
        ] {
            assert_eq!(retention().removable(stored, &Class::new(class), hold, today), expected, "{class}, {hold}");
        }
    }
}
