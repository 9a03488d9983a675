//! Partner funding through the vendor's SDK: benefits and their forms, applications and their reviews, what is granted.

use entente_port::{
    Allocation, AllocationStatus, ApplicationStatus, Capability, ChangeId, Error, FieldChange, FundingApplication,
    FundingChange, Marketplace, RecoveryClass, Write,
};
use serde_json::{Value, json};

use crate::desk::{Desk, call};

const CASH: &str = "ben-mdfcash0000001";
const CLAIM: &str = "ben-mdfclaim000001";
const CREDITS: &str = "ben-mdfcredit00001";

async fn wallet(desk: &Desk) -> Allocation {
    let all = desk.aws.allocations().await.unwrap();
    all.into_iter().find(|one| one.application.is_none()).unwrap()
}

fn details(amount: &str) -> Value {
    json!({
        "ActivityType": "Event",
        "ActivityName": "Partner breakfast",
        "StartDate": "2031-06-01",
        "EndDate": "2031-06-02",
        "Countries": ["DE"],
        "RequestedAmount": { "Amount": amount, "CurrencyCode": "USD" },
        "ExpectedLeads": 40,
        "BusinessJustification": "Heads of infrastructure of forty customers",
    })
}

fn application(benefit: &str, amount: &str, draws_on: &[&str]) -> FundingApplication {
    FundingApplication {
        benefit: benefit.into(),
        kinds: vec![if benefit == CREDITS { "credits" } else { "cash" }.into()],
        name: "Partner breakfast".into(),
        description: Some("Breakfast in Hamburg".into()),
        details: details(amount),
        resources: draws_on.iter().map(|one| (*one).to_owned()).collect(),
        files: Vec::new(),
    }
}

async fn apply(desk: &Desk, n: u64, application: &FundingApplication) -> Result<String, Error> {
    let write = Write::ApplyForFunding { application: Box::new(application.clone()) };
    desk.aws.submit(&call(n), &write).await.map(|submitted| submitted.change.0)
}

async fn change(desk: &Desk, n: u64, id: &str, change: FundingChange) -> Result<(), Error> {
    let write = Write::ChangeFunding { application_id: id.to_owned(), change };
    desk.aws.submit(&call(n), &write).await.map(drop)
}

async fn decide(desk: &Desk, id: &str, decision: Value) {
    desk.post(&format!("aws/benefit-applications/{id}/decide"), decision).await;
}

/// How many applications there are, whoever made them.
async fn count(desk: &Desk) -> usize {
    desk.get("aws/benefits").await["applications"].as_array().unwrap().len()
}

/// An application that is being reviewed.
async fn in_review(desk: &Desk, n: u64, amount: &str) -> String {
    let wallet = wallet(desk).await.reference;
    let id = apply(desk, n, &application(CASH, amount, &[&wallet])).await.unwrap();
    change(desk, n + 1, &id, FundingChange::Submit).await.unwrap();
    id
}

#[tokio::test]
async fn benefits_are_listed_and_their_forms_are_read() {
    let desk = Desk::new().await;
    let all = desk.aws.benefits().await.unwrap();
    let open: Vec<&str> = all.iter().filter(|one| one.active).map(|one| one.id.as_str()).collect();
    assert_eq!(open, [CASH, CLAIM, CREDITS]);
    let cash = desk.aws.benefit(CASH).await.unwrap();
    assert_eq!(cash.kinds, ["cash"]);
    let form = cash.schema.unwrap();
    assert_eq!(entente_core::form::problems(&form, &details("1500.00")), []);
    let blank = entente_core::form::blank(&form);
    assert!(blank.get("RequestedAmount").is_some(), "{blank:#}");
    assert!(!entente_core::form::problems(&form, &blank).is_empty(), "an empty form is no answer");
    let nowhere = desk.aws.benefit("ben-nowhere0000000").await.unwrap_err();
    assert!(matches!(nowhere, Error::NotFound { .. }), "{nowhere:?}");
}

