//! Days of which nothing is known are not days of nothing: whatever was due by then may have been met.

use entente_core::commitment::{
    Commitment, DailySums, Part, Partition, Replaces, SumKey, Weight,
    drawdown::{Drawdown, Figures, Gap},
    eligibility::{Line, Sums, daily_sums},
    forecast::{Ahead, forecast, history},
};
use entente_core::commitment::{drawdown::Side, eligibility::turned};
use jiff::civil::Date;

use super::support::{
    GLOBEX, amount, band, batch, carrying, commitment, day, drawdown, exactly, globex, own, product, shipped, usage,
};

/// What is spent, taken in for some days alone.
fn seen(commitment: &Commitment, lines: &[Line], days: &[(&str, &str)]) -> Drawdown {
    let sums = daily_sums(commitment, &shipped(), day("2030-12-31"), lines).unwrap();
    let mut drawdown = Drawdown::new(commitment);
    for (from, through) in days {
        let (from, through): (Date, Date) = (day(from), day(through));
        let within = |key: &SumKey| (from..=through).contains(&key.day);
        let sums: Sums = sums.iter().filter(|(key, _)| within(key)).map(|(key, sum)| (key.clone(), *sum)).collect();
        let partition = Partition(format!("{from}"));
        let replaces = Replaces::Partition;
        drawdown
            .take(&DailySums { partition, replaces, from, through, sums, ..batch(commitment, Sums::new()) })
            .unwrap();
    }
    drawdown
}

fn figures(drawdown: &Drawdown, commitment: &Commitment, on: &str) -> Figures {
    drawdown.figures(commitment, day(on), day("2030-12-31")).unwrap()
}

fn gap(from: &str, through: &str) -> Gap {
    Gap { from: day(from), through: day(through) }
}

/// 1,200,000 / 1,700,000 / 2,100,000, of which nothing is handed on.
fn apart() -> Commitment {
    commitment(&carrying(GLOBEX, "nothing", "nothing"))
}

#[test]
fn before_any_spend_is_taken_in_nothing_is_known_of_what_remains() {
    let commitment = apart();
    let known = figures(&Drawdown::new(&commitment), &commitment, "2027-03-31");
    assert_eq!(known.unknown, [gap("2026-01-01", "2027-03-31")]);
    assert_eq!(known.settled[0].shortfall, band("0", "1200000"), "it may have been met");
    assert!(known.settled[0].unknown && known.period.unknown);
    assert_eq!(known.period.remaining, band("0", "1700000"));
    // The third year is ahead, and nothing is handed on to it.
    assert_eq!(known.remaining, band("2100000", "3800000"));
    let handing_on = globex();
    let known = figures(&Drawdown::new(&handing_on), &handing_on, "2027-03-31");
    assert_eq!(known.remaining, band("0", "3800000"), "what is too much in a year counts in the next");
}

#[test]
fn days_since_the_last_data_of_a_period_that_runs_are_ahead() {
    let commitment = apart();
    let drawdown = seen(&commitment, &[usage("2026-02-10", "400000")], &[("2026-01-01", "2026-03-31")]);
    let known = figures(&drawdown, &commitment, "2026-04-02");
    assert_eq!((known.unknown.as_slice(), known.period.remaining), (&[][..], exactly("800000")));
    // On the period's last day they are over.
    let known = figures(&drawdown, &commitment, "2026-12-31");
    assert_eq!(known.unknown, [gap("2026-04-01", "2026-12-31")]);
    assert_eq!(known.period.remaining, band("0", "800000"));
    let known = figures(&drawdown, &commitment, "2027-02-01");
    assert_eq!(known.settled[0].shortfall, band("0", "800000"));
    assert_eq!(known.settled[0].cost.cash, band("0", "800000"), "and so is what is to be paid");
    assert_eq!(known.period.remaining, exactly("1700000"), "the next year is as it was told, to its last data");
}

#[test]
fn a_hole_makes_what_its_period_lacks_unknown_until_it_is_filled() {
    let commitment = apart();
    let lines = [usage("2026-02-10", "400000"), usage("2027-01-10", "100000")];
    let holed = seen(&commitment, &lines, &[("2026-01-01", "2026-11-30"), ("2027-01-01", "2027-01-31")]);
    let known = figures(&holed, &commitment, "2027-02-01");
    assert_eq!(known.unknown, [gap("2026-12-01", "2026-12-31")]);
    assert_eq!(known.settled[0].shortfall, band("0", "800000"));
    assert_eq!(known.period.remaining, exactly("1600000"));
    let whole = seen(&commitment, &lines, &[("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-01-31")]);
    let known = figures(&whole, &commitment, "2027-02-01");
    assert_eq!((known.unknown.as_slice(), known.settled[0].shortfall), (&[][..], exactly("800000")));
}

