//! The storm of `tests/torture`, over three processes at a time.

use crate::{ground, torture};

#[tokio::test(flavor = "multi_thread")]
async fn p4_p5_kills_on_a_server_with_three_processes_lose_nothing_and_do_nothing_twice() {
    ground::require_server();
    torture::bear().await;
}