#[tokio::test]
async fn cash_is_granted_out_of_the_wallet_and_paid_by_its_claim() {
    let desk = Desk::new().await;
    let before = wallet(&desk).await;
    assert_eq!(before.left.unwrap().to_string(), "USD 20,000.00");
    let id = in_review(&desk, 1, "1500.00").await;
    let mut stages = Vec::new();
    for _ in 0..3 {
        stages.push(desk.aws.funding(&id).await.unwrap().stage.unwrap());
        desk.advance("P2D").await;
    }
    assert_eq!(stages, ["Business Approval", "Tech Approval", "Finance Approval"]);
    let granted = desk.aws.funding(&id).await.unwrap();
    assert_eq!(granted.status, ApplicationStatus::Approved);
    let [grant] = granted.allocations.as_slice() else { panic!("{granted:?}") };
    assert_eq!((grant.granted.unwrap().minor, grant.used.unwrap().minor), (150_000, 0));
    assert_eq!(wallet(&desk).await.left.unwrap().minor, 2_000_000 - 150_000);

    let mut claim = application(CLAIM, "1200.00", &[&grant.reference]);
    claim.details = json!({
        "ClaimedAmount": { "Amount": "1200.00", "CurrencyCode": "USD" },
        "InvoiceNumber": "R-0311",
        "Results": "Forty people came to breakfast",
    });
    let claimed = apply(&desk, 3, &claim).await.unwrap();
    change(&desk, 4, &claimed, FundingChange::Submit).await.unwrap();
    decide(&desk, &claimed, json!({ "decision": "approve" })).await;
    let paid = desk.aws.funding(&claimed).await.unwrap();
    let [payment] = paid.allocations.as_slice() else { panic!("{paid:?}") };
    assert_eq!((payment.used.unwrap().minor, &payment.status), (120_000, &AllocationStatus::Fulfilled));
    let grant = desk.aws.funding(&id).await.unwrap().allocations.remove(0);
    assert_eq!((grant.used.unwrap().minor, grant.left.unwrap().minor), (120_000, 30_000));
}

#[tokio::test]
async fn credits_are_issued_and_their_code_is_never_read() {
    let desk = Desk::new().await;
    let id = apply(&desk, 1, &application(CREDITS, "500.00", &[])).await.unwrap();
    change(&desk, 2, &id, FundingChange::Submit).await.unwrap();
    decide(&desk, &id, json!({ "decision": "approve", "amount": "400.00" })).await;
    let seen = desk.aws.funding(&id).await.unwrap();
    let [credits] = seen.allocations.as_slice() else { panic!("{seen:?}") };
    assert_eq!((credits.granted.unwrap().minor, credits.kind.as_str()), (40_000, "credits"));
    assert!(!format!("{seen:?}").contains("CODE-"), "{seen:?}");
}

#[tokio::test]
async fn an_application_is_created_once_whatever_becomes_of_the_answer() {
    let desk = Desk::new().await;
    let wallet = wallet(&desk).await.reference;
    let wanted = application(CASH, "1500.00", &[&wallet]);
    desk.fault(json!({ "op": "CreateBenefitApplication", "effect": "lose_answer", "times": 1 })).await;
    let lost = apply(&desk, 1, &wanted).await.unwrap_err();
    assert!(matches!(lost, Error::OutcomeUnknown { .. }), "{lost:?}");
    let write = Write::ApplyForFunding { application: Box::new(wanted.clone()) };
    let found = desk.aws.find(&call(1).key, &write).await.unwrap();
    assert_eq!((found.len(), found[0].same_request), (1, true), "{found:?}");
    let again = apply(&desk, 1, &wanted).await.unwrap();
    assert_eq!((ChangeId(again.clone()), count(&desk).await), (found[0].change.clone(), 1));

    // A service that only says that the token was used before: what it made then is adopted.
    desk.fault(json!({ "op": "CreateBenefitApplication", "effect": "conflict", "times": 1 })).await;
    assert_eq!((apply(&desk, 1, &wanted).await.unwrap(), count(&desk).await), (again.clone(), 1));
    // With nothing to adopt it stays a conflict.
    desk.fault(json!({ "op": "CreateBenefitApplication", "effect": "conflict", "times": 1 })).await;
    let conflict = apply(&desk, 9, &wanted).await.unwrap_err();
    assert!(matches!(conflict, Error::Conflict { .. }), "{conflict:?}");
    let ours = desk.aws.ours_since(desk.now().await).await.unwrap();
    assert_eq!(ours.iter().map(|write| write.change.0.as_str()).collect::<Vec<_>>(), [again.as_str()]);
    let profile = desk.aws.profile(Capability::ApplyForFunding);
    assert_eq!((profile.class, profile.irreversible), (RecoveryClass::TokenDedup, false));
}

