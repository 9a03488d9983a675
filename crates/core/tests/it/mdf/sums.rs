//! What holds for any money: no approved amount above a cap, shares that sum to the whole, and judgements that depend
//! neither on the order of rules nor on chance.

use std::sync::LazyLock;

use entente_core::{
    mdf::{BasisPoints, Case, Outcome, Pack, SHARE_ROUNDING, model::Income, shares},
    money::Money,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{case, judged, usd};

static SOUND: LazyLock<Case> = LazyLock::new(|| case(&json!({})));

fn cents(minor: i64) -> Money {
    Money { minor, ..usd("0") }
}

/// The figures of a random claim, in minor units.
#[derive(Debug, Clone)]
struct Sample {
    claimed: i64,
    lines: Vec<(i64, bool)>,
    income: i64,
    approved: i64,
    approved_cost: i64,
    reserved: i64,
    share: u32,
    split: Option<u32>,
    activity_cap: i64,
    period_cap: i64,
    granted: i64,
    half_up: bool,
}

fn samples() -> impl Strategy<Value = Sample> {
    let money = || 0..2_000_000_i64;
    let first = (money(), prop::collection::vec((money(), any::<bool>()), 0..6), money(), money(), money(), money());
    let second = (0..=10_000_u32, prop::option::of(0..=10_000_u32), money(), money(), money(), any::<bool>());
    (first, second).prop_map(|(first, second)| {
        let (claimed, lines, income, approved, approved_cost, reserved) = first;
        let (share, split, activity_cap, period_cap, granted, half_up) = second;
        Sample {
            claimed,
            lines,
            income,
            approved,
            approved_cost,
            reserved,
            share,
            split,
            activity_cap,
            period_cap,
            granted,
            half_up,
        }
    })
}

impl Sample {
    fn case(&self) -> Case {
        let mut case = SOUND.clone();
        let (Some(claim), Some(request)) = (case.claim.as_mut(), case.request.as_mut()) else { panic!("no claim") };
        let template = claim.lines[0].clone();
        claim.amount = cents(self.claimed);
        claim.lines = self
            .lines
            .iter()
            .map(|(minor, eligible)| {
                let mut line = template.clone();
                line.amount = cents(*minor);
                line.kind = if *eligible { "venue" } else { "alcohol" }.into();
                line
            })
            .collect();
        claim.income = vec![Income { from: "tickets".into(), amount: cents(self.income) }];
        request.vendor_split = self.split.map(BasisPoints);
        request.reserved = cents(self.reserved);
        let approval = request.approval.as_mut().unwrap();
        approval.amount = cents(self.approved);
        approval.cost = cents(self.approved_cost);
        case.partner.granted_in_period = [(usd("0").currency, cents(self.granted))].into();
        case
    }

    fn rules(&self) -> Value {
        let text = |minor: i64| cents(minor).decimal().to_string();
        json!({
            "Q6": {
                "vendor_share": format!("{}.{:02}", self.share / 100, self.share % 100),
                "activity_cap": { "webinar": { "USD": text(self.activity_cap) } },
                "period_cap": { "USD": text(self.period_cap) },
            },
            "V1": {}, "V2": {}, "V3": {}, "V8": {}, "V9": {}, "E1": {}, "C1": {}, "Y1": {},
            "V6": { "rounding": if self.half_up { "half_up" } else { "half_even" } },
        })
    }

    /// The most that the cost allows, counted in another way: in ten-thousandths, rounded up.
    fn cost_bound(&self) -> i128 {
        let eligible: i128 = self.lines.iter().filter(|line| line.1).map(|line| i128::from(line.0)).sum();
        let cost = (eligible - i128::from(self.income)).max(0).min(i128::from(self.approved_cost));
        let up = |amount: i128, points: u32| (amount * i128::from(points) + 9_999).div_euclid(10_000);
        up(up(cost, self.split.unwrap_or(10_000)), self.share)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_approved_amount_is_never_above_any_cap(sample in samples()) {
        let judgement = judged(&sample.case(), &super::pack(&sample.rules()));
        let payable = judgement.payable.unwrap().minor;
        prop_assert!(payable >= 0);
        let caps = [
            ("claimed", sample.claimed),
            ("approved", sample.approved),
            ("reserved", sample.reserved),
            ("activity cap", sample.activity_cap),
            ("period cap", (sample.period_cap - sample.granted).max(0)),
        ];
        for (name, cap) in caps {
            prop_assert!(payable <= cap, "{payable} is above {name}, {cap}");
        }
        prop_assert!(i128::from(payable) <= sample.cost_bound(), "{payable} is above the cost's {}", sample.cost_bound());
        // The bound that is said to have won is the amount that is paid, and nothing lower was tried.
        let v1 = judgement.verdict("V1".parse().unwrap()).unwrap();
        let won: Vec<i64> = v1.told.bounds.iter().filter(|bound| bound.won).map(|bound| bound.amount.minor).collect();
        prop_assert_eq!(won, vec![payable]);
        prop_assert!(v1.told.bounds.iter().all(|bound| bound.amount.minor >= payable));
        if payable < sample.claimed {
            let rule = judgement.bound_by.unwrap();
            let Outcome::Found(effect) = &judgement.verdict(rule).unwrap().outcome else { panic!("{rule} found nothing") };
            prop_assert_eq!(super::effect_line(effect), format!("reduce to {}", cents(payable)));
        }
    }

    #[test]
    fn shares_sum_to_the_whole_and_are_off_by_less_than_a_cent(
        minor in -1_000_000_000_000_i64..1_000_000_000_000,
        weights in prop::collection::vec(0..1_000_000_u64, 1..12),
    ) {
        let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        let Some(parts) = shares(cents(minor), &weights) else {
            prop_assert_eq!(total, 0);
            return Ok(());
        };
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().map(|part| i128::from(part.minor)).sum::<i128>(), i128::from(minor));
        for (part, weight) in parts.iter().zip(&weights) {
            let off = i128::from(part.minor) * total - i128::from(minor) * i128::from(*weight);
            prop_assert!(off.abs() < total, "{part} for {weight} of {total}");
        }
    }

    #[test]
    fn judging_depends_neither_on_the_order_of_rules_nor_on_chance(sample in samples(), seed in any::<u64>()) {
        let rules = sample.rules();
        let mut names: Vec<&String> = rules.as_object().unwrap().keys().collect();
        names.sort_by_key(|name| name.bytes().fold(seed, |sum, byte| sum.rotate_left(9) ^ u64::from(byte)));
        let lines: String = names.iter().map(|name| format!("  {name}: {}\n", rules[name.as_str()])).collect();
        let text = format!("pack: test\nversion: 1\ntitle: for a test\nzone: Europe/Berlin\nrules:\n{lines}");
        let shuffled = Pack::from_yaml("shuffled.yaml", &text).unwrap();
        let (one, other) = (judged(&sample.case(), &super::pack(&rules)), judged(&sample.case(), &shuffled));
        prop_assert_eq!(&one.verdicts, &other.verdicts);
        prop_assert_eq!((one.decision, one.payable, one.bound_by), (other.decision, other.payable, other.bound_by));
        prop_assert_eq!(&other, &judged(&sample.case(), &shuffled));
    }
}

#[test]
fn the_residual_cent_goes_to_the_largest_share_among_equal_remainders() {
    // 0.02 by 1 : 3 is a half and one and a half cent: equal remainders, and one cent for the two.
    assert_eq!(shares(cents(2), &[1, 3]).unwrap(), [cents(0), cents(2)]);
    assert_eq!(shares(cents(100), &[1, 1, 1]).unwrap(), [cents(34), cents(33), cents(33)]);
    assert_eq!(shares(cents(5), &[0, 0]), None);
    assert!(SHARE_ROUNDING.contains("largest remainders"));
}

#[test]
fn amounts_that_no_ledger_can_hold_are_undecided_and_never_paid() {
    let mut case = SOUND.clone();
    let claim = case.claim.as_mut().unwrap();
    claim.lines[0].amount = cents(i64::MAX);
    let all: Map<String, Value> =
        ["V1", "V2", "V3", "Q6", "D3"].into_iter().map(|id| (id.to_owned(), json!({}))).collect();
    let judgement = judged(&case, &super::pack(&Value::Object(all)));
    assert_eq!(judgement.decision, entente_core::mdf::Decision::Held);
    for verdict in &judgement.verdicts {
        assert_eq!(super::line(&verdict.outcome), "undecided", "{verdict}");
        assert!(verdict.because.contains("too large"), "{verdict}");
    }
}
