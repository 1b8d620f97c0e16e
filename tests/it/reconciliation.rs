//! What keeps payments true when callbacks do not: questions to the gateway, done once by however many processes,
//! and decisions by people, with their proof.

use chrono::Duration;
use futures_util::future::join_all;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::{
    app::{Reply, TestApp},
    witnesses::success_of,
};

on_both_databases!(
    a_success_without_a_callback_is_found_by_asking,
    a_payment_that_the_gateway_never_received_fails_and_may_be_tried_again,
    two_schedulers_look_at_each_payment_once,
    a_question_and_a_callback_at_once_settle_once,
    a_payment_that_cannot_be_looked_at_holds_up_no_other,
    staff_confirm_a_held_payment_with_what_has_arrived,
    staff_reject_a_held_payment_and_the_order_can_be_paid_anew,
    staff_decide_what_nobody_could_tell,
    staff_decide_what_nobody_could_tell_in_time,
    equal_decisions_at_once_count_once,
);

const ASKED: (&str, &str) = ("FAKE_GATEWAY_STATUS_QUERY", "true");

async fn decide(app: &TestApp, admin: &str, payment: &str, what: &str, body: Value) -> Reply {
    app.post(&format!("/api/v1/admin/payments/{payment}/{what}"), admin, body).await
}

async fn a_success_without_a_callback_is_found_by_asking(database: TestDatabase) {
    let app = TestApp::with(database, &[ASKED]).await;
    let token = app.log_in("user1@demo.test").await;
    let mut orders = Vec::new();
    for suffix in ["0000", "0010", "0001"] {
        let order = app.order(&token, "2H", 1).await;
        orders.push((app.pay(&token, &order, suffix).await, order));
    }
    app.worker.drain().await.unwrap();
    app.around.clock.advance(Duration::minutes(5));
    // Nothing but the schedule: no callback gets through.
    app.scheduler.look().await.unwrap();
    app.worker.drain().await.unwrap();

    assert!(app.charges().iter().all(|charge| !charge.callbacks[0].accepted));
    let ends = [
        ["submitting", "pending", "success"],
        ["submitting", "unknown", "success"],
        ["submitting", "pending", "failed"],
    ];
    for ((payment, order), moves) in orders.iter().zip(ends) {
        assert_eq!(app.moves(payment).await, moves);
        assert_eq!(app.on_router(order), usize::from(moves[2] == "success"));
    }
    assert_eq!(app.charges().len(), 3);
    app.end().await;
}

async fn a_payment_that_the_gateway_never_received_fails_and_may_be_tried_again(database: TestDatabase) {
    let app = TestApp::with(database, &[ASKED]).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0000").await;
    // As a process leaves it that claims a payment and dies before it asks.
    let claimed = "UPDATE payments SET status = 'submitting'";
    assert_eq!(app.database.execute(claimed).await, 1);
    app.settle().await;

    assert_eq!(app.moves(&payment).await, ["unknown", "failed"]);
    assert_eq!(app.payment(&payment).await.reason.as_deref(), Some("never_received"));
    assert!(app.charges().is_empty());
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!((app.charges().len(), app.on_router(&order)), (1, 1));
    app.end().await;
}

async fn two_schedulers_look_at_each_payment_once(database: TestDatabase) {
    let first = TestApp::with(database, &[ASKED, ("PUSH_LIMIT_PER_NUMBER_HOUR", "50")]).await;
    let mut second = first.second(&[ASKED]).await;
    let token = first.log_in("user1@demo.test").await;
    let mut payments = Vec::new();
    for _ in 0..6 {
        let order = first.order(&token, "2H", 1).await;
        payments.push(first.pay(&token, &order, "0003").await);
    }
    first.settle().await;
    first.around.clock.advance(Duration::minutes(5));
    let (one, other) = tokio::join!(first.scheduler.look(), second.scheduler.look());
    let mut runs = first.database.texts("SELECT name FROM schedule_runs ORDER BY name").await;
    assert_eq!(one.unwrap() + other.unwrap(), runs.len());
    assert!(runs.iter().any(|name| name == "reconcile-payments"));
    let all = runs.len();
    runs.dedup();
    assert_eq!(runs.len(), all, "each tick is one scheduler's");
    tokio::join!(first.settle(), second.settle());
    tokio::join!(first.settle(), second.settle());
    for payment in &payments {
        assert_eq!(first.payment(payment).await.checks, 1);
    }

    // An operator's command beside the schedule.
    first.around.clock.advance(Duration::minutes(5));
    tokio::join!(first.run(Task::ReconcilePayments), second.run(Task::ReconcilePayments));
    tokio::join!(first.settle(), second.settle());
    for payment in &payments {
        assert_eq!(first.payment(payment).await.checks, 2);
        assert_eq!(first.moves(payment).await, ["submitting", "pending"]);
    }
    second.stop().await;
    first.end().await;
}

