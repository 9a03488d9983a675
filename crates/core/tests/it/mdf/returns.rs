//! Returns: what a record must say, that every model gives away each deal exactly once, and what a unit of money brought.

use entente_core::{
    ids::{DealId, RequestId},
    mdf::returns::{CustomWeights, Model, NoCredit, Ratio, Record, Stage, Touch, credits, figures},
    money::Money,
};
use proptest::prelude::*;

use super::usd;

const WEIGHTS: &str = "deals:\n  OPP-1: { REQ-1: \"0.5\", REQ-2: \"0.3\", REQ-3: \"0.2\" }\n";

fn touch(request: &str, on: &str) -> Touch {
    Touch { request: request.parse().unwrap(), on: on.parse().unwrap() }
}

/// Three touches; the second request was there first.
fn touches() -> Vec<Touch> {
    vec![touch("REQ-1", "2027-03-20"), touch("REQ-2", "2027-02-01"), touch("REQ-3", "2027-05-30")]
}

fn deal() -> DealId {
    "OPP-1".parse().unwrap()
}

fn credited(model: &Model, amount: Money) -> Vec<(String, String, Money)> {
    let credits = credits(model, &deal(), amount, &touches()).unwrap();
    credits.into_iter().map(|one| (one.request.to_string(), format!("{}/{}", one.part, one.of), one.amount)).collect()
}

fn table(rows: [(&str, &str, &str); 3]) -> Vec<(String, String, Money)> {
    rows.map(|(request, weight, amount)| (request.to_owned(), weight.to_owned(), usd(amount))).to_vec()
}

#[test]
fn each_model_divides_the_same_deal_in_its_own_way_and_gives_all_of_it() {
    let amount = usd("100.00");
    let equal = table([("REQ-2", "1/3", "33.34"), ("REQ-1", "1/3", "33.33"), ("REQ-3", "1/3", "33.33")]);
    assert_eq!(credited(&Model::Equal, amount), equal);
    let first = table([("REQ-2", "1/1", "100.00"), ("REQ-1", "0/1", "0.00"), ("REQ-3", "0/1", "0.00")]);
    assert_eq!(credited(&Model::FirstTouch, amount), first);
    let last = table([("REQ-2", "0/1", "0.00"), ("REQ-1", "0/1", "0.00"), ("REQ-3", "1/1", "100.00")]);
    assert_eq!(credited(&Model::LastTouch, amount), last);
    let custom = Model::Custom(CustomWeights::from_yaml("w.yaml", WEIGHTS).unwrap());
    let agreed = table([
        ("REQ-2", "300000/1000000", "30.00"),
        ("REQ-1", "500000/1000000", "50.00"),
        ("REQ-3", "200000/1000000", "20.00"),
    ]);
    assert_eq!(credited(&custom, amount), agreed);
    let other = credits(&custom, &"OPP-2".parse().unwrap(), amount, &touches()).unwrap();
    assert!(other.iter().all(|credit| (credit.part, credit.of) == (1, 3)), "nobody has agreed on this one");
}

