//! A gateway's own account, imported as a file: what it settles, what it makes wait for a person, and what it must
//! leave alone.

use billing::adapters::fake::world::Charge;
use chrono::Duration;
use futures_util::future::join_all;
use kernel::{Clock as _, Timestamp};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::{
    app::{Reply, TestApp},
    bad_input::rows,
    witnesses::success_of,
};

on_both_databases!(
    a_payment_that_nobody_told_of_is_settled_by_the_statement,
    the_same_file_again_changes_nothing,
    files_that_overlap_tell_each_line_once,
    a_later_word_about_a_transaction_counts,
    what_cannot_be_read_is_named_and_leaves_nothing_behind,
    a_file_may_be_imported_in_part,
    a_wrong_amount_waits_for_a_person,
    a_success_is_never_undone,
    money_that_nobody_asked_for_is_told_once,
    an_orphan_finds_its_payment_when_that_learns_its_name,
    a_second_transaction_for_a_payment_is_told,
    an_old_session_of_the_same_name_settles_nothing,
    what_the_gateway_keeps_is_posted_once,
);

pub const HEADER: &str = "Transaction ID,Session ID,Message,Date,Phone,Amount,Currency,Status,Fee\n";

/// A line about a charge, with an amount and a word for how it ended.
pub fn line(charge: &Charge, at: Timestamp, amount: &str, status: &str) -> String {
    let Charge { reference, provider_ref, phone, .. } = charge;
    format!("T{provider_ref},{provider_ref},{reference},{},{phone},{amount},CDF,{status},\n", at.to_rfc3339())
}

impl TestApp {
    pub fn now(&self) -> Timestamp {
        self.around.clock.now()
    }

    /// Sends a statement of the fake gateway.
    pub async fn import(&self, options: &str, lines: &str) -> Reply {
        let admin = self.log_in("admin@demo.test").await;
        let path = format!("/api/v1/admin/statements?gateway=fake{options}");
        self.send_file(&path, &admin, "text/csv", format!("{HEADER}{lines}").into_bytes()).await
    }

    /// Imports lines that are all good, and has them compared. Gives the statement's id.
    pub async fn import_lines(&self, lines: &str) -> String {
        let statement = self.import("", lines).await.data(201);
        self.settle().await;
        let statement = statement["id"].as_str().unwrap().to_owned();
        assert!(!self.statement(&statement).await["completed_at"].is_null());
        statement
    }

    pub async fn statement(&self, id: &str) -> Value {
        let admin = self.log_in("admin@demo.test").await;
        self.get(&format!("/api/v1/admin/statements/{id}"), &admin).await.data(200)
    }

    /// What was made of each line, in the order of the file.
    pub async fn outcomes(&self, statement: &str) -> Vec<String> {
        let admin = self.log_in("admin@demo.test").await;
        let path = format!("/api/v1/admin/statements/{statement}/lines?per_page=100");
        let lines = self.get(&path, &admin).await.data(200);
        lines.as_array().unwrap().iter().map(|line| line["outcome"].as_str().unwrap().to_owned()).collect()
    }

    /// Orders a package of 1.50 CDF and asks a phone for it: the order, the payment and the gateway's charge.
    pub async fn ask(&self, suffix: &str) -> (String, String, Charge) {
        let token = self.log_in("user1@demo.test").await;
        let order = self.order(&token, "2H", 1).await;
        let payment = self.pay(&token, &order, suffix).await;
        self.settle().await;
        (order, payment, self.last_charge())
    }
}

/// Lifts the limit of prompts to one phone.
pub const MANY: (&str, &str) = ("PUSH_LIMIT_PER_NUMBER_HOUR", "100");

