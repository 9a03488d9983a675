//! The rules about kinds of products, choices, refunds, countries and renewal terms.

use serde_json::{Value, json};

use super::{Case, case, renewal, rows, set};
use crate::offers::{containers, hourly, hourly_or_yearly, licences, renewing, tiers, upfront, usage};

/// So many durations beside the contract's own.
fn alternatives(count: u32) -> Value {
    rows(count, |n| {
        json!({ "duration": format!("P{}M", 13 + n), "dimensions": [
            { "key": "seats", "unit_price": "1" }, { "key": "Premium", "unit_price": "1" },
        ] })
    })
}

/// Shares of a renewed agreement's price: so many of one percent, and the rest.
fn shares(count: u32) -> Value {
    let row = |n: u32| json!({ "after_days": n, "percent": if n == 0 { 101 - count } else { 1 }.to_string() });
    rows(count, row)
}

pub(super) fn cases() -> Vec<Case> {
    let mut all = of_kinds();
    all.extend(of_choices());
    all.extend(of_renewals());
    all
}

fn of_kinds() -> Vec<Case> {
    vec![
        case(
            "AWS-009",
            "/pricing/contract/dimensions/0/key",
            hourly_or_yearly,
            |o| drop(o["pricing"].as_object_mut().unwrap().remove("usage")),
            |_| (),
        ),
        case("AWS-007", "/product/kind", hourly, |o| o["product"]["kind"] = json!("saas"), |_| ()),
        case(
            "AWS-040",
            "/term/start",
            licences,
            |o| o["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30" }),
            |o| o["term"] = json!({ "duration": "P15M" }),
        ),
        case(
            "AWS-041",
            "/auto_renewal",
            licences,
            |o| o["auto_renewal"] = json!({ "price_increase_percent": "3", "lockout_days": 30 }),
            |_| (),
        ),
        // 60 days to accept, and 365 that were paid for.
        case(
            "AWS-042",
            "/term/duration",
            hourly_or_yearly,
            |o| o["term"]["duration"] = json!("P425D"),
            |o| o["term"]["duration"] = json!("P426D"),
        ),
        case(
            "AWS-043",
            "/pricing/contract/instalments",
            hourly_or_yearly,
            |o| o["pricing"]["contract"]["instalments"] = json!([{ "date": "2031-06-15", "amount": "1250.50" }]),
            |_| (),
        ),
        case(
            "AWS-051",
            "/pricing/contract/duration",
            hourly_or_yearly,
            |o| o["pricing"]["contract"]["duration"] = json!("P12M"),
            |_| (),
        ),
        case("AWS-044", "/term", usage, |o| drop(o.as_object_mut().unwrap().remove("term")), |_| ()),
    ]
}

fn of_choices() -> Vec<Case> {
    vec![
        case(
            "AWS-015",
            "/pricing/contract/alternatives/0/dimensions/1/unit_price",
            tiers,
            |o| set(o, "/pricing/contract/alternatives/0/dimensions/1/unit_price", json!("1.0001")),
            |o| set(o, "/pricing/contract/alternatives/0/dimensions/1/unit_price", json!("1.001")),
        ),
        case(
            "AWS-027",
            "/pricing/contract/alternatives/0/duration",
            tiers,
            |o| set(o, "/pricing/contract/alternatives/0/duration", json!("P61M")),
            |o| set(o, "/pricing/contract/alternatives/0/duration", json!("P60M")),
        ),
        case(
            "AWS-045",
            "/pricing/contract/alternatives",
            tiers,
            |o| set(o, "/pricing/contract/alternatives", alternatives(5)),
            |o| set(o, "/pricing/contract/alternatives", alternatives(4)),
        ),
        case(
            "AWS-045",
            "/pricing/contract/alternatives/0/duration",
            tiers,
            |o| set(o, "/pricing/contract/alternatives/0/duration", json!("P1Y")),
            |o| set(o, "/pricing/contract/alternatives/0/duration", json!("P2Y")),
        ),
        case(
            "AWS-046",
            "/refund_policy",
            upfront,
            |o| o["refund_policy"] = json!("x".repeat(501)),
            |o| o["refund_policy"] = json!("x".repeat(500)),
        ),
        case(
            "AWS-046",
            "/refund_policy",
            upfront,
            |o| o["refund_policy"] = json!("Rückgabe nach 30 Tagen"),
            |o| o["refund_policy"] = json!("Refunds in 30 days © Acme, in £ or ¥\nAsk us~"),
        ),
        case("AWS-046", "/refund_policy", upfront, |o| o["refund_policy"] = json!(" x"), |_| ()),
        case(
            "AWS-047",
            "/countries/only/1",
            containers,
            |o| o["countries"]["only"] = json!(["DE", "XX"]),
            |o| o["countries"]["only"] = json!(["DE", "ZW"]),
        ),
        case(
            "AWS-047",
            "/countries/only",
            containers,
            |o| o["countries"]["only"] = rows(245, |_| json!("DE")),
            |o| o["countries"]["only"] = rows(244, |_| json!("DE")),
        ),
        case(
            "AWS-048",
            "/countries/except",
            containers,
            |o| o["countries"] = json!({ "except": ["FR"] }),
            |o| o["countries"] = json!({ "only": ["FR"] }),
        ),
        case("AWS-048", "/countries", renewal, |o| o["countries"] = json!({ "only": ["DE"] }), |_| ()),
    ]
}

