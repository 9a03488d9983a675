//! Every way in which AWS fails, on the wire, and what the runner is told.

use std::time::Duration;

use entente_aws::{CredentialsSource, Keys};
use entente_port::{ChangeState, Error, Marketplace, RemoteOfferState};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, call, sandbox},
    offers::{create, upfront},
};

async fn write_under(desk: &Desk, mut fault: Value) -> entente_port::Result<entente_port::Submitted> {
    fault["op"] = json!("StartChangeSet");
    fault["times"] = json!(1);
    desk.heal().await;
    desk.fault(fault).await;
    desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await
}

async fn read_under(desk: &Desk, mut fault: Value) -> Error {
    fault["op"] = json!("DescribeEntity");
    fault["times"] = json!(1);
    desk.heal().await;
    desk.fault(fault).await;
    desk.aws.product(crate::offers::PRODUCT).await.unwrap_err()
}

#[tokio::test]
async fn row_24_a_throttled_call_says_how_long_to_wait() {
    let desk = Desk::new().await;
    let answer = write_under(&desk, json!({ "effect": "throttle", "retry_after": 120 })).await;
    assert!(
        matches!(answer, Err(Error::Transient { retry_after: Some(wait), .. }) if wait == Duration::from_secs(120))
    );
    let answer = read_under(&desk, json!({ "effect": "throttle", "retry_after": 7 })).await;
    assert!(matches!(answer, Error::Transient { retry_after: Some(wait), .. } if wait == Duration::from_secs(7)));
}

#[tokio::test]
async fn row_25_a_failing_service_is_transient_for_reads_and_unknown_for_writes() {
    let desk = Desk::new().await;
    let read = read_under(&desk, json!({ "effect": "internal_error" })).await;
    assert!(matches!(read, Error::Transient { .. }), "{read:?}");
    let write = write_under(&desk, json!({ "effect": "internal_error" })).await.unwrap_err();
    assert!(matches!(write, Error::OutcomeUnknown { .. }), "{write:?}");
    let refused = write_under(&desk, json!({ "effect": "unavailable" })).await.unwrap_err();
    assert!(matches!(refused, Error::Transient { .. }), "503 says that nothing was taken in: {refused:?}");
}

#[tokio::test]
async fn each_call_is_one_request_because_the_runner_owns_the_retries() {
    let desk = Desk::new().await;
    for effect in ["internal_error", "unavailable", "throttle"] {
        desk.heal().await;
        desk.fault(json!({ "op": "StartChangeSet", "effect": effect })).await;
        desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await.unwrap_err();
    }
    let requests = desk.get("/aws/requests").await;
    let starts = |row: &&Value| row["operation"] == "StartChangeSet";
    assert_eq!(requests["requests"].as_array().unwrap().iter().filter(starts).count(), 3, "{requests:#}");
}

#[tokio::test]
async fn row_26_a_locked_offer_is_a_conflict_and_no_failure() {
    let desk = Desk::new().await;
    let answer = write_under(&desk, json!({ "effect": "resource_in_use" })).await;
    assert!(matches!(answer, Err(Error::Conflict { .. })), "{answer:?}");
    desk.heal().await;
    let id = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    let amend = |name: &str| entente_port::Write::AmendOffer {
        offer_id: id.clone(),
        name: Some(name.to_owned()),
        description: None,
        duration: None,
        expires_on: None,
    };
    let first = desk.aws.submit(&call(2), &amend("One")).await.unwrap();
    let second = desk.aws.submit(&call(3), &amend("Two")).await.unwrap_err();
    assert!(matches!(&second, Error::Conflict { object, .. } if object.contains(&id)), "{second:?}");
    assert!(matches!(desk.end_of(&first.change).await, ChangeState::Applied { .. }));
    desk.aws.submit(&call(3), &amend("Two")).await.expect("free again");
}

