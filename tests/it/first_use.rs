//! Credentials whose time begins with their first use: they wait for it as long as it takes, and then they end.

use chrono::{DateTime, Duration, Utc};
use kernel::Clock as _;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(a_validity_waits_for_its_first_use_and_then_ends);

/// A hotspot user as its owner sees it; staff see the same.
async fn shown(app: &TestApp, username: &str) -> Value {
    let query = format!("hotspot-users?username={username}");
    let (owner, admin) = (app.log_in("user1@demo.test").await, app.log_in("admin@demo.test").await);
    let own = app.get(&format!("/api/v1/{query}"), &owner).await.data(200)[0].clone();
    let seen = app.get(&format!("/api/v1/admin/{query}"), &admin).await.data(200)[0].clone();
    for field in ["status", "first_used_at", "expired_at"] {
        assert_eq!(seen[field], own[field]);
    }
    own
}

fn moment(user: &Value, field: &str) -> DateTime<Utc> {
    user[field].as_str().unwrap().parse().unwrap()
}

async fn a_validity_waits_for_its_first_use_and_then_ends(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, token) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    let offer = json!({
        "name": "1H", "price": {"amount": "1.00", "currency": "CDF"}, "validity_minutes": 60,
        "validity_start": "first_use", "policy": {}, "target": "router",
    });
    app.post("/api/v1/admin/user-profiles", &admin, offer).await.data(201);
    let order = app.order(&token, "1H", 2).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let texts = app.text_messages();
    assert_eq!(texts.len(), 2);
    assert!(
        texts.iter().all(|text| text.text.ends_with("\nValable 1 h dès la première connexion.")),
        "{texts:?}"
    );

    app.pass(Duration::days(1)).await;
    app.tick().await;
    let names: Vec<_> = app.router_state().users.into_keys().collect();
    let [used, unused] = [&names[0], &names[1]];
    for name in &names {
        let user = shown(&app, name).await;
        assert_eq!((&user["status"], &user["expired_at"]), (&json!("active"), &Value::Null));
    }

    app.router().open_session(used, "02:00:00:00:00:01", "10.5.50.2".parse().unwrap()).unwrap();
    app.pass(Duration::minutes(2)).await;
    app.tick().await;
    let user = shown(&app, used).await;
    let first_use = app.around.clock.now();
    assert_eq!(moment(&user, "first_used_at"), first_use);
    assert_eq!(moment(&user, "expired_at"), first_use + Duration::minutes(60));

    // Being signed in still is no first use.
    app.pass(Duration::minutes(59)).await;
    app.tick().await;
    assert_eq!(shown(&app, used).await, user);
    assert_eq!(app.on_router(&order), 2);

    app.pass(Duration::minutes(15)).await;
    app.tick().await;
    assert_eq!(shown(&app, used).await["status"], "expired");
    let state = app.router_state();
    assert_eq!((state.users.into_keys().collect::<Vec<_>>(), state.sessions), (vec![unused.clone()], vec![]));
    let user_id = user["id"].as_str().unwrap();
    assert_eq!(app.audited(&format!("hotspot_user:{user_id}")).await, ["begin", "expire"]);
    let waiting = shown(&app, unused).await;
    assert_eq!((&waiting["status"], &waiting["first_used_at"]), (&json!("active"), &Value::Null));
    app.end().await;
}
