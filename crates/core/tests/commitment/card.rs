//! Commitment cards: who told it, how sure, until when; ranges that widen; two views that do not see each other.

use entente_core::commitment::card::{AmountSaid, Card, Confidence, Consent, Fact, Owner, Says, View};

use super::support::{band, day};

fn fact(side: Owner, says: Says, told_by: &str, confidence: Confidence) -> Fact {
    Fact {
        side,
        says,
        told_by: told_by.into(),
        source: "a call".into(),
        as_of: day("2027-01-15"),
        confidence,
        consent: Consent::Given,
        expires: day("2027-12-31"),
        ask_again: "ann".parse().unwrap(),
    }
}

fn amount(least: &str, most: &str) -> Says {
    Says::Amount(AmountSaid { band: band(least, most), currency: "USD".parse().unwrap() })
}

fn card(facts: Vec<Fact>) -> Card {
    Card { buyer: "globex".parse().unwrap(), facts, shares_daily_sums: false }
}

fn view(card: &Card, side: Owner, on: &str) -> View {
    card.view(side, day(on)).unwrap()
}

#[test]
fn a_range_widens_with_the_age_of_its_source_and_more_the_less_sure_it_is() {
    for (confidence, on, expected) in [
        (Confidence::Read, "2027-02-14", band("1000000", "2000000")),
        (Confidence::Read, "2027-03-15", band("980000", "2040000")),
        (Confidence::Told, "2027-01-15", band("950000", "2100000")),
        (Confidence::Told, "2027-06-15", band("850000", "2300000")),
        (Confidence::Heard, "2027-06-15", band("650000", "2700000")),
        (Confidence::Guessed, "2027-06-15", band("450000", "3100000")),
    ] {
        let card = card(vec![fact(Owner::Seller, amount("1000000", "2000000"), "bob", confidence)]);
        let view = view(&card, Owner::Seller, on);
        assert_eq!(view.shown[0].range, Some(expected), "{confidence:?} on {on}");
    }
}

#[test]
fn a_range_that_is_turned_round_is_refused() {
    let said = |least: &str, most: &str| {
        let text = format!("{{\"band\": {{\"least\": \"{least}\", \"most\": \"{most}\"}}, \"currency\": \"USD\"}}");
        serde_json::from_str::<AmountSaid>(&text).map(|said| said.band).map_err(|error| error.to_string())
    };
    assert_eq!(said("9", "10"), Ok(band("9", "10")));
    assert_eq!(said("10", "10"), Ok(band("10", "10")));
    let refused = said("10", "9").unwrap_err();
    assert!(refused.contains("`least` is 10 and more than `most`, 9"), "{refused}");
}

#[test]
fn no_age_widens_a_range_beyond_nine_tenths() {
    let mut old = fact(Owner::Seller, amount("100", "100"), "bob", Confidence::Guessed);
    old.expires = day("2040-12-31");
    assert_eq!(view(&card(vec![old]), Owner::Seller, "2040-01-01").shown[0].range, Some(band("10", "190")));
}

#[test]
fn the_surest_fact_is_relied_on_and_the_youngest_of_equally_sure_ones() {
    let heard = fact(Owner::Seller, Says::Ends(day("2028-06-30")), "bob", Confidence::Heard);
    let read = fact(Owner::Seller, Says::Ends(day("2028-12-31")), "eve", Confidence::Read);
    let mut later = read.clone();
    (later.as_of, later.told_by) = (day("2027-02-01"), "zoe".into());
    let told_by = |facts: Vec<Fact>| view(&card(facts), Owner::Seller, "2027-03-01").shown[0].fact.told_by.clone();
    assert_eq!(told_by(vec![heard.clone(), read.clone()]), "eve");
    assert_eq!(told_by(vec![later, heard, read]), "zoe");
}

