//! What every move of a story is made with: its key, its message, the wait for its verdict and for what follows from it.

use std::time::Duration;

use anyhow::Context as _;
use entente_core::{
    chart::step::VOTE,
    event::{Body, Resolution},
    ids::{PersonId, RunId},
    policy::approvals::Subject,
    run::{Incident, IncidentCode, Snapshot},
    scope::Scope,
};
use entente_store::{Appended, Message, RunRow, Verdict};
use serde_json::{Value, json};

use super::teller::{Door, LOOK_EVERY, OPERATOR, PATIENCE, SOURCE, Teller, tagged};
use crate::{offers::launch::Sender, runner::Answer};

/// A vote that approvers are to give, whoever the policy asks.
pub(super) struct Say<'a> {
    /// What the keys of its votes begin with.
    pub key: String,
    /// `approve`, `reject` or `send_back`.
    pub verdict: &'a str,
    /// Why, where it is no approval.
    pub why: &'a str,
    /// The tags of states beyond these approvals: a story that is told again may be there already.
    pub past: &'a [&'a str],
}

impl Teller {
    /// Sends an event under a key, unless that was done before; waits for its verdict either way.
    pub(super) async fn once(
        &self,
        key: &str,
        person: &str,
        run: RunId,
        event: &str,
        data: Value,
    ) -> anyhow::Result<()> {
        if self.was_made(key).await? {
            return Ok(());
        }
        self.send(self.sender(key, person)?.named(run, event, data)).await
    }

    /// Sends an event under a key, whatever is decided on it: where it is refused, what it asks for is under way already.
    pub(super) async fn suggest(&self, key: &str, person: &str, run: RunId, event: &str) -> anyhow::Result<()> {
        let earlier = self.app.store.message(&Scope::vendor(), SOURCE, key).await?;
        let message = match earlier {
            Some(earlier) => earlier.message,
            None => self.sender(key, person)?.named(run, event, Value::Null),
        };
        self.verdict(message).await.map(drop)
    }

    /// Waits for the verdict of a move that was made before the process was last killed; false when it is yet to be made.
    pub(super) async fn was_made(&self, key: &str) -> anyhow::Result<bool> {
        let Some(earlier) = self.app.store.message(&Scope::vendor(), SOURCE, key).await? else { return Ok(false) };
        self.send(earlier.message).await?;
        Ok(true)
    }

    /// One vote for each requirement of the round that is open; the first one alone where it ends the round.
    pub(super) async fn say(&self, run: RunId, say: &Say<'_>) -> anyhow::Result<()> {
        let waits = |snapshot: &Snapshot| tagged(snapshot, "awaiting_approval");
        let past = |snapshot: &Snapshot| say.past.iter().any(|tag| tagged(snapshot, tag));
        let row = self.until(run, |snapshot| waits(snapshot) || past(snapshot)).await?;
        let Some(open) = row.snapshot.approvals.clone().filter(|_| waits(&row.snapshot)) else { return Ok(()) };
        for requirement in &open.requirements {
            let person = self.approver(&requirement.role, &open.subject)?;
            let data = json!({
                "row": requirement.row, "verdict": say.verdict, "revision": open.subject.revision, "reason": say.why,
            });
            let key = format!("{}/{}", say.key, requirement.row);
            self.once(&key, person.as_str(), run, VOTE, data).await?;
            if say.verdict != "approve" {
                break;
            }
        }
        Ok(())
    }

    /// Somebody who holds the role, did not ask and has no hand in it.
    fn approver(&self, role: &entente_core::ids::RoleId, subject: &Subject) -> anyhow::Result<PersonId> {
        let holders =
            self.app.people.persons().filter(|person| person.roles.contains(role) && !subject.is_from(&person.id));
        holders.map(|person| person.id.clone()).next().with_context(|| format!("nobody else holds the role `{role}`"))
    }

    /// Sends a message that must be accepted.
    pub(super) async fn send(&self, message: Message) -> anyhow::Result<()> {
        let name = message.event.name().to_owned();
        match self.verdict(message).await? {
            Verdict::Accepted { .. } | Verdict::Noted { .. } => Ok(()),
            Verdict::Refused { code, reason } => anyhow::bail!("`{name}` was refused ({code}): {reason}"),
        }
    }

    /// Sends a message, and waits for what is decided on it.
    pub(super) async fn verdict(&self, message: Message) -> anyhow::Result<Verdict> {
        let name = message.event.name().to_owned();
        let answer = match &self.door {
            Door::Here(shared) => shared.submit(message, PATIENCE).await?,
            Door::Inbox => self.store_and_wait(message).await?,
        };
        match answer {
            Answer::Decided(verdict) => Ok(verdict),
            Answer::Stored { .. } => anyhow::bail!("`{name}` got no verdict"),
        }
    }

    /// Where processes are killed, one run's work may have ended with so many of them that it counts as what killed them: the
    /// operator knows better, and has it tried again. Nothing else may be parked.
    async fn retry(&self, row: &RunRow, incident: &Incident) -> anyhow::Result<()> {
        let (run, seq) = (row.snapshot.run, row.snapshot.seq);
        let innocent = matches!(self.door, Door::Inbox) && incident.code == IncidentCode::AttemptsExhausted;
        anyhow::ensure!(innocent, "it is parked: {}", incident.message);
        let body = Body::Resolve { decision: Resolution::Retry, reason: "its processes were killed".into() };
        self.store_and_wait(self.sender(&format!("retry/{run}/{seq}"), OPERATOR)?.message(run, body)).await.map(drop)
    }

    /// Stores a message, which changes nothing when it is stored already, and waits for its verdict.
    async fn store_and_wait(&self, message: Message) -> anyhow::Result<Answer> {
        let (source_name, id) = (message.event.source.clone(), message.event.id.clone());
        let stored = self.app.store.append(&Scope::vendor(), vec![message]).await?;
        if stored.contains(&Appended::KeyReused) {
            return Err(entente_store::Error::KeyReused { source_name, id }.into());
        }
        let began = tokio::time::Instant::now();
        loop {
            let stored = self.app.store.message(&Scope::vendor(), &source_name, &id).await?;
            let stored = stored.context("a message that was stored is there")?;
            if let Some(verdict) = stored.verdict {
                return Ok(Answer::Decided(verdict));
            }
            if began.elapsed() > PATIENCE {
                return Ok(Answer::Stored { no: stored.no });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub(super) fn sender(&self, key: &str, person: &str) -> anyhow::Result<Sender> {
        let at = self.app.clock.now();
        let entity = "acme-us".parse()?;
        let actor = self.app.people.actor(&person.parse()?, None, &entity, None, at)?;
        Ok(Sender { source: SOURCE, key: key.into(), actor, at })
    }

    pub(super) async fn row(&self, run: RunId) -> anyhow::Result<Option<RunRow>> {
        Ok(self.app.store.run(&Scope::vendor(), run).await?)
    }

    pub(super) async fn until(&self, run: RunId, wished: impl Fn(&Snapshot) -> bool) -> anyhow::Result<RunRow> {
        let began = tokio::time::Instant::now();
        loop {
            let row = self.row(run).await?;
            if let Some(row) = &row
                && wished(&row.snapshot)
            {
                return Ok(row.clone());
            }
            if let Some((row, incident)) = row.as_ref().and_then(|row| Some((row, row.snapshot.incident.as_ref()?))) {
                self.retry(row, incident).await?;
            }
            let state = row.map_or_else(|| "not begun".into(), |row| row.snapshot.state);
            anyhow::ensure!(began.elapsed() < PATIENCE, "it stays in `{state}`");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }
}
