//! Row 44: a byte that flipped inside a text, where pages and references still fit together.

use crate::{classes::approved, ground};

/// Damages an installation whose next step publishes an offer; what a server says when it is started on it, and what
/// `entente verify` says.
async fn said_after(damage: &str) -> (String, String) {
    let (house, _) = approved("token_dedup").await;
    let database = house.path("entente.db");
    house.serve_until(Some("K1:marketplace.create_offer")).await.died().await;
    house.verify().await;
    ground::change(&database, damage).await;
    let mut server = house.serve().await;
    let status = server.ended().await;
    assert!(!status.success(), "it serves a damaged database: {}", server.said());
    let verified = house.run_command("ada", &["verify"]).await;
    assert_eq!(verified.status.code(), Some(7), "{verified:?}");
    (server.said(), String::from_utf8(verified.stdout).unwrap())
}

async fn is_found(damage: &str, words: &str) {
    let (serve, verify) = said_after(damage).await;
    assert!(serve.contains("is damaged") && serve.contains(words), "{serve}");
    assert!(verify.contains(words), "{verify}");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_another_price_in_a_request_that_was_not_sent_yet_is_found_before_it_leaves() {
    let damage = "UPDATE outbox SET request = replace(request, 'Acme', 'Acne')";
    is_found(damage, "the stored request of `marketplace.create_offer` is not the one that was decided").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_a_stored_state_that_its_history_does_not_make_is_found() {
    let damage = "UPDATE runs SET snapshot = replace(snapshot, 'Acme', 'Acne')";
    is_found(damage, "the stored state differs from its history in context").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_a_history_row_that_is_not_the_one_chained_is_found() {
    let damage = "DROP TRIGGER IF EXISTS history_keeps; UPDATE history SET record = replace(record, 'Acme', 'Acne') WHERE seq = 1";
    is_found(damage, "step 1 of its history is not the one that was chained").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_a_policy_whose_text_changed_is_never_read() {
    let (house, _) = approved("token_dedup").await;
    let damage = "UPDATE documents SET text = replace(text, 'deal_desk', 'deal_disk') WHERE kind = 'policy'";
    ground::change(&house.path("entente.db"), damage).await;
    let mut server = house.serve().await;
    assert!(!server.ended().await.success());
    assert!(server.said().contains("its text is not the one that was stored"), "{}", server.said());
}
