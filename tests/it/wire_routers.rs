//! Credentials on their way over the RouterOS API: to a router that is down, restarts, is full, refuses, holds other
//! people's users, keeps silent or does not know us. Its own users are what counts.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::{
    serve::{ProcessRole, Running},
    worker::schedule::Task,
};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::routeros::{Action, Effect, Fault, Options};

use crate::{
    app::TestApp,
    process::wait_until,
    wire::{ours, start_router},
};

on_both_databases!(
    a_router_that_is_down_for_hours_gets_its_users_afterwards,
    a_router_that_restarts_in_the_middle_has_each_user_once,
    a_user_of_the_same_name_that_is_not_ours_is_left_alone,
    a_full_router_gets_its_users_once_there_is_room,
    a_unit_that_the_router_refuses_fails_alone_and_is_tried_again_alone,
    a_router_that_never_answers_holds_up_no_other,
    five_thousand_users_are_in_nobodys_way,
    two_workers_make_each_user_once,
    a_wrong_router_password_waits_and_is_put_right,
);

const ADD: &str = "/ip/hotspot/user/add";
const ROUTERS: &str = "/api/v1/admin/routers";

/// An order that is paid, while its router may not be ready for it.
async fn paid(app: &TestApp, token: &str, quantity: u32) -> String {
    let order = app.order(token, "1DAY", quantity).await;
    app.pay(token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    order
}

/// Lets minutes pass one by one, so that everything is tried that is to be tried again.
async fn minutes(app: &TestApp, count: u32) {
    for _ in 0..count {
        app.pass(Duration::minutes(1)).await;
    }
}

/// The names that an order's users are to have, or have.
async fn names(app: &TestApp, token: &str, order: &str) -> Vec<String> {
    let users = app.get(&format!("/api/v1/hotspot-users?order_id={order}"), token).await.data(200);
    let users = users.as_array().unwrap().iter();
    users.map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

/// That an order is complete, with so many users on its router and as many messages, and nothing else.
async fn assert_delivered(app: &TestApp, order: &str, units: usize) {
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(app.order_status(&token, order).await, "completed");
    assert_eq!((app.on_router(order), app.text_messages().len()), (units, units));
    let on_router = app.router_users();
    assert!(names(app, &token, order).await.iter().all(|name| on_router.contains_key(name)));
    assert_eq!(app.charges().len(), 1);
}

async fn a_router_that_is_down_for_hours_gets_its_users_afterwards(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    app.wire().router.take_down().await;
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 2).await;
    for _ in 0..18 {
        app.pass(Duration::minutes(10)).await;
        app.tick().await;
    }
    assert!(app.router_users().is_empty() && app.text_messages().is_empty());
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(app.order_status(&token, &order).await, "processing");

    app.wire().router.bring_up().await;
    minutes(&app, 3).await;
    assert_delivered(&app, &order, 2).await;
    app.end().await;
}

async fn a_router_that_restarts_in_the_middle_has_each_user_once(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    app.wire().fault(ADD, Effect::Cut, Some(2));
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 5).await;
    let (before, done) = (app.on_router(&order), app.router_users());
    assert!(before < 5, "{before}");
    app.wire().router.apply(Action::Reboot).unwrap();
    minutes(&app, 3).await;
    assert_delivered(&app, &order, 5).await;
    // What was there before it restarted was left as it was.
    let now = app.router_users();
    assert!(done.iter().all(|(name, user)| now[name] == *user));
    assert_eq!(app.wire().router.times_executed(ADD), 5);
    app.end().await;
}

async fn a_user_of_the_same_name_that_is_not_ours_is_left_alone(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    app.wire().router.take_down().await;
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 2).await;
    let taken = names(&app, &token, &order).await;
    app.wire().add_by_hand(&taken[0], "Bob's phone");
    // Another order's marker does not make it ours either.
    app.wire().add_by_hand(&taken[1], "o:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91#1");
    let before = app.router_users();
    app.wire().router.bring_up().await;
    minutes(&app, 2).await;

    assert_delivered(&app, &order, 2).await;
    let now = app.router_users();
    assert_eq!(now.len(), 4);
    assert!(taken.iter().all(|name| now[name] == before[name]));
    let renamed = names(&app, &token, &order).await;
    assert!(renamed.iter().all(|name| !taken.contains(name)));
    minutes(&app, 2).await;
    assert_eq!(names(&app, &token, &order).await, renamed);
    app.end().await;
}

async fn a_full_router_gets_its_users_once_there_is_room(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let room = |users: Option<usize>| app.wire().router.change(|conditions| conditions.room = users);
    // One place is the router's own trial user's.
    room(Some(2));
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = paid(&app, &token, 3).await;
    minutes(&app, 6).await;
    assert_eq!((app.on_router(&order), app.text_messages().len()), (1, 1));
    assert_eq!(app.balances().await["revenue"], -900);

    room(None);
    app.post(&format!("/api/v1/admin/orders/{order}/provision"), &admin, json!({})).await.data(202);
    minutes(&app, 2).await;
    assert_delivered(&app, &order, 3).await;
    app.end().await;
}

