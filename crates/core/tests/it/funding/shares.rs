//! Shares of a request: what adds up, to the cent, and what is refused.

use entente_core::{
    context::funding::{Payee, Percent, Shares},
    money::Money,
};
use serde_json::Value;

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

fn shared(vendor: &str, partners: &[(&str, &str)]) -> Shares {
    let share = |(partner, percent): &(&str, &str)| serde_json::json!({ "partner": partner, "percent": percent });
    let partners: Vec<Value> = partners.iter().map(share).collect();
    serde_json::from_value(serde_json::json!({ "vendor": vendor, "partners": partners })).unwrap()
}

const AB: [(&str, &str); 2] = [("a", "50"), ("b", "30")];

fn refused(shares: &Shares, amount: i64) -> (String, String) {
    let error = shares.check(&"a".parse().unwrap(), euros(10_000), euros(amount)).unwrap_err();
    (error.field, error.message)
}

#[test]
fn us19_shares_add_up_to_the_cent_also_where_the_cost_does_not_divide() {
    let shares = shared("20", &AB);
    for cost in [1_000_000, 1_000_001, 1, 99, 333_333, i64::MAX / 10_000] {
        let parts = shares.parts(euros(cost)).unwrap();
        assert_eq!(parts.iter().map(|part| part.minor).sum::<i64>(), cost);
        for (part, percent) in parts.iter().zip([20_i128, 50, 30]) {
            let exact = i128::from(cost) * percent;
            assert!((i128::from(part.minor) * 100 - exact).abs() < 100, "{part} of {cost}");
        }
    }
    assert_eq!(shares.parts(euros(1_000_001)).unwrap(), [euros(200_000), euros(500_001), euros(300_000)]);
    assert_eq!(shares.check(&"a".parse().unwrap(), euros(10_000), euros(2_000)), Ok(()));
}

#[test]
fn shares_that_are_not_all_of_the_cost_are_refused_with_the_field() {
    let field = |shares: &Shares, amount| refused(shares, amount).0;
    let told = refused(&shared("20", &[("a", "50"), ("b", "29.99")]), 100);
    assert_eq!(told, ("/shares".into(), "add up to 99.99 %, and not to 100.00 %; correct one of them".into()));
    assert_eq!(field(&shared("20", &[("a", "50"), ("a", "30")]), 100), "/shares/partners/1/partner");
    assert_eq!(field(&shared("20", &[("b", "50"), ("c", "30")]), 100), "/shares/partners");
    assert_eq!(field(&shared("20", &[("a", "80"), ("b", "0")]), 100), "/shares/partners/1/percent");
    assert_eq!(field(&shared("0", &[("a", "70"), ("b", "30")]), 100), "/shares/vendor");
    let beyond = refused(&shared("20", &AB), 2_001);
    assert_eq!(beyond.0, "/amount");
    assert!(beyond.1.contains("the vendor's share of EUR 20.00"), "{beyond:?}");
}

#[test]
fn a_percentage_is_exact_to_a_hundredth_and_is_written_as_it_was_read() {
    let read = |value: Value| serde_json::from_value::<Percent>(value);
    for (given, written) in [(Value::from(50), "50.00"), ("33.34".into(), "33.34"), ("100".into(), "100.00")] {
        assert_eq!(serde_json::to_value(read(given).unwrap()).unwrap(), written);
    }
    for wrong in [Value::from(33.34), "33.345".into(), "100.01".into(), "-1".into(), "".into(), Value::Null] {
        assert!(read(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn payees_are_those_that_were_agreed_in_any_order_and_in_the_same_proportions() {
    let shares = shared("20", &AB);
    let payees = |all: &[(&str, u64)]| -> Vec<Payee> {
        all.iter().map(|(who, weight)| Payee { payee: who.parse().unwrap(), weight: *weight }).collect()
    };
    assert!(shares.are_of(&shares.payees()));
    assert!(shares.are_of(&payees(&[("b", 3), ("a", 5)])));
    for wrong in [&[("a", 5)][..], &[("a", 3), ("b", 5)], &[("a", 5), ("c", 3)], &[("a", 5), ("b", 3), ("c", 1)], &[]] {
        assert!(!shares.are_of(&payees(wrong)), "{wrong:?}");
    }
}
