//! What a month is closed from: journals, what stood at its end, and what partners were then entitled to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Batch, Estimate, PostingRules};
use crate::{
    context::funding::Treatment,
    ids::{LegalEntityId, ProgrammeId},
    ledger::{Account, PostingAction},
    mdf::{model::FundKind, statement::Period},
    money::{Currency, Money},
};

/// A journal of the ledger that no earlier month took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its number.
    pub journal: i64,
    /// When it was booked.
    pub at: Timestamp,
    /// The fund.
    pub fund: String,
    /// The movement.
    pub action: PostingAction,
    /// How much moved; always positive.
    pub amount: Money,
}

/// What the books need of a fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundFacts {
    /// Its programme.
    pub programme: ProgrammeId,
    /// How it is filled.
    pub kind: FundKind,
    /// The treatment that was approved with it.
    pub treatment: Treatment,
    /// Its own cost centre; may be empty.
    pub cost_centre: String,
}

/// What stood on an account of a fund at the month's end, read apart from the journals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The fund.
    pub fund: String,
    /// The currency.
    pub currency: Currency,
    /// The account.
    pub account: Account,
    /// Minor units.
    pub minor: i64,
}

/// A request for which money was held at the month's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequest {
    /// Its label.
    pub request: String,
    /// The fund.
    pub fund: String,
    /// What was held.
    pub held: Money,
    /// Whether its activity was over.
    pub performed: bool,
    /// What claims that were submitted and not yet approved asked for, by their labels.
    pub claims: Vec<(String, Money)>,
}

/// An order to a supplier for which money was committed at the month's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its label.
    pub order: String,
    /// The fund.
    pub fund: String,
    /// What was committed to it and not invoiced.
    pub committed: Money,
    /// What was received of it and not invoiced, at the order's prices.
    pub received: Money,
}

/// Everything that a month of a legal entity is closed from.
#[derive(Debug, Clone)]
pub struct Books<'a> {
    /// The legal entity.
    pub entity: LegalEntityId,
    /// The month.
    pub period: Period,
    /// The rules.
    pub rules: &'a PostingRules,
    /// Funds, by their ids.
    pub funds: BTreeMap<String, FundFacts>,
    /// Journals booked before the month's end that no earlier month took, by number.
    pub journals: Vec<Moved>,
    /// The greatest number of any journal that was looked at.
    pub cut: i64,
    /// The month closed before, with the SHA-256 of what was locked; `None` before the first one.
    pub previous: Option<(&'a Batch, String)>,
    /// What stood on each account of the legal entity's funds at the month's end.
    pub standing: Vec<Standing>,
    /// Requests for which money was held at the month's end.
    pub requests: Vec<OpenRequest>,
    /// Orders for which money was committed at the month's end.
    pub orders: Vec<OpenOrder>,
    /// Approved estimates of what will never be claimed, by programme.
    pub estimates: BTreeMap<ProgrammeId, Estimate>,
}
