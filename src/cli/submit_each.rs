//! Handing messages to several runs at once, and telling what came of each.

use entente_core::scope::Scope;
use entente_store::{Appended, Message, Verdict};
use serde_json::{Value, json};

use super::{exit::Exit, failure::Failure, session::Session, submit::Sending};
use crate::submit;

impl Session {
    /// Appends messages of several runs at once, and waits for the verdict of each. Says what became of every run, also where that of
    /// one was refused.
    ///
    /// # Errors
    /// When one is refused, or no verdict came in time; the failure names every such run.
    pub async fn send_each(
        &self,
        sending: &Sending,
        whole: &str,
        parts: Vec<(String, Vec<Message>)>,
    ) -> Result<(), Failure> {
        let all: Vec<Message> = parts.iter().flat_map(|(_, messages)| messages.clone()).collect();
        submit::refuse_reused_keys(self.app.store.as_ref(), &all).await?;
        if sending.is_dry_run() {
            for (label, messages) in &parts {
                self.rehearse(label, messages).await?;
            }
            return Ok(());
        }
        let keys: Vec<String> = all.iter().map(|message| message.event.id.clone()).collect();
        let appended = self.app.store.append(&Scope::vendor(), all).await?;
        if let Some((_, id)) = appended.iter().zip(keys).find(|(outcome, _)| **outcome == Appended::KeyReused) {
            return Err(entente_store::Error::KeyReused { source_name: "cli".into(), id }.into());
        }
        let until = tokio::time::Instant::now() + sending.wait;
        let (mut came, mut failures) = (Vec::new(), Vec::new());
        for (label, messages) in &parts {
            match self.came(label, messages, until).await? {
                Ok(verdict) => came.push((label, verdict)),
                Err(failure) => failures.push(failure),
            }
        }
        self.tell_each(whole, &came, &failures)?;
        let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
        match failures.into_iter().next() {
            Some(first) => Err(Failure { message: told.join("; "), ..first }),
            None => Ok(()),
        }
    }

    /// What became of the messages of one run: the verdict on the last, or why one of them was not accepted.
    async fn came(
        &self,
        label: &str,
        messages: &[Message],
        until: tokio::time::Instant,
    ) -> Result<Result<Option<Verdict>, Failure>, Failure> {
        let mut last = None;
        for message in messages {
            let (source, id) = (&message.event.source, &message.event.id);
            match self.verdict(source, id, until).await? {
                None => return Ok(Err(self.undecided(label, id).await)),
                Some(Verdict::Refused { code, reason }) => return Ok(Err(self.refused(label, &code, &reason))),
                Some(Verdict::Noted { reason }) => {
                    let message = format!("`{label}`: kept, and without effect: {reason}");
                    return Ok(Err(Failure::new(Exit::Conflict, message)));
                }
                accepted => last = accepted,
            }
        }
        Ok(Ok(last))
    }

    fn tell_each(&self, whole: &str, came: &[(&String, Option<Verdict>)], failures: &[Failure]) -> Result<(), Failure> {
        if self.out.is_json() {
            let parts: Vec<Value> =
                came.iter().map(|(label, verdict)| json!({ "label": label, "verdict": verdict })).collect();
            let refused: Vec<String> = failures.iter().map(ToString::to_string).collect();
            return self.out.json(&json!({ "label": whole, "parts": parts, "refused": refused }));
        }
        self.out.data(whole);
        for (label, verdict) in came {
            if let Some(Verdict::Accepted { seq, state }) = verdict {
                self.out.say(&format!("`{label}` is now in `{state}` (step {seq})"));
            }
        }
        Ok(())
    }
}
