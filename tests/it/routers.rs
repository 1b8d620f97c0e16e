//! Several routers: added, tested, chosen by packages and orders, and put out of use when nobody needs them.

use chrono::Duration;
use hotspot::adapters::fake::FakeRouter;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

on_both_databases!(
    an_order_is_delivered_on_the_router_that_it_names,
    a_package_has_its_place_and_an_order_may_have_another,
    a_place_that_takes_nobody_is_named,
    an_order_whose_router_has_gone_is_delivered_at_its_site,
    a_router_is_added_changed_and_put_out_of_use,
    every_field_of_a_router_is_looked_at,
    a_test_says_what_came_of_it_and_health_is_kept,
    the_router_of_the_settings_is_theirs,
);

const ROUTERS: &str = "/api/v1/admin/routers";

fn described(name: &str) -> Value {
    json!({ "name": name, "mode": "fake", "host": "demo", "tls": "off" })
}

/// Puts a fake router somewhere and gives its id.
pub async fn add(app: &TestApp, admin: &str, name: &str, site: Option<&str>) -> String {
    let mut body = described(name);
    body["site_id"] = json!(site);
    let router = app.post(ROUTERS, admin, body).await.data(201);
    router["id"].as_str().unwrap().to_owned()
}

fn fake(app: &TestApp, name: &str) -> FakeRouter {
    app.composition.adapters.fakes.routers.as_ref().unwrap().router(name)
}

fn users_on(app: &TestApp, name: &str) -> usize {
    fake(app, name).state().unwrap().users.len()
}

/// The router of the settings, as staff see it.
pub async fn main_router(app: &TestApp, admin: &str) -> Value {
    let routers = app.get(ROUTERS, admin).await.data(200);
    routers.as_array().unwrap().iter().find(|router| router["configured"] == true).unwrap().clone()
}

pub async fn add_site(app: &TestApp, admin: &str, code: &str) -> String {
    let site = app.post("/api/v1/admin/sites", admin, json!({"code": code, "name": code})).await.data(201);
    site["id"].as_str().unwrap().to_owned()
}

/// Orders one set of credentials somewhere.
async fn ask(app: &TestApp, token: &str, package: &str, place: &Value) -> Reply {
    let mut body = json!({"user_profile_id": app.package(package).await, "quantity": 1});
    body.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
    app.post("/api/v1/orders", token, body).await
}

async fn pay(app: &TestApp, token: &str, order: &Value) {
    app.pay(token, order["id"].as_str().unwrap(), "0000").await;
    app.settle().await;
    app.pass_a_second().await;
}

async fn delete(app: &TestApp, admin: &str, id: &str) -> Reply {
    app.send(Method::DELETE, &format!("{ROUTERS}/{id}"), Some(admin), None).await
}

async fn put(app: &TestApp, admin: &str, id: &str, body: Value) -> Reply {
    app.send(Method::PUT, &format!("{ROUTERS}/{id}"), Some(admin), Some(body)).await
}

async fn an_order_is_delivered_on_the_router_that_it_names(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let library = add(&app, &admin, "library", None).await;
    let order = ask(&app, &token, "2H", &json!({"router_id": library})).await.data(201);
    pay(&app, &token, &order).await;
    assert_eq!((users_on(&app, "library"), users_on(&app, "main")), (1, 0));
    let seen =
        app.get(&format!("/api/v1/admin/orders/{}", order["id"].as_str().unwrap()), &admin).await.data(200);
    assert_eq!((&seen["router_id"], &seen["status"]), (&json!(library), &json!("completed")));
    let router = app.get(&format!("{ROUTERS}/{library}"), &admin).await.data(200);
    assert_eq!(router["users"], 1);

    let order = ask(&app, &token, "2H", &json!({})).await.data(201);
    pay(&app, &token, &order).await;
    assert_eq!((users_on(&app, "library"), users_on(&app, "main")), (1, 1));
    app.end().await;
}

async fn a_package_has_its_place_and_an_order_may_have_another(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let site = add_site(&app, &admin, "annex").await;
    let annex = add(&app, &admin, "annex", Some(&site)).await;
    let offer = json!({
        "name": "ANNEX", "price": {"amount": "1.00", "currency": "CDF"}, "validity_minutes": 60,
        "validity_start": "creation", "policy": {}, "target": "router", "site_id": site,
    });
    let package = app.post("/api/v1/admin/user-profiles", &admin, offer).await.data(201);
    assert_eq!((&package["site_id"], &package["router_id"]), (&json!(site), &Value::Null));
    let order = ask(&app, &token, "ANNEX", &json!({})).await.data(201);
    pay(&app, &token, &order).await;
    assert_eq!((users_on(&app, "annex"), users_on(&app, "main")), (1, 0));

    let main_site = main_router(&app, &admin).await["site_id"].clone();
    let order = ask(&app, &token, "ANNEX", &json!({"site_id": main_site})).await.data(201);
    pay(&app, &token, &order).await;
    assert_eq!((users_on(&app, "annex"), users_on(&app, "main")), (1, 1));

    let router = app.get(&format!("{ROUTERS}/{annex}"), &admin).await.data(200);
    assert_eq!((&router["is_default"], &router["site_id"]), (&json!(true), &json!(site)));
    app.end().await;
}

