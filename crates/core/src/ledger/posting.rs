//! What a step asks the ledger to book: one movement of money from one account to another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Account;
use crate::money::Money;

/// What a step asks the ledger to do. The store books all of a step's postings in the step's own transaction, or refuses
/// the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The fund, such as `emea-2027`; with the amount's currency it names one balance per account and key.
    pub fund: String,
    /// What the posting is about, unique within the fund for a reservation: `request/REQ-2027-00007`.
    pub key: String,
    /// What to do.
    pub action: PostingAction,
    /// How much; always positive.
    pub amount: Money,
    /// What the money is for from now on, where that is another thing: a request's reservation becomes a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Posting {
    /// A posting about one thing.
    pub fn new(action: PostingAction, fund: impl Into<String>, key: impl Into<String>, amount: Money) -> Posting {
        Posting { fund: fund.into(), key: key.into(), action, amount, to: None }
    }

    /// The same, for another thing from now on.
    pub fn to(self, key: impl Into<String>) -> Posting {
        Posting { to: Some(key.into()), ..self }
    }

    /// The account that the money leaves, and its key there; empty where the account keeps none.
    pub fn source(&self) -> (Account, &str) {
        let (source, _) = self.action.movement();
        (source, if source.is_keyed() { &self.key } else { "" })
    }

    /// The account that the money reaches, and its key there; empty where the account keeps none.
    pub fn target(&self) -> (Account, &str) {
        let (_, target) = self.action.movement();
        (target, if target.is_keyed() { self.to.as_deref().unwrap_or(&self.key) } else { "" })
    }
}

/// The life of an amount: the only movements there are. What was wrong is moved back, never edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingAction {
    /// Raise what the fund may spend.
    Allocate,
    /// Lower what the fund may spend; refused beyond what is free.
    Withdraw,
    /// Note what sales have earned, before it may be used.
    Earn,
    /// Take earnings back, as goods were returned.
    Unearn,
    /// Let earnings be used.
    Credit,
    /// Hold the amount for `key`; refused beyond what is free.
    Reserve,
    /// Commit the amount to a claim out of what `key` holds, in full or in part.
    Post,
    /// Give back what `key` still holds (the amount is an upper bound).
    Void,
    /// As void, because its time is over.
    Expire,
    /// Free what was committed by mistake.
    Reverse,
    /// Owe a payee what was committed.
    Owe,
    /// Owe it no longer, while it is disputed.
    Withhold,
    /// Pay what is owed.
    Pay,
    /// Owe again what the bank returned.
    Reopen,
    /// Count as paid what was committed and is given in kind.
    Deliver,
    /// Owe a payee what was committed, before anything is proven.
    OweAdvance,
    /// Pay what is owed in advance: a receivable until its use is proven.
    PayAdvance,
    /// Owe in advance again what the bank returned.
    ReopenAdvance,
    /// Pay out of what `key` holds before anything is proven.
    Advance,
    /// Count an advance as paid, as its use is proven.
    Prove,
    /// Free what came back of an advance.
    Return,
    /// Claim back what of an advance was not proven.
    CallIn,
    /// Claim back what was paid.
    ClawBack,
    /// Free what was claimed back and has come.
    Recover,
    /// Claim it back no longer.
    Waive,
    /// Let what is free lapse (the amount is an upper bound).
    Lapse,
    /// Renew what has lapsed.
    Renew,
    /// Free what was given in kind and came back as it was given.
    TakeBack,
    /// Owe a payee what came in and is no fund's.
    OweSurplus,
    /// Pay it.
    PaySurplus,
}

impl PostingAction {
    /// Every action.
    pub const ALL: [PostingAction; 30] = [
        PostingAction::Allocate,
        PostingAction::Withdraw,
        PostingAction::Earn,
        PostingAction::Unearn,
        PostingAction::Credit,
        PostingAction::Reserve,
        PostingAction::Post,
        PostingAction::Void,
        PostingAction::Expire,
        PostingAction::Reverse,
        PostingAction::Owe,
        PostingAction::Withhold,
        PostingAction::Pay,
        PostingAction::Reopen,
        PostingAction::Deliver,
        PostingAction::OweAdvance,
        PostingAction::PayAdvance,
        PostingAction::ReopenAdvance,
        PostingAction::Advance,
        PostingAction::Prove,
        PostingAction::Return,
        PostingAction::CallIn,
        PostingAction::ClawBack,
        PostingAction::Recover,
        PostingAction::Waive,
        PostingAction::Lapse,
        PostingAction::Renew,
        PostingAction::TakeBack,
        PostingAction::OweSurplus,
        PostingAction::PaySurplus,
    ];

