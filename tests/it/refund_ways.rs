//! The ways by which money goes back: by staff, as credit, through an agent's wallet; with its tax, and for vouchers that an
//! agent has taken.

use chrono::Duration;
use kernel::Role;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::policy::{Decision, Refusal};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    access::somebody,
    agents::Counter,
    app::TestApp,
    credit::pay_twice,
    radius_sales::{bought, buy},
    radius_stage::RadiusStage,
    refunds::{Sale, cdf, refund, say, shown},
    witnesses::success_of,
};

on_both_databases!(
    what_staff_pay_waits_for_their_word,
    what_was_paid_twice_goes_back_from_the_credit,
    credit_that_was_spent_meanwhile_is_not_given_back,
    what_radius_enforces_is_taken_back_as_well,
    an_agents_sale_goes_back_through_the_wallet,
    tax_goes_back_with_the_price,
    vouchers_that_are_revoked_are_paid_back_to_their_agent,
);

async fn what_staff_pay_waits_for_their_word(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 1, "0000").await;
    let cash = sale.refund(&app, json!({"way": "cash", "amount": cdf("0.50")})).await.data(201);
    assert_eq!(cash["status"], "approved");
    assert_eq!(app.balances().await["refunds_owed"], -50);
    assert_eq!(say(&app, &sale.admin, &cash, "confirm").await.data(200)["status"], "success");
    assert_eq!(say(&app, &sale.admin, &cash, "confirm").await.code(409), "refund_not_waiting");
    let transfer = sale.refund(&app, json!({"way": "transfer"})).await.data(201);
    app.settle().await;
    assert_eq!(app.on_router(&sale.order), 0);
    // The number was wrong: it is ours again, and may be given back in another way.
    assert_eq!(say(&app, &sale.admin, &transfer, "reject").await.data(200)["status"], "failed");
    assert_eq!(sale.payment(&app).await["refunded"], cdf("0.50"));
    let credit = sale.refund(&app, json!({"way": "credit"})).await.data(201);
    assert_eq!((&credit["status"], &credit["amount"]), (&json!("success"), &cdf("1.00")));
    let shown = app.get("/api/v1/me/credit", &sale.customer).await.data(200);
    assert_eq!(shown, json!([{"amount": "1.00", "currency": "CDF"}]));
    assert_eq!(sale.status(&app).await, "refunded");
    let balances = app.balances().await;
    assert_eq!((balances["cash"], balances["refunds"], balances["refunds_owed"]), (-50, 150, 0));
    app.end().await;
}

