//! The story that everything else serves: somebody buys two packages and has their credentials.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

on_both_databases!(a_customer_buys_and_receives_credentials, staff_follow_a_sale);

async fn a_customer_buys_and_receives_credentials(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let packages = app.send(Method::GET, "/api/v1/user-profiles", None, None).await.data(200);
    let names: Vec<_> = packages.as_array().unwrap().iter().map(|package| package["name"].clone()).collect();
    assert_eq!(names, ["2H", "1DAY", "1WEEK"]);
    assert_eq!(packages[0]["price"], json!({"amount": "1.50", "currency": "CDF"}));
    assert_eq!(packages[0]["validity_minutes"], 120);

    two_sets_are_bought_and_received(&app, "2H", "3.00").await;
    app.end().await;
}

/// The customer's side of the story, in whatever world; gives the order's id.
pub async fn two_sets_are_bought_and_received(app: &TestApp, package: &str, total: &str) -> String {
    let token = app.log_in("user1@demo.test").await;
    let body = json!({"user_profile_id": app.package(package).await, "quantity": 2});
    let order = app.post("/api/v1/orders", &token, body).await.data(201);
    assert_eq!(order["status"], "pending");
    assert_eq!(order["total"], json!({"amount": total, "currency": "CDF"}));
    assert!(order["number"].as_str().unwrap().starts_with("ORD-20260117-"));
    let order = order["id"].as_str().unwrap();

    let payment = app.pay(&token, order, "0000").await;
    assert_eq!(app.payment_status(&token, &payment).await, "created");
    app.settle().await;
    assert_eq!(app.payment_status(&token, &payment).await, "pending");
    app.pass_a_second().await;
    assert_eq!(app.payment_status(&token, &payment).await, "success");

    let details = app.get(&format!("/api/v1/orders/{order}"), &token).await.data(200);
    assert_eq!(details["status"], "completed");
    let steps = details["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| !step["done_at"].is_null()), "{steps:#?}");

    let users = app.get(&format!("/api/v1/hotspot-users?order_id={order}"), &token).await.data(200);
    let users = users.as_array().unwrap();
    assert_eq!(users.len(), 2);
    let on_router = app.router_users();
    assert_eq!(on_router.len(), 2);
    let texts = app.text_messages();
    assert_eq!(texts.len(), 2);
    for user in users {
        let path = format!("/api/v1/hotspot-users/{}/credentials", user["id"].as_str().unwrap());
        let reply = app.get(&path, &token).await;
        assert_eq!(reply.headers["cache-control"], "no-store");
        let credentials = reply.data(200);
        let (username, password) =
            (credentials["username"].as_str().unwrap(), credentials["password"].as_str().unwrap());
        assert_eq!(on_router[username].password, password);
        let text = texts.iter().find(|text| text.text.contains(username)).unwrap();
        assert!(text.text.contains(password));
        assert!(text.text.contains("Mot de passe"), "{}", text.text);
    }
    let inbox = app.get("/api/v1/notifications", &token).await.data(200);
    assert!(inbox.as_array().unwrap().iter().any(|entry| !entry["link"].is_null()), "{inbox}");
    // The credentials of each unit, and that the order is complete.
    assert_eq!(app.emails().len(), 3);
    assert_eq!(app.charges().len(), 1);
    order.to_owned()
}

async fn staff_follow_a_sale(database: TestDatabase) {
    let app = TestApp::start(database).await;
    a_sale_is_followed(&app).await;
    app.end().await;
}

/// The staff's side of the story, in whatever world.
pub async fn a_sale_is_followed(app: &TestApp) {
    let (admin, user) = (app.log_in("admin@demo.test").await, app.log_in("user2@demo.test").await);
    let order = app.order(&user, "1DAY", 1).await;
    let payment = app.pay(&user, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;

    let orders = app.get("/api/v1/admin/orders?status=completed", &admin).await.data(200);
    assert_eq!(orders[0]["id"], order.as_str());
    let totals = app.get("/api/v1/admin/payments/totals?status=success", &admin).await.data(200);
    assert_eq!(totals, json!([{"count": 1, "sum": {"amount": "3.00", "currency": "CDF"}}]));
    let details = app.get(&format!("/api/v1/admin/payments/{payment}"), &admin).await.data(200);
    let moves: Vec<_> =
        details["moves"].as_array().unwrap().iter().map(|change| change["to"].clone()).collect();
    assert_eq!(moves, ["submitting", "pending", "success"]);

    let events = app.get(&format!("/api/v1/admin/orders/{order}/events"), &admin).await.data(200);
    let mut kinds: Vec<_> =
        events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "HotspotUserProvisioned",
            "MessageSent",
            "OrderCompleted",
            "OrderPlaced",
            "PaymentInitiated",
            "PaymentSucceeded",
            "ProvisioningStarted",
        ]
    );
    assert!(!events.to_string().contains("sealed"), "{events}");
    let file = app.get("/api/v1/admin/orders/export", &admin).await;
    assert!(file.body.as_str().unwrap().lines().nth(1).unwrap().contains("completed,1DAY,1,3.00,CDF"));
}
