//! Credentials on their way to a router that is down, slow, stubborn or full of other people's users. What counts is
//! what the router has in the end.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(
    a_router_that_is_down_for_hours_gets_its_users_afterwards,
    a_router_that_does_its_work_and_does_not_answer_has_one_user,
    a_user_that_carries_our_marker_is_taken_for_ours,
    somebody_elses_user_of_the_same_name_is_left_alone,
    a_unit_that_the_router_refuses_fails_alone_and_is_tried_again_alone,
    an_order_of_which_nothing_can_be_made_fails_and_keeps_the_money,
    a_user_whose_time_is_over_goes_from_the_router_with_its_sessions,
    two_workers_make_each_user_once,
);

/// An order that is paid, while its router may not be ready for it.
async fn paid(app: &TestApp, token: &str, quantity: u32) -> String {
    let order = app.order(token, "2H", quantity).await;
    app.pay(token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    order
}

/// The hotspot users of an order, as their owner sees them.
async fn users(app: &TestApp, token: &str, order: &str) -> Vec<Value> {
    let list = app.get(&format!("/api/v1/hotspot-users?order_id={order}"), token).await.data(200);
    list.as_array().unwrap().clone()
}

/// The password that the owner is shown.
async fn password(app: &TestApp, token: &str, user: &Value) -> Value {
    let path = format!("/api/v1/hotspot-users/{}/credentials", user["id"].as_str().unwrap());
    app.get(&path, token).await.data(200)["password"].clone()
}

async fn a_router_that_is_down_for_hours_gets_its_users_afterwards(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.router().change(|conditions| conditions.down = true).unwrap();
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 2).await;
    for _ in 0..18 {
        app.pass(Duration::minutes(10)).await;
        app.tick().await;
    }
    assert!(app.router_state().users.is_empty() && app.text_messages().is_empty());
    let token = app.log_in("user1@demo.test").await;
    assert_eq!(app.order_status(&token, &order).await, "processing");
    assert!(app.alerts().await.is_empty());

    app.router().change(|conditions| conditions.down = false).unwrap();
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((app.on_router(&order), app.text_messages().len()), (2, 2));
    for user in users(&app, &token, &order).await {
        // Their two hours begin when they can be used.
        let moment =
            |field: &str| user[field].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!(moment("expired_at") - moment("activated_at"), Duration::hours(2));
        let username = user["username"].as_str().unwrap();
        let kept = &app.router_state().users[username];
        assert_eq!(json!(kept.password), password(&app, &token, &user).await);
        assert_eq!((kept.policy.upload_kbps, kept.policy.download_kbps), (Some(1024), Some(4096)));
    }
    app.end().await;
}

async fn a_router_that_does_its_work_and_does_not_answer_has_one_user(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.router().change(|conditions| conditions.lost_answers = 3).unwrap();
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 1).await;
    assert_eq!((app.on_router(&order), app.text_messages().len()), (1, 0));
    for _ in 0..4 {
        app.pass(Duration::minutes(1)).await;
    }
    assert_eq!(app.order_status(&token, &order).await, "completed");
    let state = app.router_state();
    assert_eq!((state.users.len(), state.calls["create_user"].done), (1, 1));
    assert_eq!(app.text_messages().len(), 1);
    app.end().await;
}

async fn a_user_that_carries_our_marker_is_taken_for_ours(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.router().change(|conditions| conditions.down = true).unwrap();
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 1).await;
    let user = users(&app, &token, &order).await.remove(0);
    let username = user["username"].as_str().unwrap();
    app.router().add_foreign_user(username, &format!("o:{order}#1")).unwrap();
    app.router().change(|conditions| conditions.down = false).unwrap();
    app.pass(Duration::minutes(2)).await;

    let state = app.router_state();
    assert_eq!(state.users.len(), 1);
    assert!(!state.calls.contains_key("create_user"));
    assert_eq!(state.users[username].policy.download_kbps, Some(4096));
    assert_eq!(json!(state.users[username].password), password(&app, &token, &user).await);
    assert_eq!(app.order_status(&token, &order).await, "completed");
    app.end().await;
}

async fn somebody_elses_user_of_the_same_name_is_left_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.router().change(|conditions| conditions.down = true).unwrap();
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 2).await;
    let taken: Vec<_> =
        users(&app, &token, &order).await.iter().map(|user| user["username"].clone()).collect();
    let first = taken[0].as_str().unwrap();
    // Another order's marker does not make it ours either.
    let second = taken[1].as_str().unwrap();
    app.router().add_foreign_user(first, "Bob's phone").unwrap();
    app.router().add_foreign_user(second, "o:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91#1").unwrap();
    let before = app.router_state().users;
    app.router().change(|conditions| conditions.down = false).unwrap();
    app.pass(Duration::minutes(2)).await;

    let state = app.router_state();
    assert_eq!((state.users.len(), app.on_router(&order)), (4, 2));
    assert_eq!((&state.users[first], &state.users[second]), (&before[first], &before[second]));
    assert_eq!(app.order_status(&token, &order).await, "completed");
    for user in users(&app, &token, &order).await {
        assert!(!taken.contains(&user["username"]));
        let text = app
            .text_messages()
            .into_iter()
            .find(|text| text.text.contains(user["username"].as_str().unwrap()));
        assert!(text.is_some());
    }
    app.end().await;
}

