//! Notices to people: from the outbox to a file and to mail, at least once, with a stable id, bounded.

pub mod text;

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use entente_core::{
    ids::{LegalEntityId, RoleId},
    people::{People, Person},
};
use entente_mail::{Mail, Mailer, Party};
use entente_store::{LeaseKey, NoticeRow, NoticeStatus, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio_util::sync::CancellationToken;

use crate::{
    cards::out_of_sight,
    runner::{
        Shared,
        backoff::{self, Jitter},
    },
};

/// Attempts after which a notice is listed as failed.
const ATTEMPTS_MAX: u32 = 8;

/// Where notices go.
pub struct Channels {
    /// A file that receives one JSON line per notice.
    pub file: Option<PathBuf>,
    /// A mail server.
    pub mailer: Option<Mailer>,
    /// The sender of mail.
    pub from: Party,
    /// Who receives mail.
    pub people: Arc<People>,
}

/// Sends what is due until told to stop.
pub async fn run(shared: Arc<Shared>, channels: Channels, stop: CancellationToken) {
    // One process sends, or people would hear of everything once per process.
    let lease = LeaseKey("notices".into());
    while !stop.is_cancelled() {
        let sent = match shared.leases.hold(&lease).await {
            Ok(true) => send_due(shared.store.as_ref(), &channels, shared.clock.now()).await.map(drop),
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            shared.outage.failed("notices could not be read or recorded", &error);
        }
        tokio::select! {
            () = shared.notices.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Sends every notice that is due now; returns how many went out.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn send_due(store: &dyn Store, channels: &Channels, now: Timestamp) -> entente_store::Result<u32> {
    let mut sent = 0;
    let due = store.due_notices(now, 100).await?;
    let buyers = out_of_sight(store, None, &due).await?;
    for notice in due {
        let is_buyers = notice.run.is_some_and(|run| buyers.contains(&run));
        match channels.send(&notice, is_buyers, now).await {
            Ok(()) => {
                store.record_notice(&notice.id, NoticeStatus::Sent, now, None).await?;
                sent += 1;
            }
            Err(error) => {
                let attempts = notice.attempts + 1;
                let status = if attempts >= ATTEMPTS_MAX { NoticeStatus::Failed } else { NoticeStatus::Pending };
                let wait = backoff::after(attempts, None, Jitter::default().draw());
                let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15));
                let again = now.checked_add(wait).unwrap_or(now);
                store.record_notice(&notice.id, status, again, Some(&format!("{error:#}"))).await?;
            }
        }
    }
    Ok(sent)
}

impl Channels {
    /// Sends a notice. The file is the vendor's: what a buyer's side keeps for itself is told to its own people alone.
    async fn send(&self, notice: &NoticeRow, is_buyers: bool, now: Timestamp) -> anyhow::Result<()> {
        if let Some(path) = self.file.as_ref().filter(|_| !is_buyers) {
            let line =
                json!({ "id": notice.id, "at": now, "name": notice.name, "run": notice.run, "data": notice.data });
            append(path, &line.to_string())
                .await
                .with_context(|| format!("the notices file `{}` cannot be written", path.display()))?;
        }
        let Some(mailer) = &self.mailer else { return Ok(()) };
        let (reader, subject, body) = text::words(&notice.name, &notice.data);
        let outside = text::words_for_partners(&notice.name, &notice.data);
        let role: RoleId = reader.role(&notice.data).parse()?;
        let entity = notice.data.get("legal_entity").and_then(Value::as_str);
        let entity: Option<LegalEntityId> = entity.map(str::parse).transpose()?;
        let reads = |person: &&Person| {
            let holds = match &entity {
                Some(entity) => person.holds(&role, entity),
                None => person.roles.contains(&role),
            };
            // Each side of a card has its own people, who may hold the same role; so may people of partners.
            let by_role = holds && reader != text::Reader::Named && person.party.is_none();
            by_role || text::is_told_by_name(&notice.data, person.id.as_str())
        };
        for person in self.people.persons().filter(reads) {
            if text::is_barred(&notice.name, &notice.data, person.id.as_str()) {
                continue;
            }
            let id = format!("{}/{}", notice.id, person.id);
            let to = Party::named(person.name.clone(), person.email.clone());
            // What is made for named people is made for them; anything else is written for the vendor's own.
            let own = person.party.is_none() || reader == text::Reader::Named;
            let text = if own { body.clone() } else { outside.clone() };
            let mail = Mail { id, from: self.from.clone(), to, subject: subject.clone(), text };
            mailer.send(&mail).await.with_context(|| format!("mail to {} failed", person.id))?;
        }
        Ok(())
    }
}

async fn append(path: &std::path::Path, line: &str) -> std::io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.append(true).create(true);
    // It names buyers and amounts.
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await?;
    file.write_all(format!("{line}\n").as_bytes()).await?;
    file.sync_data().await
}