async fn a_unit_that_the_router_refuses_fails_alone_and_is_tried_again_alone(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    app.wire().router.take_down().await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = paid(&app, &token, 5).await;
    let refused = names(&app, &token, &order).await.remove(2);
    let fault = Fault {
        command: ADD.to_owned(),
        name: Some(refused.clone()),
        effect: Effect::Refuse,
        text: Some("failure: invalid value".to_owned()),
        times: None,
    };
    app.wire().router.change(|conditions| conditions.faults.push(fault));
    app.wire().router.bring_up().await;
    minutes(&app, 6).await;
    assert_eq!(app.order_status(&token, &order).await, "partially_completed");
    assert_eq!((app.on_router(&order), app.text_messages().len()), (4, 4));
    assert!(!app.router_users().contains_key(&refused));
    assert_eq!(app.alerts().await, ["hotspot_user_failed"]);

    app.wire().router.change(|conditions| conditions.faults.clear());
    let path = format!("/api/v1/admin/orders/{order}/provision");
    let going = app.post(&path, &admin, json!({})).await.data(202);
    assert_eq!(going, json!({"prepared": 0, "tried_again": 1, "left_alone": 4}));
    app.settle().await;
    assert_delivered(&app, &order, 5).await;
    assert_eq!(app.wire().router.times_executed(ADD), 5);
    app.end().await;
}

async fn a_router_that_never_answers_holds_up_no_other(database: TestDatabase) {
    // Whoever waited for the silent router would wait for minutes.
    let patience = [("MIKROTIK_CONNECT_SECONDS", "60"), ("MIKROTIK_ANSWER_SECONDS", "120")];
    let app = TestApp::on_wire(database, &patience).await;
    let other = start_router(app.around.ambient(), Options::default()).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let library = add(&app, &admin, &ours("MIKROTIK_PASSWORD"), other.addr().port()).await;
    app.wire().router.change(|conditions| conditions.mute = true);
    let stuck = app.order(&token, "1DAY", 2).await;
    let body = json!({"user_profile_id": app.package("1DAY").await, "quantity": 2, "router_id": library});
    let order = app.post("/api/v1/orders", &token, body).await.data(201)["id"].clone();
    let order = order.as_str().unwrap();
    for order in [&stuck, order] {
        app.pay(&token, order, "0000").await;
    }
    app.settle().await;
    app.around.clock.advance(Duration::seconds(1));
    app.wire().payments.deliver_due().await.unwrap();
    let worker = Running::start(&app.composition, ProcessRole::Worker).await.unwrap();
    wait_until("the other router's sale is complete", async || {
        app.order_status(&token, order).await == "completed"
    })
    .await;
    assert_eq!(app.order_status(&token, &stuck).await, "processing");
    // The router's own trial user is one of them.
    assert_eq!(other.items("/ip/hotspot/user").len(), 3);
    assert!(app.router_users().is_empty());

    app.wire().router.change(|conditions| conditions.mute = false);
    app.wire().router.apply(Action::Cut).unwrap();
    wait_until("the silent router has its users too", async || {
        app.around.clock.advance(Duration::seconds(10));
        app.on_router(&stuck) == 2
    })
    .await;
    worker.stop().await;
    app.end().await;
}

/// Adds a real router at the main site and gives its id.
async fn add(app: &TestApp, admin: &str, password: &str, port: u16) -> String {
    let router = app.post(ROUTERS, admin, described(password, port)).await.data(201);
    router["id"].as_str().unwrap().to_owned()
}

fn described(password: &str, port: u16) -> Value {
    json!({
        "name": "library", "mode": "api", "host": "127.0.0.1", "port": port, "tls": "off",
        "username": ours("MIKROTIK_USERNAME"), "password": password,
    })
}

async fn five_thousand_users_are_in_nobodys_way(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    for number in 0..5_000 {
        app.wire().add_by_hand(&format!("guest{number}"), "by hand");
    }
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 5).await;
    assert_delivered(&app, &order, 5).await;
    assert_eq!(app.router_users().len(), 5_005);
    app.run(Task::SyncSessions).await;
    app.pass(Duration::hours(25)).await;
    app.run(Task::ExpireUsers).await;
    assert_eq!((app.on_router(&order), app.router_users().len()), (0, 5_000));
    app.end().await;
}

async fn two_workers_make_each_user_once(database: TestDatabase) {
    let first = TestApp::on_wire(database, &[]).await;
    let mut second = first.second(&[]).await;
    let token = first.log_in("user1@demo.test").await;
    let order = first.order(&token, "1DAY", 8).await;
    first.pay(&token, &order, "0000").await;
    first.settle().await;
    first.around.clock.advance(Duration::seconds(1));
    tokio::join!(first.settle(), second.settle());
    tokio::join!(first.settle(), second.settle());
    assert_delivered(&first, &order, 8).await;
    assert_eq!(first.wire().router.times_executed(ADD), 8);
    second.stop().await;
    first.end().await;
}

async fn a_wrong_router_password_waits_and_is_put_right(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let other = start_router(app.around.ambient(), Options::default()).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let library = add(&app, &admin, "Wrong-Router-Password-9", other.addr().port()).await;
    let body = json!({"user_profile_id": app.package("1DAY").await, "quantity": 2, "router_id": library});
    let order = app.post("/api/v1/orders", &token, body).await.data(201)["id"].clone();
    let order = order.as_str().unwrap();
    app.pay(&token, order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    minutes(&app, 5).await;
    assert_eq!(app.order_status(&token, order).await, "processing");
    let health = app.get(&format!("{ROUTERS}/{library}"), &admin).await.data(200)["health"].clone();
    assert!(health.to_string().contains("invalid user name or password"), "{health}");

    let right = described(&ours("MIKROTIK_PASSWORD"), other.addr().port());
    let path = format!("{ROUTERS}/{library}");
    app.send(Method::PUT, &path, Some(&admin), Some(right)).await.data(200);
    minutes(&app, 3).await;
    assert_eq!(app.order_status(&token, order).await, "completed");
    assert_eq!((other.items("/ip/hotspot/user").len(), app.text_messages().len()), (3, 2));
    assert!(app.router_users().is_empty());
    app.end().await;
}
