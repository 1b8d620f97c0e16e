//! Money goes back: as it came or in another way, in full or in part, never more than came in and never twice.

use chrono::Duration;
use futures_util::future::join_all;
use kernel::Role;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    access::somebody,
    app::{Reply, TestApp},
    sessions,
};

on_both_databases!(
    a_payment_goes_back_as_it_came,
    a_unit_that_was_never_made_is_given_back,
    what_was_used_goes_back_only_on_purpose,
    above_a_limit_a_second_person_has_to_approve,
    whatever_the_gateway_does_nothing_is_paid_twice,
    a_refund_pressed_twice_is_paid_once,
    whatever_is_left_goes_with_the_last_of_the_money,
    a_gateway_that_says_something_else_later_is_heard,
    what_is_wrong_with_a_refund_is_named,
    credentials_that_are_not_made_yet_never_are,
);

/// A paid order of so many `2H`, and an admin who may give money back.
pub struct Sale {
    pub admin: String,
    pub customer: String,
    pub order: String,
    pub payment: String,
}

impl Sale {
    /// The phone's last four digits choose what becomes of the refund.
    pub async fn of(app: &TestApp, quantity: u32, suffix: &str) -> Self {
        let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
        let order = app.order(&customer, "2H", quantity).await;
        let payment = app.pay(&customer, &order, suffix).await;
        app.settle().await;
        app.pass_a_second().await;
        assert_eq!(app.order_status(&customer, &order).await, "completed");
        Self { admin, customer, order, payment }
    }

    pub async fn refund(&self, app: &TestApp, own: Value) -> Reply {
        refund(app, &self.admin, &self.payment, own).await
    }

    pub async fn payment(&self, app: &TestApp) -> Value {
        app.get(&format!("/api/v1/payments/{}", self.payment), &self.customer).await.data(200)
    }

    pub async fn status(&self, app: &TestApp) -> String {
        app.order_status(&self.customer, &self.order).await
    }
}

/// Asks for a refund, with some fields of its own.
pub async fn refund(app: &TestApp, admin: &str, payment: &str, own: Value) -> Reply {
    let mut body = json!({"reason": "the router was down"});
    for (name, value) in own.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.post(&format!("/api/v1/admin/payments/{payment}/refunds"), admin, body).await
}

pub fn cdf(amount: &str) -> Value {
    json!({"amount": amount, "currency": "CDF"})
}

/// A refund as staff see it now.
pub async fn shown(app: &TestApp, admin: &str, refund: &Value) -> Value {
    app.get(&format!("/api/v1/admin/refunds/{}", refund["id"].as_str().unwrap()), admin).await.data(200)
}

/// Approves, confirms or rejects a refund.
pub async fn say(app: &TestApp, admin: &str, refund: &Value, word: &str) -> Reply {
    let path = format!("/api/v1/admin/refunds/{}/{word}", refund["id"].as_str().unwrap());
    let body = if word == "approve" { Value::Null } else { json!({"evidence": "receipt 117"}) };
    app.post(&path, admin, body).await
}

async fn a_payment_goes_back_as_it_came(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 2, "0000").await;
    assert_eq!(app.on_router(&sale.order), 2);
    let asked = sale.refund(&app, json!({})).await.data(201);
    assert_eq!((&asked["status"], &asked["way"]), (&json!("approved"), &json!("gateway")));
    assert_eq!((&asked["amount"], &asked["units"]), (&cdf("3.00"), &json!([1, 2])));
    app.settle().await;
    // Its customer is not served any more, whether or not the money is there.
    assert_eq!(app.on_router(&sale.order), 0);
    app.pass_a_second().await;
    app.pass(Duration::minutes(1)).await;

    let refunded = shown(&app, &sale.admin, &asked).await;
    assert_eq!(refunded["status"], "success", "{refunded}");
    assert_eq!(sale.status(&app).await, "refunded");
    assert_eq!(sale.payment(&app).await["refunded"], cdf("3.00"));
    let balances = app.balances().await;
    let of = |account: &str| balances.get(account).copied().unwrap_or_default();
    assert_eq!((of("gateway_clearing"), of("revenue"), of("refunds"), of("refunds_owed")), (0, -300, 300, 0));
    let paid_back = app.gateway().paid_back().unwrap();
    assert_eq!(paid_back.iter().map(|refund| refund.amount.minor()).collect::<Vec<_>>(), [300]);
    // The customer is told, and nothing is left to give back.
    let told = app.text_messages().pop().unwrap();
    assert!(told.text.contains("3.00 CDF rembours"), "{}", told.text);
    assert_eq!(sale.refund(&app, json!({})).await.code(409), "refund_too_large");
    let listed = app.get("/api/v1/admin/refunds?status=success", &sale.admin).await.data(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let moves = refunded["moves"].as_array().unwrap();
    let to: Vec<_> = moves.iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["approved", "submitting", "pending", "success"]);
    app.end().await;
}

