//! `entente agreement`: what buyers have signed, what was billed on it, and the request to end one early.

use entente_core::{
    context::{agreement_cancellation::Cancellation, agreement_payment_request::AGREEMENT_KEY},
    scope::Scope,
};
use entente_port::{CancellationReason, Capability, PaymentTerm};
use entente_store::RunKey;
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    output::instant,
    request::{self, Asking},
    session::Session,
};
use crate::{
    agreements::{Known, Whose, known},
    offers::DeskError,
};

/// See agreements and their invoices, and ask to end one early
#[derive(Debug, clap::Subcommand)]
pub enum Agreement {
    /// List the agreements that our offers have made
    List {
        /// Those that are over as well
        #[arg(long)]
        ended: bool,
    },
    /// Show an agreement, as we know it and as the marketplace has it
    Show(Named),
    /// List what was billed under an agreement, and what can still go back
    Invoices(Named),
    /// Ask the buyer to end an agreement early; our own people decide first
    Cancel(Cancel),
}

/// Names an agreement.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The marketplace's id of the agreement
    agreement: String,
    /// The connection by which it is reached, where no offer of ours made it
    #[arg(long, value_name = "ACCOUNT")]
    connector: Option<String>,
}

/// Ask the buyer to end an agreement early; our own people decide first
///
/// What was billed stays billed: give it back with `entente refund create`.
#[derive(Debug, clap::Args)]
pub struct Cancel {
    /// The marketplace's id of the agreement
    agreement: String,
    /// Why: incorrect_terms, replaced_by_another, test, bought_elsewhere, product_discontinued, unintended_renewal,
    /// buyer_dissatisfied or other
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: String,
    /// What the buyer is told about it
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    description: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// One of the reasons that every marketplace knows.
fn reason(text: &str) -> Result<String, String> {
    let words = CancellationReason::ALL
        .iter()
        .filter_map(|reason| Some(serde_json::to_value(reason).ok()?.as_str()?.to_owned()));
    input::one_of(text, words)
}

impl Agreement {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        match self {
            Agreement::List { ended } => list(session, ended).await,
            Agreement::Show(named) => named.show(session).await,
            Agreement::Invoices(named) => named.invoices(session).await,
            Agreement::Cancel(cancel) => cancel.run(session).await,
        }
    }
}

/// A value that JSON writes as one word, as that word.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.as_ref().and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

fn when(at: Option<jiff::Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), instant)
}

