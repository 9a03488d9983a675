//! A partner as the rules see it.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{BUDGET_KEY, FundPaper, PartnerPaper, REQUEST_PARTNER_KEY, RequestPaper},
    ids::{FundId, PartyId},
    mdf::{
        AUTOMATIC, Pack, RETURNS,
        model::{BankChange, Partner, PartnerStatus},
        out_until,
    },
    money::{Currency, Money},
};
use entente_store::Store;
use jiff::Timestamp;

use super::{past as late, request::takes};
use crate::{
    funding::{
        beside::falsity,
        import::past,
        returns,
        stored::{self, Stored},
    },
    offers::DeskError,
};

/// A partner as it stands, for a request of this fund; what it was granted by requests other than `own` is counted.
pub(super) async fn model(
    store: &dyn Store,
    partner: &PartyId,
    own: Option<&str>,
    now: Timestamp,
    (pack, fund): (&Pack, &FundPaper),
) -> Result<Partner, DeskError> {
    let known = stored::partner(store, partner).await?;
    let others: Vec<Stored<RequestPaper>> = stored::by_key(store, REQUEST_PARTNER_KEY, partner.as_str()).await?;
    let (paper, course) = (&known.sheet.paper, &known.sheet.course);
    let today = pack.zone.to_datetime(now).date();
    let roi = match pack.rules().any(|rule| rule.id == RETURNS) {
        true => returns::due(store, &others, own).await?,
        false => Vec::new(),
    };
    let granted_in_period =
        granted_in_period(store, partner, others.iter().filter(|other| Some(other.label()) != own), fund).await?;
    let overdue_claims = match pack.terms.enables(AUTOMATIC) {
        true => late::claims(store, partner, &others, now).await?,
        false => 0,
    };
    let false_claim_on = falsity::established(store, partner.as_str()).await?;
    let false_claim_on = false_claim_on.map(|at| pack.zone.to_datetime(at).date());
    let confirmed = course.confirmed();
    Ok(Partner {
        id: paper.partner.clone(),
        status: status(&known),
        kind: paper.kind.clone(),
        region: paper.region.clone(),
        country: paper.country.clone(),
        tiers: paper.tiers.clone(),
        agreement_signed_on: paper.agreement_signed_on,
        tax_verified: paper.tax_verified_by(today),
        bank_verified: confirmed.is_some(),
        bank_hash: course.bank.as_ref().map(|bank| bank.sha256.clone()),
        address: paper.address.clone(),
        owns: paper.owns.clone(),
        payment_currency: paper.payment_currency,
        requesters: paper.requesters.clone(),
        overdue: paper.overdue.clone(),
        certificates: paper.certificates.clone(),
        screening: paper.screening.clone(),
        overdue_claims,
        good_standing: paper.good_standing,
        granted_in_period,
        false_claim_on,
        disqualified_until: false_claim_on.and_then(|day| out_until(pack, day)),
        bank_change: course.bank.as_ref().map(|bank| BankChange {
            at: bank.at,
            by: bank.by.clone(),
            confirmed_by: bank.confirmed_by.clone(),
        }),
        roi,
        past_amounts: Vec::new(),
    })
}

/// What a partner was given out of the funds of one budget, which is what a period is: by these requests, and before Entente.
async fn granted_in_period(
    store: &dyn Store,
    partner: &PartyId,
    requests: impl Iterator<Item = &Stored<RequestPaper>>,
    fund: &FundPaper,
) -> Result<BTreeMap<Currency, Money>, DeskError> {
    let funds: Vec<Stored<FundPaper>> = stored::by_key(store, BUDGET_KEY, &fund.budget.name).await?;
    let funds: BTreeSet<FundId> = funds.into_iter().map(|fund| fund.sheet.paper.fund).collect();
    let mut granted = past::paid_to(store, partner, &funds).await?;
    for amount in requests.filter(|request| funds.contains(&request.sheet.paper.fund)).filter_map(takes) {
        let so_far = granted.entry(amount.currency).or_insert(Money::zero(amount.currency));
        *so_far = so_far.plus(amount)?;
    }
    Ok(granted)
}

/// How a partner stands, by the tags of its state.
pub fn status(known: &Stored<PartnerPaper>) -> PartnerStatus {
    if known.has("active") {
        return PartnerStatus::Active;
    }
    if known.row.snapshot.ended {
        return PartnerStatus::Left;
    }
    match known.row.snapshot.approvals.is_some() && known.has("suspended") {
        true => PartnerStatus::Suspended,
        false => PartnerStatus::Onboarding,
    }
}
