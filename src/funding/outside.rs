//! What people of a partner are shown of their partner's papers: no word of other partners, of what the vendor's people note and
//! decide among themselves, or of what runs the installation.

use entente_core::{
    context::funding::{Paper, refusal_for_partner},
    ids::PersonId,
};

use super::standing::Standing;
use crate::offers::timeline::Entry;

/// Takes out of where a paper stands what people of its partner are not shown; `own` says who they are.
pub fn for_partner<P: Paper>(standing: &mut Standing<P>, own: impl Fn(&PersonId) -> bool) {
    let said = standing.assessment.take();
    standing.refusal = standing.refusal.as_ref().map(|refusal| refusal_for_partner(refusal, said.as_ref()));
    standing.assessment = said.map(|said| said.for_partner());
    standing.paper.for_partner(&mut standing.course);
    standing.requester = standing.requester.take().filter(&own);
    standing.authors.retain(&own);
    if let Some(withdrawal) = &mut standing.withdrawal {
        withdrawal.by = withdrawal.by.take().filter(&own);
    }
    // Who agrees, what they say of it, and why a run stands still, is between the vendor's people.
    standing.approvals.clear();
    standing.incident = None;
    standing.timeline = standing.timeline.iter().filter_map(|entry| shown(entry, &own)).collect();
}

/// A step as its partner is shown it: what its own people did, and that it came to another state.
fn shown(entry: &Entry, own: &impl Fn(&PersonId) -> bool) -> Option<Entry> {
    let theirs = entry.who.as_ref().is_some_and(own);
    let moved = entry.from != entry.state;
    let what = if theirs { entry.what.clone() } else { "it went on".to_owned() };
    (theirs || moved).then(|| Entry {
        what,
        who: entry.who.clone().filter(own),
        on_behalf_of: entry.on_behalf_of.clone().filter(own),
        source: String::new(),
        remote: Vec::new(),
        sent: Vec::new(),
        notices: Vec::new(),
        ..entry.clone()
    })
}
