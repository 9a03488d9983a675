//! K1 to K12, and US-12: facts that are unknown, sources that contradict each other, and what follows from either.

use std::collections::BTreeSet;

use entente_core::commitment::{
    Weight,
    eligibility::{Answer, Channel, ChargeKind, Frequency, Line, Mark, Pricing, Verdict, judge},
};

use super::support::{
    GLOBEX, amount, band, commitment, day, drawdown_by, exactly, globex, own, product, shipped, usage, with_mark,
};

fn judged(cloud: &str, line: &Line) -> Verdict {
    let commitment = commitment(&GLOBEX.replace("cloud: aws", &format!("cloud: {cloud}")));
    judge(&commitment, &shipped(), day("2028-01-01"), line)
}

#[test]
fn all_twelve_rules_are_cited() {
    let rules = shipped();
    let names: BTreeSet<String> = rules.iter().map(|rule| rule.rule.to_string()).collect();
    let expected: BTreeSet<String> = (1..=12).map(|n| format!("K{n}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn each_rule_excludes_what_it_is_about_and_nothing_else() {
    let good = || product("p", "2026-06-01", "100");
    let not = |mark, is| with_mark(good(), mark, Some(is));
    let reseller = |opted_in| {
        let mut line = Line { channel: Channel::Reseller, ..not(Mark::VendorOptedIn, opted_in) };
        line.dates.purchase = Some(day("2025-06-08"));
        line
    };
    let once = |activated: &str| {
        let mut line = Line { frequency: Frequency::OneTime, ..good() };
        line.dates.activation = Some(day(activated));
        line
    };
    let google = |mut line: Line| {
        for mark in [Mark::PublishedExclusion, Mark::OwnedByBuyer, Mark::ProfessionalServices] {
            line.marks.entry(mark).or_insert(false);
        }
        line
    };
    let cases = [
        ("aws", good(), "K1", true),
        ("aws", not(Mark::RunsOnCloud, false), "K10", false),
        ("aws", Line { pricing: Pricing::Free, ..good() }, "K6", false),
        ("aws", Line { pricing: Pricing::BringYourOwn, ..good() }, "K6", false),
        ("aws", Line { kind: ChargeKind::Tax, ..good() }, "K7", false),
        ("aws", Line { kind: ChargeKind::Support, ..usage("2026-06-01", "1") }, "support", false),
        ("aws", Line { kind: ChargeKind::Credit, ..usage("2026-06-01", "-1") }, "cloud", true),
        ("aws", Line { account: "999".into(), ..good() }, "scope", false),
        ("aws", usage("2026-06-01", "1"), "cloud", true),
        ("google", google(good()), "K1", true),
        ("google", google(not(Mark::RunsOnCloud, false)), "K2", false),
        ("google", google(not(Mark::PublishedExclusion, true)), "K2", false),
        ("google", google(not(Mark::OwnedByBuyer, true)), "K2", false),
        ("google", google(not(Mark::ProfessionalServices, true)), "K2", false),
        ("google", google(reseller(false)), "K2", false),
        ("google", google(reseller(true)), "K1", true),
        ("microsoft", good(), "K1", true),
        ("microsoft", not(Mark::BoughtUnderAgreement, false), "K3", false),
        ("microsoft", once("2025-12-31"), "K3", false),
        ("microsoft", once("2026-01-01"), "K1", true),
        ("microsoft", not(Mark::OfferEnrolled, false), "K4", false),
    ];
    for (cloud, line, reason, counts) in cases {
        let verdict = judged(cloud, &line);
        let expected = if counts { Weight::ALL } else { Weight::NONE };
        assert_eq!((verdict.reason.to_string().as_str(), verdict.weight), (reason, expected), "{cloud}: {verdict}");
    }
}

#[test]
fn a_recurring_charge_is_judged_by_its_own_date_although_it_was_bought_before() {
    let mut line = product("p", "2026-06-01", "100");
    line.dates.purchase = Some(day("2024-01-01"));
    line.dates.activation = Some(day("2024-01-01"));
    assert_eq!(judged("microsoft", &line).weight, Weight::ALL);
}

#[test]
fn the_invoice_date_decides_since_may_2025() {
    let mut line = with_mark(product("q", "2025-04-20", "100"), Mark::RunsOnCloud, Some(false));
    line.dates.invoice = Some(day("2025-04-30"));
    assert_eq!(judged("aws", &line).weight, Weight::ALL);
    line.dates.invoice = Some(day("2025-05-01"));
    assert_eq!(judged("aws", &line).weight, Weight::NONE);
    line.dates.invoice = None;
    let verdict = judged("aws", &line);
    assert_eq!(verdict.weight, Weight::UNKNOWN, "nobody knows when it was invoiced");
}

#[test]
fn what_a_reseller_sold_before_june_2025_counts_perhaps() {
    let good = [Mark::PublishedExclusion, Mark::OwnedByBuyer, Mark::ProfessionalServices];
    let sold = |on: Option<&str>, opted_in| {
        let mut line = Line { channel: Channel::Reseller, ..product("p", "2026-06-01", "100") };
        line.marks.extend(good.map(|mark| (mark, false)));
        line.marks.insert(Mark::VendorOptedIn, opted_in);
        line.dates.purchase = on.map(day);
        judged("google", &line).weight
    };
    assert_eq!(sold(Some("2025-06-08"), true), Weight::ALL);
    assert_eq!(sold(Some("2025-06-07"), true), Weight::UNKNOWN);
    assert_eq!(sold(None, true), Weight::UNKNOWN, "nobody knows when");
    assert_eq!(sold(Some("2025-06-07"), false), Weight::NONE, "what the cloud itself says decides");
}

#[test]
fn a_fact_that_is_unknown_gives_a_band_and_says_so() {
    let verdict = judged("aws", &with_mark(product("q", "2026-06-01", "100"), Mark::RunsOnCloud, None));
    assert_eq!(verdict.weight, Weight::UNKNOWN);
    assert!(verdict.because.starts_with("it is unknown whether this applies"), "{verdict}");
    let said = verdict.said.iter().find(|said| said.rule.to_string() == "K10").unwrap();
    assert_eq!(said.answer, Answer::Undecided);
    assert_eq!((said.source.as_str(), said.read), ("hub.pointfive.co CER-0297", day("2026-11-30")));
}

const CONTRADICTION: &str = "
rules:
  - { rule: own-1, title: our adviser says that it counts, tests: charge, known_from: 2027-01-02, precedence: 60,
      source: { kind: secondary, at: an adviser, read: 2027-01-01 }, when: { products: [p] }, effect: counts }
  - { rule: own-2, title: the account team says that it does not, tests: charge, known_from: 2027-01-02, precedence: 60,
      source: { kind: told, at: the account team, read: 2027-01-01 }, when: { products: [p] }, effect: excluded }
";

#[test]
fn contradictory_sources_give_a_band_until_the_contract_settles_it() {
    let commitment = globex();
    let line = product("p", "2027-06-01", "100.00");
    let rules = shipped().and(own(CONTRADICTION));
    let verdict = judge(&commitment, &rules, day("2027-06-30"), &line);
    assert_eq!(verdict.weight, Weight::UNKNOWN);
    assert!(verdict.because.contains("contradict each other"), "{verdict}");
    assert_eq!(judge(&commitment, &rules, day("2027-01-01"), &line).weight, Weight::ALL, "nobody had read them yet");
    let figures = drawdown_by(&commitment, &rules, std::slice::from_ref(&line));
    let figures = figures.figures(&commitment, day("2027-06-30"), day("2030-12-31")).unwrap();
    assert_eq!(figures.eligible, band("0", "100"));
    let settled = rules.and(own(
        "rules: [{ rule: own-3, title: the addendum settles it, tests: charge, known_from: 2027-07-02, precedence: 100, \
         source: { kind: contract, at: EDP-77, read: 2027-07-01 }, clause: clause 9, when: { products: [p] }, \
         effect: { counts_at: \"50\" } }]",
    ));
    let verdict = judge(&commitment, &settled, day("2027-07-02"), &line);
    assert_eq!(verdict.to_string(), "50 % counts on 2027-06-01: the addendum settles it (own-3)");
    assert_eq!(verdict.said[0].source, "EDP-77, clause 9");
}

#[test]
fn an_unknown_cap_gives_a_band_and_contradictory_caps_a_narrower_one() {
    let lines = [usage("2026-02-01", "1000000"), product("p", "2026-03-01", "400000")];
    for (cap, expected, left) in [
        ("unknown", band("1000000", "1400000"), (Some("0"), None)),
        ("none", exactly("1400000"), (None, None)),
        ("15 to 25", band("1180000", "1300000"), (Some("0"), Some("0"))),
        ("50", exactly("1400000"), (Some("200000"), Some("200000"))),
    ] {
        let commitment = commitment(&GLOBEX.replace("cap: \"25\"", &format!("cap: \"{cap}\"")));
        let figures = super::support::drawdown(&commitment, &lines);
        let figures = figures.figures(&commitment, day("2026-06-30"), day("2030-12-31")).unwrap();
        assert_eq!(figures.eligible, expected, "{cap}");
        let (least, most) = figures.period.headroom.left;
        assert_eq!((least, most), (left.0.map(amount), left.1.map(amount)), "{cap}");
    }
}

#[test]
fn purchases_count_at_the_share_of_the_contract_before_the_cap_is_applied() {
    let lines = [product("p", "2026-03-01", "400000.10")];
    let eligible = |cap: &str| {
        let commitment =
            commitment(&GLOBEX.replace("counts: \"100\", cap: \"25\"", &format!("counts: \"62.5\", cap: \"{cap}\"")));
        let figures = super::support::drawdown(&commitment, &lines);
        figures.figures(&commitment, day("2026-06-30"), day("2030-12-31")).unwrap()
    };
    assert_eq!(eligible("25").eligible, exactly("250000.0625"));
    let capped = eligible("20");
    assert_eq!(capped.eligible, exactly("240000"));
    let causes: Vec<String> = capped.ineligible.iter().map(|(cause, band)| format!("{cause}: {band}")).collect();
    assert_eq!(causes, ["K1: 150000.0375", "over the cap: 10000.0625"]);
}

#[test]
fn a_share_that_nobody_knows_or_that_sources_contradict_each_other_about_gives_a_band() {
    let lines = [usage("2026-02-01", "1000"), product("p", "2026-03-01", "400")];
    for (counts, expected) in
        [("unknown", band("1000", "1400")), ("15 to 25", band("1060", "1100")), ("100", exactly("1400"))]
    {
        let commitment = commitment(&GLOBEX.replace("counts: \"100\"", &format!("counts: \"{counts}\"")));
        let figures = super::support::drawdown(&commitment, &lines);
        let figures = figures.figures(&commitment, day("2026-06-30"), day("2030-12-31")).unwrap();
        assert_eq!(figures.eligible, expected, "{counts}");
        let written = serde_json::to_value(commitment.versions()[0].marketplace.counts).unwrap();
        assert_eq!(written, serde_json::Value::from(counts));
    }
}

#[test]
fn a_cap_of_the_whole_term_is_what_earlier_periods_have_left_of_it() {
    let commitment = commitment(&GLOBEX.replace("cap: \"25\"", "cap: \"10\", cap_of: term"));
    let lines = [product("p", "2026-03-01", "450000"), product("p", "2027-03-01", "100000")];
    let drawdown = super::support::drawdown(&commitment, &lines);
    let figures = |on| drawdown.figures(&commitment, day(on), day("2030-12-31")).unwrap();
    assert_eq!(figures("2026-12-31").period.headroom.left, (Some(amount("50000")), Some(amount("50000"))));
    assert_eq!(figures("2027-06-30").period.eligible, exactly("50000"));
    assert_eq!(figures("2027-06-30").eligible, exactly("500000"), "a tenth of five millions");
}

/// p is out from July 2027 on.
const OUT: &str = "rules: [{ rule: own-7, title: p is out, tests: charge, valid_from: 2027-07-01, known_from: 2027-07-20, \
                   precedence: 60, source: { kind: official, at: a notice, read: 2027-07-19 }, when: { products: [p] }, \
                   effect: excluded }]";

#[test]
fn what_gives_back_a_charge_is_judged_as_that_charge_was() {
    let rules = shipped().and(own(OUT));
    let back = |kind, original: Option<&str>| {
        let mut line = Line { kind, ..product("p", "2027-08-05", "-1000") };
        line.dates.original = original.map(day);
        line
    };
    let counts = |line: &Line| judge(&globex(), &rules, day("2027-12-31"), line).weight;
    assert_eq!(counts(&product("p", "2027-06-10", "1000")), Weight::ALL);
    for kind in [ChargeKind::Refund, ChargeKind::Credit, ChargeKind::Adjustment] {
        assert_eq!(counts(&back(kind, Some("2027-06-10"))), Weight::ALL, "{kind:?} of what counted");
        assert_eq!(counts(&back(kind, Some("2027-07-10"))), Weight::NONE, "{kind:?} of what did not");
        assert_eq!(counts(&back(kind, None)), Weight::NONE, "{kind:?} of nobody knows what: its own day");
    }
    let pair = [product("p", "2027-06-10", "1000"), back(ChargeKind::Refund, Some("2027-06-10"))];
    let figures = drawdown_by(&globex(), &rules, &pair).figures(&globex(), day("2027-08-31"), day("2030-12-31"));
    assert_eq!(figures.unwrap().eligible, exactly("0"));
    // K10: bought and invoiced in April 2025, given back with an invoice of June.
    let mut refund = with_mark(back(ChargeKind::Refund, Some("2025-04-20")), Mark::RunsOnCloud, Some(false));
    (refund.dates.charge, refund.dates.invoice) = (day("2025-06-02"), Some(day("2025-06-30")));
    assert_eq!(judged("aws", &refund).weight, Weight::ALL);
}

#[test]
fn a_refund_and_a_credit_count_on_the_day_that_the_basis_names() {
    let on = |dated_by: &str, refunds: &str| {
        let text = GLOBEX
            .replace("dated_by: charge", &format!("dated_by: {dated_by}"))
            .replace("refunds: original_period", &format!("refunds: {refunds}"));
        let mut line = Line { kind: ChargeKind::Refund, ..product("p", "2027-02-01", "-100") };
        line.dates.purchase = Some(day("2026-06-01"));
        line.dates.activation = Some(day("2026-06-15"));
        line.dates.invoice = Some(day("2027-03-05"));
        line.dates.original = Some(day("2026-07-01"));
        judge(&commitment(&text), &shipped(), day("2030-12-31"), &line).day.to_string()
    };
    for dated_by in ["purchase", "activation", "charge", "invoice"] {
        assert_eq!(on(dated_by, "original_period"), "2026-07-01", "{dated_by}");
    }
    for dated_by in ["purchase", "activation", "charge"] {
        assert_eq!(on(dated_by, "refund_period"), "2027-02-01", "{dated_by}: not that of what it gives back");
    }
    assert_eq!(on("invoice", "refund_period"), "2027-03-05");
    let credited = |credits: &str| {
        let contract = commitment(&GLOBEX.replace("credits: reduce", &format!("credits: {credits}")));
        let mut line = Line { kind: ChargeKind::Credit, ..usage("2027-02-01", "-100") };
        line.dates.original = Some(day("2026-07-01"));
        let verdict = judge(&contract, &shipped(), day("2030-12-31"), &line);
        (verdict.day.to_string(), verdict.weight)
    };
    assert_eq!(credited("reduce"), ("2027-02-01".into(), Weight::ALL));
    assert_eq!(credited("original_period"), ("2026-07-01".into(), Weight::ALL));
    assert_eq!(credited("ignored"), ("2027-02-01".into(), Weight::NONE));
}
