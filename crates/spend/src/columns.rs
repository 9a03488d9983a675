//! What a file's columns tell, whatever they are called.

use std::collections::BTreeMap;

use entente_core::commitment::{Cost, Discounts};

use crate::{SpendError, shape::Shape, wanted::Wanted};

/// What a column tells about a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Account,
    SubAccount,
    Currency,
    Category,
    Class,
    Frequency,
    Provider,
    ServiceProvider,
    Publisher,
    PublisherKind,
    Host,
    Issuer,
    Service,
    Offer,
    DiscountKind,
    DiscountStatus,
    ServiceModel,
    Programs,
    // From here on columns are no part of what makes a class as they stand.
    Start,
    End,
    BillingStart,
    BillingEnd,
    Cost,
    /// What the cost is where its own column says nothing of a row.
    CostElse,
}

/// How many roles there are.
pub(crate) const ROLES: usize = Role::CostElse as usize + 1;
/// How many of them are texts.
pub(crate) const TEXTS: usize = Role::Start as usize;

impl Role {
    pub const ALL: [Role; ROLES] = [
        Role::Account,
        Role::SubAccount,
        Role::Currency,
        Role::Category,
        Role::Class,
        Role::Frequency,
        Role::Provider,
        Role::ServiceProvider,
        Role::Publisher,
        Role::PublisherKind,
        Role::Host,
        Role::Issuer,
        Role::Service,
        Role::Offer,
        Role::DiscountKind,
        Role::DiscountStatus,
        Role::ServiceModel,
        Role::Programs,
        Role::Start,
        Role::End,
        Role::BillingStart,
        Role::BillingEnd,
        Role::Cost,
        Role::CostElse,
    ];
}

/// Where each role's column is.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    at: [Option<usize>; ROLES],
    names: [String; ROLES],
    /// How many columns the file has.
    pub width: usize,
}

impl Columns {
    /// Finds the columns that a shape has among a file's headings.
    pub fn find(headings: &[String], shape: Shape, wanted: &Wanted) -> Result<Columns, SpendError> {
        let index = index(headings)?;
        let mut found = Columns { at: [None; ROLES], names: Default::default(), width: headings.len() };
        let mut missing = Vec::new();
        for role in Role::ALL {
            let names = names(role, shape, wanted)?;
            match names.iter().find_map(|name| index.get(&key(name))) {
                Some(&at) => {
                    found.at[role as usize] = Some(at);
                    found.names[role as usize] = headings.get(at).cloned().unwrap_or_default();
                }
                None if needed(role, shape) => missing.push((*names.first().unwrap_or(&"")).to_owned()),
                None => {}
            }
        }
        if shape != Shape::AwsCur2 && found.get(Role::Provider).or(found.get(Role::ServiceProvider)).is_none() {
            missing.push("ProviderName".to_owned());
        }
        if missing.is_empty() {
            Ok(found)
        } else {
            Err(SpendError::MissingColumns { shape: shape.to_string(), columns: missing })
        }
    }

    /// The number of a role's column.
    pub fn get(&self, role: Role) -> Option<usize> {
        self.at[role as usize]
    }

    /// The name that a role's column has in the file.
    pub fn name(&self, role: Role) -> &str {
        &self.names[role as usize]
    }

    /// The columns of texts that the file has.
    pub fn texts(&self) -> impl Iterator<Item = (Role, usize)> {
        Role::ALL.into_iter().take(TEXTS).filter_map(|role| Some((role, self.get(role)?)))
    }
}

/// A heading's columns by their names, in which neither capitals nor `_` matter.
pub(crate) fn index(headings: &[String]) -> Result<BTreeMap<String, usize>, SpendError> {
    let mut index = BTreeMap::new();
    for (at, heading) in headings.iter().enumerate() {
        if index.insert(key(heading), at).is_some() {
            return Err(SpendError::ColumnTwice(heading.clone()));
        }
    }
    Ok(index)
}

pub(crate) fn key(heading: &str) -> String {
    let heading = heading.trim().trim_start_matches('\u{feff}');
    let kept = if heading.starts_with("x_") { heading.to_owned() } else { heading.replace('_', "") };
    kept.to_ascii_lowercase()
}

fn needed(role: Role, shape: Shape) -> bool {
    let always =
        matches!(role, Role::Account | Role::Currency | Role::Category | Role::Service | Role::Start | Role::Cost);
    always || (role == Role::Provider && shape == Shape::AwsCur2)
}

