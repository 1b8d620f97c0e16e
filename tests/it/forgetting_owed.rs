//! Who is owed money is not forgotten before it is back, and gets none as credit of an account that is gone.

use chrono::Duration;
use kernel::Role;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::{Value, json};

use crate::{
    access::somebody,
    app::TestApp,
    forgetting::{Customer, traces_in},
    refund_doubts::put_away,
    refunds::{refund, say},
};

on_both_databases!(
    who_is_owed_money_is_forgotten_once_it_is_back,
    who_is_owed_money_is_forgotten_once_staff_have_seen_to_it,
    an_account_that_is_deleted_gets_no_credit,
);

/// The phone that a payment is known by, if it still is.
async fn phone_of(app: &TestApp, payment: &str) -> Value {
    let admin = app.log_in("admin@demo.test").await;
    app.get(&format!("/api/v1/admin/payments/{payment}"), &admin).await.data(200)["full_phone"].clone()
}

async fn who_is_owed_money_is_forgotten_once_it_is_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (order, payment) = customer.buy(&app, "2H", "0030").await;
    app.pass_a_second().await;
    let refused = refund(&app, &admin, &payment, json!({})).await.data(201);
    app.settle().await;
    assert_eq!((app.open_tasks().await, app.on_router(&order)), (vec!["refund_failed".to_owned()], 0));
    customer.delete(&app, &admin).await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(phone_of(&app, &payment).await, "+243825550030");
    let said = ["825550030", "zephyrine"];
    let traces = traces_in(&app.database, &said).await;
    assert!(traces.iter().any(|trace| trace.starts_with("refund_moves.evidence")), "{traces:?}");

    let cash = refund(&app, &admin, &payment, json!({"way": "cash"})).await.data(201);
    say(&app, &admin, &cash, "confirm").await.data(200);
    app.settle().await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(phone_of(&app, &payment).await, Value::Null);
    assert_eq!(traces_in(&app.database, &said).await, Vec::<String>::new());
    // What staff have said stays; what the gateway has said is gone.
    for (refund, kept) in [(&cash, json!("receipt 117")), (&refused, Value::Null)] {
        let path = format!("/api/v1/admin/refunds/{}", refund["id"].as_str().unwrap());
        let shown = app.get(&path, &admin).await.data(200);
        assert_eq!(shown["moves"].as_array().unwrap().last().unwrap()["evidence"], kept, "{shown}");
    }
    app.end().await;
}

async fn who_is_owed_money_is_forgotten_once_staff_have_seen_to_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (_, payment) = customer.buy(&app, "2H", "0000").await;
    app.pass_a_second().await;
    let transfer = refund(&app, &admin, &payment, json!({"way": "transfer"})).await.data(201);
    app.settle().await;
    customer.delete(&app, &admin).await;
    say(&app, &admin, &transfer, "reject").await.data(200);
    app.pass(Duration::minutes(2)).await;
    assert_eq!(phone_of(&app, &payment).await, "+243825550000");
    put_away(&app, &admin, "refund_failed").await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(phone_of(&app, &payment).await, Value::Null);
    app.end().await;
}

async fn an_account_that_is_deleted_gets_no_credit(database: TestDatabase) {
    let app = TestApp::with(database, &[("REFUND_ALONE_UP_TO_CDF", "1")]).await;
    let admin = app.log_in("admin@demo.test").await;
    let second = somebody(&app, "second@demo.test", Role::Admin).await;
    let second = app.log_in(&second).await;
    let customer = Customer::register(&app, &admin).await;
    let (order, payment) = customer.buy(&app, "2H", "0000").await;
    app.pass_a_second().await;
    let credit = json!({"way": "credit"});
    let asked = refund(&app, &admin, &payment, credit.clone()).await.data(201);
    customer.delete(&app, &admin).await;
    let before = app.balances().await;
    let refused = say(&app, &second, &asked, "approve").await;
    assert!(refused.body["errors"].get("way").is_some(), "{}", refused.body);
    assert_eq!(refused.code(422), "validation_failed");
    assert_eq!((app.balances().await, app.on_router(&order)), (before, 1));
    say(&app, &second, &asked, "reject").await.data(200);
    // It is not forgotten yet.
    let refused = refund(&app, &admin, &payment, credit).await;
    assert!(refused.body["errors"].get("way").is_some(), "{}", refused.body);
    app.pass(Duration::minutes(2)).await;
    assert_eq!(phone_of(&app, &payment).await, Value::Null);
    app.end().await;
}