async fn a_place_that_takes_nobody_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let library = add(&app, &admin, "library", None).await;
    let mut off = described("library");
    off["enabled"] = json!(false);
    put(&app, &admin, &library, off).await.data(200);
    let empty = add_site(&app, &admin, "empty").await;
    let main_site = main_router(&app, &admin).await["site_id"].clone();
    let annex = add(&app, &admin, "annex", Some(&empty)).await;
    let nowhere = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";
    let bare = add_site(&app, &admin, "bare").await;
    for (place, field) in [
        (json!({"router_id": library}), "router_id"),
        (json!({"router_id": nowhere}), "router_id"),
        (json!({"site_id": nowhere}), "site_id"),
        (json!({"site_id": bare}), "site_id"),
        (json!({"site_id": main_site, "router_id": annex}), "router_id"),
    ] {
        let reply = ask(&app, &token, "2H", &place).await;
        assert_eq!(reply.code(422), "validation_failed");
        assert!(reply.body["errors"][field].is_array(), "{place} {}", reply.body);
    }
    app.end().await;
}

async fn an_order_whose_router_has_gone_is_delivered_at_its_site(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let library = add(&app, &admin, "library", None).await;
    let order = ask(&app, &token, "2H", &json!({"router_id": library})).await.data(201);
    delete(&app, &admin, &library).await.data(200);
    pay(&app, &token, &order).await;
    assert_eq!((users_on(&app, "library"), users_on(&app, "main")), (0, 1));
    assert_eq!(app.order_status(&token, order["id"].as_str().unwrap()).await, "completed");
    app.end().await;
}

async fn a_router_is_added_changed_and_put_out_of_use(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let body = json!({
        "name": "roof", "host": "10.5.50.1", "username": "portal", "password": "very-secret-value",
        "tls": "pinned", "tls_fingerprint": "0A:".repeat(31) + "0A",
    });
    let added = app.post(ROUTERS, &admin, body.clone()).await;
    assert!(!added.body.to_string().contains("very-secret-value"));
    let roof = added.data(201);
    assert_eq!(
        (&roof["port"], &roof["has_password"], &roof["mode"]),
        (&json!(8729), &json!(true), &json!("api"))
    );
    assert_eq!(roof["tls_fingerprint"], "0a".repeat(32));
    assert_eq!((&roof["is_default"], &roof["health"]["breaker"]), (&json!(false), &json!("closed")));
    let id = roof["id"].as_str().unwrap();
    let mut changed = body;
    changed.as_object_mut().unwrap().remove("password");
    changed["name"] = json!("roof-2");
    let changed = put(&app, &admin, id, changed).await.data(200);
    assert_eq!((&changed["name"], &changed["has_password"]), (&json!("roof-2"), &json!(true)));

    let main = main_router(&app, &admin).await;
    let main = main["id"].as_str().unwrap();
    assert_eq!(delete(&app, &admin, main).await.code(409), "router_is_default");
    let order = ask(&app, &token, "2H", &json!({})).await.data(201);
    pay(&app, &token, &order).await;
    let library = add(&app, &admin, "library", None).await;
    app.post(&format!("{ROUTERS}/{library}/default"), &admin, json!({})).await.data(200);
    assert_eq!(delete(&app, &admin, main).await.code(409), "router_in_use");
    let user = app.get("/api/v1/admin/hotspot-users", &admin).await.data(200)[0]["id"].clone();
    let path = format!("/api/v1/admin/hotspot-users/{}/move", user.as_str().unwrap());
    app.post(&path, &admin, json!({"router_id": library})).await.data(202);
    app.settle().await;
    assert_eq!((users_on(&app, "library"), users_on(&app, "main")), (1, 0));
    delete(&app, &admin, main).await.data(200);
    assert_eq!(delete(&app, &admin, main).await.code(404), "not_found");
    let listed = app.get(ROUTERS, &admin).await.data(200).as_array().unwrap().len();
    let all = app.get(&format!("{ROUTERS}?retired=true"), &admin).await.data(200).as_array().unwrap().len();
    assert_eq!((listed, all), (2, 3));

    let audit = app.get("/api/v1/admin/audit-log", &admin).await.body.to_string();
    assert!(audit.contains("make_default") && !audit.contains("very-secret-value"));
    app.end().await;
}

