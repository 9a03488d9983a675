//! What goes from one commitment to the next, worked by hand: ramps, waiting, caps and shares of either, and replacement.

use entente_core::commitment::{
    Amount, Commitment, Observation,
    drawdown::{Figures, Sequence, SequenceError, Side, Standing},
    eligibility::Line,
    forecast::Ahead,
};

use super::support::{GLOBEX, amount, commitment, day, drawdown, exactly, product, usage};

/// A commitment with an id, what stands before its versions, what it says of the marketplace, and its periods.
fn agreed(id: &str, succession: &str, marketplace: &str, periods: &[(&str, &str, &str, &str)]) -> Commitment {
    let (head, _) = GLOBEX.split_once("versions:").unwrap();
    let head = head.replace("globex-2026", id);
    let from = periods[0].0;
    let counts = if marketplace.contains("counts") { "" } else { "counts: \"100\", " };
    let written = |(from, through, amount, more): &(&str, &str, &str, &str)| {
        let true_up = "true_up: { due: 2030-01-31, buys: nothing }";
        format!("      - {{ from: {from}, through: {through}, amount: \"{amount}\", {true_up}{more} }}\n")
    };
    let periods: String = periods.iter().map(written).collect();
    commitment(&format!(
        "{head}{succession}versions:\n  - valid_from: {from}\n    known_from: 2025-12-15\n    note: n\n    glide: ramp\n    \
         marketplace: {{ {counts}{marketplace} }}\n    periods:\n{periods}"
    ))
}

const AFTER: &str = "succession: { to: old, how: after }\n";
const SUPERSEDE: &str = "succession: { to: old, how: supersede }\n";

fn both(old: &Commitment, new: &Commitment, lines: &[Line], on: &str) -> (Figures, Figures) {
    let (one, other) = (drawdown(old, lines), drawdown(new, lines));
    let sequence = Sequence::new([(old, &one), (new, &other)]).unwrap();
    let of = |member: &Commitment| {
        let figures = sequence.figures(&member.id, day(on), day("2030-12-31")).unwrap();
        let left_out = Amount::sum(figures.ineligible.iter().map(|(_, band)| band.known().unwrap())).unwrap();
        let eligible = figures.eligible.known().unwrap();
        assert_eq!(eligible.plus(left_out).unwrap(), figures.spent, "{}: {:?}", member.id, figures.ineligible);
        figures
    };
    (of(old), of(new))
}

fn cause(figures: &Figures, name: &str) -> Amount {
    let found = figures.ineligible.iter().find(|(cause, _)| cause.to_string() == name);
    found.map_or(Amount::ZERO, |(_, band)| band.known().unwrap())
}

#[test]
fn a_ramped_commitment_keeps_what_its_later_periods_need() {
    let ramp = [("2026-01-01", "2026-12-31", "100", ", carry_over: excess"), ("2027-01-01", "2027-12-31", "100", "")];
    let old = agreed("old", "", "cap: none", &ramp);
    let new = agreed("new", AFTER, "cap: none", &[("2026-07-01", "2027-12-31", "500", "")]);
    let lines = [usage("2026-06-01", "150"), usage("2026-09-01", "60")];
    // 210 were spent and 200 are owed, 100 of them next year: 10 go on.
    let (former, next) = both(&old, &new, &lines, "2026-09-30");
    assert_eq!((former.eligible, former.remaining, next.eligible), (exactly("200"), exactly("0"), exactly("10")));
    let (former, _) = both(&old, &new, &lines, "2028-01-01");
    let lacking: Vec<_> = former.settled.iter().map(|settled| settled.shortfall).collect();
    assert_eq!(lacking, [exactly("0"), exactly("0")]);
}

/// 10 000.50 on the first of every month: the old one's 120 000 are reached on 1 December 2026, with 6.00 beyond.
fn monthly() -> Vec<Line> {
    (0..20).map(|m| usage(&format!("{}-{:02}-01", 2026 + m / 12, m % 12 + 1), "10000.50")).collect()
}

