//! The public FOCUS validator on what is written.
//!
//! `cargo xtask test focus` provides it; without `ENTENTE_FOCUS_PYTHON` the tests say so and end. It has no rules for
//! `ContractCommitment`: those of the specification are checked in `focus_rules`.

use std::{path::Path, process::Command};

use entente_core::commitment::focus::cost_and_usage;

use super::{
    golden::charges,
    support::{day, drawdown, globex},
};

/// Whether the validator passes a file, and what it says. `None` without a validator.
fn validated(name: &str, text: &str) -> Option<(bool, String)> {
    let Ok(python) = std::env::var("ENTENTE_FOCUS_PYTHON") else {
        println!("skipped: ENTENTE_FOCUS_PYTHON names no Python with focus-validator; run `cargo xtask test focus`");
        return None;
    };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.csv"));
    std::fs::write(&file, text).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/focus/validate.py");
    let output = Command::new(python).arg(script).arg(&file).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    print!("{name}: {said}");
    match output.status.code() {
        Some(0) => Some((true, said)),
        Some(1) => Some((false, said)),
        code => panic!("the validator ended with {code:?}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

#[test]
fn daily_sums_pass_and_what_is_wrong_does_not() {
    let commitment = globex();
    let drawdown = drawdown(&commitment, &charges());
    let text =
        cost_and_usage(&commitment, &drawdown, day("2028-12-31"), day("2030-12-31"), Default::default()).unwrap();
    let Some((passes, said)) = validated("sound", &text) else { return };
    assert!(passes, "{said}");
    for (name, wrong, rule) in [
        ("currency", text.replace(",USD,", ",Dollars,"), "BillingCurrency-C"),
        ("category", text.replace(",Adjustment,", ",Spend,"), "ChargeCategory-C"),
        ("column", text.replace("ServiceCategory", "x_ServiceCategory"), "ServiceCategory"),
    ] {
        let (passes, said) = validated(name, &wrong).unwrap();
        assert!(!passes && said.contains(rule), "{name}: {said}");
    }
}
