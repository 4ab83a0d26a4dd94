"""What the bot must withstand, row by row, and the tests that prove each row: the source of docs/reliability.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, what must happen, and the tests: ``file::function``, in tests/faults unless a folder stands before."""

    fault: str
    must: str
    tests: tuple[str, ...]


ROWS = (
    Row(
        "the same update twice, 100 times, on two replicas",
        "acts once",
        (
            "test_delivery.py::test_the_same_press_a_hundred_times_on_two_replicas_approves_once",
            "test_delivery.py::test_a_press_delivered_a_hundred_times_at_once_approves_once",
            "test_delivery.py::test_the_same_command_a_hundred_times_on_two_replicas_is_answered_once",
        ),
    ),
    Row(
        "updates out of order, gaps in ids",
        "handled; each person's order kept",
        ("test_delivery.py::test_gaps_and_a_late_smaller_id_are_handled_in_each_persons_order",),
    ),
    Row(
        "an update that cannot be parsed between two good ones",
        "the others are served; it is logged once",
        (
            "test_delivery.py::test_polling_serves_the_updates_around_one_that_cannot_be_parsed",
            "test_delivery.py::test_webhook_serves_the_updates_around_one_that_cannot_be_parsed",
        ),
    ),
    Row(
        "handler raises, hangs, sleeps 60 s",
        "person told with an id; freed at the 8 s deadline; the others unhindered",
        (
            "test_telegram.py::test_a_handler_that_raises_tells_the_person_an_id_that_stands_in_the_log",
            "test_telegram.py::test_a_handler_that_hangs_frees_the_person_at_the_deadline_and_hinders_nobody",
        ),
    ),
    Row(
        "kill -9 at random moments under load, then restart",
        "0 updates lost, 0 writes made twice, drafts kept",
        (
            "test_kill.py::test_killed_at_random_moments_nothing_is_lost_and_nothing_done_twice",
            "test_kill.py::test_killed_between_the_note_of_a_write_and_its_screen_the_person_sees_the_final_state",
            "test_kill.py::test_killed_between_the_note_of_a_form_step_and_its_screen_the_press_is_answered_and_the_draft_kept",
        ),
    ),
    Row(
        "kill -9 between the backend's create and the bot's answer",
        "one record; the person sees the final state",
        (
            "test_kill.py::test_killed_between_the_create_and_the_answer_there_is_one_record",
            "test_kill.py::test_a_create_whose_answer_never_comes_is_not_made_again_by_another_press",
            "test_kill.py::test_a_create_that_is_looked_for_in_vain_while_the_backend_is_down_stays_unknown",
        ),
    ),
    Row(
        "kill -9 inside long work: exports, mailings, scheduled broadcasts and coffee rounds",
        "gone on with by another worker; nothing lost, nothing twice",
        (
            "test_export.py::test_a_worker_killed_in_the_middle_leaves_it_to_the_next_which_sends_one_file",
            "test_export.py::test_the_other_replica_goes_on_and_one_file_comes",
            "test_mailings.py::test_killed_in_the_middle_of_a_batch_no_user_gets_it_twice",
            "test_broadcasts.py::test_killed_in_the_middle_it_is_sent_once_by_the_next",
            "test_broadcasts.py::test_two_replicas_that_are_told_at_once_send_it_once",
            "test_coffee.py::test_killed_while_it_stores_the_round_there_is_one",
            "test_coffee.py::test_two_replicas_that_are_told_at_once_store_one",
        ),
    ),
    Row(
        "kill -9, SIGTERM, a second replica or Telegram's limits while members are told of a match",
        "each is told once or named as unclear, never twice; every group ends noted as told",
        (
            "test_telling.py::test_killed_and_started_again_everybody_is_told_once_or_named",
            "test_telling.py::test_another_replica_goes_on_while_both_are_asked_again_and_again",
            "test_telling.py::test_two_replicas_that_are_told_at_once_tell_everybody_once",
            "test_telling.py::test_sigterm_in_the_middle_leaves_nothing_unclear",
            "test_telling.py::test_a_flood_limit_met_by_one_replica_is_obeyed_by_the_other",
            "test_telling.py::test_killed_between_a_scheduled_round_and_its_telling_its_people_are_told",
            "test_telling.py::test_many_are_told_as_fast_as_telegram_takes_it",
        ),
    ),
    Row(
        "kill -9 inside the undo window, and over decisions of every age",
        "each carried out exactly once; what was undone stays undone",
        (
            "test_decisions.py::test_one_kill_with_decisions_of_every_age_loses_none_and_repeats_none",
            "test_decisions.py::test_killed_right_after_the_press_it_is_decided_once",
            "test_decisions.py::test_coins_go_back_once_although_the_bot_died_over_it",
        ),
    ),
    Row(
        "SIGTERM under load; two replicas rolled one after the other",
        "0 failed, 0 lost, exit 0 within 25 s",
        (
            "test_drain.py::test_sigterm_under_load_finishes_everything_and_exits_with_0",
            "test_drain.py::test_a_busy_update_is_finished_before_the_process_ends",
            "test_drain.py::test_two_replicas_rolled_one_after_the_other_lose_nothing",
        ),
    ),
    Row(
        "Redis refused",
        "clear text within 2.5 s, webhook 503 + Retry-After, no login, goes on by itself",
        (
            "test_redis.py::test_refused_during_work_is_told_at_once_and_goes_on_by_itself",
            "test_redis.py::test_refused_at_the_start_is_no_reason_to_end",
        ),
    ),
    Row(
        "Redis hung (SIGSTOP)",
        "the same",
        ("test_redis.py::test_frozen_is_told_within_the_limit_and_goes_on_when_it_thaws",),
    ),
    Row(
        "Redis restarted empty",
        "sessions come back from the backend, but for those that ended; old writes do nothing",
        (
            "test_redis.py::test_restarted_empty_the_session_comes_back_and_old_writes_do_nothing",
            "test_redis.py::test_restarted_empty_nobody_comes_back_who_had_signed_out",
            "test_redis.py::test_an_idled_session_is_not_restored",
        ),
    ),
    Row(
        "Redis restarted with AOF",
        "everything is still there",
        ("test_redis.py::test_restarted_with_its_file_everything_is_still_there",),
    ),
    Row(
        "Redis out of memory",
        "clear text, nothing reaches the backend, goes on by itself",
        ("test_redis.py::test_out_of_memory_is_told_and_nothing_is_written_half",),
    ),
    Row(
        "a master of Redis killed, by Sentinel and in a Cluster",
        "everything works on both; a pause of seconds, nothing lost, nothing twice",
        (
            "test_redis_topologies.py::test_people_sign_in_read_write_and_leave_and_jobs_are_done",
            "test_redis_topologies.py::test_a_failover_is_a_short_pause_in_which_nothing_is_lost_or_done_twice",
        ),
    ),
    Row(
        "keys deleted at random",
        "costs a login or a screen and nothing else",
        ("test_redis.py::test_keys_deleted_at_random_cost_a_login_or_a_screen_and_nothing_else",),
    ),
    Row(
        "backend refused, DNS error, black hole, drip, latency, lost answers",
        "bounded by the deadline, one clear text, over when it is over",
        (
            "test_backend.py::test_a_refused_connection_is_told_and_a_write_may_be_pressed_again",
            "test_backend.py::test_trouble_on_the_way_is_told_in_time_and_over_when_it_is_over",
        ),
    ),
    Row(
        "backend 500, 503, 429, hangs, drips, resets, HTML, broken JSON, wrong types, too large, redirect: reads",
        "retried where it helps, one clear text with a way on, pool healthy",
        (
            "test_backend.py::test_a_read_that_fails_is_told_once_with_retry",
            "unit/api/test_transport.py::test_pool_survives_thousands_of_cancelled_calls",
            "unit/api/test_transport.py::test_connection_is_not_reused_after_a_5xx",
        ),
    ),
    Row(
        "the same: writes",
        "sent once; a second press settles what became of it",
        (
            "test_backend.py::test_a_write_is_sent_once_and_a_second_press_settles_it",
            "test_backend.py::test_a_decision_whose_answer_is_lost_is_read_back_and_not_sent_twice",
            "test_backend.py::test_after_a_refused_write_the_very_next_press_is_no_longer_pending",
        ),
    ),
    Row(
        "backend redirects elsewhere",
        "the token never leaves the host",
        ("test_backend.py::test_the_token_never_reaches_another_host",),
    ),
    Row(
        "one module, one person slow",
        "other modules and persons unaffected",
        (
            "test_backend.py::test_a_slow_module_leaves_the_others_alone",
            "test_backend.py::test_one_slow_person_does_not_slow_the_others",
        ),
    ),
    Row(
        "Telegram 429",
        "`retry_after` obeyed, not hammered",
        (
            "test_telegram.py::test_retry_after_is_obeyed_and_the_screen_comes",
            "test_telegram.py::test_a_long_flood_limit_is_not_hammered",
        ),
    ),
    Row(
        "Telegram 500, 502 HTML, empty body, timeout, reset",
        "no lost update, no endless loop",
        (
            "test_telegram.py::test_one_bad_answer_to_the_screen_does_not_lose_it",
            "test_telegram.py::test_a_bad_answer_to_the_callback_answer_costs_nothing_but_the_toast",
            "test_telegram.py::test_polling_goes_on_after_trouble_and_does_not_spin",
            "test_telegram.py::test_telegram_away_at_the_start_is_waited_for",
        ),
    ),
    Row(
        "409 second poller, 401",
        "told in the log, nothing done twice; 401 ends with a clear line and an exit code",
        (
            "test_telegram.py::test_a_second_poller_is_told_in_the_log_and_nothing_is_done_twice",
            "test_telegram.py::test_a_refused_token_ends_the_process_with_4_and_one_clear_line",
        ),
    ),
    Row(
        "message not modified, query too old, message vanished, blocked, chat not found",
        "quiet or sent anew; never an error to the person",
        (
            "test_telegram.py::test_not_modified_too_old_and_vanished_messages_are_no_errors",
            "test_telegram.py::test_a_person_who_blocked_the_bot_loses_nothing_and_stops_nobody",
        ),
    ),
    Row(
        "1,000 updates in a second",
        "nothing lost",
        ("test_load.py::test_a_thousand_updates_in_a_second_are_all_answered",),
    ),
    Row(
        "one person at 500 clicks/s",
        "nothing lost; the others' p99 unchanged",
        ("test_load.py::test_one_who_floods_slows_nobody_else_down",),
    ),
    Row(
        "two replicas: sessions ended, looking on, audit",
        "holds on both from the first press; one unbroken chain",
        (
            "test_office.py::test_a_revoked_session_is_over_on_both_replicas_at_once",
            "test_office.py::test_looking_on_holds_on_both_replicas_from_the_first_press",
            "test_office.py::test_two_replicas_write_one_unbroken_chain",
            "test_office.py::test_text_typed_at_once_is_read_by_the_screen_that_the_other_replica_showed",
        ),
    ),
)
