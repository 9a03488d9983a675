//! What counts, at which rate, and which name in a sales report is which partner.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{BadRow, EarnedLine, Sale};
use crate::{
    context::FieldError,
    ids::PartyId,
    mdf::cell::{BasisPoints, Cell as _, Within},
    money::{Currency, Money, MoneyError, Rounding},
    offer::{DocumentError, source},
};

/// A version of a plan by which partners earn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarningPlan {
    /// Its name, such as `cloud-accrual`.
    pub name: String,
    /// Its version, rising by one.
    pub version: u32,
    /// What it is for, in a line.
    pub title: String,
    /// The currency of every amount in the reports.
    pub currency: Currency,
    /// Product lines, each with the part of its net sales that is earned.
    pub lines: BTreeMap<String, BasisPoints>,
    /// The product line of each SKU.
    pub skus: BTreeMap<String, String>,
    /// SKUs by which nothing is earned.
    pub not_counted: BTreeSet<String>,
    /// The partners, by what the reports call them.
    pub partners: BTreeMap<String, PartyId>,
    /// Where the reports say what.
    pub columns: Columns,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// The headings under which a report says what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Who sold.
    pub partner: String,
    /// What.
    pub sku: String,
    /// The number of the sale or return, such as an invoice's line: it never counts twice.
    pub reference: String,
    /// The day, as `2026-11-30`.
    pub on: String,
    /// The net amount, such as `1234.50`; negative for a return.
    pub net: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    plan: String,
    version: u32,
    title: String,
    currency: Currency,
    lines: BTreeMap<String, Value>,
    skus: BTreeMap<String, String>,
    #[serde(default)]
    not_counted: BTreeSet<String>,
    partners: BTreeMap<String, PartyId>,
    columns: Columns,
}

impl EarningPlan {
    /// Reads a plan. The first defect is returned with file, line, column and field, and with what to write instead.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, lacks a field or has an unknown one, or says what cannot be.
    pub fn from_yaml(file: &str, text: &str) -> Result<EarningPlan, DocumentError> {
        let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
        source::made(file, text, |document| checked(document, sha256))
    }

    /// Reads a row of a report; `cell` gives what stands under a heading. `None` where nothing is earned by it.
    ///
    /// # Errors
    /// When something is missing or unknown; nothing is guessed.
    pub fn sale<'a>(&self, row: u64, cell: impl Fn(&str) -> Option<&'a str>) -> Result<Option<Sale>, BadRow> {
        let columns = &self.columns;
        let bad = |column: &str, message: String| BadRow { row, column: column.to_owned(), message };
        let filled = |column: &str| {
            let text = cell(column).map(str::trim).filter(|text| !text.is_empty());
            text.ok_or_else(|| bad(column, "is empty; fill it in".to_owned()))
        };
        let sku = filled(&columns.sku)?;
        if self.not_counted.contains(sku) {
            return Ok(None);
        }
        let line = self.skus.get(sku).ok_or_else(|| {
            bad(&columns.sku, format!("`{sku}` is not in the plan; add it to `skus` or to `not_counted`"))
        })?;
        let called = filled(&columns.partner)?;
        let partner = self
            .partners
            .get(called)
            .ok_or_else(|| bad(&columns.partner, format!("`{called}` is not in the plan; add it to `partners`")))?;
        let day = filled(&columns.on)?;
        let on = day.parse().map_err(|_| bad(&columns.on, format!("`{day}` is not a day such as `2026-11-30`")))?;
        let amount = filled(&columns.net)?;
        let net = Money::parse(amount, self.currency).map_err(|error| bad(&columns.net, error.to_string()))?;
        let reference = filled(&columns.reference)?.to_owned();
        Ok(Some(Sale { row, reference, on, sku: sku.to_owned(), line: line.clone(), partner: partner.clone(), net }))
    }

    /// What sales earn, product line by product line: the rate of the line's net sales, ties to the even cent.
    ///
    /// # Errors
    /// When the sales are of another currency or beyond what can be counted exactly.
    pub fn earned(&self, sales: &[Sale]) -> Result<Vec<EarnedLine>, MoneyError> {
        let mut lines: BTreeMap<&str, EarnedLine> = BTreeMap::new();
        for sale in sales {
            let rate = self.lines.get(&sale.line).copied().unwrap_or_default();
            let line = lines.entry(&sale.line).or_insert_with(|| EarnedLine::nothing(&sale.line, rate, self.currency));
            line.net = line.net.plus(sale.net)?;
            if sale.net.minor < 0 { line.returns += 1 } else { line.sales += 1 }
        }
        let mut lines: Vec<EarnedLine> = lines.into_values().collect();
        for line in &mut lines {
            line.earned = line.rate.of(line.net, Rounding::HalfEven)?;
        }
        Ok(lines)
    }
}

fn checked(document: Document, sha256: String) -> Result<EarningPlan, FieldError> {
    let refuse = |field: &str, message: &str| Err(FieldError { field: field.into(), message: message.into() });
    source::plain_name("/plan", &document.plan)?;
    if document.version == 0 {
        return refuse("/version", "begins at 1; write a whole number from 1");
    }
    if document.title.trim().is_empty() {
        return refuse("/title", "is empty; say in a line what the plan is for");
    }
    let mut lines = BTreeMap::new();
    for (name, rate) in &document.lines {
        let rate = BasisPoints::read(rate, Within(1, 10_000))
            .map_err(|wrong| FieldError { field: format!("/lines/{name}"), message: wrong.message })?;
        lines.insert(name.clone(), rate);
    }
    for (sku, line) in &document.skus {
        let at = format!("/skus/{sku}");
        if !lines.contains_key(line) {
            return refuse(&at, "names no product line of the plan; add it to `lines`, or correct it");
        }
        if document.not_counted.contains(sku) {
            return refuse(&at, "is under `not_counted` as well; leave it out in one of them");
        }
    }
    if document.partners.is_empty() {
        return refuse("/partners", "names nobody; write under which name the reports know each partner");
    }
    let columns = &document.columns;
    let headings = [&columns.partner, &columns.sku, &columns.reference, &columns.on, &columns.net];
    if headings.iter().collect::<BTreeSet<_>>().len() < headings.len() || headings.iter().any(|name| name.is_empty()) {
        return refuse("/columns", "names a heading twice or leaves one empty; each says something else");
    }
    Ok(EarningPlan {
        name: document.plan,
        version: document.version,
        title: document.title,
        currency: document.currency,
        lines,
        skus: document.skus,
        not_counted: document.not_counted,
        partners: document.partners,
        columns: document.columns,
        sha256,
    })
}
