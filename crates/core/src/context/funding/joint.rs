//! Requests and claims that several funds pay together. Each fund has a run of its own for its part, which keeps the amounts of the
//! whole: a part is exactly what the split of its whole makes of it, or it is refused.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ClaimPaper, Paper as _, Percent, RequestPaper, check_at};
use crate::{
    context::FieldError,
    ids::FundId,
    mdf::{BasisPoints, model::ClaimKind, shares},
    money::Money,
    offer::{DocumentError, source},
};

/// The kind of key under which the parts of a joint request are found.
pub const REQUEST_JOINT_KEY: &str = "request.joint";

/// The kind of key under which the parts of a joint claim are found.
pub const CLAIM_JOINT_KEY: &str = "claim.joint";

/// How many funds pay one request at most.
pub const MOST_FUNDS: usize = 20;

/// What one fund bears of a joint request: a share of it, or an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Funding {
    /// The fund.
    pub fund: FundId,
    /// Its share of what is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Percent>,
    /// What is asked of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

impl Funding {
    /// Its weight among all.
    pub fn weight(&self) -> u64 {
        let amount = self.amount.and_then(|amount| u64::try_from(amount.minor).ok());
        amount.or(self.share.map(|share| u64::from(share.0.0))).unwrap_or(0)
    }
}

/// Of which whole a request is a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointRequest {
    /// The label of the whole.
    pub label: String,
    /// Which part it is, from 0: the place of its fund.
    pub part: usize,
    /// What each fund bears.
    pub funding: Vec<Funding>,
    /// What is asked of all of them.
    pub amount: Money,
    /// The whole cost, item by item.
    pub items: Vec<Money>,
}

impl JointRequest {
    /// The weights of all parts.
    pub fn weights(&self) -> Vec<u64> {
        self.funding.iter().map(Funding::weight).collect()
    }
}

/// A part of a joint request, as a claim on the whole knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedPart {
    /// The request, by its label.
    pub request: String,
    /// Its weight among all.
    pub weight: u64,
    /// Whether it was granted, so that it is claimed. The share of one that was not stays with the partner.
    pub granted: bool,
}

/// Of which whole a claim is a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointClaim {
    /// The label of the whole.
    pub label: String,
    /// The joint request, by its label.
    pub request: String,
    /// Which part it is, from 0.
    pub part: usize,
    /// All parts.
    pub parts: Vec<ClaimedPart>,
    /// What is claimed of all.
    pub amount: Money,
    /// The whole cost, line by line.
    pub lines: Vec<Money>,
    /// All money from others.
    pub income: Vec<Money>,
    /// What is used of each invoice.
    pub invoices: Vec<Money>,
    /// All tax withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Money>,
}

impl JointClaim {
    /// The weights of all parts.
    pub fn weights(&self) -> Vec<u64> {
        self.parts.iter().map(|part| part.weight).collect()
    }
}

/// A request as it was written: of one fund, or of several.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestDocument {
    /// Of one.
    One(Box<RequestPaper>),
    /// Of several.
    Joint(Box<WholeRequest>),
}

/// A request of several funds, before it is split.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeRequest {
    /// What is asked for; its fund is the first one.
    pub paper: RequestPaper,
    /// What each fund bears.
    pub funding: Vec<Funding>,
}

/// A document with several funds in the place of one.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    funding: Option<Vec<Funding>>,
    #[serde(flatten)]
    paper: Map<String, Value>,
}

impl RequestDocument {
    /// Reads a request. The first defect is returned, with its place in the file.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, lacks a field or has an unknown one, or says what cannot be.
    pub fn load(file: &str, text: &str) -> Result<RequestDocument, DocumentError> {
        let several = source::made(file, text, |written: Written| Ok(written.funding.is_some()));
        if !several.is_ok_and(|several| several) {
            let paper = super::load_with(file, text, |paper: &RequestPaper| {
                check_at(paper.joint.is_none(), "/joint", "is written by Entente alone; write `funding` instead")?;
                paper.check()
            })?;
            return Ok(RequestDocument::One(Box::new(paper)));
        }
        let whole = source::made(file, text, WholeRequest::of)?;
        Ok(RequestDocument::Joint(Box::new(whole)))
    }
}

impl WholeRequest {
    fn of(Written { funding, mut paper }: Written) -> Result<WholeRequest, FieldError> {
        let funding = funding.unwrap_or_default();
        let once = "stands beside `funding`; write one of them";
        check_at(!paper.contains_key("fund"), "/fund", once)?;
        check_at(!paper.contains_key("joint"), "/joint", "is written by Entente alone; leave it out")?;
        let first = funding.first().map(|one| one.fund.to_string()).unwrap_or_default();
        check_at(!first.is_empty(), "/funding", "names no fund; name at least two")?;
        paper.insert("fund".into(), Value::String(first));
        let paper: RequestPaper = source::from_json(&Value::Object(paper), &|_| true)?;
        let whole = WholeRequest { paper, funding };
        whole.parts("JNT-0000-00000").map(|_| whole)
    }

