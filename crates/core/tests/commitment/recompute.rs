//! US-12: rules that end and contracts that change. What they do not reach stays as it was, and both versions are kept.

use entente_core::commitment::eligibility::{Line, State, daily_sums, recompute};

use super::support::{GLOBEX, batch, commitment, day, drawdown_by, exactly, globex, own, product, shipped, usage};

const ENDS: &str = "
rules:
  - { rule: own-7, title: product p no longer counts, tests: charge, valid_from: 2027-07-01, known_from: 2027-07-20,
      precedence: 60, source: { kind: official, at: a notice, read: 2027-07-19 }, when: { products: [p] }, effect: excluded }
";

fn a_year_of_p() -> Vec<Line> {
    (1..=12)
        .flat_map(|m| {
            let on = format!("2027-{m:02}-10");
            [product("p", &on, "1000.25"), usage(&on, "2000.00")]
        })
        .collect()
}

#[test]
fn when_eligibility_ends_on_the_first_of_july_nothing_before_is_computed_again_and_both_versions_stay() {
    let commitment = globex();
    let (lines, rules) = (a_year_of_p(), shipped().and(own(ENDS)));
    let state = |on| State { commitment: &commitment, rules: &rules, known_on: day(on) };
    let changed = recompute(&lines, state("2027-07-19"), state("2027-07-20")).unwrap();
    assert_eq!(changed.from, Some(day("2027-07-10")), "the first charge that it touches");
    assert_eq!(changed.judged, 12, "the charges from July on");
    assert!(changed.before.keys().chain(changed.after.keys()).all(|key| key.day >= day("2027-07-01")));
    assert_eq!(changed.products["p"], (exactly("6001.50"), exactly("0")));
    assert_eq!(changed.products.len(), 1);

    // Posted from that day on, it is what the new rules give for the whole year.
    let mut drawdown = drawdown_by(&commitment, &shipped(), &lines);
    let mut restated = batch(&commitment, changed.after);
    restated.from = day("2027-07-10");
    let differences = drawdown.take(&restated).unwrap();
    assert_eq!(differences.len(), 12, "six sums that went, six that came");
    assert!(differences.iter().all(|difference| difference.key.day >= day("2027-07-10")));
    assert_eq!(drawdown, drawdown_by(&commitment, &rules, &lines));

    // And the day before it was known can be told again as it was told then.
    let then = daily_sums(&commitment, &rules, day("2027-07-19"), &lines).unwrap();
    assert_eq!(then, daily_sums(&commitment, &shipped(), day("2030-12-31"), &lines).unwrap());
}

#[test]
fn a_rule_that_got_a_last_day_matters_from_the_day_after() {
    let rule = |through: &str| {
        own(&format!(
            "rules: [{{ rule: own-8, title: p counts by half, tests: charge, valid_from: 2027-01-01, {through} \
             known_from: 2027-01-02, precedence: 60, source: {{ kind: contract, at: EDP-77, read: 2027-01-01 }}, \
             when: {{ products: [p] }}, effect: {{ counts_at: \"50\" }} }}]"
        ))
    };
    let (open, ended) = (rule(""), rule("valid_through: 2027-06-30,"));
    let commitment = globex();
    let state = |rules| State { commitment: &commitment, rules, known_on: day("2028-01-01") };
    let changed = recompute(&a_year_of_p(), state(&open), state(&ended)).unwrap();
    assert_eq!((changed.from, changed.judged), (Some(day("2027-07-10")), 12));
    assert_eq!(changed.products["p"], (exactly("3000.75"), exactly("6001.50")));
    let same = recompute(&a_year_of_p(), state(&open), state(&open)).unwrap();
    assert_eq!((same.from, same.judged), (None, 0));
}

#[test]
fn when_the_contract_changes_the_charges_that_it_speaks_of_are_judged_again() {
    let (_, version) = GLOBEX.split_once("versions:\n").unwrap();
    let amendment = version
        .replace("valid_from: 2026-01-01", "valid_from: 2027-07-01")
        .replace("known_from: 2025-12-15", "known_from: 2027-07-20")
        .replace("counts: \"100\"", "counts: \"50\"");
    let commitment = commitment(&format!("{GLOBEX}{amendment}"));
    let rules = shipped();
    let state = |on| State { commitment: &commitment, rules: &rules, known_on: day(on) };
    let changed = recompute(&a_year_of_p(), state("2027-07-19"), state("2027-07-20")).unwrap();
    assert_eq!((changed.from, changed.judged), (Some(day("2027-07-10")), 6), "six purchases from July on");
    // 6 x 1 000.25, and half of it.
    assert_eq!(changed.products["p"], (exactly("6001.50"), exactly("3000.75")));
    assert_eq!(changed.products.len(), 1);
    let same = recompute(&a_year_of_p(), state("2027-07-20"), state("2027-12-31")).unwrap();
    assert_eq!((same.from, same.judged), (None, 0));
}

#[test]
fn another_contract_is_compared_by_what_it_says_about_each_charge() {
    let (rules, before) = (shipped(), globex());
    let compared = |from: &str, to: &str| {
        let after = commitment(&GLOBEX.replace(from, to));
        let state = |commitment| State { commitment, rules: &rules, known_on: day("2028-01-01") };
        let other = Line { account: "444455556666".into(), ..usage("2027-08-10", "7") };
        let lines = [a_year_of_p(), vec![other]].concat();
        let changed = recompute(&lines, state(&before), state(&after)).unwrap();
        (changed.from.map(|day| day.to_string()), changed.judged, changed.products.into_keys().collect::<Vec<_>>())
    };
    // The one charge of the account that is no longer in scope.
    let found = compared(", \"444455556666\"]", "]");
    assert_eq!(found, (Some("2027-08-10".into()), 1, vec!["compute".into()]));
    // A basis concerns every charge, and this one changes none of them.
    assert_eq!(compared("support: excluded", "support: counts"), (None, 25, vec![]));
}
