//! `ListAgreementInvoiceLineItems`: what was invoiced under an agreement, in groups by invoice.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Agreement, Invoice, listed, money, of_proposer, page};
use crate::aws::cbor::timestamp;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::text;

/// For the proposer, in order of issue.
pub(super) fn line_items(context: &Context<'_>) -> Reply {
    let agreement = of_proposer(context, "list invoice line items")?;
    let input = &context.call.input;
    let refused = |field: &str, message: &str| Err(Refusal::agreement_validation("OTHER", field, message));
    if text(input, "groupBy") != "INVOICE_ID" {
        return refused("groupBy", "`groupBy` must be `INVOICE_ID`");
    }
    if !matches!(text(input, "invoiceType"), "" | "INVOICE" | "CREDIT_MEMO") {
        return refused("invoiceType", "`invoiceType` is `INVOICE` or `CREDIT_MEMO`");
    }
    if input.get("invoiceBillingPeriod").is_some_and(|period| !is_period(period)) {
        return refused("invoiceBillingPeriod", "`month` is 1 to 12 and `year` 2023 to 2050; both are required");
    }
    let mut asked_for: Vec<&Invoice> =
        agreement.invoices.iter().filter(|invoice| is_asked_for(invoice, input)).collect();
    asked_for.sort_by_key(|invoice| (invoice.issued_at, invoice.id.clone()));
    let rows = asked_for.into_iter().map(|invoice| group(context, agreement, invoice)).collect();
    Ok(listed("agreementInvoiceLineItemGroupSummaries", page(context, rows)?))
}

fn is_period(period: &Value) -> bool {
    let within = |key: &str, least: i64, most: i64| {
        period.get(key).and_then(Value::as_i64).is_some_and(|value| (least..=most).contains(&value))
    };
    within("month", 1, 12) && within("year", 2023, 2050)
}

fn is_asked_for(invoice: &Invoice, input: &Value) -> bool {
    let millis = |key: &str| input.get(key).and_then(epoch_millis);
    let issued = invoice.issued_at.as_millisecond();
    let period = input.get("invoiceBillingPeriod");
    let part = |key: &str| period.and_then(|period| period.get(key)).and_then(Value::as_i64);
    let (id, kind) = (text(input, "invoiceId"), text(input, "invoiceType"));
    (id.is_empty() || id == invoice.id)
        && (kind.is_empty() || kind == invoice.kind.name())
        && millis("afterIssuedTime").is_none_or(|after| issued > after)
        && millis("beforeIssuedTime").is_none_or(|before| issued < before)
        && part("month").is_none_or(|month| month == i64::from(invoice.period.month()))
        && part("year").is_none_or(|year| year == i64::from(invoice.period.year()))
}

/// Epoch seconds of a request, whole or with a fraction, as milliseconds.
pub(super) fn epoch_millis(value: &Value) -> Option<i64> {
    let seconds: Decimal = value.as_number()?.to_string().parse().ok()?;
    i64::try_from((seconds.checked_mul(Decimal::ONE_THOUSAND)?).trunc()).ok()
}

fn group(context: &Context<'_>, agreement: &Agreement, invoice: &Invoice) -> Value {
    let seller = context.account.name.clone();
    json!({
        "agreementId": agreement.id,
        "invoiceId": invoice.id,
        "pricingCurrencyAmount": {
            "amount": invoice.amount.to_string(),
            "maxAdjustmentAmount": money::rounded(invoice.adjustable()).to_string(),
            "currencyCode": agreement.currency,
        },
        "invoiceBillingPeriod": { "month": invoice.period.month(), "year": invoice.period.year() },
        "issuedTime": timestamp(invoice.issued_at),
        "invoiceType": invoice.kind.name(),
        "invoicingEntity": { "legalName": "Amazon Web Services, Inc.", "branchName": seller },
    })
}