async fn a_unit_that_was_never_made_is_given_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = app.order(&customer, "2H", 3).await;
    let payment = app.pay(&customer, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let users = app.get(&format!("/api/v1/hotspot-users?order_id={order}"), &customer).await.data(200);
    let of_unit = |number: u64| {
        users
            .as_array()
            .unwrap()
            .iter()
            .find(|user| user["unit_number"] == number)
            .map(|user| user["id"].clone())
    };
    let sale = Sale { admin, customer, order, payment };
    let back = sale.refund(&app, json!({"units": [2]})).await.data(201);
    assert_eq!(back["amount"], cdf("1.50"));
    app.settle().await;
    app.pass(Duration::minutes(1)).await;
    assert_eq!(shown(&app, &sale.admin, &back).await["status"], "success");
    assert_eq!(app.on_router(&sale.order), 2);
    // What is still owed is there.
    assert_eq!(sale.status(&app).await, "completed");
    let order = app.get(&format!("/api/v1/orders/{}", sale.order), &sale.customer).await.data(200);
    let units: Vec<_> =
        order["units"].as_array().unwrap().iter().map(|unit| unit["status"].clone()).collect();
    assert_eq!(units, ["active", "withdrawn", "active"]);
    // A gesture takes nothing away, until nothing is left.
    sale.refund(&app, json!({"amount": cdf("1.00")})).await.data(201);
    app.settle().await;
    assert_eq!(app.on_router(&sale.order), 2);
    let rest = sale.refund(&app, json!({})).await.data(201);
    assert_eq!((&rest["amount"], &rest["units"]), (&cdf("2.00"), &json!([1, 3])));
    app.settle().await;
    app.pass(Duration::minutes(1)).await;
    assert_eq!((app.on_router(&sale.order), sale.status(&app).await.as_str()), (0, "refunded"));
    assert!(of_unit(2).is_some());
    app.end().await;
}

async fn what_was_used_goes_back_only_on_purpose(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 2, "0000").await;
    let name = app.router_users().into_iter().find(|(_, user)| user.comment.ends_with("#1")).unwrap().0;
    sessions::sign_in(&app, &name, "AA:BB:CC:00:00:01");
    app.run(Task::SyncSessions).await;
    let refused = sale.refund(&app, json!({})).await;
    assert_eq!(refused.body["errors"]["units"][0], "ont servi : 1");
    assert_eq!(refused.code(409), "units_used");
    assert_eq!(sale.refund(&app, json!({"units": [1]})).await.code(409), "units_used");
    assert_eq!(sale.payment(&app).await["refunded"], cdf("0.00"));
    sale.refund(&app, json!({"units": [2]})).await.data(201);
    sale.refund(&app, json!({"units": [1], "even_if_used": true})).await.data(201);
    app.settle().await;
    assert_eq!(app.on_router(&sale.order), 0);
    app.pass(Duration::minutes(1)).await;
    assert_eq!(sale.status(&app).await, "refunded");
    app.end().await;
}

async fn above_a_limit_a_second_person_has_to_approve(database: TestDatabase) {
    let app = TestApp::with(database, &[("REFUND_ALONE_UP_TO_CDF", "1")]).await;
    let sale = Sale::of(&app, 2, "0000").await;
    let login = somebody(&app, "second@demo.test", Role::Admin).await;
    let second = app.log_in(&login).await;
    let asked = sale.refund(&app, json!({})).await.data(201);
    assert_eq!(asked["status"], "requested");
    app.settle().await;
    // Nothing has happened, but nobody else gives the same money back meanwhile.
    assert_eq!((app.on_router(&sale.order), app.gateway().paid_back().unwrap().len()), (2, 0));
    assert_eq!(sale.refund(&app, json!({"amount": cdf("0.50")})).await.code(409), "refund_too_large");
    assert_eq!(say(&app, &sale.admin, &asked, "approve").await.code(409), "own_refund");
    assert_eq!(say(&app, &second, &asked, "confirm").await.code(409), "refund_not_waiting");
    assert_eq!(say(&app, &second, &asked, "reject").await.data(200)["status"], "rejected");
    assert_eq!(say(&app, &second, &asked, "approve").await.code(409), "refund_not_waiting");
    assert_eq!(sale.payment(&app).await["refunded"], cdf("0.00"));

    let again = sale.refund(&app, json!({})).await.data(201);
    // Whoever hears of it may use up what is left.
    let name = app.router_users().into_iter().find(|(_, user)| user.comment.ends_with("#1")).unwrap().0;
    sessions::sign_in(&app, &name, "AA:BB:CC:00:00:01");
    app.run(Task::SyncSessions).await;
    assert_eq!(say(&app, &second, &again, "approve").await.code(409), "units_used");
    say(&app, &second, &again, "reject").await.data(200);
    let again = sale.refund(&app, json!({"even_if_used": true})).await.data(201);
    assert_eq!(say(&app, &second, &again, "approve").await.data(200)["status"], "approved");
    app.settle().await;
    app.pass(Duration::minutes(1)).await;
    assert_eq!(shown(&app, &sale.admin, &again).await["status"], "success");
    // Below the limit nobody else is needed.
    let other = Sale::of(&app, 1, "0000").await;
    let small = other.refund(&app, json!({"amount": cdf("1.00")})).await.data(201);
    assert_eq!(small["status"], "approved");
    // Nor does it help to give back in many small parts.
    let rest = other.refund(&app, json!({"amount": cdf("0.50")})).await.data(201);
    assert_eq!(rest["status"], "requested");
    app.settle().await;
    app.pass(Duration::minutes(1)).await;
    app.end().await;
}