#[test]
fn while_it_waits_nothing_is_due_and_its_path_begins_when_it_does() {
    let old = agreed("old", "", "cap: none", &[("2026-01-01", "2027-12-31", "120000", "")]);
    let milestone = ", milestones: [{ name: m, through: 2026-08-31, amount: \"50000\", true_up: { due: 2026-09-30, buys: \
                     nothing } }]";
    let new = agreed("new", AFTER, "cap: none", &[("2026-07-01", "2027-12-31", "500000", milestone)]);
    let (_, waiting) = both(&old, &new, &monthly(), "2026-09-30");
    assert_eq!(waiting.standing, (Standing::Waiting, Standing::Waiting));
    assert_eq!((waiting.expected, waiting.period.expected), (exactly("0"), exactly("0")));
    assert_eq!((waiting.period.pace, waiting.settled.len()), ((None, None), 0));
    assert_eq!(waiting.remaining, exactly("500000"));
    assert_eq!(Ahead::to_next_due(&waiting, Side::Least).due, amount("0"), "nothing can lack yet");
    assert_eq!(Observation::of(&waiting).remaining, exactly("0"));
    // From 1 December 2026 to 31 December 2027 there are 396 days, 90 of them by the end of February.
    let (_, begun) = both(&old, &new, &monthly(), "2027-02-28");
    assert_eq!(begun.standing, (Standing::Running, Standing::Running));
    assert_eq!(begun.period.expected, exactly("113636.363636363636"));
    // 6.00 + 2 x 10 000.50, over 113 636.36.
    assert_eq!(begun.period.pace.0.unwrap().to_string(), "0.176062");
    assert_eq!(begun.settled, vec![], "the milestone passed before anything could count");
}

#[test]
fn what_goes_on_counts_in_the_period_of_its_own_day() {
    let old = agreed("old", "", "cap: none", &[("2026-01-01", "2027-12-31", "100000", "")]);
    let two = [("2026-07-01", "2026-12-31", "100000", ""), ("2027-01-01", "2027-12-31", "400000", "")];
    let new = agreed("new", AFTER, "cap: none", &two);
    let (_, next) = both(&old, &new, &[usage("2027-03-10", "150000")], "2027-03-31");
    assert_eq!((next.period.number, next.period.eligible), (2, exactly("50000")));
    assert_eq!((next.remaining, next.settled), (exactly("350000"), vec![]), "its first period ended while it waited");
}

#[test]
fn each_takes_its_part_of_the_day_by_its_own_terms() {
    let small = [("2026-01-01", "2027-12-31", "50000", "")];
    let large = [("2026-07-01", "2027-12-31", "400000", "")];
    let bought = [product("p", "2026-09-01", "200000")];
    for (before, after, former, next, over_cap, working) in [
        ("cap: none", "cap: \"25\"", "50000", "100000", "50000", "3/4 of 200 000, of which 25 % of 400 000 count"),
        ("cap: none", "cap: none", "50000", "150000", "0", "3/4 of 200 000"),
        ("counts: \"50\", cap: none", "cap: none", "50000", "100000", "0", "of 100 000 that count half is needed"),
        ("cap: none", "counts: \"50\", cap: none", "50000", "75000", "0", "half of 3/4 of 200 000"),
    ] {
        let (old, new) = (agreed("old", "", before, &small), agreed("new", AFTER, after, &large));
        let (one, other) = both(&old, &new, &bought, "2026-09-30");
        assert_eq!((one.eligible, other.eligible), (exactly(former), exactly(next)), "{working}");
        assert_eq!(cause(&other, "over the cap"), amount(over_cap), "{working}");
        assert_eq!(one.remaining, exactly("0"), "{working}");
    }
}

#[test]
fn a_day_on_which_the_former_meets_its_cap_goes_on_from_where_it_is_used_up() {
    let old = agreed("old", "", "cap: \"25\"", &[("2026-01-01", "2027-12-31", "100000", "")]);
    let new = agreed("new", AFTER, "cap: none", &[("2026-07-01", "2027-12-31", "400000", "")]);
    let lines = [usage("2026-09-01", "150000"), product("p", "2026-09-01", "100000")];
    // Half of the day is 75 000 + 50 000, of which the cap lets 25 000 count: 100 000. The other half goes on wholly.
    let (former, next) = both(&old, &new, &lines, "2026-09-30");
    assert_eq!((former.eligible, former.remaining), (exactly("100000"), exactly("0")));
    assert_eq!(cause(&former, "over the cap"), amount("25000"));
    assert_eq!(next.eligible, exactly("125000"));
}

#[test]
fn an_account_that_the_next_one_does_not_know_does_not_go_on_to_it() {
    let old = agreed("old", "", "cap: none", &[("2026-01-01", "2027-12-31", "50000", "")]);
    let mut new = agreed("new", AFTER, "cap: none", &[("2026-07-01", "2027-12-31", "400000", "")]);
    new.accounts = entente_core::commitment::Accounts::Only(["444455556666".to_owned()].into());
    let known = Line { account: "444455556666".into(), ..usage("2026-09-01", "100000") };
    let (_, next) = both(&old, &new, &[usage("2026-09-01", "100000"), known], "2026-09-30");
    // 150 000 of 200 000 go on, half of them of an account out of its scope.
    assert_eq!((next.eligible, cause(&next, "scope")), (exactly("75000"), amount("75000")));
    assert_eq!(cause(&next, "counts for another commitment"), amount("50000"));
}

