//! What a buyer would pay, before accepting.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::acceptance::{self, Acceptance};
use super::money;
use super::proposal::{self, Unacceptable};
use crate::aws::Aws;
use crate::aws::cbor::timestamp;
use crate::aws::offer::Offer;
use crate::aws::term::Term;
use crate::ids::IdSource;

/// The charge summary of a choice within an offer. The charges of the agreement will have the ids told here.
pub(super) fn summary(
    aws: &Aws,
    ids: &mut IdSource,
    offer: &Offer,
    buyer: &str,
    wish: &Acceptance,
    now: Timestamp,
) -> Result<Value, Unacceptable> {
    let choice = acceptance::choose(offer, wish).map_err(Unacceptable::Choice)?;
    let start = acceptance::start_of(offer, now);
    let end = acceptance::end_of(offer, start, choice.as_ref(), aws.runs_at_the_buyer(offer));
    let charges = money::charges(&offer.terms, choice.as_ref(), now, start, end);
    let value = money::rounded(charges.iter().map(|(_, amount)| *amount).sum::<Decimal>());
    proposal::check_quotas(aws, offer, buyer, value)?;
    let expected: Vec<Value> = charges
        .iter()
        .map(|(at, amount)| {
            let timing = if *at <= now { "ON_ACCEPTANCE" } else { "SCHEDULED" };
            let id = ids.next("ch-", 20);
            json!({ "id": id, "time": timestamp(*at), "amount": amount.to_string(), "timing": timing })
        })
        .collect();
    let currency = offer.terms.iter().find_map(Term::currency).unwrap_or("USD");
    Ok(json!({
        "currencyCode": currency,
        "newAgreementValue": value.to_string(),
        "expectedCharges": expected,
    }))
}
