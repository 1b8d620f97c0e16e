//! What SerdiPay may answer, byte by byte, to the real adapter: whatever comes, its books show one prompt, and the
//! customer who paid has their credentials.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use simulators::payments::PaymentSimulator;

use crate::{
    app::TestApp,
    process::free_address,
    wire::{IMPATIENT, payment_options},
};

on_both_databases!(
    a_literal_102_with_a_body_is_settled_by_its_callback,
    a_status_102_in_the_body_is_settled_by_its_callback,
    a_page_of_html_is_settled_by_its_callback,
    a_truncated_answer_is_settled_by_its_callback,
    an_answer_of_ten_megabytes_is_settled_by_its_callback,
    a_500_after_acceptance_is_settled_by_its_callback,
    a_connection_cut_after_acceptance_is_settled_by_its_callback,
    an_answer_that_never_comes_is_settled_by_its_callback,
    an_answer_and_a_callback_that_never_come_call_a_person,
    a_token_that_is_refused_once_is_renewed_once_and_pushes_one_prompt,
    a_token_that_is_refused_twice_is_our_fault_and_leaves_the_order_payable,
    wrong_credentials_are_our_fault_and_leave_the_order_payable,
    an_amount_out_of_the_merchants_range_leaves_the_order_payable,
    a_closed_channel_leaves_the_order_payable,
    a_gateway_that_is_busy_leaves_the_order_payable,
    a_gateway_that_refuses_connections_is_asked_once_when_it_is_back,
    a_gateway_that_hangs_up_before_a_token_is_asked_once_when_it_is_back,
);

/// A sale whose answer is of some kind: where it leads, and where the callback leads then.
async fn sell(database: TestDatabase, suffix: &str, answered: &str) {
    let impatient = if answered == "unknown" { IMPATIENT.as_slice() } else { &[] };
    let app = TestApp::on_wire(database, impatient).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 2).await;
    let payment = app.pay(&token, &order, suffix).await;
    app.settle().await;
    assert_eq!(app.moves(&payment).await, ["submitting", answered]);
    assert_eq!(app.ask_to_pay(&token, &order, "0000").await.code(409), "payment_under_way");

    app.pass_a_second().await;
    assert_eq!(app.moves(&payment).await, ["submitting", answered, "success"]);
    let charge = app.last_charge();
    assert_eq!(app.payment(&payment).await.provider_ref.as_ref(), Some(&charge.provider_ref));
    assert_eq!((app.charges().len(), app.on_router(&order)), (1, 2));
    assert_eq!(app.order_status(&token, &order).await, "completed");
    app.end().await;
}

async fn a_literal_102_with_a_body_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0018", "unknown").await;
}

async fn a_status_102_in_the_body_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0019", "pending").await;
}

async fn a_page_of_html_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0012", "unknown").await;
}

async fn a_truncated_answer_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0020", "unknown").await;
}

async fn an_answer_of_ten_megabytes_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0021", "unknown").await;
}

async fn a_500_after_acceptance_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0022", "unknown").await;
}

async fn a_connection_cut_after_acceptance_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0023", "unknown").await;
}

async fn an_answer_that_never_comes_is_settled_by_its_callback(database: TestDatabase) {
    sell(database, "0010", "unknown").await;
}

async fn an_answer_and_a_callback_that_never_come_call_a_person(database: TestDatabase) {
    let app = TestApp::on_wire(database, &IMPATIENT).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 1).await;
    let payment = app.pay(&token, &order, "0015").await;
    app.settle().await;
    for _ in 0..14 {
        app.pass(Duration::minutes(1)).await;
        app.run(Task::ReconcilePayments).await;
        assert_eq!(app.payment_status(&token, &payment).await, "unknown");
    }
    assert_eq!(app.ask_to_pay(&token, &order, "0000").await.code(409), "payment_under_way");
    app.pass(Duration::minutes(2)).await;
    app.run(Task::ReconcilePayments).await;
    assert_eq!(app.moves(&payment).await, ["submitting", "unknown", "expired"]);
    assert_eq!(app.open_tasks().await, ["payment_unknown"]);
    assert_eq!((app.charges().len(), app.router_users().len()), (1, 0));
    app.end().await;
}

async fn a_token_that_is_refused_once_is_renewed_once_and_pushes_one_prompt(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 1).await;
    let payment = app.pay(&token, &order, "0011").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "success"]);
    assert_eq!((app.wire().payments.token_requests(), app.charges().len()), (2, 1));
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

