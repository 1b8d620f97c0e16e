//! What is refused before any wallet is asked: amounts that the gateway does not take, and prompts to a phone that
//! has had enough of them. The gateway's books stay empty.

use chrono::Duration;
use futures_util::future::join_all;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::json;

use crate::app::{Reply, TestApp};

on_both_databases!(
    a_phone_is_asked_a_few_times_an_hour,
    an_account_asks_a_few_times_an_hour,
    an_address_asks_a_few_times_an_hour_whatever_it_claims_to_be,
    requests_at_once_do_not_slip_past_the_limit,
    an_amount_that_the_operator_does_not_take_is_refused_before_any_call,
);

/// A new order, and the answer to asking a phone to pay it.
async fn ask(app: &TestApp, token: &str, phone: &str) -> Reply {
    let order = app.order(token, "2H", 1).await;
    let body = json!({"phone": phone, "operator": "MP"});
    app.post(&format!("/api/v1/payments/{order}/initiate"), token, body).await
}

/// The phone's number, written in another way each time.
fn number(time: usize) -> &'static str {
    ["+243825550003", "0825550003", "243825550003", "+243 825 550 003"][time % 4]
}

async fn a_phone_is_asked_a_few_times_an_hour(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let users = ["user1@demo.test", "user2@demo.test", "user3@demo.test"];
    let mut tokens = Vec::new();
    for user in users {
        tokens.push(app.log_in(user).await);
    }
    for time in 0..5 {
        let reply = ask(&app, &tokens[time % tokens.len()], number(time)).await;
        assert_eq!(reply.status, 202, "{}", reply.body);
        app.pass(Duration::minutes(2)).await;
    }
    for token in &tokens {
        let reply = ask(&app, token, number(0)).await;
        assert_eq!(reply.code(429), "too_many_payment_requests");
        assert!(reply.headers.contains_key("retry-after"));
        // Another phone may still be asked.
        assert_eq!(ask(&app, token, "+243825550001").await.status, 202);
    }
    app.settle().await;
    let asked = app.charges().into_iter().filter(|charge| charge.phone.digits() == "243825550003").count();
    assert_eq!(asked, 5);

    app.pass(Duration::minutes(49)).await;
    assert_eq!(ask(&app, &app.log_in(users[0]).await, number(0)).await.status, 429);
    app.pass(Duration::minutes(2)).await;
    assert_eq!(ask(&app, &app.log_in(users[0]).await, number(0)).await.status, 202);
    app.end().await;
}

async fn an_account_asks_a_few_times_an_hour(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    for time in 0..8 {
        let reply = ask(&app, &token, &format!("+24382556{time}003")).await;
        assert_eq!(reply.status, if time < 5 { 202 } else { 429 }, "{}", reply.body);
    }
    app.settle().await;
    assert_eq!(app.charges().len(), 5);
    app.end().await;
}

async fn an_address_asks_a_few_times_an_hour_whatever_it_claims_to_be(database: TestDatabase) {
    let app = TestApp::with(database, &[("PUSH_LIMIT_PER_IP_HOUR", "3")]).await;
    for time in 0..6 {
        let token = app.log_in(&format!("user{}@demo.test", time % 5 + 1)).await;
        let order = app.order(&token, "2H", 1).await;
        let (path, body) = (
            format!("/api/v1/payments/{order}/initiate"),
            json!({"phone": format!("+24382556{time}003"), "operator": "MP"}),
        );
        let claim = format!("203.0.113.{time}");
        let headers = [("X-Forwarded-For", claim.as_str())];
        let reply = app.send_with(Method::POST, &path, Some(&token), Some(body), &headers).await;
        assert_eq!(reply.status, if time < 3 { 202 } else { 429 }, "{}", reply.body);
    }
    app.settle().await;
    assert_eq!(app.charges().len(), 3);
    app.end().await;
}

async fn requests_at_once_do_not_slip_past_the_limit(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut asked = Vec::new();
    for user in 1..=4 {
        let token = app.log_in(&format!("user{user}@demo.test")).await;
        for _ in 0..4 {
            asked.push((token.clone(), app.order(&token, "2H", 1).await));
        }
    }
    let replies = join_all(asked.iter().map(|(token, order)| app.ask_to_pay(token, order, "0003"))).await;
    let begun = replies.iter().filter(|reply| reply.status == 202).count();
    assert_eq!(begun, 5);
    assert!(replies.iter().all(|reply| matches!(reply.status.as_u16(), 202 | 429)));
    app.settle().await;
    assert_eq!(app.charges().len(), 5);
    app.end().await;
}

async fn an_amount_that_the_operator_does_not_take_is_refused_before_any_call(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    for (name, amount, currency, because) in [
        ("tiny", "0.99", "CDF", "n'accepte pas moins de 1.00 CDF"),
        ("huge", "5750000.01", "CDF", "n'accepte pas plus de 5750000.00 CDF"),
        ("odd", "1.25", "CDF", "n'accepte que des multiples de 0.50 CDF"),
        ("dollars", "1.50", "USD", "n'est pas disponible en USD"),
    ] {
        app.sell(&admin, name, json!({"amount": amount, "currency": currency})).await;
        let order = app.order(&token, name, 1).await;
        let reply = app.ask_to_pay(&token, &order, "0000").await;
        assert_eq!(reply.code(422), "amount_not_accepted");
        assert_eq!(reply.body["meta"]["message"], "L'opérateur n'accepte pas ce montant.");
        assert_eq!(reply.body["errors"]["operator"], json!([because]));
    }
    // It is the whole amount that counts.
    let order = app.order(&token, "tiny", 50).await;
    assert_eq!(app.ask_to_pay(&token, &order, "0003").await.status, 202);
    app.settle().await;
    assert_eq!(app.charges().len(), 1);
    assert_eq!(app.last_charge().amount.amount(), "49.50");
    app.end().await;
}
