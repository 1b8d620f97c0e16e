//! Payments, ledger and statement side by side, day by day.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    statements::{HEADER, line},
    witnesses::success_of,
};

on_both_databases!(
    a_day_without_a_statement_agrees_and_says_so,
    a_day_is_told_true_by_its_statement,
    what_a_statement_lacks_or_has_too_much_is_listed_and_alerted_once,
    a_ledger_that_lost_a_posting_is_told_at_once,
    a_day_that_is_not_over_is_not_compared,
    lines_that_wait_to_be_compared_do_not_count_yet,
    a_transaction_of_the_next_day_is_that_days_duplicate,
    an_orphan_that_finds_its_payment_is_none_in_its_days_report_either,
    the_clock_compares_yesterday,
);

const DAY: &str = "2026-01-17";

impl TestApp {
    /// The one report of a day.
    async fn agreement(&self, day: &str) -> Value {
        let admin = self.log_in("admin@demo.test").await;
        let reports = self.get(&format!("/api/v1/admin/agreements/{day}"), &admin).await.data(200);
        assert_eq!(reports.as_array().unwrap().len(), 1, "{reports}");
        reports[0].clone()
    }

    async fn sell_one(&self) -> String {
        let (_, payment, _) = self.ask("0000").await;
        self.pass_a_second().await;
        payment
    }

    async fn next_day(&self) {
        self.pass(Duration::days(1)).await;
    }
}

fn totals(count: u64, amount: &str) -> Value {
    json!({"count": count, "sum": {"amount": amount, "currency": "CDF"}})
}

async fn a_day_without_a_statement_agrees_and_says_so(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.sell_one().await;
    app.sell_one().await;
    app.next_day().await;
    app.run(Task::AgreePayments).await;
    let report = app.agreement(DAY).await;
    assert_eq!((&report["agrees"], &report["statement_covers"]), (&json!(true), &json!(false)));
    assert_eq!((&report["payments"], &report["ledger"]), (&totals(2, "3.00"), &totals(2, "3.00")));
    assert!(app.alerts().await.is_empty());
    let admin = app.log_in("admin@demo.test").await;
    assert_eq!(app.get("/api/v1/admin/agreements/2026-01-16", &admin).await.code(404), "not_found");
    assert_eq!(app.get("/api/v1/admin/agreements/today", &admin).await.code(422), "validation_failed");
    app.end().await;
}

async fn a_day_is_told_true_by_its_statement(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.sell_one().await;
    // Nobody told of this one until the statement came, a day later.
    let (order, _, unknown) = app.ask("0015").await;
    let lines: String =
        app.charges().iter().map(|charge| line(charge, charge.asked_at, "1.50", "success")).collect();
    app.next_day().await;
    app.run(Task::ReconcilePayments).await;
    app.import_lines(&lines).await;
    assert_eq!((app.on_router(&order), app.text_messages().len()), (1, 2));

    // The statement has had its days compared as soon as its lines were.
    let report = app.agreement(DAY).await;
    assert_eq!(report["agrees"], true, "{report}");
    assert_eq!((&report["payments"], &report["statement"]), (&totals(1, "1.50"), &totals(2, "3.00")));
    assert_eq!((&report["expected"], &report["ledger"]), (&totals(1, "1.50"), &totals(1, "1.50")));
    assert_eq!(report["settled_on_other_days"], totals(1, "1.50"));
    app.next_day().await;
    app.run(Task::AgreePayments).await;
    let next = app.agreement("2026-01-18").await;
    assert_eq!(
        (&next["agrees"], &next["dated_on_other_days"], &next["expected"]),
        (&json!(true), &totals(1, "1.50"), &totals(1, "1.50"))
    );
    assert_eq!(app.alerts().await, ["payment_unknown"]);
    assert_eq!(app.payment_of(&unknown.reference.to_string()).await, "success");
    app.end().await;
}

impl TestApp {
    /// The status of the payment with a reference.
    async fn payment_of(&self, reference: &str) -> String {
        let sql = format!("SELECT status FROM payments WHERE reference = {}", self.literal(reference));
        self.database.texts(&sql).await.remove(0)
    }
}