async fn whatever_the_gateway_does_nothing_is_paid_twice(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for (suffix, soon, at_last, paid) in [
        ("0029", "pending", "success", 1),
        ("0030", "failed", "failed", 0),
        ("0031", "failed", "failed", 0),
        ("0032", "unknown", "success", 1),
        ("0033", "unknown", "failed", 0),
    ] {
        let before = app.gateway().paid_back().unwrap().len();
        let sale = Sale::of(&app, 1, suffix).await;
        let back = sale.refund(&app, json!({})).await.data(201);
        app.settle().await;
        let status = shown(&app, &sale.admin, &back).await["status"].clone();
        assert_eq!(status, soon, "{suffix}");
        app.pass(Duration::minutes(3)).await;
        app.pass(Duration::minutes(10)).await;
        let now = shown(&app, &sale.admin, &back).await;
        assert_eq!(now["status"], at_last, "{suffix}: {now}");
        // Where the answer was lost, nobody knew for a moment.
        let unknown = now["moves"].as_array().unwrap().iter().any(|step| step["to"] == "unknown");
        assert_eq!(unknown, ["0032", "0033"].contains(&suffix), "{suffix}");
        let after = app.gateway().paid_back().unwrap();
        let really = after[before..].iter().filter(|refund| !refund.fails).count();
        assert_eq!(really, paid, "{suffix}");
        if at_last == "failed" {
            assert_eq!(sale.payment(&app).await["refunded"], cdf("0.00"), "{suffix}");
            assert_eq!(sale.status(&app).await, "completed", "{suffix}");
            assert_eq!(app.open_tasks().await, ["refund_failed"], "{suffix}");
            // In another way it goes back all the same.
            let cash = sale.refund(&app, json!({"way": "cash"})).await.data(201);
            say(&app, &sale.admin, &cash, "confirm").await.data(200);
        }
        assert_eq!(sale.status(&app).await, "refunded", "{suffix}");
        assert!(app.open_tasks().await.is_empty(), "{suffix}");
        app.pass(Duration::hours(1)).await;
    }
    assert_eq!(app.balances().await["refunds_owed"], 0);
    app.end().await;
}

async fn a_refund_pressed_twice_is_paid_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut other = app.second(&[]).await;
    let sale = Sale::of(&app, 2, "0000").await;
    let at_once = (0..8).map(|number| {
        let here = if number % 2 == 0 { &app } else { &other };
        sale.refund(here, json!({}))
    });
    let mut answers: Vec<_> = join_all(at_once).await.iter().map(|reply| reply.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409, 409, 409]);
    app.settle().await;
    app.pass(Duration::minutes(1)).await;
    assert_eq!(app.gateway().paid_back().unwrap().len(), 1);

    // Parts at once never add up to more than the whole.
    let sale = Sale::of(&app, 2, "0000").await;
    let part = json!({"amount": cdf("1.00"), "way": "cash"});
    let at_once = (0..8).map(|number| {
        let here = if number % 2 == 0 { &app } else { &other };
        sale.refund(here, part.clone())
    });
    let made = join_all(at_once).await.into_iter().filter(|reply| reply.status == 201).count();
    assert_eq!((made, &sale.payment(&app).await["refunded"]), (3, &cdf("3.00")));

    // A unit goes back once.
    let sale = Sale::of(&app, 3, "0000").await;
    sale.refund(&app, json!({"units": [1]})).await.data(201);
    assert!(sale.refund(&app, json!({"units": [1]})).await.body["errors"].get("units").is_some());
    assert_eq!(sale.payment(&app).await["refunded"], cdf("1.50"));

    // A repeat under the same key is the same refund.
    let sale = Sale::of(&app, 1, "0000").await;
    let path = format!("/api/v1/admin/payments/{}/refunds", sale.payment);
    let body = json!({"reason": "twice", "amount": cdf("0.50")});
    let key = [("Idempotency-Key", "pressed-twice")];
    let press = || app.send_with(Method::POST, &path, Some(&sale.admin), Some(body.clone()), &key);
    let (first, again) = (press().await.data(201), press().await.data(201));
    assert_eq!((&first["id"], &sale.payment(&app).await["refunded"]), (&again["id"], &cdf("0.50")));
    app.settle().await;
    app.pass(Duration::minutes(1)).await;
    other.stop().await;
    app.end().await;
}

