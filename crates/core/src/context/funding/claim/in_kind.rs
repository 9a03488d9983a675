//! What the vendor gives itself, in goods or services: the fund is charged with its value, and nothing is paid out.

use super::{
    ClaimPaper,
    course::{Move, MoveKind},
};
use crate::{
    context::{FieldError, funding::check_at},
    ids::FundId,
    ledger::{Posting, PostingAction},
    mdf::model::ClaimKind,
    money::Money,
};

/// What has to be so of a claim in kind as it is written.
pub(super) fn check_paper(paper: &ClaimPaper) -> Result<(), FieldError> {
    if paper.kind != ClaimKind::InKind {
        return Ok(());
    }
    check_at(paper.payees.is_empty(), "/payees", "are paid nothing for what is given in kind; leave them out")?;
    let bought = "are of suppliers, who are paid for what they sell; claim them as `regular`";
    check_at(paper.invoices.is_empty(), "/invoices", bought)
}

/// The fund is charged with what was committed; it is owed to nobody.
pub(super) fn delivered(fund: &FundId, claim: &str, approved: Money) -> Posting {
    Posting::new(PostingAction::Deliver, fund.as_str(), claim, approved)
}

/// What an event does to what was given, which stands as paid under the claim's own key: it comes back as it was given, or its value
/// is to be had from the partner as any money that is claimed back.
pub(super) fn moved(fund: &FundId, claim: &str, owed_by: String, one: &Move) -> Posting {
    let post = |action, key: String| Posting::new(action, fund.as_str(), key, one.amount);
    match one.what {
        MoveKind::TakeBack => post(PostingAction::TakeBack, claim.to_owned()),
        MoveKind::Waive => post(PostingAction::Waive, owed_by).to(claim),
        MoveKind::Recover => post(PostingAction::Recover, owed_by),
        _ => post(PostingAction::ClawBack, claim.to_owned()).to(owed_by),
    }
}