async fn a_payment_that_nobody_told_of_is_settled_by_the_statement(database: TestDatabase) {
    let app = TestApp::start(database).await;
    // Taken, but the answer was lost, and no callback came: nobody could tell in time.
    let (order, payment, charge) = app.ask("0015").await;
    app.pass(Duration::minutes(20)).await;
    app.run(Task::ReconcilePayments).await;
    assert_eq!(app.moves(&payment).await, ["submitting", "unknown", "expired"]);
    assert_eq!(app.open_tasks().await, ["payment_unknown"]);
    app.pass(Duration::hours(20)).await;

    let statement = app.import_lines(&line(&charge, charge.asked_at, "1.50", "success")).await;
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((app.on_router(&order), app.text_messages().len()), (1, 1));
    assert_eq!((app.payment(&payment).await.late, app.balances().await["revenue"]), (true, -150));
    assert!(app.open_tasks().await.is_empty());
    assert_eq!(app.audited(&format!("payment:{payment}")).await, ["initiate", "confirm"]);
    assert_eq!(app.audited(&format!("statement:{statement}")).await, ["import"]);

    let admin = app.log_in("admin@demo.test").await;
    let details = app.get(&format!("/api/v1/admin/payments/{payment}"), &admin).await.data(200);
    let change = details["moves"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(change["reason"], "confirmed_by_statement");
    assert_eq!(change["evidence"], format!("statement {statement}, line 2"));
    let path = format!("/api/v1/admin/statements/{statement}/lines?outcome=matched");
    let lines = app.get(&path, &admin).await.data(200);
    assert_eq!((&lines[0]["note"], &lines[0]["payment_id"]), (&json!("settled"), &json!(payment)));

    // The gateway says so too, at last: nothing new.
    app.hear(&success_of(&charge)).await;
    assert_eq!((app.on_router(&order), app.text_messages().len()), (1, 1));
    app.end().await;
}

async fn the_same_file_again_changes_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, _, charge) = app.ask("0003").await;
    let lines = line(&charge, app.now(), "1.50", "success");
    let first = app.import_lines(&lines).await;
    let admin = app.log_in("admin@demo.test").await;
    let before = rows(&app).await;
    let path = "/api/v1/admin/statements?gateway=fake";
    let files = join_all((0..4).map(|_| {
        app.send_file(path, &admin, "text/csv; charset=utf-8", format!("{HEADER}{lines}").into_bytes())
    }));
    for reply in files.await {
        let again = reply.data(200);
        assert_eq!((&again["id"], &again["repeated"]), (&json!(first), &json!(true)));
    }
    assert_eq!(rows(&app).await, before);
    assert_eq!(app.get("/api/v1/admin/statements", &admin).await.data(200).as_array().unwrap().len(), 1);
    app.end().await;
}

async fn files_that_overlap_tell_each_line_once(database: TestDatabase) {
    let app = TestApp::with(database, &[MANY]).await;
    let mut lines = Vec::new();
    for _ in 0..3 {
        let (_, _, charge) = app.ask("0003").await;
        lines.push(line(&charge, app.now(), "1.50", "success"));
    }
    app.import_lines(&lines[..2].concat()).await;
    assert_eq!(app.balances().await["revenue"], -300);
    // A day later the account goes on, with the last lines of the day before, and one of them twice.
    let overlapping = [lines[1].as_str(), lines[2].as_str(), lines[1].as_str()].concat();
    let second = app.import_lines(&overlapping).await;
    let second = app.statement(&second).await;
    assert_eq!((&second["lines"], &second["known"]), (&json!(1), &json!(2)));
    assert_eq!(app.balances().await["revenue"], -450);
    assert_eq!(app.database.texts("SELECT identity FROM gateway_statement_lines").await.len(), 3);
    assert!(app.alerts().await.is_empty(), "{:?}", app.alerts().await);
    app.end().await;
}