fn of_renewals() -> Vec<Case> {
    vec![
        case(
            "AWS-039",
            "/auto_renewal/instalments",
            renewing,
            |o| drop(o["auto_renewal"].as_object_mut().unwrap().remove("instalments")),
            |_| (),
        ),
        case(
            "AWS-049",
            "/auto_renewal/adjustable/max_percent",
            renewing,
            |o| o["auto_renewal"]["adjustable"]["max_percent"] = json!("8.001"),
            |o| o["auto_renewal"]["adjustable"]["max_percent"] = json!("8.01"),
        ),
        case(
            "AWS-049",
            "/auto_renewal/adjustable",
            renewing,
            |o| o["auto_renewal"]["adjustable"]["min_percent"] = json!("4.51"),
            |o| o["auto_renewal"]["adjustable"]["min_percent"] = json!("4.5"),
        ),
        case(
            "AWS-049",
            "/auto_renewal/adjustable/until_days",
            renewing,
            |o| o["auto_renewal"]["adjustable"]["until_days"] = json!(30),
            |o| o["auto_renewal"]["adjustable"]["until_days"] = json!(31),
        ),
        case(
            "AWS-049",
            "/auto_renewal/adjustable/until_days",
            renewing,
            |o| o["auto_renewal"]["adjustable"]["until_days"] = json!(366),
            |o| o["auto_renewal"]["adjustable"]["until_days"] = json!(365),
        ),
        case(
            "AWS-050",
            "/auto_renewal/instalments",
            renewing,
            |o| o["auto_renewal"]["instalments"] = shares(87),
            |o| o["auto_renewal"]["instalments"] = shares(86),
        ),
        case(
            "AWS-050",
            "/auto_renewal/instalments",
            renewing,
            |o| o["auto_renewal"]["instalments"][0]["percent"] = json!("50.51"),
            |_| (),
        ),
        case(
            "AWS-050",
            "/auto_renewal/instalments/1/after_months",
            renewing,
            |o| o["auto_renewal"]["instalments"][1]["after_months"] = json!(12),
            |o| o["auto_renewal"]["instalments"][1]["after_months"] = json!(11),
        ),
        case(
            "AWS-050",
            "/auto_renewal/instalments/1/after_months",
            renewing,
            |o| o["auto_renewal"]["instalments"][1]["after_months"] = json!(1),
            |o| o["auto_renewal"]["instalments"][1]["after_months"] = json!(2),
        ),
        case(
            "AWS-050",
            "/auto_renewal/instalments/1/after_days",
            renewing,
            |o| o["auto_renewal"]["instalments"][1] = json!({ "after_days": 200, "percent": "49.5" }),
            |_| (),
        ),
        case(
            "AWS-050",
            "/auto_renewal/instalments/0/day_of_month",
            renewing,
            |o| o["auto_renewal"]["instalments"] = json!([{ "after_days": 1, "percent": "100", "day_of_month": 1 }]),
            |o| o["auto_renewal"]["instalments"] = json!([{ "after_days": 1, "percent": "100" }]),
        ),
        case(
            "AWS-050",
            "/auto_renewal/instalments/0/percent",
            renewing,
            |o| o["auto_renewal"]["instalments"][0]["percent"] = json!("0"),
            |_| (),
        ),
    ]
}
