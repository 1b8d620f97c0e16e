//! Bad input gets an answer that names the field, and leaves nothing behind.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(
    bad_input_names_its_field_and_leaves_nothing,
    refusals_of_the_present_state_leave_nothing,
    what_is_no_request_is_refused_too,
);

/// A request, and what must be said about it.
struct Bad {
    who: &'static str,
    method: Method,
    path: String,
    body: Value,
    status: u16,
    code: &'static str,
    field: &'static str,
}

fn bad(path: &str, body: Value, field: &'static str) -> Bad {
    let (who, path) = ("user1@demo.test", path.to_owned());
    Bad { who, method: Method::POST, path, body, status: 422, code: "validation_failed", field }
}

impl Bad {
    fn coded(mut self, status: u16, code: &'static str) -> Self {
        (self.status, self.code) = (status, code);
        self
    }

    fn by_admin(mut self) -> Self {
        self.who = "admin@demo.test";
        self
    }

    fn by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }
}

async fn bad_input_names_its_field_and_leaves_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let (package, order) = (app.package("2H").await, app.order(&token, "2H", 1).await);
    app.settle().await;
    for request in of_customers(&package, &order).into_iter().chain(of_staff(&package)) {
        refuse(&app, request).await;
    }
    app.end().await;
}

fn of_customers(package: &str, order: &str) -> Vec<Bad> {
    let pay = format!("/api/v1/payments/{order}/initiate");
    let order_of = |quantity: Value| json!({"user_profile_id": package, "quantity": quantity});
    let unknown = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";
    vec![
        bad("/api/v1/orders", json!({}), "user_profile_id"),
        bad("/api/v1/orders", order_of(json!(0)), "quantity"),
        bad("/api/v1/orders", order_of(json!(101)), "quantity"),
        bad("/api/v1/orders", order_of(json!(-1)), "quantity"),
        bad("/api/v1/orders", order_of(json!("two")), "quantity"),
        bad("/api/v1/orders", order_of(json!(1.5)), "quantity"),
        bad("/api/v1/orders", json!({"user_profile_id": "2H", "quantity": 1}), "user_profile_id"),
        bad("/api/v1/orders", json!({"user_profile_id": unknown, "quantity": 1}), "user_profile_id"),
        bad("/api/v1/orders", json!({"user_profile_id": package, "quantity": 1, "price": "0.01"}), "price"),
        bad(&pay, json!({"phone": "hello", "operator": "MP"}), "phone"),
        bad(&pay, json!({"phone": "+2438123", "operator": "MP"}), "phone"),
        bad(&pay, json!({"phone": "+243812345678", "operator": "XX"}), "operator"),
        bad(&pay, json!({"phone": "+243812345678"}), "operator"),
        bad("/api/v1/orders?status=lost", Value::Null, "status").by(Method::GET),
        bad("/api/v1/orders?from=yesterday", Value::Null, "from").by(Method::GET),
        bad("/api/v1/orders?per_page=1000", Value::Null, "per_page").by(Method::GET),
        bad("/api/v1/payments/42", Value::Null, "payment").by(Method::GET),
        bad("/api/v1/auth/login", json!({"login": "user1@demo.test"}), "password"),
    ]
}