#[tokio::test]
async fn too_many_open_change_sets_are_waited_out() {
    let desk = Desk::new().await;
    let answer = write_under(&desk, json!({ "effect": "quota_exceeded" })).await;
    assert!(
        matches!(answer, Err(Error::Transient { retry_after: Some(wait), .. }) if wait >= Duration::from_secs(600))
    );
}

#[tokio::test]
async fn row_31_refused_expired_and_skewed_credentials_are_told_apart_from_everything_else() {
    let desk = Desk::new().await;
    for effect in ["access_denied", "expired_token", "request_time_too_skewed"] {
        let write = write_under(&desk, json!({ "effect": effect })).await.unwrap_err();
        assert!(matches!(write, Error::Auth { .. }), "{effect}: {write:?}");
        let read = read_under(&desk, json!({ "effect": effect })).await;
        assert!(matches!(read, Error::Auth { .. }), "{effect}: {read:?}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_refused_credentials_and_its_secret_is_shown_nowhere() {
    let secret = "wJalrXUtnFEMI-very-secret";
    let keys = CredentialsSource::Keys(Keys::new("AKIANOSUCHKEY0000000", secret));
    let desk = Desk::with(sandbox(), |config| config.credentials = keys).await;
    let refused = desk.aws.product(crate::offers::PRODUCT).await.unwrap_err();
    assert!(matches!(refused, Error::Auth { .. }), "{refused:?}");
    assert!(!format!("{refused:?}{:?}", desk.aws).contains(secret));
}

#[tokio::test]
async fn row_31_missing_credentials_are_refused_before_anything_is_sent() {
    let source = CredentialsSource::Variables {
        access_key_id: "ENTENTE_TEST_NO_SUCH_VARIABLE".to_owned(),
        secret_access_key: "ENTENTE_TEST_NO_SUCH_VARIABLE".to_owned(),
        session_token: None,
    };
    let desk = Desk::with(sandbox(), |config| config.credentials = source).await;
    let answer = desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await.unwrap_err();
    assert!(
        matches!(&answer, Error::Auth { reason } if reason.contains("ENTENTE_TEST_NO_SUCH_VARIABLE")),
        "{answer:?}"
    );
    assert_eq!(desk.get("/aws/requests").await["requests"], json!([]));
}

#[tokio::test]
async fn row_27_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown() {
    let desk = Desk::with(sandbox(), |config| config.timeout_seconds = 1).await;
    let answer = write_under(&desk, json!({ "effect": "delay", "ms": 3000 })).await.unwrap_err();
    assert!(matches!(answer, Error::OutcomeUnknown { .. }), "{answer:?}");
    assert_eq!(desk.applied(call(1).token).await, 1, "it was applied all the same");
}

#[tokio::test]
async fn row_27_a_lost_answer_leaves_the_outcome_unknown() {
    let desk = Desk::new().await;
    for (effect, applied) in [("drop_request", 0), ("lose_answer", 1)] {
        let answer = write_under(&desk, json!({ "effect": effect })).await.unwrap_err();
        assert!(matches!(answer, Error::OutcomeUnknown { .. }), "{effect}: {answer:?}");
        assert_eq!(desk.applied(call(1).token).await, applied, "{effect}");
        let read = read_under(&desk, json!({ "effect": effect })).await;
        assert!(matches!(read, Error::Transient { .. }), "{effect}: {read:?}");
    }
}

#[tokio::test]
async fn row_28_answers_that_cannot_be_read_leave_the_outcome_unknown_and_are_kept() {
    let desk = Desk::new().await;
    for effect in ["garbage_html", "truncated_json"] {
        let answer = write_under(&desk, json!({ "effect": effect })).await.unwrap_err();
        let Error::OutcomeUnknown { evidence, .. } = &answer else { panic!("{effect}: {answer:?}") };
        assert!(evidence.starts_with("HTTP 200"), "{effect}: {evidence}");
        let read = read_under(&desk, json!({ "effect": effect })).await;
        assert!(matches!(read, Error::Transient { .. }), "{effect}: {read:?}");
    }
}

#[tokio::test]
async fn row_28_unknown_fields_and_words_are_tolerated_and_never_taken_for_success() {
    let desk = Desk::new().await;
    let begun = write_under(&desk, json!({ "effect": "unknown_fields" })).await.unwrap();
    desk.fault(json!({ "op": "*", "effect": "unknown_fields" })).await;
    assert_eq!(desk.end_of(&begun.change).await, ChangeState::Pending, "an unknown word is waited for");
    desk.heal().await;
    let ChangeState::Applied { offer_id: Some(id), .. } = desk.end_of(&begun.change).await else {
        panic!("not applied")
    };
    desk.fault(json!({ "op": "*", "effect": "unknown_fields" })).await;
    assert_eq!(desk.aws.offer(&id).await.unwrap().state, RemoteOfferState::Unrecognised);
}

#[tokio::test]
async fn no_connection_is_transient_because_nothing_was_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let desk = Desk::with(sandbox(), |config| config.endpoint = Some(format!("http://{free}"))).await;
    let answer = desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await.unwrap_err();
    let Error::Transient { reason, .. } = &answer else { panic!("{answer:?}") };
    assert!(reason.contains("Connection refused"), "{reason}");
    assert!(
        !reason.contains('{') && reason.matches("refused").count() == 1,
        "each cause is told once, in words: {reason}"
    );
}

#[tokio::test]
async fn a_malformed_request_is_refused_and_names_the_field_of_the_offer() {
    let desk = Desk::new().await;
    let mut offer = upfront(&desk.buyer());
    offer["name"] = json!("x".repeat(200));
    let answer = desk.aws.submit(&call(1), &create(offer)).await.unwrap_err();
    let Error::Rejected { field, code, .. } = &answer else { panic!("{answer:?}") };
    assert_eq!((field.as_deref(), code.as_deref()), (Some("/name"), Some("ValidationException")), "{answer:?}");
}

#[tokio::test]
async fn row_29_a_change_set_that_fails_later_names_the_field_of_the_offer() {
    let desk = Desk::new().await;
    type Row = (&'static str, fn(&mut Value), &'static str, &'static str);
    let table: [Row; 6] = [
        (
            "targeting",
            |o| o["buyer"]["accounts"] = json!(["000000000000"]),
            "INVALID_BUYER_ACCOUNTS",
            "/buyer/accounts",
        ),
        ("currency", |o| o["currency"] = json!("CHF"), "INVALID_CURRENCY_CODE", "/currency"),
        ("licence", |o| o["eula"]["standard"]["version"] = json!("2019-04-24"), "INVALID_LEGAL_DOCUMENTS", "/eula"),
        ("days", |o| o["payment_due_days"] = json!(31), "INVALID_PAYMENT_DUE_PERIOD", "/payment_due_days"),
        ("dimension", |o| o["product"]["dimensions"]["seats"] = json!("Beds"), "INVALID_RATE_CARD", "/pricing"),
        ("duration", |o| o["term"] = json!({ "duration": "P9Y" }), "INVALID_AGREEMENT_DURATION", "/term/duration"),
    ];
    for (n, (what, spoil, code, field)) in (1..).zip(table) {
        let mut offer = upfront(&desk.buyer());
        spoil(&mut offer);
        let begun = desk.aws.submit(&call(n), &create(offer)).await.unwrap();
        match desk.end_of(&begun.change).await {
            ChangeState::Failed(Error::Rejected { code: Some(said), field: Some(blamed), .. }) => {
                assert_eq!((said.as_str(), blamed.as_str()), (code, field), "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn row_29_a_fault_of_the_service_may_be_begun_again() {
    let desk = Desk::new().await;
    let begun = write_under(&desk, json!({ "effect": "server_fault" })).await.unwrap();
    let state = desk.end_of(&begun.change).await;
    assert!(matches!(state, ChangeState::Failed(Error::Transient { .. })), "{state:?}");
}
