//! Totals, discounts and price books: exact, with one named rounding.

use entente_core::{
    money::Money,
    offer::{
        Offer, Period,
        discount::{DiscountError, discounts},
        figures::figures,
        price_book::{PriceBook, Query},
        totals::{UnitMonths, totals, unit_months},
    },
};
use jiff::civil::{Date, date};
use serde_json::json;

use crate::offer::{example, offer};

const TODAY: Date = date(2027, 1, 4);

pub fn book() -> PriceBook {
    PriceBook::from_csv("acme@2027.1", "price-book.csv", &example("price-book.csv"))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn usd(text: &str) -> Money {
    Money::parse(text, "USD".parse().unwrap()).unwrap()
}

/// The example contract with one part of it replaced.
fn contract(pointer: &str, value: serde_json::Value) -> Offer {
    let mut json = offer("offer-contract.yaml").to_json();
    json.pointer_mut("/pricing/contract").unwrap().as_object_mut().unwrap().remove("total");
    match json.pointer_mut(pointer) {
        Some(field) => *field = value,
        None => {
            let (outer, name) = pointer.rsplit_once('/').unwrap();
            json.pointer_mut(outer).unwrap()[name] = value;
        }
    }
    Offer::from_json(&json).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_total_of_an_upfront_contract_is_quantity_times_price() {
    let sums = totals(&offer("offer-contract.yaml")).unwrap();
    assert_eq!(sums.total, usd("180000.00"));
    assert_eq!(sums.annualised, usd("60000.00"));
    assert_eq!(sums.scheduled, sums.total);
}

#[test]
fn ramps_and_free_months_count_month_by_month() {
    let offer = offer("offer-instalments.yaml");
    let contract = offer.pricing.contract.as_ref().unwrap();
    let units = unit_months(contract, &contract.dimensions[0]);
    assert_eq!(units, UnitMonths { charged: 10 * 100 + 12 * 150 + 12 * 200, all: 12 * 100 + 12 * 150 + 12 * 200 });
    let sums = totals(&offer).unwrap();
    assert_eq!((sums.total, sums.scheduled), (usd("130000.00"), usd("130000.00")));
}

#[test]
fn usage_is_worth_nothing_beforehand() {
    assert_eq!(totals(&offer("offer-usage.yaml")).unwrap().total, usd("0"));
}

/// Duration, unit price, annualised value of 200 units.
const ANNUALISED: &[(&str, &str, &str)] = &[
    ("P12M", "900", "180000.00"),
    ("P1Y", "900", "180000.00"),
    ("P6M", "900", "360000.00"),
    ("P36M", "100", "6666.67"),
    ("P730D", "900", "90000.00"),
    ("P1M15D", "1", "1622.22"),
];

#[test]
fn the_annualised_value_rounds_half_to_even_once() {
    for (duration, price, expected) in ANNUALISED {
        let mut json = contract("/pricing/contract/duration", json!(duration)).to_json();
        *json.pointer_mut("/pricing/contract/dimensions/0/unit_price").unwrap() = json!(price);
        let sums = totals(&Offer::from_json(&json).unwrap()).unwrap();
        assert_eq!(sums.annualised, usd(expected), "{duration}");
    }
}

/// Unit price of 3 units, total: fractions of a cent are summed before they are rounded, ties go to the even cent.
const ROUNDED: &[(&str, &str)] =
    &[("0.335", "1.00"), ("0.005", "0.02"), ("0.0016", "0.00"), ("0.001666667", "0.01"), ("33.333333333", "100.00")];

#[test]
fn the_total_is_rounded_once_over_everything() {
    for (price, expected) in ROUNDED {
        let mut json = contract("/pricing/contract/dimensions/0/quantity", json!(3)).to_json();
        *json.pointer_mut("/pricing/contract/dimensions/0/unit_price").unwrap() = json!(price);
        assert_eq!(totals(&Offer::from_json(&json).unwrap()).unwrap().total, usd(expected), "{price}");
    }
}

/// Unit price against a list of 1125.00, discount in basis points.
const DISCOUNTS: &[(&str, i64)] = &[
    ("1125", 0),
    ("900", 2_000),
    ("899.99", 2_001),
    ("900.01", 2_000),
    ("899.999999999", 2_001),
    ("675", 4_000),
    ("0", 10_000),
    ("1237.50", -1_000),
    ("1125.01", 0),
];

#[test]
fn a_discount_is_never_understated() {
    for (price, expected) in DISCOUNTS {
        let offer = contract("/pricing/contract/dimensions/0/unit_price", json!(price));
        let found = discounts(&offer, &book(), TODAY).unwrap();
        assert_eq!(found.blended_bp, Some(*expected), "{price}");
        assert_eq!(found.dimensions[0].bp, Some(*expected), "{price}");
    }
}

#[test]
fn free_months_are_a_discount() {
    let plain = discounts(&contract("/pricing/contract/free_months", json!(0)), &book(), TODAY).unwrap();
    let free = discounts(&contract("/pricing/contract/free_months", json!(9)), &book(), TODAY).unwrap();
    assert_eq!((plain.blended_bp, free.blended_bp), (Some(2_000), Some(4_000)));
    assert_eq!(plain.list_value, usd("225000.00"));
    assert_eq!(free.list_value, plain.list_value, "list counts every month");
    assert!(!plain.dimensions[0].below_floor);
    assert!(free.dimensions[0].below_floor, "900.00 over 36 months, 9 of them free, is 675.00, below 750.00");
}

#[test]
fn policy_tests_the_largest_of_contract_and_usage() {
    let found = discounts(&offer("offer-contract-usage.yaml"), &book(), TODAY).unwrap();
    assert_eq!(found.blended_bp, Some(1_082), "330.00 against 370.00 from 500 seats");
    assert_eq!(found.policy_bp, 1_082);
    let usage = discounts(&offer("offer-usage.yaml"), &book(), TODAY).unwrap();
    assert_eq!((usage.blended_bp, usage.policy_bp), (None, 2_500), "0.0375 against 0.05");
}

#[test]
fn the_figures_show_every_line_with_its_discount_ramp_and_free_months() {
    let ramped = offer("offer-instalments.yaml");
    let shown = figures(&ramped, Some(&discounts(&ramped, &book(), TODAY))).unwrap();
    assert_eq!((shown.total, shown.annualised), (usd("130000.00"), usd("43333.33")));
    assert_eq!((shown.free_months, shown.blended_bp), (2, Some(2_297)), "130000.00 against 168750.00");
    let line = &shown.lines[0];
    assert_eq!((line.quantity, line.ramp.len(), line.discount_bp), (Some(100), 2, Some(2_297)));
    assert_eq!(line.effective_price.to_string(), "866.666667", "900.00 × 5200 / 5400");
    assert_eq!(line.list_price.unwrap().to_string(), "1125");

    let both = offer("offer-contract-usage.yaml");
    let shown = figures(&both, Some(&discounts(&both, &book(), TODAY))).unwrap();
    let contract = both.pricing.contract.as_ref().unwrap().dimensions.len();
    assert_eq!(shown.lines.len(), contract + both.pricing.usage.as_ref().unwrap().dimensions.len());
    assert!(shown.lines.iter().all(|line| line.discount_bp.is_some()), "{:#?}", shown.lines);
    assert_eq!(shown.lines.last().unwrap().quantity, None, "nobody knows how much will be metered");

    let choice = offer("offer-tiers.yaml");
    let shown = figures(&choice, None).unwrap();
    assert_eq!((shown.policy_bp, shown.lines[0].discount_bp), (None, None));
    assert_eq!(shown.unlisted_because.unwrap(), "no price book lists it");
    let durations: Vec<_> = shown.lines.iter().map(|line| line.duration).collect();
    assert!(durations.iter().any(|duration| *duration != durations[0]), "each duration to choose from: {durations:?}");
}

/// What is looked up, and the price for the term or the words of the refusal.
#[expect(clippy::type_complexity, reason = "a table row reads best as a tuple")]
const LOOKUPS: &[(&str, &str, Option<&str>, u64, Date, Result<&str, &str>)] = &[
    ("platform-seat", "USD", Some("P12M"), 1, TODAY, Ok("420")),
    ("platform-seat", "USD", Some("P12M"), 99, TODAY, Ok("420")),
    ("platform-seat", "USD", Some("P12M"), 100, TODAY, Ok("400")),
    ("platform-seat", "USD", Some("P12M"), 1_000_000, TODAY, Ok("370")),
    ("platform-seat", "USD", Some("P36M"), 100, TODAY, Ok("1125")),
    ("platform-seat", "USD", Some("P36M"), 500, TODAY, Ok("1110")),
    ("platform-seat", "USD", Some("P24M"), 100, TODAY, Ok("800")),
    ("platform-gb", "USD", None, 1, TODAY, Ok("0.05")),
    ("platform-seat", "USD", Some("P12M"), 1, date(2028, 1, 1), Err("no row is valid on 2028-01-01")),
    ("platform-seat", "USD", Some("P12M"), 1, date(2026, 12, 31), Err("no row is valid on 2026-12-31")),
    ("platform-seat", "USD", Some("P18M"), 1, TODAY, Err("no row is for `P18M` or a term that divides it evenly")),
    ("platform-seat", "USD", None, 1, TODAY, Err("no row is for a metered unit")),
    ("platform-seat", "GBP", Some("P12M"), 1, TODAY, Err("lists the SKU in EUR, USD only, not in GBP")),
    ("platform", "USD", Some("P12M"), 1, TODAY, Err("does not list the SKU")),
    ("platform-seat", "USD", Some("P12M"), 0, TODAY, Err("no volume band holds 0 units")),
];

#[test]
fn a_lookup_finds_the_band_or_says_why_not() {
    for (sku, currency, term, quantity, on, expected) in LOOKUPS {
        let term = term.map(|term| term.parse::<Period>().unwrap());
        let query = Query { sku, currency: currency.parse().unwrap(), term, quantity: *quantity, on: *on };
        match (book().lookup(query), expected) {
            (Ok(found), Ok(price)) => assert_eq!(found.list.normalize().to_string(), *price, "{query:?}"),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{query:?}: {error}"),
            (found, _) => panic!("{query:?}: {found:?}"),
        }
    }
}

#[test]
fn a_price_explains_itself() {
    let term = Some("P24M".parse().unwrap());
    let query = Query { sku: "platform-seat", currency: "USD".parse().unwrap(), term, quantity: 120, on: TODAY };
    let found = book().lookup(query).unwrap();
    assert_eq!(found.because, "`acme@2027.1` line 4: list 400 USD for 2 × P12M, 100 to 499 units, valid on 2027-01-04");
}

#[test]
fn a_missing_price_names_the_dimension() {
    let offer = contract("/pricing/contract/dimensions/0/sku", json!("rocket"));
    let Err(DiscountError::NoPrice { field, .. }) = discounts(&offer, &book(), TODAY) else {
        panic!("a price was found")
    };
    assert_eq!(field, "/pricing/contract/dimensions/0/unit_price");
}

const HEADER: &str = "sku,currency,term,volume_from,volume_to,valid_from,valid_to,list,floor,partner_wholesale\n";

/// A row, and the field and words of its refusal.
const BAD_ROWS: &[(&str, &str, &str)] = &[
    ("s,USD,P12M,1,,2027-01-01,,ten,,", "list", "not an amount"),
    ("s,USD,P12M,1,,2027-01-01,,-10,,", "list", "negative"),
    ("s,DOLLAR,P12M,1,,2027-01-01,,10,,", "currency", "ISO 4217"),
    ("s,USD,a year,1,,2027-01-01,,10,,", "term", "not a period"),
    ("s,USD,P12M,one,,2027-01-01,,10,,", "volume_from", "whole number"),
    ("s,USD,P12M,9,1,2027-01-01,,10,,", "volume_to", "smaller than `volume_from`"),
    ("s,USD,P12M,1,,2027-02-01,2027-01-01,10,,", "valid_to", "before `valid_from`"),
    ("s,USD,P12M,1,,2027-13-01,,10,,", "valid_from", "month"),
    ("s,USD,P12M,1,,2027-01-01,,10,11,", "floor", "above `list`"),
    (",USD,P12M,1,,2027-01-01,,10,,", "sku", "empty"),
    ("s,USD,P12M,1,,2027-01-01,,10", "", "8 cells where the header has 10"),
    ("s,USD,P12M,,,2027-01-01,,10,,", "volume_from", "empty"),
    ("a,USD,P1Y,5,,2027-06-01,,10,,", "sku", "line 2 already"),
];

#[test]
fn a_bad_row_is_named_by_its_line() {
    for (row, field, words) in BAD_ROWS {
        let text = format!("{HEADER}a,USD,P12M,1,10,2027-01-01,,10,,\n{row}\n");
        let error = PriceBook::from_csv("b@1", "b.csv", &text).err().unwrap_or_else(|| panic!("`{row}` was accepted"));
        assert_eq!(error.place.line, 3, "{error}");
        assert!(field.is_empty() || error.field == *field, "`{row}`: {error}");
        assert!(error.to_string().contains(words), "`{row}`: {error}");
    }
    let error = PriceBook::from_csv("b@1", "b.csv", "sku,currency\n").unwrap_err();
    assert_eq!((error.place.line, error.field.as_str()), (1, "term"));
}

/// Text, and its normal form or nothing.
const PERIODS: &[(&str, Option<&str>)] = &[
    ("P36M", Some("P36M")),
    ("P1Y6M", Some("P1Y6M")),
    ("P90D", Some("P90D")),
    ("P01Y", Some("P1Y")),
    ("P", None),
    ("P0M", None),
    ("P6M1Y", None),
    ("P1W", None),
    ("PT1H", None),
    ("P-1M", None),
    ("P+1M", None),
    ("P12345M", None),
    ("P1.5Y", None),
    ("36M", None),
    ("P1Mx", None),
];

#[test]
fn periods_are_years_months_and_days() {
    for (text, expected) in PERIODS {
        assert_eq!(text.parse::<Period>().ok().map(|period| period.to_string()).as_deref(), *expected, "{text}");
    }
    let month: Period = "P1M".parse().unwrap();
    assert_eq!(month.after(date(2027, 1, 31)), Some(date(2027, 2, 28)));
}
