//! What one period hands on to the next, worked by hand over 1.2, 1.7 and 2.1 millions.

use super::support::{GLOBEX, carrying, commitment, day, drawdown, exactly, usage};

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
