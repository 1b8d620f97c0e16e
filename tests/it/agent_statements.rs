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

/// What a statement says in a language.
struct Said {
    locale: &'static str,
    title: &'static str,
    headings: &'static str,
    what: [&'static str; 6],
    notes: [&'static str; 2],
}

const SAID: [Said; 2] = [
    Said {
        locale: "en",
        title: "Agent's statement – Agent Demo",
        headings: "Date What Commission Amount Balance",
        what: [
            "Top-up: receipt 17",
            "Sale",
            "2 vouchers 1DAY",
            "Refund",
            "1 voucher 1DAY taken back",
            "Withdrawal: receipt 17",
        ],
        notes: [
            "Sales: 2, for 9.00 CDF, of which commission 0.90 CDF",
            "Taken back: 2, for 4.50 CDF, of which commission 0.45 CDF",
        ],
    },
    Said {
        locale: "fr",
        title: "Relevé d'agent – Agent Demo",
        headings: "Date Opération Commission Montant Solde",
        what: [
            "Dépôt : receipt 17",
            "Vente",
            "2 vouchers 1DAY",
            "Remboursement",
            "1 voucher 1DAY repris",
            "Retrait : receipt 17",
        ],
        notes: [
            "Ventes : 2, pour 9.00 CDF, dont commission 0.90 CDF",
            "Reprises : 2, pour 4.50 CDF, dont commission 0.45 CDF",
        ],
    },
];

impl Said {
    /// That the page says all of it, and the entries of the day in their order, each behind its moment.
    fn assert_told(&self, sold: &str, text: &[String]) {
        for said in [self.title, self.headings, self.notes[0], self.notes[1]] {
            assert!(text.iter().any(|line| line == said), "{said}: {text:#?}");
        }
        let [top_up, sale, vouchers, back, returned, withdrawal] = self.what;
        let entries = [
            format!("{top_up} 10.00 CDF 10.00 CDF"),
            format!("{sale} {sold} 0.30 CDF -2.70 CDF 7.30 CDF"),
            format!("{vouchers} 0.60 CDF -5.40 CDF 1.90 CDF"),
            format!("{back} {sold} 0.15 CDF 1.35 CDF 3.25 CDF"),
            format!("{returned} 0.30 CDF 2.70 CDF 5.95 CDF"),
            format!("{withdrawal} -1.25 CDF 4.70 CDF"),
        ];
        let told = text.iter().filter_map(|line| line.splitn(3, ' ').nth(2));
        let found: Vec<_> = told.filter(|line| entries.iter().any(|entry| entry == line)).collect();
        assert_eq!(found, entries, "{text:#?}");
    }
}

async fn a_statement_is_read_in_the_agents_language(database: TestDatabase) {
    let Some(program) = program() else { return };
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "10.00").await;
    let sold = day(&app, &counter).await;
    let export = "/api/v1/agent/statement/export?format=pdf";
    for said in SAID {
        let body = Some(json!({ "locale": said.locale }));
        app.send(Method::PATCH, "/api/v1/me", Some(&counter.token), body).await.data(200);
        let page = app.file(export, &counter.token).await;
        said.assert_told(&sold, &lines(&text_of(&app, &program, &page)));
    }
    // Staff read the same, in a language of their own.
    let staff = app.file(&counter.path("/statement/export?format=pdf"), &counter.admin).await;
    SAID[1].assert_told(&sold, &lines(&text_of(&app, &program, &staff)));
    // From the refund on: what was in the wallet before, and that nothing was sold.
    let from = counter.statement(&app, "").await["entries"][3]["at"].as_str().unwrap().to_owned();
    let page = app.file(&format!("{export}&from={from}"), &counter.token).await;
    let text = lines(&text_of(&app, &program, &page));
    assert!(text.iter().any(|line| line == "Solde initial : 1.90 CDF"), "{text:#?}");
    assert!(!text.iter().any(|line| line.starts_with("Ventes") || line.contains("-2.70")), "{text:#?}");
    assert!(text.iter().any(|line| line.starts_with("Reprises : 2, ")), "{text:#?}");
    app.end().await;
}
