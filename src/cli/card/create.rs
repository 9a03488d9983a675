//! `entente card create`.

use std::path::PathBuf;

use entente_core::context::commitment_card::load;
use serde_json::json;

use super::{actor, own_people, reach};
use crate::{
    cards::launch,
    cli::{exit::Exit, failure::Failure, input, session::Session, submit::Sending},
};

/// Begin a card: the cloud, the amount and the end, each with its source
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The document; `-` reads standard input
    #[arg(value_name = "FILE.YAML")]
    file: PathBuf,
    /// Check it, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let text = input::document(&self.file)?;
        let paper = load(&input::name(&self.file), &text)?;
        let (side, _) = reach(session, paper.buyer.as_str())?;
        if session.party().is_some_and(|party| *party != paper.buyer) {
            let message = format!("a card of your own is about `{}` (field `/buyer`)", side.party);
            return Err(Failure::usage(message).hint("nothing was written"));
        }
        own_people(session, &paper.facts)?;
        let actor = actor(session, paper.commitment.as_str(), &paper.legal_entity)?;
        if self.dry_run {
            if session.out.is_json() {
                session.out.json(&json!({ "side": side.owner, "card": paper }))?;
            }
            let facts = paper.facts.len();
            session.out.say(&format!("a card with {facts} facts would begin; nothing was written"));
            return Ok(Exit::Ok);
        }
        let sender = launch::apart(self.sending.sender(session, actor), &side);
        let message = launch::start(session.app.store.as_ref(), &sender, &side, &paper).await?;
        let label = message.start.as_ref().map(|start| start.label.clone()).unwrap_or_default();
        session.send(&self.sending, &label, vec![message]).await?;
        Ok(Exit::Ok)
    }
}
