//! `entente spend retract`.

use serde_json::json;

use super::{reading, short};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    commitments::stored,
    spend,
};

/// What is taken back.
#[derive(Debug, clap::Args)]
pub struct Retract {
    /// The reading that its partition has now: its id, or the beginning of it
    id: String,
}

impl Retract {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let store = session.app.store.as_ref();
        let (row, _) = reading(&session, &self.id).await?;
        let (id, entity) = (row.new.commitment.as_str(), &row.new.legal_entity);
        let actor = session.act_for(Action::ImportSpend, "commitment", id, entity)?;
        let scope = session.reach(Action::ImportSpend, "spend", &self.id)?;
        let at = session.app.clock.now();
        let (version, days) = spend::retract(store, &row, (actor.person.as_str(), at)).await?;
        // A commitment that is no more has nobody who would look at it.
        if let Ok(stored) = stored::named(store, &scope, id).await {
            spend::tell(store, stored.row.snapshot.run, &[(version.clone(), days)], Some(&actor), at).await?;
        }
        let told = json!({
            "commitment": row.new.commitment, "partition": row.new.partition, "retracted": row.new.id, "reading": version,
            "from": days.0, "through": days.1,
        });
        if session.out.is_json() {
            session.out.json(&told)?;
        }
        let (partition, short) = (&row.new.partition.0, short(&row));
        session.out.say(&format!(
            "`{partition}` of `{id}` says nothing any more: reading {short} was taken back, and {} to {} count no longer",
            days.0, days.1
        ));
        Ok(Exit::Ok)
    }
}
