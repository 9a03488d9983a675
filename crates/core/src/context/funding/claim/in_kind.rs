//! What the vendor gives itself, in goods or services: the fund is charged with its value, and nothing is paid out.

use super::ClaimPaper;
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
