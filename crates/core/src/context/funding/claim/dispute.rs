//! Amounts that are disputed: held while the rest is paid, until people agree to what becomes of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ClaimPaper, PayableStatus,
    course::{Agreed, Move, MoveKind, Part, Resolved},
};
use crate::{
    context::funding::{Sheet, without_person},
    event::Event,
    ids::{PartyId, PersonId},
    money::Money,
};

/// Why nothing became of a proposal that nobody has answered.
pub(super) const NOBODY_DECIDED: &str = "nobody has decided in time";

/// Why nothing became of a proposal that was agreed to.
pub(super) const NOT_BOOKED: &str = "the ledger has refused it";

/// A disputed amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// Whose part it is.
    pub payee: PartyId,
    /// How much: it is held while the rest is paid.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Who disputes it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What of it was granted in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
    /// Why so much was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Who agreed to that, and as what: none of them pays the claim where rule Y1 keeps the two apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreed: Vec<Agreed>,
    /// Since when people are asked to agree to what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Timestamp>,
    /// That people did not agree to what was proposed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declined: Option<Declined>,
}

/// That people did not agree to how a dispute was to be settled: it is as open as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// How somebody wants a dispute to be settled. All of it is what people agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Whose dispute it is.
    pub payee: PartyId,
    /// What is disputed.
    pub disputed: Money,
    /// Why it is disputed.
    pub because: String,
    /// What of it is to be owed after all; the rest is free again.
    pub granted: Money,
    /// Why so much.
    pub reason: String,
}

impl Dispute {
    /// Where it stands, in words.
    pub fn stands(&self) -> String {
        let because = |why: &Option<String>| why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        match (self.granted, self.asked, &self.declined) {
            (Some(granted), ..) => format!("{granted}{}", because(&self.because)),
            (None, Some(_), _) => "people are asked to agree".to_owned(),
            (None, None, Some(declined)) => format!("open; not agreed to: {}", declined.why),
            (None, None, None) => "open".to_owned(),
        }
    }

    /// Takes out what its payee is not told: who of the vendor's people agreed, and who did not.
    pub fn for_payee(&mut self) {
        self.agreed.clear();
        if let Some(declined) = &mut self.declined {
            declined.why = without_person(&declined.why);
        }
    }
}

impl Sheet<ClaimPaper> {
    /// A payee disputes a part of what it is owed: that part is held.
    pub(super) fn dispute(&mut self, data: &Value, event: &Event, now: Timestamp) {
        let (Ok(disputed), Some(actor)) = (Part::deserialize(data), &event.actor) else { return };
        // Of what has yet to be proven nothing was cut.
        if self.course.open_advance().is_some() {
            return;
        }
        let Some(payable) = self.payable_mut(&disputed.payee) else { return };
        // Nobody disputes the payee's own money.
        let twice = payable.twice.map_or(0, |twice| twice.minor);
        let part = payable.amount.minus(disputed.amount).ok().filter(|left| left.minor >= twice);
        let Some(left) = part.filter(|_| payable.status == PayableStatus::Owed) else { return };
        payable.amount = left;
        let (payee, amount) = (disputed.payee.clone(), disputed.amount);
        self.course.moves = vec![Move { what: MoveKind::Withhold, payee, amount }];
        let (payee, amount, reason) = (disputed.payee, disputed.amount, disputed.reason);
        self.course.disputes.push(Dispute {
            payee,
            amount,
            reason,
            by: actor.person.clone(),
            at: now,
            granted: None,
            because: None,
            agreed: Vec::new(),
            asked: None,
            declined: None,
        });
    }

    /// The dispute of a payee that is decided next.
    fn open_dispute(&mut self, payee: &PartyId) -> Option<&mut Dispute> {
        self.course.disputes.iter_mut().find(|open| open.payee == *payee && open.granted.is_none())
    }

    /// Settles a dispute at once, in the chart before its third version.
    pub(super) fn resolve_dispute(&mut self, data: &Value) {
        let Ok(Resolved { payee, granted, .. }) = Resolved::deserialize(data) else { return };
        self.grant(&payee, granted, None, Vec::new());
    }

    /// Somebody wants a dispute to be settled: people are asked.
    pub(super) fn ask_to_settle(&mut self, data: &Value, event: &Event, now: Timestamp) {
        self.ask_anew();
        let Ok(Resolved { payee, granted, reason }) = Resolved::deserialize(data) else { return };
        let Some(open) = self.open_dispute(&payee) else { return };
        if open.amount.minus(granted).is_ok_and(|refused| refused.minor >= 0) {
            open.asked = Some(now);
            let (disputed, because) = (open.amount, open.reason.clone());
            self.asked_by(event);
            self.course.settlement_asked = Some(Proposal { payee, disputed, because, granted, reason });
        }
    }

    /// People have agreed to how a dispute is settled.
    pub(super) fn settle_dispute(&mut self, settlement: Proposal, agreed: Vec<Agreed>) {
        self.grant(&settlement.payee, settlement.granted, Some(settlement.reason), agreed);
    }

    fn grant(&mut self, payee: &PartyId, granted: Money, because: Option<String>, agreed: Vec<Agreed>) {
        let Some(open) = self.open_dispute(payee) else { return };
        let Some(refused) = open.amount.minus(granted).ok().filter(|refused| refused.minor >= 0) else { return };
        (open.granted, open.because, open.asked, open.declined) = (Some(granted), because, None, None);
        open.agreed = agreed;
        if let Some(payable) = self.payable_mut(payee) {
            payable.owe_more(granted);
        }
        let parts = [(MoveKind::OweAgain, granted), (MoveKind::Refuse, refused)];
        let moved = parts.into_iter().filter(|(_, amount)| amount.minor > 0);
        self.course.moves = moved.map(|(what, amount)| Move { what, payee: payee.clone(), amount }).collect();
    }

    /// Nothing became of what was proposed for a dispute: it stays open, and says why. The proposal is off once something else is asked
    /// for, so that nobody is asked anew as the time ends.
    pub(super) fn settlement_declined(&mut self, why: &str, at: Timestamp) {
        let Some(payee) = self.course.settlement_asked.as_ref().map(|asked| asked.payee.clone()) else { return };
        if let Some(open) = self.open_dispute(&payee).filter(|open| open.asked.is_some()) {
            (open.asked, open.declined) = (None, Some(Declined { at, why: why.to_owned() }));
        }
    }
}