#[tokio::test]
async fn another_request_under_the_same_token_is_refused() {
    let desk = Desk::new().await;
    let wallet = wallet(&desk).await.reference;
    apply(&desk, 1, &application(CASH, "1500.00", &[&wallet])).await.unwrap();
    let other = apply(&desk, 1, &application(CASH, "1600.00", &[&wallet])).await.unwrap_err();
    assert!(matches!(other, Error::Conflict { .. }), "{other:?}");
    assert_eq!(count(&desk).await, 1);
}

#[tokio::test]
async fn a_review_asks_back_and_an_amendment_answers() {
    let desk = Desk::new().await;
    let id = in_review(&desk, 1, "1500.00").await;
    decide(&desk, &id, json!({ "decision": "request_action", "reason": "How many will come?" })).await;
    let seen = desk.aws.funding(&id).await.unwrap();
    assert_eq!(
        (&seen.status, seen.reason.as_deref()),
        (&ApplicationStatus::ActionRequired, Some("How many will come?"))
    );
    assert_eq!(seen.reason_codes, ["MORE_INFORMATION_NEEDED"]);
    let amend = |value: &str| FundingChange::Amend {
        reason: "counted".into(),
        fields: vec![FieldChange { field: "/ExpectedLeads".into(), value: value.into() }],
    };
    let wrong = change(&desk, 3, &id, amend("many")).await.unwrap_err();
    assert!(matches!(&wrong, Error::Rejected { code: Some(code), .. } if code == "INVALID_VALUE"), "{wrong:?}");
    change(&desk, 4, &id, amend("60")).await.unwrap();
    let seen = desk.aws.funding(&id).await.unwrap();
    assert_eq!((&seen.status, &seen.application.details["ExpectedLeads"]), (&ApplicationStatus::InReview, &json!(60)));
    assert_eq!(amend("60").is_done(&seen), Some(true));
}

#[tokio::test]
async fn what_is_recalled_is_written_anew_with_other_resources_and_handed_in_again() {
    let desk = Desk::new().await;
    let id = in_review(&desk, 1, "1500.00").await;
    let recall = || FundingChange::Recall { reason: "another date".into() };
    change(&desk, 3, &id, recall()).await.unwrap();
    let wallet = wallet(&desk).await.reference;
    let opportunity = "arn:aws:partnercentral:us-east-1:510000000001:catalog/AWS/opportunity/O1234567";
    let mut anew = application(CASH, "1800.00", &[&wallet, opportunity]);
    anew.description = None;
    let update = FundingChange::Update { application: Box::new(anew.clone()) };
    change(&desk, 4, &id, update.clone()).await.unwrap();
    let seen = desk.aws.funding(&id).await.unwrap();
    assert_eq!((update.is_done(&seen), seen.application.resources.len()), (Some(true), 2), "{seen:?}");
    anew.resources.pop();
    let fewer = FundingChange::Update { application: Box::new(anew) };
    change(&desk, 5, &id, fewer).await.unwrap();
    assert_eq!(desk.aws.funding(&id).await.unwrap().application.resources, [wallet]);
    change(&desk, 6, &id, FundingChange::Submit).await.unwrap();
    // In its last stage it can no longer be taken back.
    decide(&desk, &id, json!({ "decision": "next_stage" })).await;
    decide(&desk, &id, json!({ "decision": "next_stage" })).await;
    let late = change(&desk, 7, &id, recall()).await.unwrap_err();
    assert!(matches!(late, Error::Rejected { .. }), "{late:?}");
    change(&desk, 8, &id, FundingChange::Cancel { reason: "no room".into() }).await.unwrap();
    assert_eq!(desk.aws.funding(&id).await.unwrap().status, ApplicationStatus::Cancelled);
    let over = change(&desk, 9, &id, FundingChange::Submit).await.unwrap_err();
    assert!(matches!(over, Error::Rejected { .. }), "{over:?}");
}

