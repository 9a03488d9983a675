//! The documents of `ResaleAuthorization@1.0`.

use super::{
    ACCOUNT, CONFIGURABLE_TERM, DAY, FIXED_TERM, NET_TERM, PRE_EXISTING, SCHEDULE_TERM, USAGE_TERM, id, object_name,
    text, uuid,
};
use crate::aws::shape::{Member, Shape, any_text, may, needs};

const NAME: Shape = text(1, 100, object_name);
const DESCRIPTION: Shape = text(1, 255, object_name);

pub(in crate::aws::change) const EMPTY: Shape = super::EMPTY;

pub(in crate::aws::change) const CREATE: Shape = Shape::Record(&[
    needs("ProductId", text(1, 50, id)),
    needs("Name", NAME),
    may("Description", DESCRIPTION),
    needs("ResellerAccountId", ACCOUNT),
    may("BulkRequestId", text(36, 36, uuid)),
]);

pub(in crate::aws::change) const INFORMATION: Shape = Shape::AnyOf(&[
    may("Name", NAME),
    may("Description", DESCRIPTION),
    may("PreExistingBuyerAgreement", Shape::OrNull(&Shape::Record(PRE_EXISTING))),
]);

pub(in crate::aws::change) const BUYER_TARGETING: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[(
            "BuyerTargetingTerm",
            &[needs(
                "PositiveTargeting",
                Shape::Record(&[needs("BuyerAccounts", Shape::List { min: 1, max: 25, item: &ACCOUNT })]),
            )],
        )]),
    },
)]);

pub(in crate::aws::change) const AVAILABILITY: Shape =
    Shape::Record(&[may("AvailabilityEndDate", DAY), may("OffersMaxQuantity", Shape::Integer { min: 1, max: 1 })]);

pub(in crate::aws::change) const BUYER_VALIDITY: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 0,
        max: 1,
        item: &Shape::Tagged(&[("BuyerValidityTerm", &[needs("MaximumAgreementStartDate", DAY)])]),
    },
)]);

const URL: Shape = text(1, 32_000, any_text);

const BUYER_DOCUMENTS: Shape = Shape::List {
    min: 1,
    max: 1,
    item: &Shape::Tagged(&[
        ("StandardEula", &[may("Url", URL), may("Version", text(1, 32, any_text))]),
        ("EnterpriseEula", &[may("Url", URL), may("Version", text(1, 32, any_text))]),
        ("CustomEula", &[needs("Url", URL)]),
    ]),
};

const RESALE_DOCUMENTS: Shape = Shape::List {
    min: 1,
    max: 1,
    item: &Shape::Tagged(&[
        ("StandardResellerContract", &[may("Url", URL), may("Version", text(1, 32, any_text))]),
        ("CustomResellerContract", &[needs("Url", URL)]),
    ]),
};

pub(in crate::aws::change) const LEGAL: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List {
        min: 1,
        max: 2,
        item: &Shape::Tagged(&[
            ("BuyerLegalTerm", &[needs("Documents", BUYER_DOCUMENTS)]),
            ("ResaleLegalTerm", &[needs("Documents", RESALE_DOCUMENTS)]),
        ]),
    },
)]);

pub(in crate::aws::change) const PRICING: Shape = Shape::Record(&[
    needs("PricingModel", Shape::OneOf(&["Free", "Usage", "Contract"])),
    needs(
        "Terms",
        Shape::List {
            min: 1,
            max: 20,
            item: &Shape::Tagged(&[
                ("ResaleUsageBasedPricingTerm", USAGE_TERM),
                ("ResaleConfigurableUpfrontPricingTerm", CONFIGURABLE_TERM),
                ("ResaleFixedUpfrontPricingTerm", FIXED_TERM),
            ]),
        },
    ),
]);

pub(in crate::aws::change) const PAYMENT_SCHEDULE: Shape = Shape::Record(&[needs(
    "Terms",
    Shape::List { min: 0, max: 1, item: &Shape::Tagged(&[("ResalePaymentScheduleTerm", SCHEDULE_TERM)]) },
)]);

pub(in crate::aws::change) const NET_PAYMENT: Shape = Shape::Record(&[needs("Terms", NET_TERMS)]);

const NET_TERMS: Shape = Shape::List { min: 0, max: 1, item: &Shape::Tagged(NET) };

const NET: &[(&str, &[Member])] = &[("ResaleNetPaymentTerm", NET_TERM)];
