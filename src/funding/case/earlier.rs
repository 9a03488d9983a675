//! Claims made before, by any partner in any programme, that a claim has to be compared with.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{
        CLAIM_LIKENESS_KEY, CLAIM_PARTNER_KEY, CLAIM_REQUEST_KEY, ClaimPaper, OrderPaper, Paper as _, SupplierInvoice,
    },
    mdf::{
        Case,
        candidates::{Key, Reach, asked},
        model::{EarlierClaim, InvoiceUse},
    },
    scope::Scope,
};
use entente_store::{RunKey, RunRow, Store};
use jiff::Timestamp;

use crate::{
    funding::{
        import::past,
        stored::{self, Stored, typed},
    },
    offers::DeskError,
};

/// The claims that are like this one in something, and those on the same request or of the same partner, that came before it.
pub(super) async fn of(
    store: &dyn Store,
    claimed: &Stored<ClaimPaper>,
    case: &Case,
    reach: Reach,
) -> Result<Vec<EarlierClaim>, DeskError> {
    let paper = &claimed.sheet.paper;
    let own = [(CLAIM_REQUEST_KEY, paper.request.clone()), (CLAIM_PARTNER_KEY, paper.partner.to_string())];
    let likeness = EarlierClaim::of(case).map(|claim| asked(&claim, reach)).unwrap_or_default();
    let alike = likeness.iter().map(|key| (CLAIM_LIKENESS_KEY, key.to_string()));
    let mut found: BTreeMap<String, Stored<ClaimPaper>> = BTreeMap::new();
    // What was paid before Entente came before everything.
    let mut earlier = past::alike(store, &likeness).await?;
    for row in rows(store, own.into_iter().chain(alike)).await? {
        if row.snapshot.chart.name == OrderPaper::NAME {
            // What an order owes already counts, whenever it was entered; anything else where it was entered before.
            let since = claimed.sheet.course.submitted_at;
            let before = |invoice: &SupplierInvoice| since.is_none_or(|since| invoice.entered_at < since);
            earlier.extend(of_order(store, row, |invoice| invoice.owed.is_some() || before(invoice)).await?);
            continue;
        }
        let other = typed::<ClaimPaper>(row)?;
        if comes_before(&other, claimed) && !is_part_of_the_same(&other, claimed) {
            found.insert(other.label().to_owned(), other);
        }
    }
    for other in found.values() {
        earlier.extend(model(store, other).await?);
    }
    Ok(earlier)
}

/// Whether both are parts of one claim that several funds pay: of an invoice each uses its own part, and together what the whole does.
fn is_part_of_the_same(other: &Stored<ClaimPaper>, claimed: &Stored<ClaimPaper>) -> bool {
    let whole = |claim: &Stored<ClaimPaper>| claim.sheet.paper.joint.as_ref().map(|joint| joint.label.clone());
    whole(claimed).is_some_and(|label| whole(other) == Some(label))
}

