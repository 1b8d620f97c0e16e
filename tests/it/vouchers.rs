//! Vouchers: printed, sold by whoever, and redeemed once.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

const BATCHES: &str = "/api/v1/admin/voucher-batches";

on_both_databases!(
    a_voucher_is_printed_and_redeemed_by_a_guest,
    an_account_redeems_and_finds_the_credentials_among_its_own,
    what_cannot_be_redeemed_says_why,
    a_code_that_is_mistyped_is_told_from_a_wrong_one,
    whoever_guesses_codes_is_stopped_and_seen,
    printing_again_needs_a_reason_and_is_written_down,
    what_is_wrong_with_a_batch_is_named,
    a_repeat_under_the_same_key_is_the_same_batch_and_the_same_order,
);

/// An admin with a batch of vouchers for one `2H`.
pub struct Issued {
    pub admin: String,
    pub batch: String,
    pub codes: Vec<String>,
}

impl Issued {
    pub async fn make(app: &TestApp, count: u32, own: Value) -> Self {
        let admin = app.log_in("admin@demo.test").await;
        let batch = issue(app, &admin, count, own).await.data(201)["id"].as_str().unwrap().to_owned();
        let file = app.post(&format!("{BATCHES}/{batch}/print"), &admin, json!({"form": "csv"})).await;
        Self { admin, batch, codes: codes(&file) }
    }

    pub async fn change(&self, app: &TestApp, action: &str) -> Reply {
        app.post(&format!("{BATCHES}/{}/{action}", self.batch), &self.admin, Value::Null).await
    }

    pub async fn shown(&self, app: &TestApp) -> Value {
        app.get(&format!("{BATCHES}/{}", self.batch), &self.admin).await.data(200)
    }

    pub async fn vouchers(&self, app: &TestApp) -> Value {
        app.get(&format!("{BATCHES}/{}/vouchers?per_page=100", self.batch), &self.admin).await.data(200)
    }
}

async fn issue(app: &TestApp, admin: &str, count: u32, own: Value) -> Reply {
    let mut body = json!({"name": "kiosk", "user_profile_id": app.package("2H").await, "count": count});
    for (name, value) in own.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.post(BATCHES, admin, body).await
}

/// The codes of a file of comma-separated values.
pub fn codes(file: &Reply) -> Vec<String> {
    assert_eq!(file.status, 200, "{}", file.body);
    let lines = file.body.as_str().unwrap().lines().skip(1);
    lines.map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
}

/// Redeems a code, as whoever the token says or as a guest.
pub async fn redeem(app: &TestApp, token: Option<&str>, code: &str) -> Reply {
    app.send(Method::POST, "/api/v1/vouchers/redeem", token, Some(json!({ "code": code }))).await
}

async fn a_voucher_is_printed_and_redeemed_by_a_guest(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let issued = Issued::make(&app, 3, json!({"prefix": "KN"})).await;
    assert_eq!(issued.codes.len(), 3);
    assert!(
        issued.codes.iter().all(|code| code.starts_with("KN-") && code.len() == 18),
        "{:?}",
        issued.codes
    );

    let typed = issued.codes[0].to_lowercase().replace('-', " ");
    let placed = redeem(&app, None, &typed).await.data(201);
    assert_eq!((&placed["status"], &placed["total"]["amount"]), (&json!("paid"), &json!("1.50")));
    let (order, token) = (placed["id"].as_str().unwrap(), placed["order_token"].as_str().unwrap());
    app.settle().await;
    assert_eq!(app.on_router(order), 1);
    let path = format!("/api/v1/orders/{order}/credentials");
    let shown = app.send_with(Method::GET, &path, None, None, &[("Order-Token", token)]).await.data(200);
    assert_eq!(shown[0]["status"], "active");
    let path = format!("/api/v1/orders/{order}");
    let shown = app.send_with(Method::GET, &path, None, None, &[("Order-Token", token)]).await.data(200);
    assert_eq!(shown["payments"][0]["means"], "voucher");
    // Nobody is to be told, and nobody has to look.
    assert_eq!((app.text_messages().len(), app.alerts().await.len()), (0, 0));

    let again = redeem(&app, None, &issued.codes[0]).await;
    assert_eq!(again.code(409), "voucher_redeemed");
    let balances = app.balances().await;
    assert_eq!((balances["voucher_clearing"], balances["revenue"]), (150, -150));
    let shown = issued.shown(&app).await;
    assert_eq!((&shown["count"], &shown["redeemed"], &shown["prints"]), (&json!(3), &json!(1), &json!(1)));
    assert_eq!(issued.vouchers(&app).await[0]["order_id"], order);
    app.end().await;
}

