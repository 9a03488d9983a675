//! Business calendars: when a legal entity, role or party works, and what is special about an instant.

mod document;
mod explain;
mod working;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

pub use document::parse_working_time;
pub use explain::Note;
pub use working::OutOfReach;

use crate::ids::{LegalEntityId, PartyId, RoleId};

/// One calendar: a zone, the week, business hours, holidays, and the days before a quarter's end when nothing is signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// Its name in the file.
    pub name: String,
    /// The IANA name of its zone.
    pub zone_name: String,
    zone: TimeZone,
    weekend: Vec<Weekday>,
    open: Time,
    close: Time,
    holidays: BTreeMap<Date, String>,
    freeze_days: u32,
    fiscal_year_month: i8,
}

impl Calendar {
    /// Monday to Friday, 9 to 17 on the clocks of this zone, no holidays: what applies where nobody wrote a calendar.
    pub fn office_hours(zone_name: &str, zone: TimeZone) -> Calendar {
        Calendar {
            name: "office-hours".into(),
            zone_name: zone_name.into(),
            zone,
            weekend: vec![Weekday::Saturday, Weekday::Sunday],
            open: Time::constant(9, 0, 0, 0),
            close: Time::constant(17, 0, 0, 0),
            holidays: BTreeMap::new(),
            freeze_days: 0,
            fiscal_year_month: 1,
        }
    }

    /// The zone in which its days begin and end.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// Every calendar of the organisation, and whom each is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendars {
    default: Arc<Calendar>,
    named: BTreeMap<String, Arc<Calendar>>,
    legal_entities: BTreeMap<LegalEntityId, String>,
    roles: BTreeMap<RoleId, String>,
    parties: BTreeMap<PartyId, String>,
    sha256: String,
}

impl Default for Calendars {
    /// Office hours in UTC for everybody.
    fn default() -> Self {
        Calendars::office_hours("UTC", TimeZone::UTC)
    }
}

impl Calendars {
    /// One calendar for everybody: [`Calendar::office_hours`] in this zone.
    pub fn office_hours(zone_name: &str, zone: TimeZone) -> Calendars {
        Calendars {
            default: Arc::new(Calendar::office_hours(zone_name, zone)),
            named: BTreeMap::new(),
            legal_entities: BTreeMap::new(),
            roles: BTreeMap::new(),
            parties: BTreeMap::new(),
            sha256: String::new(),
        }
    }

    /// The calendar of a legal entity.
    pub fn of_entity(&self, entity: &LegalEntityId) -> &Calendar {
        self.find(self.legal_entities.get(entity))
    }

    /// The calendar of a role within a legal entity: the role's own where it has one, else the entity's.
    pub fn of_role(&self, role: &RoleId, entity: &LegalEntityId) -> &Calendar {
        self.find(self.roles.get(role).or_else(|| self.legal_entities.get(entity)))
    }

    /// The calendar of a party, such as a buyer; `None` where nobody wrote one, because a stranger's week is not ours.
    pub fn of_party(&self, party: &PartyId) -> Option<&Calendar> {
        self.parties.get(party).map(|name| self.find(Some(name)))
    }

    /// The calendar of this name.
    pub fn named(&self, name: &str) -> Option<&Calendar> {
        self.named.get(name).map(AsRef::as_ref)
    }

    /// SHA-256 of the file they came from; empty for [`Calendars::office_hours`].
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    fn find(&self, name: Option<&String>) -> &Calendar {
        name.and_then(|name| self.named.get(name)).unwrap_or(&self.default)
    }
}
