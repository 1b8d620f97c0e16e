//! Whoever is deleted is forgotten: the books stay as they were, and nothing in the database says whose they are.

use std::collections::BTreeSet;

use chrono::Duration;
use kernel::Origin;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::{access_profile::Limits, testing::terms};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{Reply, TestApp},
    payment_grace,
    statements::line,
    witnesses::success_of,
};

on_both_databases!(
    a_deleted_customer_and_a_guest_are_forgotten_and_the_books_stay,
    what_was_bought_by_radius_is_forgotten_and_works_on,
    what_somebody_used_by_radius_stays_without_a_name,
    a_payment_that_is_under_way_is_waited_for,
    money_that_is_on_its_way_back_is_waited_for,
    a_success_after_that_is_settled_and_told_to_nobody,
    a_statement_names_nobody_again,
    a_guest_who_is_forgotten_pays_no_more,
    an_account_with_a_guests_number_is_left_alone,
);

/// What the database may say of a customer of these tests: in no column of any table, in no spelling.
pub const TRACES: [&str; 5] = ["825550000", "825550001", "zephyrine", "Zéphyrine", "Kabongolo"];
pub const PHONE: &str = "+243825550000";
/// Where all the database speaks of a customer who has bought, before they are forgotten.
const WHERE: [&str; 20] = [
    "deliveries.recipient",
    "events.payload",
    "gateway_callbacks.body",
    "gateway_statement_lines.phone",
    "hotspot_users.email",
    "hotspot_users.phone",
    "login_failures.key",
    "orders.email",
    "orders.phone",
    "payment_graces.phone",
    "payments.phone",
    "subscribers.email",
    "subscribers.full_name",
    "subscribers.phone",
    "subscribers.username",
    "users.email",
    "users.first_name",
    "users.last_name",
    "users.phone",
    "users.search_text",
];
const EMAIL: &str = "zephyrine@customers.test";
const GUESTS: &str = "/api/v1/admin/guests/forget";

/// A customer who has an account.
pub struct Customer {
    id: String,
    token: String,
}

impl Customer {
    pub async fn register(app: &TestApp, admin: &str) -> Self {
        let body = json!({
            "first_name": "Zéphyrine", "last_name": "Kabongolo", "email": EMAIL, "phone": PHONE,
            "locale": "fr",
        });
        let user = app.post("/api/v1/admin/users", admin, body).await.data(201);
        let id = user["id"].as_str().unwrap().to_owned();
        app.settle().await;
        let login = json!({"login": EMAIL, "password": user["password"]});
        let session = app.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.data(200);
        Self { id, token: session["access_token"].as_str().unwrap().to_owned() }
    }

    /// Orders and pays as the part of the fake gateway wants that a suffix chooses.
    pub async fn buy(&self, app: &TestApp, package: &str, suffix: &str) -> (String, String) {
        let order = app.order(&self.token, package, 1).await;
        let payment = app.pay(&self.token, &order, suffix).await;
        app.settle().await;
        (order, payment)
    }

    pub async fn delete(&self, app: &TestApp, admin: &str) -> Reply {
        let path = format!("/api/v1/admin/users/{}", self.id);
        let reply = app.send(Method::DELETE, &path, Some(admin), Some(json!({ "confirm": EMAIL }))).await;
        app.settle().await;
        reply
    }
}

/// Orders without an account, and gives the order and its token.
async fn guest_order(app: &TestApp) -> (String, String) {
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 1, "phone": PHONE});
    let placed = app.send(Method::POST, "/api/v1/orders", None, Some(body)).await.data(201);
    let text = |name: &str| placed[name].as_str().unwrap().to_owned();
    (text("id"), text("order_token"))
}

async fn guest_pays(app: &TestApp, (order, token): &(String, String), suffix: &str) -> Reply {
    let body = json!({"phone": format!("+24382555{suffix}"), "operator": "MP"});
    let path = format!("/api/v1/payments/{order}/initiate");
    app.send_with(Method::POST, &path, None, Some(body), &[("Order-Token", token)]).await
}

async fn forget_guest(app: &TestApp, admin: &str, phone: &str) -> Value {
    let body = json!({"phone": phone, "reason": "asked for by letter"});
    let begun = app.post(GUESTS, admin, body).await.data(202);
    app.settle().await;
    begun
}

