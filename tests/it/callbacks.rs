//! What gateways tell us: twice, in the wrong order, too early, about nothing we know. The router's and the
//! gateway's own books say what became of it.

use billing::PaymentStatus;
use chrono::Duration;
use futures_util::future::join_all;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    witnesses::{failure_of, success_of},
};

on_both_databases!(
    fifty_equal_callbacks_at_once_settle_once,
    fifty_equal_callbacks_at_once_on_two_processes_settle_once,
    a_callback_that_comes_three_times_settles_once,
    a_failure_after_a_success_is_kept_and_changes_nothing,
    a_success_after_a_failure_settles_late_and_once,
    a_callback_that_is_faster_than_the_answer_settles,
    a_callback_is_matched_once_its_payment_learns_the_reference,
    a_callback_is_matched_once_another_tells_both_names,
    a_callback_that_names_nothing_alerts_once,
    a_success_for_a_payment_that_was_never_submitted_waits_for_a_person,
    a_callback_that_cannot_be_read_is_kept_and_alerts,
    a_callback_that_is_too_large_is_refused,
    a_callback_that_cannot_be_kept_is_asked_for_again,
);

/// That an order was settled once: one capture, and exactly its credentials on the router and on the phone.
async fn assert_settled_once(app: &TestApp, order: &str, units: usize) {
    assert_eq!(app.events("PaymentSucceeded").await, 1);
    assert_eq!(app.balances().await["revenue"], -150 * i64::try_from(units).unwrap());
    assert_eq!(app.on_router(order), units);
    assert_eq!(app.router_state().users.len(), units);
    assert_eq!(app.router_state().calls["create_user"].done, units as u64);
    assert_eq!(app.text_messages().len(), units);
}

async fn fifty_equal_callbacks_at_once_settle_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;

    let body = success_of(&app.last_charge()).to_string();
    for reply in join_all((0..50).map(|_| app.callback(&body))).await {
        reply.accepted();
    }
    app.settle().await;

    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "success"]);
    assert_eq!(app.callbacks().await, ["applied"]);
    assert_settled_once(&app, &order, 1).await;
    app.end().await;
}

async fn fifty_equal_callbacks_at_once_on_two_processes_settle_once(database: TestDatabase) {
    let first = TestApp::start(database).await;
    let mut second = first.second(&[]).await;
    let token = first.log_in("user1@demo.test").await;
    let order = first.order(&token, "2H", 3).await;
    let payment = first.pay(&token, &order, "0003").await;
    first.settle().await;
    // Moves are told apart by their time: two processes do not share the order of their ids.
    first.around.clock.advance(chrono::Duration::seconds(1));

    let body = success_of(&first.last_charge()).to_string();
    let callbacks = (0..50).map(|number| if number % 2 == 0 { &first } else { &second });
    let (replies, (), ()) =
        tokio::join!(join_all(callbacks.map(|app| app.callback(&body))), first.settle(), second.settle());
    for reply in replies {
        reply.accepted();
    }
    tokio::join!(first.settle(), second.settle());

    assert_eq!(second.moves(&payment).await, ["submitting", "pending", "success"]);
    assert_eq!(first.callbacks().await, ["applied"]);
    assert_settled_once(&first, &order, 3).await;
    second.stop().await;
    first.end().await;
}

async fn a_callback_that_comes_three_times_settles_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    app.pay(&token, &order, "0005").await;
    app.settle().await;
    app.pass_a_second().await;

    assert_eq!(app.last_charge().callbacks.iter().filter(|callback| callback.accepted).count(), 3);
    assert_settled_once(&app, &order, 1).await;
    app.end().await;
}

async fn a_failure_after_a_success_is_kept_and_changes_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0014").await;
    app.settle().await;
    app.pass_a_second().await;

    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "success"]);
    assert_eq!(app.callbacks().await, ["applied", "ignored"]);
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_settled_once(&app, &order, 1).await;
    app.end().await;
}

async fn a_success_after_a_failure_settles_late_and_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0006").await;
    app.settle().await;
    app.pass(Duration::milliseconds(400)).await;
    assert_eq!(app.payment_status(&token, &payment).await, "failed");
    assert_eq!(app.order_status(&token, &order).await, "pending");
    assert!(app.router_state().users.is_empty());

    app.pass_a_second().await;
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "failed", "success"]);
    assert!(app.payment(&payment).await.late);
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_settled_once(&app, &order, 1).await;
    app.end().await;
}

async fn a_callback_that_is_faster_than_the_answer_settles(database: TestDatabase) {
    let first = TestApp::start(database).await;
    let mut second = first.second(&[]).await;
    let token = first.log_in("user1@demo.test").await;
    for _ in 0..4 {
        let order = first.order(&token, "2H", 1).await;
        let payment = first.pay(&token, &order, "0004").await;
        // Two workers, so that the callback may be looked at while its charge still waits for the answer.
        let (done, also_done) = tokio::join!(first.worker.drain(), second.worker.drain());
        done.and(also_done).unwrap();
        first.settle().await;

        let charge = first.last_charge();
        let kept = first.payment(&payment).await;
        assert_eq!((kept.status, kept.late), (PaymentStatus::Success, false));
        assert_eq!(kept.provider_ref.as_deref(), Some(charge.provider_ref.as_str()));
        assert_eq!(first.on_router(&order), 1);
    }
    assert_eq!(first.charges().len(), 4);
    second.stop().await;
    first.end().await;
}

