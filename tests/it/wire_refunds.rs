//! Refunds through real adapters: pawaPay pays back, and is asked what became of it; SerdiPay does not, and staff do.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::{Value, json};

use crate::{app::TestApp, wire::ours, wire_pawapay::sell_dearly};

/// A payment of 900 francs through pawaPay, its order completed: a token of an admin's, order and payment.
async fn sell(app: &TestApp, suffix: &str) -> (String, String, String) {
    let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = app.order(&customer, "MONTH", 1).await;
    let payment = app.pay(&customer, &order, suffix).await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.order_status(&customer, &order).await, "completed", "{suffix}");
    (admin, order, payment)
}

on_both_databases!(
    pawapay_pays_back_once_whatever_it_answers,
    a_callback_about_a_refund_is_a_hint_to_ask,
    an_amount_that_the_operator_cannot_pay_is_refused_at_once,
    where_the_gateway_pays_nothing_back_staff_do,
);

async fn pawapay_pays_back_once_whatever_it_answers(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[("PAYMENT_GATEWAY", "pawapay")]).await;
    sell_dearly(&app).await;
    for (suffix, status) in [
        ("0000", "success"),
        ("0029", "success"),
        ("0030", "failed"),
        ("0031", "failed"),
        ("0032", "success"),
        ("0033", "failed"),
    ] {
        let (admin, _, payment) = sell(&app, suffix).await;
        let path = format!("/api/v1/admin/payments/{payment}/refunds");
        let half =
            json!({"amount": {"amount": "450.00", "currency": "CDF"}, "reason": "half the time was lost"});
        let refund = app.post(&path, &admin, half).await.data(201);
        for _ in 0..4 {
            app.settle().await;
            app.pass(Duration::minutes(2)).await;
        }
        let path = format!("/api/v1/admin/refunds/{}", refund["id"].as_str().unwrap());
        let shown = app.get(&path, &admin).await.data(200);
        assert_eq!(shown["status"], status, "{suffix}: {shown}");
        let reference = shown["reference"].as_str().unwrap().parse().unwrap();
        let paid_back = app.wire().payments.paid_back(reference).unwrap();
        let really = paid_back.is_some_and(|refund| !refund.fails);
        assert_eq!(really, status == "success", "{suffix}");
        let called = app.open_tasks().await.iter().any(|kind| kind == "refund_failed");
        assert_eq!(called, status == "failed", "{suffix}");
        if called {
            let cash = json!({"reason": "the gateway did not", "way": "cash"});
            let path = format!("/api/v1/admin/payments/{payment}/refunds");
            let cash = app.post(&path, &admin, cash).await.data(201);
            let path = format!("/api/v1/admin/refunds/{}/confirm", cash["id"].as_str().unwrap());
            app.post(&path, &admin, json!({"evidence": "receipt 117"})).await.data(200);
        }
        // Its limit of prompts is by the hour.
        app.pass(Duration::minutes(20)).await;
    }
    let balances = app.balances().await;
    assert_eq!((balances["refunds"], balances["refunds_owed"]), (3 * 45_000 + 3 * 90_000, 0));
    app.end().await;
}

