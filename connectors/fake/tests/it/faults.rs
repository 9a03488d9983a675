//! Each scripted fault does what its name says, and counts of what was applied tell the truth.

use entente_fake::{Fake, Fault, FaultPlan, Settings, profile};
use entente_port::{Capability, ChangeState, Error, Marketplace, RecoveryClass};
use jiff::SignedDuration;

use crate::bench::{call, create};

async fn first_answer(fault: Fault) -> (Fake, entente_port::Result<entente_port::Submitted>) {
    let fake = Fake::in_memory();
    fake.inject(fault.once());
    let answer = fake.submit(&call(1), &create(1)).await;
    (fake, answer)
}

#[tokio::test]
async fn row_27_a_lost_answer_is_unknown_and_applied() {
    let (fake, answer) = first_answer(Fault::LoseAnswer).await;
    assert!(matches!(answer, Err(Error::OutcomeUnknown { .. })));
    assert_eq!(fake.applied_with_token(call(1).token), 1);
    let found = fake.find(&call(1).key, &create(1)).await.unwrap();
    assert!(matches!(&found[..], [effect] if effect.same_request), "{found:?}");
    fake.submit(&call(1), &create(1)).await.unwrap();
    assert_eq!(fake.applied_for(&call(1).key), 1, "the token makes the second sending harmless");
}

#[tokio::test]
async fn a_dropped_request_is_unknown_and_not_applied() {
    let (fake, answer) = first_answer(Fault::DropRequest).await;
    assert!(matches!(answer, Err(Error::OutcomeUnknown { .. })));
    assert!(fake.applied().is_empty());
}

#[tokio::test]
async fn refusals_apply_nothing_and_are_told_apart() {
    let reject = Fault::Reject { field: Some("/name".to_owned()), code: "BAD_NAME".to_owned() };
    let (fake, answer) = first_answer(reject).await;
    assert!(matches!(answer, Err(Error::Rejected { field: Some(field), .. }) if field == "/name"));
    assert!(fake.applied().is_empty());
    let (_, answer) = first_answer(Fault::Conflict).await;
    assert!(matches!(answer, Err(Error::Conflict { .. })));
    let (_, answer) = first_answer(Fault::Auth).await;
    assert!(matches!(answer, Err(Error::Auth { .. })));
    let (_, answer) = first_answer(Fault::Transient { retry_after_seconds: Some(7) }).await;
    assert!(matches!(answer, Err(Error::Transient { retry_after: Some(wait), .. }) if wait.as_secs() == 7));
}

#[tokio::test]
async fn row_29_a_write_can_fail_after_it_was_accepted() {
    let (fake, answer) = first_answer(Fault::FailLater { field: None, code: "LATE".to_owned() }).await;
    let state = fake.change(&answer.unwrap().change).await.unwrap();
    assert!(matches!(state, ChangeState::Failed(Error::Rejected { code: Some(code), .. }) if code == "LATE"));
    assert!(fake.applied().is_empty());
}

#[tokio::test]
async fn row_33_a_hidden_effect_is_applied_at_once_and_found_later() {
    let (fake, answer) = first_answer(Fault::Hide { seconds: 60 }).await;
    answer.unwrap();
    assert_eq!(fake.applied().len(), 1);
    assert_eq!(fake.find(&call(1).key, &create(1)).await.unwrap(), []);
    fake.advance(SignedDuration::from_secs(61));
    assert_eq!(fake.find(&call(1).key, &create(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_ignored_token_makes_a_twin_that_find_shows() {
    let fake = Fake::in_memory();
    fake.inject(Fault::IgnoreToken.always());
    for _ in 0..2 {
        fake.submit(&call(1), &create(1)).await.unwrap();
    }
    assert_eq!(fake.applied_with_token(call(1).token), 2);
    assert_eq!(fake.find(&call(1).key, &create(1)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn tokens_and_keys_work_as_far_as_the_class_promises() {
    let table = [
        (RecoveryClass::TokenDedup, 1, 1),
        (RecoveryClass::NaturalKey, 2, 2),
        (RecoveryClass::ReadBack, 2, 0),
        (RecoveryClass::Manual, 2, 0),
    ];
    for (class, applied, found) in table {
        let fake = Fake::open(Settings::default().with_class(class)).unwrap();
        assert_eq!(fake.profile(Capability::CreateOffer), profile(class));
        for _ in 0..2 {
            fake.submit(&call(1), &create(1)).await.unwrap();
        }
        assert_eq!(fake.applied_with_token(call(1).token), applied, "{class:?}");
        assert_eq!(fake.find(&call(1).key, &create(1)).await.unwrap().len(), found, "{class:?}");
    }
}

#[tokio::test]
async fn a_token_with_another_request_is_refused() {
    let fake = Fake::in_memory();
    fake.submit(&call(1), &create(1)).await.unwrap();
    let answer = fake.submit(&call(1), &create(2)).await;
    assert!(matches!(answer, Err(Error::Rejected { code: Some(code), .. }) if code == "TOKEN_REUSED"));
}

#[tokio::test]
async fn faults_strike_where_and_as_often_as_scripted() {
    let fake = Fake::in_memory();
    let plan = FaultPlan { fault: Fault::Conflict, on: Some(Capability::CreateOffer), skip: 1, times: Some(2) };
    fake.inject(plan);
    let mut answers = Vec::new();
    for n in 1..=5 {
        answers.push(fake.submit(&call(n), &create(1)).await.is_ok());
    }
    assert_eq!(answers, [true, false, false, true, true]);
}
