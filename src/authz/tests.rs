//! What the table of roles allows, and how a refusal reads.

use super::*;

fn actor(roles: &[&str]) -> Actor {
    let roles = roles.iter().map(|role| role.parse().unwrap()).collect();
    Actor { person: "mia".parse().unwrap(), roles, on_behalf_of: None }
}

fn allowed(roles: &[&str], action: Action) -> bool {
    let resource = Resource { kind: "thing", name: "x".into(), legal_entity: None };
    authorize(&actor(roles), action, &resource) == Decision::Allowed
}

#[test]
fn somebody_without_a_role_may_do_nothing() {
    assert!(Action::ALL.iter().all(|action| !allowed(&[], *action)));
}

#[test]
fn viewers_and_auditors_change_nothing() {
    let changes = |role: &str| Action::ALL.into_iter().filter(|action| allowed(&[role], *action)).collect::<Vec<_>>();
    assert_eq!(changes("viewer"), []);
    assert_eq!(
        changes("auditor"),
        [
            Action::SimulatePolicy,
            Action::ExportAudit,
            Action::ReadLedger,
            Action::ReadGrants,
            Action::ReadFunds,
            Action::ReadClose,
            Action::ReadSpend,
            Action::ReadCommitments
        ],
        "and that one only looks"
    );
}

#[test]
fn a_role_that_only_a_policy_knows_may_vote_and_annotate() {
    let may: Vec<Action> = Action::ALL.into_iter().filter(|action| allowed(&["sales_director"], *action)).collect();
    assert_eq!(may, [Action::AnnotateOffer, Action::Vote, Action::ReadFunds]);
}

#[test]
fn nobody_who_runs_the_system_changes_offers_or_votes() {
    for role in ["operator", "admin"] {
        let votes = [Action::CreateOffer, Action::ChangeOffer, Action::Vote].map(|action| allowed(&[role], action));
        assert_eq!(votes, [false; 3], "{role}");
    }
}

#[test]
fn a_buyers_person_keeps_the_buyers_own_cards_sees_its_own_commitments_and_does_nothing_else() {
    let may = |role: &str| Action::ALL.into_iter().filter(|action| allowed(&[role], *action)).collect::<Vec<_>>();
    assert_eq!(may("buyer_user"), [Action::ReadOwnCommitments, Action::KeepBuyersCards]);
    let sellers: Vec<&str> = ROLES.into_iter().filter(|role| allowed(&[role], Action::KeepCards)).collect();
    assert_eq!(sellers, ["alliance_manager"]);
}

#[test]
fn whoever_takes_spend_in_sees_what_comes_of_it_and_enters_no_commitment() {
    let may: Vec<Action> = Action::ALL.into_iter().filter(|action| allowed(&["finops"], *action)).collect();
    let spend = [Action::ImportSpend, Action::ReadSpend, Action::ReadCommitments];
    assert_eq!(may, [&[Action::AnnotateOffer, Action::Vote], &spend[..]].concat());
}

#[test]
fn history_leaves_with_those_who_audit_or_operate_alone() {
    let may: Vec<&str> = ROLES.into_iter().filter(|role| allowed(&[role], Action::ExportAudit)).collect();
    assert_eq!(may, ["operator", "auditor"]);
}

#[test]
fn whoever_approves_refunds_does_not_ask_for_them() {
    for role in ["finance_approver", "cfo", "operator", "admin"] {
        let asks = [Action::RequestRefund, Action::RequestCancellation, Action::RequestPayment]
            .map(|action| allowed(&[role], action));
        assert_eq!(asks, [false; 3], "{role}");
    }
    assert!(allowed(&["alliance_manager"], Action::RequestRefund) && allowed(&["finance_approver"], Action::Vote));
}

#[test]
fn a_refusal_names_person_action_object_and_the_roles_that_could() {
    let resource =
        Resource { kind: "policy", name: "private_offer".into(), legal_entity: Some("acme-us".parse().unwrap()) };
    let Decision::Denied(denied) = authorize(&actor(&["viewer"]), Action::ActivatePolicy, &resource) else {
        panic!("it is denied")
    };
    assert_eq!(
        denied.to_string(),
        "`mia` may not activate a policy (policy `private_offer` of `acme-us`): it takes the role `admin`"
    );
}