async fn a_question_and_a_callback_at_once_settle_once(database: TestDatabase) {
    let settings = [ASKED, ("PUSH_LIMIT_PER_NUMBER_HOUR", "50")];
    let first = TestApp::with(database, &settings).await;
    let mut second = first.second(&settings).await;
    let token = first.log_in("user1@demo.test").await;
    let mut orders = Vec::new();
    for _ in 0..8 {
        let order = first.order(&token, "2H", 1).await;
        first.pay(&token, &order, "0000").await;
        orders.push(order);
    }
    first.worker.drain().await.unwrap();
    first.around.clock.advance(Duration::minutes(2));
    let reconciled = first.composition.services.billing.reconcile(50).await.unwrap();
    assert_eq!(reconciled, 8);
    // Both are in the queue now: eight questions, and eight callbacks once the gateway has sent them.
    let callbacks = first.gateway().deliver_due();
    let (_, done, also_done) = tokio::join!(callbacks, first.worker.drain(), second.worker.drain());
    done.and(also_done).unwrap();
    tokio::join!(first.settle(), second.settle());
    tokio::join!(first.settle(), second.settle());

    assert_eq!(first.events("PaymentSucceeded").await, 8);
    assert_eq!(first.balances().await["revenue"], -150 * 8);
    assert!(orders.iter().all(|order| first.on_router(order) == 1));
    assert_eq!(first.router_state().users.len(), 8);
    second.stop().await;
    first.end().await;
}

async fn a_payment_that_cannot_be_looked_at_holds_up_no_other(database: TestDatabase) {
    let settings = [
        ASKED,
        ("BILLING_RECONCILE_BATCH_SIZE", "2"),
        ("PUSH_LIMIT_PER_NUMBER_HOUR", "50"),
        ("ORDER_TTL_MINUTES", "600"),
    ];
    let mut app = TestApp::with(database, &settings).await;
    let token = app.log_in("user1@demo.test").await;
    let mut payments = Vec::new();
    for _ in 0..8 {
        let order = app.order(&token, "2H", 1).await;
        payments.push(app.pay(&token, &order, "0003").await);
        app.settle().await;
        app.pass_a_second().await;
    }
    let healthy = payments.split_off(4);
    // The oldest four: two whose order is gone, two that cannot even be read.
    for (place, poisoned) in payments.iter().enumerate() {
        let poison = if place < 2 { "order_id = id" } else { "operator = 'XX'" };
        let sql = format!("UPDATE payments SET {poison} WHERE id = {}", app.literal(poisoned));
        assert_eq!(app.database.execute(&sql).await, 1);
    }
    // Eight payments at two a run, a few runs for those that err, and the window's end.
    for _ in 0..6 {
        app.pass(Duration::minutes(5)).await;
        app.run(Task::ReconcilePayments).await;
        app.run(Task::ReconcilePayments).await;
    }
    for payment in &healthy {
        assert_eq!(app.moves(payment).await, ["submitting", "pending", "expired"]);
    }
    let unread = "SELECT status FROM payments WHERE status <> 'expired'";
    assert_eq!(app.database.texts(unread).await, ["pending"; 4]);
    assert!(app.alerts().await.iter().all(|alert| alert == "job_dead"));
    app.stop().await;
}

async fn staff_confirm_a_held_payment_with_what_has_arrived(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0008").await;
    let body =
        json!({"evidence": "line 12 of the statement", "received": {"amount": "1.49", "currency": "CDF"}});
    // Not before it waits, not by its owner, not without proof, not in another currency.
    assert_eq!(
        decide(&app, &admin, &payment, "confirm", body.clone()).await.code(409),
        "payment_not_waiting"
    );
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.payment_status(&token, &payment).await, "held");
    assert_eq!(decide(&app, &token, &payment, "confirm", body.clone()).await.status, 403);
    assert_eq!(decide(&app, &admin, &payment, "confirm", json!({})).await.status.as_u16() / 100, 4);
    assert_eq!(decide(&app, &admin, &payment, "confirm", json!({"evidence": ""})).await.status, 422);
    let dollars = json!({"evidence": "line 12", "received": {"amount": "1.49", "currency": "USD"}});
    assert_eq!(decide(&app, &admin, &payment, "confirm", dollars).await.status, 422);
    for amount in ["0.00", "-1.50", "1e3", ""] {
        let body = json!({"evidence": "line 12", "received": {"amount": amount, "currency": "CDF"}});
        assert_eq!(decide(&app, &admin, &payment, "confirm", body).await.status, 422, "{amount}");
    }
    assert_eq!(app.payment_status(&token, &payment).await, "held");

    let decided = decide(&app, &admin, &payment, "confirm", body.clone()).await.data(200);
    assert_eq!(decided["status"], "success");
    let change = decided["moves"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(change["evidence"], "line 12 of the statement");
    assert!(change["by"].as_str().unwrap().starts_with("user:"));
    assert_eq!(decide(&app, &admin, &payment, "confirm", body).await.code(409), "payment_not_waiting");
    app.settle().await;
    assert_eq!((app.order_status(&token, &order).await.as_str(), app.on_router(&order)), ("completed", 1));
    let balances = app.balances().await;
    assert_eq!((balances["gateway_clearing"], balances["revenue"], balances["suspense"]), (149, -150, 1));
    assert!(app.open_tasks().await.is_empty());

    let path = format!("/api/v1/admin/audit-log?resource=payment:{payment}");
    let lines = app.get(&path, &admin).await.data(200);
    assert_eq!((&lines[0]["action"], &lines[0]["actor"]), (&json!("confirm"), &change["by"]));
    assert_eq!(lines[0]["details"]["evidence"], "line 12 of the statement");
    app.end().await;
}