    /// The request of each fund: every amount is split by the shares, to the last minor unit.
    ///
    /// # Errors
    /// When it says what cannot be; the error names the field.
    pub fn parts(&self, label: &str) -> Result<Vec<RequestPaper>, FieldError> {
        self.paper.check()?;
        check_funding(&self.funding, self.paper.amount)?;
        split_request(&self.paper, &self.funding, label)
    }
}

fn check_funding(funding: &[Funding], amount: Money) -> Result<(), FieldError> {
    check_at(funding.len() > 1, "/funding", "names one fund; write `fund` instead, or name at least two")?;
    check_at(funding.len() <= MOST_FUNDS, "/funding", format!("names more than {MOST_FUNDS} funds; name fewer"))?;
    let by_share = funding.first().is_some_and(|one| one.share.is_some());
    let mut named = BTreeSet::new();
    for (at, one) in funding.iter().enumerate() {
        let field = |name: &str| format!("/funding/{at}/{name}");
        check_at(named.insert(&one.fund), &field("fund"), "is named twice; write one share for each fund")?;
        let one_sort = one.share.is_some() == by_share && one.amount.is_some() != by_share;
        check_at(one_sort, &format!("/funding/{at}"), "has to have a `share`, or an `amount`, as all others have")?;
        let own = one.amount.map_or(amount.currency, |own| own.currency);
        check_at(own == amount.currency, &field("amount"), format!("is not in {}", amount.currency))?;
        let name = if by_share { "share" } else { "amount" };
        let something = one.weight() > 0;
        check_at(something, &field(name), "is nothing; leave the fund out")?;
    }
    if by_share {
        let sum: u64 = funding.iter().map(Funding::weight).sum();
        let told = Decimal::new(i64::try_from(sum).unwrap_or(i64::MAX), 2);
        let all = sum == u64::from(BasisPoints::WHOLE.0);
        check_at(all, "/funding", format!("add up to {told} %, and not to 100.00 %; correct one of them"))?;
    } else {
        let sum = Money::sum(amount.currency, funding.iter().filter_map(|one| one.amount));
        let sum = sum.map_err(|error| FieldError { field: "/funding".into(), message: error.to_string() })?;
        let words = format!("add up to {sum}, and not to the {amount} that are asked for; correct one of them");
        check_at(sum == amount, "/funding", words)?;
    }
    let weights: Vec<u64> = funding.iter().map(Funding::weight).collect();
    for (at, part) in split(amount, &weights, "/amount")?.into_iter().enumerate() {
        check_at(part.minor > 0, &format!("/funding/{at}"), "comes to nothing; ask for more, or leave the fund out")?;
    }
    Ok(())
}

fn split(whole: Money, weights: &[u64], field: &str) -> Result<Vec<Money>, FieldError> {
    let wrong = || FieldError { field: field.to_owned(), message: "cannot be split by these shares".into() };
    shares(whole, weights).ok_or_else(wrong)
}

/// Each of several amounts in its parts: for each part, what of each amount belongs to it.
fn split_all(wholes: &[Money], weights: &[u64], field: &str) -> Result<Vec<Vec<Money>>, FieldError> {
    let mut parts = vec![Vec::with_capacity(wholes.len()); weights.len()];
    for (at, whole) in wholes.iter().enumerate() {
        let split = split(*whole, weights, &format!("{field}/{at}/amount"))?;
        parts.iter_mut().zip(split).for_each(|(part, own)| part.push(own));
    }
    Ok(parts)
}

fn split_request(whole: &RequestPaper, funding: &[Funding], label: &str) -> Result<Vec<RequestPaper>, FieldError> {
    let weights: Vec<u64> = funding.iter().map(Funding::weight).collect();
    let items: Vec<Money> = whole.items.iter().map(|item| item.amount).collect();
    let amounts = split(whole.amount, &weights, "/amount")?;
    let parts = amounts.into_iter().zip(split_all(&items, &weights, "/items")?).zip(funding).enumerate();
    parts
        .map(|(part, ((amount, own), one))| {
            let mut paper = whole.clone();
            paper.fund = one.fund.clone();
            paper.amount = amount;
            paper.cost = sum(whole.cost, &own)?;
            paper.items.iter_mut().zip(own).for_each(|(item, own)| item.amount = own);
            paper.joint = Some(Box::new(JointRequest {
                label: label.to_owned(),
                part,
                funding: funding.to_vec(),
                amount: whole.amount,
                items: items.clone(),
            }));
            Ok(paper)
        })
        .collect()
}

fn sum(like: Money, amounts: &[Money]) -> Result<Money, FieldError> {
    Money::sum(like.currency, amounts.iter().copied())
        .map_err(|error| FieldError { field: "/cost".into(), message: error.to_string() })
}

