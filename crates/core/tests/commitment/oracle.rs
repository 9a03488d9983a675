//! A slow and obvious reference: every figure from its definition, charge by charge, in whole millionths.

use std::collections::BTreeMap;

use entente_core::commitment::{
    Amount, Band, Commitment, Part, Percent, SumKey, Weight, drawdown::Drawdown, eligibility::Sums,
};
use jiff::civil::Date;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::support::{GLOBEX, batch, carrying, commitment, day};

/// A charge: days after 2026-01-01, millionths, percent that counts at least and at most, whether on the marketplace.
type Charge = (u16, i64, u8, u8, bool);

#[derive(Debug, Clone)]
struct Contract {
    /// Of the first and of the second year; the last hands nothing on.
    carry_over: [&'static str; 2],
    cap: Option<(u8, u8)>,
}

fn written(contract: &Contract) -> Commitment {
    let cap = match contract.cap {
        None => "none".to_owned(),
        Some((low, high)) if low == high => low.to_string(),
        Some((low, high)) => format!("{low} to {high}"),
    };
    let text = GLOBEX.replace("cap: \"25\"", &format!("cap: \"{cap}\""));
    let [first, second] = contract.carry_over;
    commitment(&carrying(&text, first, second))
}

fn key(charge: Charge, nth: usize) -> SumKey {
    let percent = |n: u8| n.to_string().parse::<Percent>().unwrap();
    SumKey {
        day: date(charge.0),
        account: "a".into(),
        product: format!("p{nth}"),
        part: if charge.4 { Part::Marketplace } else { Part::Cloud },
        reason: "own-1".parse().unwrap(),
        weight: Weight { least: percent(charge.2.min(charge.3)), most: percent(charge.2.max(charge.3)) },
    }
}

fn date(after: u16) -> Date {
    use jiff::ToSpan;
    day("2026-01-01").checked_add(i64::from(after).days()).unwrap()
}

const MILLION: i128 = 1_000_000;

/// Eligible in each period that has begun, and what remains over the term: hundredths of millionths, so that percent are whole.
fn reference(contract: &Contract, charges: &[Charge], as_of: Date, most: bool) -> (i128, i128) {
    let unit = MILLION * 100;
    let years = [(2026, 1_200_000), (2027, 1_700_000), (2028, 2_100_000)];
    let (mut carried, mut total, mut remaining) = (0_i128, 0_i128, 0_i128);
    for (at, (year, millions)) in years.into_iter().enumerate() {
        let due = millions * unit;
        let hands_on = contract.carry_over.get(at).copied().unwrap_or("nothing");
        if i32::from(as_of.year()) < year {
            // A period that has not begun: what was handed on to it covers it, and it hands on what is too much by its own word.
            remaining += (due - carried).max(0);
            let keeps = hands_on == "excess" || hands_on == "both";
            carried = if keeps { (carried - due).max(0) } else { 0 };
            continue;
        }
        let (mut cloud, mut marketplace) = (0_i128, 0_i128);
        for (after, millionths, one, other, on_marketplace) in charges {
            let on = date(*after);
            if i32::from(on.year()) != year || on > as_of {
                continue;
            }
            let (a, b) = (i128::from(*millionths) * i128::from(*one), i128::from(*millionths) * i128::from(*other));
            let counts = if most { a.max(b) } else { a.min(b) };
            *(if *on_marketplace { &mut marketplace } else { &mut cloud }) += counts;
        }
        if let Some((low, high)) = contract.cap {
            marketplace = marketplace.min(due * i128::from(if most { high } else { low }) / 100);
        }
        let eligible = cloud + marketplace;
        total += eligible;
        let beyond = eligible + carried - due;
        let current = i32::from(as_of.year()) == year;
        if current {
            remaining += (-beyond).max(0);
        }
        carried = match hands_on {
            "excess" => beyond.max(0),
            "shortfall" => {
                if current {
                    0
                } else {
                    beyond.min(0)
                }
            }
            "both" => {
                if current {
                    beyond.max(0)
                } else {
                    beyond
                }
            }
            _ => 0,
        };
    }
    (total, remaining)
}

fn hundredths(amount: Amount) -> i128 {
    let scaled = amount.decimal() * Decimal::from(100_000_000);
    assert!(scaled.fract().is_zero(), "{amount}");
    scaled.trunc().normalize().to_string().parse().unwrap()
}

fn ends(band: Band) -> (i128, i128) {
    (hundredths(band.least), hundredths(band.most))
}

fn contracts() -> impl Strategy<Value = Contract> {
    let cap = prop_oneof![Just(None), (1u8..=40, 0u8..=40).prop_map(|(low, more)| Some((low, low + more)))];
    let carry_over = || prop_oneof![Just("nothing"), Just("excess"), Just("shortfall"), Just("both")];
    (carry_over(), carry_over(), cap).prop_map(|(first, second, cap)| Contract { carry_over: [first, second], cap })
}

fn charges() -> impl Strategy<Value = Vec<Charge>> {
    let amount = prop_oneof![4 => 0_i64..300_000_000_000, 1 => -100_000_000_000_i64..0];
    prop::collection::vec((0u16..1_095, amount, 0u8..=100, 0u8..=100, any::<bool>()), 0..60)
}

fn sums(charges: &[Charge]) -> Sums {
    let amount = |millionths: i64| Amount::new(Decimal::new(millionths, 6)).unwrap();
    charges.iter().enumerate().map(|(nth, charge)| (key(*charge, nth), amount(charge.1))).collect()
}

proptest! {
    #[test]
    fn the_figures_are_those_of_the_definition(contract in contracts(), charges in charges(), after in 0u16..1_095) {
        let (commitment, as_of) = (written(&contract), date(after));
        let mut drawdown = Drawdown::new(&commitment);
        drawdown.take(&batch(&commitment, sums(&charges))).unwrap();
        let figures = drawdown.figures(&commitment, as_of, day("2030-12-31")).unwrap();
        let (least, most) = (reference(&contract, &charges, as_of, false), reference(&contract, &charges, as_of, true));
        prop_assert_eq!(ends(figures.eligible), (least.0, most.0));
        prop_assert_eq!(ends(figures.remaining), (most.1.min(least.1), most.1.max(least.1)));
        for pick in [|band: Band| band.least, |band: Band| band.most] {
            let left_out = figures.ineligible.iter().map(|(_, band)| hundredths(pick(*band))).sum::<i128>();
            prop_assert_eq!(hundredths(pick(figures.eligible)) + left_out, hundredths(figures.spent));
        }
    }

    #[test]
    fn portions_in_any_order_give_what_all_at_once_gives(charges in charges(), cuts in prop::collection::vec(0u16..1_095, 0..4), swap in any::<bool>()) {
        let commitment = written(&Contract { carry_over: ["excess"; 2], cap: Some((25, 25)) });
        let mut at_once = Drawdown::new(&commitment);
        at_once.take(&batch(&commitment, sums(&charges))).unwrap();
        let mut bounds: Vec<u16> = [vec![0], cuts, vec![1_095]].concat();
        bounds.sort_unstable();
        bounds.dedup();
        let mut portions: Vec<(u16, u16)> = bounds.windows(2).map(|pair| (pair[0], pair[1] - 1)).collect();
        if swap {
            portions.reverse();
        }
        let mut in_portions = Drawdown::new(&commitment);
        // Something else first, which the portions restate.
        let wrong: BTreeMap<_, _> = sums(&charges).into_keys().map(|key| (key, "1.5".parse().unwrap())).collect();
        in_portions.take(&batch(&commitment, wrong)).unwrap();
        for (first, last) in portions {
            let mut portion = batch(&commitment, sums(&charges));
            (portion.from, portion.through) = (date(first), date(last));
            let (from, through) = (portion.from, portion.through);
            portion.sums.retain(|key, _| (from..=through).contains(&key.day));
            in_portions.take(&portion).unwrap();
        }
        prop_assert_eq!(everything(&in_portions), everything(&at_once));
        prop_assert_eq!(in_portions.days(), at_once.days());
    }
}

fn everything(drawdown: &Drawdown) -> Sums {
    drawdown.partitions().values().flatten().map(|(key, amount)| (key.clone(), *amount)).collect()
}