async fn staff_reject_a_held_payment_and_the_order_can_be_paid_anew(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0009").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.ask_to_pay(&token, &order, "0000").await.code(409), "payment_under_way");

    let body = json!({"evidence": "not in the statement"});
    assert_eq!(decide(&app, &admin, &payment, "reject", body).await.data(200)["status"], "failed");
    assert!(app.open_tasks().await.is_empty() && app.router_state().users.is_empty());
    assert_eq!(app.audited(&format!("payment:{payment}")).await, ["initiate", "reject"]);
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!((app.order_status(&token, &order).await.as_str(), app.on_router(&order)), ("completed", 1));
    app.end().await;
}

async fn staff_decide_what_nobody_could_tell(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let body = json!({"evidence": "seen in the gateway's dashboard"});
    for (what, status, units) in [("confirm", "success", 1), ("reject", "failed", 0)] {
        let order = app.order(&token, "2H", 1).await;
        let payment = app.pay(&token, &order, "0015").await;
        app.settle().await;
        assert_eq!(decide(&app, &admin, &payment, what, body.clone()).await.data(200)["status"], status);
        app.settle().await;
        assert_eq!(app.on_router(&order), units);
        // The gateway says so too, afterwards: late where it was rejected, and nothing new where it was not.
        app.hear(&success_of(&app.last_charge())).await;
        assert_eq!(app.on_router(&order), 1);
        assert_eq!(app.payment(&payment).await.late, what == "reject");
    }
    assert_eq!(app.balances().await["revenue"], -300);
    app.end().await;
}

async fn staff_decide_what_nobody_could_tell_in_time(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let body = json!({"evidence": "seen in the gateway's dashboard"});
    let mut payments = Vec::new();
    for suffix in ["0015", "0015", "0003"] {
        let order = app.order(&token, "2H", 1).await;
        payments.push((app.pay(&token, &order, suffix).await, order));
    }
    app.settle().await;
    app.pass(Duration::minutes(16)).await;
    app.run(Task::ReconcilePayments).await;
    assert_eq!(app.open_tasks().await, ["payment_unknown"; 2]);

    // The money had come, and it had come without anybody being in doubt.
    for (payment, order) in [&payments[0], &payments[2]] {
        assert_eq!(
            decide(&app, &admin, payment, "confirm", body.clone()).await.data(200)["status"],
            "success"
        );
        app.settle().await;
        assert_eq!((app.on_router(order), app.payment(payment).await.late), (1, true));
        assert_eq!(app.audited(&format!("payment:{payment}")).await, ["initiate", "confirm"]);
    }
    // It had not come: there is nothing to reject any more, and the task is put away.
    let (payment, order) = &payments[1];
    assert_eq!(decide(&app, &admin, payment, "reject", body).await.code(409), "payment_not_waiting");
    let tasks = app.get("/api/v1/admin/review-tasks", &admin).await.data(200);
    assert_eq!(tasks[0]["payment_id"], payment.as_str());
    let path = format!("/api/v1/admin/review-tasks/{}/close", tasks[0]["id"].as_str().unwrap());
    app.post(&path, &admin, json!({"note": "not in the statement"})).await.data(200);
    assert!(app.open_tasks().await.is_empty());
    assert_eq!(app.on_router(order), 0);
    assert_eq!(app.balances().await["revenue"], -300);
    app.end().await;
}

async fn equal_decisions_at_once_count_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0008").await;
    app.settle().await;
    app.pass_a_second().await;
    let body = || json!({"evidence": "line 12 of the statement"});
    let words = ["confirm", "reject", "confirm", "reject", "confirm", "reject", "confirm", "reject"];
    let replies = join_all(words.map(|what| decide(&app, &admin, &payment, what, body()))).await;
    assert!(replies.iter().all(|reply| matches!(reply.status.as_u16(), 200 | 409)));
    let counted = |status: &str| {
        let of_status = |reply: &&Reply| reply.status == 200 && reply.body["data"]["status"] == status;
        replies.iter().filter(of_status).count()
    };
    // What was rejected may still be confirmed, and not the other way round.
    assert_eq!(counted("success"), 1);
    assert!(counted("failed") <= 1);
    app.settle().await;
    assert_eq!((app.on_router(&order), app.events("PaymentSucceeded").await), (1, 1));
    assert_eq!(app.balances().await["revenue"], -150);
    app.end().await;
}