#[test]
fn weights_that_do_not_sum_to_one_or_name_a_stranger_are_refused() {
    let wrong = [
        ("\"0.2\"", "\"0.199999\"", "w.yaml:2:10: field `/deals/OPP-1`: sums to 0.999999"),
        ("\"0.2\"", "\"0.200001\"", "sums to 1.000001"),
        ("\"0.2\"", "\"-0.2\"", "field `/deals/OPP-1/REQ-3`: `-0.2` is no part of 1"),
        ("\"0.2\"", "\"0.2000001\"", "is no part of 1"),
        ("\"0.2\"", "\"1.1\"", "is no part of 1"),
    ];
    for (old, new, says) in wrong {
        let error = CustomWeights::from_yaml("w.yaml", &WEIGHTS.replacen(old, new, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{new}: {error}");
    }
    let custom = Model::Custom(CustomWeights::from_yaml("w.yaml", WEIGHTS).unwrap());
    let error = credits(&custom, &deal(), usd("1.00"), &touches()[..2]).unwrap_err();
    assert_eq!(error, NoCredit::Stranger { deal: deal(), request: "REQ-3".parse().unwrap() });
    assert_eq!(credits(&Model::Equal, &deal(), usd("1.00"), &[]), Err(NoCredit::Untouched(deal())));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn whatever_touched_a_deal_its_parts_sum_to_one_and_its_amounts_to_the_deal(
        minor in 1_i64..=i64::MAX / 2,
        days in proptest::collection::btree_map(1_u32..500, 0_i64..700, 1..40),
        model in 0_usize..3,
    ) {
        let first: jiff::civil::Date = "2027-01-01".parse().unwrap();
        let touched: Vec<Touch> = days.iter().map(|(number, day)| Touch {
            request: format!("REQ-{number}").parse::<RequestId>().unwrap(),
            on: first.checked_add(jiff::Span::new().days(*day)).unwrap(),
        }).collect();
        let model = [Model::Equal, Model::FirstTouch, Model::LastTouch][model].clone();
        let whole = Money { minor, ..usd("0.00") };
        let credits = credits(&model, &deal(), whole, &touched).unwrap();
        prop_assert_eq!(credits.len(), touched.len());
        prop_assert_eq!(credits.iter().map(|one| one.part).sum::<u64>(), credits[0].of);
        prop_assert_eq!(credits.iter().map(|one| i128::from(one.amount.minor)).sum::<i128>(), i128::from(minor));
        let exact = |one: &entente_core::mdf::returns::Credit| i128::from(minor) * i128::from(one.part) / i128::from(one.of);
        prop_assert!(credits.iter().all(|one| (0..=1).contains(&(i128::from(one.amount.minor) - exact(one)))));
    }
}

#[test]
fn a_return_is_exact_and_shown_with_two_decimals_and_there_is_none_on_nothing() {
    let ratio = Ratio::of(usd("100.00"), usd("30.00")).unwrap();
    assert_eq!((ratio.numerator(), ratio.denominator(), ratio.to_string()), (10, 3, "3.33".to_owned()));
    assert_eq!(Ratio::of(usd("0.00"), usd("30.00")).unwrap().to_string(), "0.00");
    assert_eq!(Ratio::of(usd("100.00"), usd("0.00")), None);
}

#[test]
fn a_lost_deal_is_no_pipeline_a_won_one_is_both_and_currencies_stay_apart() {
    let eur = |text: &str| Money::parse(text, "EUR".parse().unwrap()).unwrap();
    let credited = [
        (Stage::Open, usd("100.00")),
        (Stage::Won, usd("50.00")),
        (Stage::Lost, usd("900.00")),
        (Stage::Won, eur("7.00")),
    ];
    let sums = figures(credited, [usd("30.00"), usd("-5.00")]).unwrap();
    let dollars = sums[&"USD".parse().unwrap()];
    assert_eq!((dollars.pipeline, dollars.won, dollars.cost), (usd("150.00"), usd("50.00"), usd("25.00")));
    assert_eq!(dollars.won_per_unit.unwrap().to_string(), "2.00");
    let euros = sums[&"EUR".parse().unwrap()];
    assert_eq!((euros.won, euros.won_per_unit), (eur("7.00"), None), "nothing was paid in euros");
}

#[test]
fn a_record_that_contradicts_itself_is_refused_with_its_field() {
    let text = "after_days: 90\nleads: 4\ndeals:\n\
                - { deal: OPP-1, stage: won, amount: \"10.00 USD\", touched_on: 2027-03-20 }\n\
                - { deal: OPP-2, stage: open, amount: \"20.00 USD\", touched_on: 2027-03-20, offer: OFR-2027-00001 }\n";
    assert_eq!(Record::from_yaml("r.yaml", text).unwrap().deals.len(), 2);
    let wrong = [
        ("deal: OPP-2", "deal: OPP-1", "r.yaml:5:11: field `/deals/1/deal`: stands there twice"),
        ("\"20.00 USD\"", "\"0.00 USD\"", "field `/deals/1/amount`: is not more than zero"),
        ("stage: won", "stage: wonder", "`wonder` is none of the values allowed here: open, won, lost"),
        ("leads: 4", "leads: -4", "field `/leads`"),
        ("leads: 4\n", "", "`leads` is missing"),
    ];
    for (old, new, says) in wrong {
        let error = Record::from_yaml("r.yaml", &text.replacen(old, new, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{new}: {error}");
    }
}
