//! Papers that owe money to payees: claims, and orders to suppliers. A payout run asks both in the same words.

use std::collections::BTreeSet;

use entente_core::{
    context::funding::{ClaimPaper, OrderPaper, Paper as _, Payable},
    ids::{FundId, LegalEntityId, PartyId, PersonId, RunId},
    mdf::PackPin,
    money::Currency,
    run::Snapshot,
    scope::Scope,
};
use entente_store::{RunFilter, Store};
use jiff::Timestamp;

use super::stored::{self, Stored, typed};
use crate::offers::DeskError;

/// A paper that owes money.
#[derive(Debug, Clone)]
pub enum Debt {
    /// A claim.
    Claim(Box<Stored<ClaimPaper>>),
    /// An order to a supplier.
    Order(Box<Stored<OrderPaper>>),
}

impl Debt {
    /// The one of a label.
    ///
    /// # Errors
    /// When there is none, or the database cannot be read.
    pub async fn of(store: &dyn Store, label: &str) -> Result<Debt, DeskError> {
        let row = store.run_by_label(&Scope::vendor(), label).await?;
        match row {
            Some(row) if row.snapshot.chart.name == ClaimPaper::NAME => Ok(Debt::Claim(Box::new(typed(row)?))),
            Some(row) if row.snapshot.chart.name == OrderPaper::NAME => Ok(Debt::Order(Box::new(typed(row)?))),
            _ => Err(entente_store::Error::NotFound { kind: "claim or order", id: label.to_owned() }.into()),
        }
    }

    /// Those that have not ended and whose state has a tag.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tagged(store: &dyn Store, tag: &str) -> Result<Vec<Debt>, DeskError> {
        let filter = || RunFilter { tag: Some(tag.to_owned()), ended: Some(false), ..RunFilter::default() };
        let claims = stored::papers::<ClaimPaper>(store, &Scope::vendor(), filter()).await?;
        let orders = stored::papers::<OrderPaper>(store, &Scope::vendor(), filter()).await?;
        let claims = claims.into_iter().map(|claim| Debt::Claim(Box::new(claim)));
        Ok(claims.chain(orders.into_iter().map(|order| Debt::Order(Box::new(order)))).collect())
    }

    /// Every one there ever was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn all(store: &dyn Store) -> Result<Vec<Debt>, DeskError> {
        let claims = stored::papers::<ClaimPaper>(store, &Scope::vendor(), RunFilter::default()).await?;
        let orders = stored::papers::<OrderPaper>(store, &Scope::vendor(), RunFilter::default()).await?;
        let claims = claims.into_iter().map(|claim| Debt::Claim(Box::new(claim)));
        Ok(claims.chain(orders.into_iter().map(|order| Debt::Order(Box::new(order)))).collect())
    }

    /// Its label.
    pub fn label(&self) -> &str {
        match self {
            Debt::Claim(claim) => claim.label(),
            Debt::Order(order) => order.label(),
        }
    }

    /// Its run.
    pub fn run(&self) -> RunId {
        match self {
            Debt::Claim(claim) => claim.row.snapshot.run,
            Debt::Order(order) => order.row.snapshot.run,
        }
    }

    /// Where its run stands.
    pub fn snapshot(&self) -> &Snapshot {
        match self {
            Debt::Claim(claim) => &claim.row.snapshot,
            Debt::Order(order) => &order.row.snapshot,
        }
    }

    /// Whether a part of what it owes is disputed.
    pub fn is_disputed(&self) -> bool {
        match self {
            Debt::Claim(claim) => claim.sheet.course.disputes.iter().any(|dispute| dispute.granted.is_none()),
            Debt::Order(_) => false,
        }
    }

    /// The legal entity that pays.
    pub fn legal_entity(&self) -> &LegalEntityId {
        match self {
            Debt::Claim(claim) => &claim.sheet.paper.legal_entity,
            Debt::Order(order) => &order.sheet.paper.legal_entity,
        }
    }

    /// The currency that it owes.
    pub fn currency(&self) -> Currency {
        match self {
            Debt::Claim(claim) => claim.sheet.paper.currency,
            Debt::Order(order) => order.sheet.paper.currency,
        }
    }

    /// The fund that pays, once it is known.
    pub fn fund(&self) -> Option<&FundId> {
        match self {
            Debt::Claim(claim) => claim.sheet.course.fund.as_ref(),
            Debt::Order(order) => order.sheet.course.fund.as_ref(),
        }
    }

    /// The pack that says how long new bank details wait, and how much of a payment may be taken off.
    pub fn pack(&self) -> Option<&PackPin> {
        match self {
            Debt::Claim(claim) => claim.sheet.course.pack.as_ref(),
            Debt::Order(order) => order.sheet.course.pack.as_ref(),
        }
    }

    /// When a claim was approved; nothing of an order, which is no claim.
    pub fn approved_at(&self) -> Option<Timestamp> {
        match self {
            Debt::Claim(claim) => claim.sheet.course.approved_at,
            Debt::Order(_) => None,
        }
    }

    /// What it owes, payee by payee.
    pub fn payables(&self) -> impl Iterator<Item = &Payable> {
        let (claim, order) = match self {
            Debt::Claim(claim) => (claim.sheet.course.payables.as_slice(), None),
            Debt::Order(order) => (<&[Payable]>::default(), order.sheet.course.payable.as_ref()),
        };
        claim.iter().chain(order)
    }

    /// What it owes to a payee.
    pub fn payable_of(&self, payee: &PartyId) -> Option<&Payable> {
        self.payables().find(|payable| payable.payee == *payee)
    }

    /// Those from whom anything was ever claimed back.
    pub fn claimed_back_from(&self) -> BTreeSet<&PartyId> {
        let clawbacks = match self {
            Debt::Claim(claim) => &claim.sheet.course.clawbacks,
            Debt::Order(order) => &order.sheet.course.clawbacks,
        };
        clawbacks.iter().map(|clawback| &clawback.payee).collect()
    }

    /// What is claimed back from a payee and has not come, in minor units.
    pub fn open_back(&self, payee: &PartyId) -> i64 {
        match self {
            Debt::Claim(claim) => claim.sheet.course.open_back(payee),
            Debt::Order(order) if order.sheet.paper.supplier.party == *payee => order.sheet.course.open_back(),
            Debt::Order(_) => 0,
        }
    }

    /// Everybody who asked for the money or had a hand in what it is owed for: none of them may approve its payment.
    pub fn people(&self) -> BTreeSet<PersonId> {
        match self {
            Debt::Claim(claim) => claim.sheet.authors.iter().chain(&claim.sheet.course.submitted_by).cloned().collect(),
            Debt::Order(order) => {
                let (sheet, course) = (&order.sheet, &order.sheet.course);
                let approvers = course.approvers.iter().filter(|_| course.terms.separate_people);
                let written = sheet.authors.iter().chain(&course.concerned).chain(approvers).cloned();
                written.chain(course.hands()).collect()
            }
        }
    }
}
