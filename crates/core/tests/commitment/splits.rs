//! Whatever is spent, each charge counts on one side of a succession alone.

use entente_core::commitment::{
    Amount, Commitment, Part, SumKey, Weight,
    drawdown::{Cause, Drawdown, Figures, Sequence},
    eligibility::Sums,
};
use jiff::ToSpan;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::support::{GLOBEX, amount, batch, commitment, day};

/// A charge: days after 2026-01-01, millionths, whether on the marketplace.
type Charge = (u16, i64, bool);

fn two_years(id: &str, amount: &str, cap: &str, succession: &str) -> Commitment {
    let (head, _) = GLOBEX.split_once("versions:").unwrap();
    let head = head.replace("globex-2026", id);
    commitment(&format!(
        "{head}{succession}versions:\n  - valid_from: 2026-01-01\n    known_from: 2025-12-15\n    note: n\n    glide: ramp\n    \
         marketplace: {{ counts: \"100\", cap: \"{cap}\" }}\n    periods:\n      - {{ from: 2026-01-01, through: 2027-12-31, \
         amount: \"{amount}\", true_up: {{ due: 2028-01-31, buys: nothing }} }}\n"
    ))
}

fn drawn(commitment: &Commitment, charges: &[Charge]) -> Drawdown {
    let sum = |(nth, (after, millionths, bought)): (usize, &Charge)| {
        let key = SumKey {
            day: day("2026-01-01").checked_add(i64::from(*after).days()).unwrap(),
            account: "a".into(),
            product: format!("p{nth}"),
            part: if *bought { Part::Marketplace } else { Part::Cloud },
            reason: "own-1".parse().unwrap(),
            weight: Weight::ALL,
        };
        (key, Amount::new(Decimal::new(*millionths, 6)).unwrap())
    };
    let sums: Sums = charges.iter().enumerate().map(sum).collect();
    let mut drawdown = Drawdown::new(commitment);
    drawdown.take(&batch(commitment, sums)).unwrap();
    drawdown
}

fn elsewhere(figures: &Figures) -> Amount {
    let found = figures.ineligible.iter().find(|(cause, _)| *cause == Cause::OtherCommitment);
    found.map_or(Amount::ZERO, |(_, band)| band.known().unwrap())
}

proptest! {
    #[test]
    fn what_the_former_does_not_need_goes_on_and_nothing_counts_twice(
        charges in prop::collection::vec((0u16..700, 1_000_000_i64..200_000_000_000, any::<bool>()), 0..40),
        cap in 1u8..=100,
        after in 0u16..700,
    ) {
        let old = two_years("old", "1000000", &cap.to_string(), "");
        let new = two_years("new", "900000000", "none", "succession: { to: old, how: after }\n");
        let (one, other) = (drawn(&old, &charges), drawn(&new, &charges));
        let sequence = Sequence::new([(&old, &one), (&new, &other)]).unwrap();
        let on = day("2026-01-01").checked_add(i64::from(after).days()).unwrap();
        let (former, next) =
            (sequence.figures(&old.id, on, day("2030-12-31")).unwrap(), sequence.figures(&new.id, on, day("2030-12-31")).unwrap());
        for figures in [&former, &next] {
            let left_out = Amount::sum(figures.ineligible.iter().map(|(_, band)| band.known().unwrap())).unwrap();
            prop_assert_eq!(figures.eligible.known().unwrap().plus(left_out).unwrap(), figures.spent);
        }
        prop_assert_eq!(elsewhere(&former).plus(elsewhere(&next)).unwrap(), former.spent);
        // What the former counts, it needs: never a cent beyond its amount, and none short of it once the next one counts.
        let cents = former.eligible.known().unwrap().decimal().round_dp(2);
        let whole = amount("1000000").decimal();
        prop_assert!(cents <= whole, "{:?}", former.eligible);
        if next.eligible.known().unwrap() > Amount::ZERO {
            prop_assert_eq!(cents, whole);
        }
    }
}
