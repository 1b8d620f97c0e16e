//! Receipts as pages: whatever a seller is called and wherever they are, it stands there whole, and what was bought is on the
//! page.
//!
//! They are read by the program beside the one that `PDFTOPPM` names; see [`printed_vouchers`](crate::printed_vouchers).

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{Reply, TestApp},
    printed_vouchers::{program, text_of},
    receipts::buy,
};

on_both_databases!(
    whatever_a_seller_says_stands_whole_on_the_page,
    an_address_has_only_so_many_lines,
    a_long_address_of_before_leaves_room_for_what_was_bought,
);

async fn set_seller(app: &TestApp, admin: &str, name: &str, address: &str, points: u16) -> Reply {
    let site = app.get("/api/v1/admin/sites", admin).await.data(200)[0]["id"].as_str().unwrap().to_owned();
    let seller = json!({"name": name, "address": address, "tax_id": "A1234567B", "tax_basis_points": points});
    app.send(Method::PUT, &format!("/api/v1/admin/sites/{site}/seller"), Some(admin), Some(seller)).await
}

/// Somebody who reads this language.
async fn reader(app: &TestApp, login: &str, locale: &str) -> String {
    let token = app.log_in(login).await;
    let body = Some(json!({ "locale": locale }));
    app.send(Method::PATCH, "/api/v1/me", Some(&token), body).await.data(200);
    token
}

/// The words of a receipt, without the blanks between them.
async fn words_of(app: &TestApp, token: &str, order: &str) -> String {
    let page = app.file(&format!("/api/v1/orders/{order}/receipt/pdf"), token).await;
    squeezed(&text_of(app, &program().unwrap(), &page))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

async fn whatever_a_seller_says_stands_whole_on_the_page(database: TestDatabase) {
    if program().is_none() {
        return;
    }
    let limits = [("PUSH_LIMIT_PER_NUMBER_HOUR", "100"), ("PUSH_LIMIT_PER_IP_HOUR", "100")];
    let app = TestApp::with(database, &limits).await;
    let admin = app.log_in("admin@demo.test").await;
    let french = reader(&app, "user1@demo.test", "fr").await;
    let english = reader(&app, "user2@demo.test", "en").await;
    let long = "Coopérative des étudiants et du personnel pour l'accès au réseau de l'Université, campus de la Gombe";
    let street = "Bâtiment administratif, premier étage, bureau 14, à côté de la grande bibliothèque, 12, avenue de \
                  la Paix, quartier de la Révolution, commune de la Gombe";
    let lines = format!(
        "{street}\nKinshasa\nBP 1234\n\nRépublique démocratique du Congo\nTél. +243 990 000 000\nE-mail"
    );
    // Nothing is wider than these.
    let (wide, widest) = ("W".repeat(100), "W".repeat(295) + "\n1\n2");
    for (name, address) in [("SARL", street), (long, lines.as_str()), (&wide, &widest)] {
        for points in [0, 1_600] {
            set_seller(&app, &admin, name, address, points).await.data(200);
            for (token, net, tax) in
                [(&french, "Hors TVA", "TVA 16 %"), (&english, "Without VAT", "VAT 16 %")]
            {
                let order = buy(&app, token, "1DAY").await;
                let words = words_of(&app, token, &order).await;
                for said in [name, &address.replace('\n', ""), "A1234567B", "Wi-Fi 1DAY", "Total 3.00 CDF"] {
                    assert!(words.contains(&squeezed(said)), "{said}: {words}");
                }
                for said in [net, tax] {
                    assert_eq!(words.contains(&squeezed(said)), points > 0, "{said}: {words}");
                }
            }
        }
    }
    app.end().await;
}

async fn an_address_has_only_so_many_lines(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    // Blank lines are not printed, and not counted.
    let six = "1\n2\r\n\n3\n \n4\n5\n6\n";
    set_seller(&app, &admin, "SARL", six, 0).await.data(200);
    let refused = set_seller(&app, &admin, "SARL", "1\n2\n3\n4\n5\n6\n7", 0).await;
    assert_eq!(refused.body["errors"], json!({"address": ["doit avoir au plus 6 lignes"]}));
    assert_eq!(refused.code(422), "validation_failed");
    let site = app.get("/api/v1/admin/sites", &admin).await.data(200)[0]["id"].as_str().unwrap().to_owned();
    let kept: Value = app.get(&format!("/api/v1/admin/sites/{site}/seller"), &admin).await.data(200);
    assert_eq!(kept["address"], six);
    app.end().await;
}

async fn a_long_address_of_before_leaves_room_for_what_was_bought(database: TestDatabase) {
    if program().is_none() {
        return;
    }
    let app = TestApp::start(database).await;
    let token = reader(&app, "user1@demo.test", "en").await;
    let order = buy(&app, &token, "1DAY").await;
    let lines: Vec<String> = (1..=100).map(|number| number.to_string()).collect();
    // As it stands in JSON.
    let address = lines.join("\\n");
    let seller = format!(r#"{{"name": "SARL", "address": "{address}", "tax_id": null, "tax_rate": 0}}"#);
    assert_eq!(app.database.execute(&format!("UPDATE receipts SET seller = '{seller}'")).await, 1);
    let words = words_of(&app, &token, &order).await;
    assert!(words.contains("97,98,99,100"), "{words}");
    assert!(words.contains("Total3.00CDF"), "{words}");
    app.end().await;
}
