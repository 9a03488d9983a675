//! `entente people`.

use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};

/// Check people, roles and delegations
#[derive(Debug, clap::Subcommand)]
pub enum People {
    /// Show who holds which role; the file is read and checked
    Check,
}

impl People {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let People::Check = self;
        let session = Session::open(globals).await?;
        let people: Vec<_> = session.app.people.persons().collect();
        if session.out.is_json() {
            let rows = people.iter().map(|person| {
                let zone = person.zone.iana_name();
                json!({ "id": person.id, "name": person.name, "roles": person.roles, "legal_entities": person.legal_entities, "zone": zone })
            });
            session.out.json(&rows.collect::<Vec<_>>())?;
            return Ok(Exit::Ok);
        }
        let cells = people.iter().map(|person| {
            let roles = person.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let entities = person.legal_entities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let entities = if entities.is_empty() { "all".to_owned() } else { entities };
            vec![person.id.to_string(), person.name.clone(), roles, entities]
        });
        session.out.table(&["person", "name", "roles", "legal entities"], &cells.collect::<Vec<_>>());
        if people.is_empty() {
            let path = session.app.config.resolve(&session.app.config.people);
            session.out.warn(&format!("`{}` names nobody, so nobody may do anything", path.display()));
        }
        Ok(Exit::Ok)
    }
}
