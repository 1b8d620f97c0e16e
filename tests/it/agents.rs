//! An agent's day: cash is handed over, things are sold out of the wallet, and the statement tells it all.

use chrono::Duration;
use futures_util::future::join_all;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    access::an_agent,
    app::{Reply, TestApp},
    refunds::cdf,
    vouchers::{codes, redeem},
};

on_both_databases!(
    an_agents_day,
    vouchers_are_taken_out_of_the_wallet_and_sold_on,
    a_wallet_never_pays_more_than_is_in_it,
    two_sales_on_a_balance_for_one_make_one,
    a_share_is_fixed_with_its_sale,
    an_agent_sells_only_what_and_where_they_may,
    whoever_is_no_agent_sells_nothing,
    what_is_wrong_with_terms_and_transfers_is_named,
    a_repeat_under_the_same_key_happens_once,
);

/// An agent with an admin who looks after them.
pub struct Counter {
    pub admin: String,
    pub id: String,
    pub token: String,
}

impl Counter {
    /// An agent with a share of 10 % and so much in the wallet.
    pub async fn open(app: &TestApp, cash: &str) -> Self {
        let login = an_agent(app).await;
        let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in(&login).await);
        let id = app.get("/api/v1/me", &token).await.data(200)["id"].as_str().unwrap().to_owned();
        let counter = Self { admin, id, token };
        counter.set(app, json!({"commission_basis_points": 1000})).await.data(200);
        if cash != "0" {
            counter.move_cash(app, "top_up", cash).await.data(201);
        }
        counter
    }

    /// Where staff look after the agent.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/admin/agents/{}{rest}", self.id)
    }

    pub async fn set(&self, app: &TestApp, terms: Value) -> Reply {
        app.send(Method::PUT, &self.path(""), Some(&self.admin), Some(terms)).await
    }

    pub async fn move_cash(&self, app: &TestApp, kind: &str, amount: &str) -> Reply {
        let amount = json!({"amount": amount, "currency": "CDF"});
        let body = json!({"kind": kind, "amount": amount, "note": "receipt 17"});
        app.post(&self.path("/transfers"), &self.admin, body).await
    }

    pub async fn sell(&self, app: &TestApp, package: &str, quantity: u32, own: Value) -> Reply {
        let mut body = json!({"user_profile_id": app.package(package).await, "quantity": quantity});
        for (name, value) in own.as_object().unwrap() {
            body[name] = value.clone();
        }
        app.post("/api/v1/agent/sales", &self.token, body).await
    }

    pub async fn take(&self, app: &TestApp, package: &str, quantity: u32) -> Reply {
        let body = json!({"user_profile_id": app.package(package).await, "quantity": quantity});
        app.post("/api/v1/agent/vouchers", &self.token, body).await
    }

    /// The codes of a batch that was taken.
    pub async fn print(&self, app: &TestApp, batch: &Value) -> Vec<String> {
        let print = format!("/api/v1/agent/vouchers/{}/print", batch["id"].as_str().unwrap());
        codes(&app.post(&print, &self.token, json!({"form": "csv"})).await)
    }

    pub async fn wallet(&self, app: &TestApp) -> String {
        let agent = app.get("/api/v1/agent", &self.token).await.data(200);
        agent["wallet"][0]["amount"].as_str().unwrap_or("none").to_owned()
    }

    pub async fn statement(&self, app: &TestApp, query: &str) -> Value {
        app.get(&format!("/api/v1/agent/statement{query}"), &self.token).await.data(200)
    }
}

