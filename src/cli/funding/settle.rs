//! `entente claim resolve-dispute`: people are asked what becomes of a disputed amount.

use entente_core::{
    context::funding::{ClaimPaper, Dispute},
    ids::PartyId,
    money::Money,
};
use serde_json::json;

use super::papers::{self, Label};
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, session::Session, submit::Trying},
    funding::stored::Stored,
};

/// The first version of the chart of claims on which people are asked; on earlier ones a dispute is settled at once.
const AGREED_SINCE: u32 = 3;

/// Ask to settle a dispute: what of it is owed after all. Two other people have to agree
#[derive(Debug, clap::Args)]
pub struct ResolveDispute {
    #[command(flatten)]
    label: Label,
    /// What of the disputed amount is owed after all; the rest goes back to the fund
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    granted: Money,
    /// Whose part it is, where several are paid [default: the partner who claims]
    #[arg(long, value_name = "PARTNER")]
    payee: Option<PartyId>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Trying,
}

impl ResolveDispute {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let ResolveDispute { label: Label { label }, granted, payee, reason, sending } = self;
        let claim = papers::find::<ClaimPaper>(session, &label).await?;
        let payee = payee.unwrap_or_else(|| claim.sheet.paper.partner.clone());
        let asks = claim.row.snapshot.chart.version >= AGREED_SINCE;
        let event = if asks { "settle_dispute" } else { "resolve_dispute" };
        let data = json!({ "payee": payee, "granted": granted, "reason": reason });
        let (only_shown, action) = (sending.is_dry_run(), Action::AnswerForClaims);
        papers::send::<ClaimPaper>(session, &label, &sending.sending(), action, event, data).await?;
        if let Some(disputed) = disputed(&claim, &payee).filter(|_| asks && only_shown) {
            let free = Money { minor: disputed.minor.saturating_sub(granted.minor), ..disputed };
            let then = format!("{granted} is owed to `{payee}`, and {free} is free again");
            session.out.say(&format!("once people have agreed, {then}"));
        }
        Ok(Exit::Ok)
    }
}

/// What a payee disputes, and is decided next.
fn disputed(claim: &Stored<ClaimPaper>, payee: &PartyId) -> Option<Money> {
    let open = |dispute: &&Dispute| dispute.payee == *payee && dispute.granted.is_none();
    claim.sheet.course.disputes.iter().find(open).map(|dispute| dispute.amount)
}
