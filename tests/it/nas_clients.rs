//! NAS clients: made known, changed and forgotten by staff, and what FreeRADIUS finds of them in its own table.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{app::TestApp, secrets::dump};

on_both_databases!(
    a_nas_client_is_known_to_freeradius_as_long_as_it_is_known,
    a_secret_is_written_and_never_shown,
    what_cannot_be_a_nas_client_is_named,
    entries_of_others_are_left_alone,
);

const PATH: &str = "/api/v1/admin/radius/nas-clients";
const SECRET: &str = "Xq7-lorry-Anchor-42-pebble";
const MIRROR: &str = "SELECT nasname || ' ' || shortname || ' ' || type || ' ' || secret || COALESCE(' ' || community, '') \
     FROM nas ORDER BY nasname";

fn library() -> Value {
    json!({"name": "library", "address": "10.5.50.1", "secret": SECRET})
}

fn with(name: &str, value: Value) -> Value {
    let mut body = library();
    body[name] = value;
    body
}

async fn a_nas_client_is_known_to_freeradius_as_long_as_it_is_known(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let made = app.post(PATH, &admin, library()).await.data(201);
    assert_eq!(made["coa_port"], 3799);
    assert_eq!((&made["vendor"], &made["require_message_authenticator"]), (&json!("mikrotik"), &json!(true)));
    assert_eq!(app.database.texts(MIRROR).await, [format!("10.5.50.1 library mikrotik {SECRET}")]);

    let one = format!("{PATH}/{}", made["id"].as_str().unwrap());
    assert_eq!(app.get(&one, &admin).await.data(200), made);
    let moved = json!({
        "name": "library-2", "address": "::ffff:10.5.50.2", "vendor": "pfsense", "coa_port": 0,
        "require_message_authenticator": false,
    });
    let changed = app.send(Method::PUT, &one, Some(&admin), Some(moved)).await.data(200);
    assert_eq!((&changed["address"], &changed["coa_port"]), (&json!("10.5.50.2"), &json!(0)));
    // It keeps its secret, since none was given.
    assert_eq!(app.database.texts(MIRROR).await, [format!("10.5.50.2 library-2 other {SECRET} unsigned")]);
    assert_eq!(app.get(PATH, &admin).await.data(200), json!([changed]));

    assert_eq!(app.send(Method::DELETE, &one, Some(&admin), None).await.status, 204);
    assert_eq!(app.get(&one, &admin).await.code(404), "not_found");
    assert_eq!(app.send(Method::DELETE, &one, Some(&admin), None).await.code(404), "not_found");
    assert!(app.database.texts(MIRROR).await.is_empty());
    app.end().await;
}

async fn a_secret_is_written_and_never_shown(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let made = app.post(PATH, &admin, library()).await;
    assert!(!made.body.to_string().contains(SECRET));
    let audit = app.get("/api/v1/admin/audit-log", &admin).await;
    assert!(audit.body.to_string().contains("nas_client") && !audit.body.to_string().contains(SECRET));
    // FreeRADIUS's own table is the one place where it stands in the clear.
    app.database.execute("DELETE FROM nas").await;
    app.database.execute("UPDATE nas_clients SET name = 'a name'").await;
    if !app.composition.services.database.is_sqlite() {
        assert!(!dump(&app).await.contains(SECRET));
    }
    app.end().await;
}

async fn what_cannot_be_a_nas_client_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    app.post(PATH, &admin, library()).await.data(201);
    let other = |name, value| {
        let mut body = json!({"name": "other", "address": "10.5.50.9", "secret": SECRET});
        body[name] = value;
        body
    };
    for (field, body) in [
        ("name", with("address", json!("10.5.50.9"))),
        ("address", with("name", json!("other"))),
        ("address", with("address", json!("library.example"))),
        ("address", other("address", json!("0.0.0.0"))),
        ("address", other("address", json!("224.0.0.1"))),
        ("secret", other("secret", json!("short"))),
        ("secret", other("secret", json!("`rm -rf /`"))),
        ("secret", other("secret", Value::Null)),
        ("vendor", other("vendor", json!("cisco"))),
        ("coa_port", other("coa_port", json!(65_536))),
        ("site_id", other("site_id", json!("0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90"))),
        ("router_id", other("router_id", json!("0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90"))),
    ] {
        let refused = app.post(PATH, &admin, body.clone()).await;
        assert_eq!(refused.code(422), "validation_failed", "{body}");
        assert!(refused.body["errors"][field].is_array(), "{body}: {}", refused.body);
    }
    assert_eq!(app.database.texts(MIRROR).await.len(), 1);
    app.end().await;
}

async fn entries_of_others_are_left_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let by_hand =
        "INSERT INTO nas (nasname, shortname, secret) VALUES ('10.5.50.1', 'by-hand', 'its-own-secret')";
    app.database.execute(by_hand).await;
    let refused = app.post(PATH, &admin, library()).await;
    assert!(refused.body["errors"]["address"].is_array(), "{}", refused.body);
    // Nothing of it was kept.
    assert_eq!(app.get(PATH, &admin).await.data(200), json!([]));
    assert_eq!(app.database.texts(MIRROR).await, ["10.5.50.1 by-hand other its-own-secret"]);
    app.end().await;
}