async fn what_a_statement_lacks_or_has_too_much_is_listed_and_alerted_once(database: TestDatabase) {
    let app = TestApp::with(database, &[("PUSH_LIMIT_PER_NUMBER_HOUR", "100")]).await;
    for _ in 0..5 {
        app.sell_one().await;
    }
    let (_, held, _) = app.ask("0003").await;
    let charges = app.charges();
    let at = charges[0].asked_at;
    let paid = |charge: usize, amount: &str| line(&charges[charge], at, amount, "success");
    let lines = [
        paid(0, "1.50"),
        paid(1, "1.51"),
        paid(2, "1.49"),
        paid(3, "1.50"),
        paid(3, "1.50").replacen('T', "U", 1),
        paid(5, "1.40"),
        format!("Z1,Z2,,{},,9.00,CDF,success,\n", at.to_rfc3339()),
    ];
    app.next_day().await;
    let statement = app.import_lines(&lines.concat()).await;
    let report = app.agreement(DAY).await;
    let disagreements =
        json!({"missing": 1, "over": 1, "under": 1, "duplicate": 1, "orphan": 1, "unsettled": 1});
    assert_eq!(report["disagreements"], disagreements);
    assert_eq!(
        (&report["agrees"], &report["ledger_agrees"], &report["statement_agrees"]),
        (&json!(false), &json!(true), &json!(false))
    );
    let items = report["items"].as_array().unwrap();
    let of = |kind: &str| items.iter().find(|item| item["kind"] == kind).unwrap();
    assert_eq!(of("over")["found"]["amount"], "1.51");
    assert_eq!(of("unsettled")["payment_id"], held);
    assert!(of("orphan")["payment_id"].is_null() && of("missing")["statement_line_id"].is_null());
    let missing = app.statement(&statement).await;
    assert_eq!((&missing["missing_count"], &missing["missing"][0]), (&json!(1), of("missing")));

    let raised = async || app.alerts().await.iter().filter(|code| *code == "agreement_statement").count();
    assert_eq!(raised().await, 1);
    app.run(Task::AgreePayments).await;
    assert_eq!(raised().await, 1);
    // The lacking line comes with a later file: less disagrees, which is news.
    app.import_lines(&paid(4, "1.50")).await;
    assert_eq!(raised().await, 2);
    assert!(app.agreement(DAY).await["disagreements"]["missing"].is_null());

    let admin = app.log_in("admin@demo.test").await;
    for (filter, found) in [("?agrees=false", 1), ("?agrees=true", 0), ("?gateway=fake&currency=CDF", 1)] {
        let list = app.get(&format!("/api/v1/admin/agreements{filter}"), &admin).await.data(200);
        assert_eq!(list.as_array().unwrap().len(), found, "{filter}");
    }
    let list = app.get("/api/v1/admin/agreements?from=2026-01-18", &admin).await.data(200);
    assert_eq!(list, json!([]));
    let path = format!("/api/v1/admin/agreements/{DAY}/export");
    let file = app.send(Method::GET, &path, Some(&admin), None).await;
    let file = file.body.as_str().unwrap();
    assert_eq!(file.lines().count(), 1 + 6 + 5, "{file}");
    assert!(file.contains("2026-01-17,fake,CDF,payments,5,7.50,"), "{file}");
    app.end().await;
}

async fn a_ledger_that_lost_a_posting_is_told_at_once(database: TestDatabase) {
    let mut app = TestApp::start(database).await;
    let payment = app.sell_one().await;
    app.next_day().await;
    assert_eq!(app.database.execute("DELETE FROM ledger_lines").await, 2);
    app.run(Task::AgreePayments).await;
    app.run(Task::AgreePayments).await;
    let report = app.agreement(DAY).await;
    assert_eq!((&report["ledger_agrees"], &report["statement_agrees"]), (&json!(false), &json!(true)));
    assert_eq!((&report["payments"], &report["ledger"]), (&totals(1, "1.50"), &totals(0, "0.00")));
    assert_eq!(report["items"][0]["payment_id"], payment);
    assert_eq!(app.alerts().await, ["agreement_ledger"]);
    let severity = "SELECT payload ->> 'severity' FROM events WHERE kind = 'AlertRaised'";
    assert_eq!(app.database.texts(severity).await, ["critical"]);
    app.stop().await;
}

