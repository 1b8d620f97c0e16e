//! Where vouchers are good.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{Reply, TestApp},
    routers::{add, add_site, main_router},
    vouchers::{Issued, redeem},
};

on_both_databases!(
    a_voucher_is_not_used_up_where_no_router_is,
    a_voucher_for_a_place_is_good_nowhere_else,
    whoever_has_a_voucher_takes_nobodys_turn,
);

const NO_ROUTER: &str = "n'est pas un site avec un routeur en service";
const OTHER_PLACE: &str = "n'est pas le lieu de ce voucher";

async fn redeem_at(app: &TestApp, code: &str, place: Value) -> Reply {
    let mut body = json!({ "code": code });
    body.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
    app.send(Method::POST, "/api/v1/vouchers/redeem", None, Some(body)).await
}

async fn a_voucher_is_not_used_up_where_no_router_is(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let anywhere = Issued::make(&app, 1, json!({})).await;
    let admin = &anywhere.admin;
    let site = add_site(&app, admin, "library").await;
    let refused = redeem_at(&app, &anywhere.codes[0], json!({"site_id": site})).await;
    assert_eq!(refused.body["errors"]["site_id"][0], NO_ROUTER);

    // Where the batch says, and where nobody says anything.
    add(&app, admin, "library", Some(&site)).await;
    let there = Issued::make(&app, 1, json!({"site_id": site})).await;
    // Staff cannot put a site's default router out of use; whatever else did it, nothing is sold there.
    assert_eq!(app.database.execute("UPDATE routers SET enabled = false").await, 2);
    for issued in [&there, &anywhere] {
        let refused = redeem(&app, None, &issued.codes[0]).await;
        assert_eq!(refused.body["errors"]["site_id"][0], NO_ROUTER);
        assert_eq!(issued.shown(&app).await["redeemed"], 0);
    }
    // Nobody pays either, or makes vouchers, for what no router would take.
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 1, "phone": "+243990000001"});
    let refused = app.send(Method::POST, "/api/v1/orders", None, Some(body)).await;
    assert_eq!(refused.body["errors"]["site_id"][0], NO_ROUTER);
    let body =
        json!({"name": "kiosk", "user_profile_id": app.package("2H").await, "count": 1, "site_id": site});
    let refused = app.post("/api/v1/admin/voucher-batches", admin, body).await;
    assert!(refused.body["errors"]["site_id"].is_array(), "{}", refused.body);
    assert_eq!(app.balances().await.values().find(|sum| **sum != 0), None);
    app.end().await;
}

async fn a_voucher_for_a_place_is_good_nowhere_else(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let site = add_site(&app, &admin, "library").await;
    let (door, shelf) =
        (add(&app, &admin, "door", Some(&site)).await, add(&app, &admin, "shelf", Some(&site)).await);
    let main = main_router(&app, &admin).await["site_id"].clone();
    let of_site = Issued::make(&app, 2, json!({"site_id": site})).await;
    let of_router = Issued::make(&app, 2, json!({"router_id": door})).await;

    for issued in [&of_site, &of_router] {
        let refused = redeem_at(&app, &issued.codes[0], json!({"site_id": main})).await;
        assert_eq!(refused.body["errors"]["site_id"][0], OTHER_PLACE);
    }
    let refused = redeem_at(&app, &of_router.codes[0], json!({"router_id": shelf})).await;
    assert_eq!(refused.body["errors"]["site_id"][0], OTHER_PLACE);
    assert_eq!(of_site.shown(&app).await["redeemed"], 0);

    for (issued, code, place, router) in [
        (&of_site, 0, json!({"router_id": shelf}), json!(shelf)),
        (&of_site, 1, json!({}), Value::Null),
        (&of_router, 0, json!({"site_id": site}), json!(door)),
        (&of_router, 1, json!({"router_id": door}), json!(door)),
    ] {
        let order = redeem_at(&app, &issued.codes[code], place).await.data(201);
        let path = format!("/api/v1/admin/orders/{}", order["id"].as_str().unwrap());
        let order = app.get(&path, &admin).await.data(200);
        assert_eq!((&order["site_id"], &order["router_id"]), (&json!(site), &router));
    }
    app.settle().await;
    app.end().await;
}

async fn whoever_has_a_voucher_takes_nobodys_turn(database: TestDatabase) {
    let limits = [("PUSH_LIMIT_PER_IP_HOUR", "1"), ("GUEST_ORDER_LIMIT_PER_IP_HOUR", "1")];
    let app = TestApp::with(database, &limits).await;
    let issued = Issued::make(&app, 3, json!({})).await;
    for code in &issued.codes {
        redeem(&app, None, code).await.data(201);
    }
    app.settle().await;
    assert_eq!(app.router_users().len(), 3);
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 1, "phone": "+243990000001"});
    let placed = app.send(Method::POST, "/api/v1/orders", None, Some(body)).await.data(201);
    let path = format!("/api/v1/payments/{}/initiate", placed["id"].as_str().unwrap());
    let body = json!({"phone": "+243825550000", "operator": "MP"});
    let token = [("Order-Token", placed["order_token"].as_str().unwrap())];
    app.send_with(Method::POST, &path, None, Some(body), &token).await.data(202);
    app.settle().await;
    app.pass_a_second().await;
    app.end().await;
}