async fn a_later_word_about_a_transaction_counts(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (order, payment, charge) = app.ask("0003").await;
    let early = app.import_lines(&line(&charge, app.now(), "1.50", "pending")).await;
    assert_eq!(app.outcomes(&early).await, ["not_paid"]);
    assert_eq!(app.on_router(&order), 0);
    let later = app.import_lines(&line(&charge, app.now(), "1.50", "success")).await;
    assert_eq!((app.outcomes(&later).await, app.on_router(&order)), (vec!["matched".to_owned()], 1));
    // The early word once more, in another file: it is known, and does not take the later one's place.
    let other = app.import("&from=2026-01-16", &line(&charge, app.now(), "1.50", "pending")).await.data(201);
    assert_eq!((&other["lines"], &other["known"]), (&json!(0), &json!(1)));
    app.settle().await;
    let current = "SELECT status FROM gateway_statement_lines WHERE \"current\"";
    assert_eq!(app.database.texts(current).await, ["succeeded"]);
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "success"]);
    app.end().await;
}

async fn what_cannot_be_read_is_named_and_leaves_nothing_behind(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, _, charge) = app.ask("0003").await;
    let good = line(&charge, app.now(), "1.50", "success");
    let admin = app.log_in("admin@demo.test").await;
    let before = rows(&app).await;
    let with = |old: &str, new: &str| format!("{HEADER}{good}{}", good.replacen(old, new, 1));
    let day = app.now().to_rfc3339();
    let many: String = (0..20_001).map(|n| format!("T{n},,,{day},,1,CDF,ok,\n")).collect();
    for (options, file, status, fields) in [
        ("", with("1.50", "1,500.5.0"), 422, vec!["lines[3]"]),
        ("", with("1.50", "1.505"), 422, vec!["lines[3].amount"]),
        ("", with("1.50", ""), 422, vec!["lines[3].amount"]),
        ("", with("CDF", "EUR"), 422, vec!["lines[3].currency"]),
        ("", with("success", "perhaps"), 422, vec!["lines[3].status"]),
        ("", with(&day, "17/13/2026"), 422, vec!["lines[3].date"]),
        ("", with("1.50", "1.51"), 422, vec!["lines[3]"]),
        ("", with("1.50,CDF,success", "x,CDF,perhaps"), 422, vec!["lines[3].amount", "lines[3].status"]),
        ("", with("T", "\"T"), 422, vec!["lines[3]"]),
        ("", String::new(), 422, vec!["columns.date"]),
        ("", "Session,Date,Currency\n".to_owned(), 422, vec!["columns.amount"]),
        ("", "Session,Date,Amount\n1,2026-01-17,5\n".to_owned(), 422, vec!["columns.currency"]),
        ("", "Session,Date,Amount,Montant,Currency\n".to_owned(), 422, vec!["columns.amount"]),
        ("", HEADER.to_owned(), 422, vec!["from"]),
        ("&to=2026-01-16", with("zzz", ""), 422, vec!["to"]),
        ("&from=2024-01-01", with("zzz", ""), 422, vec!["to"]),
        ("&from=yesterday", with("zzz", ""), 422, vec!["from"]),
        ("&currency=EUR", with("zzz", ""), 422, vec!["currency"]),
        ("&columns=colour:x", with("zzz", ""), 422, vec!["columns"]),
        ("&partial=perhaps", with("zzz", ""), 422, vec!["partial"]),
        ("", format!("{HEADER}{many}"), 422, vec!["body"]),
        ("", format!("{HEADER}{}", "x".repeat(5 * 1024 * 1024)), 413, vec![]),
    ] {
        let path = format!("/api/v1/admin/statements?gateway=fake{options}");
        let start: String = file.chars().take(300).collect();
        let reply = app.send_file(&path, &admin, "text/csv", file.into_bytes()).await;
        assert_eq!(reply.status.as_u16(), status, "{options} {start}: {}", reply.body);
        let errors = reply.body["errors"].as_object().unwrap();
        assert_eq!(errors.keys().collect::<Vec<_>>(), fields, "{options} {start}");
        assert_eq!(rows(&app).await, before, "{options} {start}");
    }
    let file = || format!("{HEADER}{good}").into_bytes();
    let nameless = app.send_file("/api/v1/admin/statements", &admin, "text/csv", file()).await;
    assert!(!nameless.body["errors"]["gateway"].is_null(), "{}", nameless.body);
    let unknown = app.send_file("/api/v1/admin/statements?gateway=other", &admin, "text/csv", file()).await;
    assert!(!unknown.body["errors"]["gateway"].is_null(), "{}", unknown.body);
    let json =
        app.send_file("/api/v1/admin/statements?gateway=fake", &admin, "application/json", file()).await;
    assert_eq!(json.code(415), "unsupported_media_type");
    assert_eq!(rows(&app).await, before);
    app.end().await;
}

