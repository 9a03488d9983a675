//! Days on which an older copy comes back, on the embedded store.

use crate::{copies, restore, restore_killed, rollback};

#[tokio::test(flavor = "multi_thread")]
async fn row_66_offers_made_after_the_backup_are_reported_and_none_is_made_twice() {
    restore::a_day_old_backup().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_66_what_cannot_be_read_back_holds_everything_until_a_person_has_looked() {
    restore::what_cannot_be_read_back().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_66_a_read_back_that_is_killed_again_and_again_ends_as_one_that_is_not_and_nothing_is_sent_meanwhile() {
    restore_killed::killed_again_and_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_42_a_database_rolled_back_behind_a_send_finds_it_and_goes_on_from_it() {
    restore::put_back_behind_a_send().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_42_a_database_put_back_between_two_seals_is_known_by_what_left_since() {
    rollback::put_back_between_two_seals().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_67_fifty_copies_made_while_runs_move_each_verify_once_they_are_restored() {
    copies::fifty_copies().await;
}
