//! Registering by oneself, and looking after one's own account.

use chrono::{DateTime, Duration};
use kernel::{
    EventPayload, Sealer,
    events::identity::{UserRegistered, WifiSecretChanged},
    sealed::Purpose,
};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::startup::DEMO_PASSWORD;
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

const PASSWORD: &str = "correct horse battery";

on_both_databases!(
    a_student_registers_and_waits_for_the_wifi,
    what_is_wrong_with_a_registration_is_named,
    of_two_with_one_matricule_one_registers,
    an_address_registers_only_so_often,
    a_person_changes_their_own_account,
    a_password_changes_with_the_wifi_secret,
    a_wifi_secret_is_kept_apart,
    a_stolen_session_does_not_guess_the_password,
);

/// A whole registration, with some fields of its own.
fn form(own: Value) -> Value {
    let mut form = json!({
        "first_name": "Élodie", "last_name": "Mbuyi", "matricule": "2024-ISC-0017",
        "password": PASSWORD, "password_confirmation": PASSWORD, "locale": "en",
    });
    for (name, value) in own.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

async fn register(app: &TestApp, own: Value) -> Reply {
    app.send(Method::POST, "/api/v1/auth/register", None, Some(form(own))).await
}

async fn log_in(app: &TestApp, login: &str, password: &str) -> Reply {
    let body = json!({ "login": login, "password": password });
    app.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await
}

/// What was told of one kind, latest first.
async fn told<P: EventPayload>(app: &TestApp) -> Vec<P> {
    let database = &app.composition.background.database;
    let events = database.latest_events(P::TYPE, DateTime::UNIX_EPOCH, 100).await.unwrap();
    events.iter().map(|event| event.payload_as().unwrap().unwrap()).collect()
}

fn sealer(app: &TestApp) -> Sealer {
    let key = app.composition.settings.app.key.expose_secret();
    Sealer::new(key, None, app.around.ambient()).unwrap()
}

/// The secret that was last told for the Wi-Fi.
async fn wifi_secret(app: &TestApp) -> String {
    let fact = told::<WifiSecretChanged>(app).await.remove(0);
    sealer(app).open(Purpose::RadiusSecret, &fact.user_id, &fact.sealed_wifi_secret).unwrap()
}

fn token_of(data: &Value) -> String {
    data["access_token"].as_str().unwrap().to_owned()
}

async fn a_student_registers_and_waits_for_the_wifi(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let reply = register(&app, json!({})).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let data = reply.data(201);
    assert_eq!(data["wifi"]["status"], "pending_activation");
    assert_eq!(
        data["wifi"]["message"],
        "Your account is made. An administrator has yet to activate your Wi-Fi access."
    );
    let user = &data["user"];
    assert_eq!(user["username"], "2024-ISC-0017");
    assert!(user["email"].as_str().unwrap().starts_with("2024-isc-0017@"), "{user}");
    assert_eq!((&user["role"], &user["is_active"]), (&json!("user"), &json!(true)));
    assert_eq!(user["is_radius_activated"], false);
    assert_eq!(user["is_radius_enabled"], false);

    let me = app.get("/api/v1/me", &token_of(&data)).await.data(200);
    assert_eq!(me["id"], user["id"]);
    log_in(&app, "2024-isc-0017", PASSWORD).await.data(200);

    let fact = told::<UserRegistered>(&app).await.remove(0);
    assert_eq!(json!(fact.account.user_id), user["id"]);
    assert!(!fact.activate_wifi);
    let sealed = fact.sealed_wifi_secret.unwrap();
    let secret = sealer(&app).open(Purpose::RadiusSecret, &fact.account.user_id, &sealed);
    assert_eq!(secret.as_deref(), Ok(PASSWORD));
    app.end().await;
}

async fn what_is_wrong_with_a_registration_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    register(&app, json!({ "phone": "+243899000001" })).await.data(201);
    for (own, field) in [
        (json!({ "matricule": "2024-isc-0017" }), "matricule"),
        (json!({ "matricule": "2", "email": "2024-ISC-0017@hotspot.invalid" }), "email"),
        (json!({ "matricule": "2", "email": "admin@demo.test" }), "email"),
        (json!({ "matricule": "2", "phone": "0899000001" }), "phone"),
        (json!({ "matricule": "" }), "matricule"),
        (json!({ "matricule": "é" }), "matricule"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "phone": "12" }), "phone"),
        (json!({ "first_name": " " }), "first_name"),
        (json!({ "last_name": "a\nb" }), "last_name"),
        (json!({ "password_confirmation": "correct horse batterie" }), "password_confirmation"),
        (json!({ "password": "password", "password_confirmation": "password" }), "password"),
        (json!({ "password": "2024-ISC-0017", "password_confirmation": "2024-ISC-0017" }), "password"),
        (json!({ "promotion_id": "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90" }), "promotion_id"),
        (json!({ "role": "admin" }), "role"),
    ] {
        let reply = register(&app, own.clone()).await;
        assert_eq!(reply.code(422), "validation_failed", "{own}");
        let errors = reply.body["errors"].as_object().unwrap();
        assert_eq!(errors.keys().collect::<Vec<_>>(), [field], "{own}: {}", reply.body);
        // Nobody else's name, number or address is told.
        assert!(!reply.body.to_string().contains("Mbuyi"), "{}", reply.body);
    }
    assert_eq!(told::<UserRegistered>(&app).await.len(), portal::startup::DEMO_LOGINS.len() + 1);
    app.end().await;
}