/// A payment that the gateway refuses asks no wallet, and with whatever was wrong put right the order is paid.
async fn refuse_and_pay(app: TestApp, suffix: &str, reason: &str, put_right: impl FnOnce(&TestApp)) {
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 1).await;
    let refused = app.pay(&token, &order, suffix).await;
    app.settle().await;
    assert_eq!(app.moves(&refused).await, ["submitting", "failed"]);
    assert_eq!(app.payment(&refused).await.reason.as_deref(), Some(reason));
    assert!(app.charges().is_empty());
    // Where it is us who are refused, somebody has to know.
    let alerts: &[&str] = if reason == "gateway_refuses_us" { &[reason] } else { &[] };
    assert_eq!(app.alerts().await, alerts);

    put_right(&app);
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    assert_eq!((app.charges().len(), app.on_router(&order)), (1, 1));
    assert_eq!(app.order_status(&token, &order).await, "completed");
    app.end().await;
}

async fn a_token_that_is_refused_twice_is_our_fault_and_leaves_the_order_payable(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let asked_twice = |app: &TestApp| assert_eq!(app.wire().payments.token_requests(), 2);
    refuse_and_pay(app, "0017", "gateway_refuses_us", asked_twice).await;
}

async fn wrong_credentials_are_our_fault_and_leave_the_order_payable(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let pin = |app: &TestApp, pin: Option<String>| {
        app.wire().payments.change(|behaviour| behaviour.serdipay.account.merchant_pin = pin);
    };
    pin(&app, Some("another".to_owned()));
    refuse_and_pay(app, "0000", "gateway_refuses_us", |app| pin(app, None)).await;
}

async fn an_amount_out_of_the_merchants_range_leaves_the_order_payable(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let limits = |app: &TestApp, limits| {
        app.wire().payments.change(|behaviour| behaviour.serdipay.limits = limits);
    };
    limits(&app, (2300, 5_750_000));
    refuse_and_pay(app, "0000", "amount_not_taken", |app| limits(app, (1, 5_750_000))).await;
}

async fn a_closed_channel_leaves_the_order_payable(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let close = |app: &TestApp, channels| {
        app.wire().payments.change(|behaviour| behaviour.serdipay.closed_channels = channels);
    };
    close(&app, vec![billing::payment::Operator::Mpesa]);
    refuse_and_pay(app, "0000", "operator_not_enabled", |app| close(app, Vec::new())).await;
}

async fn a_gateway_that_is_busy_leaves_the_order_payable(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    refuse_and_pay(app, "0024", "gateway_busy", |_| {}).await;
}

async fn a_gateway_that_refuses_connections_is_asked_once_when_it_is_back(database: TestDatabase) {
    let address = free_address();
    let url = format!("http://{address}/api/public-api/v1");
    let app = TestApp::on_wire(database, &[("SERDIPAY_BASE_URL", &url)]).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 2).await;
    let payment = app.pay(&token, &order, "0000").await;
    app.settle().await;
    for _ in 0..5 {
        app.pass(Duration::minutes(1)).await;
        assert_eq!(app.payment_status(&token, &payment).await, "created");
    }

    let mut options = payment_options(&app.database.folder().join("back"), app.around.ambient());
    options.listen = address;
    options.behaviour.serdipay.callback_url = Some(format!("{}/api/v1/payments/callback/serdipay", app.base));
    let back = PaymentSimulator::start(options).await.unwrap();
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.payment_status(&token, &payment).await, "pending");
    app.around.clock.advance(Duration::seconds(1));
    back.deliver_due().await.unwrap();
    app.settle().await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((back.charges().unwrap().len(), app.on_router(&order)), (1, 2));
    app.end().await;
}

async fn a_gateway_that_hangs_up_before_a_token_is_asked_once_when_it_is_back(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    app.wire().payments.change(|behaviour| behaviour.down = true);
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "1DAY", 2).await;
    let payment = app.pay(&token, &order, "0000").await;
    app.settle().await;
    for _ in 0..5 {
        app.pass(Duration::minutes(1)).await;
        assert_eq!(app.payment_status(&token, &payment).await, "created");
    }
    app.wire().payments.change(|behaviour| behaviour.down = false);
    app.pass(Duration::minutes(2)).await;
    app.pass_a_second().await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((app.charges().len(), app.on_router(&order)), (1, 2));
    app.end().await;
}
