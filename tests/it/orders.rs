//! Orders between their beginnings and their ends: what was sold stays what was sold, nothing ends that may still
//! be paid, and money that comes late is not kept for nothing.

use std::sync::Arc;

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::json;
use tokio::sync::Barrier;

use crate::{app::TestApp, witnesses::success_of};

on_both_databases!(
    an_order_that_expires_while_it_is_paid_is_delivered,
    a_cancelled_order_that_is_paid_after_all_is_delivered,
    an_order_that_is_cancelled_while_it_is_paid_goes_one_way,
    a_success_after_more_than_a_month_waits_for_a_person,
    an_order_does_not_end_while_a_payment_may_still_pay_it,
    what_was_sold_is_what_is_delivered,
    a_day_that_passes_at_once_ends_nothing_that_was_paid,
    a_day_that_passes_at_once_ends_softly_what_nobody_can_ask_about,
    a_clock_that_is_set_back_stops_neither_payments_nor_schedules,
    deleting_a_customer_keeps_what_was_paid,
);

async fn cancel(app: &TestApp, token: &str, order: &str) -> u16 {
    let reply = app.post(&format!("/api/v1/orders/{order}/cancel"), token, json!({})).await;
    reply.status.as_u16()
}

async fn an_order_that_expires_while_it_is_paid_is_delivered(database: TestDatabase) {
    let limits = [("PUSH_LIMIT_PER_NUMBER_HOUR", "50"), ("ORDER_TTL_MINUTES", "20")];
    let app = TestApp::with(database, &limits).await;
    let token = app.log_in("user1@demo.test").await;
    let mut orders = Vec::new();
    for _ in 0..8 {
        let order = app.order(&token, "2H", 1).await;
        app.pay(&token, &order, "0003").await;
        orders.push(order);
    }
    app.settle().await;
    app.pass(Duration::minutes(16)).await;
    app.run(Task::ReconcilePayments).await;
    app.around.clock.advance(Duration::minutes(4));
    for charge in app.charges() {
        app.callback(&success_of(&charge).to_string()).await.accepted();
    }

    let barrier = Arc::new(Barrier::new(3));
    let workers = [0, 1].map(|_| {
        let (worker, barrier) = (app.worker.clone(), barrier.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            worker.drain().await.unwrap();
        })
    });
    let billing = app.composition.services.billing.clone();
    let expiry = tokio::spawn(async move {
        barrier.wait().await;
        billing.expire_orders(50).await.unwrap();
    });
    expiry.await.unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
    app.settle().await;

    for order in &orders {
        assert_eq!(app.order_status(&token, order).await, "completed");
        assert_eq!(app.on_router(order), 1);
    }
    assert_eq!(app.balances().await["revenue"], -150 * 8);
    app.end().await;
}

async fn a_cancelled_order_that_is_paid_after_all_is_delivered(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;
    assert_eq!(cancel(&app, &token, &order).await, 409);
    app.pass(Duration::minutes(15)).await;
    app.run(Task::ReconcilePayments).await;
    assert_eq!(cancel(&app, &token, &order).await, 200);
    assert_eq!(app.order_status(&token, &order).await, "cancelled");
    assert_eq!(app.ask_to_pay(&token, &order, "0000").await.code(409), "order_not_pending");

    // The prompt was still on the phone.
    app.hear(&success_of(&app.last_charge())).await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "expired", "success"]);
    assert!(app.payment(&payment).await.late);
    assert_eq!((app.on_router(&order), app.text_messages().len()), (1, 1));
    assert_eq!(app.audited(&format!("order:{order}")).await, ["create", "cancel"]);
    assert_eq!(cancel(&app, &token, &order).await, 409);
    app.end().await;
}

