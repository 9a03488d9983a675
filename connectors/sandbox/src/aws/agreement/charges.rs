//! Charges and purchase orders.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Agreement, Charge, listed, of_party, page};
use crate::aws::cbor::timestamp;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::text;

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

/// The most purchase orders of one call.
const ORDERS_MAX: usize = 86;

/// What is wrong with the form of one purchase order.
pub(super) fn well_formed(order: &Value) -> Result<(), Refusal> {
    let invalid = |reason, field: &str, message: &str| Err(Refusal::agreement_validation(reason, field, message));
    if text(order, "chargeId").is_empty() {
        return invalid("MISSING_CHARGE_ID", "chargeId", "`chargeId` is required");
    }
    if order.get("chargeRevision").is_some_and(|revision| revision.as_u64().is_none_or(|revision| revision == 0)) {
        return invalid("INVALID_CHARGE_REVISION", "chargeRevision", "`chargeRevision` is a whole number from 1");
    }
    if order.get("purchaseOrderReference").is_some_and(|reference| reference.as_str().is_none_or(str::is_empty)) {
        return invalid("INVALID_PURCHASE_ORDER_REFERENCE", "purchaseOrderReference", "it is a text that is not empty");
    }
    Ok(())
}

/// `UpdatePurchaseOrders`: all or none.
pub(super) fn update_purchase_orders(mut context: Context<'_>) -> Reply {
    let orders = context.call.input.get("purchaseOrders").and_then(Value::as_array).cloned().unwrap_or_default();
    if orders.is_empty() {
        let message = "`purchaseOrders` is required";
        return Err(Refusal::agreement_validation("MISSING_PURCHASE_ORDERS", "purchaseOrders", message));
    }
    if orders.len() > ORDERS_MAX {
        let message = format!("`purchaseOrders` has at most {ORDERS_MAX} entries");
        return Err(Refusal::agreement_validation("INVALID_PURCHASE_ORDERS", "purchaseOrders", message));
    }
    let mut named = std::collections::BTreeSet::new();
    for order in &orders {
        well_formed(order)?;
        if !named.insert(text(order, "chargeId")) {
            let message = format!("the charge `{}` is named twice", text(order, "chargeId"));
            return Err(Refusal::agreement_validation("DUPLICATE_CHARGES", "purchaseOrders", message));
        }
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
