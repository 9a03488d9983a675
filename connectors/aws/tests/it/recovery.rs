//! After a lost answer: what was begun is found by our key, and nothing is begun twice unnoticed.

use entente_aws::TOKEN_RESEND_WINDOW;
use entente_port::{Capability, ChangeState, Error, Marketplace, RecoveryClass, Write};
use serde_json::json;

use crate::{
    desk::{Desk, call},
    offers::{create, every_model, instalments, upfront},
};

#[test]
fn writes_declare_how_they_recover() {
    let aws = entente_aws::connect(entente_aws::Config::new()).unwrap();
    let looked_at = [Capability::WithdrawPayment, Capability::ChangeFunding];
    for capability in looked_at {
        let profile = aws.profile(capability);
        assert_eq!((profile.class, profile.irreversible), (RecoveryClass::ReadBack, false), "{capability}");
    }
    for capability in aws.capabilities().iter().filter(|capability| !looked_at.contains(capability)) {
        let profile = aws.profile(*capability);
        assert_eq!(profile.class, RecoveryClass::TokenDedup);
        assert_eq!(profile.token_window, TOKEN_RESEND_WINDOW);
        assert_eq!(profile.visibility, None, "AWS documents no delay after which a change set is sure to be listed");
        let careful = [
            Capability::CreateOffer,
            Capability::CancelAgreement,
            Capability::AdjustBilling,
            Capability::RequestPayment,
        ];
        assert_eq!(profile.irreversible, careful.contains(capability), "{capability}");
    }
}

#[tokio::test]
async fn row_27_what_a_lost_answer_began_is_found_for_every_pricing_model() {
    let desk = Desk::new().await;
    for (n, (model, offer)) in (1..).zip(every_model(&desk.buyer())) {
        desk.fault(json!({ "op": "StartChangeSet", "effect": "lose_answer", "times": 1 })).await;
        let write = create(offer);
        let lost = desk.aws.submit(&call(n), &write).await.unwrap_err();
        assert!(matches!(lost, Error::OutcomeUnknown { .. }), "{model}: {lost:?}");
        let begun = desk.aws.find(&call(n).key, &write).await.unwrap();
        let [effect] = begun.as_slice() else { panic!("{model}: {begun:?}") };
        assert!(effect.same_request, "{model}");
        assert_eq!(effect.state, ChangeState::Pending, "{model}");
        assert!(matches!(desk.end_of(&effect.change).await, ChangeState::Applied { .. }), "{model}");
        let ended = desk.aws.find(&call(n).key, &write).await.unwrap();
        assert!(ended.iter().all(|effect| effect.same_request), "{model}: also when the offer's id is filled in");
    }
}

#[tokio::test]
async fn row_27_the_same_token_and_request_have_one_effect_and_one_answer() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "lose_answer", "times": 1 })).await;
    let write = create(upfront(&desk.buyer()));
    desk.aws.submit(&call(1), &write).await.unwrap_err();
    let second = desk.aws.submit(&call(1), &write).await.unwrap();
    let third = desk.aws.submit(&call(1), &write).await.unwrap();
    assert_eq!(second, third);
    assert_eq!(desk.applied(call(1).token).await, 1);
}

#[tokio::test]
async fn row_33_a_hidden_change_set_is_absent_at_first_and_found_later() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "hide_change_sets", "for": "PT2M", "times": 1 })).await;
    let write = create(upfront(&desk.buyer()));
    desk.aws.submit(&call(1), &write).await.unwrap();
    assert_eq!(desk.aws.find(&call(1).key, &write).await.unwrap(), []);
    desk.advance("PT3M").await;
    assert_eq!(desk.aws.find(&call(1).key, &write).await.unwrap().len(), 1);
    assert_eq!(desk.applied(call(1).token).await, 1);
}

#[tokio::test]
async fn a_twin_that_an_ignored_token_made_is_found_and_never_silent() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "ignore_client_token" })).await;
    let write = create(upfront(&desk.buyer()));
    let first = desk.aws.submit(&call(1), &write).await.unwrap();
    let twin = desk.aws.submit(&call(1), &write).await.unwrap();
    assert_ne!(first, twin);
    desk.advance("PT1S").await;
    let found = desk.aws.find(&call(1).key, &write).await.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|effect| effect.same_request && matches!(effect.state, ChangeState::Applied { .. })));
}

#[tokio::test]
async fn our_key_on_another_request_is_told_apart() {
    let desk = Desk::new().await;
    desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await.unwrap();
    for other in
        [create(instalments(&desk.buyer())), Write::WithdrawOffer { offer_id: "offer-another000000".to_owned() }]
    {
        let found = desk.aws.find(&call(1).key, &other).await.unwrap();
        assert!(matches!(found.as_slice(), [effect] if !effect.same_request), "{found:?}");
    }
    assert_eq!(desk.aws.find(&call(2).key, &create(upfront(&desk.buyer()))).await.unwrap(), []);
}

#[tokio::test]
async fn row_32_all_pages_are_read_also_when_a_page_token_expires_between_them() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "ignore_client_token" })).await;
    let write = create(upfront(&desk.buyer()));
    for _ in 0..23 {
        desk.aws.submit(&call(1), &write).await.unwrap();
    }
    desk.fault(json!({ "op": "ListChangeSets", "effect": "expire_page_tokens", "times": 2 })).await;
    assert_eq!(desk.aws.find(&call(1).key, &write).await.unwrap().len(), 23);
}

#[tokio::test]
async fn row_66_every_write_of_ours_since_an_instant_is_listed_with_its_step() {
    let desk = Desk::new().await;
    desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await.unwrap();
    desk.advance("PT2H").await;
    let since = desk.now().await;
    for n in 2..25 {
        desk.aws.submit(&call(n), &create(upfront(&desk.buyer()))).await.unwrap();
    }
    desk.advance("PT1S").await;
    let ours = desk.aws.ours_since(since).await.unwrap();
    let mut steps: Vec<u64> = ours.iter().map(|write| write.key.invoke.seq).collect();
    // The stopped clock began them all at one instant.
    steps.sort_unstable();
    assert_eq!(steps, (2..25).collect::<Vec<u64>>(), "all pages, and nothing older");
    assert!(ours.iter().all(|write| write.key.run == call(2).key.run && write.began_at >= since));
    assert!(ours.iter().all(|write| matches!(write.state, ChangeState::Applied { offer_id: Some(_), .. })));
}
