//! What `--dry-run` prints: the exact calls, one after the other.

use entente_port::{PlannedCall, Write};

use crate::{
    cli::{exit::Exit, failure::Failure, output::Out, session::Session},
    offers::stored::StoredOffer,
};

/// Prints the calls of writes that would follow one another, and sends nothing.
pub fn dry_run(session: &Session, stored: &StoredOffer, writes: &[Write]) -> Result<Exit, Failure> {
    let desk = session.desk();
    let mut calls = Vec::new();
    for write in writes {
        let offer = match write {
            Write::CreateOffer { offer } | Write::ExtendOffer { offer, .. } => offer,
            Write::WithdrawOffer { .. }
            | Write::AmendOffer { .. }
            | Write::CancelAgreement { .. }
            | Write::AdjustBilling { .. }
            | Write::RequestPayment { .. }
            | Write::WithdrawPayment { .. } => &stored.offer.offer,
        };
        calls.extend(desk.planned(offer, Some(stored), write)?);
    }
    if session.out.is_json() {
        session.out.json(&calls)?;
    } else {
        show_calls(&session.out, &calls);
    }
    session.out.say("nothing was sent");
    Ok(Exit::Ok)
}

/// Shows calls: the operation, then its body as JSON.
pub fn show_calls(out: &Out, calls: &[PlannedCall]) {
    for call in calls {
        let body = serde_json::to_string_pretty(&call.body).unwrap_or_default();
        out.data(&format!("{}\n{body}", call.operation));
    }
}
