//! Everything about an offer that is not its price. Days are written `YYYY-MM-DD` (and read back as instants).

use entente_core::offer::{
    Offer,
    document::{Eula, Term},
};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// How long the agreement lasts; nothing where the contract's own duration says it.
pub(super) fn validity(offer: &Offer) -> Option<Value> {
    let term = offer.term?;
    let Term { duration, start, .. } = term;
    let mut fields = Map::from_iter([("Type".to_owned(), Value::from("ValidityTerm"))]);
    let end = term.end.or_else(|| start.and_then(|start| term.end_if_accepted(start)));
    let mut set = |key: &str, value: Option<String>| {
        fields.extend(value.map(|value| (key.to_owned(), Value::from(value))));
    };
    set("AgreementDuration", duration.filter(|_| end.is_none()).map(|duration| duration.to_string()));
    set("AgreementStartDate", start.map(|start| start.to_string()));
    set("AgreementEndDate", end.map(|end| end.to_string()));
    Some(json!({ "Terms": [fields] }))
}

/// When the contract is charged.
pub(super) fn payment_schedule(offer: &Offer) -> Option<Value> {
    let contract = offer.pricing.contract.as_ref().filter(|contract| !contract.instalments.is_empty())?;
    let mut instalments = contract.instalments.clone();
    instalments.sort_by_key(|instalment| instalment.date);
    let charge = |date: Date, amount: String| json!({ "ChargeDate": date.to_string(), "ChargeAmount": amount });
    let schedule: Vec<Value> = instalments.iter().map(|due| charge(due.date, due.amount.to_string())).collect();
    Some(json!({ "Terms": [{ "Type": "PaymentScheduleTerm", "CurrencyCode": offer.currency, "Schedule": schedule }] }))
}

/// Days from invoice to payment.
pub(super) fn net_payment(offer: &Offer) -> Option<Value> {
    let days = offer.payment_due_days?;
    Some(json!({ "Terms": [{ "Type": "NetPaymentTerm", "PaymentDuePeriod": format!("P{days}D") }] }))
}

/// How the agreement renews by itself.
pub(super) fn auto_renewal(offer: &Offer) -> Option<Value> {
    let renewal = offer.auto_renewal.as_ref()?;
    let increase = format!("{:.2}", renewal.price_increase_percent.decimal());
    let mut term = json!({
        "Type": "RenewalTerm",
        "LockoutPeriod": format!("P{}D", renewal.lockout_days),
        "PriceIncrease": { "Type": "FixedPercentage", "Value": increase },
    });
    if let (Some(most), Some(fields)) = (renewal.renewals_max, term.as_object_mut()) {
        fields.insert("MaxRenewals".to_owned(), Value::from(most));
    }
    Some(json!({ "Terms": [term] }))
}

/// The licence terms.
pub(super) fn legal(offer: &Offer) -> Value {
    let document = match &offer.eula {
        Eula::Standard(standard) => json!({ "Type": "StandardEula", "Version": standard.version }),
        Eula::Custom(custom) => json!({ "Type": "CustomEula", "Url": custom.url }),
    };
    json!({ "Terms": [{ "Type": "LegalTerm", "Documents": [document] }] })
}

/// The last day on which the offer can be accepted.
pub(super) fn availability(last: Date) -> Value {
    json!({ "AvailabilityEndDate": last.to_string() })
}