async fn an_account_redeems_and_finds_the_credentials_among_its_own(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let issued = Issued::make(&app, 1, json!({})).await;
    let token = app.log_in("user1@demo.test").await;
    let placed = redeem(&app, Some(&token), &issued.codes[0]).await.data(201);
    assert_eq!(placed["order_token"], Value::Null);
    app.settle().await;
    let own = app.get("/api/v1/hotspot-users", &token).await.data(200);
    assert_eq!((own.as_array().unwrap().len(), &own[0]["order_id"]), (1, &placed["id"]));
    assert_eq!(app.text_messages().len(), 1);
    app.end().await;
}

async fn what_cannot_be_redeemed_says_why(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let end = (app.around.ambient().now() + Duration::days(30)).to_rfc3339();
    let issued = Issued::make(&app, 3, json!({"expires_at": end})).await;
    assert_eq!(issued.change(&app, "suspend").await.data(200)["status"], "suspended");
    assert_eq!(redeem(&app, None, &issued.codes[0]).await.code(409), "voucher_suspended");
    assert_eq!(issued.change(&app, "resume").await.data(200)["status"], "active");

    let lost = issued.vouchers(&app).await[1]["id"].as_str().unwrap().to_owned();
    let revoke = format!("/api/v1/admin/vouchers/{lost}/revoke");
    assert_eq!(app.post(&revoke, &issued.admin, Value::Null).await.status, 204);
    assert_eq!(app.post(&revoke, &issued.admin, Value::Null).await.code(409), "voucher_over");
    assert_eq!(redeem(&app, None, &issued.codes[1]).await.code(409), "voucher_revoked");
    assert_eq!(issued.shown(&app).await["revoked"], 1);

    redeem(&app, None, &issued.codes[0]).await.data(201);
    app.pass(Duration::days(31)).await;
    let admin = app.log_in("admin@demo.test").await;
    let issued = Issued { admin, ..issued };
    assert_eq!(redeem(&app, None, &issued.codes[2]).await.code(409), "voucher_expired");
    issued.change(&app, "revoke").await.data(200);
    assert_eq!(issued.change(&app, "resume").await.code(409), "voucher_revoked");
    assert_eq!(redeem(&app, None, &issued.codes[2]).await.code(409), "voucher_revoked");
    assert_eq!(redeem(&app, None, &issued.codes[0]).await.code(409), "voucher_redeemed");
    app.settle().await;
    assert_eq!(app.balances().await["revenue"], -150);
    app.end().await;
}

async fn a_code_that_is_mistyped_is_told_from_a_wrong_one(database: TestDatabase) {
    let app = TestApp::with(database, &[("GUESS_LIMIT_PER_HOUR", "3")]).await;
    let issued = Issued::make(&app, 1, json!({})).await;
    let mut mistyped = issued.codes[0].clone();
    let last = if mistyped.ends_with('A') { "B" } else { "A" };
    mistyped.replace_range(mistyped.len() - 1.., last);
    for wrong in [mistyped.as_str(), "", "hello", "0000-0000-00000", "É"] {
        for _ in 0..5 {
            let refused = redeem(&app, None, wrong).await;
            assert_eq!(
                refused.body["errors"]["code"][0],
                "n'est pas un code, ou contient une faute de frappe"
            );
            assert_eq!(refused.code(422), "validation_failed", "{wrong}");
        }
    }
    assert_eq!(app.composition.services.billing.guesses(app.around.ambient().now()).await.unwrap(), []);
    redeem(&app, None, &issued.codes[0]).await.data(201);
    app.settle().await;
    app.end().await;
}

async fn whoever_guesses_codes_is_stopped_and_seen(database: TestDatabase) {
    let app = TestApp::with(database, &[("GUESS_LIMIT_PER_HOUR", "10")]).await;
    let issued = Issued::make(&app, 1, json!({})).await;
    let guess = || billing::voucher::VoucherCode::generate(&app.around.ambient()).reveal().to_owned();
    for _ in 0..10 {
        assert_eq!(redeem(&app, None, &guess()).await.code(404), "voucher_unknown");
    }
    // From now on not even the right one is taken from there.
    for code in [guess(), issued.codes[0].clone(), guess()] {
        let stopped = redeem(&app, None, &code).await;
        assert!(stopped.headers.contains_key("retry-after"));
        assert_eq!(stopped.code(429), "too_many_guesses");
    }
    let guesses = app.composition.services.billing.guesses(app.around.ambient().now()).await.unwrap();
    let seen: Vec<_> = guesses.iter().map(|count| (count.guessed.as_str(), count.guesses)).collect();
    assert_eq!(seen, [("voucher_code", 11)]);
    assert_eq!(app.alerts().await, ["guessing"]);
    // An account is somebody else, and the next hour another.
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(redeem(&app, Some(&token), &guess()).await.code(404), "voucher_unknown");
    app.pass(Duration::minutes(60)).await;
    redeem(&app, None, &issued.codes[0]).await.data(201);
    app.settle().await;
    app.end().await;
}

