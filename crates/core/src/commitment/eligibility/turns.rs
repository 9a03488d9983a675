//! Days on which what counts of a product turns, by rules that were known before.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use jiff::civil::Date;

use super::{
    judge::{is_left_out, judge},
    line::{Channel, ChargeKind, Dates, Frequency, Line, Pricing},
    rule::Rules,
};
use crate::commitment::{
    amount::Amount,
    model::Commitment,
    sums::{Part, SumKey},
};

/// The products of which surely another share counts from a day on, by the rules and terms that are known on it: because a rule begins
/// or ends to apply then, or other terms do. `held` are sums of what was bought. Of a product is known its name, its account, whether
/// it came from the marketplace, and how its last charges were judged: where the rules alone leave open which share counted before, that
/// one did. A change that rests on anything else is told once charges have been judged.
pub fn turned<'k>(
    commitment: &Commitment,
    rules: &Rules,
    held: impl Iterator<Item = &'k SumKey>,
    day: Date,
) -> BTreeSet<String> {
    let before = day.yesterday().unwrap_or(day);
    if !turns(commitment, rules, day) {
        return BTreeSet::new();
    }
    let otherwise = |(product, account, part): &Product<'_>, last: &[&SumKey]| {
        [ChargeKind::Usage, ChargeKind::Purchase].into_iter().any(|kind| {
            let weight = |on: Date| judge(commitment, rules, day, &line((*product, *account, *part), kind, on)).weight;
            let (then, now) = (weight(before), weight(day));
            let mut counted = last.iter().map(|key| key.weight).filter(|counted| then.holds(*counted)).peekable();
            match counted.peek() {
                None => then.is_apart_from(now),
                Some(_) => counted.all(|counted| counted.is_apart_from(now)),
            }
        })
    };
    let all = last_judged(held, day).into_iter();
    all.filter(|(product, last)| otherwise(product, last)).map(|((product, ..), _)| product.to_owned()).collect()
}

/// A product's name, its account, and whether it came from the marketplace.
type Product<'k> = (&'k str, &'k str, Part);

/// What is held, and the sums of the last day before `day` on which any were judged. What the contract leaves out whatever it is of,
/// such as taxes, tells nothing about the product.
fn last_judged<'k>(held: impl Iterator<Item = &'k SumKey>, day: Date) -> BTreeMap<Product<'k>, Vec<&'k SumKey>> {
    let mut all: BTreeMap<Product<'k>, Vec<&'k SumKey>> = BTreeMap::new();
    for key in held {
        let last = all.entry((&key.product, &key.account, key.part)).or_default();
        if key.day >= day || is_left_out(&key.reason) {
            continue;
        }
        match last.first().map(|so_far| so_far.day.cmp(&key.day)) {
            Some(Ordering::Greater) => {}
            Some(Ordering::Less) => *last = vec![key],
            _ => last.push(key),
        }
    }
    all
}

/// Whether a rule or terms begin on a day, or have ended on the day before.
fn turns(commitment: &Commitment, rules: &Rules, day: Date) -> bool {
    let ended = |through: Option<Date>| through.and_then(|day| day.tomorrow().ok()) == Some(day);
    let known = rules.iter().filter(|rule| rule.known_on(day));
    let mut about = known.filter(|rule| rule.cloud.as_ref().is_none_or(|cloud| *cloud == commitment.cloud));
    let terms = commitment.versions().iter().any(|terms| terms.valid_from == day && terms.known_from <= day);
    terms || about.any(|rule| rule.valid_from == Some(day) || ended(rule.valid_through))
}

fn line((product, account, part): (&str, &str, Part), kind: ChargeKind, on: Date) -> Line {
    Line {
        account: account.to_owned(),
        product: product.to_owned(),
        channel: if part == Part::Marketplace { Channel::Marketplace } else { Channel::Cloud },
        kind,
        frequency: Frequency::UsageBased,
        pricing: Pricing::Paid,
        dates: Dates { charge: on, purchase: Some(on), activation: Some(on), invoice: Some(on), original: None },
        marks: BTreeMap::new(),
        amount: Amount::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commitment::band::Weight;

    const CONTRACT: &str = include_str!("../../../tests/commitment/globex.yaml");
    const RULES: &str = "rules:
  - { rule: K10, title: it has to run on the cloud, cloud: aws, tests: invoice, valid_from: 2025-05-01, known_from: 2025-01-01,
      source: { kind: told, at: a letter, read: 2025-01-01 }, precedence: 40,
      when: { channels: [marketplace], marks: { software_as_service: true, runs_on_cloud: false } }, effect: excluded }
  - { rule: z-ends, title: Z ends, cloud: aws, tests: charge, valid_from: 2027-08-14, known_from: 2027-08-01, precedence: 90,
      source: { kind: told, at: a letter, read: 2027-08-01 }, when: { products: [Z] }, effect: excluded }
";

    fn key(day: &str, reason: &str, weight: &str) -> SumKey {
        let (account, product, part) = ("111122223333".to_owned(), "Z".to_owned(), Part::Marketplace);
        let weight = Weight::exactly(weight.parse().unwrap());
        SumKey { day: day.parse().unwrap(), account, product, part, reason: reason.parse().unwrap(), weight }
    }

    #[test]
    fn a_product_whose_charges_tell_what_the_rules_leave_open_turns_with_them() {
        let commitment = Commitment::from_yaml("globex.yaml", CONTRACT).unwrap();
        let rules = Rules::from_yaml("rules.yaml", RULES).unwrap();
        let on = |day: &str, held: &[SumKey]| turned(&commitment, &rules, held.iter(), day.parse().unwrap());
        let turns: BTreeSet<String> = ["Z".to_owned()].into();
        let counted = key("2027-07-31", "K1", "100");
        assert_eq!(
            on("2027-08-14", std::slice::from_ref(&counted)),
            turns,
            "all of it counted, and nothing does from now on"
        );
        assert_eq!(on("2027-08-13", std::slice::from_ref(&counted)), BTreeSet::new(), "not yet");
        assert_eq!(on("2027-08-14", &[key("2027-07-31", "K10", "0")]), BTreeSet::new(), "nothing of it counted before");
        let older = key("2027-07-01", "K10", "0");
        assert_eq!(on("2027-08-14", &[counted.clone(), older]), turns, "the last charges tell");
        let taxed = [counted, key("2027-08-01", "K7", "0")];
        assert_eq!(on("2027-08-14", &taxed), turns, "a tax tells nothing of the product");
    }
}
