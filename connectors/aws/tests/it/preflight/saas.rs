//! The rules about SaaS offers, most of which hold for every offer.

use serde_json::{Value, json};

use super::{BUYER, Case, case, renewal, rows, set};
use crate::offers::{contract_with_usage, instalments, upfront, usage};

/// Instalments on the days after the offer's expiry.
fn schedule(count: u32) -> Value {
    let first = jiff::civil::date(2031, 7, 1);
    rows(count, |n| {
        let day = first.checked_add(jiff::Span::new().days(i64::from(n))).unwrap();
        json!({ "date": day.to_string(), "amount": "10" })
    })
}

fn seats(count: u32) -> Value {
    rows(count, |n| json!({ "key": format!("d{n}"), "quantity": 1, "unit_price": "1" }))
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "AWS-001",
            "/name",
            upfront,
            |o| o["name"] = json!("x".repeat(151)),
            |o| o["name"] = json!("x".repeat(150)),
        ),
        case("AWS-001", "/name", upfront, |o| o["name"] = json!("a < b"), |o| o["name"] = json!("a & b")),
        case("AWS-001", "/name", upfront, |o| o["name"] = json!(""), |o| o["name"] = json!("x")),
        case(
            "AWS-002",
            "/description",
            upfront,
            |o| o["description"] = json!("é".repeat(256)),
            |o| o["description"] = json!("é".repeat(255)),
        ),
        case(
            "AWS-003",
            "/eula/standard/version",
            upfront,
            |o| o["eula"]["standard"]["version"] = json!("2019-04-24"),
            |_| (),
        ),
        case(
            "AWS-004",
            "/eula/custom/url",
            upfront,
            |o| o["eula"] = json!({ "custom": { "url": "http://b.s3.amazonaws.com/e.pdf", "sha256": "0".repeat(64) } }),
            |o| {
                o["eula"] = json!({ "custom": { "url": "https://b.s3.amazonaws.com/e.pdf", "sha256": "0".repeat(64) } })
            },
        ),
        case("AWS-005", "/buyer/accounts/0", upfront, |o| o["buyer"]["accounts"] = json!(["44445555666"]), |_| ()),
        case("AWS-005", "/buyer/accounts/0", upfront, |o| o["buyer"]["accounts"] = json!(["4444-5555-66"]), |_| ()),
        case(
            "AWS-006",
            "/buyer/accounts",
            upfront,
            |o| o["buyer"]["accounts"] = rows(27, |n| json!(format!("4444555566{n:02}"))),
            |o| o["buyer"]["accounts"] = rows(26, |n| json!(format!("4444555566{n:02}"))),
        ),
        case("AWS-006", "/buyer/accounts/1", upfront, |o| o["buyer"]["accounts"] = json!([BUYER, BUYER]), |_| ()),
        case("AWS-007", "/product/kind", upfront, |o| o["product"]["kind"] = json!("data"), |_| ()),
        case("AWS-007", "/product/kind", upfront, |o| o["product"]["kind"] = json!("container"), |_| ()),
        case("AWS-008", "/product/id", upfront, |o| o["product"]["id"] = json!("prod-hidden"), |_| ()),
        case(
            "AWS-009",
            "/pricing/contract/dimensions/0/key",
            upfront,
            |o| o["product"]["dimensions"] = json!({}),
            |_| (),
        ),
        case(
            "AWS-009",
            "/pricing/usage/dimensions/0/key",
            usage,
            |o| set(o, "/pricing/usage/dimensions/0/key", json!("Seats")),
            |o| set(o, "/pricing/usage/dimensions/0/key", json!("Events")),
        ),
        case(
            "AWS-010",
            "/pricing/contract/dimensions/1/key",
            upfront,
            |o| {
                let row = o["pricing"]["contract"]["dimensions"][0].clone();
                o["pricing"]["contract"]["dimensions"] =
                    json!([row, { "key": "Seats", "quantity": 1, "unit_price": "1" }]);
            },
            |_| (),
        ),
        case(
            "AWS-011",
            "/pricing/contract/dimensions",
            upfront,
            |o| o["pricing"]["contract"]["dimensions"] = seats(201),
            |o| o["pricing"]["contract"]["dimensions"] = seats(200),
        ),
        case(
            "AWS-012",
            "/pricing/contract/dimensions/0/quantity",
            upfront,
            |o| set(o, "/pricing/contract/dimensions/0/quantity", json!(2_147_483_647_u64)),
            |o| set(o, "/pricing/contract/dimensions/0/quantity", json!(2_147_483_646_u64)),
        ),
        case("AWS-013", "/currency", upfront, |o| o["currency"] = json!("CHF"), |o| o["currency"] = json!("EUR")),
        case("AWS-014", "/currency", usage, |o| o["currency"] = json!("EUR"), |o| o["currency"] = json!("USD")),
        case(
            "AWS-015",
            "/pricing/contract/dimensions/0/unit_price",
            upfront,
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("1.0001")),
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("1.001")),
        ),
        case(
            "AWS-016",
            "/pricing/usage/dimensions/0/unit_price",
            usage,
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("0.000000001")),
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("0.00000001")),
        ),
        case(
            "AWS-016",
            "/pricing/usage/dimensions/0/unit_price",
            usage,
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("100000000.01")),
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("100000000")),
        ),
        case(
            "AWS-017",
            "/pricing/contract/dimensions/0",
            upfront,
            |o| o["pricing"]["contract"]["dimensions"][0]["ramp"] = json!([{ "after_months": 6, "quantity": 20 }]),
            |o| o["pricing"]["contract"]["free_months"] = json!(6),
        ),
        case(
            "AWS-018",
            "/pricing/contract",
            upfront,
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("100000000.001")),
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("100000000")),
        ),
        case(
            "AWS-019",
            "/pricing/free_trial/duration",
            upfront,
            |o| o["pricing"]["free_trial"] = json!({ "duration": "P91D" }),
            |o| o["pricing"]["free_trial"] = json!({ "duration": "P90D" }),
        ),
        case(
            "AWS-020",
            "/pricing/free_trial",
            upfront,
            |o| o["pricing"]["free_trial"] = json!({ "duration": "P30D" }),
            |_| (),
        ),
        case(
            "AWS-021",
            "/pricing/contract",
            upfront,
            |_| (),
            |o| o["pricing"]["contract"]["instalments"] = schedule(1),
        ),
        case(
            "AWS-022",
            "/expires_on",
            upfront,
            |o| o["expires_on"] = json!("2031-05-01"),
            |o| o["expires_on"] = json!("2031-05-02"),
        ),
        case(
            "AWS-023",
            "/term/end",
            renewal,
            |o| o["term"] = json!({ "end": "2031-06-30" }),
            |o| o["term"] = json!({ "end": "2031-07-01" }),
        ),
        case(
            "AWS-024",
            "/term/start",
            upfront,
            |o| o["term"] = json!({ "start": "2031-06-30", "end": "2032-06-30" }),
            |o| o["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30" }),
        ),
        case(
            "AWS-025",
            "/term/end",
            upfront,
            |o| o["term"] = json!({ "end": "2032-06-30" }),
            |o| o["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30" }),
        ),
        case(
            "AWS-026",
            "/term",
            upfront,
            |o| o["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30", "duration": "P1Y" }),
            |o| o["term"] = json!({ "duration": "P1Y" }),
        ),
        case(
            "AWS-027",
            "/pricing/contract/duration",
            upfront,
            |o| set(o, "/pricing/contract/duration", json!("P61M")),
            |o| set(o, "/pricing/contract/duration", json!("P60M")),
        ),
        case(
            "AWS-028",
            "/pricing/contract/instalments",
            instalments,
            |o| set(o, "/pricing/contract/instalments", schedule(61)),
            |o| set(o, "/pricing/contract/instalments", schedule(60)),
        ),
        case(
            "AWS-029",
            "/pricing/contract/instalments/1/date",
            instalments,
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-06-15")),
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-06-16")),
        ),
        case(
            "AWS-030",
            "/pricing/contract/instalments",
            instalments,
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-06-30")),
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-07-01")),
        ),
        case(
            "AWS-031",
            "/pricing/contract/instalments/0/date",
            instalments,
            |o| set(o, "/pricing/contract/instalments/0/date", json!("2031-04-30")),
            |o| set(o, "/pricing/contract/instalments/0/date", json!("2031-05-01")),
        ),
        case(
            "AWS-032",
            "/pricing/contract/instalments/1/date",
            instalments,
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2032-05-01")),
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2032-04-30")),
        ),
        case(
            "AWS-033",
            "/pricing/contract/instalments/0/amount",
            instalments,
            |o| set(o, "/pricing/contract/instalments/0/amount", json!("1.001")),
            |o| set(o, "/pricing/contract/instalments/0/amount", json!("1.01")),
        ),
        case(
            "AWS-034",
            "/payment_due_days",
            upfront,
            |o| o["payment_due_days"] = json!(31),
            |o| o["payment_due_days"] = json!(30),
        ),
        case("AWS-035", "/pricing", usage, |o| o["renewal"] = json!({ "of": "agmt-1" }), |_| ()),
        case("AWS-036", "/term/end", renewal, |o| o["term"] = json!({ "duration": "P1Y" }), |_| ()),
        case("AWS-036", "/term/start", renewal, |o| o["term"]["start"] = json!("2031-07-01"), |_| ()),
        case(
            "AWS-037",
            "/auto_renewal/price_increase_percent",
            contract_with_usage,
            |o| set(o, "/auto_renewal/price_increase_percent", json!("100.01")),
            |o| set(o, "/auto_renewal/price_increase_percent", json!("100")),
        ),
        case(
            "AWS-038",
            "/auto_renewal/lockout_days",
            contract_with_usage,
            |o| set(o, "/auto_renewal/lockout_days", json!(366)),
            |o| set(o, "/auto_renewal/lockout_days", json!(365)),
        ),
        case(
            "AWS-039",
            "/auto_renewal/instalments",
            contract_with_usage,
            |o| o["pricing"]["contract"]["instalments"] = schedule(1),
            |_| (),
        ),
        case(
            "AWS-039",
            "/auto_renewal",
            usage,
            |o| o["auto_renewal"] = json!({ "price_increase_percent": "3", "lockout_days": 30 }),
            |_| (),
        ),
    ]
}