#[test]
fn what_another_has_replaced_owes_nothing_more() {
    let old = agreed("old", "", "cap: none", &[("2026-01-01", "2027-12-31", "120000", "")]);
    let new = agreed("new", SUPERSEDE, "cap: none", &[("2026-07-01", "2027-12-31", "500000", "")]);
    let (before, _) = both(&old, &new, &monthly(), "2026-06-30");
    assert_eq!((before.standing.0, before.remaining), (Standing::Running, exactly("59997")));
    for on in ["2026-07-01", "2028-01-01"] {
        let (replaced, _) = both(&old, &new, &monthly(), on);
        assert_eq!((replaced.standing.0, replaced.eligible), (Standing::Replaced, exactly("60003")), "{on}");
        assert_eq!((replaced.remaining, replaced.period.next.remaining), (exactly("0"), exactly("0")), "{on}");
        assert_eq!((replaced.period.pace, replaced.settled), ((None, None), vec![]), "{on}");
    }
}

#[test]
fn what_is_replaced_early_does_not_run_until_the_one_that_comes_after_it() {
    // Used up on 1 February; until July nothing comes after it, and from May on another has replaced it.
    let old = agreed("old", "", "cap: none", &[("2026-01-01", "2027-12-31", "20000", "")]);
    let after = agreed("after", AFTER, "cap: none", &[("2026-07-01", "2027-12-31", "500000", "")]);
    let other = agreed("other", SUPERSEDE, "cap: none", &[("2026-05-01", "2027-12-31", "500000", "")]);
    let [one, two, three] = [&old, &after, &other].map(|member| drawdown(member, &monthly()));
    let sequence = Sequence::new([(&old, &one), (&after, &two), (&other, &three)]).unwrap();
    let figures = sequence.figures(&old.id, day("2026-12-31"), day("2030-12-31")).unwrap();
    assert_eq!(figures.eligible, exactly("40002"), "4 x 10 000.50");
}

#[test]
fn what_came_to_its_end_before_it_was_replaced_stays_owed() {
    let two = [("2026-01-01", "2026-03-31", "40000", ""), ("2026-04-01", "2027-12-31", "120000", "")];
    let old = agreed("old", "", "cap: none", &two);
    let new = agreed("new", SUPERSEDE, "cap: none", &[("2026-07-01", "2027-12-31", "500000", "")]);
    let (replaced, _) = both(&old, &new, &monthly(), "2028-01-01");
    // 40 000 less 3 x 10 000.50.
    let lacking: Vec<_> = replaced.settled.iter().map(|settled| (settled.period, settled.shortfall)).collect();
    assert_eq!(lacking, [(1, exactly("9998.5"))]);
}

#[test]
fn a_follower_in_other_terms_and_a_second_one_are_refused() {
    let period = [("2026-01-01", "2027-12-31", "100", "")];
    let old = agreed("old", "", "cap: none", &period);
    let refused = |change: fn(&mut Commitment)| {
        let mut new = agreed("new", AFTER, "cap: none", &period);
        change(&mut new);
        let (one, other) = (drawdown(&old, &[]), drawdown(&new, &[]));
        Sequence::new([(&old, &one), (&new, &other)]).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(refused(|_| {}), Ok(()));
    let says =
        |result: Result<(), String>, what: &str| assert!(result.clone().unwrap_err().contains(what), "{result:?}");
    says(refused(|new| new.currency = "EUR".parse().unwrap()), "currency: USD, not EUR");
    says(refused(|new| new.cloud = "google".parse().unwrap()), "cloud: aws, not google");
    says(refused(|new| new.basis.zone = "UTC".into()), "zone: America/Los_Angeles, not UTC");
    let (one, two) = (agreed("one", AFTER, "cap: none", &period), agreed("two", AFTER, "cap: none", &period));
    let (former, first, second) = (drawdown(&old, &[]), drawdown(&one, &[]), drawdown(&two, &[]));
    let error = Sequence::new([(&old, &former), (&one, &first), (&two, &second)]).unwrap_err();
    assert!(matches!(error, SequenceError::TwoFollowers { .. }), "{error}");
}
