//! Days on which what counts of a product turns, by rules that were known before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    judge::judge,
    line::{Channel, ChargeKind, Dates, Frequency, Line, Pricing},
    rule::Rules,
};
use crate::commitment::{
    amount::Amount,
    model::Commitment,
    sums::{Part, SumKey},
};

/// The products of which surely another share counts from a day on, by the rules and terms that are known on it: because a rule begins
/// or ends to apply then, or other terms do. `held` are sums of what was bought. Nothing is known of a product but its name, its account
/// and whether it came from the marketplace: a change that rests on anything else is told once charges have been judged.
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
    let held: BTreeSet<(&str, &str, Part)> = held.map(|key| (&*key.product, &*key.account, key.part)).collect();
    let otherwise = |(product, account, part): &(&str, &str, Part)| {
        [ChargeKind::Usage, ChargeKind::Purchase].into_iter().any(|kind| {
            let weight = |on: Date| judge(commitment, rules, day, &line((*product, *account, *part), kind, on)).weight;
            let (then, now) = (weight(before), weight(day));
            then.most < now.least || now.most < then.least
        })
    };
    held.into_iter().filter(otherwise).map(|(product, ..)| product.to_owned()).collect()
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
