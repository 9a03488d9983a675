//! Why a month cannot be closed. Nothing is exported then.

use crate::{
    context::funding::Treatment,
    ids::{LegalEntityId, ProgrammeId},
    ledger::{Account, PostingAction},
    money::{Currency, Money},
};

/// Why there is no batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The calendar ends.
    #[error("the month lies beyond the calendar")]
    BeyondCalendar,
    /// Months are closed one after the other.
    #[error(
        "`{entity}` closes {expected} next, and not {asked}; months are closed one after the other, and none twice"
    )]
    OutOfOrder {
        /// The legal entity.
        entity: LegalEntityId,
        /// The month that is next.
        expected: String,
        /// The month that was asked for.
        asked: String,
    },
    /// Nobody knows the fund.
    #[error("fund `{fund}` is in the ledger and there is no such fund; run `entente ledger verify`")]
    UnknownFund {
        /// The fund.
        fund: String,
    },
    /// The rules do not say how a programme is booked.
    #[error(
        "the rules do not say how `{entity}` books programme `{programme}`, to which fund `{fund}` belongs; add it under `programmes`"
    )]
    NoScheme {
        /// The legal entity.
        entity: LegalEntityId,
        /// The programme.
        programme: ProgrammeId,
        /// The fund.
        fund: String,
    },
    /// The rules do not say what a movement does.
    #[error(
        "movement `{movement}` of fund `{fund}` (journal {journal}) is mapped to no account for programme `{programme}` of `{entity}`; map it, or say why it is a `memo`"
    )]
    Unmapped {
        /// The movement.
        movement: PostingAction,
        /// The fund.
        fund: String,
        /// The first journal of this kind.
        journal: i64,
        /// The programme.
        programme: ProgrammeId,
        /// The legal entity.
        entity: LegalEntityId,
    },
    /// Fund and rules do not agree.
    #[error(
        "fund `{fund}` was approved as `{fund_says}`, and the rules treat programme `{programme}` as `{rules_say}`; correct one of them",
        fund_says = fund_says.word(), rules_say = rules_say.word()
    )]
    TreatmentDiffers {
        /// The fund.
        fund: String,
        /// What was approved with it.
        fund_says: Treatment,
        /// The programme.
        programme: ProgrammeId,
        /// What the rules say.
        rules_say: Treatment,
    },
    /// Opening and movements do not make what the ledger holds.
    #[error(
        "fund `{fund}` does not tie out: {rolled} {account} by opening and movements, and {stands} in the ledger; run `entente ledger verify`, then prepare again"
    )]
    DoesNotTie {
        /// The fund.
        fund: String,
        /// The account.
        account: Account,
        /// What opening and movements make.
        rolled: Money,
        /// What stands there.
        stands: Money,
    },
    /// The general ledger would owe more than the ledger does.
    #[error(
        "fund `{fund}` owes {owed}, and {booked} would stand on accounts of class `liability`; correct the rules so that what is owed is booked there once"
    )]
    LiabilityBeyond {
        /// The fund.
        fund: String,
        /// What it owes.
        owed: Money,
        /// What would be booked.
        booked: Money,
    },
    /// More is held for requests than the fund holds.
    #[error("requests hold more of fund `{fund}` in {currency} than the ledger does; run `entente ledger verify`")]
    HeldBeyond {
        /// The fund.
        fund: String,
        /// The currency.
        currency: Currency,
    },
    /// Debits and credits differ.
    #[error("the batch does not balance in {currency}: {debits} debited and {credits} credited")]
    Unbalanced {
        /// The currency.
        currency: Currency,
        /// Debits, in minor units.
        debits: i128,
        /// Credits, in minor units.
        credits: i128,
    },
    /// A sum cannot be kept.
    #[error("fund `{fund}` would be booked with more than can be counted exactly")]
    Overflow {
        /// The fund.
        fund: String,
    },
}