/// Every value of every column of every table that says something of a customer, as `table.column: value`.
pub async fn traces_in(database: &TestDatabase, said: &[&str]) -> Vec<String> {
    let is_sqlite = database.url().starts_with("sqlite");
    let columns = if is_sqlite {
        "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    } else {
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
    };
    let mut found = Vec::new();
    for column in database.texts(columns).await {
        let (table, name) = column.split_once('.').unwrap();
        let values = if is_sqlite {
            let bytes = format!("CASE typeof(\"{name}\") WHEN 'blob' THEN 'hex:' || hex(\"{name}\")");
            format!("SELECT {bytes} ELSE CAST(\"{name}\" AS TEXT) END FROM \"{table}\"")
        } else {
            // Bytes are printed as digits.
            format!("SELECT regexp_replace(CAST(\"{name}\" AS text), '^\\\\x', 'hex:') FROM \"{table}\"")
        };
        for value in database.texts(&values).await {
            let text = value.strip_prefix("hex:").map_or(value.clone(), unhexed);
            if said.iter().any(|said| text.to_lowercase().contains(&said.to_lowercase())) {
                found.push(format!("{column}: {text}"));
            }
        }
    }
    found
}

fn unhexed(digits: &str) -> String {
    let bytes = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    let bytes: Vec<_> = bytes.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A gateway's word that a charge has brought its money, with who has paid.
fn success_with_payer(app: &TestApp) -> Value {
    let charge = app.last_charge();
    let mut body = success_of(&charge);
    body["payment"]["phone"] = json!(charge.phone.digits());
    body["payment"]["customer"] = json!("Zéphyrine Kabongolo");
    body
}

/// Where a trace was found.
fn place(trace: &str) -> String {
    trace.split(':').next().unwrap().to_owned()
}

/// What must not change: sums, receipts, the ledger.
async fn books(app: &TestApp, admin: &str, orders: &[&str]) -> Vec<Value> {
    let mut paths =
        vec!["/api/v1/admin/orders/totals".to_owned(), "/api/v1/admin/payments/totals".to_owned()];
    paths.push("/api/v1/admin/receipts".to_owned());
    for order in orders {
        paths.push(format!("/api/v1/admin/payments?order_id={order}"));
    }
    let mut books = Vec::new();
    for path in paths {
        let mut page = app.get(&path, admin).await.data(200);
        for row in page.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            for who in ["phone", "full_phone"] {
                row.remove(who);
            }
        }
        books.push(page);
    }
    books.push(json!(app.balances().await));
    books
}

async fn a_deleted_customer_and_a_guest_are_forgotten_and_the_books_stay(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (order, _) = customer.buy(&app, "2H", "0000").await;
    app.pass_a_second().await;
    let charge = app.last_charge();
    app.hear(&success_with_payer(&app)).await;
    app.import_lines(&line(&charge, charge.asked_at, "1.50", "success")).await;
    customer.buy(&app, "2H", "0001").await;
    app.pass_a_second().await;
    payment_grace::set(&app, json!({"enabled": true})).await.data(200);
    let guest = guest_order(&app).await;
    guest_pays(&app, &guest, "0000").await.data(202);
    app.settle().await;
    app.pass_a_second().await;
    let reset = format!("/api/v1/admin/users/{}/reset-password", customer.id);
    app.send(Method::POST, &reset, Some(&admin), None).await.data(200);
    app.settle().await;
    let wrong = json!({"login": EMAIL, "password": "not it"});
    app.send(Method::POST, "/api/v1/auth/login", None, Some(wrong)).await.code(401);
    let before = books(&app, &admin, &[&order, &guest.0]).await;
    assert!(!before[2].as_array().unwrap().is_empty(), "there are receipts");

    let said: BTreeSet<_> =
        traces_in(&app.database, &TRACES).await.iter().map(|trace| place(trace)).collect();
    assert_eq!(said, WHERE.map(str::to_owned).into());

    assert_eq!(customer.delete(&app, &admin).await.status, 204);
    // What is left is the guest's, of whom nobody knows that they are the same person.
    assert_eq!(traces_in(&app.database, &TRACES[1..]).await, Vec::<String>::new());
    assert!(!traces_in(&app.database, &TRACES[..1]).await.is_empty());
    assert_eq!(forget_guest(&app, &admin, "082 555 00 00").await, json!({"orders": 1}));
    assert_eq!(traces_in(&app.database, &TRACES).await, Vec::<String>::new());

    assert_eq!(books(&app, &admin, &[&order, &guest.0]).await, before);
    assert_eq!((app.on_router(&order), app.on_router(&guest.0)), (1, 1), "what was bought works on");
    let shown = app.get(&format!("/api/v1/admin/orders/{order}"), &admin).await.data(200);
    assert_eq!((&shown["status"], &shown["user_id"]), (&json!("completed"), &json!(customer.id)));
    // Again is harmless.
    assert_eq!(customer.delete(&app, &admin).await.code(404), "not_found");
    assert_eq!(forget_guest(&app, &admin, PHONE).await, json!({"orders": 0}));
    assert_eq!(app.audited("guest:orders").await, ["forget", "forget"]);
    let chain = &app.composition.services.identity;
    chain.seal_audit_log().await.unwrap();
    assert_eq!(chain.verify_audit_log().await.unwrap().broken, None);
    app.end().await;
}

