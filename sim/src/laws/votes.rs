//! Nobody approves what he asks for or has a hand in, and nobody counts twice.

use std::collections::BTreeSet;

use entente_core::run::Snapshot;

use super::Broken;

pub(super) fn check(snapshot: &Snapshot) -> Result<(), Broken> {
    let Some(round) = &snapshot.approvals else { return Ok(()) };
    let mut seen = BTreeSet::new();
    for vote in round.votes.iter().filter(|vote| !vote.void) {
        let own = round.subject.is_from(&vote.person)
            || vote.on_behalf_of.as_ref().is_some_and(|other| round.subject.is_from(other));
        if own {
            return Err(("duties", format!("{} of {} approves his own work", vote.person.as_str(), snapshot.label)));
        }
        if !seen.insert((&vote.row, &vote.person)) {
            return Err((
                "duties",
                format!("{} votes twice in `{}` of {}", vote.person.as_str(), vote.row, snapshot.label),
            ));
        }
    }
    Ok(())
}