async fn whatever_is_left_goes_with_the_last_of_the_money(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 2, "0000").await;
    let part = sale.refund(&app, json!({"amount": cdf("1.00"), "way": "cash"})).await.data(201);
    let rest = sale.refund(&app, json!({"way": "cash"})).await.data(201);
    assert_eq!((&rest["amount"], &rest["units"]), (&cdf("2.00"), &json!([])));
    say(&app, &sale.admin, &rest, "confirm").await.data(200);
    app.settle().await;
    // The first part may come to nothing yet: then the customer has paid for something.
    assert_eq!((app.on_router(&sale.order), sale.status(&app).await.as_str()), (2, "completed"));
    say(&app, &sale.admin, &part, "confirm").await.data(200);
    app.settle().await;
    assert_eq!((app.on_router(&sale.order), sale.status(&app).await.as_str()), (0, "refunded"));
    app.end().await;
}

async fn a_gateway_that_says_something_else_later_is_heard(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 1, "0032").await;
    let back = sale.refund(&app, json!({})).await.data(201);
    app.settle().await;
    assert_eq!(app.open_tasks().await, ["refund_unknown"]);
    // Somebody is too quick: the gateway has paid it.
    assert_eq!(say(&app, &sale.admin, &back, "reject").await.data(200)["status"], "failed");
    app.pass(Duration::minutes(2)).await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.open_tasks().await, ["refund_failed", "refund_contradicted"]);
    assert_eq!(shown(&app, &sale.admin, &back).await["status"], "failed");
    app.end().await;
}

async fn what_is_wrong_with_a_refund_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 1, "0000").await;
    let nothing = cdf("0.00");
    let dollars = json!({"amount": "1.00", "currency": "USD"});
    for (own, field) in [
        (json!({"amount": nothing}), "amount.amount"),
        (json!({"amount": dollars}), "amount.currency"),
        (json!({"amount": cdf("0.10")}), "amount"),
        (json!({"units": [7]}), "units"),
        (json!({"way": "agent_wallet"}), "way"),
        (json!({"way": "magic"}), "way"),
        (json!({"reason": ""}), "reason"),
    ] {
        let refused = sale.refund(&app, own.clone()).await;
        assert_eq!(refused.status, 422, "{own}: {}", refused.body);
        assert!(refused.body["errors"].get(field).is_some(), "{own}: {}", refused.body);
    }
    assert_eq!(sale.refund(&app, json!({"amount": cdf("1.51")})).await.code(409), "refund_too_large");
    let order = app.order(&sale.customer, "2H", 1).await;
    let pending = app.pay(&sale.customer, &order, "0003").await;
    assert_eq!(refund(&app, &sale.admin, &pending, json!({})).await.code(409), "conflict");
    let nobody = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";
    assert_eq!(refund(&app, &sale.admin, nobody, json!({})).await.code(404), "not_found");
    assert_eq!(refund(&app, &sale.customer, &sale.payment, json!({})).await.code(403), "forbidden");
    assert_eq!(sale.payment(&app).await["refunded"], cdf("0.00"));
    app.end().await;
}

/// Two are paid, and nobody has begun to make what is owed: admin, customer, order and payment.
pub async fn paid_and_not_begun(app: &TestApp) -> (String, String, String, String) {
    let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = app.order(&customer, "2H", 2).await;
    let payment = app.pay(&customer, &order, "0015").await;
    app.settle().await;
    let confirm = format!("/api/v1/admin/payments/{payment}/confirm");
    app.post(&confirm, &admin, json!({"evidence": "statement of today"})).await.data(200);
    (admin, customer, order, payment)
}

async fn credentials_that_are_not_made_yet_never_are(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, customer, order, payment) = paid_and_not_begun(&app).await;
    refund(&app, &admin, &payment, json!({"units": [1]})).await.data(201);
    app.settle().await;
    assert_eq!(app.on_router(&order), 1);
    assert_eq!(app.order_status(&customer, &order).await, "completed");
    assert_eq!(app.text_messages().iter().filter(|message| message.text.contains("Mot de passe")).count(), 1);
    // Nor does a person who drives the order once more bring them back.
    let again = format!("/api/v1/admin/orders/{order}/provision");
    assert!(app.post(&again, &admin, json!({})).await.status.is_success());
    app.settle().await;
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}
