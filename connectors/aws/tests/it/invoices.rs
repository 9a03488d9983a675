//! What was billed and given back, as the vendor reads it.

use ciborium::Value;
use entente_core::money::Money;
use entente_port::{AdjustmentReason, BillingPeriod, InvoiceKind, Marketplace, Write};
use jiff::Timestamp;

use crate::{
    desk::{Desk, START, call},
    mangled::{Format, wired},
};

fn dollars(cents: i64) -> Money {
    Money { minor: cents, currency: "USD".parse().unwrap() }
}

#[tokio::test]
async fn an_invoice_says_what_it_bills_and_how_much_of_it_can_be_given_back() {
    let desk = Desk::new().await;
    let (agreement, id) = desk.sold(1).await;
    let page = desk.aws.invoices_of(&agreement).await.unwrap();
    let [invoice] = page.invoices.as_slice() else { panic!("{page:?}") };
    assert_eq!((&invoice.id, invoice.kind), (&id, InvoiceKind::Invoice));
    assert_eq!(invoice.adjustable, Some(invoice.amount));
    assert_eq!(invoice.issued_at.to_string(), "2031-05-01T08:00:01Z");
    assert_eq!(invoice.period, Some(BillingPeriod { year: 2031, month: 5 }));
    let write = Write::AdjustBilling {
        agreement_id: agreement.clone(),
        invoice_id: id.clone(),
        amount: dollars(1_050),
        reason: AdjustmentReason::Test,
        description: None,
    };
    desk.aws.submit(&call(10), &write).await.unwrap();
    desk.advance("PT1S").await;
    let after = desk.aws.invoices_of(&agreement).await.unwrap();
    let [first, memo] = after.invoices.as_slice() else { panic!("{after:?}") };
    assert_eq!(first.adjustable.map(|left| left.minor), Some(invoice.amount.minor - 1_050));
    assert_eq!((memo.kind, memo.amount, memo.adjustable), (InvoiceKind::CreditMemo, dollars(1_050), Some(dollars(0))));
}

#[tokio::test]
async fn instalments_are_listed_as_they_are_issued() {
    let desk = Desk::new().await;
    let offer = crate::offers::instalments(&desk.buyer());
    let offer_id = desk.applied_offer(&call(1), &crate::offers::create(offer)).await;
    let agreement = desk.accept(&offer_id, &desk.buyer()).await;
    desk.advance("P400D").await;
    let all = desk.aws.invoices_of(&agreement).await.unwrap().invoices;
    assert!(all.len() >= 2, "{all:?}");
    assert!(all.is_sorted_by_key(|invoice| invoice.issued_at));
    let last = all.last().unwrap();
    let since = desk.aws.invoices_since(last.issued_at, None).await.unwrap();
    assert_eq!(since.invoices, std::slice::from_ref(last), "at the instant itself, and nothing before it");
    let later = last.issued_at.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
    assert_eq!(desk.aws.invoices_since(later, None).await.unwrap().invoices, []);
}

#[tokio::test]
async fn row_32_the_invoices_of_all_agreements_are_read_page_by_page() {
    let desk = Desk::new().await;
    let mut expected = Vec::new();
    for n in 1..=23 {
        expected.push(desk.sold(n).await.1);
    }
    let start: Timestamp = START.parse().unwrap();
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    let mut pages = 0;
    loop {
        let page = desk.aws.invoices_since(start, cursor.as_deref()).await.unwrap();
        seen.extend(page.invoices.into_iter().map(|invoice| invoice.id));
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    expected.sort();
    assert_eq!((seen, pages), (expected, 3));
    let stale = desk.aws.invoices_since(start, Some("stale.10")).await.unwrap_err();
    assert!(matches!(stale, entente_port::Error::Rejected { .. }), "{stale:?}");
}

#[tokio::test]
async fn an_agreement_is_read_by_its_id_as_the_list_tells_it() {
    let desk = Desk::new().await;
    let (id, _) = desk.sold(1).await;
    desk.advance("PT1H").await;
    desk.allow_payments(&id, "10.00", None).await;
    let one = desk.aws.agreement(&id).await.unwrap();
    let listed = desk.aws.agreements_of(one.offer_id.as_deref().unwrap()).await.unwrap();
    assert_eq!(listed.observations, [entente_port::Observation::Agreement(one.clone())]);
    assert!(one.updated_at > one.accepted_at, "{one:?}");
    assert!(one.value.is_some(), "{one:?}");
}

#[tokio::test]
async fn row_28_what_is_not_understood_is_kept_apart() {
    let (desk, wire) = wired().await;
    let (agreement, _) = desk.sold(1).await;
    let group = |id: &str, kind: &str, amount: &str| {
        let text = |text: &str| Value::Text(text.to_owned());
        let amount = vec![(text("amount"), text(amount)), (text("currencyCode"), text("USD"))];
        Value::Map(vec![
            (text("invoiceId"), text(id)),
            (text("invoiceType"), text(kind)),
            (text("issuedTime"), Value::Tag(1, Box::new(Value::Integer(1.into())))),
            (text("pricingCurrencyAmount"), Value::Map(amount)),
        ])
    };
    let groups = [
        group("1", "PRO_FORMA", "1"),
        group("2", "INVOICE", "1.005"),
        group("3", "INVOICE", "-1"),
        group("4", "CREDIT_MEMO", "2.50"),
        group("5", "CREDIT_MEMO", "-2.50"),
    ];
    let list = Value::Text("agreementInvoiceLineItemGroupSummaries".to_owned());
    let answer = Value::Map(vec![(list, Value::Array(groups.to_vec()))]);
    wire.put("ListAgreementInvoiceLineItems", &Format::Cbor.write(&answer));
    let page = desk.aws.invoices_of(&agreement).await.unwrap();
    let words: Vec<&str> = page.unrecognised.iter().map(|one| one.word.as_str()).collect();
    assert_eq!(words, ["the type `PRO_FORMA`", "the amount `1.005`", "an invoice of USD -1.00"]);
    let memos: Vec<Money> = page.invoices.iter().map(|one| one.amount).collect();
    assert_eq!(memos, [dollars(250), dollars(250)], "with its sign or without, it is the same credit");
}
