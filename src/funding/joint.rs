//! Requests and claims that several funds pay together: their parts, found by the label of the whole.

use entente_core::{
    context::{
        FieldError,
        funding::{
            CLAIM_JOINT_KEY, ClaimPaper, ClaimedPart, FundPaper, Paper, REQUEST_JOINT_KEY, RequestPaper, split_claim,
        },
    },
    ids::FundId,
    scope::Scope,
};
use entente_store::Store;

use super::{
    programmes,
    stored::{self, Stored},
};
use crate::offers::DeskError;

fn refuse<T>(field: &str, message: impl Into<String>) -> Result<T, FieldError> {
    Err(FieldError { field: field.to_owned(), message: message.into() })
}

/// What is said of a fund that is not there, or not for whoever asks.
pub fn no_fund(fund: &FundId) -> String {
    format!("there is no fund `{fund}`; correct the name")
}

/// Whether a fund pays requests like this one at all.
///
/// # Errors
/// When it does not; the error names the field.
pub fn open_to(fund: &Stored<FundPaper>, asked: &RequestPaper) -> Result<(), FieldError> {
    let paper = &fund.sheet.paper;
    if !paper.partners.is_empty() && !paper.partners.contains(&asked.partner) {
        // That a fund of this name is there for others is nobody else's business.
        return refuse("/fund", no_fund(&paper.fund));
    }
    if !fund.has("open") {
        return refuse("/fund", format!("fund `{}` is not open; choose another fund", paper.fund));
    }
    if paper.legal_entity != asked.legal_entity {
        let message = format!("fund `{}` is paid by `{}`; name that legal entity", paper.fund, paper.legal_entity);
        return refuse("/legal_entity", message);
    }
    let currency = paper.amount.currency;
    if asked.amount.currency != currency {
        let message = format!("fund `{}` is in {currency}; ask for an amount in {currency}", paper.fund);
        return refuse("/amount/currency", message);
    }
    Ok(())
}

/// Whether every fund pays its part. Nothing is written where one does not.
///
/// # Errors
/// When the database cannot be read; inside, the field that names the fund which does not.
pub async fn all_open(store: &dyn Store, parts: &[RequestPaper]) -> Result<Result<(), FieldError>, DeskError> {
    for (at, part) in parts.iter().enumerate() {
        let field = format!("/funding/{at}/fund");
        let fund = match stored::fund(store, &part.fund).await {
            Err(DeskError::Store(entente_store::Error::NotFound { .. })) => {
                return Ok(refuse(&field, no_fund(&part.fund)));
            }
            fund => fund?,
        };
        if let Err(wrong) = open_to(&fund, part) {
            return Ok(refuse(&field, wrong.message));
        }
        let programme = &fund.sheet.paper.programme;
        if let Some(closed) = programmes::closed(store, programme).await? {
            return Ok(refuse(&field, closed.told(programme)));
        }
    }
    Ok(Ok(()))
}

/// The parts of a joint request in reach, in their order. There is at least one.
///
/// # Errors
/// When there is none in reach, or the database cannot be read.
pub async fn requests(store: &dyn Store, scope: &Scope, label: &str) -> Result<Vec<Stored<RequestPaper>>, DeskError> {
    let mut parts = reached(store, scope, (REQUEST_JOINT_KEY, "joint request"), label).await?;
    parts.sort_by_key(|part: &Stored<RequestPaper>| part.sheet.paper.joint.as_ref().map(|joint| joint.part));
    Ok(parts)
}

/// The parts of a joint claim in reach, in their order. There is at least one.
///
/// # Errors
/// As [`requests`].
pub async fn claims(store: &dyn Store, scope: &Scope, label: &str) -> Result<Vec<Stored<ClaimPaper>>, DeskError> {
    let mut parts = reached(store, scope, (CLAIM_JOINT_KEY, "joint claim"), label).await?;
    parts.sort_by_key(|part: &Stored<ClaimPaper>| part.sheet.paper.joint.as_ref().map(|joint| joint.part));
    Ok(parts)
}

async fn reached<P: Paper>(
    store: &dyn Store,
    scope: &Scope,
    (key, kind): (&str, &'static str),
    label: &str,
) -> Result<Vec<Stored<P>>, DeskError> {
    let mut parts = stored::by_key::<P>(store, key, label).await?;
    parts.retain(|part| scope.reaches(&part.row.snapshot.home));
    match parts.is_empty() {
        true => Err(entente_store::Error::NotFound { kind, id: label.to_owned() }.into()),
        false => Ok(parts),
    }
}

/// The claims on the parts of a joint request that were granted, each with its part of every amount.
///
/// # Errors
/// When a part is not decided yet, none is granted, the shares differ, or it cannot be split; the error names the field.
pub fn claimed(whole: &ClaimPaper, asked: &[Stored<RequestPaper>], label: &str) -> Result<Vec<ClaimPaper>, FieldError> {
    let all = &whole.request;
    if asked.iter().any(|part| part.sheet.paper.partner != whole.partner) {
        return refuse("/request", format!("there is no joint request `{all}`; correct the label"));
    }
    let undecided: Vec<&str> = asked
        .iter()
        .filter(|part| part.sheet.course.granted.is_none() && !part.row.snapshot.ended)
        .map(Stored::label)
        .collect();
    if !undecided.is_empty() {
        let message = format!("`{all}` waits for {}; claim once all funds have decided", undecided.join(", "));
        return refuse("/request", message);
    }
    // The share of a fund that holds nothing for it, because it declined or was given up, stays with the partner.
    let held: Vec<&Stored<RequestPaper>> = asked.iter().filter(|part| part.has("money_reserved")).collect();
    let weights = |part: &Stored<RequestPaper>| part.sheet.paper.joint.as_ref().map(|joint| joint.weights());
    let Some(agreed) = held.first().and_then(|first| weights(first)) else {
        return refuse("/request", format!("no fund holds anything for `{all}`; what was not approved is never paid"));
    };
    if held.iter().any(|part| weights(part).as_ref() != Some(&agreed)) {
        let message =
            format!("the parts of `{all}` have different shares; wait for the changes, or amend the others too");
        return refuse("/request", message);
    }
    let part_of = |at: usize| held.iter().find(|one| one.sheet.paper.joint.as_ref().is_some_and(|own| own.part == at));
    let parts: Vec<ClaimedPart> = agreed
        .into_iter()
        .enumerate()
        .map(|(at, weight)| ClaimedPart {
            request: part_of(at).map(|one| one.label().to_owned()).unwrap_or_default(),
            weight,
            granted: part_of(at).is_some(),
        })
        .collect();
    split_claim(whole, &parts, label)
}

/// Whether a claim is split as its request is: neither more nor less than the fund's part of everything.
///
/// # Errors
/// When it is not; the error names the field.
pub fn is_split_as_agreed(asked: &Stored<RequestPaper>, claim: &ClaimPaper) -> Result<(), FieldError> {
    let label = asked.label();
    match (&asked.sheet.paper.joint, &claim.joint) {
        (None, None) => Ok(()),
        (None, Some(_)) => refuse("/request", format!("`{label}` is paid by one fund alone; claim on it as such")),
        (Some(whole), None) => refuse("/request", format!("`{label}` is a part of `{}`; claim on that", whole.label)),
        (Some(whole), Some(own)) => {
            let agreed = whole.label == own.request && whole.part == own.part && whole.weights() == own.weights();
            match agreed {
                true => Ok(()),
                false => refuse("/request", format!("`{}` has other shares by now; claim on it anew", whole.label)),
            }
        }
    }
}
