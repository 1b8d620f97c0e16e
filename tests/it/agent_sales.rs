//! What agents have sold: for which sites they may, and how they find it again.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::Counter,
    app::TestApp,
    routers::{add, add_site},
};

on_both_databases!(
    what_was_sold_is_found_again,
    vouchers_that_were_taken_are_found_again,
    an_agent_sells_for_their_only_site_or_says_for_which,
    a_suspended_agent_stays_so_while_terms_change,
);

/// The identifiers of a list.
async fn ids(app: &TestApp, token: &str, path: &str) -> Vec<String> {
    let rows = app.get(path, token).await.data(200);
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn what_was_sold_is_found_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let sold = counter.sell(&app, "2H", 1, json!({})).await.data(201);
    let (order, number) = (sold["id"].as_str().unwrap(), sold["number"].as_str().unwrap());
    app.around.clock.advance(Duration::minutes(1));
    let later = counter.sell(&app, "1DAY", 1, json!({})).await.data(201);
    // Somebody else's is not among them.
    let customer = app.log_in("user1@demo.test").await;
    app.order(&customer, "2H", 1).await;
    app.settle().await;

    assert_eq!(
        ids(&app, &counter.token, "/api/v1/agent/sales").await,
        [later["id"].as_str().unwrap(), order]
    );
    let until = later["created_at"].as_str().unwrap();
    assert_eq!(ids(&app, &counter.token, &format!("/api/v1/agent/sales?to={until}")).await, [order]);
    assert_eq!(app.events("AgentSold").await, 2);
    let of_agent = format!("/api/v1/admin/orders?agent_id={}", counter.id);
    assert_eq!(ids(&app, &counter.admin, &of_agent).await.len(), 2);

    // The answer to the sale was lost: its token comes again, and reads the credentials.
    for name in [order, number] {
        let shown = app.get(&format!("/api/v1/agent/sales/{name}"), &counter.token).await;
        assert_eq!(shown.headers["cache-control"], "no-store");
        let shown = shown.data(200);
        assert_eq!((&shown["status"], &shown["order_token"]), (&json!("completed"), &sold["order_token"]));
    }
    let token = [("Order-Token", sold["order_token"].as_str().unwrap())];
    let path = format!("/api/v1/orders/{order}/credentials");
    let shown = app.send_with(Method::GET, &path, None, None, &token).await.data(200);
    assert_eq!(shown[0]["status"], "active");
    // An admin has the permission, and has sold nothing.
    assert_eq!(ids(&app, &counter.admin, "/api/v1/agent/sales").await, [""; 0]);
    let not_theirs = app.get(&format!("/api/v1/agent/sales/{order}"), &counter.admin).await;
    assert_eq!(not_theirs.code(404), "not_found");
    app.end().await;
}

async fn vouchers_that_were_taken_are_found_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "20.00").await;
    let path = "/api/v1/agent/vouchers";
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 2});
    let taken = app.post(path, &counter.token, body).await;
    let location = taken.headers["location"].to_str().unwrap().to_owned();
    let taken = taken.data(201);
    assert_eq!(app.get(&location, &counter.token).await.data(200), taken);
    app.around.clock.advance(Duration::minutes(1));
    let other = counter.take(&app, "1DAY", 1).await.data(201);
    let own = json!({"name": "kiosk", "user_profile_id": app.package("2H").await, "count": 1});
    let staffs = app.post("/api/v1/admin/voucher-batches", &counter.admin, own).await.data(201);

    assert_eq!(app.events("AgentSold").await, 2);
    let text = |batch: &Value| batch["id"].as_str().unwrap().to_owned();
    assert_eq!(ids(&app, &counter.token, path).await, [text(&other), text(&taken)]);
    let day = app.package("1DAY").await;
    assert_eq!(ids(&app, &counter.token, &format!("{path}?user_profile_id={day}")).await, [text(&other)]);
    let revoke = format!("/api/v1/admin/voucher-batches/{}/revoke", text(&other));
    app.post(&revoke, &counter.admin, Value::Null).await.data(200);
    assert_eq!(ids(&app, &counter.token, &format!("{path}?status=active")).await, [text(&taken)]);

    let admin = "/api/v1/admin/voucher-batches";
    let until = other["created_at"].as_str().unwrap();
    for (query, expected) in [
        (format!("agent_id={}", counter.id), vec![text(&other), text(&taken)]),
        (format!("agent_id={}&to={until}", counter.id), vec![text(&taken)]),
        ("status=revoked".to_owned(), vec![text(&other)]),
        (format!("from={until}&status=active"), vec![text(&staffs)]),
    ] {
        assert_eq!(ids(&app, &counter.admin, &format!("{admin}?{query}")).await, expected, "{query}");
    }
    let staffs = app.get(&format!("{path}/{}", text(&staffs)), &counter.token).await;
    assert_eq!(staffs.code(404), "not_found");
    app.end().await;
}