async fn list(session: &Session, ended: bool) -> Result<Exit, Failure> {
    use entente_core::context::private_offer::AgreementStatus;
    let mut agreements = session.desk().agreements().await?;
    agreements.retain(|known| ended || known.agreement.status == AgreementStatus::Active);
    if session.out.is_json() {
        session.out.json(&agreements)?;
        return Ok(Exit::Ok);
    }
    let cells = agreements.iter().map(|known| {
        vec![
            known.id.clone(),
            word(&known.agreement.status),
            known.buyer.clone(),
            known.value.map(|value| value.to_string()).unwrap_or_else(|| "by usage".into()),
            when(known.agreement.starts_at),
            when(known.agreement.ends_at),
            known.offer.clone(),
        ]
    });
    let heading = ["agreement", "status", "buyer", "value", "starts", "ends", "offer"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    if agreements.is_empty() {
        session.out.say("there is no such agreement");
    }
    Ok(Exit::Ok)
}

impl Named {
    async fn show(self, session: &Session) -> Result<Exit, Failure> {
        let desk = session.desk();
        let whose = desk.whose(&self.agreement, self.connector.as_deref()).await?;
        let record = record(&whose, &self.agreement);
        let live = match whose.connection.marketplace.agreement(&self.agreement).await {
            Ok(live) => Some(live),
            Err(error) if record.is_none() => return Err(DeskError::Marketplace(error).into()),
            Err(error) => {
                session.out.warn(&format!("the marketplace could not be read: {error}"));
                None
            }
        };
        let requests = requests(session, &whose, &self.agreement).await?;
        let terms = payment_terms(session, &whose, &self.agreement).await;
        if session.out.is_json() {
            let (account, live) = (&whose.connection.account, &live);
            session.out.json(&json!({ "id": self.agreement, "connector": account, "live": live, "record": record, "requests": requests, "payment_terms": terms }))?;
            return Ok(Exit::Ok);
        }
        let live = live.as_ref();
        let known = record.as_ref();
        let text = |value: Option<String>| value.unwrap_or_default();
        session.out.fields(&[
            ("agreement", self.agreement.clone()),
            ("marketplace", whose.connection.marketplace.id().to_string()),
            ("status", text(live.map(|live| word(&live.status)))),
            ("status we know", text(known.map(|known| word(&known.agreement.status)))),
            ("buyer", text(known.map(|known| known.buyer.clone()))),
            ("account", text(live.map(|live| live.buyer_account.clone()))),
            (
                "value",
                text(
                    live.and_then(|live| live.value)
                        .or(known.and_then(|known| known.value))
                        .map(|value| value.to_string()),
                ),
            ),
            ("accepted", text(live.map(|live| instant(live.accepted_at)))),
            ("starts", text(live.and_then(|live| live.starts_at).map(instant))),
            ("ends", text(live.and_then(|live| live.ends_at).map(instant))),
            ("offer", text(known.map(|known| known.offer.clone()))),
            (
                "payment terms",
                terms.iter().map(|term| format!("{} up to {}", term.id, term.most)).collect::<Vec<_>>().join(", "),
            ),
            ("requests", requests.join(", ")),
        ]);
        Ok(Exit::Ok)
    }

    async fn invoices(self, session: &Session) -> Result<Exit, Failure> {
        let desk = session.desk();
        let whose = desk.whose(&self.agreement, self.connector.as_deref()).await?;
        let page = whose.connection.marketplace.invoices_of(&self.agreement).await.map_err(DeskError::Marketplace)?;
        if session.out.is_json() {
            session.out.json(&json!({ "invoices": page.invoices, "unrecognised": page.unrecognised }))?;
            return Ok(Exit::Ok);
        }
        let cells = page.invoices.iter().map(|invoice| {
            vec![
                invoice.id.clone(),
                word(&invoice.kind),
                invoice.amount.to_string(),
                invoice.adjustable.map_or_else(|| "-".to_owned(), |most| most.to_string()),
                instant(invoice.issued_at),
                invoice
                    .period
                    .map_or_else(|| "-".to_owned(), |period| format!("{:04}-{:02}", period.year, period.month)),
            ]
        });
        let heading = ["invoice", "kind", "amount", "can go back", "issued", "month"];
        session.out.table(&heading, &cells.collect::<Vec<_>>());
        for paper in &page.unrecognised {
            session.out.warn(&format!("`{}` shows `{}`, which this binary does not know", paper.object, paper.word));
        }
        if page.invoices.is_empty() {
            session.out.say("nothing was billed yet");
        }
        Ok(Exit::Ok)
    }
}

/// What our own records know of an agreement.
fn record(whose: &Whose<'_>, id: &str) -> Option<Known> {
    whose.offer.as_ref().and_then(|offer| known::of_offer(offer).find(|known| known.id == id))
}

/// The terms under which payments may be asked for; none where the marketplace has no such terms or cannot say.
async fn payment_terms(session: &Session, whose: &Whose<'_>, id: &str) -> Vec<PaymentTerm> {
    let marketplace = &whose.connection.marketplace;
    if !marketplace.capabilities().contains(&Capability::RequestPayment) {
        return Vec::new();
    }
    match marketplace.payment_terms(id).await {
        Ok(terms) => terms,
        Err(error) => {
            session.out.warn(&format!("the payment terms could not be read: {error}"));
            Vec::new()
        }
    }
}

/// The labels of the refunds, payment requests and cancellations of an agreement.
async fn requests(session: &Session, whose: &Whose<'_>, id: &str) -> Result<Vec<String>, Failure> {
    let store = session.app.store.as_ref();
    let value = format!("{}/{id}", whose.connection.marketplace.id());
    let mut labels = Vec::new();
    for (kind, unique) in [("refund.agreement", false), (AGREEMENT_KEY, false), ("cancellation.agreement", true)] {
        let key = RunKey { kind: kind.into(), value: value.clone(), unique };
        for run in store.run_by_key(&Scope::vendor(), &key).await? {
            labels.extend(store.run(&Scope::vendor(), run).await?.map(|row| row.snapshot.label));
        }
    }
    labels.sort();
    Ok(labels)
}

impl Cancel {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let desk = session.desk();
        let whose = desk.whose(&self.agreement, self.asking.connector.as_deref()).await?;
        let asked = Cancellation {
            marketplace: whose.connection.marketplace.id(),
            legal_entity: whose.home.legal_entity.clone(),
            agreement_id: self.agreement,
            reason: self.reason,
            description: self.description,
            justification: self.asking.justification.clone(),
        };
        request::ask(session, &self.asking, &whose, &asked).await
    }
}
