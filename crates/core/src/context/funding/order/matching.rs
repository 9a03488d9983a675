//! The three-way match: an invoice beside the order and what was received, line by line.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{InvoiceLine, OrderCourse, OrderLine, OrderPaper, OrderTerms, SupplierInvoice, invoice::Stands};
use crate::{
    mdf::folded,
    money::{Money, Rounding},
};

/// A rule of the match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MatchRule {
    /// Whose invoice it is.
    M1,
    /// What it charges for.
    M2,
    /// How many.
    M3,
    /// At which price.
    M4,
    /// With which tax.
    M5,
    /// What it sums to.
    M6,
    /// Whether it was used before.
    M7,
    /// Whether it is like one that was.
    M8,
    /// Whether the supplier is tied to the partner.
    M9,
    /// Whether it can be looked at.
    M10,
    /// Whether there is money for it.
    M11,
}

impl MatchRule {
    /// Every rule.
    pub const ALL: [MatchRule; 11] = [
        MatchRule::M1,
        MatchRule::M2,
        MatchRule::M3,
        MatchRule::M4,
        MatchRule::M5,
        MatchRule::M6,
        MatchRule::M7,
        MatchRule::M8,
        MatchRule::M9,
        MatchRule::M10,
        MatchRule::M11,
    ];

    /// What must hold.
    pub fn title(self) -> &'static str {
        match self {
            MatchRule::M1 => "the invoice is of the supplier that the order names",
            MatchRule::M2 => "every line of it is a line of the order, in the order's currency",
            MatchRule::M3 => "no more is invoiced than was received and is not invoiced yet",
            MatchRule::M4 => "the price exceeds the order's by no more than the tolerance",
            MatchRule::M5 => "the tax is the order's",
            MatchRule::M6 => "lines and taxes sum to the total",
            MatchRule::M7 => "no file and no invoice was used in a claim or another order",
            MatchRule::M8 => "nothing is nearly the same as what was invoiced or claimed before",
            MatchRule::M9 => "the supplier is not tied to the partner",
            MatchRule::M10 => "the file is kept and harmless, and the supplier is in business",
            MatchRule::M11 => "the request holds what goes beyond the order",
        }
    }

    /// Whether two people may accept an invoice that does not meet it.
    pub fn exceptable(self) -> bool {
        matches!(self, MatchRule::M3 | MatchRule::M4 | MatchRule::M5 | MatchRule::M8 | MatchRule::M9)
    }
}

impl fmt::Display for MatchRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A difference that the match found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule.
    pub rule: MatchRule,
    /// The line of the order that it is about; absent where it is about the whole invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Why, with the figures compared.
    pub because: String,
}

impl Finding {
    /// One about a whole invoice.
    pub fn of(rule: MatchRule, because: impl Into<String>) -> Finding {
        Finding { rule, line: None, because: because.into() }
    }

    fn at(rule: MatchRule, line: &str, because: String) -> Finding {
        Finding { rule, line: Some(line.to_owned()), because }
    }
}

/// What is matched beside an invoice.
pub(super) struct Beside<'a> {
    pub order: &'a OrderPaper,
    pub terms: &'a OrderTerms,
    pub course: &'a OrderCourse,
}

impl Beside<'_> {
    /// Everything in which an invoice differs from what was ordered and received. Other invoices of the order have taken their part.
    pub fn differences(&self, invoice: &SupplierInvoice) -> Vec<Finding> {
        let mut found = Vec::new();
        let (theirs, ordered) = (&invoice.written.tax_id, &self.order.supplier.tax_id);
        if folded(theirs) != folded(ordered) {
            found.push(Finding::of(MatchRule::M1, format!("it is of `{theirs}`, and `{ordered}` was ordered from")));
        }
        for line in &invoice.written.lines {
            match self.order.line(&line.line) {
                Some(ordered) => self.line(invoice, line, ordered, &mut found),
                None => {
                    let because = format!("the order has no line `{}`", line.line);
                    found.push(Finding::at(MatchRule::M2, &line.line, because));
                }
            }
        }
        found.extend(self.sum(invoice));
        found
    }

    fn line(&self, invoice: &SupplierInvoice, line: &InvoiceLine, ordered: &OrderLine, found: &mut Vec<Finding>) {
        let currency = self.order.currency;
        let id = &line.line;
        let uncounted = || Finding::at(MatchRule::M2, id, "its amounts cannot be counted exactly".to_owned());
        if line.tax.currency != currency {
            let because = format!("its tax is in {}, and the order in {currency}", line.tax.currency);
            return found.push(Finding::at(MatchRule::M2, id, because));
        }
        let Some(Stands { quantity, net, tax }) = invoice.stands(line, currency) else {
            return found.push(uncounted());
        };
        let received = self.course.received(id);
        let number = &invoice.written.number;
        let others = self.course.invoices.iter().filter(|other| other.written.number != *number);
        let before = others.filter(|other| other.owed.is_some()).map(|other| other.charged(id, currency));
        let before: Decimal = before.fold(Decimal::ZERO, |sum, one| sum.saturating_add(one));
        let open = received.saturating_sub(before);
        if quantity > open {
            let because = format!(
                "{} are invoiced; {} were received, and {} of them invoiced before",
                quantity.normalize(),
                received.normalize(),
                before.normalize()
            );
            found.push(Finding::at(MatchRule::M3, id, because));
        }
        let expected = Money::rounded(quantity.saturating_mul(ordered.price.decimal()), currency, Rounding::HalfEven);
        let Ok(expected) = expected else { return found.push(uncounted()) };
        let allowed = self.allowed(expected);
        if net.minor.saturating_sub(expected.minor) > allowed.minor {
            let because =
                format!("{net} are charged, and the order's price makes {expected}, with at most {allowed} more");
            found.push(Finding::at(MatchRule::M4, id, because));
        }
        match ordered.tax_on(net) {
            Some(due) if due == tax => {}
            Some(due) => {
                let because = format!("the tax is {tax}, and {} % of {net} are {due}", ordered.tax);
                found.push(Finding::at(MatchRule::M5, id, because));
            }
            None => found.push(uncounted()),
        }
    }

    /// By how much a line may cost more than ordered: so many percent, and no more than so many minor units.
    fn allowed(&self, expected: Money) -> Money {
        let by_percent = self.terms.price_percent.percent_of(expected, Rounding::Down).map_or(0, |part| part.minor);
        let most = self.terms.price_at_most.get(&expected.currency).copied().unwrap_or(i64::MAX);
        Money { minor: by_percent.min(most), ..expected }
    }

    /// What is written below the lines is what they sum to, before anything was credited.
    fn sum(&self, invoice: &SupplierInvoice) -> Option<Finding> {
        let currency = self.order.currency;
        let mut lines = invoice.written.lines.iter();
        let sum = lines.try_fold(Money::zero(currency), |sum, line| {
            let net = line.quantity.at_price(line.price, currency)?;
            sum.plus(net).ok()?.plus(line.tax).ok()
        });
        let total = invoice.written.total;
        match sum {
            Some(sum) if sum == total => None,
            Some(sum) => Some(Finding::of(MatchRule::M6, format!("its total is {total}, and its lines sum to {sum}"))),
            None => Some(Finding::of(MatchRule::M6, "its lines cannot be added".to_owned())),
        }
    }
}