async fn every_field_of_a_router_is_looked_at(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    for (field, value) in [
        ("name", json!(" ")),
        ("name", json!("main")),
        ("host", json!("http://10.0.0.1")),
        ("host", json!("10.0.0.1:8728")),
        ("port", json!(0)),
        ("port", json!(65_536)),
        ("username", json!("")),
        ("password", json!("")),
        ("tls", json!("maybe")),
        ("tls_fingerprint", json!("0a".repeat(32))),
        ("site_id", json!("0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
        ("mode", json!("real")),
        ("nothing", json!(1)),
    ] {
        let mut body = json!({
            "name": "roof", "mode": "api", "host": "10.5.50.1", "username": "portal", "tls": "system",
        });
        body[field] = value.clone();
        let reply = app.post(ROUTERS, &admin, body).await;
        assert_eq!(reply.code(422), "validation_failed", "{field} {value}");
        assert!(reply.body["errors"][field].is_array(), "{field} {value}: {}", reply.body);
    }
    for (body, field) in [
        (json!({"code": "main", "name": "Main"}), "code"),
        (json!({"code": "A b", "name": "Main"}), "code"),
        (json!({"code": "b", "name": " "}), "name"),
    ] {
        let reply = app.post("/api/v1/admin/sites", &admin, body).await;
        assert!(reply.body["errors"][field].is_array(), "{}", reply.body);
    }
    let sites = app.get("/api/v1/admin/sites", &admin).await.data(200);
    assert_eq!(sites.as_array().unwrap().len(), 1);
    app.end().await;
}

async fn a_test_says_what_came_of_it_and_health_is_kept(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let library = add(&app, &admin, "library", None).await;
    let test = format!("{ROUTERS}/{library}/test");
    let well = app.post(&test, &admin, json!({})).await.data(200);
    assert_eq!((&well["reachable"], &well["identity"]), (&json!(true), &json!("library")));
    fake(&app, "library").change(|router| router.down = true).unwrap();
    app.pass(Duration::minutes(1)).await;
    let away = app.post(&test, &admin, json!({})).await.data(200);
    assert_eq!((&away["reachable"], &away["version"]), (&json!(false), &Value::Null));
    assert!(away["error"].as_str().unwrap().contains("cannot be reached"));
    app.tick().await;
    let health = app.get(&format!("{ROUTERS}/{library}"), &admin).await.data(200)["health"].clone();
    assert!(health["consecutive_failures"].as_u64().unwrap() >= 1, "{health}");
    assert!(health["last_error_at"].as_str().unwrap() > health["last_seen_at"].as_str().unwrap());
    fake(&app, "library").change(|router| router.down = false).unwrap();
    app.pass(Duration::minutes(1)).await;
    app.tick().await;
    let health = app.get(&format!("{ROUTERS}/{library}"), &admin).await.data(200)["health"].clone();
    assert_eq!(health["consecutive_failures"], 0);

    // A real one that is not there: nothing listens on this port.
    let body = json!({"name": "roof", "host": "127.0.0.1", "port": 1, "username": "portal", "tls": "off"});
    let roof = app.post(ROUTERS, &admin, body).await.data(201)["id"].clone();
    let path = format!("{ROUTERS}/{}/test", roof.as_str().unwrap());
    assert_eq!(app.post(&path, &admin, json!({})).await.data(200)["reachable"], false);
    app.end().await;
}

async fn the_router_of_the_settings_is_theirs(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let main = main_router(&app, &admin).await;
    let id = main["id"].as_str().unwrap();
    let mut body = described("main");
    body["host"] = json!("10.0.0.1");
    assert_eq!(put(&app, &admin, id, body).await.code(409), "router_configured");
    let library = add(&app, &admin, "library", None).await;
    app.post(&format!("{ROUTERS}/{library}/default"), &admin, json!({})).await.data(200);
    put(&app, &admin, id, described("gate")).await.data(200);

    // Another process with other settings changes how it is reached, not its name, nor who is the default.
    let mut second = app.second(&[("MIKROTIK_USERNAME", "portal"), ("MIKROTIK_PASSWORD", "secret")]).await;
    let main = main_router(&app, &admin).await;
    assert_eq!((&main["name"], &main["username"]), (&json!("gate"), &json!("portal")));
    assert_eq!((&main["has_password"], &main["is_default"]), (&json!(true), &json!(false)));
    second.stop().await;
    app.end().await;
}