async fn what_was_bought_by_radius_is_forgotten_and_works_on(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    app.database.execute("UPDATE packages SET target = 'radius'").await;
    let (order, _) = customer.buy(&app, "2H", "0000").await;
    app.pass_a_second().await;
    assert_eq!(app.order_status(&customer.token, &order).await, "completed");
    let names = "SELECT username FROM subscribers WHERE enabled AND router_id IS NOT NULL";
    let names_before = app.database.texts(names).await;
    assert_eq!(names_before.len(), 1);

    customer.delete(&app, &admin).await;
    assert_eq!(traces_in(&app.database, &TRACES).await, Vec::<String>::new());
    assert_eq!(app.database.texts(names).await, names_before);
    app.end().await;
}

async fn what_somebody_used_by_radius_stays_without_a_name(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (radius, origin) = (&app.composition.services.radius, Origin::system("test"));
    let profile = radius.create_profile(terms("Students", Limits::default()), &origin).await.unwrap();
    radius
        .assign_profile(customer.id.parse().unwrap(), Some(profile.id), "test".to_owned(), &origin)
        .await
        .unwrap();
    let now = app.now().format("%Y-%m-%dT%H:%M:%S+00:00");
    let wrote = [
        format!(
            "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, acctupdatetime, \
             acctsessiontime, acctinputoctets, acctoutputoctets) \
             VALUES ('1', 'unique-1', '{EMAIL}', '10.0.0.1', '{now}', '{now}', 0, 17, 0)"
        ),
        format!(
            "INSERT INTO radpostauth (username, pass, reply, authdate) VALUES ('Z{}', '', 'Access-Accept', '{now}')",
            &EMAIL[1..]
        ),
    ];
    for sql in &wrote {
        app.database.execute(sql).await;
    }
    app.run(Task::IngestAccounting).await;
    customer.delete(&app, &admin).await;
    app.pass(Duration::minutes(2)).await;
    let left: BTreeSet<_> =
        traces_in(&app.database, &TRACES).await.iter().map(|trace| place(trace)).collect();
    assert!(left.contains("radius_sessions.username"), "the session is not over: {left:?}");

    let end = format!("UPDATE radacct SET acctstoptime = '{now}', acctsessiontime = 5");
    app.database.execute(&end).await;
    app.run(Task::IngestAccounting).await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(traces_in(&app.database, &TRACES).await, Vec::<String>::new());
    let used = "SELECT CAST(up AS TEXT) FROM radius_sessions WHERE username = ''";
    assert_eq!(app.database.texts(used).await, ["17"]);
    app.end().await;
}

async fn a_payment_that_is_under_way_is_waited_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (order, payment) = customer.buy(&app, "2H", "0007").await;
    customer.delete(&app, &admin).await;
    app.pass(Duration::minutes(1)).await;
    let path = format!("/api/v1/admin/payments/{payment}");
    let shown = app.get(&path, &admin).await.data(200);
    assert_eq!((&shown["status"], &shown["full_phone"]), (&json!("pending"), &json!("+243825550007")));

    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.on_router(&order), 1);
    let [told] = app.text_messages().try_into().unwrap();
    assert_eq!(told.to, PHONE, "the credentials have reached the phone");
    app.pass(Duration::minutes(2)).await;
    assert_eq!(
        traces_in(&app.database, &["825550000", "825550007", "zephyrine"]).await,
        Vec::<String>::new()
    );
    let shown = app.get(&path, &admin).await.data(200);
    assert_eq!(
        (&shown["status"], &shown["full_phone"], &shown["operator"]),
        (&json!("success"), &Value::Null, &json!("MP"))
    );
    app.end().await;
}

