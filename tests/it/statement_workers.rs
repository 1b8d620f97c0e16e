//! Several workers at the lines of one statement, one after the other or at once.

use futures_util::future::join_all;
use kernel::Origin;
use persistence::{on_both_databases, testing::TestDatabase};

use crate::{
    app::TestApp,
    statements::{MANY, line},
    witnesses::success_of,
};

on_both_databases!(
    whoever_dies_between_lines_leaves_the_rest_to_the_next,
    two_workers_and_a_callback_settle_once,
);

async fn whoever_dies_between_lines_leaves_the_rest_to_the_next(database: TestDatabase) {
    let app = TestApp::with(database, &[MANY]).await;
    let billing = &app.composition.background.billing;
    let origin = Origin::system("test");
    // However many lines the first has judged before it dies, the second ends with the same.
    for judged in 0..=4 {
        let mut lines = String::new();
        let mut orders = Vec::new();
        for (suffix, amount) in [("0015", "1.50"), ("0003", "1.49"), ("0001", "1.50")] {
            let (order, _, charge) = app.ask(suffix).await;
            app.pass_a_second().await;
            lines.push_str(&line(&charge, app.now(), amount, "success").replace("success,", "success,0.01"));
            orders.push(order);
        }
        lines.push_str(&format!("X{judged},Y{judged},,{},,7,CDF,success,\n", app.now().to_rfc3339()));
        let statement = app.import("", &lines).await.data(201)["id"].as_str().unwrap().to_owned();
        let id = statement.parse().unwrap();
        let waiting = billing.reads().waiting_lines(id, (0, u32::MAX >> 1)).await.unwrap();
        for line in waiting.iter().take(judged) {
            billing.judge_statement_line(&origin, *line).await.unwrap();
        }
        app.settle().await;
        for line in waiting {
            billing.judge_statement_line(&origin, line).await.unwrap();
        }
        billing.judge_statement_lines(&origin, id, (0, 1_000)).await.unwrap();
        app.settle().await;
        assert_eq!(app.outcomes(&statement).await, ["matched", "under", "matched", "orphan"], "{judged}");
        let on_router: Vec<_> = orders.iter().map(|order| app.on_router(order)).collect();
        assert_eq!(on_router, [1, 0, 1], "{judged}");
    }
    let balances = app.balances().await;
    assert_eq!((balances["revenue"], balances["fees"], balances["gateway_clearing"]), (-1500, 10, 1490));
    assert_eq!(app.alerts().await.iter().filter(|code| *code == "statement_orphan").count(), 5);
    app.end().await;
}

async fn two_workers_and_a_callback_settle_once(database: TestDatabase) {
    let first = TestApp::with(database, &[MANY]).await;
    let mut second = first.second(&[MANY]).await;
    let (mut lines, mut charges, mut orders) = (String::new(), Vec::new(), Vec::new());
    for _ in 0..6 {
        let (order, _, charge) = first.ask("0003").await;
        lines.push_str(&line(&charge, first.now(), "1.50", "success"));
        orders.push(order);
        charges.push(charge);
    }
    let statement = first.import("", &lines).await.data(201)["id"].as_str().unwrap().to_owned();
    let id = statement.parse().unwrap();
    let origin = Origin::system("test");
    let judge = |app: &TestApp| {
        let (billing, origin) = (app.composition.background.billing.clone(), origin.clone());
        async move { billing.judge_statement_lines(&origin, id, (0, 1_000)).await.unwrap() }
    };
    let callbacks = join_all(charges.iter().map(async |charge| {
        second.callback(&success_of(charge).to_string()).await.accepted();
    }));
    tokio::join!(judge(&first), judge(&second), callbacks);
    tokio::join!(first.settle(), second.settle());
    tokio::join!(first.settle(), second.settle());
    assert_eq!(first.outcomes(&statement).await, ["matched"; 6]);
    assert_eq!((first.events("PaymentSucceeded").await, first.balances().await["revenue"]), (6, -900));
    assert!(orders.iter().all(|order| first.on_router(order) == 1));
    second.stop().await;
    first.end().await;
}
