//! Looks day by day, as the engine makes them: each knows what the ones before it have told, and nothing else of them.

use entente_core::commitment::{
    Commitment, DailySums, Partition, Replaces, SumKey, Weight,
    drawdown::Drawdown,
    eligibility::{Rules, Sums},
};

use super::*;

const CONTRACT: &str = include_str!("../../../crates/core/tests/commitment/globex.yaml");
const OWN: &str = "rules:
  - { rule: acme-1, title: compute ends, cloud: aws, tests: charge, valid_from: 2027-09-20, known_from: 2027-01-01,
      source: { kind: told, at: a letter, read: 2027-01-01 }, precedence: 90, when: { products: [compute] }, effect: excluded }
";

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

/// So much of the cloud's own services on each day, taken in through a day.
fn spent(commitment: &Commitment, through: Date, a_day: impl Fn(Date) -> Amount) -> Drawdown {
    let from = date("2026-01-01");
    let mut sums = Sums::new();
    let mut day = from;
    while day <= through {
        let (account, product) = ("111122223333".to_owned(), "compute".to_owned());
        let (part, reason) = (entente_core::commitment::Part::Cloud, "cloud".parse().unwrap());
        let weight = Weight::exactly("100".parse().unwrap());
        sums.insert(SumKey { day, account, product, part, reason, weight }, a_day(day));
        day = day.tomorrow().unwrap();
    }
    let mut drawdown = Drawdown::new(commitment);
    let (partition, replaces) = (Partition("all".into()), Replaces::Partition);
    let (basis, currency, commitment) = (commitment.basis.clone(), commitment.currency, commitment.id.clone());
    drawdown.take(&DailySums { commitment, basis, currency, partition, replaces, from, through, sums }).unwrap();
    drawdown
}

/// The alerts of looks on each of some days, each as `day what`. Spend of a month comes on the second of the next one.
fn told(days: i64, from: &str, a_day: impl Fn(Date) -> Amount) -> Vec<String> {
    let contract = CONTRACT.replace("carry_over: excess", "carry_over: nothing");
    let commitment = Commitment::from_yaml("globex.yaml", &contract).unwrap();
    let rules = Rules::from_yaml("own.yaml", OWN).unwrap();
    let (mut last, mut told, mut spells) = (None, Vec::new(), Vec::new());
    for at in 0..days {
        let today = date(from).checked_add(at.days()).unwrap();
        let month = if today.day() >= 2 { today.first_of_month() } else { today.yesterday().unwrap().first_of_month() };
        let drawdown = spent(&commitment, month.yesterday().unwrap(), &a_day);
        let family = Family::alone(commitment.clone(), drawdown, today);
        let entered = "2026-01-01T00:00:00Z".parse().unwrap();
        let before = Before { entered, last, told: &told, spells: &spells, changed: &[], rules: &rules };
        let now = end_of(&commitment, today).unwrap();
        let found = look(&family, &before, now).unwrap();
        last = Some(found.look.day);
        told.extend(found.news.alerts);
        spells = found.news.spells;
    }
    told.iter().map(|alert| format!("{} {:?}", alert.day, alert.about)).collect()
}

/// Every day the same, which is a pace of 0.90 in 2027: 4,192.00 × 365 = 1,530,080.00 of 1,700,000.00.
fn short(_: Date) -> Amount {
    amount("4192")
}

#[test]
fn each_alert_about_a_short_customer_is_told_on_its_first_day_and_once() {
    let all = told(100, "2027-07-15", short);
    let of = |what: &str| -> Vec<&str> {
        all.iter()
            .filter_map(|told| told.split_once(' '))
            .filter(|told| told.1.starts_with(what))
            .map(|told| told.0)
            .collect()
    };
    assert_eq!(of("PaceLow"), ["2027-07-15"], "{all:?}");
    assert_eq!(of("Shortfall"), ["2027-07-15"], "{all:?}");
    assert_eq!(of("MuchLeft"), ["2027-07-15", "2027-10-02"], "180 and 90 days before the end of the year: {all:?}");
    // Each month's data are told once to be old.
    assert_eq!(of("Stale"), ["2027-07-15", "2027-08-02", "2027-09-02", "2027-10-02"], "{all:?}");
    assert_eq!(of("PaceBad"), [""; 0], "{all:?}");
    assert_eq!(of("Eligibility"), ["2027-09-20"], "a rule that was known begins to apply: {all:?}");
}

#[test]
fn a_month_that_fell_out_of_its_forecast_is_told_on_the_day_on_which_its_data_are_there() {
    // August brings a tenth of what it should.
    let fallen = |day: Date| if day >= date("2027-08-01") { amount("300") } else { short(day) };
    let missed = |all: &[String]| -> Vec<String> {
        all.iter().filter(|told| told.contains("ForecastMissed")).cloned().collect()
    };
    assert_eq!(missed(&told(40, "2027-08-20", fallen)), ["2027-09-02 ForecastMissed(2027-08-31)"]);
    assert_eq!(missed(&told(40, "2027-08-20", short)), [""; 0], "one that came as it was told is no news");
}
