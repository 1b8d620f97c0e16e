//! An agent leaves: what is in the wallet is theirs, and an account that goes does not take it along.

use identity::IdentityStore;
use kernel::{Permission, Role};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::startup::DEMO_PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    access::somebody,
    agents::Counter,
    app::{Reply, TestApp},
};

on_both_databases!(
    an_account_whose_wallet_holds_money_is_not_deleted,
    whoever_is_no_agent_any_more_is_given_the_wallet_back,
    who_may_not_delete_learns_nothing_of_the_wallet,
);

async fn delete(app: &TestApp, by: &str, counter: &Counter) -> Reply {
    let body = json!({"confirm": "agent@demo.test"});
    app.send(Method::DELETE, &format!("/api/v1/admin/users/{}", counter.id), Some(by), Some(body)).await
}

/// What staff see in the agent's wallet.
async fn wallet(app: &TestApp, counter: &Counter) -> Value {
    app.get(&counter.path(""), &counter.admin).await.data(200)["wallet"][0]["amount"].clone()
}

async fn an_account_whose_wallet_holds_money_is_not_deleted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let batch = counter.take(&app, "2H", 2).await.data(201);
    let refused = delete(&app, &counter.admin, &counter).await;
    assert_eq!(refused.body["errors"]["wallet"], json!(["contient 7.30 CDF"]));
    assert_eq!(refused.code(409), "wallet_not_empty");
    // Nothing has happened to the account.
    let login = json!({"login": "agent@demo.test", "password": DEMO_PASSWORD});
    app.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.data(200);

    counter.move_cash(&app, "withdrawal", "7.30").await.data(201);
    assert_eq!(delete(&app, &counter.admin, &counter).await.status, 204);
    app.settle().await;
    assert_eq!(delete(&app, &counter.admin, &counter).await.code(404), "not_found");
    // What comes back to the wallet afterwards is still found, and taken out.
    let revoke = format!("/api/v1/admin/voucher-batches/{}/revoke", batch["id"].as_str().unwrap());
    app.post(&revoke, &counter.admin, Value::Null).await.data(200);
    assert_eq!(wallet(&app, &counter).await, "2.70");
    counter.move_cash(&app, "withdrawal", "2.70").await.data(201);
    let balances = app.balances().await;
    assert_eq!((balances["agent_wallet"], balances["cash"]), (0, 0));
    app.end().await;
}

async fn whoever_is_no_agent_any_more_is_given_the_wallet_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let path = format!("/api/v1/admin/users/{}", counter.id);
    let role = Some(json!({"role": "user"}));
    app.send(Method::PATCH, &path, Some(&counter.admin), role).await.data(200);
    assert_eq!(counter.sell(&app, "2H", 1, json!({})).await.code(403), "forbidden");
    assert_eq!(wallet(&app, &counter).await, "10.00");
    assert_eq!(delete(&app, &counter.admin, &counter).await.code(409), "wallet_not_empty");
    counter.move_cash(&app, "withdrawal", "10.00").await.data(201);
    assert_eq!(delete(&app, &counter.admin, &counter).await.status, 204);
    app.end().await;
}

async fn who_may_not_delete_learns_nothing_of_the_wallet(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    somebody(&app, "other@demo.test", Role::Agent).await;
    let mut tx = IdentityStore::begin(&app.composition.services.database).await.unwrap();
    tx.grant(Role::Agent, Permission::UsersManage).await.unwrap();
    tx.commit().await.unwrap();
    let other = app.log_in("other@demo.test").await;
    let refused = delete(&app, &other, &counter).await;
    assert_eq!((&refused.body["errors"], refused.code(403)), (&json!({}), "forbidden"));
    app.end().await;
}
