//! What `--dry-run` prints: the exact calls, one after the other.

use entente_port::{PlannedCall, Write};

use crate::{
    cli::{exit::Exit, failure::Failure, output::Out, session::Session},
    offers::stored::StoredOffer,
};

/// Prints the calls of writes that would follow one another, and sends nothing.
pub fn dry_run(session: &Session, stored: &StoredOffer, writes: &[Write]) -> Result<Exit, Failure> {
    let calls = session.desk().calls(Some(stored), writes)?;
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