    /// Which account the money leaves, and which it reaches.
    pub fn movement(self) -> (Account, Account) {
        use Account::{Allocated, Clawback, Earned, Free, Lapsed, Paid, Payable, Posted, Prepaid, Reserved, Surplus};
        match self {
            PostingAction::Allocate => (Allocated, Free),
            PostingAction::Withdraw => (Free, Allocated),
            PostingAction::Earn => (Allocated, Earned),
            PostingAction::Unearn => (Earned, Allocated),
            PostingAction::Credit => (Earned, Free),
            PostingAction::Reserve => (Free, Reserved),
            PostingAction::Post => (Reserved, Posted),
            PostingAction::Void | PostingAction::Expire => (Reserved, Free),
            PostingAction::Reverse => (Posted, Free),
            PostingAction::Owe | PostingAction::OweAdvance => (Posted, Payable),
            PostingAction::Withhold => (Payable, Posted),
            PostingAction::Pay => (Payable, Paid),
            PostingAction::Reopen => (Paid, Payable),
            PostingAction::Deliver => (Posted, Paid),
            PostingAction::PayAdvance => (Payable, Prepaid),
            PostingAction::ReopenAdvance => (Prepaid, Payable),
            PostingAction::Advance => (Reserved, Prepaid),
            PostingAction::Prove => (Prepaid, Paid),
            PostingAction::Return => (Prepaid, Free),
            PostingAction::CallIn => (Prepaid, Clawback),
            PostingAction::ClawBack => (Paid, Clawback),
            PostingAction::Recover => (Clawback, Free),
            PostingAction::Waive => (Clawback, Paid),
            PostingAction::Lapse => (Free, Lapsed),
            PostingAction::Renew => (Lapsed, Free),
            PostingAction::TakeBack => (Paid, Free),
            PostingAction::OweSurplus => (Surplus, Payable),
            PostingAction::PaySurplus => (Payable, Surplus),
        }
    }

    /// Whether the amount is an upper bound: it moves what is there, and at most so much.
    pub fn is_bound(self) -> bool {
        matches!(self, PostingAction::Void | PostingAction::Expire | PostingAction::Lapse)
    }

    /// The word under which it is stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            PostingAction::Allocate => "allocate",
            PostingAction::Withdraw => "withdraw",
            PostingAction::Earn => "earn",
            PostingAction::Unearn => "unearn",
            PostingAction::Credit => "credit",
            PostingAction::Reserve => "reserve",
            PostingAction::Post => "post",
            PostingAction::Void => "void",
            PostingAction::Expire => "expire",
            PostingAction::Reverse => "reverse",
            PostingAction::Owe => "owe",
            PostingAction::Withhold => "withhold",
            PostingAction::Pay => "pay",
            PostingAction::Reopen => "reopen",
            PostingAction::Deliver => "deliver",
            PostingAction::OweAdvance => "owe_advance",
            PostingAction::PayAdvance => "pay_advance",
            PostingAction::ReopenAdvance => "reopen_advance",
            PostingAction::Advance => "advance",
            PostingAction::Prove => "prove",
            PostingAction::Return => "return",
            PostingAction::CallIn => "call_in",
            PostingAction::ClawBack => "claw_back",
            PostingAction::Recover => "recover",
            PostingAction::Waive => "waive",
            PostingAction::Lapse => "lapse",
            PostingAction::Renew => "renew",
            PostingAction::TakeBack => "take_back",
            PostingAction::OweSurplus => "owe_surplus",
            PostingAction::PaySurplus => "pay_surplus",
        }
    }
}

impl fmt::Display for PostingAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word names no movement of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no movement that the ledger knows")]
pub struct UnknownAction(pub String);

impl FromStr for PostingAction {
    type Err = UnknownAction;

    fn from_str(word: &str) -> Result<PostingAction, UnknownAction> {
        let known = PostingAction::ALL.into_iter().find(|action| action.word() == word);
        known.ok_or_else(|| UnknownAction(word.chars().take(40).collect()))
    }
}
