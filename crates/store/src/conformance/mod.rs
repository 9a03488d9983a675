//! The laws that every store keeps, whatever it is made of.
//!
//! Each law is an async function over a fresh, empty store; `conformance_tests!` expands to one test per law. A change
//! to what a store promises is made here first.

pub mod archives;
pub mod audit;
pub mod documents;
pub mod fixture;
pub mod imports;
pub mod intents;
pub mod keys;
pub mod leases;
pub mod ledger;
pub mod messages;
pub mod notices;
pub mod runs;
pub mod schedules;
pub mod scopes;
pub mod spend;
pub mod steps;
pub mod tasks;
pub mod timers;
pub mod together;
pub mod tokens;

/// Expands to one test per law. `$make` names an async function of the calling module that returns a new, empty store as
/// `Arc<dyn Store>`, and something to keep until the test has ended.
#[macro_export]
macro_rules! conformance_tests {
    ($make:ident) => {
        $crate::conformance_tests! { @topics $make
            steps {
                a_step_and_all_that_belongs_to_it_become_visible_together
                steps_count_from_one_without_gaps_and_hash_their_predecessors
                a_stale_step_is_left_out_and_told_where_the_run_stands
                a_step_under_a_passed_fence_is_left_out
                a_step_without_any_lease_is_left_out
                one_bad_step_among_sixty_four_fails_alone
                a_run_stepped_twice_in_one_batch_moves_once
                a_refused_step_leaves_nothing_behind
            }
            runs {
                a_run_is_found_by_id_and_label
                a_list_ascends_by_label_and_pages_without_loss
                a_list_is_narrowed_by_every_filter
                a_series_never_gives_a_number_twice
            }
            keys {
                a_key_finds_its_run_until_it_is_replaced
                a_unique_key_has_one_owner_until_its_run_ends
                two_claims_of_one_key_in_one_batch_have_one_winner
            }
            messages {
                the_same_key_and_body_have_one_effect_and_the_same_answer
                a_used_key_with_another_body_is_refused
                ten_senders_of_one_key_have_one_effect
                a_message_waits_until_a_step_answers_it
                a_message_is_answered_once
                a_message_can_be_answered_by_the_batch_that_appends_it
                a_step_sends_no_second_message_under_a_key_that_comes_with_it
                a_batch_does_not_answer_a_message_that_came_before
                a_batch_does_not_answer_out_of_turn
                a_verdict_without_a_step_needs_the_fence_of_its_shard
                what_a_step_sends_waits_in_the_receivers_inbox
                waiting_messages_come_in_order_and_in_portions
                what_waits_is_told_by_shard
            }
            intents {
                a_local_intent_is_open_until_the_step_that_closes_it
                a_local_intent_that_gives_way_leaves_the_next_one_fresh
                a_remote_intent_stays_as_evidence
                remote_intents_come_in_the_order_of_their_commits
                nothing_overtakes_an_earlier_call_about_the_same_object
                an_attempt_is_recorded_under_a_living_fence_only
                a_settlement_and_its_result_become_visible_together
                an_intent_settles_once
                an_intent_that_was_never_sent_can_be_forgotten
                an_intent_that_may_have_been_sent_is_kept_as_orphaned
                a_retry_offers_the_same_request_with_fresh_attempts
                a_local_intent_can_be_retried_while_an_incident_holds_the_run
                a_retry_of_nothing_is_refused
                accounts_with_work_tell_when_it_is_due
            }
            timers {
                a_timer_comes_due_exactly_at_its_instant
                a_timer_is_rearmed_and_disarmed_with_its_step
                due_timers_come_earliest_first_for_the_shards_asked
            }
            leases {
                a_lease_has_one_holder
                a_change_of_holder_raises_the_fence
                a_holder_that_takes_again_keeps_its_fence
                a_lease_is_renewed_and_given_back_with_its_fence_only
            }
            tasks {
                a_task_is_open_from_its_step_until_the_step_that_closes_it
                a_closed_key_may_be_opened_again
                tasks_are_narrowed_by_every_filter
                an_open_task_can_be_assigned_and_snoozed
            }
            notices {
                a_steps_notice_is_due_once
                an_attempt_moves_a_notice_on
                a_notice_from_outside_a_step_is_added_once
            }
            schedules {
                an_occurrence_is_claimed_by_exactly_one_of_sixteen
                an_occurrence_ends_once
                a_watermark_never_moves_back
                a_job_is_paused_and_resumed
            }
            documents {
                a_version_never_changes_its_text
                one_version_is_in_force
                a_setting_is_read_as_last_written
                a_setting_is_replaced_only_as_it_was_read
                of_many_who_replace_what_they_read_each_builds_on_the_one_before
            }
            ledger {
                an_amount_is_reserved_then_spent_in_part_then_given_back
                a_refused_posting_takes_its_whole_step_back
                a_second_posting_that_is_refused_takes_the_first_one_back
                sixty_four_writers_never_oversubscribe_a_fund
                a_step_books_several_postings_or_none
                arbitrary_postings_leave_what_the_book_says
                balances_are_narrowed_by_every_filter
                funds_and_currencies_do_not_mix
                entries_come_in_portions
            }
            scopes {
                a_party_never_receives_another_partys_data
                a_party_cannot_write_to_another_partys_run
                a_legal_entity_is_a_border_too
                what_belongs_to_nobody_is_the_vendors
            }
            audit {
                history_is_read_in_the_order_of_its_commits
                seals_form_one_chain_over_all_of_history
                a_new_epoch_replaces_the_old_one
                a_sound_database_has_no_findings
            }
            archives {
                only_what_has_ended_rests_and_is_sealed_can_be_archived
                an_archive_is_recorded_whole_and_once
                an_archived_run_takes_no_step_and_answers_as_before
                what_archives_hold_may_leave_and_everything_else_stays
                a_party_is_not_told_where_anothers_history_lies
            }
            imports {
                an_import_is_begun_once_and_goes_on_where_it_was
                a_line_is_there_once_whatever_file_brings_it
                nothing_of_an_import_counts_before_somebody_else_agrees
                what_was_not_applied_can_be_taken_out_and_what_was_stays
                what_was_paid_adds_up_by_fund_and_partner
            }
            spend {
                a_reading_is_begun_once_and_goes_on_where_it_was
                what_portions_say_of_a_key_adds_up_exactly
                a_reading_counts_once_it_is_published_and_replaces_the_former_of_its_partition
                what_was_published_stays_and_what_was_not_can_be_taken_out
                a_buyers_spend_is_shown_within_its_scope_alone
            }
            tokens {
                a_token_is_found_by_its_hash_alone
                tokens_are_listed_by_person
                a_token_is_revoked_once_and_for_good
            }
            together {
                concurrent_batches_each_get_their_own_outcome
                a_run_raced_for_by_many_moves_once_per_step
                reading_never_sees_half_a_step
                large_batches_are_taken_whole
            }
        }
    };
    (@topics $make:ident $($topic:ident { $($law:ident)* })*) => {
        $(mod $topic {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let (store, _keep) = super::$make().await;
                $crate::conformance::$topic::$law(store).await;
            })*
        })*
    };
}
