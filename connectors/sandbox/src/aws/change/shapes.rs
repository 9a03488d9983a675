//! The details documents of the offer change types: bounds that are checked before a change set is
//! accepted.
//!
//! Bounds: AWS Marketplace Catalog API, "Work with private offers", and the published shapes of
//! `Offer@1.0`.

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

fn trimmed(text: &str) -> Result<(), &'static str> {
    is(text.trim() == text, "a text without leading or trailing space")
}

/// A non-negative decimal: at most so many digits after the point, at most 100,000,000.
fn decimal(text: &str, decimals_max: u32) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let most = Decimal::from(100_000_000);
    plain && Decimal::from_str_exact(text).is_ok_and(|value| value.scale() <= decimals_max && value <= most)
}

fn unit_price(text: &str) -> Result<(), &'static str> {
    is(decimal(text, 8), "a price from 0 to 100000000 with at most 8 decimals")
}

fn charge(text: &str) -> Result<(), &'static str> {
    is(decimal(text, 2), "an amount from 0 to 100000000 with at most 2 decimals")
}

fn percentage(text: &str) -> Result<(), &'static str> {
    let hundred = Decimal::ONE_HUNDRED;
    let in_range = Decimal::from_str_exact(text).is_ok_and(|value| value <= hundred);
    is(decimal(text, 2) && in_range, "a percentage from 0.00 to 100.00")
}

const fn text(min: usize, max: usize, form: fn(&str) -> Result<(), &'static str>) -> Shape {
    Shape::Text { min, max, form }
}

const DAY: Shape = text(10, 10, day);
const PERIOD: Shape = text(3, 32, period);
const DAYS: Shape = text(3, 9, days);
const CURRENCY: Shape = text(3, 3, currency);
const PRICE: Shape = text(1, 32, unit_price);
const CHARGE: Shape = text(1, 32, charge);
const PERCENTAGE: Shape = text(1, 6, percentage);
const KEY: Shape = text(1, 100, any_text);
const NAME: Shape = text(1, 150, object_name);
const ACCOUNT: Shape = text(12, 12, account);
const COUNTRIES: Shape = Shape::List { min: 1, max: 244, item: &text(2, 2, country) };
const PRICING_MODEL: Shape = Shape::OneOf(&["Byol", "Free", "Usage", "Contract"]);
const ALLOWANCE: Shape = Shape::OneOf(&["Allowed", "Disallowed"]);

pub(super) const CREATE_OFFER: Shape =
    Shape::Record(&[needs("ProductId", text(1, 50, id)), may("Name", NAME), may("OfferSetId", text(1, 50, id))]);

pub(super) const CREATE_REPLACEMENT: Shape = Shape::Record(&[needs("AgreementId", text(1, 64, id)), may("Name", NAME)]);

pub(super) const INFORMATION: Shape = Shape::AnyOf(&[
    may("Name", NAME),
    may("Description", text(1, 255, object_name)),
    may("PreExistingAgreement", Shape::OrNull(&Shape::Record(PRE_EXISTING))),
]);

const PRE_EXISTING: &[Member] =
    &[needs("AcquisitionChannel", Shape::OneOf(&["External", "AwsMarketplace"])), needs("PricingModel", PRICING_MODEL)];

pub(super) const TARGETING: Shape = Shape::AnyOf(&[
    may(
        "PositiveTargeting",
        Shape::AnyOf(&[
            may("BuyerAccounts", Shape::List { min: 1, max: 26, item: &ACCOUNT }),
            may("CountryCodes", COUNTRIES),
        ]),
    ),
    may("NegativeTargeting", Shape::Record(&[needs("CountryCodes", COUNTRIES)])),
]);

pub(super) const AVAILABILITY: Shape = Shape::Record(&[needs("AvailabilityEndDate", DAY)]);

pub(super) const RELEASE: Shape = Shape::Record(&[]);

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
    needs("Price", PRICE),
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

