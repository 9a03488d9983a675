//! Who has no vote, and who is asked.

use std::collections::BTreeSet;

use entente_core::{calendar::Calendars, policy::approvals::Subject, run::Snapshot, scope::Home};
use jiff::Timestamp;

use super::{context, policy, tell};

fn subject(workflow: &str, snapshot: &Snapshot) -> Subject {
    context(workflow).subject(&snapshot.context).unwrap()
}

fn rows(workflow: &str, subject: &Subject) -> Vec<String> {
    let home = Home { legal_entity: "acme-us".parse().unwrap(), party: "nordlicht".parse().unwrap() };
    let asked = policy(workflow).evaluate(subject, &Calendars::default(), &home, Timestamp::UNIX_EPOCH).unwrap();
    asked.into_iter().map(|requirement| requirement.row).collect()
}

#[test]
fn row_64_nobody_votes_who_asked_wrote_gains_or_entered_bank_details() {
    for (workflow, story, barred) in [
        ("partner_onboarding", "suspended.yaml", &["finn", "mia", "pia"][..]),
        ("fund_period", "changed.yaml", &["mia"]),
        ("mdf_request", "agreed_and_held.yaml", &["fay", "pia"]),
        ("mdf_claim", "clawed_back.yaml", &["finn", "pia"]),
        ("payout_run", "withdrawn_after_gathering.yaml", &["oz", "paula", "pia", "vera"]),
        ("accrual_run", "disputed.yaml", &["fay", "flo", "pia"]),
        ("supplier_order", "differs.yaml", &["ada", "paula", "pete", "pia"]),
    ] {
        let told = tell(workflow, story);
        let subject = subject(workflow, &told.snapshot);
        let people: BTreeSet<String> = subject.authors.iter().map(ToString::to_string).collect();
        assert_eq!(people.into_iter().collect::<Vec<_>>(), barred, "{workflow}");
        assert!(subject.authors.contains(&subject.requester), "{workflow}");
    }
}

#[test]
fn money_that_leaves_needs_different_people_and_others_do_not() {
    for (workflow, distinct) in [
        ("mdf_claim", true),
        ("payout_run", true),
        ("supplier_order", true),
        ("mdf_request", false),
        ("fund_period", false),
        ("accrual_run", false),
    ] {
        assert_eq!(policy(workflow).distinct_people, distinct, "{workflow}");
    }
}

#[test]
fn whoever_the_rules_name_is_asked_besides_and_nobody_twice() {
    let told = tell("mdf_request", "declined.yaml");
    let mut subject = subject("mdf_request", &told.snapshot);
    assert_eq!(rows("mdf_request", &subject), ["marketing", "over_25k", "rules-sales_director"]);
    subject.facts["rules_ask"] = serde_json::json!(["fund_manager", "finance_approver"]);
    assert_eq!(rows("mdf_request", &subject), ["marketing", "over_25k"], "their own rows ask them already");
    subject.facts["rules_ask"] = serde_json::json!([]);
    assert_eq!(rows("mdf_request", &subject), ["marketing", "over_25k"]);
}

#[test]
fn a_claim_that_grew_after_an_approval_is_judged_by_what_it_is_now() {
    let told = tell("mdf_claim", "grown.yaml");
    let subject = subject("mdf_claim", &told.snapshot);
    assert_eq!(subject.facts["value_minor"], 6_000_000);
    assert_eq!(rows("mdf_claim", &subject), ["proof", "money", "over_50k"]);
}
