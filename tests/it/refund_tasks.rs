//! Who has to see to a refund is called, and until when; and what an order has come to meanwhile.

use kernel::Role;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::json;

use crate::{
    access::somebody,
    app::TestApp,
    refunds::{Sale, cdf, paid_and_not_begun, refund, say},
};

on_both_databases!(
    refunds_that_wait_for_people_call_them,
    who_has_neither_access_nor_money_is_a_task_until_it_has_gone_back,
    an_order_of_which_nothing_was_made_has_failed_until_its_money_is_back,
);

async fn refunds_that_wait_for_people_call_them(database: TestDatabase) {
    let app = TestApp::with(database, &[("REFUND_ALONE_UP_TO_CDF", "2")]).await;
    let sale = Sale::of(&app, 2, "0000").await;
    let second = somebody(&app, "second@demo.test", Role::Admin).await;
    let second = app.log_in(&second).await;
    let part = json!({"way": "cash", "amount": cdf("1.00")});
    let (one, two) = (
        sale.refund(&app, part.clone()).await.data(201),
        sale.refund(&app, json!({"way": "transfer", "amount": cdf("1.00")})).await.data(201),
    );
    assert_eq!(app.open_tasks().await, ["refund_to_pay"]);
    assert!(app.alerts().await.is_empty(), "whoever pays it knows");
    say(&app, &sale.admin, &one, "confirm").await.data(200);
    assert_eq!(app.open_tasks().await, ["refund_to_pay"], "the other waits");
    say(&app, &sale.admin, &two, "confirm").await.data(200);
    assert!(app.open_tasks().await.is_empty());

    let rest = sale.refund(&app, part.clone()).await.data(201);
    assert_eq!(
        (&rest["status"], app.open_tasks().await),
        (&json!("requested"), vec!["refund_to_approve".into()])
    );
    say(&app, &second, &rest, "reject").await.data(200);
    assert!(app.open_tasks().await.is_empty());
    let rest = sale.refund(&app, part).await.data(201);
    assert_eq!(app.open_tasks().await, ["refund_to_approve"]);
    say(&app, &second, &rest, "approve").await.data(200);
    assert_eq!(app.open_tasks().await, ["refund_to_pay"]);
    say(&app, &sale.admin, &rest, "confirm").await.data(200);
    assert!(app.open_tasks().await.is_empty());
    assert_eq!(app.alerts().await, ["refund_to_approve", "refund_to_approve"]);
    assert_eq!(sale.status(&app).await, "refunded");
    app.end().await;
}

async fn who_has_neither_access_nor_money_is_a_task_until_it_has_gone_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let sale = Sale::of(&app, 3, "0000").await;
    let transfer = sale.refund(&app, json!({"way": "transfer", "units": [1]})).await.data(201);
    app.settle().await;
    assert_eq!(app.on_router(&sale.order), 2);
    say(&app, &sale.admin, &transfer, "reject").await.data(200);
    assert_eq!(app.open_tasks().await, ["refund_failed"]);
    assert_eq!(app.alerts().await, ["refund_failed"]);
    // Tried again in vain, it is the same money.
    let cash = sale.refund(&app, json!({"way": "cash", "amount": cdf("1.50")})).await.data(201);
    say(&app, &sale.admin, &cash, "reject").await.data(200);
    assert_eq!(app.open_tasks().await, ["refund_failed"]);
    // Another unit's price, or a part, is not what is owed.
    sale.refund(&app, json!({"way": "credit", "units": [2]})).await.data(201);
    let part = sale.refund(&app, json!({"way": "cash", "amount": cdf("1.00")})).await.data(201);
    say(&app, &sale.admin, &part, "confirm").await.data(200);
    assert_eq!(app.open_tasks().await, ["refund_failed"]);
    let part = sale.refund(&app, json!({"way": "cash", "amount": cdf("0.50")})).await.data(201);
    say(&app, &sale.admin, &part, "confirm").await.data(200);
    assert!(app.open_tasks().await.is_empty());
    // A gesture that comes to nothing has taken nothing.
    let gesture = sale.refund(&app, json!({"way": "cash", "amount": cdf("0.50")})).await.data(201);
    say(&app, &sale.admin, &gesture, "reject").await.data(200);
    assert!(app.open_tasks().await.is_empty());
    app.settle().await;
    assert_eq!((app.on_router(&sale.order), sale.status(&app).await.as_str()), (1, "completed"));
    app.end().await;
}

async fn an_order_of_which_nothing_was_made_has_failed_until_its_money_is_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, customer, order, payment) = paid_and_not_begun(&app).await;
    let one = refund(&app, &admin, &payment, json!({"way": "cash", "units": [1]})).await.data(201);
    assert_eq!(app.order_status(&customer, &order).await, "paid", "the other is owed");
    let rest = refund(&app, &admin, &payment, json!({"way": "cash", "units": [2]})).await.data(201);
    assert_eq!(app.order_status(&customer, &order).await, "failed");
    app.settle().await;
    say(&app, &admin, &one, "confirm").await.data(200);
    assert_eq!(app.order_status(&customer, &order).await, "failed");
    say(&app, &admin, &rest, "confirm").await.data(200);
    app.settle().await;
    assert_eq!((app.order_status(&customer, &order).await.as_str(), app.on_router(&order)), ("refunded", 0));
    assert_eq!(app.events("OrderFulfilmentFailed").await, 0, "nothing has gone wrong");
    app.end().await;
}
