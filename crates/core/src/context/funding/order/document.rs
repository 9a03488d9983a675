//! An order as it is written: what is bought of whom, at which price.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Exact;
use crate::{
    context::{FieldError, agreement_request::filled, funding::check_at},
    ids::{LegalEntityId, PartyId},
    money::{Currency, Money, Rounding},
};

/// The most lines of an order.
const MOST_LINES: usize = 200;

/// An order to a supplier, for the activity of a granted request. Everything in it is in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderPaper {
    /// The granted request that pays for it, by its label.
    pub request: String,
    /// The partner whose activity it is for.
    pub partner: PartyId,
    /// The legal entity that orders and pays.
    pub legal_entity: LegalEntityId,
    /// Who delivers and is paid.
    pub supplier: OrderedFrom,
    /// The currency of everything in it.
    pub currency: Currency,
    /// The first day on which it may be delivered.
    #[schemars(with = "String", extend("format" = "date"))]
    pub deliver_from: Date,
    /// The last one.
    #[schemars(with = "String", extend("format" = "date"))]
    pub deliver_until: Date,
    /// What is ordered.
    #[schemars(length(min = 1, max = 200))]
    pub lines: Vec<OrderLine>,
    /// What all of it costs, taxes included.
    #[schemars(with = "String")]
    pub total: Money,
}

/// Who delivers and is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderedFrom {
    /// Its id: it is onboarded as any payee, with the kind `supplier`.
    pub party: PartyId,
    /// The tax id that stands on its invoices.
    pub tax_id: String,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    /// A short name, once in the order: receipts and invoices refer to it.
    pub id: String,
    /// What is ordered.
    pub what: String,
    /// What is counted, such as `day`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// How many.
    pub quantity: Exact,
    /// What one costs, before tax, in the order's currency.
    pub price: Exact,
    /// The tax on it, in percent.
    #[serde(default)]
    pub tax: Exact,
}

impl OrderLine {
    /// What so many of it cost before tax.
    pub fn net_of(&self, quantity: Exact, currency: Currency) -> Option<Money> {
        quantity.at_price(self.price, currency)
    }

    /// The tax on an amount of it, rounded once, ties to the even minor unit.
    pub fn tax_on(&self, net: Money) -> Option<Money> {
        self.tax.percent_of(net, Rounding::HalfEven)
    }

    /// What so many of it cost with tax.
    pub fn worth(&self, quantity: Exact, currency: Currency) -> Option<Money> {
        let net = self.net_of(quantity, currency)?;
        net.plus(self.tax_on(net)?).ok()
    }
}

impl OrderPaper {
    /// The key under which the ledger holds what is committed to an order and not invoiced yet.
    pub fn ledger_key(label: &str) -> String {
        format!("order/{label}")
    }

    /// A line by its name.
    pub fn line(&self, id: &str) -> Option<&OrderLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// What the lines sum to; `None` where that cannot be counted.
    fn sum(&self) -> Option<Money> {
        let mut all = Money::zero(self.currency);
        for line in &self.lines {
            all = all.plus(line.worth(line.quantity, self.currency)?).ok()?;
        }
        Some(all)
    }

    /// What has to be so of an order as it is written.
    pub(super) fn check_written(&self) -> Result<(), FieldError> {
        filled("/request", &self.request)?;
        filled("/supplier/tax_id", &self.supplier.tax_id)?;
        let apart = self.supplier.party != self.partner;
        check_at(apart, "/supplier/party", "is the partner itself; what a partner does is claimed by it")?;
        let in_order = self.deliver_from <= self.deliver_until;
        check_at(in_order, "/deliver_until", "lies before the first day; correct one of them")?;
        check_at(!self.lines.is_empty(), "/lines", "orders nothing; write at least one line")?;
        let fits = self.lines.len() <= MOST_LINES;
        check_at(fits, "/lines", format!("has {} lines; at most {MOST_LINES} go into one order", self.lines.len()))?;
        let mut seen = BTreeSet::new();
        for (at, line) in self.lines.iter().enumerate() {
            let field = |name: &str| format!("/lines/{at}/{name}");
            filled(&field("id"), &line.id)?;
            check_at(seen.insert(&line.id), &field("id"), "names two lines; rename one of them")?;
            filled(&field("what"), &line.what)?;
            check_at(!line.quantity.is_zero(), &field("quantity"), "is nothing; leave the line out")?;
            check_at(!line.price.is_zero(), &field("price"), "is nothing; leave the line out")?;
            let percent = line.tax.decimal() <= rust_decimal::Decimal::ONE_HUNDRED;
            check_at(percent, &field("tax"), "is more than the whole price; write percent such as \"19\"")?;
        }
        let same = self.total.currency == self.currency;
        check_at(same, "/total", format!("is not in {}, the currency of the order", self.currency))?;
        let Some(sum) = self.sum() else {
            return check_at(false, "/lines", "cost more than can be counted exactly; order less");
        };
        check_at(self.total.minor > 0, "/total", "is nothing; order something that costs")?;
        check_at(self.total == sum, "/total", format!("is not the sum of the lines with their taxes, which is {sum}"))
    }
}

/// The published schema of orders as people write them.
pub fn order_schema() -> schemars::Schema {
    schemars::schema_for!(OrderPaper)
}
