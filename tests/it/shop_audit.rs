//! What agents, vouchers and credit leave in the audit log: who did what to what, and for how much.

use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::{Value, json};

use crate::{
    agents::Counter,
    app::TestApp,
    credit::pay_twice,
    vouchers::{Issued, redeem},
};

on_both_databases!(
    an_agents_terms_cash_and_sales_are_written_down,
    what_becomes_of_vouchers_is_written_down,
    a_payment_by_credit_is_written_down,
);

/// What the audit log holds of a kind, oldest first: who did it, what, to what, and the details.
async fn written(app: &TestApp, kind: &str) -> Vec<(String, String, String, Value)> {
    let admin = app.log_in("admin@demo.test").await;
    let path = format!("/api/v1/admin/audit-log?event_type={kind}&per_page=100");
    let lines = app.get(&path, &admin).await.data(200);
    let lines = lines.as_array().unwrap().iter().rev();
    let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    lines
        .inspect(|line| assert_eq!(line["status"], "success"))
        .map(|line| {
            (text(line, "actor"), text(line, "action"), text(line, "resource"), line["details"].clone())
        })
        .collect()
}

fn line(actor: &str, action: &str, resource: String, details: Value) -> (String, String, String, Value) {
    (actor.to_owned(), action.to_owned(), resource, details)
}

/// Whoever a token belongs to, as the audit log names them.
async fn actor(app: &TestApp, token: &str) -> String {
    format!("user:{}", app.get("/api/v1/me", token).await.data(200)["id"].as_str().unwrap())
}

async fn an_agents_terms_cash_and_sales_are_written_down(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let sold = counter.sell(&app, "2H", 2, json!({})).await.data(201);
    let batch = counter.take(&app, "2H", 1).await.data(201);
    counter.move_cash(&app, "withdrawal", "0.50").await.data(201);
    app.settle().await;
    let (agent, admin) = (actor(&app, &counter.token).await, actor(&app, &counter.admin).await);
    let terms = json!({"commission": 1000, "packages": null, "sites": null});
    let id = |thing: &Value| thing["id"].as_str().unwrap().to_owned();
    assert_eq!(
        written(&app, "agent").await,
        [
            line(&admin, "set", agent.clone(), json!({"status": "active", "terms": terms})),
            line(&admin, "move_cash", agent.clone(), json!({"amount": "10.00 CDF", "note": "receipt 17"})),
            line(
                &agent,
                "sell",
                format!("order:{}", id(&sold)),
                json!({"price": "3.00 CDF", "commission": "0.30 CDF"}),
            ),
            line(
                &agent,
                "sell",
                format!("voucher_batch:{}", id(&batch)),
                json!({"price": "1.50 CDF", "commission": "0.15 CDF"}),
            ),
            line(&admin, "move_cash", agent.clone(), json!({"amount": "-0.50 CDF", "note": "receipt 17"})),
        ]
    );
    app.end().await;
}

async fn what_becomes_of_vouchers_is_written_down(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let issued = Issued::make(&app, 3, json!({})).await;
    let admin = actor(&app, &issued.admin).await;
    issued.change(&app, "suspend").await.data(200);
    issued.change(&app, "resume").await.data(200);
    let guests = redeem(&app, None, &issued.codes[0]).await.data(201);
    let vouchers = issued.vouchers(&app).await;
    let voucher = |place: usize| format!("voucher:{}", vouchers[place]["id"].as_str().unwrap());
    let revoke = format!("/api/v1/admin/vouchers/{}/revoke", vouchers[1]["id"].as_str().unwrap());
    assert_eq!(app.post(&revoke, &issued.admin, Value::Null).await.status, 204);
    issued.change(&app, "revoke").await.data(200);
    app.settle().await;
    let order = json!({"order": guests["id"]});
    assert_eq!(
        written(&app, "voucher").await,
        [line("anonymous", "redeem", voucher(0), order), line(&admin, "revoke", voucher(1), json!({})),]
    );
    let batch = written(&app, "voucher_batch").await;
    let changes: Vec<_> =
        batch.iter().map(|(actor, action, _, _)| (actor.as_str(), action.as_str())).collect();
    let expected = ["issue", "print", "suspended", "active", "revoked"];
    assert_eq!(changes, expected.map(|action| (admin.as_str(), action)));
    assert!(batch.iter().all(|(_, _, resource, _)| *resource == format!("voucher_batch:{}", issued.batch)));
    app.end().await;
}

async fn a_payment_by_credit_is_written_down(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    pay_twice(&app, &token).await;
    let order = app.order(&token, "2H", 1).await;
    let payment = app.post(&format!("/api/v1/payments/{order}/credit"), &token, Value::Null).await.data(201);
    app.settle().await;
    let resource = format!("payment:{}", payment["id"].as_str().unwrap());
    let lines = written(&app, "payment").await;
    let of_it: Vec<_> = lines.into_iter().filter(|(_, _, about, _)| *about == resource).collect();
    assert_eq!(of_it.len(), 1, "{of_it:?}");
    let customer = actor(&app, &token).await;
    assert_eq!((of_it[0].0.as_str(), of_it[0].1.as_str()), (customer.as_str(), "credit"));
    app.end().await;
}