fn of_staff(package: &str) -> Vec<Bad> {
    let offer = json!({
        "name": "3H", "price": {"amount": "2.00", "currency": "CDF"}, "validity_minutes": 180,
        "validity_start": "creation", "policy": {}, "target": "router",
    });
    let with = |field: &str, value: Value| {
        let mut offer = offer.clone();
        offer[field] = value;
        offer
    };
    let create = |field, value, at| bad("/api/v1/admin/user-profiles", with(field, value), at).by_admin();
    let taken = json!({"offer": with("name", json!("1DAY")), "status": "active"});
    let payment = "/api/v1/admin/payments/0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90/confirm";
    vec![
        create("name", json!(""), "name"),
        create("name", json!("2H"), "name"),
        create("price", json!({"amount": "0.00", "currency": "CDF"}), "price.amount"),
        create("price", json!({"amount": "1.505", "currency": "CDF"}), "price.amount"),
        create("price", json!({"amount": "1e3", "currency": "CDF"}), "price.amount"),
        create("price", json!({"amount": 1.5, "currency": "CDF"}), "price.amount"),
        create("price", json!({"amount": "1.50", "currency": "EUR"}), "price.currency"),
        create("validity_minutes", json!(0), "validity_minutes"),
        create("validity_start", json!("tomorrow"), "validity_start"),
        create("target", json!("space"), "target"),
        create("mac_binding", json!(true), "mac_binding"),
        create("policy", json!({"upload_kbps": -1}), "policy.upload_kbps"),
        bad(&format!("/api/v1/admin/user-profiles/{package}"), taken, "name").by_admin().by(Method::PUT),
        bad(payment, json!({"evidence": ""}), "evidence").by_admin(),
    ]
}

async fn refusals_of_the_present_state_leave_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0003").await;
    app.settle().await;
    let body = json!({"phone": "+243812345678", "operator": "MP"});
    let (pay, cancel) =
        (format!("/api/v1/payments/{order}/initiate"), format!("/api/v1/orders/{order}/cancel"));
    let confirm = format!("/api/v1/admin/payments/{payment}/confirm");
    let provision = format!("/api/v1/admin/orders/{order}/provision");
    for request in [
        bad(&pay, body, "").coded(409, "payment_under_way"),
        bad(&cancel, Value::Null, "").coded(409, "payment_under_way"),
        bad(&confirm, json!({"evidence": "seen"}), "").by_admin().coded(409, "payment_not_waiting"),
        bad(&provision, Value::Null, "").by_admin().coded(409, "order_not_paid"),
    ] {
        refuse(&app, request).await;
    }
    app.end().await;
}

async fn what_is_no_request_is_refused_too(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for request in [
        bad("/api/v1/nowhere", json!({}), "").coded(404, "not_found"),
        bad("/api/v1/me", json!({}), "").coded(405, "method_not_allowed"),
        bad("/api/v1/orders/ORD-1/cancel", Value::Null, "").coded(404, "not_found"),
        bad("/api/v1/orders", json!("x".repeat(70_000)), "").coded(413, "payload_too_large"),
    ] {
        refuse(&app, request).await;
    }
    app.end().await;
}

/// Sends a bad request and sees what is said about it, and that it left nothing.
async fn refuse(app: &TestApp, request: Bad) {
    let token = app.log_in(request.who).await;
    let before = rows(app).await;
    let body = (!request.body.is_null()).then_some(request.body.clone());
    let reply = app.send(request.method.clone(), &request.path, Some(&token), body).await;
    let what = format!(
        "{} {} {}",
        request.method,
        request.path,
        request.body.to_string().chars().take(200).collect::<String>()
    );
    assert_eq!(
        (reply.status.as_u16(), reply.body["meta"]["code"].as_str()),
        (request.status, Some(request.code)),
        "{what}: {}",
        reply.body
    );
    assert!(reply.body["meta"]["message"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{what}");
    if !request.field.is_empty() {
        let fields: Vec<_> = reply.body["errors"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, [request.field], "{what}");
    }
    assert_eq!(rows(app).await, before, "{what}");
}

/// How many rows each table has, a line for each.
pub async fn rows(app: &TestApp) -> Vec<String> {
    let tables = match app.composition.services.database.is_sqlite() {
        true => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        false => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
        }
    };
    let tables = app.database.texts(tables).await;
    assert!(tables.len() > 20, "{tables:?}");
    let counts = tables.iter().map(|table| format!("SELECT '{table}: ' || COUNT(*) FROM {table}"));
    app.database.texts(&counts.collect::<Vec<_>>().join(" UNION ALL ")).await
}
