//! Claims made before, by any partner in any programme, that a claim has to be compared with.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{
        CLAIM_FILE_KEY, CLAIM_INVOICE_KEY, CLAIM_PARTNER_KEY, CLAIM_REQUEST_KEY, ClaimPaper, invoice_key,
    },
    mdf::model::{EarlierClaim, InvoiceUse},
};
use entente_store::Store;

use crate::{
    funding::stored::{self, Stored},
    offers::DeskError,
};

/// The claims that share a file, an invoice, a request or an activity with this one, and came before it.
pub(super) async fn of(store: &dyn Store, claimed: &Stored<ClaimPaper>) -> Result<Vec<EarlierClaim>, DeskError> {
    let paper = &claimed.sheet.paper;
    let files = paper.evidence.iter().map(|file| (CLAIM_FILE_KEY, file.sha256.clone()));
    let invoices =
        paper.invoices.iter().map(|used| (CLAIM_INVOICE_KEY, invoice_key(&used.supplier.tax_id, &used.number)));
    let own = [(CLAIM_REQUEST_KEY, paper.request.clone()), (CLAIM_PARTNER_KEY, paper.partner.to_string())];
    let mut found: BTreeMap<String, Stored<ClaimPaper>> = BTreeMap::new();
    for (kind, value) in own.into_iter().chain(files).chain(invoices) {
        for other in stored::by_key::<ClaimPaper>(store, kind, &value).await? {
            if comes_before(&other, claimed) {
                found.insert(other.label().to_owned(), other);
            }
        }
    }
    let mut earlier = Vec::new();
    for other in found.values() {
        earlier.push(model(store, other).await?);
    }
    Ok(earlier)
}

/// Whether a claim was submitted before another one and was not given up. Of two at the same instant, the one of the lower
/// label comes first, so that they do not stop each other.
fn comes_before(other: &Stored<ClaimPaper>, than: &Stored<ClaimPaper>) -> bool {
    let given_up = other.has("cancelled") || other.has("failure");
    let order = |claim: &Stored<ClaimPaper>| claim.sheet.course.submitted_at.map(|at| (at, claim.label().to_owned()));
    match (order(other), order(than)) {
        (Some(before), Some(after)) => !given_up && before < after,
        (Some(_), None) => !given_up,
        (None, _) => false,
    }
}

async fn model(store: &dyn Store, other: &Stored<ClaimPaper>) -> Result<EarlierClaim, DeskError> {
    let paper = &other.sheet.paper;
    let asked = stored::request(store, &paper.request).await?;
    let fund = stored::fund(store, &asked.sheet.paper.fund).await?;
    let activity = &asked.sheet.paper.activity;
    Ok(EarlierClaim {
        claim: other.label().parse()?,
        partner: paper.partner.clone(),
        programme: fund.sheet.paper.programme.clone(),
        activity: activity.id.clone(),
        ended: activity.end,
        amount: paper.amount,
        closing: paper.closing,
        files: paper.evidence.iter().map(|file| file.sha256.clone()).collect(),
        pictures: paper.evidence.iter().filter_map(|file| file.picture_hash).collect(),
        invoices: paper.invoices.iter().map(used).collect(),
    })
}

fn used(invoice: &entente_core::mdf::model::Invoice) -> InvoiceUse {
    InvoiceUse {
        supplier: invoice.supplier.clone(),
        number: invoice.number.clone(),
        date: invoice.date,
        total: invoice.total,
        claimed: invoice.claimed,
    }
}