#[test]
fn no_payment_for_a_milestone_is_presumed_of_days_that_are_not_known() {
    let milestone = "amount: \"1200000.00\", milestones: [{ name: half, through: 2026-06-30, amount: \"600000.00\", \
                     true_up: { due: 2026-07-31, buys: nothing } }]";
    let commitment =
        commitment(&carrying(GLOBEX, "nothing", "nothing").replacen("amount: \"1200000.00\"", milestone, 1));
    let known = figures(&Drawdown::new(&commitment), &commitment, "2026-08-15");
    assert_eq!(known.settled[0].milestone.as_deref(), Some("half"));
    assert_eq!(known.settled[0].shortfall, band("0", "600000"));
    assert_eq!(known.period.remaining, band("0", "600000"), "from everything met to nothing but the payment");
}

#[test]
fn what_is_used_up_is_fulfilled_on_the_day_on_which_it_was() {
    let commitment = apart();
    let months = (1..=8).map(|month| usage(&format!("2026-{month:02}-21"), "200000"));
    let drawdown = drawdown(&commitment, &months.collect::<Vec<_>>());
    let known = figures(&drawdown, &commitment, "2026-08-31");
    assert_eq!(known.period.reached, (Some(day("2026-06-21")), Some(day("2026-06-21"))));
    let months = history(&drawdown, day("2026-08-31"), Side::Least).unwrap();
    let told = forecast(&months, &Ahead::to_period_end(&known, Side::Least)).unwrap().fulfilled;
    assert_eq!([told.early, told.mid, told.late], [Some(day("2026-06-21")); 3]);
    // What is given back undoes it.
    let back = Line { amount: amount("-500000"), ..usage("2026-08-25", "0") };
    let lines: Vec<Line> = (1..=8).map(|month| usage(&format!("2026-{month:02}-21"), "200000")).chain([back]).collect();
    let drawdown = super::support::drawdown(&commitment, &lines);
    assert_eq!(figures(&drawdown, &commitment, "2026-08-31").period.reached, (None, None));
}

#[test]
fn a_seller_that_is_not_told_counts_between_what_is_bought_and_what_is_the_clouds_own() {
    let commitment = apart();
    let key = SumKey {
        day: day("2026-02-10"),
        account: "111122223333".into(),
        product: "MongoDB Atlas".into(),
        part: Part::Cloud,
        reason: SumKey::seller_unknown(),
        weight: Weight::exactly("100".parse().unwrap()),
    };
    let mut drawdown = Drawdown::new(&commitment);
    drawdown.take(&batch(&commitment, Sums::from([(key, amount("400000"))]))).unwrap();
    let known = figures(&drawdown, &commitment, "2026-03-31");
    // The cap is a quarter of 1,200,000.
    assert_eq!(known.eligible, band("300000", "400000"));
    assert_eq!(known.period.headroom.left, (Some(amount("0")), Some(amount("300000"))));
}

#[test]
fn what_counts_of_a_product_turns_on_the_day_on_which_a_rule_begins_or_ends_to_apply() {
    let commitment = apart();
    let lines = [product("P", "2026-03-10", "1000"), product("Q", "2026-03-10", "1000")];
    let drawdown = drawdown(&commitment, &lines);
    let held = || drawdown.partitions().values().flatten().map(|(key, _)| key);
    let rules = own(
        "rules:
  - { rule: acme-1, title: P ends, cloud: aws, tests: charge, valid_from: 2026-07-20, valid_through: 2026-09-30, known_from: 2026-07-01,
      source: { kind: told, at: a letter, read: 2026-07-01 }, precedence: 90, when: { products: [P] }, effect: excluded }
  - { rule: acme-2, title: Q ends, cloud: aws, tests: charge, valid_from: 2026-07-20, known_from: 2026-08-15,
      source: { kind: told, at: a letter, read: 2026-08-15 }, precedence: 90, when: { products: [Q] }, effect: excluded }
",
    );
    let turns = |on: &str| turned(&commitment, &rules, held(), day(on)).into_iter().collect::<Vec<_>>();
    assert_eq!(turns("2026-07-19"), [""; 0]);
    assert_eq!(turns("2026-07-20"), ["P"], "of Q it is not known yet");
    assert_eq!(turns("2026-07-21"), [""; 0]);
    assert_eq!(turns("2026-10-01"), ["P"], "it counts again");
}