async fn a_callback_about_a_refund_is_a_hint_to_ask(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[("PAYMENT_GATEWAY", "pawapay")]).await;
    sell_dearly(&app).await;
    let (admin, _, payment) = sell(&app, "0029").await;
    let path = format!("/api/v1/admin/payments/{payment}/refunds");
    let refund = app.post(&path, &admin, json!({"reason": "the router was down"})).await.data(201);
    app.settle().await;
    let path = format!("/api/v1/admin/refunds/{}", refund["id"].as_str().unwrap());
    let status = async || app.get(&path, &admin).await.data(200)["status"].clone();
    let questions = || {
        let asked = format!("/v2/refunds/{}", refund["reference"].as_str().unwrap());
        app.wire().payments.received().iter().filter(|request| request.path == asked).count()
    };
    let say = async |id: &Value, word: &str, token: &str| {
        let said = json!({"refundId": id, "status": word, "amount": "900", "currency": "CDF"});
        let reply = app.post(&format!("/api/v1/payments/callback/pawapay/{token}"), "", said).await;
        app.settle().await;
        reply.status.as_u16()
    };
    let (reference, token) = (&refund["reference"], ours("PAWAPAY_CALLBACK_TOKEN"));
    assert_eq!((status().await, questions()), (json!("pending"), 1));
    // Whoever it comes from, what it says is not believed: the gateway has not paid yet.
    assert_eq!(say(reference, "COMPLETED", &token).await, 200);
    assert_eq!((status().await, questions()), (json!("pending"), 2));
    assert_eq!(say(reference, "COMPLETED", "guessed").await, 401);
    assert_eq!(say(&json!("7f4f8c1e-5b0a-4c6d-9a51-0d5f6a7b8c9d"), "COMPLETED", &token).await, 200);
    assert_eq!((status().await, questions()), (json!("pending"), 2));
    // If none came at all, it would be asked just the same.
    app.pass(Duration::minutes(3)).await;
    let asked = questions();
    assert_eq!(status().await, "success");
    assert_eq!(say(reference, "FAILED", &token).await, 200);
    assert_eq!((status().await, questions()), (json!("success"), asked + 1));
    assert!(app.open_tasks().await.is_empty() && app.callbacks().await.is_empty());
    assert_eq!(app.balances().await["refunds_owed"], 0);
    app.end().await;
}

async fn an_amount_that_the_operator_cannot_pay_is_refused_at_once(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[("PAYMENT_GATEWAY", "pawapay")]).await;
    sell_dearly(&app).await;
    let (admin, order, payment) = sell(&app, "0000").await;
    let path = format!("/api/v1/admin/payments/{payment}/refunds");
    let amount = json!({"amount": "450.50", "currency": "CDF"});
    let mut body = json!({"reason": "half the time was lost", "units": [1], "amount": amount});
    // M-Pesa pays whole francs.
    let refused = app.post(&path, &admin, body.clone()).await;
    let said = "la passerelle ne rembourse que des multiples de 1.00 CDF";
    assert_eq!((refused.status.as_u16(), &refused.body["errors"]["amount"][0]), (422, &json!(said)));
    app.settle().await;
    assert_eq!((app.on_router(&order), app.balances().await.get("refunds_owed")), (1, None));
    // In cash it goes.
    body["way"] = json!("cash");
    assert_eq!(app.post(&path, &admin, body).await.data(201)["status"], "approved");
    app.settle().await;
    app.end().await;
}

async fn where_the_gateway_pays_nothing_back_staff_do(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    app.sell(&admin, "WEEK", json!({"amount": "5000.00", "currency": "CDF"})).await;
    let order = app.order(&customer, "WEEK", 1).await;
    let payment = app.pay(&customer, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!((app.order_status(&customer, &order).await.as_str(), app.on_router(&order)), ("completed", 1));
    let path = format!("/api/v1/admin/payments/{payment}/refunds");
    let refused = app.post(&path, &admin, json!({"reason": "the router was down"})).await;
    assert!(refused.body["errors"].get("way").is_some(), "{}", refused.body);
    let way = json!({"reason": "the router was down", "way": "transfer"});
    let refund = app.post(&path, &admin, way).await.data(201);
    app.settle().await;
    // The real router has let go of the customer.
    assert_eq!(app.on_router(&order), 0);
    let path = format!("/api/v1/admin/refunds/{}/confirm", refund["id"].as_str().unwrap());
    let evidence = json!({"evidence": "SerdiPay dashboard, transfer 4711"});
    assert_eq!(app.post(&path, &admin, evidence).await.data(200)["status"], "success");
    assert_eq!(app.order_status(&customer, &order).await, "refunded");
    assert_eq!(app.balances().await["gateway_clearing"], 0);
    app.end().await;
}
