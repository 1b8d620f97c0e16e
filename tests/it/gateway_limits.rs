//! What a gateway takes: an operator of the portal may change it, within reason.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

on_both_databases!(limits_are_changed_and_heeded_and_stay, limits_that_make_no_sense_are_refused);

fn limits(gateway: &str, operator: &str, min: &str, max: &str) -> Value {
    let cdf = |amount: &str| json!({"amount": amount, "currency": "CDF"});
    json!({"gateway": gateway, "operator": operator, "min": cdf(min), "max": cdf(max), "step": cdf("0.50")})
}

async fn put(app: &TestApp, admin: &str, body: Value) -> Reply {
    app.send(Method::PUT, "/api/v1/admin/gateway-limits", Some(admin), Some(body)).await
}

async fn limits_are_changed_and_heeded_and_stay(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let changed = limits("fake", "MP", "10.00", "20.00");
    assert_eq!(put(&app, &admin, changed.clone()).await.data(200)["min"], changed["min"]);
    let order = app.order(&customer, "2H", 1).await;
    let reply = app.ask_to_pay(&customer, &order, "0000").await;
    assert_eq!(reply.code(422), "amount_not_accepted");
    // Another start leaves what an operator has decided.
    let again = app.second(&[]).await;
    let all = again.get("/api/v1/admin/gateway-limits", &admin).await.data(200);
    let of_mpesa = all.as_array().unwrap().iter().find(|limits| limits["operator"] == "MP").unwrap();
    assert_eq!((&of_mpesa["min"], &of_mpesa["max"]), (&changed["min"], &changed["max"]));
    assert_eq!(all.as_array().unwrap().len(), 4);
    assert_eq!(put(&app, &admin, limits("fake", "MP", "1.00", "20.00")).await.status.as_u16(), 200);
    app.pay(&customer, &order, "0000").await;
    again.end().await;
    app.end().await;
}

async fn limits_that_make_no_sense_are_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let mut dollars = limits("fake", "MP", "1.00", "2.00");
    dollars["max"]["currency"] = json!("USD");
    let mut no_step = limits("fake", "MP", "1.00", "2.00");
    no_step["step"]["amount"] = json!("0.00");
    for (body, field) in [
        (limits("elsewhere", "MP", "1.00", "2.00"), "gateway"),
        (limits("fake", "MP", "2.00", "1.00"), "min"),
        (limits("fake", "MP", "0.00", "1.00"), "min"),
        (dollars, "max"),
        (no_step, "step"),
    ] {
        let reply = put(&app, &admin, body).await;
        assert_eq!(reply.code(422), "validation_failed");
        assert!(reply.body["errors"].get(field).is_some(), "{field}: {}", reply.body);
    }
    app.end().await;
}