/// The runs under any of these keys, each once.
async fn rows(store: &dyn Store, keys: impl Iterator<Item = (&'static str, String)>) -> Result<Vec<RunRow>, DeskError> {
    let mut runs = BTreeSet::new();
    for (kind, value) in keys {
        let key = RunKey { kind: kind.to_owned(), value, unique: false };
        runs.extend(store.run_by_key(&Scope::vendor(), &key).await?);
    }
    let runs: Vec<_> = runs.into_iter().collect();
    Ok(store.runs_of(&Scope::vendor(), &runs).await?)
}

/// An order as what was invoiced before, where any invoice of it counts.
async fn of_order(
    store: &dyn Store,
    row: RunRow,
    counts: impl Fn(&SupplierInvoice) -> bool,
) -> Result<Option<EarlierClaim>, DeskError> {
    let order = typed::<OrderPaper>(row)?;
    let supplier = stored::partner(store, &order.sheet.paper.supplier.party).await?;
    let earlier = order.sheet.as_earlier(&supplier.sheet.paper.address, counts);
    Ok(earlier.filter(|earlier| !earlier.invoices.is_empty()))
}

/// The claims and other orders that share something with what an order was invoiced at an instant, and came before that or are owed
/// already.
pub(in crate::funding) async fn of_invoice(
    store: &dyn Store,
    order: &Stored<OrderPaper>,
    entered_at: Timestamp,
    asked: &BTreeSet<Key>,
) -> Result<Vec<EarlierClaim>, DeskError> {
    const OWED: [&str; 5] = ["committed", "payable", "paid", "recovering", "advanced"];
    let mut earlier = past::alike(store, asked).await?;
    for row in rows(store, asked.iter().map(|key| (CLAIM_LIKENESS_KEY, key.to_string()))).await? {
        if row.snapshot.chart.name == OrderPaper::NAME {
            if row.snapshot.run != order.row.snapshot.run {
                let before = |invoice: &SupplierInvoice| invoice.owed.is_some() || invoice.entered_at < entered_at;
                earlier.extend(of_order(store, row, before).await?);
            }
            continue;
        }
        let claim = typed::<ClaimPaper>(row)?;
        let before = claim.sheet.course.submitted_at.is_some_and(|at| at <= entered_at);
        if stands(&claim) && (before || OWED.iter().any(|tag| claim.has(tag))) {
            earlier.extend(model(store, &claim).await?);
        }
    }
    Ok(earlier)
}

/// Whether a claim counts against others: one that was given up, declined or returned takes nothing of an invoice, and is compared
/// itself once it is submitted again.
fn stands(claim: &Stored<ClaimPaper>) -> bool {
    !claim.has("cancelled") && !claim.has("failure") && !claim.has("editable")
}

/// Whether a claim was submitted before another one and stands. Of two at the same instant, the one of the lower label comes first,
/// so that they do not stop each other.
fn comes_before(other: &Stored<ClaimPaper>, than: &Stored<ClaimPaper>) -> bool {
    let order = |claim: &Stored<ClaimPaper>| claim.sheet.course.submitted_at.map(|at| (at, claim.label().to_owned()));
    match (order(other), order(than)) {
        (Some(before), Some(after)) => stands(other) && before < after,
        (Some(_), None) => stands(other),
        (None, _) => false,
    }
}

/// A claim as others are compared with it; nothing of one that names a request, a fund or a partner that does not exist, since it is
/// about to be refused for that.
async fn model(store: &dyn Store, other: &Stored<ClaimPaper>) -> Result<Option<EarlierClaim>, DeskError> {
    match known(store, other).await {
        Err(DeskError::Store(entente_store::Error::NotFound { .. })) => Ok(None),
        known => known.map(Some),
    }
}

async fn known(store: &dyn Store, other: &Stored<ClaimPaper>) -> Result<EarlierClaim, DeskError> {
    let paper = &other.sheet.paper;
    let asked = stored::request(store, &paper.request).await?;
    let fund = stored::fund(store, &asked.sheet.paper.fund).await?;
    let partner = stored::partner(store, &paper.partner).await?;
    let activity = &asked.sheet.paper.activity;
    Ok(EarlierClaim {
        claim: other.label().parse()?,
        partner: paper.partner.clone(),
        address: partner.sheet.paper.address,
        programme: fund.sheet.paper.programme.clone(),
        joint: asked.sheet.paper.joint.as_ref().map(|joint| joint.label.clone()),
        activity: activity.id.clone(),
        ended: activity.end,
        amount: paper.amount,
        closing: paper.closing,
        files: paper.evidence.iter().map(|file| file.file.clone()).collect(),
        // Pictures are never decoded, so that there is no perceptual hash of them.
        pictures: BTreeSet::new(),
        forms: BTreeSet::new(),
        invoices: paper.invoices.iter().map(InvoiceUse::of).collect(),
    })
}