/// The names that a role's column may have, the best first.
fn names(role: Role, shape: Shape, wanted: &Wanted) -> Result<&'static [&'static str], SpendError> {
    if role == Role::Cost {
        return cost(shape, wanted);
    }
    if role == Role::CostElse {
        let net = shape == Shape::AwsCur2 && wanted.cost == Cost::Billed && wanted.discounts == Discounts::After;
        return Ok(if net { &["line_item_unblended_cost"] } else { &[] });
    }
    // It is long, and makes classes of its own: it is read where its words mean something to the contract.
    if role == Role::Programs && wanted.programs.is_empty() {
        return Ok(&[]);
    }
    Ok(match shape {
        Shape::AwsCur2 => cur(role),
        _ => focus(role),
    })
}

fn focus(role: Role) -> &'static [&'static str] {
    match role {
        Role::Account => &["BillingAccountId"],
        Role::SubAccount => &["SubAccountId"],
        Role::Currency => &["BillingCurrency"],
        Role::Category => &["ChargeCategory"],
        Role::Class => &["ChargeClass"],
        Role::Frequency => &["ChargeFrequency"],
        Role::Provider => &["ProviderName"],
        Role::ServiceProvider => &["ServiceProviderName"],
        Role::Publisher => &["PublisherName"],
        Role::PublisherKind => &["x_PublisherCategory"],
        Role::Host => &["HostProviderName"],
        Role::Issuer => &["InvoiceIssuerName"],
        Role::Service => &["ServiceName"],
        Role::Offer => &["x_SkuOrderName"],
        Role::DiscountKind => &["CommitmentDiscountCategory"],
        Role::DiscountStatus => &["CommitmentDiscountStatus"],
        Role::ServiceModel => &["x_ServiceModel"],
        Role::Programs => &["CommitmentProgramEligibilityDetails"],
        Role::Start => &["ChargePeriodStart"],
        Role::End => &["ChargePeriodEnd"],
        Role::BillingStart => &["BillingPeriodStart"],
        Role::BillingEnd => &["BillingPeriodEnd"],
        Role::Cost | Role::CostElse => &[],
    }
}

fn cur(role: Role) -> &'static [&'static str] {
    match role {
        Role::Account => &["bill_payer_account_id"],
        Role::SubAccount => &["line_item_usage_account_id"],
        Role::Currency => &["line_item_currency_code"],
        Role::Category => &["line_item_line_item_type"],
        Role::Provider => &["bill_billing_entity"],
        Role::Publisher => &["line_item_legal_entity"],
        Role::Service => &["line_item_product_code"],
        Role::Offer => &["product_product_name"],
        Role::Start => &["line_item_usage_start_date"],
        Role::End => &["line_item_usage_end_date"],
        Role::BillingStart => &["bill_billing_period_start_date"],
        Role::BillingEnd => &["bill_billing_period_end_date"],
        _ => &[],
    }
}

/// The column of the cost that is wanted. One on another basis is never taken in its place.
fn cost(shape: Shape, wanted: &Wanted) -> Result<&'static [&'static str], SpendError> {
    let names: &[&str] = match (shape, wanted.cost, wanted.discounts) {
        (Shape::AwsCur2, Cost::Billed, Discounts::After) => {
            &["line_item_net_unblended_cost", "line_item_unblended_cost"]
        }
        (Shape::AwsCur2, Cost::Billed, Discounts::Before) => &["line_item_unblended_cost"],
        (Shape::AwsCur2, Cost::List, _) => &["pricing_public_on_demand_cost"],
        (Shape::AwsCur2, Cost::Effective | Cost::Contracted, _) => &[],
        (_, Cost::List, _) => &["ListCost"],
        (_, Cost::Billed, Discounts::After) => &["BilledCost"],
        (_, Cost::Effective, Discounts::After) => &["EffectiveCost"],
        (_, Cost::Contracted, Discounts::After) => &["ContractedCost"],
        (_, Cost::Billed | Cost::Effective | Cost::Contracted, Discounts::Before) => &[],
    };
    if names.is_empty() {
        let before = if wanted.discounts == Discounts::Before { "before discounts" } else { "after discounts" };
        let cost = format!("{:?} cost {before}", wanted.cost).to_lowercase();
        return Err(SpendError::OtherBasis { shape: shape.to_string(), cost });
    }
    Ok(names)
}
