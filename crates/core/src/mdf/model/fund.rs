//! Where the money comes from.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{FundId, PersonId, RequestId},
    money::Money,
};

/// A fund: one partner's part of a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fund {
    /// Its id.
    pub id: FundId,
    /// How it is filled.
    pub kind: FundKind,
    /// Whether it counts money or points.
    pub unit: FundUnit,
    /// The day on which it was opened.
    pub opened_on: Date,
    /// The last day of the period in which it may be used.
    pub usage_until: Date,
    /// What it was given.
    pub allocated: Money,
    /// What is held for approved requests.
    pub reserved: Money,
    /// What was paid out of it.
    pub spent: Money,
    /// What expired.
    pub expired: Money,
    /// What is asked for by every request on it but this one.
    pub requested: Money,
    /// What was granted in each category of activities.
    #[serde(default)]
    pub granted_by_category: BTreeMap<String, Money>,
    /// The budget that it is a part of.
    pub budget: Budget,
    /// What the partner earned, where the fund accrues.
    #[serde(default)]
    pub accrual: Option<Accrual>,
    /// Extensions and renewals of its period.
    #[serde(default)]
    pub changes: Vec<PeriodChange>,
    /// Requests that wait for money, the longest waiting first.
    #[serde(default)]
    pub queue: Vec<Queued>,
    /// What was booked on it.
    #[serde(default)]
    pub movements: Vec<Movement>,
    /// Its statements, where they are kept.
    #[serde(default)]
    pub statements: Option<Vec<Statement>>,
}

impl Fund {
    /// What may still be reserved.
    ///
    /// # Errors
    /// When the amounts are of different currencies.
    pub fn free(&self) -> Result<Money, crate::money::MoneyError> {
        self.allocated.minus(self.reserved)?.minus(self.spent)?.minus(self.expired)
    }
}

/// How a fund is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundKind {
    /// Given at the vendor's discretion.
    Discretionary,
    /// Earned by sales.
    Accrual,
}

/// What a fund counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundUnit {
    /// Money.
    Money,
    /// Points.
    Points,
}

/// The budget around a fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// How much.
    pub amount: Money,
    /// The sum of what was allocated out of it, this fund included.
    pub allocated: Money,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
}

/// What a partner earned in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accrual {
    /// How much.
    pub earned: Money,
    /// First day of the earning period.
    pub from: Date,
    /// How it was split, once it was.
    #[serde(default)]
    pub split: Option<EarnedSplit>,
    /// Whether it was turned into a rebate as a whole.
    #[serde(default)]
    pub turned_into_rebate: bool,
}

/// How earnings were split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarnedSplit {
    /// Paid out as a rebate.
    pub rebate: Money,
    /// Credited to the fund.
    pub fund: Money,
}

/// A longer period for a fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodChange {
    /// Before or after its end.
    pub kind: PeriodChangeKind,
    /// The last day of the period that it changes.
    pub was_until: Date,
    /// The new last day.
    pub until: Date,
    /// When it was asked for.
    pub asked_on: Date,
    /// Who approved it.
    #[serde(default)]
    pub approved_by: Option<PersonId>,
}

/// Whether a period is changed before or after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodChangeKind {
    /// Before.
    Extend,
    /// After.
    Renew,
}

/// A request that waits for money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queued {
    /// The request.
    pub request: RequestId,
    /// Since when.
    pub since: Date,
}

/// One booking on a fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Movement {
    /// Its number, rising by one.
    pub number: u64,
    /// What it does.
    pub kind: MovementKind,
    /// How much; a reversal takes as much back.
    pub amount: Money,
    /// The movement that it reverses.
    #[serde(default)]
    pub reverses: Option<u64>,
}

/// What a booking does. The last two are what a ledger may not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// The fund is given more.
    Credit,
    /// The fund is given less.
    Debit,
    /// The unused part lapses.
    Expiry,
    /// A claim is paid.
    Reimbursement,
    /// An earlier booking was changed.
    Edit,
    /// An earlier booking was removed.
    Deletion,
}

/// A monthly statement of a fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// First day of its month.
    pub month: Date,
    /// Whether it is signed.
    pub signed: bool,
    /// How many of its lines name no rule.
    pub lines_without_rule: u32,
}