async fn an_agent_sells_for_their_only_site_or_says_for_which(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "20.00").await;
    let sites = app.get("/api/v1/admin/sites", &counter.admin).await.data(200);
    let (main, library) = (sites[0]["id"].clone(), add_site(&app, &counter.admin, "library").await);
    let terms = |sites: Value| json!({"commission_basis_points": 0, "sites": sites});

    // Nobody sells what no router would take.
    counter.set(&app, terms(json!([library]))).await.data(200);
    for refused in [counter.sell(&app, "2H", 1, json!({})).await, counter.take(&app, "2H", 1).await] {
        let said = "is not a site with a router that takes users";
        assert_eq!(refused.body["errors"]["site_id"][0], said, "{}", refused.body);
    }
    add(&app, &counter.admin, "library", Some(&library)).await;
    let sold = counter.sell(&app, "2H", 1, json!({})).await.data(201);
    let path = format!("/api/v1/admin/orders/{}", sold["id"].as_str().unwrap());
    assert_eq!(app.get(&path, &counter.admin).await.data(200)["site_id"], library);
    assert_eq!(counter.take(&app, "2H", 1).await.data(201)["site_id"], library);
    let refused = counter.sell(&app, "2H", 1, json!({"site_id": main})).await;
    assert_eq!(refused.body["errors"]["site_id"][0], "is not among your sites");

    counter.set(&app, terms(json!([library, main]))).await.data(200);
    for refused in [counter.sell(&app, "2H", 1, json!({})).await, counter.take(&app, "2H", 1).await] {
        assert_eq!(refused.body["errors"]["site_id"][0], "is required", "{}", refused.body);
    }
    counter.sell(&app, "2H", 1, json!({"site_id": main})).await.data(201);
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 1, "site_id": main});
    let taken = app.post("/api/v1/agent/vouchers", &counter.token, body).await.data(201);
    assert_eq!(taken["site_id"], main);
    // What was refused has cost nothing.
    assert_eq!(counter.wallet(&app).await, "14.00");
    app.settle().await;
    app.end().await;
}

async fn a_suspended_agent_stays_so_while_terms_change(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    counter.set(&app, json!({"commission_basis_points": 0, "status": "suspended"})).await.data(200);
    assert_eq!(
        counter.set(&app, json!({"commission_basis_points": 500})).await.data(200)["status"],
        "suspended"
    );
    assert_eq!(counter.sell(&app, "2H", 1, json!({})).await.code(403), "not_an_agent");
    assert_eq!(counter.take(&app, "2H", 1).await.code(403), "not_an_agent");
    let with = |status: &str| format!("/api/v1/admin/agents?status={status}");
    let listed = app.get(&with("suspended"), &counter.admin).await.data(200);
    assert_eq!(listed[0]["user_id"], json!(counter.id));
    assert_eq!(app.get(&with("active"), &counter.admin).await.data(200), json!([]));
    counter.set(&app, json!({"commission_basis_points": 500, "status": "active"})).await.data(200);
    counter.sell(&app, "2H", 1, json!({})).await.data(201);
    app.settle().await;
    app.end().await;
}
