//! Accounts with what radius knows of them: their promotion, and whether they have the Wi-Fi.

use chrono::Duration;
use kernel::Id;
use persistence::{on_both_databases, testing::TestDatabase};
use radius::{Promotion, ports::RadiusStore};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

const PASSWORD: &str = "correct horse battery";

on_both_databases!(a_promotion_is_chosen_while_it_is_open, staff_find_who_has_the_wifi);

async fn promotion(app: &TestApp, name: &str, active: bool) -> String {
    let ambient = app.around.ambient();
    let promotion = Promotion {
        id: Id::generate(&ambient),
        name: name.to_owned(),
        access_profile_id: None,
        active,
        created_at: ambient.now(),
    };
    let mut tx = RadiusStore::begin(&app.composition.services.database).await.unwrap();
    assert!(tx.insert_promotion(&promotion).await.unwrap());
    tx.commit().await.unwrap();
    promotion.id.to_string()
}

async fn register(app: &TestApp, matricule: &str, promotion: &str) -> Reply {
    let body = json!({
        "first_name": "Élodie", "last_name": "Mbuyi", "matricule": matricule, "promotion_id": promotion,
        "password": PASSWORD, "password_confirmation": PASSWORD,
    });
    app.send(Method::POST, "/api/v1/auth/register", None, Some(body)).await
}

/// What staff see of the accounts that fit a query: username, promotion, Wi-Fi ever and now.
async fn seen(app: &TestApp, admin: &str, query: &str) -> Vec<Value> {
    let users = app.get(&format!("/api/v1/admin/users?{query}"), admin).await.data(200);
    let row = |user: &Value| {
        json!([
            user["username"],
            user["promotion_name"],
            user["is_radius_activated"],
            user["is_radius_enabled"]
        ])
    };
    users.as_array().unwrap().iter().map(row).collect()
}

async fn a_promotion_is_chosen_while_it_is_open(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (open, closed) = (promotion(&app, "L2 Informatique", true).await, promotion(&app, "L1", false).await);
    let user = register(&app, "1", &open).await.data(201)["user"].clone();
    assert_eq!((&user["promotion_id"], &user["promotion_name"]), (&json!(open), &json!("L2 Informatique")));
    let refused = register(&app, "2", &closed).await;
    assert_eq!(refused.code(422), "validation_failed");
    assert!(refused.body["errors"]["promotion_id"].is_array(), "{}", refused.body);

    let admin = app.log_in("admin@demo.test").await;
    let path = format!("/api/v1/admin/users/{}", user["id"].as_str().unwrap());
    for (promotion, status, name) in
        [(closed.as_str(), 422, Value::Null), ("", 200, Value::Null), (&open, 200, json!("L2 Informatique"))]
    {
        let body = json!({ "promotion_id": promotion });
        let reply = app.send(Method::PATCH, &path, Some(&admin), Some(body)).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        if status == 200 {
            assert_eq!(reply.body["data"]["promotion_name"], name);
        }
    }
    app.end().await;
}

async fn staff_find_who_has_the_wifi(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let (one, other) = (promotion(&app, "L1", true).await, promotion(&app, "L2", true).await);
    for (matricule, promotion) in [("11", &one), ("12", &one), ("21", &other)] {
        register(&app, matricule, promotion).await.data(201);
    }
    app.settle().await;
    // What switching on and off leaves behind.
    let ever = "UPDATE subscribers SET activated_at = created_at WHERE username IN ('11', '12')";
    assert_eq!(app.database.execute(ever).await, 2);
    assert_eq!(app.database.execute("UPDATE subscribers SET enabled = TRUE WHERE username = '11'").await, 1);
    let (eleven, twelve) = (json!(["11", "L1", true, true]), json!(["12", "L1", true, false]));
    let twenty_one = json!(["21", "L2", false, false]);
    assert_eq!(seen(&app, &admin, "is_radius_enabled=true").await, std::slice::from_ref(&eleven));
    assert_eq!(seen(&app, &admin, &format!("promotion_id={one}")).await, [twelve.clone(), eleven]);
    assert_eq!(seen(&app, &admin, "is_radius_enabled=false&search=mbuyi").await, [twenty_one, twelve]);
    let columns = "username,promotion,is_radius_activated,is_radius_enabled";
    let path = format!("/api/v1/admin/users/export?promotion_id={one}&columns={columns}");
    let file = app.get(&path, &admin).await.body;
    assert!(file.as_str().unwrap().contains("11,L1,oui,oui\r\n12,L1,oui,non\r\n"), "{file}");
    let path = format!("/api/v1/admin/users/export?promotion_id={one}&format=pdf");
    assert_eq!(app.get(&path, &admin).await.status, 200);
    // A deleted account is nobody's any more.
    let users = app.get(&format!("/api/v1/admin/users?promotion_id={one}"), &admin).await.data(200);
    let id = users[1]["id"].as_str().unwrap();
    let body = json!({ "confirm": "11" });
    let path = format!("/api/v1/admin/users/{id}");
    assert_eq!(app.send(Method::DELETE, &path, Some(&admin), Some(body)).await.status, 204);
    app.settle().await;
    assert_eq!(seen(&app, &admin, "is_radius_enabled=true").await, Vec::<Value>::new());
    // What is left of their entry in the directory goes a while later.
    app.pass(Duration::hours(1)).await;
    app.end().await;
}