async fn a_callback_is_matched_once_its_payment_learns_the_reference(database: TestDatabase) {
    let app = TestApp::start(database).await;
    // The name that the gateway will give to its first charge; ours is not in it.
    let body = json!({"payment": {
        "status": "success", "sessionId": "700000000", "amount": "1.50", "currency": "CDF",
    }});
    app.hear(&body).await;
    assert_eq!(app.callbacks().await, ["unmatched"]);

    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;

    assert_eq!(app.last_charge().provider_ref, "700000000");
    assert_eq!(app.callbacks().await, ["applied"]);
    assert_eq!(app.payment_status(&token, &payment).await, "success");
    assert_settled_once(&app, &order, 1).await;
    app.end().await;
}

async fn a_callback_is_matched_once_another_tells_both_names(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0015").await;
    app.settle().await;
    // Nobody here knows the gateway's name for it: its answer was lost.
    let mut nameless = success_of(&app.last_charge());
    nameless.as_object_mut().unwrap().remove("message");
    app.hear(&nameless).await;
    assert_eq!(app.callbacks().await, ["unmatched"]);
    assert_eq!(app.payment_status(&token, &payment).await, "unknown");

    let mut pending = success_of(&app.last_charge());
    pending["payment"]["status"] = json!("pending");
    app.hear(&pending).await;
    assert_eq!(app.callbacks().await, ["applied", "applied"]);
    assert_eq!(app.moves(&payment).await, ["submitting", "unknown", "pending", "success"]);
    assert_settled_once(&app, &order, 1).await;
    app.end().await;
}

async fn a_callback_that_names_nothing_alerts_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let body = json!({
        "message": "0c6e3ff4-7a26-4f2c-9f0b-3f9f1f3f9a11",
        "payment": {"status": "success", "sessionId": "1", "amount": "1.50", "currency": "CDF"},
    });
    app.hear(&body).await;
    app.run(Task::ReconcilePayments).await;
    assert!(app.alerts().await.is_empty());

    for _ in 0..3 {
        app.pass(Duration::minutes(16)).await;
        app.run(Task::ReconcilePayments).await;
    }
    assert_eq!(app.alerts().await, ["callback_unmatched"]);
    assert_eq!(app.callbacks().await, ["unmatched"]);
    assert_eq!(app.events("PaymentSucceeded").await, 0);
    app.end().await;
}

async fn a_success_for_a_payment_that_was_never_submitted_waits_for_a_person(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0000").await;
    let reference = app.payment(&payment).await.reference;
    let body = json!({
        "message": reference,
        "payment": {"status": "success", "sessionId": "9", "amount": "1.50", "currency": "CDF"},
    });
    // A second ago, so that the callback's turn comes before the submission's.
    app.around.clock.advance(Duration::seconds(-1));
    app.hear(&body).await;
    assert_eq!(app.payment_status(&token, &payment).await, "held");

    app.pass(Duration::hours(2)).await;
    app.run(Task::ExpireOrders).await;
    assert_eq!(app.moves(&payment).await, ["held"]);
    assert_eq!(app.payment(&payment).await.reason.as_deref(), Some("never_submitted"));
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(app.order_status(&token, &order).await, "pending");
    assert_eq!(app.alerts().await, ["payment_held"]);
    assert!(app.charges().is_empty() && app.router_state().users.is_empty());
    app.end().await;
}

async fn a_callback_that_cannot_be_read_is_kept_and_alerts(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0016").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.callbacks().await, ["unreadable"]);
    assert_eq!(app.alerts().await, ["callback_unreadable"]);

    let charge = app.last_charge();
    let without_status = json!({"message": charge.reference, "payment": {"sessionId": charge.provider_ref}});
    let bodies = [Value::Null, json!([success_of(&charge)]), json!({}), without_status];
    for body in &bodies {
        app.hear(body).await;
    }
    app.callback("").await.accepted();
    app.callback(&success_of(&charge).to_string()[..40]).await.accepted();
    app.settle().await;
    assert_eq!(app.callbacks().await, ["unreadable"; 7]);
    assert_eq!(app.alerts().await, ["callback_unreadable"; 7]);
    assert_eq!(app.payment_status(&token, &payment).await, "pending");
    app.end().await;
}

async fn a_callback_that_is_too_large_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;

    let mut body = failure_of(&app.last_charge());
    body["padding"] = json!("x".repeat(64 * 1024));
    assert_eq!(app.callback(&body.to_string()).await.status, 413);
    app.settle().await;
    assert!(app.callbacks().await.is_empty());
    assert_eq!(app.payment_status(&token, &payment).await, "pending");
    app.end().await;
}

async fn a_callback_that_cannot_be_kept_is_asked_for_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;
    let body = success_of(&app.last_charge()).to_string();

    // A schema in the midst of a change, or a full disk: the gateway must not believe that we have it.
    app.database.execute("ALTER TABLE gateway_callbacks RENAME TO elsewhere").await;
    assert_eq!(app.callback(&body).await.code(503), "service_unavailable");
    app.database.execute("ALTER TABLE elsewhere RENAME TO gateway_callbacks").await;
    assert!(app.callbacks().await.is_empty());

    app.callback(&body).await.accepted();
    app.settle().await;
    assert_eq!(app.payment_status(&token, &payment).await, "success");
    assert_settled_once(&app, &order, 1).await;
    app.end().await;
}
