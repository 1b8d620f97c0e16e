//! Sites and addresses that nobody is to reach: put onto the routers, kept there, and lifted.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(what_is_blocked_is_kept_on_the_routers_until_it_is_lifted, what_cannot_be_blocked_is_said);

const BLOCKS: &str = "/api/v1/admin/blocks";

async fn what_is_blocked_is_kept_on_the_routers_until_it_is_lifted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    app.router().change(|conditions| conditions.down = true).unwrap();
    let site = json!({"kind": "domain", "value": "Ads.Example", "reason": "Malware"});
    let block = app.post(BLOCKS, &admin, site.clone()).await.data(201);
    assert_eq!((&block["value"], &block["router_ids"]), (&json!("ads.example"), &Value::Null));
    let address = json!({"kind": "address", "value": "192.0.2.7", "reason": "Scans us"});
    app.post(BLOCKS, &admin, address).await.data(201);
    assert_eq!(app.post(BLOCKS, &admin, site).await.code(409), "blocked_already");
    app.settle().await;
    app.router().change(|conditions| conditions.down = false).unwrap();
    app.pass(Duration::minutes(2)).await;
    let state = app.router_state();
    assert!(state.blocked_domains.contains("ads.example"));
    assert!(state.blocked_addresses.contains(&"192.0.2.7".parse().unwrap()));

    // Somebody takes it off by hand.
    app.router().unblock_by_hand("ads.example").unwrap();
    app.run(Task::SyncUsers).await;
    assert!(app.router_state().blocked_domains.contains("ads.example"));

    let path = format!("{BLOCKS}/{}", block["id"].as_str().unwrap());
    assert_eq!(app.send(Method::DELETE, &path, Some(&admin), None).await.status, 204);
    assert_eq!(app.send(Method::DELETE, &path, Some(&admin), None).await.code(404), "not_found");
    app.settle().await;
    let state = app.router_state();
    assert!(state.blocked_domains.is_empty() && state.blocked_addresses.len() == 1);
    let standing = app.get(BLOCKS, &admin).await.data(200);
    assert_eq!(standing.as_array().unwrap().len(), 1);
    let all = app.get(&format!("{BLOCKS}?lifted=true"), &admin).await.data(200);
    assert_eq!(all.as_array().unwrap().len(), 2);
    let id = block["id"].as_str().unwrap();
    assert_eq!(app.audited(&format!("block:{id}")).await, ["create", "lift"]);
    app.end().await;
}

async fn what_cannot_be_blocked_is_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let nowhere = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";
    for (body, field) in [
        (json!({"kind": "domain", "value": "*.example", "reason": "Malware"}), "value"),
        (json!({"kind": "address", "value": "example.com", "reason": "Malware"}), "value"),
        (json!({"kind": "device", "value": "02:00:5E:00:53:01", "reason": "Malware"}), "kind"),
        (
            json!({"kind": "domain", "value": "a.example", "reason": "Malware", "router_ids": [nowhere]}),
            "router_ids",
        ),
    ] {
        let refused = app.post(BLOCKS, &admin, body).await;
        assert_eq!(refused.code(422), "validation_failed");
        assert!(refused.body["errors"].as_object().unwrap().contains_key(field), "{}", refused.body);
    }
    app.end().await;
}
