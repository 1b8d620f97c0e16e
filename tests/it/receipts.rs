//! Receipts: one for each order that is paid, however it is, numbered without gaps at each site.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    printed_vouchers::{program, text_of},
};

on_both_databases!(
    whoever_has_paid_has_a_receipt,
    a_tax_is_part_of_the_price_and_frozen_with_the_order,
    sixteen_who_pay_at_once_leave_no_gap,
    each_site_counts_for_itself,
    a_receipt_is_read_in_the_customers_language,
);

const SELLER: &str = "/api/v1/admin/sites/{site}/seller";

async fn set_seller(app: &TestApp, admin: &str, points: u16) {
    let site = app.get("/api/v1/admin/sites", admin).await.data(200)[0]["id"].as_str().unwrap().to_owned();
    let seller = json!({
        "name": "Campus Wi-Fi SARL", "address": "12, avenue de la Paix\nKinshasa", "tax_id": "A1234567B",
        "tax_basis_points": points,
    });
    app.send(Method::PUT, &SELLER.replace("{site}", &site), Some(admin), Some(seller)).await.data(200);
}

/// Has a customer buy one and gives the order.
pub async fn buy(app: &TestApp, token: &str, package: &str) -> String {
    let order = app.order(token, package, 1).await;
    app.pay(token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    order
}

async fn receipt(app: &TestApp, token: &str, order: &str) -> Value {
    app.get(&format!("/api/v1/orders/{order}/receipt"), token).await.data(200)
}

async fn whoever_has_paid_has_a_receipt(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, admin) = (app.log_in("user1@demo.test").await, app.log_in("admin@demo.test").await);
    let unpaid = app.order(&token, "2H", 1).await;
    for path in ["receipt", "receipt/pdf"] {
        let refused = app.get(&format!("/api/v1/orders/{unpaid}/{path}"), &token).await;
        assert_eq!(refused.code(409), "order_not_paid");
    }
    let first = buy(&app, &token, "2H").await;
    let shown = receipt(&app, &token, &first).await;
    assert_eq!((&shown["number"], &shown["total"]["amount"]), (&json!("REC-MAIN-000001"), &json!("1.50")));
    assert_eq!((&shown["tax"]["amount"], &shown["fiscal"]), (&json!("0.00"), &Value::Null));
    set_seller(&app, &admin, 0).await;
    let second = buy(&app, &token, "1DAY").await;
    let shown = receipt(&app, &token, &second).await;
    assert_eq!(
        (&shown["number"], &shown["seller"]["name"]),
        (&json!("REC-MAIN-000002"), &json!("Campus Wi-Fi SARL"))
    );
    // What stands on the first stays as it is.
    assert_eq!(receipt(&app, &token, &first).await["seller"]["name"], "");
    let stranger = app.log_in("user2@demo.test").await;
    assert_eq!(app.get(&format!("/api/v1/orders/{second}/receipt"), &stranger).await.code(404), "not_found");
    let all = app.get("/api/v1/admin/receipts", &admin).await.data(200);
    let numbers: Vec<_> =
        all.as_array().unwrap().iter().map(|receipt| receipt["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["REC-MAIN-000002", "REC-MAIN-000001"]);
    let csv = app.get("/api/v1/admin/receipts/export", &admin).await;
    assert!(
        csv.body.as_str().unwrap().lines().nth(1).unwrap().starts_with("REC-MAIN-000002,"),
        "{}",
        csv.body
    );
    app.end().await;
}

async fn a_tax_is_part_of_the_price_and_frozen_with_the_order(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, admin) = (app.log_in("user1@demo.test").await, app.log_in("admin@demo.test").await);
    set_seller(&app, &admin, 1_600).await;
    let order = app.order(&token, "1DAY", 1).await;
    // Another rate counts for what is ordered from now on.
    set_seller(&app, &admin, 0).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let shown = receipt(&app, &token, &order).await;
    assert_eq!((&shown["tax"]["amount"], &shown["tax_basis_points"]), (&json!("0.41"), &json!(1600)));
    // There is no other rate on it.
    assert_eq!(
        shown["seller"],
        json!({"name": "Campus Wi-Fi SARL", "address": "12, avenue de la Paix\nKinshasa", "tax_id": "A1234567B"})
    );
    let balances = app.balances().await;
    assert_eq!(
        (balances["gateway_clearing"], balances["revenue"], balances["tax_payable"]),
        (300, -259, -41)
    );
    let second = buy(&app, &token, "1DAY").await;
    assert_eq!(receipt(&app, &token, &second).await["tax"]["amount"], "0.00");
    let site = app.get("/api/v1/admin/sites", &admin).await.data(200)[0]["id"].as_str().unwrap().to_owned();
    let path = SELLER.replace("{site}", &site);
    assert_eq!(app.get(&path, &admin).await.data(200)["tax_basis_points"], 0);
    let wrong = json!({"name": "", "tax_basis_points": 10_001});
    let refused = app.send(Method::PUT, &path, Some(&admin), Some(wrong)).await;
    assert_eq!(
        refused.body["errors"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["name", "tax_basis_points"]
    );
    app.end().await;
}

async fn sixteen_who_pay_at_once_leave_no_gap(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut other = app.second(&[]).await;
    let admin = app.log_in("admin@demo.test").await;
    let body = json!({"name": "kiosk", "user_profile_id": app.package("2H").await, "count": 48});
    let batch = app.post("/api/v1/admin/voucher-batches", &admin, body).await.data(201);
    let print = format!("/api/v1/admin/voucher-batches/{}/print", batch["id"].as_str().unwrap());
    let file = app.post(&print, &admin, json!({"form": "csv"})).await.body;
    let codes: Vec<String> = file
        .as_str()
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().to_owned())
        .collect();
    for some in codes.chunks(16) {
        // Each is tried twice, so that half of those who come for a number come to nothing.
        let tries = some.iter().flat_map(|code| [(&app, code), (&other, code)]);
        let tries = tries.map(|(here, code)| {
            here.send(Method::POST, "/api/v1/vouchers/redeem", None, Some(json!({ "code": code })))
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), some.len());
    }
    app.settle().await;
    let numbers = app.database.texts("SELECT CAST(number AS text) FROM receipts").await;
    let numbers: BTreeSet<u32> = numbers.iter().map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers, (1..=48).collect());
    other.stop().await;
    app.end().await;
}

