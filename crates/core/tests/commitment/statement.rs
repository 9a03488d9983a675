//! The cloud's own statement beside the figures.

use entente_core::commitment::{Reconciled, Statement, reconcile};

use super::support::{GLOBEX, amount, band, commitment, day, drawdown, exactly, product, usage};

fn reconciled(cap: &str, remaining: &str) -> Reconciled {
    let commitment = commitment(&GLOBEX.replace("cap: \"25\"", &format!("cap: {cap}")));
    let lines = [usage("2026-03-01", "400000"), product("p", "2026-04-01", "100000"), usage("2026-06-15", "50000")];
    let drawdown = drawdown(&commitment, &lines);
    let figures = |on| drawdown.figures(&commitment, day(on), day("2026-12-31")).unwrap();
    let statement = Statement {
        as_of: day("2026-05-31"),
        remaining: amount(remaining),
        original: None,
        file: None,
        source: "the portal".into(),
        read: day("2026-06-20"),
    };
    let other = reconcile(&statement, &figures("2026-06-01"), &figures("2026-06-30")).unwrap_err().to_string();
    assert!(other.contains("is of 2026-05-31 and the figures beside it of 2026-06-01"), "{other}");
    reconcile(&statement, &figures("2026-05-31"), &figures("2026-06-30")).unwrap()
}

#[test]
fn a_statement_that_agrees_differs_by_nothing_and_what_came_since_is_told_apart() {
    let found = reconciled("none", "4500000.00");
    assert_eq!((found.difference, found.explained_by_band), (exactly("0"), true));
    assert_eq!(
        (found.ours_then, found.ours_now, found.drawn_since),
        (exactly("4500000"), exactly("4450000"), exactly("50000"))
    );
}

#[test]
fn a_statement_within_an_unknown_cap_is_explained_by_it() {
    let found = reconciled("unknown", "4600000.00");
    assert_eq!((found.difference, found.explained_by_band), (band("-100000", "0"), true));
}

#[test]
fn any_other_difference_is_not_explained() {
    let found = reconciled("none", "4499999.99");
    assert_eq!((found.difference, found.explained_by_band), (exactly("0.01"), false));
    assert!(!reconciled("unknown", "4600000.01").explained_by_band);
}
