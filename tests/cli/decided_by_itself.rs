//! Row 76: papers that would decide about themselves.

use crate::{
    funding::PEOPLE,
    installation::{Installation, OFFER},
};

/// Papers as people write them, by who may and the command that takes them.
const PAPERS: [(&str, &str, &str); 9] = [
    ("mia", "offer", OFFER),
    ("mia", "partner", include_str!("../../examples/funding/partner.yaml")),
    ("mia", "fund", include_str!("../../examples/funding/fund.yaml")),
    ("pia", "request", include_str!("../../examples/funding/request.yaml")),
    ("pia", "claim", include_str!("../../examples/funding/claim.yaml")),
    ("mia", "order", include_str!("../../examples/funding/order.yaml")),
    ("paula", "payout", include_str!("../../examples/funding/payout.yaml")),
    ("mia", "commitment", include_str!("../../examples/commitment/contract.yaml")),
    ("mia", "card", include_str!("../../examples/commitment/card.yaml")),
];

/// What is for others to say: the state, the votes, what was granted, whose it is and what it is called.
const DECIDED: [&str; 8] = [
    "status: approved",
    "state: paid",
    "approved_by: carl",
    "approvals: [carl, cleo]",
    "amount_approved: \"999999.00 EUR\"",
    "label: REQ-2027-00001",
    "tenant_id: other",
    "created_by: carl",
];

#[test]
fn row_76_a_paper_that_says_what_others_decide_is_refused_with_the_field_and_nothing_is_kept() {
    let installation = Installation::new();
    installation.write("people.yaml", PEOPLE);
    for (person, kind, text) in PAPERS {
        for decided in DECIDED {
            let (field, _) = decided.split_once(':').unwrap();
            let said = installation.run_with_input(
                &["--actor", person, kind, "create", "-"],
                &format!("{decided}\n{}", text.trim_start_matches('\n')),
            );
            assert_eq!(said.code, 2, "{kind} with `{decided}`: {said:?}");
            assert!(said.words.contains(field) && !said.words.contains("panicked"), "{kind} `{decided}`: {said:?}");
        }
        let kept = installation.run(&["--actor", "mia", kind, "list", "--json"]).ok().data;
        assert_eq!(kept.trim(), "[]", "{kind}");
    }
}