async fn an_agents_day(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    assert_eq!(counter.wallet(&app).await, "10.00");

    // To a customer with a phone, and to one without.
    let sold = counter.sell(&app, "2H", 2, json!({"phone": "+243990000001"})).await.data(201);
    assert_eq!((&sold["status"], &sold["total"]["amount"]), (&json!("paid"), &json!("3.00")));
    app.around.clock.advance(Duration::minutes(1));
    let handed_over = counter.sell(&app, "1DAY", 1, json!({})).await.data(201);
    app.settle().await;
    assert_eq!(app.on_router(sold["id"].as_str().unwrap()), 2);
    assert_eq!(
        app.text_messages().iter().map(|message| message.to.as_str()).collect::<Vec<_>>(),
        ["+243990000001"; 2]
    );
    let path = format!("/api/v1/orders/{}/credentials", handed_over["id"].as_str().unwrap());
    let token = [("Order-Token", handed_over["order_token"].as_str().unwrap())];
    let shown = app.send_with(Method::GET, &path, None, None, &token).await.data(200);
    assert_eq!(shown[0]["status"], "active");

    // 10 less 90 % of 3 and of 3.
    assert_eq!(counter.wallet(&app).await, "4.60");
    app.around.clock.advance(Duration::minutes(1));
    let left = counter.move_cash(&app, "withdrawal", "0.60").await.data(201);
    assert_eq!(left["wallet"][0]["amount"], "4.00");
    let balances = app.balances().await;
    let of = |account: &str| balances[account];
    assert_eq!(
        (of("cash"), of("agent_wallet"), of("agent_commission"), of("revenue")),
        (940, -400, 60, -600)
    );

    let statement = counter.statement(&app, "").await;
    let told: Vec<_> = statement["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&entry["kind"]), text(&entry["amount"]["amount"]), text(&entry["left"]["amount"]))
        })
        .collect();
    let expected = [
        ("top_up", "10.00", "10.00"),
        ("sale", "-2.70", "7.30"),
        ("sale", "-2.70", "4.60"),
        ("withdrawal", "-0.60", "4.00"),
    ];
    assert_eq!(
        told,
        expected.map(|(kind, amount, left)| (kind.to_owned(), amount.to_owned(), left.to_owned()))
    );
    assert_eq!(statement["entries"][1]["about"], sold["number"]);
    it_is_told_in_parts_and_as_files(&app, &counter, &statement).await;
    app.end().await;
}

/// What the statement of the day is besides: from some moment on, for staff, and as files.
async fn it_is_told_in_parts_and_as_files(app: &TestApp, counter: &Counter, statement: &Value) {
    assert_eq!(
        statement["totals"],
        json!([{
            "sales": 2, "price": cdf("6.00"), "commission": cdf("0.60"),
            "taken_back": {"times": 0, "price": cdf("0.00"), "commission": cdf("0.00")},
        }])
    );
    // From the second sale on: what was in the wallet before is said.
    let from = statement["entries"][2]["at"].as_str().unwrap().to_owned();
    let later = counter.statement(app, &format!("?from={from}")).await;
    assert_eq!(
        (&later["before"][0]["amount"], later["entries"].as_array().unwrap().len()),
        (&json!("7.30"), 2)
    );
    assert_eq!(later["entries"][1]["left"]["amount"], "4.00");

    // Staff see the same, and what all agents have sold.
    assert_eq!(app.get(&counter.path("/statement"), &counter.admin).await.data(200), *statement);
    let agents = app.get("/api/v1/admin/agents", &counter.admin).await.data(200);
    assert_eq!((&agents[0]["name"], &agents[0]["totals"][0]["sales"]), (&json!("Agent Demo"), &json!(2)));
    let csv = app.get(&counter.path("/statement/export?format=csv"), &counter.admin).await;
    let lines: Vec<&str> = csv.body.as_str().unwrap().lines().collect();
    assert_eq!((csv.status.as_u16(), lines.len()), (200, 5));
    assert!(lines[2].contains(statement["entries"][1]["about"].as_str().unwrap()), "{lines:?}");
    let pdf = app.get("/api/v1/agent/statement/export?format=pdf", &counter.token).await;
    assert_eq!(pdf.headers["content-type"], "application/pdf");
}

async fn vouchers_are_taken_out_of_the_wallet_and_sold_on(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let batch = counter.take(&app, "2H", 5).await.data(201);
    assert_eq!((&batch["count"], &batch["agent_id"]), (&json!(5), &json!(counter.id)));
    // 10 less 90 % of 7.50.
    assert_eq!(counter.wallet(&app).await, "3.25");
    assert_eq!(app.balances().await["voucher_clearing"], -750);
    let codes = counter.print(&app, &batch).await;
    assert_eq!(codes.len(), 5);
    for code in &codes[..2] {
        redeem(&app, None, code).await.data(201);
    }
    app.settle().await;
    assert_eq!(app.router_users().len(), 2);
    let balances = app.balances().await;
    assert_eq!((balances["voucher_clearing"], balances["revenue"]), (-450, -300));
    let statement = counter.statement(&app, "").await;
    let taken = &statement["entries"][1];
    assert_eq!(
        (&taken["kind"], &taken["about"], &taken["vouchers"]),
        (&json!("vouchers"), &json!("2H"), &json!(5))
    );
    // Nobody prints another's vouchers.
    let admin_batch = json!({"name": "kiosk", "user_profile_id": app.package("2H").await, "count": 1});
    let other = app.post("/api/v1/admin/voucher-batches", &counter.admin, admin_batch).await.data(201);
    let print = format!("/api/v1/agent/vouchers/{}/print", other["id"].as_str().unwrap());
    assert_eq!(app.post(&print, &counter.token, json!({"form": "csv"})).await.code(404), "not_found");
    app.end().await;
}

