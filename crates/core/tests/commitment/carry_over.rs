//! What one period hands on to the next, worked by hand over 1.2, 1.7 and 2.1 millions.

use super::support::{GLOBEX, amount, carrying, commitment, day, drawdown, exactly, globex, product, usage};

#[test]
fn what_is_too_much_goes_from_period_to_period_as_each_ones_own_word_says() {
    // 3.2 millions in the first year are 2.0 too much.
    for (first, second, remaining, in_the_third, working) in [
        ("excess", "excess", "1800000", "1800000", "the second year takes 1.7 of the 2.0 and hands 0.3 on: 2.1 - 0.3"),
        ("both", "excess", "1800000", "1800000", "the same"),
        ("excess", "both", "1800000", "1800000", "the same"),
        ("excess", "nothing", "2100000", "2100000", "the second year takes 1.7 of the 2.0, and 0.3 are lost"),
        ("excess", "shortfall", "2100000", "2100000", "the same"),
        ("nothing", "excess", "3800000", "2100000", "2.0 are lost: 1.7 + 2.1"),
        ("shortfall", "excess", "3800000", "2100000", "the same"),
    ] {
        let commitment = commitment(&carrying(GLOBEX, first, second));
        let drawdown = drawdown(&commitment, &[usage("2026-06-01", "3200000")]);
        let remaining_on = |on| drawdown.figures(&commitment, day(on), day("2030-12-31")).unwrap().remaining;
        assert_eq!(remaining_on("2026-06-30"), exactly(remaining), "{first}, {second}: {working}");
        assert_eq!(remaining_on("2028-06-30"), exactly(in_the_third), "{first}, {second}, as it came: {working}");
    }
}

#[test]
fn what_the_payment_of_a_shortfall_buys_counts_in_the_next_period() {
    // 200 000 lack in the first year and are paid; 1 700 000 are due in the second.
    for (buys, remaining) in [
        ("buys: nothing", "1700000"),
        ("buys: credit", "1700000"),
        ("buys: carry_over", "1500000"),
        ("buys: carry_over, credit: \"50\"", "1600000"),
    ] {
        let text = GLOBEX.replacen("buys: nothing", buys, 1);
        let commitment = commitment(&text);
        let drawdown = drawdown(&commitment, &[usage("2026-06-01", "1000000")]);
        let figures = drawdown.figures(&commitment, day("2027-06-30"), day("2030-12-31")).unwrap();
        assert_eq!(figures.settled[0].cost.cash, exactly("200000"), "{buys}");
        assert_eq!(figures.period.remaining, exactly(remaining), "{buys}");
    }
}

/// GLOBEX, from 2027 on with other words about the marketplace.
fn amended(cap: &str) -> String {
    let (_, version) = GLOBEX.split_once("versions:\n").unwrap();
    let later = version.replace("valid_from: 2026-01-01", "valid_from: 2027-01-01");
    format!("{GLOBEX}{}", later.replace("cap: \"25\"", cap))
}

#[test]
fn a_cap_that_is_agreed_later_leaves_a_period_that_has_passed_as_it_was() {
    let commitment = commitment(&amended("cap: none"));
    let lines =
        [usage("2026-02-01", "900000"), product("p", "2026-03-01", "400000"), product("p", "2027-03-01", "600000")];
    let drawdown = drawdown(&commitment, &lines);
    let figures = |on| drawdown.figures(&commitment, day(on), day("2030-12-31")).unwrap();
    // 900 000 + 300 000, a quarter of 1 200 000; 100 000 are over the cap.
    assert_eq!(figures("2026-12-31").eligible, exactly("1200000"));
    let after = figures("2027-01-01");
    assert_eq!((after.eligible, after.period.carried_in), (exactly("1200000"), exactly("0")));
    assert_eq!(after.ineligible[0].1, exactly("100000"));
    // The second year has no cap, under which 425 000 would count.
    let second = figures("2027-06-30");
    assert_eq!((second.period.eligible, second.period.headroom.cap), (exactly("600000"), (None, None)));
}

#[test]
fn before_the_first_day_the_run_rate_needed_is_that_of_the_period() {
    let commitment = globex();
    let figures = drawdown(&commitment, &[]).figures(&commitment, day("2025-12-01"), day("2030-12-31")).unwrap();
    // 1 200 000 / 365, not / 395.
    assert_eq!(figures.period.per_day, Some(exactly("3287.671232876712")));
    assert_eq!(figures.period.next.per_day.unwrap().least, amount("3287.671232876712"));
}

#[test]
fn figures_of_another_commitment_basis_or_currency_are_refused() {
    let drawdown = drawdown(&globex(), &[]);
    for (from, to, says) in [
        ("globex-2026", "globex-2029", "cannot count for `globex-2026`"),
        ("cost: billed", "cost: list", "cost: billed, not list"),
        ("currency: USD", "currency: EUR", "is in USD and the sums are in EUR"),
    ] {
        let other = commitment(&GLOBEX.replace(from, to));
        let error = drawdown.figures(&other, day("2026-06-30"), day("2030-12-31")).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
