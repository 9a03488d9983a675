//! What AWS has invoiced to buyers and given back: by agreement, which is how its API lists it.
//!
//! Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_ListAgreementInvoiceLineItems.html>

use aws_sdk_marketplaceagreement::types::{
    AgreementInvoiceLineItemGroupSummary as Group, InvoiceType, LineItemGroupBy,
};
use aws_smithy_types::DateTime;
use entente_core::money::{Currency, Money};
use entente_port::{BillingPeriod, Invoice, InvoiceKind, InvoicePage, Result, UnrecognisedInvoice};
use jiff::Timestamp;

use crate::{
    agreements::{instant, search},
    client::{Client, Operation},
    failure::{Purpose, fault},
    paging,
};

/// How many agreements make one page of [`since`]. Each one costs a call of its own, of which AWS allows ten a second.
const AGREEMENTS: i32 = 10;

/// All invoices and credit memos of one agreement, oldest first.
pub(crate) async fn of_agreement(client: &Client, agreement_id: &str) -> Result<InvoicePage> {
    read(client, agreement_id, None).await
}

/// Invoices and credit memos issued at or after `since`, agreement by agreement: AWS has no list over all of them. The
/// agreements are walked in order of their start, which never changes; the cursor is the service's own page token.
pub(crate) async fn since(client: &Client, since: Timestamp, cursor: Option<&str>) -> Result<InvoicePage> {
    let listed = search(client, &[], Some("StartTime"), cursor.map(str::to_owned), AGREEMENTS).await?;
    let mut page = InvoicePage { next: listed.next_token.clone(), ..InvoicePage::default() };
    for summary in listed.agreement_view_summaries() {
        let Some(id) = summary.agreement_id() else {
            let object = "an agreement in the list of agreements".to_owned();
            page.unrecognised.push(UnrecognisedInvoice { object, word: "no id".to_owned() });
            continue;
        };
        let theirs = read(client, id, Some(since)).await?;
        page.invoices.extend(theirs.invoices);
        page.unrecognised.extend(theirs.unrecognised);
    }
    page.invoices.sort_by_key(|invoice| invoice.issued_at);
    Ok(page)
}

async fn read(client: &Client, agreement_id: &str, since: Option<Timestamp>) -> Result<InvoicePage> {
    let object = &format!("the invoices of agreement `{agreement_id}`");
    // The service lists what was issued after an instant, not at it.
    let after = since.map(|since| DateTime::from_secs(since.as_second().saturating_sub(1)));
    let groups = paging::all(|token| async move {
        let page = client
            .call(Operation::ListAgreementInvoiceLineItems, |sdk| {
                let request = sdk
                    .agreement
                    .list_agreement_invoice_line_items()
                    .agreement_id(agreement_id)
                    .group_by(LineItemGroupBy::InvoiceId)
                    .set_after_issued_time(after)
                    .max_results(paging::PAGE)
                    .set_next_token(token.clone());
                async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
            })
            .await?;
        Ok((page.agreement_invoice_line_item_group_summaries.unwrap_or_default(), page.next_token))
    })
    .await?;
    let mut page = InvoicePage::default();
    for group in &groups {
        match understood(agreement_id, group) {
            Ok(invoice) if since.is_none_or(|since| invoice.issued_at >= since) => page.invoices.push(invoice),
            Ok(_) => {}
            Err(word) => {
                let id = group.invoice_id().unwrap_or("without id");
                let object = format!("invoice `{id}` of agreement `{agreement_id}`");
                page.unrecognised.push(UnrecognisedInvoice { object, word });
            }
        }
    }
    page.invoices.sort_by_key(|invoice| invoice.issued_at);
    Ok(page)
}

/// An invoice, or what of it could not be understood.
fn understood(agreement_id: &str, group: &Group) -> std::result::Result<Invoice, String> {
    let kind = match group.invoice_type() {
        Some(InvoiceType::Invoice) => InvoiceKind::Invoice,
        Some(InvoiceType::CreditMemo) => InvoiceKind::CreditMemo,
        Some(unknown) => return Err(format!("the type `{}`", unknown.as_str())),
        None => return Err("no type".to_owned()),
    };
    let amounts = group.pricing_currency_amount().ok_or("no amount")?;
    let currency = amounts.currency_code().ok_or("no currency")?;
    let currency: Currency = currency.parse().map_err(|_| format!("the currency `{currency}`"))?;
    let money = |text: &str| Money::parse(text, currency).map_err(|_| format!("the amount `{text}`"));
    let amount = money(amounts.amount().ok_or("no amount")?)?;
    // A credit memo may be written with its sign or without; the kind says which way the money goes.
    let amount = match kind {
        InvoiceKind::CreditMemo => Money { minor: amount.minor.saturating_abs(), ..amount },
        InvoiceKind::Invoice if amount.minor < 0 => return Err(format!("an invoice of {amount}")),
        InvoiceKind::Invoice => amount,
    };
    let period = group.invoice_billing_period().and_then(|period| {
        Some(BillingPeriod { year: i16::try_from(period.year()).ok()?, month: i8::try_from(period.month()).ok()? })
    });
    Ok(Invoice {
        id: group.invoice_id().ok_or("no id")?.to_owned(),
        agreement_id: group.agreement_id().unwrap_or(agreement_id).to_owned(),
        kind,
        amount,
        adjustable: amounts.max_adjustment_amount().map(money).transpose()?,
        issued_at: group.issued_time().and_then(instant).ok_or("no time of issue")?,
        period,
        issuer: group.invoicing_entity().and_then(|entity| entity.legal_name()).map(str::to_owned),
    })
}
