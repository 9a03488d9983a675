//! What is known of a send, for the person who has to decide what became of it.

use entente_core::ids::effect_token;
use entente_store::IntentRow;
use serde_json::{Value, json};

/// What was sent, under which token, how often and since when. The token is the one that every attempt used.
pub fn sent(row: &IntentRow) -> Value {
    let intent = &row.intent;
    json!({
        "operation": intent.activity,
        "account": intent.account,
        "invoke": intent.invoke,
        "request": intent.request,
        "request_hash": intent.request_hash,
        "token": effect_token(row.run, intent.invoke, &intent.activity, &intent.request_hash),
        "attempts": row.attempts,
        "first_sent_at": row.first_sent_at,
    })
}
