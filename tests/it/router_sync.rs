//! A router comes to have what it should: what is missing is made again, what differs is set right, what is over goes,
//! and what others have made stays as it is.

use chrono::Duration;
use hotspot::adapters::fake::FakeUser;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    sessions::{customer, sessions, sign_in},
};

on_both_databases!(
    a_user_that_was_removed_comes_back_with_what_is_left,
    what_somebody_changed_is_set_right,
    what_is_over_goes_and_what_others_made_stays,
    a_user_on_its_way_is_not_made_twice,
    an_adopted_user_shows_its_sessions_to_its_account,
    an_adopted_name_that_is_ours_keeps_its_owner,
    a_plan_changes_nothing_until_it_is_applied,
    two_workers_set_a_router_right_once,
);

fn on_router(app: &TestApp, username: &str) -> Option<FakeUser> {
    app.router_state().users.remove(username)
}

async fn a_user_that_was_removed_comes_back_with_what_is_left(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let offer = json!({
        "name": "1GB", "price": {"amount": "1.00", "currency": "CDF"}, "validity_minutes": 600,
        "validity_start": "creation", "policy": {"data_cap_bytes": 1_000_000_000}, "target": "router",
    });
    app.post("/api/v1/admin/user-profiles", &admin, offer).await.data(201);
    let order = app.order(&token, "1GB", 1).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let username = app.router_state().users.into_keys().next().unwrap();
    let before = on_router(&app, &username).unwrap();
    sign_in(&app, &username, "02:00:5E:00:53:01");
    app.pass(Duration::minutes(2)).await;
    app.router().pass_traffic(&username, 100_000_000, 300_000_000).unwrap();
    app.run(Task::SyncSessions).await;

    app.router().remove_by_hand(&username).unwrap();
    app.run(Task::SyncUsers).await;
    let after = on_router(&app, &username).unwrap();
    assert_eq!((&after.password, &after.comment), (&before.password, &before.comment));
    assert_eq!(after.policy.data_cap_bytes, Some(600_000_000));
    let calls = app.router_state().calls;
    app.run(Task::SyncUsers).await;
    let again = app.router_state().calls;
    for operation in ["create_user", "update_user"] {
        assert_eq!(again.get(operation), calls.get(operation), "nothing is left to do");
    }
    app.end().await;
}

async fn what_somebody_changed_is_set_right(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, username) = customer(&app).await;
    let right = on_router(&app, &username).unwrap();
    let changes: [fn(&mut FakeUser); 4] = [
        |user| user.disabled = true,
        |user| user.policy.download_kbps = None,
        |user| user.policy.data_cap_bytes = Some(1),
        |user| user.comment.push_str(" good customer"),
    ];
    for change in changes {
        app.router().tamper(&username, change).unwrap();
        app.run(Task::SyncUsers).await;
        assert_eq!(on_router(&app, &username), Some(right.clone()));
    }
    app.end().await;
}

async fn what_is_over_goes_and_what_others_made_stays(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, username) = customer(&app).await;
    let gone = on_router(&app, &username).unwrap();
    app.pass(Duration::minutes(121)).await;
    app.run(Task::ExpireUsers).await;
    assert_eq!(on_router(&app, &username), None);
    // A backup of the router brings it back; others have users there too, one with a marker of another portal.
    app.router().add_foreign_user(&username, &gone.comment).unwrap();
    let elsewhere = "o:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90#1";
    for (name, comment) in [("reception", "front desk"), ("staging", elsewhere)] {
        app.router().add_foreign_user(name, comment).unwrap();
    }
    let others = |app: &TestApp| (on_router(app, "reception"), on_router(app, "staging"));
    let before = others(&app);
    app.run(Task::SyncUsers).await;
    assert_eq!((on_router(&app, &username), others(&app)), (None, before));
    let admin = app.log_in("admin@demo.test").await;
    let unknown = app.get("/api/v1/admin/router-users?status=new", &admin).await.data(200);
    let mut names: Vec<_> = unknown.as_array().unwrap().iter().map(|user| user["username"].clone()).collect();
    names.sort_by_key(Value::to_string);
    assert_eq!(names, ["reception", "staging"]);

    let path = format!("/api/v1/admin/router-users/{}/ignore", unknown[0]["id"].as_str().unwrap());
    assert_eq!(app.post(&path, &admin, Value::Null).await.data(200)["status"], json!("ignored"));
    app.router().remove_by_hand(unknown[1]["username"].as_str().unwrap()).unwrap();
    app.pass(Duration::minutes(10)).await;
    app.run(Task::SyncUsers).await;
    let admin = app.log_in("admin@demo.test").await;
    let left = app.get("/api/v1/admin/router-users", &admin).await.data(200);
    assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
    app.end().await;
}

async fn a_user_on_its_way_is_not_made_twice(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.log_in("user1@demo.test").await;
    app.router().change(|conditions| conditions.lost_answers = 2).unwrap();
    let order = app.order(&token, "2H", 3).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.around.clock.advance(Duration::seconds(1));
    app.gateway().deliver_due().await.unwrap();
    app.run(Task::SyncUsers).await;
    for _ in 0..3 {
        app.pass(Duration::minutes(1)).await;
        app.run(Task::SyncUsers).await;
    }
    assert_eq!(app.order_status(&token, &order).await, "completed");
    let state = app.router_state();
    assert_eq!((app.on_router(&order), state.users.len(), state.calls["create_user"].done), (3, 3, 3));
    assert!(!state.calls.contains_key("remove_user"));
    app.end().await;
}