async fn a_file_may_be_imported_in_part(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (order, _, charge) = app.ask("0003").await;
    let good = line(&charge, app.now(), "1.50", "success");
    let bad = good.replace("1.50", "1.505").replacen('T', "U", 1);
    let imported = app.import("&partial=true", &format!("{bad}{good}")).await.data(201);
    assert_eq!((&imported["lines"], &imported["refused"]), (&json!(1), &json!(1)));
    let problem = json!({"line": 2, "column": "amount", "problem": "not_an_amount"});
    assert_eq!(imported["problems"], json!([problem]));
    app.settle().await;
    assert_eq!(app.on_router(&order), 1);
    app.end().await;
}

async fn a_wrong_amount_waits_for_a_person(database: TestDatabase) {
    let app = TestApp::with(database, &[MANY]).await;
    let (mut lines, mut payments) = (String::new(), Vec::new());
    for (suffix, amount) in [("0003", "1.49"), ("0015", "1.51"), ("0001", "150")] {
        let (order, payment, charge) = app.ask(suffix).await;
        app.pass_a_second().await;
        lines.push_str(&line(&charge, app.now(), amount, "success"));
        payments.push((order, payment));
    }
    let (_, dollars, charge) = app.ask("0003").await;
    lines.push_str(&line(&charge, app.now(), "1.50", "success").replace("CDF", "USD"));
    let statement = app.import_lines(&lines).await;
    assert_eq!(app.outcomes(&statement).await, ["under", "over", "over", "currency_mismatch"]);
    for (order, payment) in &payments {
        let payment = app.payment(payment).await;
        assert_eq!((payment.status.as_str(), payment.reason.as_deref()), ("held", Some("amount_mismatch")));
        assert_eq!(app.on_router(order), 0);
    }
    assert_eq!(app.payment(&dollars).await.status.as_str(), "held");
    assert_eq!(app.open_tasks().await, ["payment_held"; 4]);
    assert_eq!(app.alerts().await, ["payment_held"; 4]);
    assert!(app.balances().await.is_empty());

    // A person decides with the statement in hand; the line then agrees with what came in.
    let admin = app.log_in("admin@demo.test").await;
    let body = json!({"evidence": format!("statement {statement}, line 2"), "received": {"amount": "1.49", "currency": "CDF"}});
    let path = format!("/api/v1/admin/payments/{}/confirm", payments[0].1);
    app.post(&path, &admin, body).await.data(200);
    app.settle().await;
    assert_eq!((app.on_router(&payments[0].0), app.balances().await["gateway_clearing"]), (1, 149));
    app.end().await;
}

async fn a_success_is_never_undone(database: TestDatabase) {
    let app = TestApp::with(database, &[MANY]).await;
    let mut lines = String::new();
    let mut payments = Vec::new();
    for (amount, status) in [("1.50", "failed"), ("1.49", "success"), ("1.50", "pending")] {
        let (_, payment, charge) = app.ask("0000").await;
        app.pass_a_second().await;
        lines.push_str(&line(&charge, app.now(), amount, status));
        payments.push(payment);
    }
    let balances = app.balances().await;
    let statement = app.import_lines(&lines).await;
    assert_eq!(app.outcomes(&statement).await, ["contradicted", "under", "not_paid"]);
    for payment in &payments {
        assert_eq!(app.moves(payment).await, ["submitting", "pending", "success"]);
    }
    assert_eq!(app.balances().await, balances);
    assert_eq!(app.open_tasks().await, ["statement_mismatch"; 2]);
    assert_eq!(app.alerts().await, ["statement_mismatch"; 2]);
    app.end().await;
}

