//! Handing a message to the runner through its inbox, and waiting for the verdict.

use std::time::Duration;

use entente_core::event::Actor;
use entente_store::{Message, Verdict};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{exit::Exit, failure::Failure, input, session::Session};
use crate::{
    decision::shown_by,
    offers::launch::Sender,
    submit::{self, Done, NotDone},
};

/// The options of every command that sends something to a run.
#[derive(Debug, Clone, clap::Args)]
pub struct Sending {
    /// Idempotency key: the same key with the same request has one effect and the same answer
    #[arg(long, value_name = "TEXT", value_parser = key)]
    key: Option<String>,
    /// How long to wait for the verdict
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = input::duration)]
    pub wait: Duration,
    /// Whether what would come of it is only shown: [`Trying`] sets it.
    #[arg(skip)]
    dry_run: bool,
}

/// The options of commands that can say beforehand what would come of them.
#[derive(Debug, Clone, clap::Args)]
pub struct Trying {
    #[command(flatten)]
    sending: Sending,
    /// Show the state that it would come to, what would be booked, and who would be told or asked; write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Trying {
    /// Whether what would come of it is only shown.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// As the command sends.
    pub fn sending(&self) -> Sending {
        Sending { dry_run: self.dry_run, ..self.sending.clone() }
    }

    /// The same for one of several objects of a command.
    pub fn of(self, label: &str) -> Trying {
        Trying { sending: self.sending.of(label), ..self }
    }
}

/// A key is kept for ever and shown in histories.
fn key(text: &str) -> Result<String, String> {
    let plain = (1..=200).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
    if plain { Ok(text.to_owned()) } else { Err("a key has 1 to 200 visible ASCII characters without spaces".into()) }
}

impl Sending {
    /// The same for one of several objects of a command: a key given for all is one of its own for each.
    pub fn of(self, label: &str) -> Sending {
        Sending { key: self.key.map(|key| format!("{key}/{label}")), ..self }
    }

    /// Whether what would come of it is only shown.
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// The sender of a message by this command line.
    pub fn sender(&self, session: &Session, actor: Actor) -> Sender {
        let key = self.key.clone().unwrap_or_else(|| Uuid::now_v7().to_string());
        Sender { source: "cli", key, actor, at: session.app.clock.now() }
    }
}

impl Session {
    /// Appends messages, all of one run, and waits for the verdict of each. Says what became of the last one.
    ///
    /// # Errors
    /// When one is refused, or no verdict came in time.
    pub async fn send(&self, sending: &Sending, label: &str, messages: Vec<Message>) -> Result<(), Failure> {
        self.send_with(sending, label, messages, json!({})).await
    }

    /// As [`Session::send`], with more fields for the answer as JSON.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn send_with(
        &self,
        sending: &Sending,
        label: &str,
        messages: Vec<Message>,
        also: Value,
    ) -> Result<(), Failure> {
        if sending.dry_run {
            submit::refuse_reused_keys(self.app.store.as_ref(), &messages).await?;
            return self.rehearse(label, &messages).await;
        }
        match submit::send(self.app.store.as_ref(), messages, sending.wait, drop).await {
            Ok(Some(Done { key, started, verdict })) => {
                self.tell(started.as_deref().unwrap_or(label), &key, &verdict, also)
            }
            Ok(None) => Ok(()),
            Err(NotDone::Store(error)) => Err(error.into()),
            Err(NotDone::Refused { code, reason }) => Err(self.refused(label, &code, &reason)),
            Err(why @ NotDone::WithoutEffect(_)) => {
                let failure = Failure::new(Exit::Conflict, format!("`{label}`: {why}"));
                Err(failure.hint(format!("see where it stands with `{}`", shown_by(label))))
            }
            Err(NotDone::Undecided { key, started }) => {
                Err(self.undecided(started.as_deref().unwrap_or(label), &key).await)
            }
        }
    }

    /// The verdict on a message, as soon as there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verdict(
        &self,
        source: &str,
        id: &str,
        until: tokio::time::Instant,
    ) -> Result<Option<Verdict>, Failure> {
        Ok(submit::verdict(self.app.store.as_ref(), source, id, until).await?)
    }

    fn tell(&self, label: &str, key: &str, verdict: &Verdict, mut also: Value) -> Result<(), Failure> {
        let Verdict::Accepted { seq, state } = verdict else { return Ok(()) };
        if self.out.is_json() {
            if let Some(fields) = also.as_object_mut() {
                fields.insert("label".into(), json!(label));
                fields.insert("key".into(), json!(key));
                fields.insert("verdict".into(), json!(verdict));
            }
            return self.out.json(&also);
        }
        self.out.data(label);
        self.out.say(&format!("`{label}` is now in `{state}` (step {seq})"));
        Ok(())
    }

    /// Accepted, and not decided yet: the message is safe, and the same key asks for its verdict.
    pub(super) async fn undecided(&self, label: &str, key: &str) -> Failure {
        let served =
            self.app.store.leases().await.is_ok_and(|leases| leases.iter().any(|lease| !lease.remaining.is_zero()));
        let message = format!("`{label}`: the request is stored under key `{key}` and has no verdict yet");
        let hint = match served {
            true => format!("ask again with --key {key} --wait 30s, or look with `{}`", shown_by(label)),
            false => format!("no server is running; start `entente serve`, then ask again with --key {key}"),
        };
        Failure::new(Exit::TimedOut, message).hint(hint)
    }
}

/// A refusal by the runner, in the words of the command line.
pub(super) fn refused(label: &str, code: &str, reason: &str) -> Failure {
    let exit = match code {
        "not_found" => Exit::NotFound,
        "vote_refused" | "no_actor" => Exit::Forbidden,
        "stale" | "ended" | "parked" | "not_accepted" | "out_of_date" | "no_incident" | "key_taken"
        | "already_started" | "not_migrated" => Exit::Conflict,
        "input_refused" => Exit::Usage,
        _ => Exit::Error,
    };
    let failure = Failure::new(exit, format!("`{label}`: {reason} ({code})"));
    match code {
        "stale" | "not_accepted" | "ended" => failure.hint(format!("see where it stands with `{}`", shown_by(label))),
        "parked" => failure.hint(format!("see why with `entente incident show {label}`")),
        _ => failure,
    }
}
