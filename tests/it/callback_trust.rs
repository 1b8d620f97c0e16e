//! Whose word counts as the gateway's, and how much of it: secrets, signatures over raw bytes, replays, amounts.

use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::json;

use crate::{
    app::{CALLBACK_TOKEN, TestApp, sign},
    witnesses::{failure_of, success_of},
};

on_both_databases!(
    a_callback_without_the_right_token_and_signature_is_refused,
    a_signature_holds_for_the_bytes_as_they_were_sent,
    a_callback_of_one_order_settles_no_other,
    a_reference_that_the_gateway_uses_twice_settles_only_its_first_payment,
    an_amount_that_is_not_the_price_waits_for_a_person,
    the_price_may_be_written_in_more_than_one_way,
    forgers_are_slowed_down_and_the_gateway_never,
);

/// An order with a payment that waits for the gateway's word.
async fn waiting(app: &TestApp, token: &str) -> (String, String) {
    let order = app.order(token, "2H", 1).await;
    let payment = app.pay(token, &order, "0003").await;
    app.settle().await;
    (order, payment)
}

async fn a_callback_without_the_right_token_and_signature_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let (_, payment) = waiting(&app, &token).await;
    let body = success_of(&app.last_charge()).to_string();
    let signature = sign(&body);
    let upside_down: String = signature.chars().rev().collect();
    let right = Some(CALLBACK_TOKEN);
    let shorter = CALLBACK_TOKEN.strip_suffix('n');
    for (token, signatures) in [
        (None, &[signature.as_str()][..]),
        (Some("test-callback-tokex"), &[&signature]),
        (shorter, &[&signature]),
        (Some("%00"), &[&signature]),
        (right, &[]),
        (right, &[""]),
        (right, &["sha256="]),
        (right, &[&upside_down]),
        (right, &[&signature[..62]]),
        (right, &[&signature, &signature]),
        (right, &[&signature, &upside_down]),
    ] {
        let reply = app.callback_as(&body, token, signatures).await;
        assert_eq!(reply.code(401), "callback_not_authentic", "{token:?} {signatures:?}");
    }
    app.settle().await;
    assert!(app.callbacks().await.is_empty());
    assert_eq!(app.payment_status(&token, &payment).await, "pending");
    app.end().await;
}

async fn a_signature_holds_for_the_bytes_as_they_were_sent(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    for form in [
        // Keys in another order, and white space that no serialiser of ours would write.
        "{\n\t\"payment\" :{\"currency\":\"CDF\", \"amount\":1.50,\r\n \"sessionId\":\"SESSION\",\
         \"status\":\"success\"} , \"message\":\"REFERENCE\"  }\n",
        // A slash that need not be escaped, and letters that need not be either.
        r#"{"message":"REFERENCE","note":"\/ \u00e9 é","payment":{"sessionId":"SESSION","status":"succ\u0065ss","amount":"1.50","currency":"\u0043DF"}}"#,
        // Keys that nobody knows.
        r#"{"payment":{"status":"success","sessionId":"SESSION","amount":1.5,"currency":"CDF","x":{"y":[1e400]}},"message":"REFERENCE","payments":[]}"#,
    ] {
        let (order, payment) = waiting(&app, &token).await;
        let charge = app.last_charge();
        let body =
            form.replace("SESSION", &charge.provider_ref).replace("REFERENCE", &charge.reference.to_string());
        let signature = sign(&body);
        for (place, byte) in body.bytes().enumerate().filter(|(_, byte)| byte.is_ascii()).step_by(7) {
            let mut flipped = body.clone().into_bytes();
            flipped[place] = byte ^ 1;
            let Ok(flipped) = String::from_utf8(flipped) else { continue };
            let reply = app.callback_as(&flipped, Some(CALLBACK_TOKEN), &[&signature]).await;
            assert_eq!(reply.status, 401, "{flipped}");
        }
        app.settle().await;
        assert_eq!(app.payment_status(&token, &payment).await, "pending");

        app.callback_as(&body, Some(CALLBACK_TOKEN), &[&format!("sha256={signature}")]).await.accepted();
        app.settle().await;
        assert_eq!(app.payment_status(&token, &payment).await, "success", "{body}");
        assert_eq!(app.on_router(&order), 1);
    }
    assert_eq!(app.callbacks().await, ["applied"; 3]);
    app.end().await;
}

async fn a_callback_of_one_order_settles_no_other(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let (paid, _) = waiting(&app, &token).await;
    let first = app.last_charge();
    app.hear(&success_of(&first)).await;
    assert_eq!(app.on_router(&paid), 1);

    let (unpaid, payment) = waiting(&app, &token).await;
    // The very same message, and the same with other words around it.
    app.hear(&success_of(&first)).await;
    let mut again = success_of(&first);
    again["payment"]["transactionId"] = json!("another");
    app.hear(&again).await;
    // The message of the paid one without our name for it.
    again.as_object_mut().unwrap().remove("message");
    app.hear(&again).await;
    assert_eq!(app.payment_status(&token, &payment).await, "pending");

    // Our name of the unpaid one, and the gateway's of the paid one.
    let mut mixed = success_of(&app.last_charge());
    mixed["payment"]["sessionId"] = json!(first.provider_ref);
    app.hear(&mixed).await;
    assert_eq!(app.payment(&payment).await.reason.as_deref(), Some("conflicting_reference"));
    assert_eq!(app.payment_status(&token, &payment).await, "held");
    assert_eq!(app.order_status(&token, &unpaid).await, "pending");
    assert_eq!(app.callbacks().await, ["applied", "ignored", "ignored", "applied"]);
    assert_eq!((app.on_router(&paid), app.on_router(&unpaid)), (1, 0));
    assert_eq!(app.balances().await["revenue"], -150);
    app.end().await;
}