async fn a_wallet_never_pays_more_than_is_in_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "2.69").await;
    let refused = counter.sell(&app, "1DAY", 1, json!({})).await;
    assert_eq!(refused.body["errors"]["wallet"][0], "there is 2.69 CDF, and 2.70 CDF is needed");
    assert_eq!(refused.code(409), "wallet_too_low");
    assert_eq!(counter.take(&app, "1DAY", 1).await.code(409), "wallet_too_low");
    assert_eq!(counter.move_cash(&app, "withdrawal", "2.70").await.code(409), "wallet_too_low");
    assert_eq!(counter.wallet(&app).await, "2.69");
    counter.move_cash(&app, "top_up", "0.01").await.data(201);
    counter.sell(&app, "1DAY", 1, json!({})).await.data(201);
    assert_eq!(counter.wallet(&app).await, "0.00");
    assert_eq!(app.get("/api/v1/admin/orders", &counter.admin).await.data(200).as_array().unwrap().len(), 1);
    app.settle().await;
    app.end().await;
}

async fn two_sales_on_a_balance_for_one_make_one(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut other = app.second(&[]).await;
    let counter = Counter::open(&app, "0").await;
    for _ in 0..5 {
        counter.move_cash(&app, "top_up", "1.35").await.data(201);
        let at_once = (0..6).map(|number| {
            let here = if number % 2 == 0 { &app } else { &other };
            let counter = &counter;
            async move {
                if number % 3 == 0 {
                    counter.take(here, "2H", 1).await
                } else {
                    counter.sell(here, "2H", 1, json!({})).await
                }
            }
        });
        let mut answers: Vec<_> = join_all(at_once).await.iter().map(|reply| reply.status.as_u16()).collect();
        answers.sort_unstable();
        assert_eq!(answers, [201, 409, 409, 409, 409, 409]);
        assert_eq!(counter.wallet(&app).await, "0.00");
    }
    app.settle().await;
    other.stop().await;
    app.end().await;
}

async fn a_share_is_fixed_with_its_sale(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    counter.sell(&app, "1DAY", 1, json!({})).await.data(201);
    let day = app.package("1DAY").await;
    let packages = json!([{"user_profile_id": day, "commission_basis_points": 2500}, {"user_profile_id": app.package("2H").await}]);
    counter.set(&app, json!({"commission_basis_points": 500, "packages": packages})).await.data(200);
    app.around.clock.advance(Duration::seconds(1));
    counter.sell(&app, "1DAY", 1, json!({})).await.data(201);
    app.around.clock.advance(Duration::seconds(1));
    counter.sell(&app, "2H", 1, json!({})).await.data(201);
    let statement = counter.statement(&app, "").await;
    let shares: Vec<_> = statement["entries"].as_array().unwrap()[1..]
        .iter()
        .map(|entry| entry["commission"]["amount"].as_str().unwrap())
        .collect();
    // 5 % of 1.50 are seven and a half hundredths.
    assert_eq!(shares, ["0.30", "0.75", "0.08"]);
    app.settle().await;
    app.end().await;
}

