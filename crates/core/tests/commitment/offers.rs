//! Offers that would count, with the share of the gap that each covers and why.

use entente_core::commitment::{
    Band, Candidate, Prospect,
    drawdown::Figures,
    eligibility::{Line, Mark, Rules},
    prospects,
};

use super::support::{amount, band, day, drawdown, exactly, globex, product, shipped, usage, with_mark};

/// On 30 June 2026: 300 000 of purchases may count, 210 000 of them are used.
fn figures() -> Figures {
    let commitment = globex();
    let lines = [usage("2026-03-01", "400000"), product("p", "2026-04-01", "210000")];
    drawdown(&commitment, &lines).figures(&commitment, day("2026-06-30"), day("2027-12-31")).unwrap()
}

fn asked(gap: Band, candidates: &[Candidate]) -> Vec<Prospect> {
    prospects(&globex(), &shipped(), &figures(), gap, candidates).unwrap()
}

fn offer(name: &str, charges: Vec<Line>) -> Candidate {
    Candidate { offer: name.into(), charges }
}

fn covers(prospect: &Prospect) -> Option<(String, String)> {
    prospect.covers.map(|(least, most)| (least.to_string(), most.to_string()))
}

#[test]
fn an_offer_covers_its_share_of_the_gap_under_the_cap() {
    let gap = exactly("120000");
    let prospects = asked(
        gap,
        &[
            offer("small", vec![product("p", "2026-09-01", "30000.00")]),
            offer("large", vec![product("p", "2026-09-01", "240000.00")]),
            offer("not here", vec![with_mark(product("q", "2026-09-01", "50000"), Mark::RunsOnCloud, Some(false))]),
            offer("too late", vec![product("p", "2027-01-01", "50000")]),
            offer("cloud", vec![usage("2026-10-01", "75600")]),
        ],
    );
    let ranked: Vec<&str> = prospects.iter().map(|prospect| prospect.offer.as_str()).collect();
    assert_eq!(ranked, ["large", "cloud", "small", "not here", "too late"]);
    let [large, cloud, small, not_here, too_late] = prospects.as_slice() else { panic!("five") };
    assert_eq!((large.counts, large.over_cap), (exactly("90000"), exactly("150000")), "the room is 90 000");
    assert_eq!(covers(large), Some(("75".into(), "75".into())));
    assert_eq!(covers(cloud), Some(("63".into(), "63".into())));
    assert_eq!(covers(small), Some(("25".into(), "25".into())));
    assert_eq!((not_here.brings, not_here.counts), (amount("50000"), exactly("0")));
    assert_eq!(not_here.why[0].reason.to_string(), "K10");
    assert!(not_here.why[0].because.contains("runs on the cloud"), "{}", not_here.why[0]);
    assert_eq!((too_late.brings, too_late.outside), (amount("0"), amount("50000")));
}

#[test]
fn what_nobody_knows_about_an_offer_gives_a_band() {
    let unsure = with_mark(product("q", "2026-09-01", "60000"), Mark::RunsOnCloud, None);
    let prospects = asked(band("80000", "120000"), &[offer("unsure", vec![unsure])]);
    assert_eq!(prospects[0].counts, band("0", "60000"));
    assert_eq!(covers(&prospects[0]), Some(("0".into(), "75".into())));
}

#[test]
fn where_purchases_may_count_already_an_offer_finds_room_only_if_they_do_not() {
    // 300 000 of purchases may count, and perhaps do; then none of the offer does, else all of it.
    let unsure = with_mark(product("q", "2026-04-01", "300000"), Mark::RunsOnCloud, None);
    let lines = [usage("2026-03-01", "400000"), unsure];
    let figures = drawdown(&globex(), &lines).figures(&globex(), day("2026-06-30"), day("2027-12-31")).unwrap();
    assert_eq!(figures.period.remaining, band("500000", "800000"));
    let candidates =
        [offer("p", vec![product("p", "2026-09-01", "100000")]), offer("cloud", vec![usage("2026-09-01", "50000")])];
    let told = prospects(&globex(), &shipped(), &figures, figures.period.remaining, &candidates).unwrap();
    let [first, second] = told.as_slice() else { panic!("two") };
    assert_eq!((first.offer.as_str(), first.counts), ("cloud", exactly("50000")), "what surely counts comes first");
    assert_eq!((second.counts, second.over_cap), (band("0", "100000"), band("0", "100000")));
    // 0 of 800 000, and 100 000 of 500 000.
    assert_eq!(covers(second), Some(("0".into(), "20".into())));
}

#[test]
fn without_a_gap_nothing_is_covered() {
    let prospects = asked(Band::ZERO, &[offer("p", vec![product("p", "2026-09-01", "1")])]);
    assert_eq!(covers(&prospects[0]), None);
}

#[test]
fn what_if_repeats_a_charge_from_a_month_on() {
    let months = ["2026-09-10", "2026-10-10", "2026-11-10", "2026-12-10", "2027-01-10"].map(day);
    let candidate = Candidate::repeated("what if", &product("p", "2026-01-01", "10000.50"), months);
    let prospects = asked(exactly("100000"), &[candidate]);
    assert_eq!(prospects[0].counts, exactly("40002"));
    assert_eq!(prospects[0].outside, amount("10000.5"), "January is another period");
    assert_eq!(prospects[0].plans.least.len(), 4);
    assert_eq!(prospects[0].plans.least[0].day, day("2026-09-10"));
}

#[test]
fn an_offer_is_judged_by_what_is_known_on_the_day_of_the_figures() {
    let own = Rules::from_yaml("own.yaml", "rules: [{ rule: own-1, title: p is out, tests: charge, known_from: 2028-01-02, precedence: 90, source: { kind: told, at: x, read: 2028-01-01 }, effect: excluded }]").unwrap();
    let candidates = [offer("p", vec![product("p", "2026-09-01", "10")])];
    let prospects = prospects(&globex(), &shipped().and(own), &figures(), exactly("10"), &candidates).unwrap();
    assert_eq!(prospects[0].counts, exactly("10"));
}
