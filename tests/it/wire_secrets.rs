//! What must not be found after everything has gone wrong on the wire: what the gateways and the router know us by,
//! and the customers' whole numbers.

use std::sync::LazyLock;

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::json;
use simulators::routeros::Effect;

use crate::{
    app::TestApp,
    secrets::{LOG, assert_holds_no_number, assert_holds_none, dump},
    wire::{IMPATIENT, ours, secrets},
};

on_both_databases!(no_secret_of_the_wire_is_found_after_everything_went_wrong);

/// Every part that SerdiPay plays, with a router that does not work at first.
async fn buy(app: &TestApp, answers: &mut Vec<String>) {
    let token = app.log_in("user1@demo.test").await;
    app.wire().fault("/ip/hotspot/user/add", Effect::LoseAnswer, Some(1));
    app.wire().fault("/ip/hotspot/user/add", Effect::Refuse, Some(1));
    app.wire().fault("/login", Effect::Refuse, Some(1));
    for number in 0..=28 {
        let order = app.order(&token, "1DAY", 1).await;
        app.pay(&token, &order, &format!("{number:04}")).await;
        answers.push(app.ask_to_pay(&token, &order, "0000").await.body.to_string());
        app.settle().await;
        // The breaker lets somebody through again.
        app.pass(Duration::seconds(10)).await;
    }
    app.wire().payments.change(|behaviour| behaviour.down = true);
    let order = app.order(&token, "1DAY", 1).await;
    app.pay(&token, &order, "0000").await;
    app.wire().router.take_down().await;
    for _ in 0..4 {
        app.pass(Duration::minutes(2)).await;
        app.tick().await;
        app.run(Task::ReconcilePayments).await;
    }
    app.wire().router.bring_up().await;
    app.wire().payments.change(|behaviour| {
        behaviour.down = false;
        behaviour.serdipay.account.merchant_pin = Some("changed".to_owned());
    });
    for _ in 0..10 {
        app.pass(Duration::minutes(2)).await;
        app.tick().await;
        app.run(Task::ReconcilePayments).await;
    }
}

/// What staff see of it.
async fn look(app: &TestApp, answers: &mut Vec<String>) {
    let admin = app.log_in("admin@demo.test").await;
    for path in ["admin/routers", "admin/payments?per_page=100", "admin/review-tasks", "admin/audit-log"] {
        let reply = app.get(&format!("/api/v1/{path}"), &admin).await;
        let rows = reply.body["data"].as_array().unwrap();
        for row in rows.iter().filter(|_| path.starts_with("admin/payments")) {
            let path = format!("/api/v1/admin/payments/{}", row["id"].as_str().unwrap());
            answers.push(app.get(&path, &admin).await.body.to_string());
        }
        answers.push(reply.body.to_string());
    }
    let router = app.get("/api/v1/admin/routers", &admin).await.data(200)[0]["id"].clone();
    let path = format!("/api/v1/admin/routers/{}/test", router.as_str().unwrap());
    app.wire().router.change(|conditions| conditions.mute = true);
    answers.push(app.post(&path, &admin, json!({})).await.body.to_string());
}

async fn no_secret_of_the_wire_is_found_after_everything_went_wrong(database: TestDatabase) {
    let log = LazyLock::force(&LOG);
    let limits = [
        ("PUSH_LIMIT_PER_NUMBER_HOUR", "100"),
        ("PUSH_LIMIT_PER_IP_HOUR", "100"),
        ("MIKROTIK_ANSWER_SECONDS", "1"),
        IMPATIENT[0],
        IMPATIENT[1],
    ];
    let mut app = TestApp::on_wire(database, &limits).await;
    let (mut refusals, mut answers) = (Vec::new(), Vec::new());
    buy(&app, &mut refusals).await;
    look(&app, &mut answers).await;
    let refusals = refusals.join("\n");
    assert!(refusals.contains("payment_under_way"));

    let mut secrets = secrets();
    let received = app.wire().payments.received();
    let bearers = received.iter().filter_map(|request| request.headers.get("authorization"));
    secrets.extend(bearers.map(|header| header.trim_start_matches("Bearer ").to_owned()));
    secrets.extend(app.router_users().into_values().map(|user| user.password));
    assert!(secrets.len() > 40, "{}", secrets.len());
    // The nets have caught what they should.
    let sent = received.iter().map(|request| String::from_utf8_lossy(&request.body)).collect::<String>();
    assert!(sent.contains(&ours("SERDIPAY_MERCHANT_PIN")) && sent.contains("24382555"));
    let (rows, answers) = (dump(&app).await, answers.join("\n"));
    let logged = log.text();
    assert!(logged.contains("nobody knows whether the gateway took the payment"));
    assert!(rows.contains("gateway_refuses_us"));
    assert!(answers.contains("last_error"), "{answers}");

    assert_holds_none("the database", &rows, &secrets);
    assert_holds_none("an answer", &(answers + &refusals), &secrets);
    assert_holds_none("the log", &logged, &secrets);
    assert_holds_no_number("the log", &logged, "24382555");
    assert_holds_no_number("a refusal", &refusals, "24382555");
    app.stop().await;
}
