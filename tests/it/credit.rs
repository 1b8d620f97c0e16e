//! What was paid twice is the customer's, who may pay with it: never with more than there is.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::{
    app::{Reply, TestApp},
    witnesses::success_of,
};

on_both_databases!(
    what_was_paid_twice_pays_another_order,
    credit_pays_no_more_than_there_is,
    two_orders_at_once_are_not_paid_with_one_credit,
    a_repeat_under_the_same_key_pays_once,
);

/// Has a customer pay an order of one `2H` twice.
pub async fn pay_twice(app: &TestApp, token: &str) {
    let order = app.order(token, "2H", 1).await;
    app.pay(token, &order, "0003").await;
    app.settle().await;
    let given_up = app.last_charge();
    app.pass(Duration::minutes(16)).await;
    app.run(Task::ReconcilePayments).await;
    app.pay(token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    app.hear(&success_of(&given_up)).await;
}

async fn pay_with_credit(app: &TestApp, token: &str, order: &str) -> Reply {
    app.post(&format!("/api/v1/payments/{order}/credit"), token, Value::Null).await
}

async fn credit(app: &TestApp, token: &str) -> Value {
    app.get("/api/v1/me/credit", token).await.data(200)
}

async fn what_was_paid_twice_pays_another_order(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(credit(&app, &token).await, json!([]));
    pay_twice(&app, &token).await;
    assert_eq!(credit(&app, &token).await, json!([{"amount": "1.50", "currency": "CDF"}]));
    assert_eq!(credit(&app, &app.log_in("user2@demo.test").await).await, json!([]));

    let order = app.order(&token, "2H", 1).await;
    let payment = pay_with_credit(&app, &token, &order).await.data(201);
    assert_eq!((&payment["status"], &payment["means"]), (&json!("success"), &json!("credit")));
    assert_eq!((&payment["phone"], &payment["operator"]), (&Value::Null, &Value::Null));
    app.settle().await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!(app.on_router(&order), 1);
    assert_eq!(credit(&app, &token).await, json!([{"amount": "0.00", "currency": "CDF"}]));
    let balances = app.balances().await;
    assert_eq!(
        (balances["gateway_clearing"], balances["revenue"], balances["customer_credit"]),
        (300, -300, 0)
    );
    // What no gateway has a part in is not held against any statement.
    app.pass(Duration::days(2)).await;
    app.run(Task::AgreePayments).await;
    assert_eq!(app.alerts().await, ["duplicate_payment"]);
    let admin = app.log_in("admin@demo.test").await;
    let path = format!("/api/v1/admin/payments/{}", payment["id"].as_str().unwrap());
    let shown = app.get(&path, &admin).await.data(200);
    assert_eq!((&shown["gateway"], &shown["full_phone"]), (&json!("credit"), &Value::Null));
    assert_eq!(
        app.send(reqwest::Method::GET, "/api/v1/admin/payments/export", Some(&admin), None).await.status,
        200
    );
    app.end().await;
}

async fn credit_pays_no_more_than_there_is(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 2).await;
    let refused = pay_with_credit(&app, &token, &order).await;
    assert_eq!(refused.body["errors"]["order"][0], "votre crédit est de 0.00 CDF");
    assert_eq!(refused.code(409), "not_enough_credit");
    pay_twice(&app, &token).await;
    assert_eq!(pay_with_credit(&app, &token, &order).await.code(409), "not_enough_credit");
    assert_eq!(app.order_status(&token, &order).await, "pending");
    // Others' orders are not there, and what is paid is not paid again.
    let stranger = app.log_in("user2@demo.test").await;
    assert_eq!(pay_with_credit(&app, &stranger, &order).await.code(404), "not_found");
    let one = app.order(&token, "2H", 1).await;
    app.pay(&token, &one, "0003").await;
    assert_eq!(pay_with_credit(&app, &token, &one).await.code(409), "payment_under_way");
    app.settle().await;
    app.hear(&success_of(&app.last_charge())).await;
    assert_eq!(pay_with_credit(&app, &token, &one).await.code(409), "order_not_pending");
    assert_eq!(credit(&app, &token).await, json!([{"amount": "1.50", "currency": "CDF"}]));
    app.end().await;
}

async fn two_orders_at_once_are_not_paid_with_one_credit(database: TestDatabase) {
    let app = TestApp::with(database, &[("PUSH_LIMIT_PER_NUMBER_HOUR", "100")]).await;
    let other = app.second(&[]).await;
    let token = app.log_in("user1@demo.test").await;
    for _ in 0..3 {
        pay_twice(&app, &token).await;
        let mut orders = Vec::new();
        for _ in 0..4 {
            orders.push(app.order(&token, "2H", 1).await);
        }
        let at_once = orders.iter().enumerate().map(|(number, order)| {
            let here = if number % 2 == 0 { &app } else { &other };
            pay_with_credit(here, &token, order)
        });
        let mut answers: Vec<_> =
            futures_util::future::join_all(at_once).await.iter().map(|reply| reply.status.as_u16()).collect();
        answers.sort_unstable();
        assert_eq!(answers, [201, 409, 409, 409]);
        assert_eq!(credit(&app, &token).await, json!([{"amount": "0.00", "currency": "CDF"}]));
    }
    let mut other = other;
    other.stop().await;
    app.end().await;
}

async fn a_repeat_under_the_same_key_pays_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    pay_twice(&app, &token).await;
    let order = app.order(&token, "2H", 1).await;
    let path = format!("/api/v1/payments/{order}/credit");
    let key = [("Idempotency-Key", "a-key")];
    let pay = || app.send_with(reqwest::Method::POST, &path, Some(&token), None, &key);
    let (first, again) = (pay().await.data(201), pay().await.data(201));
    assert_eq!(first["id"], again["id"]);
    app.end().await;
}
