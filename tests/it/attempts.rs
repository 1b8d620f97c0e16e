//! Attempts to pay whose outcome is uncertain, and what several of them do to one order. Whatever the answer, the
//! gateway's books show that nobody was asked twice.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::json;

use crate::{app::TestApp, witnesses::success_of};

on_both_databases!(
    a_lost_answer_is_settled_by_its_callback_without_a_second_prompt,
    a_lost_answer_is_never_taken_for_a_failure,
    a_token_that_has_run_out_is_renewed_and_charges_once,
    a_refused_request_asks_no_wallet_and_leaves_the_order_payable,
    two_payments_of_one_order_make_one_set_of_units_and_a_credit,
    a_payment_that_was_given_up_still_counts_while_another_is_under_way,
    a_repeat_under_the_same_key_is_the_same_payment,
    equal_requests_at_once_under_one_key_begin_one_payment,
    a_double_click_begins_one_payment,
    a_repeat_that_comes_to_nothing_says_nothing_of_the_first_request,
);

/// The worker has died with a request to pawaPay under way, which may have been taken. The next one repeats it.
async fn a_repeat_that_comes_to_nothing_says_nothing_of_the_first_request(database: TestDatabase) {
    let shop = TestApp::start(database).await;
    let admin = shop.log_in("admin@demo.test").await;
    shop.sell(&admin, "MONTH", json!({"amount": "2500", "currency": "CDF"})).await;
    // Nobody listens at the one address; at the other, which is the portal's own, all is refused with 404.
    for (url, status) in [("http://127.0.0.1:9", "submitting"), (shop.base.as_str(), "unknown")] {
        let settings =
            [("PAYMENT_GATEWAY", "pawapay"), ("PAWAPAY_API_TOKEN", "token"), ("PAWAPAY_BASE_URL", url)];
        let mut portal = shop.second(&settings).await;
        let token = portal.log_in("user1@demo.test").await;
        let order = portal.order(&token, "MONTH", 1).await;
        let payment = portal.pay(&token, &order, "0000").await;
        let id = portal.literal(&payment);
        let died = format!("UPDATE payments SET status = 'submitting' WHERE id = {id}");
        assert_eq!(portal.database.execute(&died).await, 1);
        portal.worker.drain().await.unwrap();
        assert_eq!(portal.payment_status(&token, &payment).await, status, "{url}");
        // Nobody is asked a second time while the first request may be paid.
        assert_eq!(portal.ask_to_pay(&token, &order, "0000").await.code(409), "payment_under_way");
        portal.stop().await;
    }
    let mut shop = shop;
    shop.stop().await;
}

async fn a_lost_answer_is_settled_by_its_callback_without_a_second_prompt(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    // An answer that never came, and one that was not JSON.
    for suffix in ["0010", "0012"] {
        let order = app.order(&token, "2H", 1).await;
        let payment = app.pay(&token, &order, suffix).await;
        app.settle().await;
        assert_eq!(app.payment_status(&token, &payment).await, "unknown");
        let charge = app.last_charge();
        assert_eq!(app.payment(&payment).await.provider_ref, None);

        app.pass_a_second().await;
        assert_eq!(app.moves(&payment).await, ["submitting", "unknown", "success"]);
        assert_eq!(app.payment(&payment).await.provider_ref, Some(charge.provider_ref));
        assert_eq!(app.on_router(&order), 1);
    }
    assert_eq!(app.charges().len(), 2);
    app.end().await;
}

async fn a_lost_answer_is_never_taken_for_a_failure(database: TestDatabase) {
    // The order's time is over before the payment's.
    let app = TestApp::with(database, &[("ORDER_TTL_MINUTES", "5")]).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0015").await;
    app.settle().await;

    for _ in 0..14 {
        app.pass(Duration::minutes(1)).await;
        app.run(Task::ReconcilePayments).await;
        app.run(Task::ExpireOrders).await;
        assert_eq!(app.payment_status(&token, &payment).await, "unknown");
        assert_eq!(app.order_status(&token, &order).await, "pending");
    }
    assert_eq!(app.ask_to_pay(&token, &order, "0000").await.code(409), "payment_under_way");
    let cancel = app.post(&format!("/api/v1/orders/{order}/cancel"), &token, json!({})).await;
    assert_eq!(cancel.code(409), "payment_under_way");
    assert!(app.open_tasks().await.is_empty());

    app.pass(Duration::minutes(1)).await;
    app.run(Task::ReconcilePayments).await;
    assert_eq!(app.moves(&payment).await, ["submitting", "unknown", "expired"]);
    assert_eq!(app.open_tasks().await, ["payment_unknown"]);
    assert_eq!(app.alerts().await, ["payment_unknown"]);
    assert_eq!(app.charges().len(), 1);
    app.end().await;
}

async fn a_token_that_has_run_out_is_renewed_and_charges_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0011").await;
    app.settle().await;
    app.pass_a_second().await;

    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "success"]);
    assert_eq!(app.charges().len(), 1);
    let journal = app.database.folder().join("fake-world/gateway.jsonl");
    let journal = std::fs::read_to_string(journal).unwrap();
    assert_eq!(journal.matches("token_refused").count(), 1);
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