async fn of_two_with_one_matricule_one_registers(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let registrations = futures_util::future::join_all((0..6).map(|number| {
        let phone = format!("+24389900000{number}");
        let app = &app;
        async move { register(app, json!({ "phone": phone })).await }
    }));
    let replies = registrations.await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(reply.code(422), "validation_failed");
        assert!(reply.body["errors"]["matricule"].is_array(), "{}", reply.body);
    }
    assert_eq!(told::<UserRegistered>(&app).await.len(), portal::startup::DEMO_LOGINS.len() + 1);
    app.end().await;
}

async fn an_address_registers_only_so_often(database: TestDatabase) {
    let app = TestApp::with(database, &[("REGISTRATION_LIMIT_PER_IP_HOUR", "3")]).await;
    register(&app, json!({ "matricule": "1" })).await.data(201);
    app.around.clock.advance(Duration::minutes(20));
    // To ask whether a name is taken costs as much as to take it.
    assert_eq!(register(&app, json!({ "matricule": "1" })).await.code(422), "validation_failed");
    register(&app, json!({ "matricule": "2" })).await.data(201);
    let refused = register(&app, json!({ "matricule": "3" })).await;
    assert_eq!(refused.headers["retry-after"], "2400");
    assert_eq!(refused.code(429), "too_many_registrations");
    app.around.clock.advance(Duration::minutes(40));
    register(&app, json!({ "matricule": "3" })).await.data(201);
    assert_eq!(register(&app, json!({ "matricule": "4" })).await.code(429), "too_many_registrations");
    app.end().await;
}

async fn a_person_changes_their_own_account(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = token_of(&register(&app, json!({})).await.data(201));
    let change = async |body| app.send(Method::PATCH, "/api/v1/me", Some(&token), Some(body)).await;
    let me = change(json!({ "first_name": "Elodie", "phone": "0899000002", "locale": "fr" })).await.data(200);
    assert_eq!((&me["first_name"], &me["phone"]), (&json!("Elodie"), &json!("+243899000002")));
    assert_eq!((&me["last_name"], &me["locale"]), (&json!("Mbuyi"), &json!("fr")));
    let me = change(json!({ "phone": "" })).await.data(200);
    assert_eq!(me["phone"], Value::Null);
    for (body, field) in [
        (json!({ "email": "admin@demo.test" }), "email"),
        (json!({ "matricule": "1" }), "matricule"),
        (json!({ "role": "admin" }), "role"),
        (json!({ "is_active": false }), "is_active"),
        (json!({ "promotion_id": "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90" }), "promotion_id"),
    ] {
        let reply = change(body).await;
        assert_eq!(reply.code(422), "validation_failed");
        assert!(reply.body["errors"][field].is_array(), "{}", reply.body);
    }
    // Somebody whose only name is their email must keep one.
    let other = app.log_in("user1@demo.test").await;
    let body = json!({ "email": "", "phone": "" });
    let refused = app.send(Method::PATCH, "/api/v1/me", Some(&other), Some(body)).await;
    assert_eq!(refused.code(422), "validation_failed");
    app.end().await;
}

