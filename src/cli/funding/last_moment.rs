//! The last moment for claims on a request, in the zone of whoever asks and in that of the programme.

use entente_core::context::funding::{RequestPaper, Sheet};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::cli::session::Session;

/// The last moment for claims that need nobody's consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastMoment {
    /// The instant.
    pub at: Timestamp,
    /// As the programme reads it, whose day counts.
    pub programme: String,
    /// As the clock of whoever asks shows it.
    pub yours: String,
}

impl LastMoment {
    /// That of a granted request; nothing where none is set.
    pub fn of(session: &Session, sheet: &Sheet<RequestPaper>) -> Option<LastMoment> {
        let programme = TimeZone::get(&sheet.course.claimable.as_ref()?.zone).ok()?;
        let ends = sheet.course.granted.and(sheet.claims_end())?;
        let yours = session.actor().and_then(|person| session.app.people.person(person)).map(|person| &person.zone);
        Some(LastMoment::before(ends, &programme, yours.unwrap_or(&programme)))
    }

    /// The second before the instant at which claims end.
    fn before(ends: Timestamp, programme: &TimeZone, yours: &TimeZone) -> LastMoment {
        let at = ends.checked_sub(SignedDuration::from_secs(1)).unwrap_or(ends);
        LastMoment { at, programme: read(at, programme), yours: read(at, yours) }
    }

    /// In one line: in the zone of whoever asks, and the programme's beside it where that is another one.
    pub fn line(&self) -> String {
        match self.yours == self.programme {
            true => self.programme.clone(),
            false => format!("{} for you, {} for the programme", self.yours, self.programme),
        }
    }
}

fn read(at: Timestamp, zone: &TimeZone) -> String {
    let read = zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    format!("{read} {}", zone.iana_name().unwrap_or("UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_second_of_the_programmes_day_is_another_day_elsewhere() {
        let zone = |name: &str| TimeZone::get(name).unwrap();
        let ends = "2027-06-18T22:00:00Z".parse().unwrap();
        let moment = LastMoment::before(ends, &zone("Europe/Berlin"), &zone("Asia/Tokyo"));
        assert_eq!(
            moment.line(),
            "2027-06-19 06:59:59 Asia/Tokyo for you, 2027-06-18 23:59:59 Europe/Berlin for the programme"
        );
        let same = LastMoment::before(ends, &zone("Europe/Berlin"), &zone("Europe/Berlin"));
        assert_eq!(same.line(), "2027-06-18 23:59:59 Europe/Berlin");
    }
}
