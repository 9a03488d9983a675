//! `--dry-run` of commands that send something to a run: what would come of it, and nothing is written.

use entente_store::Message;

use super::{exit::Exit, failure::Failure, session::Session, submit::refused};
use crate::runner::rehearsal::{Foreseen, Rehearsal, Unforeseen};

impl Session {
    /// Shows what messages would do to their run. A partner's person is shown the state alone: what is booked, and who would be asked
    /// and told, is the vendor's.
    ///
    /// # Errors
    /// When they would be refused, or the database cannot be read.
    pub(super) async fn rehearse(&self, label: &str, messages: &[Message]) -> Result<(), Failure> {
        let Some(run) = messages.first().map(|message| message.run) else { return Ok(()) };
        let world = self.app.world.borrow().clone();
        let rehearsal = Rehearsal {
            store: self.app.store.as_ref(),
            definitions: &self.app.definitions,
            activities: self.app.activities(),
            world: &world,
            now: self.app.clock.now(),
        };
        let foreseen = rehearsal.of(run, messages).await.map_err(|error| match error {
            Unforeseen::Refused { code, reason } => self.refused(label, code, &reason),
            Unforeseen::Unusable(reason) => Failure::new(Exit::Error, reason.to_string()),
            Unforeseen::Store(error) => error.into(),
        })?;
        let foreseen = if self.partner().is_some() { for_partner(foreseen) } else { foreseen };
        self.foretell(label, &foreseen)
    }

    fn foretell(&self, label: &str, foreseen: &Foreseen) -> Result<(), Failure> {
        if self.out.is_json() {
            return self.out.json(&serde_json::json!({ "label": label, "dry_run": true, "foreseen": foreseen }));
        }
        self.out.fields(&[
            ("label", label.to_owned()),
            ("state", foreseen.from.clone()),
            ("would come to", foreseen.state.clone()),
            ("would perform next", foreseen.performs.join(", ")),
            ("would tell by notice", foreseen.notices.join(", ")),
        ]);
        let steps = foreseen.steps.iter().map(|step| vec!["step".into(), step.what.clone(), step.state.clone()]);
        let journals = foreseen.journals.iter().map(|journal| {
            let way = format!("{} to {}", journal.from, journal.to);
            let what = format!("{} on {}", journal.movement, journal.fund);
            vec!["book".into(), what, journal.amount.to_string(), way, journal.key.clone()]
        });
        let messages = foreseen.messages.iter().map(|told| vec!["tell".into(), told.to.clone(), told.event.clone()]);
        let asks = foreseen.asks.iter().map(|asked| vec!["ask".into(), asked.role.clone(), asked.title.clone()]);
        let part = |title: &str, heading: &[&str], rows: Vec<Vec<String>>| self.out.part(title, heading, &rows);
        part("Steps", &["", "what", "state after it"], steps.collect());
        part("Would be booked", &["", "what", "amount", "from and to", "for"], journals.collect());
        part("Would be told", &["", "what", "event"], messages.collect());
        part("Would be asked", &["", "role", "for"], asks.collect());
        self.out.say("nothing was written");
        Ok(())
    }

    /// A refusal by the runner, as whoever acts is told it.
    pub(super) fn refused(&self, label: &str, code: &str, reason: &str) -> Failure {
        if code == "parked" && self.partner().is_some() {
            // Why it stands still is the vendor's.
            let message = format!("`{label}` stands still until the vendor's people have looked at it (parked)");
            return Failure::new(Exit::Conflict, message);
        }
        refused(label, code, reason)
    }
}

/// What a partner's person is shown.
fn for_partner(foreseen: Foreseen) -> Foreseen {
    let Foreseen { from, state, .. } = foreseen;
    let (steps, journals, messages) = (Vec::new(), Vec::new(), Vec::new());
    let (asks, notices, performs) = (Vec::new(), Vec::new(), Vec::new());
    Foreseen { from, state, steps, journals, messages, asks, notices, performs }
}