async fn a_password_changes_with_the_wifi_secret(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = token_of(&register(&app, json!({})).await.data(201));
    let other = token_of(&log_in(&app, "2024-ISC-0017", PASSWORD).await.data(200));
    let change = async |body| app.send(Method::PUT, "/api/v1/me/password", Some(&token), Some(body)).await;
    let new = "another horse";
    let body =
        |current, new| json!({ "current_password": current, "password": new, "password_confirmation": new });
    for (body, field) in [
        (body("wrong", new), "current_password"),
        (body(PASSWORD, "2024-isc-0017"), "password"),
        (body(PASSWORD, "kabila"), "password"),
        (
            json!({ "current_password": PASSWORD, "password": new, "password_confirmation": "x" }),
            "password_confirmation",
        ),
    ] {
        let reply = change(body).await;
        assert_eq!(reply.code(422), "validation_failed");
        assert!(reply.body["errors"][field].is_array(), "{}", reply.body);
    }
    assert_eq!(change(body(PASSWORD, new)).await.status, 204);
    assert_eq!(app.get("/api/v1/me", &token).await.status, 200);
    assert_eq!(app.get("/api/v1/me", &other).await.code(401), "unauthenticated");
    assert_eq!(log_in(&app, "2024-ISC-0017", PASSWORD).await.code(401), "invalid_credentials");
    log_in(&app, "2024-ISC-0017", new).await.data(200);
    assert_eq!(wifi_secret(&app).await, new);
    app.end().await;
}

async fn a_wifi_secret_is_kept_apart(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = token_of(&register(&app, json!({})).await.data(201));
    let put = async |path: &str, body: Value| {
        app.send(Method::PUT, &format!("/api/v1/me/{path}"), Some(&token), Some(body)).await
    };
    let made = put("wifi-secret", json!({ "current_password": PASSWORD, "source": "generated" })).await;
    assert_eq!(made.headers["cache-control"], "no-store");
    let made = made.data(200)["secret"].as_str().unwrap().to_owned();
    assert_eq!(wifi_secret(&app).await, made);
    let new = "another horse";
    let change = json!({ "current_password": PASSWORD, "password": new, "password_confirmation": new });
    assert_eq!(put("password", change).await.status, 204);
    // The password is another one, the secret for the Wi-Fi is not.
    assert_eq!(wifi_secret(&app).await, made);
    let chosen = json!({ "current_password": new, "source": "chosen", "secret": "my own Wi-Fi" });
    assert_eq!(put("wifi-secret", chosen).await.data(200), json!({ "secret": null }));
    assert_eq!(wifi_secret(&app).await, "my own Wi-Fi");
    for (body, field) in [
        (json!({ "current_password": PASSWORD, "source": "generated" }), "current_password"),
        (json!({ "current_password": new, "source": "chosen", "secret": "kabila" }), "secret"),
        (json!({ "current_password": new, "source": "chosen" }), "secret"),
        (json!({ "current_password": new, "source": "password", "secret": "my own Wi-Fi" }), "secret"),
    ] {
        let reply = put("wifi-secret", body).await;
        assert_eq!(reply.code(422), "validation_failed");
        assert!(reply.body["errors"][field].is_array(), "{}", reply.body);
    }
    let again = json!({ "current_password": new, "source": "password" });
    assert_eq!(put("wifi-secret", again).await.status, 200);
    assert_eq!(wifi_secret(&app).await, new);
    app.end().await;
}

async fn a_stolen_session_does_not_guess_the_password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let guess = async |current: &str| {
        let body = json!({ "current_password": current, "source": "generated" });
        app.send(Method::PUT, "/api/v1/me/wifi-secret", Some(&token), Some(body)).await
    };
    for _ in 0..5 {
        assert_eq!(guess("wrong").await.code(422), "validation_failed");
    }
    let locked = guess(DEMO_PASSWORD).await;
    assert_eq!(locked.headers["retry-after"], "60");
    assert_eq!(locked.code(429), "login_locked");
    assert_eq!(log_in(&app, "user1@demo.test", DEMO_PASSWORD).await.code(429), "login_locked");
    app.around.clock.advance(Duration::minutes(1));
    assert_eq!(guess(DEMO_PASSWORD).await.status, 200);
    app.end().await;
}
