//! Charges, invoices and purchase orders.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Agreement, Charge, Invoice, listed, of_party, page};
use crate::aws::cbor::timestamp;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::text;

/// `ListAgreementInvoiceLineItems`, for the proposer.
pub(super) fn invoice_line_items(context: &Context<'_>) -> Reply {
    let agreement = of_party(context)?;
    if agreement.proposer != context.account.account_id {
        return Err(Refusal::agreement_access("invoice line items are listed for the proposer"));
    }
    let input = &context.call.input;
    if text(input, "groupBy") != "INVOICE_ID" {
        return Err(Refusal::agreement_validation("OTHER", "groupBy", "`groupBy` must be `INVOICE_ID`"));
    }
    let rows = agreement.invoices.iter().filter(|invoice| is_asked_for(invoice, input));
    let rows = rows.map(|invoice| group(context, agreement, invoice)).collect();
    Ok(listed("agreementInvoiceLineItemGroupSummaries", page(context, rows)?))
}

fn is_asked_for(invoice: &Invoice, input: &Value) -> bool {
    let millis = |key: &str| input.get(key).and_then(epoch_millis);
    let issued = invoice.issued_at.as_millisecond();
    let period = input.get("invoiceBillingPeriod");
    let part = |key: &str| period.and_then(|period| period.get(key)).and_then(Value::as_i64);
    let id = text(input, "invoiceId");
    (id.is_empty() || id == invoice.id)
        // The sandbox issues no credit memos.
        && text(input, "invoiceType") != "CREDIT_MEMO"
        && millis("afterIssuedTime").is_none_or(|after| issued > after)
        && millis("beforeIssuedTime").is_none_or(|before| issued < before)
        && part("month").is_none_or(|month| month == i64::from(invoice.period.month()))
        && part("year").is_none_or(|year| year == i64::from(invoice.period.year()))
}

/// Epoch seconds of a request, whole or with a fraction, as milliseconds.
fn epoch_millis(value: &Value) -> Option<i64> {
    let seconds: Decimal = value.as_number()?.to_string().parse().ok()?;
    i64::try_from((seconds * Decimal::ONE_THOUSAND).trunc()).ok()
}

fn group(context: &Context<'_>, agreement: &Agreement, invoice: &Invoice) -> Value {
    let seller = context.account.name.clone();
    json!({
        "agreementId": agreement.id,
        "invoiceId": invoice.id,
        "pricingCurrencyAmount": {
            "amount": invoice.amount.to_string(),
            "maxAdjustmentAmount": invoice.amount.to_string(),
            "currencyCode": agreement.currency,
        },
        "invoiceBillingPeriod": { "month": invoice.period.month(), "year": invoice.period.year() },
        "issuedTime": timestamp(invoice.issued_at),
        "invoiceType": "INVOICE",
        "invoicingEntity": { "legalName": "Amazon Web Services, Inc.", "branchName": seller },
    })
}

/// `ListAgreementCharges`, for the acceptor.
pub(super) fn list(context: &Context<'_>) -> Reply {
    let caller = &context.account.account_id;
    let wanted = context.call.input.get("agreementId").and_then(Value::as_str);
    if wanted.is_some() && of_party(context)?.acceptor != *caller {
        return Err(Refusal::agreement_access("charges are listed for the acceptor"));
    }
    let agreements = context.world.aws.agreements.values();
    let mut rows: Vec<(Timestamp, Value)> = agreements
        .filter(|agreement| agreement.acceptor == *caller && wanted.is_none_or(|id| id == agreement.id))
        .flat_map(|agreement| agreement.charges.iter().map(move |charge| (charge.at, shown(agreement, charge))))
        .collect();
    rows.sort_by_key(|(at, _)| *at);
    Ok(listed("items", page(context, rows.into_iter().map(|(_, row)| row).collect())?))
}

fn shown(agreement: &Agreement, charge: &Charge) -> Value {
    let mut row = json!({
        "id": charge.id,
        "revision": charge.revision,
        "agreementId": agreement.id,
        "agreementType": "PurchaseAgreement",
        "currencyCode": agreement.currency,
        "amount": charge.amount.to_string(),
        "time": timestamp(charge.at),
    });
    if let (Value::Object(map), Some(reference)) = (&mut row, &charge.purchase_order) {
        map.insert("purchaseOrderReference".to_owned(), reference.clone().into());
    }
    row
}

/// `UpdatePurchaseOrders`: all or none.
pub(super) fn update_purchase_orders(mut context: Context<'_>) -> Reply {
    let orders = context.call.input.get("purchaseOrders").and_then(Value::as_array).cloned().unwrap_or_default();
    if orders.is_empty() {
        let message = "`purchaseOrders` is required";
        return Err(Refusal::agreement_validation("MISSING_PURCHASE_ORDERS", "purchaseOrders", message));
    }
    let caller = context.account.account_id.clone();
    let mut agreements = context.world.aws.agreements.clone();
    for order in &orders {
        let id = text(order, "chargeId");
        let charge = agreements
            .values_mut()
            .filter(|agreement| agreement.acceptor == caller)
            .flat_map(|agreement| &mut agreement.charges)
            .find(|charge| charge.id == id)
            .ok_or_else(|| Refusal::agreement_not_found("Charge", id))?;
        if order.get("chargeRevision").is_some_and(|revision| revision.as_u64() != Some(charge.revision)) {
            return Err(Refusal::conflict("Charge", id, format!("the charge `{id}` has revision {}", charge.revision)));
        }
        charge.purchase_order = order.get("purchaseOrderReference").and_then(Value::as_str).map(str::to_owned);
        charge.revision += 1;
    }
    context.world.aws.agreements = agreements;
    context.record_effect(None, orders.iter().map(|order| text(order, "chargeId").to_owned()).collect());
    Ok(json!({}))
}
