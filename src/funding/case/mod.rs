//! Everything that the rules look at, gathered from the records: a partner, its fund, its request, its claim.

mod claim;
mod earlier;
mod fund;
mod partner;
mod past;
mod request;

use entente_core::{
    context::funding::{ClaimPaper, RequestPaper},
    mdf::{AUDITS, Case, POINTS, Pack, STATEMENTS, candidates::Reach, model::Evidence},
    money::Money,
};
use entente_store::Store;
use jiff::Timestamp;

use super::{
    exceptions, packs, record, statement,
    stored::{self, Stored},
};
use crate::offers::DeskError;

pub(in crate::funding) use earlier::of_invoice;
pub use fund::{balances as stands, given, of_budget as given_out_of, taken};
pub use partner::status;

/// What is judged: a case, the pack that judges it, and what else its run has to know.
pub struct Gathered {
    /// The case.
    pub case: Case,
    /// The pack.
    pub pack: Pack,
    /// The fund that pays.
    pub fund: entente_core::ids::FundId,
    /// Who answers for it.
    pub owner: entente_core::ids::PersonId,
    /// The last instant at which the request may be claimed.
    pub claim_by: Option<Timestamp>,
    /// Who asked for the money first.
    pub requested_by: Option<entente_core::ids::PersonId>,
}

/// The name of the secret by which random audits are drawn.
const AUDIT_SEED: &str = "mdf.audit_seed";

/// The case of a request.
///
/// # Errors
/// When its partner, fund or pack do not exist, or the database cannot be read.
pub async fn of_request(
    store: &dyn Store,
    asked: &Stored<RequestPaper>,
    now: Timestamp,
) -> Result<Gathered, DeskError> {
    let paper = &asked.sheet.paper;
    let found = stored::fund(store, &paper.fund).await?;
    let pack = packs::find(store, &found.sheet.paper.pack).await?;
    let mut fund = fund::model(store, &found, Some(asked.label())).await?;
    if pack.terms.enables(STATEMENTS) {
        fund.statements = Some(statement::issued(store, &paper.fund).await?);
    }
    let case = Case {
        now,
        programme: found.sheet.paper.programme.clone(),
        partner: partner::model(store, &paper.partner, Some(asked.label()), now, (&pack, &found.sheet.paper)).await?,
        fund: Some(fund),
        request: Some(request::model(store, asked, (&pack, &found.sheet.paper.programme), now).await?),
        claim: None,
        payout: None,
        earlier: Vec::new(),
        closing: None,
        exceptions: exceptions::of_paper(store, asked).await?,
        audit_seed: audit_seed(store).await?,
    };
    let (owner, course) = (found.sheet.paper.owner.clone(), &asked.sheet.course);
    let (claim_by, requested_by) = (course.claim_by, course.requested_by.clone());
    Ok(Gathered { case, pack, fund: paper.fund.clone(), owner, claim_by, requested_by })
}

/// The case of a change of a granted request: the request as it shall be, beside what was approved. Without one, that of the request.
///
/// # Errors
/// As [`of_request`].
pub async fn of_amendment(
    store: &dyn Store,
    asked: &Stored<RequestPaper>,
    now: Timestamp,
) -> Result<Gathered, DeskError> {
    let Some(amendment) = asked.sheet.open_amendment() else { return of_request(store, asked, now).await };
    let mut wanted = asked.clone();
    wanted.sheet.paper = RequestPaper::clone(&amendment.paper);
    wanted.sheet.course.amendment = None;
    let mut gathered = of_request(store, &wanted, now).await?;
    if let Some(request) = &mut gathered.case.request {
        request::amend(request, asked, &amendment.paper);
    }
    Ok(gathered)
}

/// The case of a claim, with its files as the vault's records have them.
///
/// # Errors
/// As [`of_request`], and when its request does not exist.
pub async fn of_claim(
    store: &dyn Store,
    claimed: &Stored<ClaimPaper>,
    files: Vec<Evidence>,
    now: Timestamp,
) -> Result<Gathered, DeskError> {
    let asked = stored::request(store, &claimed.sheet.paper.request).await?;
    let gathered = of_request(store, &asked, now).await?;
    let said = claim::Said::of(store, claimed).await?;
    let mut model = claim::model(claimed, files, said, &gathered.pack)?;
    model.extensions = asked.sheet.course.extensions.iter().map(|extended| extended.extension.clone()).collect();
    let mut case = Case { claim: Some(model), ..gathered.case };
    if [POINTS, AUDITS].into_iter().any(|rule| gathered.pack.terms.enables(rule)) {
        case.partner.past_amounts = past::amounts(store, claimed).await?;
    }
    case.exceptions.extend(exceptions::of_paper(store, claimed).await?);
    if claimed.sheet.is_proving() {
        counts_its_advance(&mut case, claimed.sheet.unproven())?;
    }
    case.earlier = earlier::of(store, claimed, &case, Reach::of(&gathered.pack)).await?;
    Ok(Gathered { case, ..gathered })
}

/// The case of a claim as it was judged last, with what has become of the claim since then.
///
/// # Errors
/// When the judgement or the pack cannot be read.
pub async fn judged_before(
    store: &dyn Store,
    claimed: &Stored<ClaimPaper>,
    now: Timestamp,
) -> Result<Option<(Case, Pack)>, DeskError> {
    let Some(assessment) = &claimed.sheet.assessment else { return Ok(None) };
    // One that the rules have held or refused so far pins none yet.
    let pin = claimed.sheet.course.pack.as_ref().unwrap_or(&assessment.pack);
    let pack = packs::pinned(store, pin).await?;
    let kept = record::get(store, &assessment.record).await?;
    let unreadable = |error: serde_json::Error| DeskError::Unreadable {
        what: format!("judgement `{}`", assessment.record),
        why: error.to_string(),
    };
    let mut case: Case = serde_json::from_value(kept.get("case").cloned().unwrap_or_default()).map_err(unreadable)?;
    case.now = now;
    if let Some(model) = &mut case.claim {
        claim::bring_up_to_date(model, claimed, &pack);
    }
    Ok(Some((case, pack)))
}

/// What was paid in advance is a part of what its proof claims: the request holds it for the claim as if it were not paid.
fn counts_its_advance(case: &mut Case, unproven: Option<Money>) -> Result<(), DeskError> {
    let (Some(request), Some(unproven)) = (&mut case.request, unproven) else { return Ok(()) };
    request.reserved = request.reserved.plus(unproven)?;
    request.consumed = request.consumed.minus(unproven)?;
    Ok(())
}

/// The secret by which random audits are drawn.
async fn audit_seed(store: &dyn Store) -> Result<u64, DeskError> {
    seed(store, AUDIT_SEED).await
}

/// A secret by which something is drawn, the same for all processes: made when it is first needed.
pub(in crate::funding) async fn seed(store: &dyn Store, name: &str) -> Result<u64, DeskError> {
    loop {
        if let Some(seed) = store.setting(name).await?.and_then(|seed| seed.parse().ok()) {
            return Ok(seed);
        }
        let drawn = getrandom::u64().map_err(|error| DeskError::Unreadable {
            what: "the system's randomness".into(),
            why: error.to_string(),
        })?;
        store.replace_setting(name, None, &drawn.to_string()).await?;
    }
}
