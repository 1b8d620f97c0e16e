//! A router that misbehaves on the wire in the middle of a sale: answers that are lost, late, cut, endless or not
//! understood. However often a user was asked for, the router has it once.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use simulators::routeros::Effect;

use crate::app::TestApp;

on_both_databases!(
    an_answer_that_is_lost_leaves_one_user,
    an_answer_that_never_comes_leaves_one_user,
    an_answer_that_is_cut_in_half_leaves_one_user,
    an_answer_that_comes_byte_by_byte_leaves_one_user,
    an_answer_that_is_no_sentence_leaves_one_user,
    a_word_of_two_gibibytes_leaves_one_user,
    a_sentence_without_end_leaves_one_user,
    rows_without_end_leave_one_user,
    a_fatal_error_leaves_one_user,
    a_connection_that_is_cut_at_every_command_leaves_one_user,
    a_slow_router_gets_its_users,
);

const ADD: &str = "/ip/hotspot/user/add";

/// What makes and changes users.
const CHANGES: [&str; 2] = [ADD, "/ip/hotspot/user/set"];

/// The first commands of all.
const EVERY: [&str; 3] = [""; 3];

/// A sale whose router does something else than answer, once for each of some commands.
async fn sell(database: TestDatabase, commands: &[&str], effect: Effect) {
    let app = TestApp::on_wire(database, &[("MIKROTIK_ANSWER_SECONDS", "1")]).await;
    for command in commands {
        app.wire().fault(command, effect, Some(1));
    }
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 1).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    for _ in 0..6 {
        app.pass(Duration::minutes(1)).await;
    }
    let left = app.wire().router.conditions().faults;
    assert!(left.iter().all(|fault| fault.command != commands[0]), "{left:?}");
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((app.on_router(&order), app.router_users().len()), (1, 1));
    assert_eq!(app.wire().router.times_executed(ADD), 1);
    assert_eq!((app.text_messages().len(), app.alerts().await.len()), (1, 0));
    app.end().await;
}

async fn an_answer_that_is_lost_leaves_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::LoseAnswer).await;
}

async fn an_answer_that_never_comes_leaves_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::NeverAnswer).await;
}

async fn an_answer_that_is_cut_in_half_leaves_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::HalfAnswer).await;
}

async fn an_answer_that_comes_byte_by_byte_leaves_one_user(database: TestDatabase) {
    sell(database, &EVERY, Effect::Trickle).await;
}

async fn an_answer_that_is_no_sentence_leaves_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::Garbage).await;
}

async fn a_word_of_two_gibibytes_leaves_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::HugeWord).await;
}

async fn a_sentence_without_end_leaves_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::EndlessSentence).await;
}

async fn rows_without_end_leave_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::EndlessRows).await;
}

async fn a_fatal_error_leaves_one_user(database: TestDatabase) {
    sell(database, &CHANGES, Effect::Fatal).await;
}

async fn a_connection_that_is_cut_at_every_command_leaves_one_user(database: TestDatabase) {
    sell(database, &EVERY, Effect::Cut).await;
}

async fn a_slow_router_gets_its_users(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    app.wire().router.change(|conditions| conditions.delay_ms = 100);
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 5).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((app.on_router(&order), app.router_users().len()), (5, 5));
    app.end().await;
}
