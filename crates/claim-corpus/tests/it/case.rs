//! A record of the corpus as a case of the rules: the only place that knows both.

use entente_claim_corpus::{Claim, Corpus, File, Invoice};
use entente_core::mdf::{Case, Pack};
use serde_json::{Value, json};

/// The limit of the corpus, 10,000 units of a hundred minor ones, in each of its currencies.
const LIMIT: &str = r#"{ EUR: "10000.00", GBP: "10000.00", USD: "10000.00", JPY: "1000000" }"#;

/// The pack of a programme: the seven rules, and nothing else.
pub fn pack(corpus: &Corpus, partial: bool) -> Pack {
    let claims = if partial { "partial" } else { "one" };
    let handed_out = corpus.handed_out.join(", ");
    let text = format!(
        "pack: duplicates\nversion: 1\ntitle: for a test\nzone: Europe/Berlin\nrules:\n  F1: {{ handed_out: [{handed_out}] }}\n  \
         F2: {{}}\n  F3: {{}}\n  F4: {{ limit: {LIMIT} }}\n  F5: {{}}\n  F6: {{ claims: {claims} }}\n  F7: {{}}\n"
    );
    Pack::from_yaml("test.yaml", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// The case of a claim, nothing known of earlier ones.
pub fn case(claim: &Claim) -> Case {
    let money = |minor: i64| json!({ "minor": minor, "currency": claim.currency });
    let activity = json!({
        "id": claim.activity.id, "kind": claim.activity.kind, "start": claim.activity.start, "end": claim.activity.end,
        "place": claim.activity.place, "audience": "end_customers", "form": "as usual",
    });
    let at = |day: jiff::civil::Date| format!("{day}T09:00:00Z");
    let value = json!({
        "now": at(claim.submitted),
        "programme": claim.programme,
        "partner": {
            "id": claim.partner.id, "status": "active", "kind": "reseller", "region": "all", "country": "DE",
            "bank_hash": claim.partner.bank, "address": claim.partner.address, "owns": claim.partner.owns,
        },
        "request": {
            "id": format!("REQ-{}", claim.activity.id), "requested_by": "pia", "submitted_at": at(claim.activity.start),
            "activity": activity, "cost": money(2 * claim.approved), "amount": money(claim.approved),
            "reserved": money(claim.approved), "consumed": money(0),
            "approval": {
                "at": at(claim.activity.start), "amount": money(claim.approved), "cost": money(2 * claim.approved),
                "activity": activity, "window_from": claim.activity.start, "window_until": claim.activity.end,
            },
        },
        "claim": {
            "id": claim.id, "kind": "regular", "closing": claim.closing, "submitted_at": at(claim.submitted),
            "currency": claim.currency, "amount": money(claim.amount),
            "evidence": claim.files.iter().map(|one| file(claim, one)).collect::<Vec<Value>>(),
            "invoices": claim.invoices.iter().map(|one| invoice(one, &money)).collect::<Vec<Value>>(),
        },
    });
    serde_json::from_value(value).unwrap()
}

fn file(claim: &Claim, file: &File) -> Value {
    json!({
        "sha256": file.sha256, "name": file.name, "kind": file.kind, "refers_to": claim.id, "bytes": 90_000,
        "media": if file.picture.is_some() { "png" } else { "pdf" }, "scan": "clean", "class": "finance",
        "received_on": claim.submitted, "picture_hash": file.picture,
    })
}

fn invoice(invoice: &Invoice, money: &impl Fn(i64) -> Value) -> Value {
    let supplier = &invoice.supplier;
    json!({
        "supplier": { "name": supplier.name, "tax_id": supplier.tax_id, "bank_hash": supplier.bank, "address": supplier.address },
        "number": invoice.number, "date": invoice.date, "lines": 2, "total": money(invoice.total),
        "claimed": money(invoice.claimed), "share_declared": invoice.share_declared,
    })
}
