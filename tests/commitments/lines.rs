//! Charges as the tests make them up.

use std::collections::BTreeMap;

use entente_core::commitment::{
    Amount,
    eligibility::{Channel, ChargeKind, Dates, Frequency, Line, Mark, Pricing},
};
use jiff::{ToSpan, civil::Date};

/// The account in scope.
pub const ACCOUNT: &str = "111122223333";

/// A day.
pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Every day from one to another.
pub fn days(from: Date, through: Date) -> impl Iterator<Item = Date> {
    (0..).map(move |n| from.checked_add(i64::from(n).days()).unwrap()).take_while(move |day| *day <= through)
}

/// A charge for the cloud's own services.
pub fn cloud(day: Date, kind: ChargeKind, amount: &str) -> Line {
    Line {
        account: ACCOUNT.to_owned(),
        product: "compute".to_owned(),
        channel: Channel::Cloud,
        kind,
        frequency: Frequency::UsageBased,
        pricing: Pricing::Paid,
        dates: Dates { charge: day, purchase: None, activation: None, invoice: Some(day), original: None },
        marks: BTreeMap::new(),
        amount: amount.parse::<Amount>().unwrap(),
    }
}

/// A purchase of software as a service, of which it is known whether it runs on the cloud.
pub fn bought(day: Date, product: &str, runs_on_cloud: bool, amount: &str) -> Line {
    Line {
        product: product.to_owned(),
        channel: Channel::Marketplace,
        frequency: Frequency::Recurring,
        marks: BTreeMap::from([(Mark::SoftwareAsService, true), (Mark::RunsOnCloud, runs_on_cloud)]),
        ..cloud(day, ChargeKind::Purchase, amount)
    }
}
