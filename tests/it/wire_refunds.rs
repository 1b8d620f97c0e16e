//! Refunds through real adapters: pawaPay pays back, and is asked what became of it; SerdiPay does not, and staff do.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::json;

use crate::{app::TestApp, wire_pawapay::sell_dearly};

on_both_databases!(pawapay_pays_back_once_whatever_it_answers, where_the_gateway_pays_nothing_back_staff_do,);

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
        let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
        let order = app.order(&customer, "MONTH", 1).await;
        let payment = app.pay(&customer, &order, suffix).await;
        app.settle().await;
        app.pass_a_second().await;
        assert_eq!(app.order_status(&customer, &order).await, "completed", "{suffix}");
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
