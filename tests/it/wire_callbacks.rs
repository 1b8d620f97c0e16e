//! SerdiPay's callbacks over HTTP: signed and not, to the right address and not, twice, in the wrong order, too
//! early, unreadable, far too long.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;

use crate::{
    app::{CALLBACK_SECRET, TestApp},
    wire::{IMPATIENT, ours},
};

on_both_databases!(
    a_callback_without_a_signature_is_refused,
    a_callback_with_a_wrong_signature_is_refused,
    a_callback_to_a_wrong_path_token_is_refused,
    where_the_path_alone_is_proof_a_callback_needs_no_signature,
    a_secret_that_is_put_right_lets_the_next_try_in,
    callbacks_that_come_three_times_settle_once,
    a_failure_and_then_a_success_settle_late_and_once,
    a_success_and_then_a_failure_stay_a_success,
    a_callback_before_the_answer_settles_once,
    a_success_after_minutes_settles,
    another_amount_or_currency_waits_for_a_person,
    garbage_is_kept_and_alerts,
    ten_megabytes_are_refused_and_nothing_of_them_is_kept,
    a_callback_without_amount_or_reference_is_known_by_its_session,
    a_portal_that_was_down_hears_the_next_try,
);

/// A sale until its callbacks are sent for the first time: order and payment.
async fn sell(app: &TestApp, token: &str, suffix: &str) -> (String, String) {
    let order = app.order(token, "1DAY", 1).await;
    let payment = app.pay(token, &order, suffix).await;
    app.settle().await;
    app.pass_a_second().await;
    (order, payment)
}

/// That callbacks of a kind are refused as often as they are sent, and that the payment runs out of time.
async fn are_refused(database: TestDatabase, suffix: &str) {
    let app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let (order, payment) = sell(&app, &token, suffix).await;
    for _ in 0..4 {
        app.pass(Duration::minutes(6)).await;
        app.run(Task::ReconcilePayments).await;
    }
    let callback = app.last_charge().callbacks.remove(0);
    assert_eq!((callback.accepted, callback.attempts), (false, 5));
    assert!(app.callbacks().await.is_empty());
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "expired"]);
    assert_eq!((app.on_router(&order), app.events("PaymentSucceeded").await), (0, 0));
    app.end().await;
}

async fn a_callback_without_a_signature_is_refused(database: TestDatabase) {
    are_refused(database, "0025").await;
}

async fn a_callback_with_a_wrong_signature_is_refused(database: TestDatabase) {
    are_refused(database, "0026").await;
}

async fn a_callback_to_a_wrong_path_token_is_refused(database: TestDatabase) {
    are_refused(database, "0027").await;
}

async fn where_the_path_alone_is_proof_a_callback_needs_no_signature(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[("SERDIPAY_WEBHOOK_SECRET", "")]).await;
    let token = app.log_in("user1@demo.test").await;
    let (order, _) = sell(&app, &token, "0025").await;
    assert_eq!((app.callbacks().await, app.on_router(&order)), (vec!["applied".to_owned()], 1));
    let (order, _) = sell(&app, &token, "0027").await;
    assert_eq!((app.callbacks().await.len(), app.on_router(&order)), (1, 0));
    app.end().await;
}

async fn a_secret_that_is_put_right_lets_the_next_try_in(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let secret = |secret: Option<&str>| {
        let secret = secret.map(str::to_owned);
        app.wire().payments.change(|behaviour| behaviour.serdipay.hmac_secret = secret);
    };
    let token = app.log_in("user1@demo.test").await;
    for wrong in [None, Some(ours("SERDIPAY_SECRET_KEY"))] {
        secret(wrong.as_deref());
        let (order, payment) = sell(&app, &token, "0000").await;
        assert_eq!(app.payment_status(&token, &payment).await, "pending");
        secret(Some(CALLBACK_SECRET));
        app.pass(Duration::seconds(2)).await;
        assert_eq!(app.payment_status(&token, &payment).await, "success");
        assert_eq!(app.on_router(&order), 1);
    }
    assert_eq!(app.callbacks().await, ["applied", "applied"]);
    app.end().await;
}