async fn each_site_counts_for_itself(database: TestDatabase) {
    let app = TestApp::with(database, &[("PUSH_LIMIT_PER_NUMBER_HOUR", "100")]).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let main = app.get("/api/v1/admin/sites", &admin).await.data(200)[0]["id"].clone();
    let annex = json!({"code": "annex", "name": "Annex"});
    let annex = app.post("/api/v1/admin/sites", &admin, annex).await.data(201)["id"].clone();
    let router = json!({"name": "annex", "mode": "fake", "host": "demo", "tls": "off", "site_id": annex});
    app.post("/api/v1/admin/routers", &admin, router).await.data(201);
    let package = app.package("2H").await;
    let mut numbers = Vec::new();
    for site in [&main, &annex, &annex, &main, &annex, &main] {
        let order = json!({"user_profile_id": package, "quantity": 1, "site_id": site});
        let order =
            app.post("/api/v1/orders", &token, order).await.data(201)["id"].as_str().unwrap().to_owned();
        app.pay(&token, &order, "0000").await;
        app.settle().await;
        app.pass_a_second().await;
        numbers.push(receipt(&app, &token, &order).await["number"].as_str().unwrap().to_owned());
    }
    let expected =
        ["MAIN-000001", "ANNEX-000001", "ANNEX-000002", "MAIN-000002", "ANNEX-000003", "MAIN-000003"];
    assert_eq!(numbers, expected.map(|number| format!("REC-{number}")));
    let path = format!("/api/v1/admin/receipts?site_id={}", annex.as_str().unwrap());
    let of_annex = app.get(&path, &admin).await.data(200);
    let of_annex: Vec<_> = of_annex.as_array().unwrap().iter().map(|receipt| &receipt["number"]).collect();
    assert_eq!(of_annex, ["REC-ANNEX-000003", "REC-ANNEX-000002", "REC-ANNEX-000001"]);
    app.end().await;
}

async fn a_receipt_is_read_in_the_customers_language(database: TestDatabase) {
    let Some(program) = program() else { return };
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    set_seller(&app, &admin, 1_600).await;
    let french = app.log_in("user1@demo.test").await;
    let body = json!({"locale": "fr"});
    app.send(Method::PATCH, "/api/v1/me", Some(&french), Some(body)).await.data(200);
    let english = app.log_in("user2@demo.test").await;
    app.send(Method::PATCH, "/api/v1/me", Some(&english), Some(json!({"locale": "en"}))).await.data(200);
    for (token, said) in [
        (&french, ["Reçu", "REC-MAIN-000001", "NIF : A1234567B", "TVA 16 %", "Hors TVA", "Désignation"]),
        (&english, ["Receipt", "REC-MAIN-000002", "Tax number: A1234567B", "VAT 16 %", "Without VAT", "Qty"]),
    ] {
        let order = buy(&app, token, "1DAY").await;
        let path = format!("/api/v1/orders/{order}/receipt/pdf");
        let page = app.file(&path, token).await;
        let text = text_of(&app, &program, &page);
        for words in
            said.iter().chain(&["Campus Wi-Fi SARL", "Wi-Fi 1DAY", "3.00 CDF", "0.41 CDF", "2.59 CDF"])
        {
            assert!(text.contains(words), "{words}: {text}");
        }
        let admins = app.file(&format!("/api/v1/admin/orders/{order}/receipt/pdf"), &admin).await;
        assert_eq!(page, admins);
    }
    app.end().await;
}
