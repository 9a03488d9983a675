//! `entente calendar`.

use entente_core::{
    calendar::Calendar as Business,
    ids::{LegalEntityId, RoleId},
};
use jiff::{ToSpan as _, civil::Date};
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};

/// Show business calendars
#[derive(Debug, clap::Subcommand)]
pub enum Calendar {
    /// Show the days that are special in somebody's calendar
    Show {
        /// A calendar by its name
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// The calendar of this legal entity
        #[arg(long, value_name = "ID", conflicts_with = "name")]
        entity: Option<LegalEntityId>,
        /// The calendar of this role within the legal entity
        #[arg(long, value_name = "ROLE", requires = "entity")]
        role: Option<RoleId>,
        /// The first day [default: today]
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// How many days
        #[arg(long, value_name = "NUMBER", default_value_t = 92, value_parser = clap::value_parser!(u16).range(1..=1100))]
        days: u16,
    },
}

impl Calendar {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let Calendar::Show { name, entity, role, from, days } = self;
        let session = Session::open(globals).await?;
        let calendars = session.app.world.borrow().calendars.clone();
        let calendar = match (&name, &entity, &role) {
            (Some(name), _, _) => calendars
                .named(name)
                .ok_or_else(|| Failure::from(entente_store::Error::NotFound { kind: "calendar", id: name.clone() }))?,
            (None, Some(entity), Some(role)) => calendars.of_role(role, entity),
            (None, Some(entity), None) => calendars.of_entity(entity),
            (None, None, _) => return Err(Failure::usage("say which calendar: a name, or --entity")),
        };
        let from = from.unwrap_or_else(|| session.app.clock.now().to_zoned(calendar.zone().clone()).date());
        let special = special_days(calendar, from, days);
        if session.out.is_json() {
            let days: Vec<_> = special.iter().map(|(day, notes)| json!({ "day": day, "notes": notes })).collect();
            session.out.json(&json!({ "calendar": calendar.name, "zone": calendar.zone_name, "days": days }))?;
            return Ok(Exit::Ok);
        }
        session.out.say(&format!("calendar `{}` in {}", calendar.name, calendar.zone_name));
        let cells = special.iter().map(|(day, notes)| vec![day.to_string(), notes.join(", ")]);
        session.out.table(&["day", "what"], &cells.collect::<Vec<_>>());
        Ok(Exit::Ok)
    }
}

/// The days on which nobody works or nothing is signed, each with its reasons.
fn special_days(calendar: &Business, from: Date, days: u16) -> Vec<(Date, Vec<String>)> {
    let each = (0..i64::from(days)).filter_map(|n| from.checked_add(n.days()).ok());
    let explained = each.filter_map(|day| {
        let noon = calendar.zone().to_timestamp(day.at(12, 0, 0, 0)).ok()?;
        let notes =
            calendar.explain(noon).into_iter().filter(|note| *note != entente_core::calendar::Note::OutsideHours);
        Some((day, notes.map(|note| note.to_string()).collect::<Vec<_>>()))
    });
    explained.filter(|(_, notes)| !notes.is_empty()).collect()
}
