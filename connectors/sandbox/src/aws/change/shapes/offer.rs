//! The documents of `Offer@1.0`.

use super::{
    ACCOUNT, CONFIGURABLE_TERM, COUNTRIES, CURRENCY, DAY, DAYS, FIXED_TERM, FLAT_PRICE, KEY, NAME, NET_TERM,
    PERCENTAGE, PERIOD, PRE_EXISTING, PRICING_MODEL, QUANTITY, SCHEDULE_TERM, USAGE_TERM, id, markup, object_name,
    policy, text,
};
use crate::aws::shape::{Member, Shape, any_text, may, needs};

pub(in crate::aws::change) const CREATE_OFFER: Shape =
    Shape::Record(&[needs("ProductId", text(1, 50, id)), may("Name", NAME), may("OfferSetId", text(1, 50, id))]);

pub(in crate::aws::change) const CREATE_REPLACEMENT: Shape =
    Shape::Record(&[needs("AgreementId", text(1, 64, id)), may("Name", NAME)]);

/// The description is in the published samples, though not in the documentation.
pub(in crate::aws::change) const CREATE_FROM_AUTHORIZATION: Shape = Shape::Record(&[
    needs("ResaleAuthorizationId", text(1, 50, id)),
    may("Name", NAME),
    may("Description", text(1, 255, object_name)),
    may("OfferSetId", text(1, 50, id)),
]);

pub(in crate::aws::change) const CREATE_REPLACEMENT_FROM_AUTHORIZATION: Shape = Shape::Record(&[
    needs("ResaleAuthorizationId", text(1, 50, id)),
    needs("AgreementId", text(1, 64, id)),
    may("Name", NAME),
]);

pub(in crate::aws::change) const INFORMATION: Shape = Shape::AnyOf(&[
    may("Name", NAME),
    may("Description", text(1, 255, object_name)),
    may("PreExistingAgreement", Shape::OrNull(&Shape::Record(PRE_EXISTING))),
]);

pub(in crate::aws::change) const TARGETING: Shape = Shape::AnyOf(&[
    may(
        "PositiveTargeting",
        Shape::AnyOf(&[
            may("BuyerAccounts", Shape::List { min: 1, max: 26, item: &ACCOUNT }),
            may("CountryCodes", COUNTRIES),
        ]),
    ),
    may("NegativeTargeting", Shape::Record(&[needs("CountryCodes", COUNTRIES)])),
]);

/// `null` takes the date away, which makes a private offer impossible to release.
pub(in crate::aws::change) const AVAILABILITY: Shape =
    Shape::Record(&[needs("AvailabilityEndDate", Shape::OrNull(&DAY))]);

pub(in crate::aws::change) const EMPTY: Shape = super::EMPTY;

pub(in crate::aws::change) const MARKUP: Shape = Shape::Record(&[needs("Percentage", text(1, 32, markup))]);

pub(in crate::aws::change) const VERIFICATION: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List { min: 0, max: 1, item: &Shape::Tagged(&[("CustomerVerificationTerm", VERIFICATION_TERM)]) },
)]);

const VERIFICATION_TERM: &[Member] = &[
    needs("ApprovalStrategy", Shape::OneOf(&["AutoApproveOnExpiration", "AutoRejectOnExpiration", "WaitForApproval"])),
    may("ExpirationDuration", PERIOD),
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
    &[needs("CurrencyCode", CURRENCY), needs("BillingPeriod", Shape::OneOf(&["Monthly"])), needs("Price", FLAT_PRICE)];

pub(in crate::aws::change) const PRICING: Shape = Shape::Record(&[
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

pub(in crate::aws::change) const LEGAL: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List { min: 1, max: 1, item: &Shape::Tagged(&[("LegalTerm", &[needs("Documents", DOCUMENTS)])]) },
)]);

const DOCUMENTS: Shape = Shape::List {
    min: 1,
    max: 1,
    item: &Shape::Tagged(&[
        ("CustomEula", &[needs("Url", text(1, 32_000, any_text))]),
        ("StandardEula", &[needs("Version", text(1, 32, any_text))]),
        ("CustomDsa", &[needs("Url", text(1, 32_000, any_text))]),
        ("StandardDsa", &[may("Version", text(1, 32, any_text))]),
    ]),
};

pub(in crate::aws::change) const SUPPORT: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[("SupportTerm", &[needs("RefundPolicy", text(1, 500, policy))])]),
    },
)]);

pub(in crate::aws::change) const VALIDITY: Shape = Shape::Record(&[needs(
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

pub(in crate::aws::change) const PAYMENT_SCHEDULE: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List { min: 0, max: 1, item: &Shape::Tagged(&[("PaymentScheduleTerm", SCHEDULE_TERM)]) },
)]);

pub(in crate::aws::change) const NET_PAYMENT: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List { min: 0, max: 1, item: &Shape::Tagged(&[("NetPaymentTerm", NET_TERM)]) },
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

pub(in crate::aws::change) const RENEWAL: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[(
            "RenewalTerm",
            &[
                may("LockoutPeriod", DAYS),
                may("AdjustmentDeadline", DAYS),
                may("MaxRenewals", Shape::Integer { min: 1, max: 2_147_483_647 }),
                may("PriceIncrease", PRICE_INCREASE),
                may("TermTemplates", Shape::List { min: 0, max: 1, item: &TEMPLATE }),
            ],
        )]),
    },
)]);