async fn a_refused_request_asks_no_wallet_and_leaves_the_order_payable(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let refused = app.pay(&token, &order, "0013").await;
    app.settle().await;
    assert_eq!(app.moves(&refused).await, ["submitting", "failed"]);
    assert!(app.charges().is_empty());

    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.charges().len(), 1);
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

async fn two_payments_of_one_order_make_one_set_of_units_and_a_credit(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 2).await;
    let first = app.pay(&token, &order, "0015").await;
    app.settle().await;
    let charge = app.last_charge();
    app.pass(Duration::minutes(16)).await;
    app.run(Task::ReconcilePayments).await;

    let second = app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.payment_status(&token, &second).await, "success");
    assert_eq!(app.on_router(&order), 2);

    // The first had gone through after all.
    app.hear(&success_of(&charge)).await;
    assert_eq!(app.moves(&first).await, ["submitting", "unknown", "expired", "success"]);
    assert!(app.payment(&first).await.late);
    assert_eq!(app.on_router(&order), 2);
    assert_eq!(app.router_state().calls["create_user"].done, 2);
    assert_eq!(app.text_messages().len(), 2);
    assert_eq!((app.events("PaymentSucceeded").await, app.events("DuplicatePaymentReceived").await), (1, 1));
    let balances = app.balances().await;
    assert_eq!(
        (balances["gateway_clearing"], balances["revenue"], balances["customer_credit"]),
        (600, -300, -300)
    );
    assert_eq!(app.open_tasks().await, ["duplicate_payment"]);
    assert_eq!(app.alerts().await, ["payment_unknown", "duplicate_payment"]);
    assert_eq!(app.order_status(&token, &order).await, "completed");
    app.end().await;
}

async fn a_payment_that_was_given_up_still_counts_while_another_is_under_way(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    app.pay(&token, &order, "0003").await;
    app.settle().await;
    let given_up = app.last_charge();
    app.pass(Duration::minutes(16)).await;
    app.run(Task::ReconcilePayments).await;
    let second = app.pay(&token, &order, "0003").await;
    app.settle().await;
    let under_way = app.last_charge();

    app.hear(&success_of(&given_up)).await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!(app.payment_status(&token, &second).await, "pending");
    app.hear(&success_of(&under_way)).await;
    assert_eq!(app.payment_status(&token, &second).await, "success");
    assert_eq!(app.on_router(&order), 1);
    assert_eq!(app.balances().await["customer_credit"], -150);
    app.end().await;
}

async fn a_repeat_under_the_same_key_is_the_same_payment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, other) = (app.log_in("user1@demo.test").await, app.log_in("user2@demo.test").await);
    let order = app.order(&token, "2H", 1).await;
    let path = format!("/api/v1/payments/{order}/initiate");
    let key = [("Idempotency-Key", "a-key")];
    let body = json!({"phone": "+243825550000", "operator": "MP"});
    let ask = |token: String, body| {
        let (app, path) = (&app, &path);
        async move { app.send_with(Method::POST, path, Some(&token), Some(body), &key).await }
    };
    let first = ask(token.clone(), body.clone()).await.data(202);
    let again = ask(token.clone(), body.clone()).await.data(202);
    assert_eq!(first["id"], again["id"]);
    let otherwise = json!({"phone": "+243825550001", "operator": "MP"});
    assert_eq!(ask(token.clone(), otherwise).await.code(422), "idempotency_key_reused");
    // Somebody else's key is another key, and the order is not theirs.
    assert_eq!(ask(other, body.clone()).await.code(404), "not_found");

    app.settle().await;
    app.pass_a_second().await;
    // After the end too the repeat tells of the first.
    let late = ask(token.clone(), body).await.data(202);
    assert_eq!((&late["id"], &late["status"]), (&first["id"], &json!("success")));
    app.settle().await;
    assert_eq!(app.charges().len(), 1);
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

async fn equal_requests_at_once_under_one_key_begin_one_payment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 1});
    let key = [("Idempotency-Key", "\"first\"")];
    let send = |path: &'static str, body| app.send_with(Method::POST, path, Some(&token), Some(body), &key);
    let placed = futures_util::future::join_all((0..12).map(|_| send("/api/v1/orders", body.clone()))).await;
    let mut ids: Vec<_> = placed.into_iter().map(|reply| reply.data(201)["id"].clone()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);

    let order = ids[0].as_str().unwrap();
    let path = format!("/api/v1/payments/{order}/initiate");
    let body = json!({"phone": "+243825550000", "operator": "MP"});
    let ask = || app.send_with(Method::POST, &path, Some(&token), Some(body.clone()), &key);
    let begun = futures_util::future::join_all((0..12).map(|_| ask())).await;
    let mut ids: Vec<_> = begun.into_iter().map(|reply| reply.data(202)["id"].clone()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.charges().len(), 1);
    assert_eq!(app.on_router(order), 1);
    app.end().await;
}

async fn a_double_click_begins_one_payment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    let clicks = (0..10).map(|_| app.ask_to_pay(&token, &order, "0003"));
    let replies = futures_util::future::join_all(clicks).await;
    let (begun, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 202);
    assert_eq!((begun.len(), refused.len()), (1, 9));
    for reply in refused {
        assert_eq!(reply.code(409), "payment_under_way");
    }
    app.settle().await;
    assert_eq!(app.charges().len(), 1);
    app.end().await;
}