async fn what_was_paid_twice_goes_back_from_the_credit(database: TestDatabase) {
    let app = TestApp::with(database, &[("PUSH_LIMIT_PER_NUMBER_HOUR", "100")]).await;
    let admin = app.log_in("admin@demo.test").await;
    let customer = app.log_in("user1@demo.test").await;
    let order = app.order(&customer, "2H", 1).await;
    app.pay(&customer, &order, "0003").await;
    app.settle().await;
    let given_up = app.last_charge();
    app.pass(Duration::minutes(16)).await;
    app.run(Task::ReconcilePayments).await;
    let paying = app.pay(&customer, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    app.hear(&success_of(&given_up)).await;
    let path = format!("/api/v1/admin/payments?order_id={order}&status=success");
    let payments = app.get(&path, &admin).await.data(200);
    let twice = payments.as_array().unwrap().iter().find(|payment| payment["id"] != paying).unwrap();
    let twice = twice["id"].as_str().unwrap();
    // It paid for no unit, and is credit already.
    let refused = refund(&app, &admin, twice, json!({"units": [1]})).await;
    assert_eq!(refused.body["errors"]["units"].as_array().unwrap().len(), 1);
    assert_eq!(refund(&app, &admin, twice, json!({"way": "credit"})).await.status, 422);
    // While it is credit it is spent or given back, not both.
    let other = app.order(&customer, "2H", 1).await;
    app.post(&format!("/api/v1/payments/{other}/credit"), &customer, Value::Null).await.data(201);
    assert_eq!(refund(&app, &admin, twice, json!({"way": "cash"})).await.code(409), "not_enough_credit");
    let shown = app.get(&format!("/api/v1/admin/orders/{other}"), &admin).await.data(200);
    let spent = shown["payments"][0]["id"].as_str().unwrap();
    assert_eq!(refund(&app, &admin, spent, json!({})).await.data(201)["way"], "credit");
    let back = refund(&app, &admin, twice, json!({"way": "cash"})).await.data(201);
    say(&app, &admin, &back, "confirm").await.data(200);
    app.settle().await;
    assert_eq!(app.on_router(&order), 1, "the order itself is served");
    let balances = app.balances().await;
    assert_eq!((balances["customer_credit"], balances["cash"], balances["refunds"]), (0, -150, 150));
    app.end().await;
}

async fn credit_that_was_spent_meanwhile_is_not_given_back(database: TestDatabase) {
    let app = TestApp::with(database, &[("REFUND_ALONE_UP_TO_CDF", "1")]).await;
    let (admin, customer) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    pay_twice(&app, &customer).await;
    let second = somebody(&app, "second@demo.test", Role::Admin).await;
    let second = app.log_in(&second).await;
    let tasks = app.get("/api/v1/admin/review-tasks", &admin).await.data(200);
    let twice = tasks[0]["payment_id"].as_str().unwrap();
    let asked = refund(&app, &admin, twice, json!({"way": "cash"})).await.data(201);
    let other = app.order(&customer, "2H", 1).await;
    app.post(&format!("/api/v1/payments/{other}/credit"), &customer, Value::Null).await.data(201);
    let before = app.balances().await;
    let refused = say(&app, &second, &asked, "approve").await;
    assert_eq!(refused.body["errors"]["amount"][0], "0.00 CDF is left of the customer's credit");
    assert_eq!(refused.code(409), "not_enough_credit");
    assert_eq!(
        (app.balances().await, &shown(&app, &admin, &asked).await["status"]),
        (before, &asked["status"])
    );
    say(&app, &second, &asked, "reject").await.data(200);
    app.end().await;
}

async fn what_radius_enforces_is_taken_back_as_well(database: TestDatabase) {
    let stage = RadiusStage::begin(TestApp::start(database).await, json!({})).await;
    let app = &stage.app;
    let (admin, customer, order) = buy(app, "creation").await;
    app.settle().await;
    let (_, name) = bought(app, &admin).await;
    let answer = async || app.composition.services.radius.explain(&name, None).await.unwrap().decision;
    assert!(matches!(answer().await, Decision::Accept(_)));
    stage.sign_in(&name).await;
    app.run(Task::SyncSessions).await;
    let sold = app.get(&format!("/api/v1/admin/orders/{order}"), &admin).await.data(200);
    let payment = sold["payments"][0]["id"].as_str().unwrap();
    let rows = format!("SELECT attribute FROM radcheck WHERE username = '{}'", name.to_lowercase());
    assert_eq!(refund(app, &admin, payment, json!({})).await.code(409), "units_used");
    app.settle().await;
    assert!(!app.database.texts(&rows).await.is_empty());
    let back = refund(app, &admin, payment, json!({"even_if_used": true})).await.data(201);
    app.settle().await;
    assert_eq!(answer().await, Decision::Refuse(Refusal::Unknown));
    assert!(stage.nas.online().iter().all(|session| session.user != name), "who is online is put out");
    assert!(app.database.texts(&rows).await.is_empty());
    app.pass(Duration::minutes(2)).await;
    assert_eq!(shown(app, &admin, &back).await["status"], "success");
    assert_eq!(app.order_status(&customer, &order).await, "refunded");
    stage.end().await;
}

async fn an_agents_sale_goes_back_through_the_wallet(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let sold = counter.sell(&app, "2H", 2, json!({})).await.data(201);
    app.settle().await;
    assert_eq!(counter.wallet(&app).await, "7.30");
    let path = format!("/api/v1/admin/orders/{}", sold["id"].as_str().unwrap());
    let order = app.get(&path, &counter.admin).await.data(200);
    let payment = order["payments"][0]["id"].as_str().unwrap();
    app.around.clock.advance(Duration::minutes(1));
    let one = refund(&app, &counter.admin, payment, json!({"units": [1]})).await.data(201);
    assert_eq!((&one["status"], &one["way"]), (&json!("success"), &json!("agent_wallet")));
    assert_eq!(counter.wallet(&app).await, "8.65");
    app.around.clock.advance(Duration::minutes(1));
    refund(&app, &counter.admin, payment, json!({})).await.data(201);
    assert_eq!(counter.wallet(&app).await, "10.00");
    assert_eq!(app.get(&path, &counter.admin).await.data(200)["status"], "refunded");
    let statement = counter.statement(&app, "").await;
    let entries = statement["entries"].as_array().unwrap();
    let last = entries.last().unwrap();
    assert_eq!((&last["kind"], &last["commission"]["amount"]), (&json!("refund"), &json!("0.15")));
    assert_eq!(last["about"], sold["number"]);
    let taken_back = json!({"times": 2, "price": cdf("3.00"), "commission": cdf("0.30")});
    assert_eq!(
        (&statement["totals"][0]["sales"], &statement["totals"][0]["taken_back"]),
        (&json!(1), &taken_back)
    );
    // From the first refund on, nothing was sold.
    let later = counter.statement(&app, &format!("?from={}", entries[2]["at"].as_str().unwrap())).await;
    assert_eq!((&later["totals"][0]["sales"], &later["totals"][0]["taken_back"]), (&json!(0), &taken_back));
    let balances = app.balances().await;
    assert_eq!((balances["agent_commission"], balances["refunds"], balances["revenue"]), (0, 300, -300));
    app.end().await;
}

async fn tax_goes_back_with_the_price(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let sites = app.get("/api/v1/admin/sites", &admin).await.data(200);
    let path = format!("/api/v1/admin/sites/{}/seller", sites[0]["id"].as_str().unwrap());
    let seller = json!({"name": "Wi-Fi SARL", "address": "Kinshasa", "tax_basis_points": 1600});
    app.send(Method::PUT, &path, Some(&admin), Some(seller)).await.data(200);
    let sale = Sale::of(&app, 1, "0000").await;
    // 1.50 includes 0.21 at 16 %.
    assert_eq!(app.balances().await["tax_payable"], -21);
    let part = sale.refund(&app, json!({"amount": cdf("0.50")})).await.data(201);
    assert_eq!(part["tax"], cdf("0.07"));
    let rest = sale.refund(&app, json!({})).await.data(201);
    assert_eq!(rest["tax"], cdf("0.14"));
    app.settle().await;
    app.pass(Duration::minutes(1)).await;
    let balances = app.balances().await;
    assert_eq!((balances["tax_payable"], balances["revenue"], balances["refunds"]), (0, -129, 129));
    app.end().await;
}

async fn vouchers_that_are_revoked_are_paid_back_to_their_agent(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let batch = counter.take(&app, "2H", 4).await.data(201);
    let id = batch["id"].as_str().unwrap();
    assert_eq!(counter.wallet(&app).await, "4.60");
    let vouchers =
        app.get(&format!("/api/v1/admin/voucher-batches/{id}/vouchers"), &counter.admin).await.data(200);
    let one = vouchers[0]["id"].as_str().unwrap();
    app.around.clock.advance(Duration::minutes(1));
    let revoke = format!("/api/v1/admin/vouchers/{one}/revoke");
    assert_eq!(app.post(&revoke, &counter.admin, Value::Null).await.status, 204);
    assert_eq!(app.post(&revoke, &counter.admin, Value::Null).await.code(409), "voucher_over");
    assert_eq!(counter.wallet(&app).await, "5.95");
    let print = format!("/api/v1/agent/vouchers/{id}/print");
    let file = app.bytes_of(&print, &counter.token, json!({"form": "csv"})).await;
    let file = String::from_utf8(file).unwrap();
    let code = file.lines().nth(1).unwrap().split(',').nth(1).unwrap();
    app.send(Method::POST, "/api/v1/vouchers/redeem", None, Some(json!({ "code": code }))).await.data(201);
    app.around.clock.advance(Duration::minutes(1));
    let revoke = format!("/api/v1/admin/voucher-batches/{id}/revoke");
    app.post(&revoke, &counter.admin, Value::Null).await.data(200);
    app.post(&revoke, &counter.admin, Value::Null).await.data(200);
    // Two of the other three: one was redeemed, and paid for.
    assert_eq!(counter.wallet(&app).await, "8.65");
    let other = vouchers[3]["id"].as_str().unwrap();
    let late = app.post(&format!("/api/v1/admin/vouchers/{other}/revoke"), &counter.admin, Value::Null).await;
    assert_eq!(late.code(409), "voucher_over");
    let statement = counter.statement(&app, "").await;
    let last = statement["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &last["vouchers"]), (&json!("vouchers_returned"), &json!(2)));
    let taken_back = json!({"times": 2, "price": cdf("4.50"), "commission": cdf("0.45")});
    assert_eq!(statement["totals"][0]["taken_back"], taken_back);
    app.settle().await;
    let balances = app.balances().await;
    assert_eq!((balances["voucher_clearing"], balances["agent_commission"]), (0, 15));
    app.end().await;
}