async fn an_adopted_user_shows_its_sessions_to_its_account(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    app.router().add_foreign_user("old customer", "by hand").unwrap();
    let before = on_router(&app, "old customer");
    sign_in(&app, "old customer", "02:00:5E:00:53:09");
    app.run(Task::SyncSessions).await;
    app.run(Task::SyncUsers).await;
    assert!(sessions(&app, &token).await.is_empty());
    let unknown = app.get("/api/v1/admin/router-users", &admin).await.data(200);
    let path = format!("/api/v1/admin/router-users/{}/adopt", unknown[0]["id"].as_str().unwrap());
    let nobody = json!({"user_id": "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90"});
    assert_eq!(app.post(&path, &admin, nobody).await.code(422), "validation_failed");
    let account = app.get("/api/v1/me", &token).await.data(200)["id"].clone();
    let adopted = app.post(&path, &admin, json!({"user_id": account})).await.data(200);
    assert_eq!((&adopted["status"], &adopted["user_id"]), (&json!("adopted"), &account));
    assert_eq!(sessions(&app, &token).await[0]["username"], json!("old customer"));
    app.pass(Duration::minutes(2)).await;
    app.run(Task::SyncSessions).await;
    app.run(Task::SyncUsers).await;
    assert_eq!(app.get("/api/v1/devices", &token).await.data(200)[0]["mac"], json!("02:00:5E:00:53:09"));
    assert_eq!(on_router(&app, "old customer"), before);
    app.end().await;
}

async fn an_adopted_name_that_is_ours_keeps_its_owner(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    // Somebody writes over the comment, and staff give the name away before it is put right.
    app.router().tamper(&username, |user| user.comment = "good customer".to_owned()).unwrap();
    app.run(Task::SyncUsers).await;
    let admin = app.log_in("admin@demo.test").await;
    let other = app.log_in("user2@demo.test").await;
    let unknown = app.get("/api/v1/admin/router-users?status=new", &admin).await.data(200)[0].clone();
    assert_eq!(unknown["username"], json!(username));
    let me = app.get("/api/v1/me", &other).await.data(200);
    let path = format!("/api/v1/admin/router-users/{}/adopt", unknown["id"].as_str().unwrap());
    app.post(&path, &admin, json!({"user_id": me["id"]})).await.data(200);
    sign_in(&app, &username, "02:00:5E:00:53:01");
    app.run(Task::SyncSessions).await;
    assert_eq!(sessions(&app, &token).await.len(), 1);
    assert!(sessions(&app, &other).await.is_empty());
    app.end().await;
}

async fn a_plan_changes_nothing_until_it_is_applied(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, username) = customer(&app).await;
    app.router().remove_by_hand(&username).unwrap();
    app.router().add_foreign_user("reception", "front desk").unwrap();
    let before = app.router_state().users;
    let hotspot = &app.composition.background.hotspot;
    assert!(hotspot.routers_looked_after(Some("nowhere")).await.unwrap().is_empty());
    let router = hotspot.routers_looked_after(Some("main")).await.unwrap().remove(0);
    let comparison = hotspot.compare_router(router.clone()).await.unwrap();
    let changes: Vec<_> =
        comparison.plan.changes.iter().map(|change| (&change.username, change.action.as_str())).collect();
    assert_eq!(changes, [(&username, "create")]);
    assert_eq!(comparison.plan.unknown, [("reception".to_owned(), "front desk".to_owned())]);
    app.settle().await;
    assert_eq!(app.router_state().users, before, "nothing was changed");

    // Applied twice, as by two people at once.
    for _ in 0..2 {
        hotspot.apply_comparison(&comparison, &kernel::Origin::system("cli")).await.unwrap();
    }
    app.settle().await;
    assert!(on_router(&app, &username).is_some() && on_router(&app, "reception").is_some());
    let again = hotspot.compare_router(router.clone()).await.unwrap();
    assert!(again.plan.changes.is_empty(), "{again:?}");
    app.router().change(|conditions| conditions.down = true).unwrap();
    assert!(hotspot.compare_router(router).await.is_err());
    app.end().await;
}

async fn two_workers_set_a_router_right_once(database: TestDatabase) {
    let first = TestApp::start(database).await;
    let mut second = first.second(&[]).await;
    let token = first.log_in("user1@demo.test").await;
    let order = first.order(&token, "2H", 8).await;
    first.pay(&token, &order, "0000").await;
    first.settle().await;
    first.pass_a_second().await;
    let made = first.router_state().calls["create_user"].done;
    for name in first.router_state().users.into_keys() {
        first.router().remove_by_hand(&name).unwrap();
    }
    first.around.clock.advance(Duration::minutes(10));
    tokio::join!(first.run(Task::SyncUsers), second.run(Task::SyncUsers));
    let state = first.router_state();
    assert_eq!((first.on_router(&order), state.users.len()), (8, 8));
    assert_eq!(state.calls["create_user"].done, made + 8);
    second.stop().await;
    first.end().await;
}
