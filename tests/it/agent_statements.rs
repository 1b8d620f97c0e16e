//! The statement of an agent as a page: every entry with what was left, and what was sold and taken back.
//!
//! It is read by the program beside the one that `PDFTOPPM` names; see [`printed_vouchers`](crate::printed_vouchers).

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::Counter,
    app::TestApp,
    printed_vouchers::{program, text_of},
    refunds::refund,
};

on_both_databases!(a_statement_is_read_in_the_agents_language);

/// An agent's eventful day. Gives the number of the order that was sold.
async fn day(app: &TestApp, counter: &Counter) -> String {
    let a_minute = || app.around.clock.advance(Duration::minutes(1));
    a_minute();
    let sold = counter.sell(app, "2H", 2, json!({})).await.data(201);
    app.settle().await;
    a_minute();
    let batch = counter.take(app, "1DAY", 2).await.data(201);
    a_minute();
    let order = format!("/api/v1/admin/orders/{}", sold["id"].as_str().unwrap());
    let payment = app.get(&order, &counter.admin).await.data(200)["payments"][0]["id"].clone();
    refund(app, &counter.admin, payment.as_str().unwrap(), json!({"units": [1]})).await.data(201);
    a_minute();
    let vouchers = format!("/api/v1/admin/voucher-batches/{}/vouchers", batch["id"].as_str().unwrap());
    let voucher = app.get(&vouchers, &counter.admin).await.data(200)[0]["id"].clone();
    let revoke = format!("/api/v1/admin/vouchers/{}/revoke", voucher.as_str().unwrap());
    assert_eq!(app.post(&revoke, &counter.admin, Value::Null).await.status, 204);
    a_minute();
    counter.move_cash(app, "withdrawal", "1.25").await.data(201);
    app.settle().await;
    sold["number"].as_str().unwrap().to_owned()
}

/// The words of each line, parted by one blank.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

async fn a_statement_is_read_in_the_agents_language(database: TestDatabase) {
    let Some(program) = program() else { return };
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let sold = day(&app, &counter).await;
    let export = "/api/v1/agent/statement/export?format=pdf";
    for (locale, title, headings, what, notes) in [
        (
            "en",
            "Agent's statement – Agent Demo",
            "Date What Commission Amount Balance",
            [
                "Top-up: receipt 17",
                "Sale",
                "2 vouchers 1DAY",
                "Refund",
                "1 voucher 1DAY taken back",
                "Withdrawal: receipt 17",
            ],
            [
                "Sales: 2, for 9.00 CDF, of which commission 0.90 CDF",
                "Taken back: 2, for 4.50 CDF, of which commission 0.45 CDF",
            ],
        ),
        (
            "fr",
            "Relevé d'agent – Agent Demo",
            "Date Opération Commission Montant Solde",
            [
                "Dépôt : receipt 17",
                "Vente",
                "2 vouchers 1DAY",
                "Remboursement",
                "1 voucher 1DAY repris",
                "Retrait : receipt 17",
            ],
            [
                "Ventes : 2, pour 9.00 CDF, dont commission 0.90 CDF",
                "Reprises : 2, pour 4.50 CDF, dont commission 0.45 CDF",
            ],
        ),
    ] {
        let body = Some(json!({ "locale": locale }));
        app.send(Method::PATCH, "/api/v1/me", Some(&counter.token), body).await.data(200);
        let page = app.file(export, &counter.token).await;
        let text = lines(&text_of(&app, &program, &page));
        for said in [title, headings, notes[0], notes[1]] {
            assert!(text.iter().any(|line| line == said), "{said}: {text:#?}");
        }
        let [top_up, sale, vouchers, back, returned, withdrawal] = what;
        let entries = [
            format!("{top_up} 10.00 CDF 10.00 CDF"),
            format!("{sale} {sold} 0.30 CDF -2.70 CDF 7.30 CDF"),
            format!("{vouchers} 0.60 CDF -5.40 CDF 1.90 CDF"),
            format!("{back} {sold} 0.15 CDF 1.35 CDF 3.25 CDF"),
            format!("{returned} 0.30 CDF 2.70 CDF 5.95 CDF"),
            format!("{withdrawal} -1.25 CDF 4.70 CDF"),
        ];
        // Each behind its moment, in this order.
        let told: Vec<_> = text.iter().filter_map(|line| line.splitn(3, ' ').nth(2)).collect();
        let found: Vec<_> =
            told.into_iter().filter(|line| entries.iter().any(|entry| entry == line)).collect();
        assert_eq!(found, entries, "{text:#?}");
        // Staff read the same in a language of their own.
        let staff = app.file(&counter.path("/statement/export?format=pdf"), &counter.admin).await;
        assert!(text_of(&app, &program, &staff).contains(&sold));
    }
    // From the refund on: what was in the wallet before, and that nothing was sold.
    let from = counter.statement(&app, "").await["entries"][3]["at"].as_str().unwrap().to_owned();
    let page = app.file(&format!("{export}&from={from}"), &counter.token).await;
    let text = lines(&text_of(&app, &program, &page));
    assert!(text.iter().any(|line| line == "Solde initial : 1.90 CDF"), "{text:#?}");
    assert!(!text.iter().any(|line| line.starts_with("Ventes") || line.contains("-2.70")), "{text:#?}");
    assert!(text.iter().any(|line| line.starts_with("Reprises : 2, ")), "{text:#?}");
    app.end().await;
}
