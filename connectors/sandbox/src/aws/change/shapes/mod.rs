//! The details documents of the change types: bounds that are checked before a change set is accepted.
//!
//! Bounds: AWS Marketplace Catalog API, "Work with private offers", "Work with resale authorizations",
//! "Work with offer sets", and the published shapes of the entity types.

pub(super) mod authorization;
pub(super) mod offer;
pub(super) mod offer_set;
pub(super) mod product;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::aws::accounts::is_account_id;
use crate::aws::shape::{Member, Shape, any_text, may, needs};
use crate::period::Period;

fn is(condition: bool, expected: &'static str) -> Result<(), &'static str> {
    if condition { Ok(()) } else { Err(expected) }
}

fn day(text: &str) -> Result<(), &'static str> {
    is(text.len() == 10 && text.parse::<Date>().is_ok(), "a day such as `2026-12-31`")
}

fn period(text: &str) -> Result<(), &'static str> {
    is(Period::try_from(text.to_owned()).is_ok(), "an ISO 8601 period such as `P12M`")
}

fn days(text: &str) -> Result<(), &'static str> {
    let period = Period::try_from(text.to_owned());
    is(period.is_ok_and(|period| period.is_days() && !period.is_zero()), "a number of days such as `P30D`")
}

fn account(text: &str) -> Result<(), &'static str> {
    is(is_account_id(text), "an account id of 12 digits")
}

fn country(text: &str) -> Result<(), &'static str> {
    is(text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()), "a country code such as `DE`")
}

fn currency(text: &str) -> Result<(), &'static str> {
    is(text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()), "a currency code such as `USD`")
}

fn object_name(text: &str) -> Result<(), &'static str> {
    is(!text.contains(['\\', '<', '>']) && !text.trim().is_empty(), "a name without `\\`, `<` and `>`")
}

fn id(text: &str) -> Result<(), &'static str> {
    is(text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c)), "an identifier")
}

/// The refund policy, in the characters that the published shapes allow.
fn policy(text: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c <= '\u{7E}' || matches!(c, '©' | '®' | '™' | '\u{A2}'..='\u{A5}');
    is(text.trim() == text && text.chars().all(allowed), "a text in plain characters without leading or trailing space")
}

/// Digits before a point, and digits after it where there is one.
fn parts(text: &str) -> Option<(&str, Option<&str>)> {
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && part.is_none_or(digits)).then_some((whole, part))
}

/// A decimal of eight digits, or 100,000,000, with at most so many digits after the point
/// (published shapes: `^((100000000(\.0{0,n})?)|(\d{1,8}(\.\d{0,n})?))$`).
fn decimal(text: &str, decimals_max: usize) -> bool {
    let Some((whole, part)) = parts(text) else { return false };
    let part = part.unwrap_or_default();
    let least = whole == "100000000" && part.bytes().all(|byte| byte == b'0');
    part.len() <= decimals_max && (whole.len() <= 8 || least)
}

fn unit_price(text: &str) -> Result<(), &'static str> {
    is(decimal(text, 8), "a price from 0 to 100000000 with at most 8 decimals")
}

fn flat_price(text: &str) -> Result<(), &'static str> {
    is(decimal(text, 3), "a price from 0 to 100000000 with at most 3 decimals")
}

fn charge(text: &str) -> Result<(), &'static str> {
    is(decimal(text, 2), "an amount from 0 to 100000000 with at most 2 decimals")
}

fn percentage(text: &str) -> Result<(), &'static str> {
    let formed = parts(text).is_some_and(|(whole, part)| {
        let padded = whole.len() > 1 && whole.starts_with('0');
        !padded && part.is_none_or(|part| (1..=2).contains(&part.len()))
    });
    let in_range = Decimal::from_str_exact(text).is_ok_and(|value| value <= Decimal::ONE_HUNDRED);
    is(formed && in_range, "a percentage from 0.00 to 100.00")
}

fn markup(text: &str) -> Result<(), &'static str> {
    let formed = parts(text).is_some_and(|(_, part)| part.is_none_or(|part| (1..=9).contains(&part.len())));
    is(formed && Decimal::from_str_exact(text).is_ok(), "a percentage of 0 or more with at most 9 decimals")
}