impl RequestPaper {
    /// The request that it is a part of, with its whole amounts; itself, where one fund pays all of it.
    pub fn whole(&self) -> RequestPaper {
        let Some(joint) = &self.joint else { return self.clone() };
        let mut whole = RequestPaper { amount: joint.amount, joint: None, ..self.clone() };
        whole.items.iter_mut().zip(&joint.items).for_each(|(item, all)| item.amount = *all);
        let cost = Money::sum(self.cost.currency, joint.items.iter().copied());
        whole.cost = cost.unwrap_or(self.cost);
        whole
    }

    /// Whether it is exactly the part that it says to be.
    pub(super) fn check_part(&self, joint: &JointRequest) -> Result<(), FieldError> {
        let whole = self.whole();
        whole.check()?;
        check_funding(&joint.funding, whole.amount)?;
        let parts = split_request(&whole, &joint.funding, &joint.label)?;
        is_its_part(parts.get(joint.part) == Some(self) && !joint.label.is_empty())
    }
}

fn is_its_part(holds: bool) -> Result<(), FieldError> {
    check_at(holds, "/joint", "is not what the split of its whole comes to; enter the whole anew")
}

/// A claim on several requests of one whole, before it is split. Its own request names the joint one.
///
/// # Errors
/// When it cannot be split; the error names the field.
pub fn split_claim(whole: &ClaimPaper, parts: &[ClaimedPart], label: &str) -> Result<Vec<ClaimPaper>, FieldError> {
    let kind = ![ClaimKind::Advance, ClaimKind::InKind].contains(&whole.kind);
    let words = "is not paid by several funds; claim what the work has cost";
    check_at(kind, "/kind", words)?;
    let weights: Vec<u64> = parts.iter().map(|part| part.weight).collect();
    let lines: Vec<Money> = whole.lines.iter().map(|line| line.amount).collect();
    let income: Vec<Money> = whole.income.iter().map(|one| one.amount).collect();
    let invoices: Vec<Money> = whole.invoices.iter().map(|one| one.claimed).collect();
    let withheld = whole.tax.as_ref().and_then(|tax| tax.withheld);
    let amounts = split(whole.amount, &weights, "/amount")?;
    let (of_lines, of_income) = (split_all(&lines, &weights, "/lines")?, split_all(&income, &weights, "/income")?);
    let of_invoices = split_all(&invoices, &weights, "/invoices")?;
    let of_tax = withheld.map(|all| split(all, &weights, "/tax/withheld")).transpose()?;
    let mut claims = Vec::new();
    let amounts = amounts.into_iter().zip(of_lines).zip(of_income).zip(of_invoices).zip(parts).enumerate();
    for (part, ((((amount, lines_own), income_own), invoices_own), one)) in amounts.filter(|(_, all)| all.1.granted) {
        check_at(amount.minor > 0, "/amount", "is too little to be shared by the funds; claim more")?;
        let mut paper = ClaimPaper { request: one.request.clone(), amount, ..whole.clone() };
        paper.lines.iter_mut().zip(lines_own).for_each(|(line, own)| line.amount = own);
        paper.income.iter_mut().zip(income_own).for_each(|(one, own)| one.amount = own);
        paper.invoices.iter_mut().zip(invoices_own).for_each(|(one, own)| one.claimed = own);
        let own_tax = of_tax.as_ref().and_then(|all| all.get(part).copied());
        paper.tax.iter_mut().for_each(|tax| tax.withheld = own_tax);
        paper.joint = Some(Box::new(JointClaim {
            label: label.to_owned(),
            request: whole.request.clone(),
            part,
            parts: parts.to_vec(),
            amount: whole.amount,
            lines: lines.clone(),
            income: income.clone(),
            invoices: invoices.clone(),
            withheld,
        }));
        claims.push(paper);
    }
    Ok(claims)
}

impl ClaimPaper {
    /// The claim that it is a part of, with its whole amounts; itself, where it is claimed of one fund.
    pub fn whole(&self) -> ClaimPaper {
        let Some(joint) = &self.joint else { return self.clone() };
        let mut whole =
            ClaimPaper { request: joint.request.clone(), amount: joint.amount, joint: None, ..self.clone() };
        whole.lines.iter_mut().zip(&joint.lines).for_each(|(line, all)| line.amount = *all);
        whole.income.iter_mut().zip(&joint.income).for_each(|(one, all)| one.amount = *all);
        whole.invoices.iter_mut().zip(&joint.invoices).for_each(|(one, all)| one.claimed = *all);
        whole.tax.iter_mut().for_each(|tax| tax.withheld = joint.withheld);
        whole
    }

    /// Whether it is exactly the part that it says to be.
    pub(super) fn check_part(&self, joint: &JointClaim) -> Result<(), FieldError> {
        let whole = self.whole();
        whole.check()?;
        let parts = split_claim(&whole, &joint.parts, &joint.label)?;
        let own = parts.iter().find(|part| part.joint.as_ref().is_some_and(|other| other.part == joint.part));
        is_its_part(own == Some(self) && !joint.label.is_empty())
    }
}
