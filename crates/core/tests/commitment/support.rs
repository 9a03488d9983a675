//! Commitments, charges and sums for tests.

use std::collections::BTreeMap;

use entente_core::commitment::{
    Amount, Band, Commitment, DailySums, Partition, Replaces,
    drawdown::Drawdown,
    eligibility::{Channel, ChargeKind, Dates, Frequency, Line, Mark, Pricing, Rules, Sums, daily_sums},
};
use jiff::civil::Date;

pub const GLOBEX: &str = include_str!("globex.yaml");

pub fn commitment(text: &str) -> Commitment {
    Commitment::from_yaml("commitment.yaml", text).unwrap_or_else(|error| panic!("{error}"))
}

pub fn globex() -> Commitment {
    commitment(GLOBEX)
}

/// A commitment of the shape of [`GLOBEX`], with what its first and its second year hand on.
pub fn carrying(text: &str, first: &str, second: &str) -> String {
    let parts: Vec<&str> = text.split("carry_over: excess").collect();
    let [head, middle, tail] = parts.as_slice() else { panic!("two years hand on") };
    format!("{head}carry_over: {first}{middle}carry_over: {second}{tail}")
}

/// The rules that ship with the program.
pub fn shipped() -> Rules {
    let text = include_str!("../../../../eligibility/rules.yaml");
    Rules::from_yaml("eligibility/rules.yaml", text).unwrap_or_else(|error| panic!("{error}"))
}

/// Rules of one's own.
pub fn own(rules: &str) -> Rules {
    Rules::from_yaml("own.yaml", rules).unwrap_or_else(|error| panic!("{error}"))
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub fn exactly(text: &str) -> Band {
    Band::exactly(amount(text))
}

pub fn band(least: &str, most: &str) -> Band {
    Band { least: amount(least), most: amount(most) }
}

/// Usage of the cloud's own services.
pub fn usage(on: &str, sum: &str) -> Line {
    Line {
        account: "111122223333".into(),
        product: "compute".into(),
        channel: Channel::Cloud,
        kind: ChargeKind::Usage,
        frequency: Frequency::UsageBased,
        pricing: Pricing::Paid,
        dates: Dates { charge: day(on), purchase: None, activation: None, invoice: Some(day(on)), original: None },
        marks: BTreeMap::new(),
        amount: amount(sum),
    }
}

/// A marketplace product that runs on the cloud and is all that clouds ask for.
pub fn product(name: &str, on: &str, sum: &str) -> Line {
    let good = [Mark::RunsOnCloud, Mark::SoftwareAsService, Mark::OfferEnrolled, Mark::BoughtUnderAgreement];
    let marks = good.into_iter().map(|mark| (mark, true));
    Line {
        product: name.into(),
        channel: Channel::Marketplace,
        kind: ChargeKind::Purchase,
        frequency: Frequency::Recurring,
        marks: marks.collect(),
        ..usage(on, sum)
    }
}

pub fn with_mark(mut line: Line, mark: Mark, is: Option<bool>) -> Line {
    match is {
        Some(is) => line.marks.insert(mark, is),
        None => line.marks.remove(&mark),
    };
    line
}

pub fn batch(commitment: &Commitment, sums: Sums) -> DailySums {
    let (from, through) = (day("2020-01-01"), day("2035-12-31"));
    DailySums {
        commitment: commitment.id.clone(),
        basis: commitment.basis.clone(),
        currency: commitment.currency,
        partition: Partition("all".into()),
        replaces: Replaces::Days,
        from,
        through,
        sums,
    }
}

/// The drawdown of charges, judged by the shipped rules as known on the last day of 2030.
pub fn drawdown(commitment: &Commitment, lines: &[Line]) -> Drawdown {
    drawdown_by(commitment, &shipped(), lines)
}

pub fn drawdown_by(commitment: &Commitment, rules: &Rules, lines: &[Line]) -> Drawdown {
    let mut drawdown = Drawdown::new(commitment);
    drawdown.take(&batch(commitment, daily_sums(commitment, rules, day("2030-12-31"), lines).unwrap())).unwrap();
    drawdown
}