async fn money_that_nobody_asked_for_is_told_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let day = app.now().to_rfc3339();
    let lines: String = (0..5).map(|n| format!("T{n},S{n},,{day},,2.00,CDF,success,0.10\n")).collect();
    let statement = app.import_lines(&lines).await;
    assert_eq!(app.outcomes(&statement).await, ["orphan"; 5]);
    assert_eq!(app.alerts().await, ["statement_orphan"]);
    // Nothing shows that it is the portal's money: another shop may share the account. Nothing is posted.
    assert!(app.balances().await.is_empty());
    let details = app.statement(&statement).await;
    let total = json!({"outcome": "orphan", "count": 5, "sum": {"amount": "10.00", "currency": "CDF"}});
    assert_eq!(details["outcomes"], json!([total]));
    app.end().await;
}

async fn an_orphan_finds_its_payment_when_that_learns_its_name(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (order, payment, charge) = app.ask("0015").await;
    // This statement does not give our name back, and the answer with the gateway's was lost.
    let nameless = line(&charge, app.now(), "1.50", "success").replace(&charge.reference.to_string(), "");
    let statement = app.import_lines(&nameless).await;
    assert_eq!(app.outcomes(&statement).await, ["orphan"]);
    // A callback brings the names together, and says no more than that it is pending.
    let mut told = success_of(&charge);
    told["payment"]["status"] = json!("pending");
    app.hear(&told).await;
    assert_eq!(app.payment(&payment).await.provider_ref, Some(charge.provider_ref));
    app.run(Task::AgreePayments).await;
    assert_eq!((app.outcomes(&statement).await, app.on_router(&order)), (vec!["matched".to_owned()], 1));
    app.end().await;
}

async fn a_second_transaction_for_a_payment_is_told(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (order, payment, charge) = app.ask("0000").await;
    app.pass_a_second().await;
    let first = line(&charge, app.now(), "1.50", "success");
    let again = first.replacen('T', "U", 1);
    let statement = app.import_lines(&format!("{first}{again}")).await;
    assert_eq!(app.outcomes(&statement).await, ["matched", "duplicate"]);
    assert_eq!(app.open_tasks().await, ["statement_mismatch"]);
    assert_eq!((app.on_router(&order), app.balances().await["gateway_clearing"]), (1, 150));

    // The same transaction in an account that knows sessions alone is no other one.
    let session = format!(",{},,{},,1.50,CDF,success,\n", charge.provider_ref, app.now().to_rfc3339());
    let statement = app.import_lines(&session).await;
    assert_eq!(app.outcomes(&statement).await, ["matched"]);
    let current = "SELECT note FROM gateway_statement_lines WHERE NOT \"current\"";
    assert_eq!(app.database.texts(current).await, ["told_before"]);
    assert_eq!(app.moves(&payment).await, ["submitting", "pending", "success"]);
    app.end().await;
}

async fn an_old_session_of_the_same_name_settles_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (order, _, charge) = app.ask("0003").await;
    let old = app.now() - Duration::days(200);
    let nameless = line(&charge, old, "1.50", "success").replace(&charge.reference.to_string(), "");
    let statement = app.import_lines(&nameless).await;
    assert_eq!((app.outcomes(&statement).await, app.on_router(&order)), (vec!["orphan".to_owned()], 0));
    app.end().await;
}

async fn what_the_gateway_keeps_is_posted_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, _, charge) = app.ask("0000").await;
    app.pass_a_second().await;
    let with_fee = line(&charge, app.now(), "1.50", "success").replace("success,", "success,0.03");
    app.import_lines(&with_fee).await;
    app.import_lines(&format!("{with_fee}X,Y,,{},,1,CDF,failed,\n", app.now().to_rfc3339())).await;
    let balances = app.balances().await;
    assert_eq!((balances["fees"], balances["gateway_clearing"], balances["revenue"]), (3, 147, -150));
    app.end().await;
}
