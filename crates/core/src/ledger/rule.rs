//! The one rule: what a posting may move, given what stands on the two accounts that it touches.

use super::{Account, Posting, PostingAction};
use crate::money::{Currency, Money};

/// Why a posting is refused. Nothing is booked then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More is asked for than is free.
    #[error("fund `{fund}` has {free} free and {asked} is asked for; allocate more or ask for less")]
    Insufficient {
        /// The fund.
        fund: String,
        /// What is free.
        free: Money,
        /// What is asked for.
        asked: Money,
    },
    /// Nothing stands on the account for the key.
    #[error("fund `{fund}` has nothing {account} in {currency} for `{key}`, so there is nothing to {action}")]
    Nothing {
        /// The fund.
        fund: String,
        /// The account.
        account: Account,
        /// The key; empty where the account keeps none.
        key: String,
        /// The currency.
        currency: Currency,
        /// What was to be done.
        action: PostingAction,
    },
    /// More is to leave the account than stands on it for the key.
    #[error(
        "fund `{fund}` has {held} {account} for `{key}` and {asked} is asked for; ask for what is there, or book the difference first"
    )]
    Beyond {
        /// The fund.
        fund: String,
        /// The account.
        account: Account,
        /// The key; empty where the account keeps none.
        key: String,
        /// What is there.
        held: Money,
        /// What is asked for.
        asked: Money,
    },
    /// The key holds an amount already.
    #[error("fund `{fund}` already holds {held} for `{key}`; void it first or use another key")]
    AlreadyReserved {
        /// The fund.
        fund: String,
        /// The key.
        key: String,
        /// What is held.
        held: Money,
    },
    /// The amount is zero or negative.
    #[error("{asked} cannot be booked on fund `{fund}`; the action gives the direction, the amount is always positive")]
    NotPositive {
        /// The fund.
        fund: String,
        /// The amount.
        asked: Money,
    },
    /// The posting says what the money is for on an account that does not ask.
    #[error(
        "`{action}` leads to what is {account} in fund `{fund}`, which is for nothing in particular; leave out `to`"
    )]
    ForNothing {
        /// The fund.
        fund: String,
        /// What was to be done.
        action: PostingAction,
        /// The account that it leads to.
        account: Account,
    },
    /// The fund would hold more than can be counted exactly.
    #[error("fund `{fund}` would grow beyond what can be counted exactly")]
    Overflow {
        /// The fund.
        fund: String,
    },
}

/// What stands on a posting's two accounts before it, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// On the account and key that the money leaves.
    pub source: i64,
    /// On the account and key that it reaches.
    pub target: i64,
}

/// How many minor units a posting moves.
///
/// # Errors
/// The rule that refuses it, with its figures.
pub fn judge(posting: &Posting, standing: Standing) -> Result<i64, Refusal> {
    let (fund, asked) = (posting.fund.clone(), posting.amount);
    let money = |minor: i64| Money { minor, ..asked };
    let ((source, key), (target, target_key)) = (posting.source(), posting.target());
    if asked.minor <= 0 {
        return Err(Refusal::NotPositive { fund, asked });
    }
    if posting.to.is_some() && !target.is_keyed() {
        return Err(Refusal::ForNothing { fund, action: posting.action, account: target });
    }
    if posting.action == PostingAction::Reserve && standing.target > 0 {
        return Err(Refusal::AlreadyReserved { fund, key: target_key.to_owned(), held: money(standing.target) });
    }
    let there = if source.is_debt() { asked.minor } else { standing.source };
    let moved = if posting.action.is_bound() { asked.minor.min(there) } else { asked.minor };
    if moved > there && source == Account::Free {
        return Err(Refusal::Insufficient { fund, free: money(there), asked });
    }
    let key = || key.to_owned();
    if there <= 0 {
        return Err(Refusal::Nothing {
            fund,
            account: source,
            key: key(),
            currency: asked.currency,
            action: posting.action,
        });
    }
    if moved > there {
        return Err(Refusal::Beyond { fund, account: source, key: key(), held: money(there), asked });
    }
    // What came in beside the fund is paid as far as it came in: what is owed besides is the fund's.
    let came_in = standing.target.saturating_neg();
    if target == Account::Surplus && moved > came_in {
        let key = target_key.to_owned();
        return Err(Refusal::Beyond { fund, account: target, key, held: money(came_in), asked });
    }
    let counted = standing.source.checked_sub(moved).and(standing.target.checked_add(moved));
    counted.map(|_| moved).ok_or(Refusal::Overflow { fund })
}