fn solution(text: &str) -> Result<(), &'static str> {
    let code = text.strip_prefix("soln-").unwrap_or_default();
    is(!code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric()), "a solution id such as `soln-abc123`")
}

fn uuid(text: &str) -> Result<(), &'static str> {
    is(uuid::Uuid::try_parse(text).is_ok(), "a UUID")
}

const fn text(min: usize, max: usize, form: fn(&str) -> Result<(), &'static str>) -> Shape {
    Shape::Text { min, max, form }
}

const DAY: Shape = text(10, 10, day);
const PERIOD: Shape = text(3, 32, period);
const DAYS: Shape = text(3, 9, days);
const CURRENCY: Shape = text(3, 3, currency);
const PRICE: Shape = text(1, 32, unit_price);
const FLAT_PRICE: Shape = text(1, 32, flat_price);
const CHARGE: Shape = text(1, 32, charge);
const PERCENTAGE: Shape = text(1, 6, percentage);
const KEY: Shape = text(1, 100, any_text);
const NAME: Shape = text(1, 150, object_name);
const ACCOUNT: Shape = text(12, 12, account);
const COUNTRIES: Shape = Shape::List { min: 1, max: 244, item: &text(2, 2, country) };
const PRICING_MODEL: Shape = Shape::OneOf(&["Byol", "Free", "Usage", "Contract"]);
const ALLOWANCE: Shape = Shape::OneOf(&["Allowed", "Disallowed"]);

const PRE_EXISTING: &[Member] =
    &[needs("AcquisitionChannel", Shape::OneOf(&["External", "AwsMarketplace"])), needs("PricingModel", PRICING_MODEL)];

const RATE_CARD: Shape =
    Shape::List { min: 1, max: 800, item: &Shape::Record(&[needs("DimensionKey", KEY), needs("Price", PRICE)]) };

const SELECTOR: Shape = Shape::Record(&[needs("Type", Shape::OneOf(&["Duration"])), needs("Value", PERIOD)]);

const CONSTRAINTS: Shape =
    Shape::Record(&[needs("MultipleDimensionSelection", ALLOWANCE), needs("QuantityConfiguration", ALLOWANCE)]);

const QUANTITY: Shape = Shape::Integer { min: 1, max: 2_147_483_646 };

const USAGE_TERM: &[Member] = &[
    needs("CurrencyCode", CURRENCY),
    needs("RateCards", Shape::List { min: 1, max: 1, item: &Shape::Record(&[needs("RateCard", RATE_CARD)]) }),
];

const CONFIGURABLE_TERM: &[Member] = &[
    needs("CurrencyCode", CURRENCY),
    needs(
        "RateCards",
        Shape::List {
            min: 1,
            max: 5,
            item: &Shape::Record(&[
                needs("Selector", SELECTOR),
                needs("RateCard", RATE_CARD),
                needs("Constraints", CONSTRAINTS),
            ]),
        },
    ),
];

const FIXED_TERM: &[Member] = &[
    needs("CurrencyCode", CURRENCY),
    needs("Price", FLAT_PRICE),
    may("Duration", PERIOD),
    needs(
        "Grants",
        Shape::List {
            min: 1,
            max: 800,
            item: &Shape::Record(&[needs("DimensionKey", KEY), needs("MaxQuantity", QUANTITY)]),
        },
    ),
];

/// A document that says nothing but its change type.
const EMPTY: Shape = Shape::Record(&[]);

/// The members of a payment schedule.
const SCHEDULE_TERM: &[Member] = &[
    needs("CurrencyCode", CURRENCY),
    needs(
        "Schedule",
        Shape::List {
            min: 1,
            max: 60,
            item: &Shape::Record(&[needs("ChargeDate", DAY), needs("ChargeAmount", CHARGE)]),
        },
    ),
];

/// The members of a net payment term.
const NET_TERM: &[Member] = &[needs("PaymentDuePeriod", PERIOD)];
