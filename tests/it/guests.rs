//! Whoever has no account buys all the same: with a phone, and a token that opens their order and no other.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

pub const PHONE: &str = "+243990000001";

on_both_databases!(
    a_guest_buys_and_surfs,
    a_token_opens_its_order_alone,
    a_repeat_is_answered_with_the_same_order_and_token,
    what_is_wrong_with_a_guests_order_is_named,
    guests_order_only_so_often,
    whoever_guesses_tokens_is_stopped_and_seen,
    a_guest_is_written_to_in_the_language_of_their_order,
);

/// A guest with what opens their order.
pub struct Guest {
    pub order: String,
    token: String,
}

impl Guest {
    /// Places an order for one `2H`.
    pub async fn order(app: &TestApp) -> Self {
        Self::ordering(app, json!({})).await
    }

    /// Places an order with some fields of its own.
    pub async fn ordering(app: &TestApp, own: Value) -> Self {
        Self::of(&place(app, own).await.data(201))
    }

    /// Whoever was answered with an order and its token.
    pub fn of(placed: &Value) -> Self {
        let text = |name: &str| placed[name].as_str().unwrap().to_owned();
        Self { order: text("id"), token: text("order_token") }
    }

    pub async fn get(&self, app: &TestApp, path: &str) -> Reply {
        app.send_with(Method::GET, path, None, None, &[("Order-Token", &self.token)]).await
    }

    async fn post(&self, app: &TestApp, path: &str, body: Value) -> Reply {
        app.send_with(Method::POST, path, None, Some(body), &[("Order-Token", &self.token)]).await
    }

    pub async fn pay(&self, app: &TestApp, suffix: &str) -> Reply {
        let body = json!({"phone": format!("+24382555{suffix}"), "operator": "MP"});
        self.post(app, &format!("/api/v1/payments/{}/initiate", self.order), body).await
    }

    pub async fn shown(&self, app: &TestApp) -> Value {
        self.get(app, &format!("/api/v1/orders/{}", self.order)).await.data(200)
    }

    pub async fn credentials(&self, app: &TestApp) -> Value {
        self.get(app, &format!("/api/v1/orders/{}/credentials", self.order)).await.data(200)
    }
}

/// Places an order for one `2H` without an account, with some fields of its own.
async fn place(app: &TestApp, own: Value) -> Reply {
    place_with(app, own, &[]).await
}

async fn place_with(app: &TestApp, own: Value, headers: &[(&str, &str)]) -> Reply {
    let mut body = json!({"user_profile_id": app.package("2H").await, "quantity": 1, "phone": PHONE});
    for (name, value) in own.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.send_with(Method::POST, "/api/v1/orders", None, Some(body), headers).await
}

async fn a_guest_buys_and_surfs(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let guest = Guest::order(&app).await;
    assert_eq!(guest.credentials(&app).await, json!([]));
    let payment = guest.pay(&app, "0000").await.data(202);
    app.settle().await;
    app.pass_a_second().await;

    let shown = guest.shown(&app).await;
    assert_eq!(shown["status"], "completed", "{shown}");
    let path = format!("/api/v1/payments/{}", payment["id"].as_str().unwrap());
    assert_eq!(guest.get(&app, &path).await.data(200)["status"], "success");
    assert_eq!(app.on_router(&guest.order), 1);

    let reply = guest.get(&app, &format!("/api/v1/orders/{}/credentials", guest.order)).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let credentials = reply.data(200)[0].clone();
    assert_eq!((&credentials["number"], &credentials["status"]), (&json!(1), &json!("active")));
    let name = credentials["credentials"]["username"].as_str().unwrap();
    let password = credentials["credentials"]["password"].as_str().unwrap();
    assert!(app.router_users().contains_key(name));
    let messages = app.text_messages();
    let sent = messages.iter().find(|message| message.text.contains(password)).unwrap();
    assert_eq!(sent.to, PHONE);
    assert!(sent.text.contains(name), "{}", sent.text);

    let admin = app.log_in("admin@demo.test").await;
    let path = format!("/api/v1/admin/orders/{}", guest.order);
    assert_eq!(app.get(&path, &admin).await.data(200)["status"], "completed");
    app.end().await;
}