async fn printing_again_needs_a_reason_and_is_written_down(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let issued = Issued::make(&app, 3, json!({})).await;
    redeem(&app, None, &issued.codes[1]).await.data(201);
    let print =
        async |body: Value| app.post(&format!("{BATCHES}/{}/print", issued.batch), &issued.admin, body).await;
    for reason in [json!({"form": "csv"}), json!({"form": "csv", "reason": "    "})] {
        let refused = print(reason).await;
        assert!(refused.body["errors"]["reason"].is_array(), "{}", refused.body);
        assert_eq!(refused.code(422), "validation_failed");
    }
    let again = print(json!({"form": "csv", "reason": "the printer was out of ink"})).await;
    assert_eq!(again.headers["cache-control"], "no-store");
    assert_eq!(codes(&again), [issued.codes[0].clone(), issued.codes[2].clone()]);
    let third =
        print(json!({"form": "csv", "reason": "it fell into the river", "first": 2, "last": 3})).await;
    assert_eq!(codes(&third), [issued.codes[2].clone()]);
    let none = print(json!({"form": "csv", "reason": "it fell into the river", "first": 3, "last": 2})).await;
    assert!(none.body["errors"]["last"].is_array(), "{}", none.body);
    // There is no fourth, and the second was redeemed: no printing of nothing is counted.
    let none = print(json!({"form": "csv", "reason": "it fell into the river", "first": 4})).await;
    assert!(none.body["errors"]["first"].is_array(), "{}", none.body);
    let none = print(json!({"form": "csv", "reason": "it fell into the river", "first": 2, "last": 2})).await;
    assert_eq!(none.code(409), "voucher_over");
    assert_eq!(issued.shown(&app).await["prints"], 3);
    let log = app.get("/api/v1/admin/audit-log?event_type=voucher_batch", &issued.admin).await.data(200);
    let told: Vec<_> = log.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["reprint", "reprint", "print", "issue"], "{log}");
    assert_eq!(log[0]["details"]["last"], 3);
    assert_eq!(log[1]["details"]["reason"], "the printer was out of ink");
    issued.change(&app, "revoke").await.data(200);
    assert_eq!(print(json!({"form": "csv", "reason": "once more"})).await.code(409), "voucher_revoked");
    app.settle().await;
    app.end().await;
}

async fn what_is_wrong_with_a_batch_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let past = (app.around.ambient().now() - Duration::minutes(1)).to_rfc3339();
    let nobody = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";
    for (own, field) in [
        (json!({"count": 0}), "count"),
        (json!({"count": 10_001}), "count"),
        (json!({"name": ""}), "name"),
        (json!({"prefix": "kin"}), "prefix"),
        (json!({"prefix": "KINSH"}), "prefix"),
        (json!({"expires_at": past}), "expires_at"),
        (json!({"user_profile_id": nobody}), "user_profile_id"),
        (json!({"site_id": nobody}), "site_id"),
        (json!({"router_id": nobody}), "router_id"),
    ] {
        let refused = issue(&app, &admin, 1, own).await;
        assert!(refused.body["errors"][field].is_array(), "{field}: {}", refused.body);
        assert_eq!(refused.code(422), "validation_failed");
    }
    assert_eq!(app.get(BATCHES, &admin).await.data(200), json!([]));
    for path in [format!("{BATCHES}/{nobody}"), format!("{BATCHES}/{nobody}/vouchers")] {
        assert_eq!(app.get(&path, &admin).await.code(404), "not_found");
    }
    for path in [format!("{BATCHES}/{nobody}/revoke"), format!("/api/v1/admin/vouchers/{nobody}/revoke")] {
        assert_eq!(app.post(&path, &admin, Value::Null).await.code(404), "not_found");
    }
    app.end().await;
}

async fn a_repeat_under_the_same_key_is_the_same_batch_and_the_same_order(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let key = [("Idempotency-Key", "a-key-that-nobody-hits")];
    let body = json!({"name": "kiosk", "user_profile_id": app.package("2H").await, "count": 2});
    let make = || app.send_with(Method::POST, BATCHES, Some(&admin), Some(body.clone()), &key);
    let (first, again) = (make().await.data(201), make().await.data(201));
    assert_eq!(first["id"], again["id"]);
    let batch = first["id"].as_str().unwrap();
    let file = app.post(&format!("{BATCHES}/{batch}/print"), &admin, json!({"form": "csv"})).await;
    let body = json!({"code": codes(&file)[0]});
    let redeem = || app.send_with(Method::POST, "/api/v1/vouchers/redeem", None, Some(body.clone()), &key);
    let (first, again) = (redeem().await.data(201), redeem().await.data(201));
    assert_eq!((&first["id"], &first["order_token"]), (&again["id"], &again["order_token"]));
    app.settle().await;
    assert_eq!(app.router_users().len(), 1);
    app.end().await;
}
