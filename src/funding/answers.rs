//! What a bank's file says of the payments of a run.

use std::collections::BTreeMap;

use entente_core::context::funding::{ItemOutcome, PayoutPaper, Settled, Sheet};
use entente_payments::{
    Outcome, PaymentOutcome,
    answer::{camt, pain002, remittance},
    pain001,
};

/// A bank's file that cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is not one of the forms that are read, or is broken.
    #[error("{0}")]
    Unreadable(String),
    /// It answers about a payment that the run does not have.
    #[error("it answers about `{0}`, which is no payment of this run; give it to the run that sent the payment")]
    Stranger(String),
    /// It names another amount than was sent.
    #[error("it says {said} of `{id}`, which was sent with {sent}; ask the bank what it paid")]
    OtherAmount {
        /// The payment.
        id: String,
        /// What the bank says.
        said: String,
        /// What was sent.
        sent: String,
    },
}

/// Reads a bank's file: a status report on the file that was sent, a statement or notification, or a remittance table.
/// Whatever is still under way says nothing.
///
/// # Errors
/// When it cannot be read, or is not about this run's payments.
pub fn read(bytes: &[u8], sent: Option<&str>, run: &Sheet<PayoutPaper>) -> Result<BTreeMap<String, Settled>, Unusable> {
    let unreadable = |error: entente_payments::ReadError| Unusable::Unreadable(error.to_string());
    let text = String::from_utf8_lossy(bytes);
    let outcomes = match () {
        () if text.contains("pain.002.") => {
            let file =
                sent.ok_or_else(|| Unusable::Unreadable("the run has sent no file that it could answer".into()))?;
            let (file, _) = pain001::read(file.as_bytes()).map_err(unreadable)?;
            pain002::read(bytes, &file).map_err(unreadable)?
        }
        () if text.contains("camt.05") => camt::read(bytes).map_err(unreadable)?,
        () => remittance::read(bytes).map_err(unreadable)?,
    };
    let mut answers = BTreeMap::new();
    for outcome in outcomes {
        let id = outcome.end_to_end_id.as_str().to_owned();
        let item = run.course.items.iter().find(|item| item.end_to_end_id == id);
        let Some(item) = item else { return Err(Unusable::Stranger(id)) };
        let net = item.item.net().ok();
        if let (Some(said), Some(net)) = (outcome.amount, net)
            && said != net
        {
            return Err(Unusable::OtherAmount { id, said: said.to_string(), sent: net.to_string() });
        }
        answers.extend(settled(outcome).map(|settled| (id, settled)));
    }
    Ok(answers)
}

fn settled(outcome: PaymentOutcome) -> Option<Settled> {
    let because =
        |code: &entente_payments::ReasonCode, words: &str| format!("{} {words}", code.as_str()).trim().to_owned();
    match outcome.outcome {
        Outcome::Pending => None,
        Outcome::Settled { on } => Some(Settled { outcome: ItemOutcome::Paid, on: Some(on), why: String::new() }),
        Outcome::Rejected { code, words } => {
            Some(Settled { outcome: ItemOutcome::Rejected, on: None, why: because(&code, &words) })
        }
        Outcome::Returned { on, code, words } => {
            Some(Settled { outcome: ItemOutcome::Returned, on: Some(on), why: because(&code, &words) })
        }
    }
}
