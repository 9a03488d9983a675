//! What a partner has claimed before: how much, and what of it is late.

use entente_core::{
    context::funding::{CLAIM_PARTNER_KEY, ClaimPaper, RequestPaper},
    ids::PartyId,
    money::Money,
};
use entente_store::Store;
use jiff::Timestamp;

use crate::{
    funding::stored::{self, Stored},
    offers::DeskError,
};

/// As many of the last amounts as statistics look at.
const LOOKED_AT: usize = 500;

/// What a partner has claimed by other claims than this one, of the last ones that were handed in.
pub(super) async fn amounts(store: &dyn Store, claimed: &Stored<ClaimPaper>) -> Result<Vec<Money>, DeskError> {
    let partner = claimed.sheet.paper.partner.as_str();
    let others: Vec<Stored<ClaimPaper>> = stored::by_key(store, CLAIM_PARTNER_KEY, partner).await?;
    let handed_in =
        others.iter().filter(|other| other.label() != claimed.label() && other.sheet.course.submitted_at.is_some());
    Ok(handed_in.take(LOOKED_AT).map(|other| other.sheet.paper.amount).collect())
}

/// How many claims of a partner wait for it although their last day is over: those that were returned, and advances that are not
/// proven or claimed back.
pub(super) async fn claims(
    store: &dyn Store,
    partner: &PartyId,
    requests: &[Stored<RequestPaper>],
    now: Timestamp,
) -> Result<u32, DeskError> {
    let claims: Vec<Stored<ClaimPaper>> = stored::by_key(store, CLAIM_PARTNER_KEY, partner.as_str()).await?;
    let over = |by: Option<Timestamp>| by.is_some_and(|by| by < now);
    let late = claims.iter().filter(|claim| {
        let course = &claim.sheet.course;
        let asked = requests.iter().find(|asked| asked.label() == claim.sheet.paper.request);
        let returned = claim.has("editable") && course.submitted_at.is_some();
        (returned && over(asked.and_then(|asked| asked.sheet.course.claim_by)))
            || over(course.open_advance().and_then(|advance| advance.prove_by))
            || claim.has("recovering")
    });
    Ok(u32::try_from(late.count()).unwrap_or(u32::MAX))
}
