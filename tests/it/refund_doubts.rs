//! What a gateway leaves open about a refund, and what a person's word is worth meanwhile.

use chrono::Duration;
use kernel::Role;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::{Value, json};

use crate::{
    access::somebody,
    app::TestApp,
    refunds::{Sale, cdf, say, shown},
};

on_both_databases!(
    a_persons_word_counts_a_day_after_the_gateway_took_it,
    a_success_that_does_not_tell_its_amount_is_for_a_person,
    another_amount_is_heard_after_a_persons_word_as_well,
    money_of_which_nobody_knows_is_not_given_back_again,
);

/// What a gateway writes about a refund, which is a hint to ask it.
fn word_on(refund: &Value) -> Value {
    json!({
        "status": 200,
        "message": refund["reference"],
        "payment": {"status": "success", "sessionId": "800000000", "amount": "1.50", "currency": "CDF"},
    })
}

/// Puts the open tasks of a kind away.
pub async fn put_away(app: &TestApp, admin: &str, kind: &str) {
    let tasks = app.get("/api/v1/admin/review-tasks", admin).await.data(200);
    for task in tasks.as_array().unwrap().iter().filter(|task| task["kind"] == kind) {
        let path = format!("/api/v1/admin/review-tasks/{}/close", task["id"].as_str().unwrap());
        assert!(app.post(&path, admin, json!({"note": "seen to it"})).await.status.is_success());
    }
}

async fn a_persons_word_counts_a_day_after_the_gateway_took_it(database: TestDatabase) {
    let app = TestApp::with(database, &[("REFUND_ALONE_UP_TO_CDF", "1")]).await;
    let second = somebody(&app, "second@demo.test", Role::Admin).await;
    for (word, status, tasks) in
        [("confirm", "success", vec![]), ("reject", "failed", vec!["refund_failed", "refund_contradicted"])]
    {
        let sale = Sale::of(&app, 1, "0029").await;
        let asked = sale.refund(&app, json!({})).await.data(201);
        // Over the weekend nobody approves it.
        app.around.clock.advance(Duration::days(3));
        let second = app.log_in(&second).await;
        say(&app, &second, &asked, "approve").await.data(200);
        app.settle().await;
        assert_eq!(shown(&app, &second, &asked).await["status"], "pending");
        assert_eq!(say(&app, &second, &asked, word).await.code(409), "refund_not_waiting");
        app.around.clock.advance(Duration::days(1));
        let admin = app.log_in("admin@demo.test").await;
        assert_eq!(say(&app, &admin, &asked, word).await.code(409), "refund_not_waiting");
        app.around.clock.advance(Duration::seconds(1));
        assert_eq!(say(&app, &admin, &asked, word).await.data(200)["status"], status);
        // Asked next, the gateway says that it has paid.
        app.settle().await;
        assert_eq!(shown(&app, &admin, &asked).await["status"], status);
        assert_eq!(app.open_tasks().await, tasks, "{word}");
    }
    app.end().await;
}

async fn a_success_that_does_not_tell_its_amount_is_for_a_person(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 1, "0034").await;
    let back = sale.refund(&app, json!({})).await.data(201);
    app.settle().await;
    let now = shown(&app, &sale.admin, &back).await;
    assert_eq!((&now["status"], &now["moves"][3]["reason"]), (&json!("unknown"), &json!("amount_mismatch")));
    assert_eq!(app.open_tasks().await, ["refund_contradicted"]);
    assert_eq!((app.balances().await["refunds_owed"], app.events("RefundSucceeded").await), (-150, 0));
    put_away(&app, &sale.admin, "refund_contradicted").await;
    assert_eq!(say(&app, &sale.admin, &back, "confirm").await.data(200)["status"], "success");
    // That it still tells none is nothing new.
    app.hear(&word_on(&back)).await;
    assert!(app.open_tasks().await.is_empty());
    assert_eq!(app.balances().await["refunds_owed"], 0);
    app.end().await;
}

async fn another_amount_is_heard_after_a_persons_word_as_well(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 1, "0035").await;
    let back = sale.refund(&app, json!({})).await.data(201);
    app.settle().await;
    assert_eq!(shown(&app, &sale.admin, &back).await["status"], "unknown");
    assert_eq!(app.open_tasks().await, ["refund_contradicted"]);
    put_away(&app, &sale.admin, "refund_contradicted").await;
    say(&app, &sale.admin, &back, "confirm").await.data(200);
    assert!(app.open_tasks().await.is_empty());
    app.hear(&word_on(&back)).await;
    assert_eq!(app.open_tasks().await, ["refund_contradicted"]);
    assert_eq!(shown(&app, &sale.admin, &back).await["status"], "success");
    app.end().await;
}

async fn money_of_which_nobody_knows_is_not_given_back_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 1, "0032").await;
    let back = sale.refund(&app, json!({})).await.data(201);
    app.settle().await;
    assert_eq!(shown(&app, &sale.admin, &back).await["status"], "unknown");
    for again in [json!({}), json!({"way": "cash"}), json!({"way": "credit", "amount": cdf("0.50")})] {
        assert_eq!(sale.refund(&app, again).await.code(409), "refund_too_large");
    }
    let unit = sale.refund(&app, json!({"way": "cash", "units": [1]})).await;
    assert!(unit.body["errors"].get("units").is_some(), "{}", unit.body);
    assert_eq!(sale.payment(&app).await["refunded"], cdf("1.50"));
    app.pass(Duration::minutes(2)).await;
    assert_eq!(shown(&app, &sale.admin, &back).await["status"], "success");
    assert_eq!((app.gateway().paid_back().unwrap().len(), app.balances().await["refunds_owed"]), (1, 0));
    app.end().await;
}
