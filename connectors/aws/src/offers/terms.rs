//! Everything about an offer that is not its price. Days are written `YYYY-MM-DD` (and read back as instants).

use entente_core::offer::{
    Amount, Offer, Period,
    document::{AutoRenewal, Eula, RenewalInstalment, Term},
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

/// How long the agreement lasts from acceptance.
pub(super) fn lasting(duration: Period) -> Value {
    json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": duration.to_string() }] })
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
    let mut term = Map::from_iter([
        ("Type".to_owned(), Value::from("RenewalTerm")),
        ("LockoutPeriod".to_owned(), Value::from(format!("P{}D", renewal.lockout_days))),
        ("PriceIncrease".to_owned(), price_increase(renewal)),
    ]);
    let mut set = |key: &str, value: Option<Value>| term.extend(value.map(|value| (key.to_owned(), value)));
    set("AdjustmentDeadline", renewal.adjustable.map(|bounds| Value::from(format!("P{}D", bounds.until_days))));
    set("MaxRenewals", renewal.renewals_max.map(Value::from));
    let schedule: Vec<Value> = renewal.instalments.iter().map(renewal_charge).collect();
    let template = json!([{ "Type": "PaymentScheduleTermTemplate", "Schedule": schedule }]);
    set("TermTemplates", (!schedule.is_empty()).then_some(template));
    Some(json!({ "Terms": [term] }))
}

/// A fixed rise, or one that the seller settles within bounds.
fn price_increase(renewal: &AutoRenewal) -> Value {
    let rise = percent(renewal.price_increase_percent);
    match renewal.adjustable {
        None => json!({ "Type": "FixedPercentage", "Value": rise }),
        Some(bounds) => {
            let (least, most) = (percent(bounds.min_percent), percent(bounds.max_percent));
            json!({ "Type": "PercentageRange", "Range": { "MinValue": least, "MaxValue": most, "DefaultValue": rise } })
        }
    }
}

fn renewal_charge(due: &RenewalInstalment) -> Value {
    let offset = match (due.after_months, due.after_days) {
        (Some(months), _) => format!("P{months}M"),
        (None, days) => format!("P{}D", days.unwrap_or_default()),
    };
    let mut charge = json!({ "ChargeDateOffset": offset, "ChargePercentage": percent(due.percent) });
    if let (Some(day), Some(fields)) = (due.day_of_month, charge.as_object_mut()) {
        fields.insert("DayOfMonth".to_owned(), Value::from(day));
    }
    charge
}

/// A percentage with two decimals. One with more is not rounded: it is refused, not changed.
fn percent(amount: Amount) -> String {
    let exact = amount.decimal();
    if exact.scale() <= 2 { format!("{exact:.2}") } else { exact.to_string() }
}

/// The licence terms.
pub(super) fn legal(offer: &Offer) -> Value {
    let document = match &offer.eula {
        Eula::Standard(standard) => json!({ "Type": "StandardEula", "Version": standard.version }),
        Eula::Custom(custom) => json!({ "Type": "CustomEula", "Url": custom.url }),
    };
    json!({ "Terms": [{ "Type": "LegalTerm", "Documents": [document] }] })
}

/// The refund policy.
pub(super) fn support(offer: &Offer) -> Option<Value> {
    let policy = offer.refund_policy.as_ref()?;
    Some(json!({ "Terms": [{ "Type": "SupportTerm", "RefundPolicy": policy }] }))
}

/// The last day on which the offer can be accepted.
pub(super) fn availability(last: Date) -> Value {
    json!({ "AvailabilityEndDate": last.to_string() })
}