async fn an_order_that_is_cancelled_while_it_is_paid_goes_one_way(database: TestDatabase) {
    let app = TestApp::with(database, &[("PUSH_LIMIT_PER_NUMBER_HOUR", "50")]).await;
    let token = app.log_in("user1@demo.test").await;
    let mut paid = 0;
    for round in 0..8 {
        let order = app.order(&token, "2H", 1).await;
        let (asked, cancelled) = if round % 2 == 0 {
            tokio::join!(app.ask_to_pay(&token, &order, "0003"), cancel(&app, &token, &order))
        } else {
            let (cancelled, asked) =
                tokio::join!(cancel(&app, &token, &order), app.ask_to_pay(&token, &order, "0003"));
            (asked, cancelled)
        };
        match (asked.status.as_u16(), cancelled) {
            (202, 409) => paid += 1,
            (409, 200) => assert_eq!(app.order_status(&token, &order).await, "cancelled"),
            other => assert_eq!(other, (202, 409), "order {order}"),
        }
    }
    app.settle().await;
    assert_eq!(app.charges().len(), paid);
    app.end().await;
}

async fn a_success_after_more_than_a_month_waits_for_a_person(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;
    app.pass(Duration::minutes(16)).await;
    app.run(Task::ReconcilePayments).await;
    app.pass(Duration::days(31)).await;
    app.hear(&success_of(&app.last_charge())).await;
    assert_eq!(app.payment(&payment).await.reason.as_deref(), Some("too_late"));
    assert_eq!((app.open_tasks().await, app.on_router(&order)), (vec!["payment_held".to_owned()], 0));

    let admin = app.log_in("admin@demo.test").await;
    let body = json!({"evidence": "in the statement of January"});
    app.post(&format!("/api/v1/admin/payments/{payment}/confirm"), &admin, body).await.data(200);
    app.settle().await;
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

async fn an_order_does_not_end_while_a_payment_may_still_pay_it(database: TestDatabase) {
    let app = TestApp::with(database, &[("ORDER_TTL_MINUTES", "5")]).await;
    let token = app.log_in("user1@demo.test").await;
    let (waiting, held) = (app.order(&token, "2H", 1).await, app.order(&token, "2H", 1).await);
    let unpaid = app.order(&token, "2H", 1).await;
    app.pay(&token, &waiting, "0003").await;
    app.pay(&token, &held, "0008").await;
    app.settle().await;
    app.pass_a_second().await;

    app.pass(Duration::minutes(10)).await;
    app.run(Task::ExpireOrders).await;
    assert_eq!(app.order_status(&token, &waiting).await, "pending");
    assert_eq!(app.order_status(&token, &held).await, "pending");
    assert_eq!(app.order_status(&token, &unpaid).await, "expired");

    app.pass(Duration::minutes(20)).await;
    app.run(Task::ReconcilePayments).await;
    app.run(Task::ExpireOrders).await;
    assert_eq!(app.order_status(&token, &waiting).await, "expired");
    assert_eq!(app.order_status(&token, &held).await, "pending");
    assert_eq!(app.events("OrderExpired").await, 2);
    app.end().await;
}

async fn what_was_sold_is_what_is_delivered(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let path = format!("/api/v1/admin/user-profiles/{}", app.package("2H").await);
    let before = app.order(&token, "2H", 2).await;
    let offer = |name: &str, price: &str| {
        json!({"status": "active", "offer": {
            "name": name, "price": {"amount": price, "currency": "CDF"}, "validity_minutes": 5,
            "validity_start": "first_use", "policy": {"download_kbps": 1}, "target": "router",
        }})
    };
    // The price rises before the phone is asked, and everything changes before it answers.
    app.send(Method::PUT, &path, Some(&admin), Some(offer("2H", "900.00"))).await.data(200);
    app.pay(&token, &before, "0000").await;
    app.settle().await;
    app.send(Method::PUT, &path, Some(&admin), Some(offer("other", "700.00"))).await.data(200);
    app.send(Method::DELETE, &path, Some(&admin), None).await.data(200);
    app.pass_a_second().await;

    assert_eq!(app.last_charge().amount.amount(), "3.00");
    let order = app.get(&format!("/api/v1/orders/{before}"), &token).await.data(200);
    assert_eq!((&order["status"], &order["user_profile_name"]), (&json!("completed"), &json!("2H")));
    assert_eq!(app.balances().await["revenue"], -300);
    let on_router = app.router_state().users;
    assert_eq!(on_router.len(), 2);
    assert!(on_router.values().all(|user| user.policy.download_kbps == Some(4096)));
    let users = app.get("/api/v1/hotspot-users", &token).await.data(200);
    assert!(users.as_array().unwrap().iter().all(|user| user["validity_minutes"] == 120));
    app.end().await;
}

async fn a_day_that_passes_at_once_ends_nothing_that_was_paid(database: TestDatabase) {
    let app = TestApp::with(database, &[("FAKE_GATEWAY_STATUS_QUERY", "true")]).await;
    let token = app.log_in("user1@demo.test").await;
    let mut payments = Vec::new();
    // Accepted, and without an answer: the phone says yes to both, and no callback comes through.
    for suffix in ["0000", "0010", "0007"] {
        let order = app.order(&token, "2H", 1).await;
        payments.push((app.pay(&token, &order, suffix).await, order));
    }
    app.worker.drain().await.unwrap();
    app.around.clock.advance(Duration::days(1));
    app.scheduler.look().await.unwrap();
    app.worker.drain().await.unwrap();

    assert!(app.charges().iter().all(|charge| charge.callbacks.iter().all(|callback| !callback.accepted)));
    for (payment, order) in &payments {
        assert_eq!(app.moves(payment).await.last(), Some(&"success"));
        assert_eq!(app.on_router(order), 1);
    }
    assert_eq!((app.events("OrderExpired").await, app.events("PaymentFailed").await), (0, 0));
    // The callbacks come through at last.
    app.settle().await;
    assert_eq!(app.callbacks().await, ["ignored"; 3]);
    app.end().await;
}

async fn a_day_that_passes_at_once_ends_softly_what_nobody_can_ask_about(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;
    for _ in 0..2 {
        app.around.clock.advance(Duration::days(1));
        app.tick().await;
    }
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "expired"]);
    assert_eq!(app.events("OrderExpired").await, 1);

    app.hear(&success_of(&app.last_charge())).await;
    assert_eq!(app.moves(&payment).await.last(), Some(&"success"));
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