const TRIAL_TERM: &[Member] = &[
    needs("Duration", PERIOD),
    needs(
        "Grants",
        Shape::List {
            min: 1,
            max: 800,
            item: &Shape::Record(&[needs("DimensionKey", KEY), may("MaxQuantity", QUANTITY)]),
        },
    ),
];

const RECURRING_TERM: &[Member] =
    &[needs("CurrencyCode", CURRENCY), needs("BillingPeriod", Shape::OneOf(&["Monthly"])), needs("Price", PRICE)];

pub(super) const PRICING: Shape = Shape::Record(&[
    needs("PricingModel", PRICING_MODEL),
    needs(
        "Terms",
        Shape::List {
            min: 1,
            max: 20,
            item: &Shape::Tagged(&[
                ("UsageBasedPricingTerm", USAGE_TERM),
                ("ConfigurableUpfrontPricingTerm", CONFIGURABLE_TERM),
                ("FixedUpfrontPricingTerm", FIXED_TERM),
                ("RecurringPaymentTerm", RECURRING_TERM),
                ("FreeTrialPricingTerm", TRIAL_TERM),
                ("ByolPricingTerm", &[]),
            ]),
        },
    ),
]);

pub(super) const LEGAL: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List { min: 1, max: 1, item: &Shape::Tagged(&[("LegalTerm", &[needs("Documents", DOCUMENTS)])]) },
)]);

const DOCUMENTS: Shape = Shape::List {
    min: 1,
    max: 1,
    item: &Shape::Tagged(&[
        ("CustomEula", &[needs("Url", text(1, 32_000, any_text))]),
        ("StandardEula", &[needs("Version", text(1, 32, any_text))]),
    ]),
};

pub(super) const SUPPORT: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[("SupportTerm", &[needs("RefundPolicy", text(1, 500, trimmed))])]),
    },
)]);

pub(super) const VALIDITY: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[(
            "ValidityTerm",
            &[may("AgreementDuration", PERIOD), may("AgreementStartDate", DAY), may("AgreementEndDate", DAY)],
        )]),
    },
)]);

pub(super) const PAYMENT_SCHEDULE: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[(
            "PaymentScheduleTerm",
            &[
                needs("CurrencyCode", CURRENCY),
                needs(
                    "Schedule",
                    Shape::List {
                        min: 1,
                        max: 60,
                        item: &Shape::Record(&[needs("ChargeDate", DAY), needs("ChargeAmount", CHARGE)]),
                    },
                ),
            ],
        )]),
    },
)]);

pub(super) const NET_PAYMENT: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List { min: 0, max: 1, item: &Shape::Tagged(&[("NetPaymentTerm", &[needs("PaymentDuePeriod", PERIOD)])]) },
)]);

const PRICE_INCREASE: Shape = Shape::Tagged(&[
    ("FixedPercentage", &[needs("Value", PERCENTAGE)]),
    (
        "PercentageRange",
        &[needs(
            "Range",
            Shape::Record(&[
                needs("MinValue", PERCENTAGE),
                needs("MaxValue", PERCENTAGE),
                needs("DefaultValue", PERCENTAGE),
            ]),
        )],
    ),
]);

const TEMPLATE: Shape = Shape::Tagged(&[(
    "PaymentScheduleTermTemplate",
    &[needs(
        "Schedule",
        Shape::List {
            min: 1,
            max: 86,
            item: &Shape::Record(&[
                needs("ChargeDateOffset", PERIOD),
                needs("ChargePercentage", PERCENTAGE),
                may("DayOfMonth", Shape::Integer { min: 1, max: 31 }),
            ]),
        },
    )],
)]);

pub(super) const RENEWAL: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[(
            "RenewalTerm",
            &[
                may("LockoutPeriod", DAYS),
                may("AdjustmentDeadline", DAYS),
                may("MaxRenewals", Shape::Integer { min: 1, max: 1000 }),
                may("PriceIncrease", PRICE_INCREASE),
                may("TermTemplates", Shape::List { min: 0, max: 1, item: &TEMPLATE }),
            ],
        )]),
    },
)]);