#[test]
fn what_has_expired_is_asked_again_and_not_shown() {
    let card = card(vec![fact(Owner::Seller, amount("1", "2"), "bob", Confidence::Told)]);
    let last = view(&card, Owner::Seller, "2027-12-31");
    assert_eq!((last.shown.len(), last.ask.len()), (1, 0));
    let after = view(&card, Owner::Seller, "2028-01-01");
    assert_eq!((after.shown.len(), after.ask.len()), (0, 1));
    let ask = &after.ask[0];
    assert_eq!((ask.who.as_str(), ask.whom.as_str(), ask.since), ("ann", "bob", day("2028-01-01")));
}

#[test]
fn what_is_too_old_for_how_sure_it_was_is_asked_again_while_it_is_still_shown() {
    for (confidence, quiet, asks) in [
        (Confidence::Guessed, "2027-04-14", "2027-04-15"),
        (Confidence::Heard, "2027-07-14", "2027-07-15"),
        (Confidence::Told, "2028-01-14", "2028-01-15"),
        (Confidence::Read, "2029-01-14", "2029-01-15"),
    ] {
        let mut said = fact(Owner::Seller, amount("1", "2"), "bob", confidence);
        said.expires = day("2040-12-31");
        let card = card(vec![said]);
        let counts = |on: &str| (view(&card, Owner::Seller, on).shown.len(), view(&card, Owner::Seller, on).ask.len());
        assert_eq!((counts(quiet), counts(asks)), ((1, 0), (1, 1)), "{confidence:?}");
        assert_eq!(view(&card, Owner::Seller, asks).ask[0].since, day(asks), "{confidence:?}");
    }
}

#[test]
fn a_topic_is_not_asked_again_while_one_of_its_facts_is_young() {
    let old = fact(Owner::Seller, amount("1", "2"), "bob", Confidence::Guessed);
    let young = Fact { as_of: day("2027-09-01"), told_by: "eve".into(), ..old.clone() };
    let both = card(vec![old.clone(), young]);
    assert_eq!(view(&card(vec![old]), Owner::Seller, "2027-10-01").ask.len(), 1);
    assert_eq!(view(&both, Owner::Seller, "2027-10-01").ask, []);
    assert_eq!(view(&both, Owner::Seller, "2027-12-01").ask[0].whom, "eve");
}

#[test]
fn what_nobody_agrees_to_any_more_is_neither_shown_nor_asked_for() {
    let mut withdrawn = fact(Owner::Seller, amount("1", "2"), "bob", Confidence::Told);
    withdrawn.consent = Consent::Withdrawn;
    let view = view(&card(vec![withdrawn]), Owner::Seller, "2027-02-01");
    assert_eq!((view.shown.len(), view.ask.len()), (0, 0));
}

#[test]
fn neither_side_sees_a_trace_of_the_others_fields() {
    let facts = vec![
        fact(Owner::Seller, amount("111", "222"), "seller-gossip", Confidence::Heard),
        fact(Owner::Seller, Says::Cloud("aws".parse().unwrap()), "seller-cloud", Confidence::Told),
        fact(Owner::Buyer, amount("333", "444"), "buyer-cfo", Confidence::Read),
        fact(Owner::Buyer, Says::Ends(day("2026-06-30")), "buyer-it", Confidence::Read),
    ];
    let both = card(facts);
    for on in ["2027-02-01", "2029-02-01"] {
        for (side, other) in [(Owner::Seller, "buyer-"), (Owner::Buyer, "seller-")] {
            let alone =
                Card { facts: both.facts.iter().filter(|fact| fact.side == side).cloned().collect(), ..both.clone() };
            let seen = view(&both, side, on);
            assert_eq!(seen, view(&alone, side, on), "as if the other had said nothing");
            assert!(!serde_json::to_string(&seen).unwrap().contains(other), "{side:?} on {on}");
            assert_eq!(seen.shown.len() + seen.ask.len(), 2);
        }
    }
}

#[test]
fn a_buyer_may_share_daily_sums_and_nothing_else() {
    let mut card = card(vec![fact(Owner::Buyer, amount("1", "2"), "cfo", Confidence::Read)]);
    assert!(!view(&card, Owner::Seller, "2027-02-01").daily_sums);
    card.shares_daily_sums = true;
    let seen = view(&card, Owner::Seller, "2027-02-01");
    assert_eq!((seen.daily_sums, seen.shown.len()), (true, 0));
}