async fn a_day_that_is_not_over_is_not_compared(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.sell_one().await;
    let origin = kernel::Origin::system("test");
    let day: chrono::NaiveDate = DAY.parse().unwrap();
    assert!(app.composition.background.billing.agree_day(&origin, day).await.is_err());
    // A statement of today is judged today, and compared when the day is over.
    let statement = app.import(&format!("&from={DAY}&to={DAY}"), "").await;
    assert!(HEADER.ends_with('\n') && statement.status == 201);
    app.settle().await;
    let admin = app.log_in("admin@demo.test").await;
    assert_eq!(app.get("/api/v1/admin/agreements", &admin).await.data(200), json!([]));
    app.next_day().await;
    app.run(Task::AgreePayments).await;
    // What was exported before the day was over does not have all of it: nothing is missed.
    let report = app.agreement(DAY).await;
    assert_eq!((&report["statement_covers"], &report["disagreements"]), (&json!(false), &json!({})));
    assert!(app.alerts().await.is_empty());
    // The same file after the day's end says that there is no more.
    app.import(&format!("&from={DAY}&to={DAY}"), "").await.data(201);
    app.settle().await;
    let report = app.agreement(DAY).await;
    assert_eq!(
        (&report["statement_covers"], &report["disagreements"]),
        (&json!(true), &json!({"missing": 1}))
    );
    app.end().await;
}

async fn a_transaction_of_the_next_day_is_that_days_duplicate(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.sell_one().await;
    let charge = app.last_charge();
    app.next_day().await;
    app.next_day().await;
    let again = line(&charge, charge.asked_at + Duration::days(1), "1.50", "success").replacen('T', "U", 1);
    app.import_lines(&format!("{}{again}", line(&charge, charge.asked_at, "1.50", "success"))).await;
    assert_eq!(app.agreement(DAY).await["disagreements"], json!({}));
    assert_eq!(app.agreement("2026-01-18").await["disagreements"], json!({"duplicate": 1}));
    app.end().await;
}

async fn an_orphan_that_finds_its_payment_is_none_in_its_days_report_either(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (order, _, charge) = app.ask("0015").await;
    let nameless = line(&charge, charge.asked_at, "1.50", "success");
    app.next_day().await;
    app.run(Task::ReconcilePayments).await;
    app.import_lines(&nameless.replace(&charge.reference.to_string(), "")).await;
    assert_eq!(app.agreement(DAY).await["disagreements"], json!({"orphan": 1}));
    app.next_day().await;
    app.next_day().await;
    let mut told = success_of(&charge);
    told["payment"]["status"] = json!("pending");
    app.hear(&told).await;
    app.run(Task::AgreePayments).await;
    assert_eq!(app.on_router(&order), 1);
    assert_eq!(app.agreement(DAY).await["disagreements"], json!({}));
    app.end().await;
}

async fn lines_that_wait_to_be_compared_do_not_count_yet(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.sell_one().await;
    let charge = app.last_charge();
    app.next_day().await;
    app.import("", &line(&charge, charge.asked_at, "1.50", "success")).await.data(201);
    let (billing, day) = (&app.composition.background.billing, DAY.parse().unwrap());
    let report = billing.agree_day(&kernel::Origin::system("test"), day).await.unwrap().remove(0);
    assert!(report.agrees() && !report.covered, "{report:?}");
    app.settle().await;
    let report = app.agreement(DAY).await;
    assert_eq!((&report["statement_covers"], &report["expected"]), (&json!(true), &totals(1, "1.50")));
    assert!(app.alerts().await.is_empty());
    app.end().await;
}

async fn the_clock_compares_yesterday(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.tick().await;
    app.sell_one().await;
    // Half past four in Kinshasa is half past three in UTC.
    app.pass(Duration::hours(15)).await;
    app.tick().await;
    let admin = app.log_in("admin@demo.test").await;
    assert_eq!(app.get("/api/v1/admin/agreements", &admin).await.data(200), json!([]));
    app.pass(Duration::minutes(31)).await;
    app.tick().await;
    assert_eq!(app.agreement(DAY).await["payments"], totals(1, "1.50"));
    app.end().await;
}
