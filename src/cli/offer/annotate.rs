//! `entente offer note|readiness`: what people know and no marketplace tells.

use entente_core::context::private_offer;

use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, session::Session, submit::Sending},
};

/// Add a note to an offer's history
#[derive(Debug, clap::Args)]
pub struct Note {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// The note
    #[arg(value_parser = input::said)]
    text: String,
    #[command(flatten)]
    sending: Sending,
}

/// Record how far the buyer is
///
/// What is not mentioned stays as it is.
#[derive(Debug, clap::Args)]
pub struct Readiness {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// Who on the buyer's side confirmed the account ids
    #[arg(long, value_name = "NAME")]
    account_confirmed_by: Option<String>,
    /// Whether the accepter has the permission to accept
    #[arg(long, value_name = "true|false")]
    accepter_permission: Option<bool>,
    /// The purchase order's number
    #[arg(long, value_name = "NUMBER")]
    purchase_order: Option<String>,
    /// How the legal review stands: open, agreed, not needed
    #[arg(long, value_name = "TEXT")]
    legal: Option<String>,
    /// What happens next
    #[arg(long, value_name = "TEXT")]
    next_step: Option<String>,
    /// Who does it
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Whom everybody waits for: buyer_legal, buyer_procurement, buyer_finance, seller; an empty text means the buyer as such
    #[arg(long, value_name = "PARTY", value_parser = party)]
    waiting_on: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

impl Note {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        annotate(session, &self.sending, &self.label, "note", serde_json::json!({ "text": self.text })).await
    }
}

impl Readiness {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let news = private_offer::Readiness {
            account_confirmed_by: self.account_confirmed_by,
            accepter_permission: self.accepter_permission,
            purchase_order: self.purchase_order,
            legal: self.legal,
            next_step: self.next_step,
            owner: self.owner,
            waiting_on: self.waiting_on,
        };
        if news == private_offer::Readiness::default() {
            return Err(Failure::usage("nothing is said about the buyer")
                .hint("see what can be recorded with `entente help offer readiness`"));
        }
        let data = serde_json::to_value(&news).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
        annotate(session, &self.sending, &self.label, "readiness", data).await
    }
}

/// Whom time is counted for: a misspelt party would be counted as one of its own.
fn party(text: &str) -> Result<String, String> {
    const KNOWN: [&str; 5] = ["buyer", "buyer_legal", "buyer_procurement", "buyer_finance", "seller"];
    match text {
        "" => Ok(String::new()),
        known if KNOWN.contains(&known) => Ok(known.to_owned()),
        _ => Err(format!("choose one of {}, or an empty text for the buyer as such", KNOWN.join(", "))),
    }
}

async fn annotate(
    session: &Session,
    sending: &Sending,
    label: &str,
    event: &str,
    data: serde_json::Value,
) -> Result<Exit, Failure> {
    let stored = session.offer(label).await?;
    let actor = session.act_for(Action::AnnotateOffer, "offer", label, &session.home(&stored).legal_entity)?;
    let message = sending.sender(session, actor).named(stored.row.snapshot.run, event, data);
    session.send(sending, label, vec![message]).await?;
    Ok(Exit::Ok)
}
