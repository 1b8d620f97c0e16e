//! Vouchers in many hands at once, at two portals on one database.

use futures_util::future::join_all;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::{Value, json};

use crate::{
    agents::Counter,
    app::TestApp,
    vouchers::{Issued, redeem},
};

on_both_databases!(
    of_a_hundred_who_redeem_one_code_one_gets_in,
    a_batch_that_is_revoked_meanwhile_goes_one_way_for_each_voucher,
    an_agent_gets_back_what_nobody_redeemed_and_no_more,
);

async fn of_a_hundred_who_redeem_one_code_one_gets_in(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let other = app.second(&[]).await;
    let issued = Issued::make(&app, 1, json!({})).await;
    let tries = (0..100).map(|number| {
        let here = if number % 2 == 0 { &app } else { &other };
        redeem(here, None, &issued.codes[0])
    });
    let answers = join_all(tries).await;
    let redeemed = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.body["meta"]["code"] == "voucher_redeemed").count();
    assert_eq!((redeemed, refused), (1, 99));
    app.settle().await;
    assert_eq!(app.router_users().len(), 1);
    assert_eq!(app.balances().await["revenue"], -150);
    let mut other = other;
    other.stop().await;
    app.end().await;
}

async fn a_batch_that_is_revoked_meanwhile_goes_one_way_for_each_voucher(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let other = app.second(&[]).await;
    let issued = Issued::make(&app, 60, json!({})).await;
    let tries = issued.codes.iter().map(|code| redeem(&other, None, code));
    let (answers, revoked) = tokio::join!(join_all(tries), async {
        // Some are redeemed before.
        while issued.shown(&app).await["redeemed"].as_u64().unwrap() < 5 {}
        issued.change(&app, "revoke").await.data(200)
    });
    let redeemed = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.body["meta"]["code"] == "voucher_revoked").count();
    assert_eq!(redeemed + refused, 60);
    // What was revoked when the answer was given is not redeemed afterwards.
    assert_eq!(revoked["redeemed"], redeemed);
    assert_eq!(issued.shown(&app).await["redeemed"], redeemed);
    app.settle().await;
    assert_eq!(app.router_users().len(), redeemed);
    let mut other = other;
    other.stop().await;
    app.end().await;
}

async fn an_agent_gets_back_what_nobody_redeemed_and_no_more(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut other = app.second(&[]).await;
    let counter = Counter::open(&app, "40.50").await;
    let batch = counter.take(&app, "2H", 30).await.data(201);
    assert_eq!(counter.wallet(&app).await, "0.00");
    let codes = counter.print(&app, &batch).await;
    let path = format!("/api/v1/admin/voucher-batches/{}", batch["id"].as_str().unwrap());
    let vouchers = app.get(&format!("{path}/vouchers?per_page=100"), &counter.admin).await.data(200);

    // All are redeemed, revoked one by one from both ends, and all together.
    let redeeming = codes.iter().map(|code| redeem(&other, None, code));
    let one_by_one = vouchers.as_array().unwrap().iter().rev().map(|voucher| {
        let path = format!("/api/v1/admin/vouchers/{}/revoke", voucher["id"].as_str().unwrap());
        let (app, admin) = (&app, &counter.admin);
        async move { app.post(&path, admin, Value::Null).await }
    });
    let together = async {
        while app.get(&path, &counter.admin).await.data(200)["redeemed"].as_u64().unwrap() < 3 {}
        app.post(&format!("{path}/revoke"), &counter.admin, Value::Null).await.data(200)
    };
    let (redeemed, revoked, _) = tokio::join!(join_all(redeeming), join_all(one_by_one), together);

    let sold = redeemed.iter().filter(|reply| reply.status == 201).count();
    let singly = revoked.iter().filter(|reply| reply.status == 204).count();
    let shown = app.get(&path, &counter.admin).await.data(200);
    assert_eq!((&shown["redeemed"], &shown["revoked"]), (&json!(sold), &json!(singly)));
    let back = i64::try_from(codes.len() - sold).unwrap() * 135;
    assert_eq!(counter.wallet(&app).await, format!("{}.{:02}", back / 100, back % 100));
    app.settle().await;
    assert_eq!(app.router_users().len(), sold);
    let balances = app.balances().await;
    let revenue = i64::try_from(sold).unwrap() * 150;
    assert_eq!((balances["voucher_clearing"], balances["revenue"]), (0, -revenue));
    other.stop().await;
    app.end().await;
}