async fn a_token_opens_its_order_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (one, other) = (Guest::order(&app).await, Guest::order(&app).await);
    let account = app.log_in("user1@demo.test").await;
    let owned = app.order(&account, "2H", 1).await;
    let payment = other.pay(&app, "0003").await.data(202)["id"].as_str().unwrap().to_owned();
    for path in [
        format!("/api/v1/orders/{}", other.order),
        format!("/api/v1/orders/{}/credentials", other.order),
        format!("/api/v1/orders/{owned}"),
        format!("/api/v1/payments/{payment}"),
    ] {
        assert_eq!(one.get(&app, &path).await.code(404), "not_found", "{path}");
    }
    let foreign = Guest { order: other.order.clone(), token: one.token.clone() };
    assert_eq!(foreign.pay(&app, "0000").await.code(404), "not_found");
    let cancel = format!("/api/v1/orders/{}/cancel", other.order);
    assert_eq!(one.post(&app, &cancel, json!({})).await.code(404), "not_found");
    // Neither an account nor a stranger sees a guest's order, and the token opens no list.
    let path = format!("/api/v1/orders/{}", one.order);
    assert_eq!(app.get(&path, &account).await.code(404), "not_found");
    assert_eq!(app.send(Method::GET, &path, None, None).await.code(401), "unauthenticated");
    for path in ["/api/v1/orders", "/api/v1/payments", "/api/v1/me"] {
        assert_eq!(one.get(&app, path).await.code(401), "unauthenticated", "{path}");
    }
    let cancel = format!("/api/v1/orders/{}/cancel", one.order);
    assert_eq!(one.post(&app, &cancel, json!({})).await.data(200)["status"], "cancelled");
    app.pass(Duration::minutes(20)).await;
    app.end().await;
}

async fn a_repeat_is_answered_with_the_same_order_and_token(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = [("Idempotency-Key", "5f2b9c1e-guest-key")];
    let first = place_with(&app, json!({}), &key).await.data(201);
    let again = place_with(&app, json!({}), &key).await.data(201);
    assert_eq!((&again["id"], &again["order_token"]), (&first["id"], &first["order_token"]));
    let other = place_with(&app, json!({"quantity": 2}), &key).await;
    assert_eq!(other.code(422), "idempotency_key_reused");
    // Another guest might hit upon a short one.
    let short = place_with(&app, json!({}), &[("Idempotency-Key", "order-1")]).await;
    assert_eq!(
        short.body["errors"]["Idempotency-Key"][0],
        "doit avoir au moins 16 caractères pour un visiteur"
    );
    assert_eq!(short.code(400), "malformed_request");
    app.end().await;
}

async fn what_is_wrong_with_a_guests_order_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let problem = |reply: Reply| {
        assert_eq!(reply.status.as_u16(), 422, "{}", reply.body);
        reply.body["errors"]["phone"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(problem(place(&app, json!({"phone": null})).await), "est obligatoire");
    assert!(problem(place(&app, json!({"phone": "12"})).await).contains("numéro"));
    let token = app.log_in("user1@demo.test").await;
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 1, "phone": PHONE});
    let with_account = app.post("/api/v1/orders", &token, body.clone()).await;
    assert_eq!(
        with_account.body["errors"]["phone"][0],
        "ne se donne que sans compte ; celui du compte compte"
    );
    // Whoever was signed in until a moment ago does not become a guest.
    let ended = app.send(Method::POST, "/api/v1/orders", Some("expired"), Some(body)).await;
    assert_eq!(ended.code(401), "unauthenticated");
    let admin = app.log_in("admin@demo.test").await;
    assert_eq!(app.get("/api/v1/admin/orders", &admin).await.data(200), json!([]));
    app.end().await;
}

