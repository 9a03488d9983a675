//! What is written about a customer: its contract, and what the vendor says itself about what it sells.

use super::{
    ENTITY,
    customers::{Customer, Term},
};
use jiff::ToSpan as _;

/// The name of the vendor's own rules.
pub const OWN_RULES: &str = "acme";

/// The product's name in a bill.
pub const PRODUCT: &str = "Acme Platform";

/// The contract of a customer, as its document.
pub fn document(customer: &Customer, account: &str, term: &Term) -> anyhow::Result<String> {
    let Customer { commitment, contract, party, cloud, cap, .. } = customer;
    let (from, through, amount) = (term.from, term.through, customer.committed());
    let due = through.checked_add(30.days())?;
    Ok(format!(
        "commitment: {commitment}
contract: {contract}
party: {party}
legal_entity: {ENTITY}
cloud: {cloud}
currency: USD
accounts: [\"{account}\"]
basis:
  cost: billed
  discounts: after
  dated_by: charge
  support: excluded
  tax: excluded
  credits: reduce
  savings_plan_fees: counts
  reservation_fees: counts
  refunds: original_period
  zone: UTC
versions:
  - valid_from: {from}
    known_from: {from}
    note: the agreement of {from}
    glide: linear
    marketplace: {{ counts: \"100\", cap: \"{cap}\" }}
    periods:
      - {{ from: {from}, through: {through}, amount: \"{amount}.00\", true_up: {{ due: {due}, buys: nothing }} }}
"
    ))
}

/// What the vendor knows of its own product, and a bill does not tell.
pub fn own_rules() -> String {
    let id = entente_sandbox::SAAS_PRODUCT;
    format!(
        "rules:
  - rule: acme-1
    title: {PRODUCT} runs on AWS wholly, and counts
    cloud: aws
    tests: invoice
    known_from: 2020-01-01
    source: {{ kind: told, at: Acme's own architecture, read: 2020-01-01 }}
    precedence: 60
    when: {{ products: [{PRODUCT}, {id}] }}
    effect: counts
"
    )
}
