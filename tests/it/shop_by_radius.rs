//! What RADIUS enforces is sold as a voucher and over a counter too: whoever has it gets in, and no router hears of it.

use persistence::{on_both_databases, testing::TestDatabase};
use radius::policy::Decision;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{agents::Counter, app::TestApp, guests::Guest, radius_sales::package, vouchers::Issued};

on_both_databases!(
    a_voucher_for_access_by_radius_lets_its_guest_in,
    access_by_radius_is_sold_over_the_counter,
);

/// Puts a package by RADIUS on sale, and gives its id and that of a router.
async fn stock(app: &TestApp) -> (Value, Value) {
    let admin = app.log_in("admin@demo.test").await;
    let sold = app.post("/api/v1/admin/user-profiles", &admin, package("creation")).await.data(201);
    let routers = app.get("/api/v1/admin/routers", &admin).await.data(200);
    (sold["id"].clone(), routers[0]["id"].clone())
}

/// That the credentials of an order, which its token shows, let their owner in by RADIUS alone.
async fn assert_lets_in(app: &TestApp, guest: &Guest) {
    app.settle().await;
    assert_eq!(guest.shown(app).await["status"], "completed");
    let shown = guest.credentials(app).await;
    assert_eq!((shown.as_array().unwrap().len(), &shown[0]["status"]), (1, &json!("active")), "{shown}");
    let text = |name: &str| shown[0]["credentials"][name].as_str().unwrap().to_owned();
    let (name, password) = (text("username"), text("password"));
    let explained = app.composition.services.radius.explain(&name, None).await.unwrap();
    assert!(matches!(explained.decision, Decision::Accept(_)), "{:?}", explained.decision);
    let checked = format!(
        "SELECT value FROM radcheck WHERE username = '{}' AND attribute = 'Cleartext-Password'",
        name.to_lowercase()
    );
    assert_eq!(app.database.texts(&checked).await, [password]);
    assert!(app.router_state().users.is_empty());
}

async fn a_voucher_for_access_by_radius_lets_its_guest_in(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (package, router) = stock(&app).await;
    let issued = Issued::make(&app, 1, json!({"user_profile_id": package})).await;
    let redeem = async |body: Value| {
        let path = "/api/v1/vouchers/redeem";
        app.send(Method::POST, path, None, Some(body)).await
    };
    let at_a_router = redeem(json!({"code": issued.codes[0], "router_id": router})).await;
    assert!(at_a_router.body["errors"]["router_id"].is_array(), "{}", at_a_router.body);
    assert_eq!(at_a_router.code(422), "validation_failed");
    // It was not used up.
    let placed = redeem(json!({"code": issued.codes[0]})).await.data(201);
    assert_eq!((&placed["status"], &placed["total"]["amount"]), (&json!("paid"), &json!("500.00")));
    assert_lets_in(&app, &Guest::of(&placed)).await;
    assert_eq!(issued.shown(&app).await["redeemed"], 1);
    let balances = app.balances().await;
    assert_eq!((balances["voucher_clearing"], balances["revenue"]), (50_000, -50_000));
    app.end().await;
}

async fn access_by_radius_is_sold_over_the_counter(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, router) = stock(&app).await;
    let counter = Counter::open(&app, "1000.00").await;
    let at_a_router = counter.sell(&app, "Campus", 1, json!({"router_id": router})).await;
    assert!(at_a_router.body["errors"]["router_id"].is_array(), "{}", at_a_router.body);
    assert_eq!(
        (at_a_router.code(422), counter.wallet(&app).await.as_str()),
        ("validation_failed", "1000.00")
    );
    let sold = counter.sell(&app, "Campus", 1, json!({"phone": "+243990000001"})).await.data(201);
    assert_eq!((&sold["status"], &sold["total"]["amount"]), (&json!("paid"), &json!("500.00")));
    assert_lets_in(&app, &Guest::of(&sold)).await;
    assert_eq!(counter.wallet(&app).await, "550.00");
    assert_eq!(app.text_messages().iter().filter(|text| text.to == "+243990000001").count(), 1);
    app.end().await;
}