async fn an_agent_sells_only_what_and_where_they_may(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let sites = app.get("/api/v1/admin/sites", &counter.admin).await.data(200);
    let main = sites[0]["id"].as_str().unwrap();
    let packages = json!([{"user_profile_id": app.package("2H").await}]);
    counter
        .set(&app, json!({"commission_basis_points": 0, "packages": packages, "sites": [main]}))
        .await
        .data(200);
    let refused = counter.sell(&app, "1DAY", 1, json!({})).await;
    assert_eq!(refused.body["errors"]["user_profile_id"][0], "is not among your packages");
    assert_eq!(counter.take(&app, "1DAY", 1).await.code(422), "validation_failed");
    counter.sell(&app, "2H", 1, json!({})).await.data(201);
    counter.set(&app, json!({"commission_basis_points": 0, "sites": []})).await.data(200);
    let refused = counter.sell(&app, "2H", 1, json!({})).await;
    assert_eq!(refused.body["errors"]["site_id"][0], "is not among your sites");
    assert_eq!(counter.take(&app, "2H", 1).await.code(422), "validation_failed");
    counter.set(&app, json!({"commission_basis_points": 0, "sites": [main]})).await.data(200);
    assert_eq!(counter.take(&app, "2H", 1).await.data(201)["site_id"], main);
    assert_eq!(counter.wallet(&app).await, "7.00");
    app.settle().await;
    app.end().await;
}

async fn whoever_is_no_agent_sells_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let body = json!({"user_profile_id": app.package("2H").await, "quantity": 1});
    // An admin has the permission, and no terms.
    assert_eq!(app.post("/api/v1/agent/sales", &admin, body).await.code(403), "not_an_agent");
    assert_eq!(app.get("/api/v1/agent", &admin).await.code(404), "not_found");
    let user = app.log_in("user1@demo.test").await;
    let id = app.get("/api/v1/me", &user).await.data(200)["id"].as_str().unwrap().to_owned();
    let terms = Some(json!({"commission_basis_points": 0}));
    let set = app.send(Method::PUT, &format!("/api/v1/admin/agents/{id}"), Some(&admin), terms).await;
    assert_eq!(set.code(409), "account_of_no_agent");
    assert_eq!(app.get(&format!("/api/v1/admin/agents/{id}"), &admin).await.code(404), "not_found");
    app.end().await;
}

async fn what_is_wrong_with_terms_and_transfers_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "0").await;
    let nobody = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";
    let two_h = app.package("2H").await;
    for (terms, field) in [
        (json!({}), "commission_basis_points"),
        (json!({"commission_basis_points": 10_001}), "commission_basis_points"),
        (
            json!({"commission_basis_points": 0, "packages": [{"user_profile_id": nobody}]}),
            "packages.0.user_profile_id",
        ),
        (
            json!({"commission_basis_points": 0, "packages": [{"user_profile_id": two_h, "commission_basis_points": 10_001}]}),
            "packages.0.commission_basis_points",
        ),
        (json!({"commission_basis_points": 0, "sites": [nobody]}), "sites.0"),
    ] {
        let refused = counter.set(&app, terms).await;
        assert!(refused.body["errors"][field].is_array(), "{field}: {}", refused.body);
        assert_eq!(refused.code(422), "validation_failed");
    }
    for amount in ["0", "-1", "1.001", "x", "99999999999999999999"] {
        let refused = counter.move_cash(&app, "top_up", amount).await;
        assert!(refused.body["errors"]["amount.amount"].is_array(), "{amount}: {}", refused.body);
    }
    assert_eq!(counter.wallet(&app).await, "none");
    app.end().await;
}

async fn a_repeat_under_the_same_key_happens_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "0").await;
    let key = [("Idempotency-Key", "a-key")];
    let transfers = counter.path("/transfers");
    let cash =
        json!({"kind": "top_up", "amount": {"amount": "9.00", "currency": "CDF"}, "note": "receipt 18"});
    let sale = json!({"user_profile_id": app.package("2H").await, "quantity": 1});
    let mut orders = Vec::new();
    for _ in 0..3 {
        app.send_with(Method::POST, &transfers, Some(&counter.admin), Some(cash.clone()), &key)
            .await
            .data(201);
        let sold = app.send_with(
            Method::POST,
            "/api/v1/agent/sales",
            Some(&counter.token),
            Some(sale.clone()),
            &key,
        );
        let vouchers = app.send_with(
            Method::POST,
            "/api/v1/agent/vouchers",
            Some(&counter.token),
            Some(sale.clone()),
            &key,
        );
        orders.push((sold.await.data(201)["order_token"].clone(), vouchers.await.data(201)["id"].clone()));
    }
    assert!(orders.iter().all(|made| *made == orders[0]));
    assert_eq!(counter.wallet(&app).await, "6.30");
    app.settle().await;
    app.end().await;
}