async fn a_reference_that_the_gateway_uses_twice_settles_only_its_first_payment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let (paid, _) = waiting(&app, &token).await;
    let first = app.last_charge();
    app.hear(&success_of(&first)).await;

    // Its answer is lost, so that nobody here knows the gateway's name for it yet.
    let order = app.order(&token, "2H", 1).await;
    let payment = app.pay(&token, &order, "0015").await;
    app.settle().await;
    assert_eq!(app.payment(&payment).await.provider_ref, None);
    let mut told = success_of(&app.last_charge());
    told["payment"]["sessionId"] = json!(first.provider_ref);
    app.hear(&told).await;

    assert_eq!(app.payment_status(&token, &payment).await, "held");
    assert_eq!(app.payment(&payment).await.reason.as_deref(), Some("conflicting_reference"));
    assert_eq!(app.alerts().await, ["payment_held"]);
    assert_eq!((app.on_router(&paid), app.on_router(&order)), (1, 0));
    app.end().await;
}

async fn an_amount_that_is_not_the_price_waits_for_a_person(database: TestDatabase) {
    let app =
        TestApp::with(database, &[("PUSH_LIMIT_PER_NUMBER_HOUR", "100"), ("PUSH_LIMIT_PER_IP_HOUR", "100")])
            .await;
    let token = app.log_in("user1@demo.test").await;
    let mut held = 0;
    for (amount, currency) in [
        ("\"1.49\"", "\"CDF\""),
        ("\"1.51\"", "\"CDF\""),
        ("150", "\"CDF\""),
        ("\"1.50\"", "\"USD\""),
        ("\"1.50\"", "\"cdf\""),
        ("\"1.50\"", "\"XAF\""),
        ("\"1.50\"", "null"),
        ("null", "\"CDF\""),
        ("\"\"", "\"CDF\""),
        ("15e-1", "\"CDF\""),
        ("1.500", "\"CDF\""),
        ("\"1,50\"", "\"CDF\""),
        ("\"NaN\"", "\"CDF\""),
        ("-1.50", "\"CDF\""),
        ("\" 1.50\"", "\"CDF\""),
        ("[1.50]", "\"CDF\""),
        ("true", "\"CDF\""),
        ("92233720368547758.08", "\"CDF\""),
    ] {
        let (order, payment) = waiting(&app, &token).await;
        let charge = app.last_charge();
        let body = format!(
            r#"{{"message":"{}","payment":{{"status":"success","sessionId":"{}","amount":{amount},"currency":{currency}}}}}"#,
            charge.reference, charge.provider_ref
        );
        app.callback(&body).await.accepted();
        app.settle().await;
        held += 1;
        assert_eq!(app.payment_status(&token, &payment).await, "held", "{body}");
        assert_eq!(app.payment(&payment).await.reason.as_deref(), Some("amount_mismatch"), "{body}");
        assert_eq!(app.order_status(&token, &order).await, "pending");
        assert_eq!(app.alerts().await.len(), held);
    }
    // What is not even JSON is not read at all.
    let (_, payment) = waiting(&app, &token).await;
    let body = success_of(&app.last_charge()).to_string().replace("\"1.50\"", "NaN");
    app.callback(&body).await.accepted();
    app.settle().await;
    assert_eq!(app.payment_status(&token, &payment).await, "pending");
    // A failure fails, whatever its amount.
    let mut failure = failure_of(&app.last_charge());
    failure["payment"]["amount"] = json!("0.01");
    app.hear(&failure).await;
    assert_eq!(app.payment_status(&token, &payment).await, "failed");

    assert_eq!(app.open_tasks().await, vec!["payment_held"; held]);
    assert_eq!(app.events("PaymentSucceeded").await, 0);
    assert!(app.router_state().users.is_empty());
    app.end().await;
}

async fn the_price_may_be_written_in_more_than_one_way(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    for amount in ["\"1.50\"", "\"1.5\"", "1.5", "1.50"] {
        let (order, payment) = waiting(&app, &token).await;
        let body = success_of(&app.last_charge()).to_string().replace("\"1.50\"", amount);
        app.callback(&body).await.accepted();
        app.settle().await;
        assert_eq!(app.payment_status(&token, &payment).await, "success", "{body}");
        assert_eq!(app.on_router(&order), 1);
    }
    assert_eq!(app.balances().await["gateway_clearing"], 600);
    app.end().await;
}

async fn forgers_are_slowed_down_and_the_gateway_never(database: TestDatabase) {
    let app = TestApp::with(database, &[("RATE_LIMIT_AUTH", "30")]).await;
    let token = app.log_in("user1@demo.test").await;
    let (_, payment) = waiting(&app, &token).await;
    for _ in 0..30 {
        assert_eq!(app.callback_as("{}", Some("guess"), &[]).await.code(401), "callback_not_authentic");
    }
    let slowed = app.callback_as("{}", Some("guess"), &[]).await;
    assert_eq!(slowed.code(429), "rate_limited");
    assert!(slowed.headers.contains_key("retry-after"));
    app.hear(&success_of(&app.last_charge())).await;
    assert_eq!(app.payment_status(&token, &payment).await, "success");
    app.end().await;
}