#[tokio::test]
async fn what_is_written_anew_is_still_found_under_the_key_that_made_it() {
    let desk = Desk::new().await;
    let wallet = wallet(&desk).await.reference;
    let id = apply(&desk, 1, &application(CASH, "1500.00", &[&wallet])).await.unwrap();
    let anew = application(CASH, "1800.00", &[&wallet]);
    change(&desk, 4, &id, FundingChange::Update { application: Box::new(anew.clone()) }).await.unwrap();
    let found = |n: u64| {
        let write = Write::ApplyForFunding { application: Box::new(anew.clone()) };
        let desk = &desk;
        async move { desk.aws.find(&call(n).key, &write).await.unwrap().len() }
    };
    assert_eq!((found(1).await, found(4).await), (1, 0));
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_is_recognised_and_only_what_is_missing_is_sent() {
    let desk = Desk::new().await;
    let wallet = wallet(&desk).await.reference;
    let opportunity = "arn:aws:partnercentral:us-east-1:510000000001:catalog/AWS/opportunity/O1234567";
    let id = apply(&desk, 1, &application(CASH, "1500.00", &[&wallet])).await.unwrap();
    // Written in lines, and with its resources in another order than they come to be in.
    let mut anew = application(CASH, "1800.00", &[opportunity, &wallet]);
    anew.description = Some("Breakfast\nin Hamburg\n".into());
    let update = FundingChange::Update { application: Box::new(anew) };
    desk.fault(json!({ "op": "UpdateBenefitApplication", "effect": "lose_answer", "times": 1 })).await;
    let lost = change(&desk, 4, &id, update.clone()).await.unwrap_err();
    assert!(matches!(lost, Error::OutcomeUnknown { .. }), "{lost:?}");
    let seen = desk.aws.funding(&id).await.unwrap();
    assert_eq!(desk.aws.funding_holds(&update, &seen), Some(false), "a resource is missing");
    // Under the same token and another revision it would be in conflict.
    change(&desk, 4, &id, update.clone()).await.unwrap();
    let seen = desk.aws.funding(&id).await.unwrap();
    assert_eq!(seen.application.resources, [wallet, opportunity.to_owned()]);
    assert_eq!(desk.aws.funding_holds(&update, &seen), Some(true));
    change(&desk, 4, &id, update).await.unwrap();
}

#[tokio::test]
async fn what_is_missing_or_too_much_is_refused_with_its_field() {
    let desk = Desk::new().await;
    let wallet = wallet(&desk).await.reference;
    let whole = application(CASH, "1500.00", &[&wallet]);
    let refusal = |answer: Result<(), Error>| match answer {
        Err(Error::Rejected { field, code, .. }) => (field.unwrap_or_default(), code.unwrap_or_default()),
        other => panic!("{other:?}"),
    };
    let mut cases = Vec::new();
    for (n, (field, value)) in [
        ("ExpectedLeads", None),
        ("ActivityType", Some(json!("Party"))),
        ("ExpectedLeads", Some(json!(0))),
        ("Countries", Some(json!(["Germany"]))),
        ("StartDate", Some(json!("in summer"))),
        ("RequestedAmount", Some(json!({ "Amount": "25000.00", "CurrencyCode": "USD" }))),
        ("RequestedAmount", Some(json!({ "Amount": "10.00", "CurrencyCode": "EUR" }))),
    ]
    .into_iter()
    .enumerate()
    {
        let mut wanted = whole.clone();
        let fields = wanted.details.as_object_mut().unwrap();
        match value {
            Some(value) => fields.insert(field.to_owned(), value),
            None => fields.remove(field),
        };
        let n = 10 * (u64::try_from(n).unwrap() + 1);
        let answer = match apply(&desk, n, &wanted).await {
            Ok(id) => change(&desk, n + 1, &id, FundingChange::Submit).await,
            Err(error) => Err(error),
        };
        cases.push(refusal(answer));
    }
    let expected = [
        ("/details/ExpectedLeads", "REQUIRED_FIELD_MISSING"),
        ("/details/ActivityType", "INVALID_ENUM_VALUE"),
        ("/details/ExpectedLeads", "VALUE_OUT_OF_RANGE"),
        ("/details/Countries/0", "INVALID_STRING_FORMAT"),
        ("/details/StartDate", "INVALID_STRING_FORMAT"),
        ("/details/RequestedAmount", "VALUE_OUT_OF_RANGE"),
        ("/details/RequestedAmount", "INVALID_VALUE"),
    ];
    assert_eq!(cases, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let unsourced = apply(&desk, 90, &application(CASH, "10.00", &[])).await.unwrap();
    let said = refusal(change(&desk, 91, &unsourced, FundingChange::Submit).await);
    assert_eq!(said, ("/resources".to_owned(), "REQUIRED_FIELD_MISSING".to_owned()));
    let closed = refusal(apply(&desk, 92, &application("ben-mdfclosed00001", "10.00", &[])).await.map(drop));
    assert_eq!(closed, ("/benefit".to_owned(), "ACTION_NOT_PERMITTED".to_owned()));
}

#[tokio::test]
async fn each_refusal_of_the_service_is_one_that_the_runner_understands() {
    let desk = Desk::new().await;
    let answer = |effect: &'static str| {
        let desk = &desk;
        async move {
            desk.fault(json!({ "op": "ListBenefits", "effect": effect, "times": 1 })).await;
            desk.aws.benefits().await.unwrap_err()
        }
    };
    assert!(matches!(answer("throttle").await, Error::Transient { .. }));
    assert!(matches!(answer("not_found").await, Error::NotFound { .. }));
    assert!(matches!(answer("conflict").await, Error::Conflict { .. }));
    assert!(matches!(answer("internal_error").await, Error::Transient { .. }));
    assert!(matches!(answer("validation").await, Error::Rejected { .. }));
    // Whoever sells need not be allowed to apply: the refusal is about this request, and pauses nothing.
    let denied = answer("access_denied").await;
    assert!(
        matches!(&denied, Error::Rejected { code: Some(code), .. } if code == "AccessDeniedException"),
        "{denied:?}"
    );
}

#[tokio::test]
async fn a_plan_is_what_is_sent() {
    let desk = Desk::new().await;
    let wanted = application(CREDITS, "500.00", &[]);
    let write = Write::ApplyForFunding { application: Box::new(wanted) };
    let [planned] = desk.aws.plan(&call(1), &write).unwrap().try_into().unwrap();
    assert_eq!(planned.operation, "CreateBenefitApplication");
    assert_eq!(planned.body["FulfillmentTypes"], json!(["CREDITS"]));
    desk.aws.submit(&call(1), &write).await.unwrap();
    let made = &desk.get("aws/benefits").await["applications"][0];
    assert_eq!(made["description"], planned.body["Description"]);
    assert_eq!(made["details"], planned.body["BenefitApplicationDetails"]);
}
