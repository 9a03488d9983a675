//! Row 58: amounts that cannot be, in every paper that has one.

use crate::{funding::PEOPLE, installation::Installation};

const FUND: &str = include_str!("../../examples/funding/fund.yaml");
const REQUEST: &str = include_str!("../../examples/funding/request.yaml");
const CLAIM: &str = include_str!("../../examples/funding/claim.yaml");

#[test]
fn row_58_an_amount_that_cannot_be_is_refused_with_its_field_and_nothing_is_kept() {
    let installation = Installation::new();
    installation.write("people.yaml", PEOPLE);
    let papers = [
        ("mia", "fund", FUND, "amount: \"20000.00 EUR\"", "amount"),
        ("pia", "request", REQUEST, "amount: \"2000.00 EUR\"", "amount"),
        ("pia", "claim", CLAIM, "claimed: \"4000.00 EUR\"", "claimed"),
    ];
    let impossible = [
        "-1.00 EUR",
        "1e400 EUR",
        "99999999999999999999.00 EUR",
        "1.0000000000000000001 EUR",
        "2000.50 JPY",
        "20.001 EUR",
        "20.00 XYZ",
        "NaN EUR",
        "",
    ];
    for (person, kind, text, amount, field) in papers {
        for wrong in impossible {
            let (name, _) = amount.split_once(':').unwrap();
            assert!(text.contains(amount), "{kind}");
            let text = text.replacen(amount, &format!("{name}: \"{wrong}\""), 1);
            let said = installation.run_with_input(&["--actor", person, kind, "create", "-"], &text);
            assert_eq!(said.code, 2, "{kind} {wrong}: {said:?}");
            assert!(said.words.contains(field) && !said.words.contains("panicked"), "{kind} {wrong}: {said:?}");
        }
    }
    // Nothing of the request, and nothing below nothing: asked for zero, it says so.
    let nothing = REQUEST.replacen("amount: \"2000.00 EUR\"", "amount: \"-0.00 EUR\"", 1);
    let said = installation.run_with_input(&["--actor", "pia", "request", "create", "-"], &nothing);
    assert!(said.code == 2 && said.words.contains("asks for nothing"), "{said:?}");
    for kind in ["fund", "request", "claim"] {
        assert_eq!(installation.run(&["--actor", "mia", kind, "list", "--json"]).ok().data.trim(), "[]");
    }
}