/// A sale with callbacks of a kind: what becomes of payment and callbacks, with one unit in the end.
async fn settle_once(database: TestDatabase, suffix: &str, moves: &[&str], callbacks: &[&str]) {
    let app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let (order, payment) = sell(&app, &token, suffix).await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.moves(&payment).await, moves);
    assert_eq!(app.callbacks().await, callbacks);
    assert!(app.last_charge().callbacks.iter().all(|callback| callback.accepted));
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((app.charges().len(), app.on_router(&order), app.text_messages().len()), (1, 1, 1));
    assert_eq!(app.wire().router.times_executed("/ip/hotspot/user/add"), 1);
    assert_eq!(app.balances().await["revenue"], -300);
    app.end().await;
}

async fn callbacks_that_come_three_times_settle_once(database: TestDatabase) {
    settle_once(database, "0005", &["submitting", "pending", "success"], &["applied"]).await;
}

async fn a_failure_and_then_a_success_settle_late_and_once(database: TestDatabase) {
    let moves = ["submitting", "pending", "failed", "success"];
    settle_once(database, "0006", &moves, &["applied", "applied"]).await;
}

async fn a_success_and_then_a_failure_stay_a_success(database: TestDatabase) {
    let moves = ["submitting", "pending", "success"];
    settle_once(database, "0014", &moves, &["applied", "ignored"]).await;
}

async fn a_callback_before_the_answer_settles_once(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let (order, payment) = sell(&app, &token, "0004").await;
    assert_eq!(app.payment_status(&token, &payment).await, "success");
    assert!(!app.payment(&payment).await.late);
    assert_eq!((app.charges().len(), app.on_router(&order)), (1, 1));
    app.end().await;
}

async fn a_success_after_minutes_settles(database: TestDatabase) {
    settle_once(database, "0007", &["submitting", "pending", "success"], &["applied"]).await;
}

async fn another_amount_or_currency_waits_for_a_person(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    for suffix in ["0008", "0009"] {
        let (order, payment) = sell(&app, &token, suffix).await;
        assert_eq!(app.moves(&payment).await, ["submitting", "pending", "held"]);
        assert_eq!(app.on_router(&order), 0);
    }
    assert_eq!(app.alerts().await, ["payment_held", "payment_held"]);
    assert!(app.router_users().is_empty());
    app.end().await;
}

async fn garbage_is_kept_and_alerts(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let (_, payment) = sell(&app, &token, "0016").await;
    assert_eq!(app.callbacks().await, ["unreadable"]);
    assert_eq!(app.alerts().await, ["callback_unreadable"]);
    assert_eq!(app.payment_status(&token, &payment).await, "pending");
    assert!(app.last_charge().callbacks[0].accepted);
    app.end().await;
}

async fn ten_megabytes_are_refused_and_nothing_of_them_is_kept(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let (order, payment) = sell(&app, &token, "0028").await;
    let callbacks = app.last_charge().callbacks;
    assert!(!callbacks[0].accepted && callbacks[0].attempts == 1 && callbacks[1].accepted, "{callbacks:?}");
    assert_eq!(app.callbacks().await, ["applied"]);
    assert_eq!(app.payment_status(&token, &payment).await, "success");
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

async fn a_callback_without_amount_or_reference_is_known_by_its_session(database: TestDatabase) {
    let app = TestApp::on_wire(database, &IMPATIENT).await;
    app.wire().payments.change(|behaviour| {
        (behaviour.serdipay.tells_amount, behaviour.serdipay.echoes_reference) = (false, false);
    });
    let token = app.log_in("user1@demo.test").await;
    let (order, payment) = sell(&app, &token, "0000").await;
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "success"]);
    assert_eq!(app.on_router(&order), 1);
    // Where the answer was lost there is no session to know it by.
    let (order, payment) = sell(&app, &token, "0010").await;
    assert_eq!(app.payment_status(&token, &payment).await, "unknown");
    assert_eq!(app.callbacks().await, ["applied", "unmatched"]);
    assert_eq!(app.on_router(&order), 0);
    app.end().await;
}

async fn a_portal_that_was_down_hears_the_next_try(database: TestDatabase) {
    let mut app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 1).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.stop().await;
    app.pass_a_second().await;
    assert_eq!(app.last_charge().callbacks[0].attempts, 1);
    let other = app.second(&[]).await;
    app.wire().call_back(&other.base);
    other.pass(Duration::seconds(2)).await;
    assert_eq!(other.order_status(&token, &order).await, "completed");
    assert_eq!((other.charges().len(), other.on_router(&order)), (1, 1));
    other.end().await;
}