async fn money_that_is_on_its_way_back_is_waited_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (order, payment) = customer.buy(&app, "2H", "0015").await;
    // Paid, and given back before anybody has begun to make what is owed: a part of it is kept.
    let path = format!("/api/v1/admin/payments/{payment}");
    app.post(&format!("{path}/confirm"), &admin, json!({"evidence": "the dashboard"})).await.data(200);
    let amount = json!({"amount": "1.00", "currency": "CDF"});
    let back = json!({"reason": "no router", "way": "cash", "units": [1], "amount": amount});
    let refund = app.post(&format!("{path}/refunds"), &admin, back).await.data(201);
    customer.delete(&app, &admin).await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.get(&path, &admin).await.data(200)["full_phone"], "+243825550015");

    let confirm = format!("/api/v1/admin/refunds/{}/confirm", refund["id"].as_str().unwrap());
    app.post(&confirm, &admin, json!({"evidence": "signed"})).await.data(200);
    app.settle().await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.get(&path, &admin).await.data(200)["full_phone"], Value::Null);
    let said = ["825550000", "825550015", "zephyrine"];
    assert_eq!(traces_in(&app.database, &said).await, Vec::<String>::new());
    assert_eq!(app.on_router(&order), 0);
    app.end().await;
}

async fn a_success_after_that_is_settled_and_told_to_nobody(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (order, payment) = customer.buy(&app, "2H", "0006").await;
    app.pass(Duration::milliseconds(400)).await;
    assert_eq!(app.moves(&payment).await.last(), Some(&"failed"));
    customer.delete(&app, &admin).await;
    let said = ["825550000", "825550006", "zephyrine"];
    assert_eq!(traces_in(&app.database, &said).await, Vec::<String>::new());

    app.hear(&success_with_payer(&app)).await;
    assert_eq!(app.moves(&payment).await.last(), Some(&"success"));
    assert_eq!((app.on_router(&order), app.text_messages().len(), app.emails().len()), (1, 0, 0));
    // The callback has brought the phone back, and what came of it is over now.
    app.pass(Duration::minutes(2)).await;
    assert_eq!(traces_in(&app.database, &said).await, Vec::<String>::new());
    // The same once more finds nothing to do.
    app.hear(&success_with_payer(&app)).await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.callbacks().await.len(), 3);
    assert_eq!(traces_in(&app.database, &said).await, Vec::<String>::new());
    app.end().await;
}

async fn a_statement_names_nobody_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    customer.buy(&app, "2H", "0000").await;
    app.pass_a_second().await;
    customer.delete(&app, &admin).await;
    let charge = app.last_charge();
    app.import_lines(&line(&charge, charge.asked_at, "1.50", "success")).await;
    assert_eq!(traces_in(&app.database, &TRACES).await, Vec::<String>::new());
    app.end().await;
}

async fn a_guest_who_is_forgotten_pays_no_more(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let guest = guest_order(&app).await;
    assert_eq!(forget_guest(&app, &admin, PHONE).await, json!({"orders": 1}));
    assert_eq!(guest_pays(&app, &guest, "0000").await.code(404), "not_found");
    assert_eq!(traces_in(&app.database, &TRACES).await, Vec::<String>::new());
    let wrong = app.post(GUESTS, &admin, json!({"phone": "12", "reason": "asked for"})).await;
    assert!(wrong.body["errors"]["phone"].is_array());
    assert_eq!(wrong.code(422), "validation_failed");
    app.pass(Duration::hours(2)).await;
    app.end().await;
}

async fn an_account_with_a_guests_number_is_left_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = Customer::register(&app, &admin).await;
    let (order, _) = customer.buy(&app, "2H", "0000").await;
    app.pass_a_second().await;
    assert_eq!(forget_guest(&app, &admin, PHONE).await, json!({"orders": 0}));
    let shown = app.get(&format!("/api/v1/admin/orders/{order}"), &admin).await.data(200);
    assert_eq!(shown["status"], "completed");
    let me = app.get("/api/v1/me", &customer.token).await.data(200);
    assert_eq!(me["phone"], PHONE);
    app.end().await;
}
