//! What a row's words say about a charge.

mod cur;
mod focus;
mod programs;

use std::collections::{BTreeMap, BTreeSet};

use entente_core::commitment::{
    Accounts, Amount, Discounts,
    eligibility::{Channel, ChargeKind, Dates, Frequency, Line, Mark, Pricing},
};
use jiff::civil::Date;

use crate::{
    clouds::{Clouds, Whose},
    columns::{Role, TEXTS},
    days::{self, Day, Moment, When},
    quarantine::{self, Reason},
    shape::Shape,
    wanted::Wanted,
};

/// What is wrong with a row, and at which role's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bad {
    pub reason: Reason,
    pub role: Role,
}

pub(crate) fn bad(reason: Reason, role: Role) -> Bad {
    Bad { reason, role }
}

/// What rows of one class have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Charge {
    pub account: String,
    pub product: String,
    pub channel: Channel,
    /// Whether it is not told who sold it: it may be from the marketplace as well.
    pub untold: bool,
    pub kind: ChargeKind,
    pub frequency: Frequency,
    pub charge: Day,
    pub purchase: Option<Day>,
    pub invoice: Option<Day>,
    pub original: Option<Day>,
    pub marks: BTreeMap<Mark, bool>,
}

impl Charge {
    /// As a line. `None` where a day is beyond the calendar.
    pub fn line(&self, amount: Amount) -> Option<Line> {
        let maybe = |day: Option<Day>| -> Option<Option<Date>> {
            match day {
                Some(day) => days::date(day).map(Some),
                None => Some(None),
            }
        };
        Some(Line {
            account: self.account.clone(),
            product: self.product.clone(),
            channel: self.channel,
            kind: self.kind,
            frequency: self.frequency,
            pricing: Pricing::Paid,
            dates: Dates {
                charge: days::date(self.charge)?,
                purchase: maybe(self.purchase)?,
                activation: None,
                invoice: maybe(self.invoice)?,
                original: maybe(self.original)?,
            },
            marks: self.marks.clone(),
            amount,
        })
    }
}

/// The days that a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Named {
    /// When the charge begins.
    pub start: Day,
    /// When its billing period begins.
    pub billing_start: Option<Day>,
    /// Its billing period's last day.
    pub billing_last: Option<Day>,
}

impl Named {
    /// Puts a row's dates together. A period of whole days, as it is written, is a period of days and is not moved into the
    /// zone; neither are billing periods. All else is an instant.
    pub fn of(start: When, end: When, billing_start: When, billing_end: When) -> Result<Named, Bad> {
        let begins = match start {
            When::At(moment) => moment,
            When::Unknown => return Err(bad(Reason::Missing, Role::Start)),
            When::Bad => return Err(bad(Reason::NotADate, Role::Start)),
        };
        let ends = maybe(end, Role::End)?;
        if ends.is_some_and(|ends| ends.second <= begins.second) {
            return Err(bad(Reason::PeriodBackwards, Role::End));
        }
        let whole = begins.whole && ends.is_some_and(|ends| ends.whole);
        Ok(Named {
            start: if whole { begins.written } else { begins.local },
            billing_start: maybe(billing_start, Role::BillingStart)?.map(|at| at.written),
            billing_last: maybe(billing_end, Role::BillingEnd)?.map(|at| at.written - i32::from(at.whole)),
        })
    }
}

fn maybe(when: When, role: Role) -> Result<Option<Moment>, Bad> {
    match when {
        When::At(moment) => Ok(Some(moment)),
        When::Unknown => Ok(None),
        When::Bad => Err(bad(Reason::NotADate, role)),
    }
}

/// A row's texts, by role.
pub(crate) type Texts<'a> = [&'a [u8]; TEXTS];

/// Understands rows of one shape.
pub(crate) struct Understanding {
    shape: Shape,
    clouds: Clouds,
    currency: String,
    accounts: Accounts,
    before_discounts: bool,
    /// What the commitment is called among programmes.
    programs: BTreeSet<String>,
    /// The role whose column names the provider.
    provider: Role,
}

impl Understanding {
    pub fn new(shape: Shape, wanted: &Wanted, has_provider: bool) -> Understanding {
        Understanding {
            shape,
            clouds: Clouds::of(&wanted.cloud),
            currency: wanted.currency.to_string(),
            accounts: wanted.accounts.clone(),
            before_discounts: wanted.discounts == Discounts::Before,
            programs: wanted.programs.iter().map(|name| name.to_lowercase()).collect(),
            provider: if has_provider { Role::Provider } else { Role::ServiceProvider },
        }
    }

    /// What a row says. `negative` is whether its amount is below zero.
    pub fn charge(&self, texts: &Texts<'_>, named: Named, negative: bool) -> Result<Charge, Bad> {
        let row = Row { texts, named, negative };
        let currency = row.needed(Role::Currency)?;
        if !currency.eq_ignore_ascii_case(&self.currency) {
            return Err(bad(Reason::OtherCurrency, Role::Currency));
        }
        match self.shape {
            Shape::AwsCur2 => self.cur(&row),
            _ => self.focus(&row),
        }
    }

    /// The account: the one that is billed, unless the commitment names the one below it.
    fn account(&self, row: &Row<'_>) -> Result<String, Bad> {
        let billed = row.needed(Role::Account)?;
        let below = row.text(Role::SubAccount)?;
        let named = |account: &&str| matches!(self.accounts, Accounts::Only(_)) && self.accounts.contain(account);
        Ok(below.filter(named).unwrap_or(billed).to_owned())
    }

    fn whose(&self, name: Option<&str>) -> Option<Whose> {
        name.map(|name| self.clouds.whose(name))
    }
}

/// A row while it is understood.
struct Row<'a> {
    texts: &'a Texts<'a>,
    named: Named,
    negative: bool,
}

impl<'a> Row<'a> {
    /// What a column says; `None` where there is none, or it says nothing.
    fn text(&self, role: Role) -> Result<Option<&'a str>, Bad> {
        let field = self.texts.get(role as usize).copied().unwrap_or_default().trim_ascii();
        if matches!(field, b"" | b"NULL" | b"null") {
            return Ok(None);
        }
        quarantine::name(field).map(Some).map_err(|reason| bad(reason, role))
    }

    fn needed(&self, role: Role) -> Result<&'a str, Bad> {
        self.text(role)?.ok_or(bad(Reason::Missing, role))
    }

    /// The day on which it counts and, of what gives back a charge of an earlier billing period, that charge's day.
    fn days(&self, kind: ChargeKind) -> (Day, Option<Day>) {
        let back = matches!(kind, ChargeKind::Refund | ChargeKind::Credit | ChargeKind::Adjustment);
        match self.named.billing_start {
            Some(billed) if back && self.named.start < billed => (billed, Some(self.named.start)),
            _ => (self.named.start, None),
        }
    }
}