async fn a_unit_that_the_router_refuses_fails_alone_and_is_tried_again_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.router().change(|conditions| conditions.refuse("#3", "invalid value")).unwrap();
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = paid(&app, &token, 5).await;
    for _ in 0..6 {
        app.pass(Duration::minutes(1)).await;
    }
    assert_eq!(app.order_status(&token, &order).await, "partially_completed");
    assert_eq!((app.on_router(&order), app.text_messages().len()), (4, 4));
    assert_eq!(app.alerts().await, ["hotspot_user_failed"]);
    assert_eq!(app.balances().await["revenue"], -750);
    let before = app.router_state();

    app.router().change(|conditions| conditions.refusals.clear()).unwrap();
    let path = format!("/api/v1/admin/orders/{order}/provision");
    let going = app.post(&path, &admin, json!({})).await.data(202);
    assert_eq!(going, json!({"prepared": 0, "tried_again": 1, "left_alone": 4}));
    app.settle().await;
    let after = app.router_state();
    assert_eq!(after.users.len(), 5);
    assert!(before.users.iter().all(|(name, user)| after.users[name] == *user));
    let done = |operation: &str| {
        let count = |state: &hotspot::adapters::fake::FakeRouterState| {
            state.calls.get(operation).map_or(0, |calls| calls.done)
        };
        count(&after) - count(&before)
    };
    assert_eq!((done("create_user"), done("update_user"), done("remove_user")), (1, 0, 0));
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!(app.text_messages().len(), 5);
    assert_eq!(app.audited(&format!("order:{order}")).await, ["create", "provision"]);

    // Asked again, there is nothing left to do.
    let going = app.post(&path, &admin, json!({})).await.data(202);
    assert_eq!(going["left_alone"], 5);
    app.settle().await;
    assert_eq!((app.router_state().users.len(), app.text_messages().len()), (5, 5));
    app.end().await;
}

async fn an_order_of_which_nothing_can_be_made_fails_and_keeps_the_money(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.router().change(|conditions| conditions.full = true).unwrap();
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let order = paid(&app, &token, 2).await;
    for _ in 0..6 {
        app.pass(Duration::minutes(1)).await;
    }
    let status = app.order_status(&token, &order).await;
    assert!(["processing", "failed"].contains(&status.as_str()), "{status}");
    assert_eq!(app.balances().await["revenue"], -300);
    assert!(app.text_messages().is_empty());

    app.router().change(|conditions| conditions.full = false).unwrap();
    app.post(&format!("/api/v1/admin/orders/{order}/provision"), &admin, json!({})).await.data(202);
    app.pass(Duration::minutes(2)).await;
    assert_eq!(app.order_status(&token, &order).await, "completed");
    assert_eq!((app.on_router(&order), app.text_messages().len()), (2, 2));
    app.end().await;
}

async fn a_user_whose_time_is_over_goes_from_the_router_with_its_sessions(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    let order = paid(&app, &token, 2).await;
    let names: Vec<_> = app.router_state().users.into_keys().collect();
    app.router().add_foreign_user("bob", "by hand").unwrap();
    for (host, name) in names.iter().chain([&"bob".to_owned()]).enumerate() {
        let address = format!("10.5.50.{}", host + 2).parse().unwrap();
        app.router().open_session(name, "02:00:00:00:00:01", address).unwrap();
    }
    app.pass(Duration::minutes(115)).await;
    app.run(Task::ExpireUsers).await;
    assert_eq!((app.on_router(&order), app.router_state().sessions.len()), (2, 3));

    // The router cannot be told at once.
    app.router().change(|conditions| conditions.down = true).unwrap();
    app.pass(Duration::minutes(10)).await;
    app.run(Task::ExpireUsers).await;
    app.router().change(|conditions| conditions.down = false).unwrap();
    app.pass(Duration::minutes(2)).await;
    let state = app.router_state();
    assert_eq!(state.users.keys().collect::<Vec<_>>(), ["bob"]);
    assert_eq!(state.sessions.iter().map(|session| session.username.as_str()).collect::<Vec<_>>(), ["bob"]);
    let token = app.log_in("user1@demo.test").await;
    assert!(users(&app, &token, &order).await.iter().all(|user| user["status"] == "expired"));
    // What was delivered stays delivered.
    assert_eq!(app.order_status(&token, &order).await, "completed");
    app.end().await;
}

async fn two_workers_make_each_user_once(database: TestDatabase) {
    let first = TestApp::start(database).await;
    let mut second = first.second(&[]).await;
    let token = first.log_in("user1@demo.test").await;
    let order = first.order(&token, "2H", 8).await;
    first.pay(&token, &order, "0000").await;
    first.settle().await;
    first.around.clock.advance(Duration::seconds(1));
    tokio::join!(first.settle(), second.settle());
    tokio::join!(first.settle(), second.settle());

    assert_eq!(first.order_status(&token, &order).await, "completed");
    assert_eq!(first.on_router(&order), 8);
    assert_eq!(first.router_state().calls["create_user"].done, 8);
    assert_eq!(first.text_messages().len(), 8);
    second.stop().await;
    first.end().await;
}
