//! What a marketplace and our own records say about a request: the figures that it is judged by.

use entente_core::{
    context::{
        agreement_payment_request::{PaymentRequest, TERM_KEY},
        agreement_request::{Ask, Figures, InvoiceFigures, TermFigures},
        billing_adjustment::{INVOICE_KEY, Refund},
    },
    money::Currency,
    run::Snapshot,
    scope::Scope,
};
use entente_port::{AgreementStatus, Invoice, InvoiceKind};
use entente_store::{RunKey, Store};

use super::{
    known::{maker, of_offer},
    stored::{SENT, SUCCESS, typed},
};
use crate::{connectors::Connection, offers::DeskError};

/// Reads what speaks for and against a request. `label` is that of its run, where it has one already. Without a database
/// (where only names matter) our own records say nothing.
///
/// # Errors
/// When the marketplace or the database cannot be read, or the agreement does not exist there.
pub async fn figures<A: Ask>(
    store: Option<&dyn Store>,
    connection: &Connection,
    ask: &A,
    label: Option<&str>,
) -> Result<Figures, DeskError> {
    let agreement = connection.marketplace.agreement(ask.agreement_id()).await?;
    let offer = match store {
        Some(store) => maker(store, ask.marketplace(), ask.agreement_id()).await?,
        None => None,
    };
    let known = offer.as_ref().and_then(|offer| of_offer(offer).find(|known| known.id == agreement.id));
    let invoice = match ask.invoice_id() {
        Some(id) => invoice(store, connection, ask, id, label).await?,
        None => None,
    };
    let term = match ask.term_id() {
        Some(id) => term(store, connection, ask, id, label).await?,
        None => None,
    };
    Ok(Figures {
        revision: ask.revision(),
        in_force: agreement.status == AgreementStatus::Active,
        buyer_account: agreement.buyer_account,
        buyer: known.as_ref().map(|known| known.buyer.clone()),
        value: agreement.value.or(known.as_ref().and_then(|known| known.value)),
        offer: known.map(|known| known.offer),
        ends_at: agreement.ends_at,
        invoice,
        term,
    })
}

async fn invoice<A: Ask>(
    store: Option<&dyn Store>,
    connection: &Connection,
    ask: &A,
    id: &str,
    label: Option<&str>,
) -> Result<Option<InvoiceFigures>, DeskError> {
    let page = connection.marketplace.invoices_of(ask.agreement_id()).await?;
    let Some(Invoice { kind, amount, adjustable, issued_at, .. }) =
        page.invoices.into_iter().find(|invoice| invoice.id == id)
    else {
        return Ok(None);
    };
    let held_minor = match store {
        Some(store) => held(store, ask, id, amount.currency, label).await?,
        None => 0,
    };
    Ok(Some(InvoiceFigures { amount, credit_memo: kind == InvoiceKind::CreditMemo, adjustable, held_minor, issued_at }))
}

async fn term<A: Ask>(
    store: Option<&dyn Store>,
    connection: &Connection,
    ask: &A,
    id: &str,
    label: Option<&str>,
) -> Result<Option<TermFigures>, DeskError> {
    let terms = connection.marketplace.payment_terms(ask.agreement_id()).await?;
    let Some(most) = terms.into_iter().find(|term| term.id == id).map(|term| term.most) else { return Ok(None) };
    let asked_minor = match store {
        Some(store) => asked(store, ask, id, most.currency, label).await?,
        None => 0,
    };
    Ok(Some(TermFigures { most, asked_minor }))
}

/// What other requests under the term have charged, or may yet: as with refunds, whoever asks later waits for whoever asked before.
async fn asked<A: Ask>(
    store: &dyn Store,
    ask: &A,
    term: &str,
    currency: Currency,
    label: Option<&str>,
) -> Result<i64, DeskError> {
    let key = RunKey { kind: TERM_KEY.into(), value: format!("{}/{term}", ask.marketplace()), unique: false };
    let mut asked = 0_i64;
    for run in store.run_by_key(&Scope::vendor(), &key).await? {
        let Some(row) = store.run(&Scope::vendor(), run).await? else { continue };
        let other = &row.snapshot;
        let counts = match other.ended {
            true => other.tags.iter().any(|tag| tag == SUCCESS),
            false => comes_first(other, label),
        };
        if label == Some(other.label.as_str()) || !counts {
            continue;
        }
        let other = typed::<PaymentRequest>(row)?.request.ask;
        if other.agreement_id == ask.agreement_id() && other.amount.currency == currency {
            asked = asked.saturating_add(other.amount.minor);
        }
    }
    Ok(asked)
}

/// Whether a request that has not ended comes before the one of this label: it was asked for earlier, or is on its way.
fn comes_first(other: &Snapshot, label: Option<&str>) -> bool {
    label.is_none_or(|label| other.label.as_str() < label) || other.tags.iter().any(|tag| tag == SENT)
}

/// What other refunds on the invoice would give back: those that were asked for earlier, and those that are on their way. Whoever
/// asks later waits for whoever asked before, so two that ask at once do not stop each other.
async fn held<A: Ask>(
    store: &dyn Store,
    ask: &A,
    invoice: &str,
    currency: Currency,
    label: Option<&str>,
) -> Result<i64, DeskError> {
    let key = RunKey { kind: INVOICE_KEY.into(), value: format!("{}/{invoice}", ask.marketplace()), unique: false };
    let mut held = 0_i64;
    for run in store.run_by_key(&Scope::vendor(), &key).await? {
        let Some(row) = store.run(&Scope::vendor(), run).await?.filter(|row| !row.snapshot.ended) else { continue };
        let other = &row.snapshot;
        if label == Some(other.label.as_str()) || !comes_first(other, label) {
            continue;
        }
        let other = typed::<Refund>(row)?.request.ask;
        if other.agreement_id == ask.agreement_id() && other.amount.currency == currency {
            held = held.saturating_add(other.amount.minor);
        }
    }
    Ok(held)
}