async fn a_clock_that_is_set_back_stops_neither_payments_nor_schedules(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.around.clock.advance(Duration::days(1));
    app.tick().await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    app.pay(&token, &order, "0003").await;
    app.settle().await;

    app.around.clock.advance(Duration::days(-1));
    app.hear(&success_of(&app.last_charge())).await;
    assert_eq!(app.on_router(&order), 1);
    let token = app.log_in("user1@demo.test").await;
    let unpaid = app.order(&token, "2H", 1).await;
    app.pass(Duration::minutes(59)).await;
    app.tick().await;
    assert_eq!(app.order_status(&token, &unpaid).await, "pending");
    app.pass(Duration::minutes(2)).await;
    app.tick().await;
    assert_eq!(app.events("OrderExpired").await, 1);
    app.end().await;
}

async fn deleting_a_customer_keeps_what_was_paid(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let count = "SELECT CAST(COUNT(*) AS TEXT) FROM";
    let mut kept = Vec::new();
    let tables =
        ["orders", "payments", "payment_moves", "ledger_lines", "provisioning_units", "hotspot_users"];
    for table in tables {
        kept.push(app.database.texts(&format!("{count} {table}")).await);
    }

    for table in ["access_tokens", "refresh_tokens", "login_sessions"] {
        app.database.execute(&format!("DELETE FROM {table}")).await;
    }
    assert_eq!(app.database.execute("DELETE FROM users WHERE email = 'user1@demo.test'").await, 1);

    assert_eq!(app.get("/api/v1/me", &token).await.status, 401);
    for (table, before) in tables.iter().zip(kept) {
        assert_eq!(app.database.texts(&format!("{count} {table}")).await, before, "{table}");
    }
    assert_eq!(app.get("/api/v1/me", &admin).await.status, 401);
    let admin = app.log_in("admin@demo.test").await;
    let shown = app.get(&format!("/api/v1/admin/payments/{payment}"), &admin).await.data(200);
    assert_eq!(shown["status"], "success");
    let shown = app.get(&format!("/api/v1/admin/orders/{order}"), &admin).await.data(200);
    assert_eq!(shown["status"], "completed");
    assert_eq!(app.balances().await["revenue"], -150);
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}
