//! `entente claim resolve-dispute`: people are asked what becomes of a disputed amount.

use entente_core::{
    chart::bound::BoundChart,
    context::funding::{ClaimPaper, Dispute},
    ids::PartyId,
    money::Money,
};
use serde_json::json;

use super::{
    claim::Whose,
    papers::{self, Label},
};
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, session::Session},
    funding::stored::Stored,
};

/// What settles a dispute at once, on charts by which nobody is asked.
const AT_ONCE: &str = "resolve_dispute";

/// What asks people to agree to how one is settled.
const ASKS: &str = "settle_dispute";

/// Ask to settle a dispute: what of it is owed after all. Two other people have to agree
#[derive(Debug, clap::Args)]
pub struct ResolveDispute {
    /// What of the disputed amount is owed after all; the rest goes back to the fund
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    granted: Money,
    #[command(flatten)]
    whose: Whose,
}

impl ResolveDispute {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let ResolveDispute { granted, whose: Whose { label: Label { label }, payee, reason, sending } } = self;
        let claim = papers::find::<ClaimPaper>(session, &label).await?;
        let payee = payee.unwrap_or_else(|| claim.sheet.paper.partner.clone());
        let snapshot = &claim.row.snapshot;
        let bound = session.app.definitions.bound(&snapshot.chart).await;
        let bound = bound.map_err(|reason| Failure::new(Exit::Error, reason.to_string()))?;
        let event = if takes(&bound, &snapshot.state, AT_ONCE) { AT_ONCE } else { ASKS };
        let data = json!({ "payee": payee, "granted": granted, "reason": reason });
        let (only_shown, action) = (sending.is_dry_run(), Action::AnswerForClaims);
        papers::send::<ClaimPaper>(session, &label, &sending.sending(), action, event, data).await?;
        if let Some(disputed) = disputed(&claim, &payee).filter(|_| event == ASKS && only_shown) {
            let free = Money { minor: disputed.minor.saturating_sub(granted.minor), ..disputed };
            let then = format!("{granted} is owed to `{payee}`, and {free} is free again");
            session.out.say(&format!("once people have agreed, {then}"));
        }
        Ok(Exit::Ok)
    }
}

/// Whether a state takes an event, by itself or by the one around it.
fn takes(bound: &BoundChart, state: &str, event: &str) -> bool {
    let states = bound.chart.state(state).into_iter().chain(bound.chart.parent(state));
    states.into_iter().any(|state| state.on.contains_key(event))
}

/// What a payee disputes, and is decided next.
fn disputed(claim: &Stored<ClaimPaper>, payee: &PartyId) -> Option<Money> {
    let open = |dispute: &&Dispute| dispute.payee == *payee && dispute.granted.is_none();
    claim.sheet.course.disputes.iter().find(open).map(|dispute| dispute.amount)
}