async fn guests_order_only_so_often(database: TestDatabase) {
    let limits = [("GUEST_ORDER_LIMIT_PER_NUMBER_HOUR", "2"), ("GUEST_ORDER_LIMIT_PER_IP_HOUR", "4")];
    let app = TestApp::with(database, &limits).await;
    let with = async |phone: &str| place(&app, json!({ "phone": phone })).await;
    for phone in [PHONE, PHONE, "+243990000002"] {
        with(phone).await.data(201);
    }
    let refused = with(PHONE).await;
    assert_eq!(refused.headers["retry-after"], "3600");
    assert_eq!(refused.code(429), "too_many_guest_orders");
    with("+243990000003").await.data(201);
    assert_eq!(with("+243990000004").await.code(429), "too_many_guest_orders");
    // An account is known, and not held up by guests.
    let token = app.log_in("user1@demo.test").await;
    app.order(&token, "2H", 1).await;
    app.pass(Duration::minutes(61)).await;
    with(PHONE).await.data(201);
    app.end().await;
}

async fn whoever_guesses_tokens_is_stopped_and_seen(database: TestDatabase) {
    let app = TestApp::with(database, &[("GUESS_LIMIT_PER_HOUR", "5")]).await;
    let guest = Guest::order(&app).await;
    let path = format!("/api/v1/orders/{}", guest.order);
    let mut guessing = Guest { order: guest.order.clone(), token: guest.token.replace(['a', 'b', 'c'], "d") };
    for _ in 0..5 {
        assert_eq!(guessing.get(&app, &path).await.code(401), "invalid_order_token");
    }
    guessing.token = "é".to_owned();
    for _ in 0..20 {
        let stopped = guessing.get(&app, &path).await;
        assert!(stopped.headers.contains_key("retry-after"));
        assert_eq!(stopped.code(429), "too_many_guesses");
    }
    // Who has the token is no guesser, wherever they are.
    assert_eq!(guest.shown(&app).await["status"], "pending");
    let status = app.composition.services.billing.guesses(app.around.ambient().now()).await.unwrap();
    let seen: Vec<_> =
        status.iter().map(|count| (count.guessed.as_str(), count.guesses, count.sources)).collect();
    assert_eq!(seen, [("order_token", 25, 1)]);
    assert_eq!(app.alerts().await, ["guessing"]);
    app.pass(Duration::minutes(60)).await;
    assert_eq!(guessing.get(&app, &path).await.code(401), "invalid_order_token");
    app.pass(Duration::days(40)).await;
    app.run(Task::PruneLogs).await;
    let forgotten = app.composition.services.billing.guesses(chrono::DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(forgotten, []);
    app.end().await;
}

async fn a_guest_is_written_to_in_the_language_of_their_order(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let words = [
        ("+243990000001", Some("en"), "Username: "),
        ("+243990000002", Some("fr"), "Identifiant : "),
        ("+243990000003", Some("en-GB,en;q=0.9,fr;q=0.5"), "Username: "),
        ("+243990000004", None, "Identifiant : "),
    ];
    for (phone, language, _) in words {
        let headers: Vec<_> = language.iter().map(|language| ("Accept-Language", *language)).collect();
        let placed = place_with(&app, json!({ "phone": phone }), &headers).await.data(201);
        // What the payment's request says of languages makes no difference.
        Guest::of(&placed).pay(&app, "0000").await.data(202);
        app.settle().await;
        app.pass_a_second().await;
    }
    let messages = app.text_messages();
    let read: Vec<_> = messages.iter().map(|message| (message.to.as_str(), message.text.as_str())).collect();
    for (phone, _, expected) in words {
        let mut to_phone = read.iter().filter(|(to, _)| *to == phone);
        let (_, text) = to_phone.next().unwrap();
        assert!(text.contains(expected) && to_phone.next().is_none(), "{phone}: {read:?}");
    }
    app.end().await;
}
