//! Sales through pawaPay: signed callbacks, callbacks that are hints, repeats that are recognised, and questions that
//! are answered.

use chrono::Duration;
use kernel::testing::Surroundings;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::json;
use simulators::routeros::Options;

use crate::{
    app::TestApp,
    process::free_address,
    story::two_sets_are_bought_and_received,
    wire::{IMPATIENT, Wire, ours},
};

on_both_databases!(
    a_customer_pays_through_pawapay_with_signed_callbacks,
    a_customer_pays_through_pawapay_that_does_not_sign,
    a_signature_that_does_not_hold_settles_nothing,
    whatever_pawapay_answers_its_books_decide,
    a_payment_that_pawapay_never_got_fails_and_leaves_the_order_payable,
);

/// pawaPay takes no less than 500 francs from M-Pesa.
pub async fn sell_dearly(app: &TestApp) {
    let admin = app.log_in("admin@demo.test").await;
    app.sell(&admin, "MONTH", json!({"amount": "900.00", "currency": "CDF"})).await;
}

/// A portal that uses pawaPay and wants its callbacks signed.
async fn with_signatures(database: TestDatabase) -> TestApp {
    let around = Surroundings::new();
    let wire = Wire::start(database.folder(), around.ambient(), Options::default()).await;
    wire.payments.change(|behaviour| behaviour.pawapay.signs = true);
    let url = format!("{}/v2/public-key/http", wire.payments.pawapay_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let keys = http.get(url).bearer_auth(ours("PAWAPAY_API_TOKEN")).send().await.unwrap();
    let keys: serde_json::Value = keys.json().await.unwrap();
    let pem = keys[0]["key"].as_str().unwrap();
    let key: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let keys = format!("{}={key}", keys[0]["id"].as_str().unwrap());
    // The address is signed too.
    let address = free_address().to_string();
    let settings = [
        ("PAYMENT_GATEWAY", "pawapay"),
        ("PAWAPAY_CALLBACK_KEYS", &keys),
        ("HTTP_ADDR", &address),
        ("APP_URL", &format!("http://{address}")),
        IMPATIENT[0],
        IMPATIENT[1],
    ];
    TestApp::beside(database, around, wire, &settings).await
}

async fn a_customer_pays_through_pawapay_with_signed_callbacks(database: TestDatabase) {
    let app = with_signatures(database).await;
    sell_dearly(&app).await;
    two_sets_are_bought_and_received(&app, "MONTH", "1800.00").await;
    assert_eq!(app.wire().payments.deposits().unwrap().len(), 1);
    assert_eq!(app.callbacks().await, ["applied"]);
    app.end().await;
}

async fn a_customer_pays_through_pawapay_that_does_not_sign(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[("PAYMENT_GATEWAY", "pawapay")]).await;
    sell_dearly(&app).await;
    two_sets_are_bought_and_received(&app, "MONTH", "1800.00").await;
    assert!(app.wire().payments.charges().unwrap().is_empty());
    // The hint was followed by a question.
    let asked = app.wire().payments.received().into_iter().filter(|request| request.method == "GET");
    assert!(asked.count() >= 1);
    app.end().await;
}

async fn a_signature_that_does_not_hold_settles_nothing(database: TestDatabase) {
    let app = with_signatures(database).await;
    sell_dearly(&app).await;
    let token = app.log_in("user1@demo.test").await;
    for suffix in ["0025", "0026", "0027"] {
        let order = app.order(&token, "MONTH", 1).await;
        let payment = app.pay(&token, &order, suffix).await;
        app.settle().await;
        app.pass_a_second().await;
        assert_eq!(app.payment_status(&token, &payment).await, "pending", "{suffix}");
        assert_eq!(app.last_charge().callbacks[0].attempts, 1);
    }
    assert!(app.callbacks().await.is_empty() && app.router_users().is_empty());
    app.pass(Duration::minutes(20)).await;
    app.run(Task::ReconcilePayments).await;
    assert_eq!((app.events("PaymentSucceeded").await, app.router_users().len()), (0, 0));
    app.end().await;
}

async fn whatever_pawapay_answers_its_books_decide(database: TestDatabase) {
    let app = with_signatures(database).await;
    sell_dearly(&app).await;
    let parts =
        ["0004", "0005", "0006", "0010", "0012", "0014", "0018", "0020", "0021", "0022", "0023", "0028"];
    for suffix in parts {
        let token = app.log_in("user1@demo.test").await;
        let order = app.order(&token, "MONTH", 1).await;
        let payment = app.pay(&token, &order, suffix).await;
        app.settle().await;
        for _ in 0..4 {
            app.pass(Duration::minutes(2)).await;
            app.run(Task::ReconcilePayments).await;
        }
        assert_eq!(app.payment_status(&token, &payment).await, "success", "{suffix}");
        assert_eq!(app.order_status(&token, &order).await, "completed", "{suffix}");
        assert_eq!(app.on_router(&order), 1, "{suffix}");
        // Its limit of prompts is by the hour.
        app.pass(Duration::minutes(20)).await;
    }
    let deposits = app.wire().payments.deposits().unwrap();
    assert_eq!(deposits.len(), parts.len());
    assert_eq!(app.balances().await["revenue"], -90_000 * i64::try_from(parts.len()).unwrap());
    app.end().await;
}

async fn a_payment_that_pawapay_never_got_fails_and_leaves_the_order_payable(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[("PAYMENT_GATEWAY", "pawapay")]).await;
    sell_dearly(&app).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "MONTH", 1).await;
    // Cut off before anything was looked at: that cannot be told from a lost answer.
    app.wire().payments.change(|behaviour| behaviour.down = true);
    let payment = app.pay(&token, &order, "0000").await;
    app.settle().await;
    assert_eq!(app.payment_status(&token, &payment).await, "unknown");
    app.wire().payments.change(|behaviour| behaviour.down = false);
    for _ in 0..10 {
        app.pass(Duration::minutes(2)).await;
        app.run(Task::ReconcilePayments).await;
    }
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(app.payment_status(&token, &payment).await, "failed");
    assert!(app.charges().is_empty());

    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!((app.charges().len(), app.on_router(&order)), (1, 1));
    app.end().await;
}
