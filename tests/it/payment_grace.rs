//! While a guest's wallet is asked to pay, the guest may be online for a moment, where the site grants it.

use chrono::Duration;
use hotspot::adapters::fake::FakeUser;
use kernel::AccessPolicy;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::policy::{Decision, Refusal};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{Reply, TestApp},
    guests::Guest,
    radius_sales::package,
};

on_both_databases!(
    no_site_grants_anything_at_first,
    a_guest_is_online_slowly_until_the_credentials_are_ready,
    the_grace_ends_with_a_payment_that_fails,
    a_payment_that_fails_at_once_gives_no_grace,
    the_grace_ends_by_itself_and_does_not_come_again,
    a_phone_and_an_address_get_it_only_so_often,
    of_two_payments_at_once_one_is_the_last_within_the_limit,
    an_account_gets_none,
    what_a_router_refuses_is_nobodys_trouble,
    it_is_the_same_by_radius,
    what_is_wrong_with_the_option_is_named,
);

/// The phone whose wallet keeps its owner waiting.
const SILENT: &str = "0003";

async fn path(app: &TestApp, admin: &str) -> String {
    let sites = app.get("/api/v1/admin/sites", admin).await.data(200);
    format!("/api/v1/admin/sites/{}/payment-grace", sites[0]["id"].as_str().unwrap())
}

/// Says what the main site grants.
pub async fn set(app: &TestApp, grace: Value) -> Reply {
    let admin = app.log_in("admin@demo.test").await;
    app.send(Method::PUT, &path(app, &admin).await, Some(&admin), Some(grace)).await
}

/// A portal whose main site grants it.
async fn granting(database: TestDatabase, settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::with(database, settings).await;
    set(&app, json!({"enabled": true})).await.data(200);
    app
}

/// What the router has for an order's grace.
fn on_router(app: &TestApp, guest: &Guest) -> Option<FakeUser> {
    let marker = format!("o:{}#0", guest.order);
    app.router_state().users.into_values().find(|user| user.comment == marker)
}

/// A guest whose payment waits.
async fn waiting(app: &TestApp, suffix: &str) -> Guest {
    let guest = Guest::order(app).await;
    guest.pay(app, suffix).await.data(202);
    app.settle().await;
    guest
}

/// That neither the router nor the guest has anything of it, and that nobody was told of it.
async fn assert_gone(app: &TestApp, guest: &Guest) {
    assert_eq!(on_router(app, guest), None);
    assert_eq!(guest.shown(app).await["grace"], Value::Null);
}

/// Ends what waits, so that nothing is left to do.
async fn end(app: TestApp) {
    app.pass(Duration::minutes(20)).await;
    app.run(Task::ExpireUsers).await;
    app.end().await;
}

async fn no_site_grants_anything_at_first(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let path = path(&app, &admin).await;
    let default = json!({
        "enabled": false, "minutes": 5, "upload_kbps": 256, "download_kbps": 256, "data_cap_bytes": 10_000_000,
    });
    assert_eq!(app.get(&path, &admin).await.data(200), default);
    let guest = waiting(&app, SILENT).await;
    assert_gone(&app, &guest).await;
    assert_eq!((app.router_users().len(), app.events("PaymentGraceGranted").await), (0, 0));
    end(app).await;
}

async fn a_guest_is_online_slowly_until_the_credentials_are_ready(database: TestDatabase) {
    let app = granting(database, &[]).await;
    let guest = waiting(&app, "0000").await;
    let user = on_router(&app, &guest).unwrap();
    let policy = AccessPolicy {
        upload_kbps: Some(256),
        download_kbps: Some(256),
        data_cap_bytes: Some(10_000_000),
        simultaneous_use: Some(1),
        ..AccessPolicy::default()
    };
    assert_eq!((user.policy, user.disabled), (policy, false));
    let reply = guest.get(&app, &format!("/api/v1/orders/{}", guest.order)).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let shown = reply.data(200);
    assert_eq!((&shown["status"], &shown["units"]), (&json!("pending"), &json!([])));
    let grace = &shown["grace"];
    assert_eq!((&grace["username"], &grace["password"]), (&json!(user.name), &json!(user.password)));
    let end = (app.around.ambient().now() + Duration::minutes(5)).timestamp();
    let shown_end: chrono::DateTime<chrono::Utc> = grace["expired_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(shown_end.timestamp(), end);
    // It is not what was bought, and nobody is told of it.
    assert_eq!((guest.credentials(&app).await, app.text_messages().len()), (json!([]), 0));
    app.router().open_session(&user.name, "AA:BB:CC:00:11:22", "10.5.50.2".parse().unwrap()).unwrap();

    app.pass_a_second().await;
    assert_eq!(guest.shown(&app).await["status"], "completed");
    assert_gone(&app, &guest).await;
    assert_eq!((app.on_router(&guest.order), app.router_state().sessions.len()), (1, 0));
    let credentials = guest.credentials(&app).await;
    assert_eq!((credentials.as_array().unwrap().len(), &credentials[0]["number"]), (1, &json!(1)));
    let messages = app.text_messages();
    assert_eq!(messages.len(), 1);
    assert!(!messages[0].text.contains(&user.name), "{}", messages[0].text);
    staff_know_it_from_what_was_bought(&app, &guest).await;
    app.end().await;
}

/// It is marked in the list of staff, whose retry of the order leaves it alone and whose view has no password.
async fn staff_know_it_from_what_was_bought(app: &TestApp, guest: &Guest) {
    let admin = app.log_in("admin@demo.test").await;
    let path = format!("/api/v1/admin/hotspot-users?order_id={}", guest.order);
    let listed = app.get(&path, &admin).await.data(200);
    let grace = listed.as_array().unwrap().iter().find(|user| user["unit_number"] == 0).unwrap().clone();
    assert_eq!(
        (&grace["status"], &grace["package_name"], &grace["phone"]),
        (&json!("revoked"), &json!("payment grace"), &Value::Null)
    );
    let path = format!("/api/v1/admin/orders/{}/provision", guest.order);
    let again = app.post(&path, &admin, json!({})).await;
    assert!(again.status.is_success(), "{}", again.body);
    app.settle().await;
    assert_eq!(app.on_router(&guest.order), 1);
    let seen = app.get(&format!("/api/v1/admin/orders/{}", guest.order), &admin).await.data(200);
    assert_eq!(seen.get("grace"), None);
    assert_eq!(app.audited(&format!("hotspot_user:{}", grace["id"].as_str().unwrap())).await, ["revoke"]);
}

async fn the_grace_ends_with_a_payment_that_fails(database: TestDatabase) {
    let app = granting(database, &[]).await;
    let guest = waiting(&app, "0001").await;
    assert!(on_router(&app, &guest).is_some());
    app.pass_a_second().await;
    assert_gone(&app, &guest).await;
    // The same order gets none for its second payment, which pays all the same.
    guest.pay(&app, "0000").await.data(202);
    app.settle().await;
    assert_gone(&app, &guest).await;
    app.pass_a_second().await;
    assert_eq!(
        (guest.shown(&app).await["status"].clone(), app.on_router(&guest.order)),
        (json!("completed"), 1)
    );
    assert_eq!((app.events("PaymentGraceGranted").await, app.alerts().await.len()), (1, 0));
    app.end().await;
}

async fn a_payment_that_fails_at_once_gives_no_grace(database: TestDatabase) {
    let app = granting(database, &[]).await;
    let guest = waiting(&app, "0013").await;
    assert_eq!(guest.shown(&app).await["payments"][0]["status"], "failed");
    // Its end was known before it was heard of.
    let admin = app.log_in("admin@demo.test").await;
    assert_eq!(app.get("/api/v1/admin/hotspot-users", &admin).await.data(200), json!([]));
    assert_eq!(app.events("PaymentGraceGranted").await, 1);
    end(app).await;
}

async fn the_grace_ends_by_itself_and_does_not_come_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    set(&app, json!({"enabled": true, "minutes": 2, "upload_kbps": 64, "download_kbps": 128}))
        .await
        .data(200);
    let guest = waiting(&app, SILENT).await;
    let user = on_router(&app, &guest).unwrap();
    assert_eq!((user.policy.upload_kbps, user.policy.download_kbps), (Some(64), Some(128)));
    app.pass(Duration::seconds(119)).await;
    app.run(Task::ExpireUsers).await;
    app.run(Task::SyncUsers).await;
    assert!(on_router(&app, &guest).is_some());
    // Nothing is shown after its end, even before its end was noticed.
    app.pass(Duration::seconds(1)).await;
    assert_eq!(guest.shown(&app).await["grace"], Value::Null);
    app.run(Task::ExpireUsers).await;
    assert_gone(&app, &guest).await;
    app.run(Task::SyncUsers).await;
    assert_gone(&app, &guest).await;
    // The payment waits on, and is paid late.
    assert_eq!(guest.shown(&app).await["payments"][0]["status"], "pending");
    let success = crate::witnesses::success_of(&app.last_charge());
    app.hear(&success).await;
    assert_eq!((app.on_router(&guest.order), app.text_messages().len()), (1, 1));
    app.end().await;
}

async fn a_phone_and_an_address_get_it_only_so_often(database: TestDatabase) {
    let limits = [("PAYMENT_GRACE_LIMIT_PER_NUMBER_DAY", "1"), ("PAYMENT_GRACE_LIMIT_PER_IP_DAY", "2")];
    let app = granting(database, &limits).await;
    let has_it = async |suffix: &str| {
        let guest = waiting(&app, suffix).await;
        on_router(&app, &guest).is_some()
    };
    assert!(has_it(SILENT).await);
    assert!(!has_it(SILENT).await);
    assert!(has_it("0015").await);
    assert!(!has_it("1003").await);
    app.pass(Duration::hours(24)).await;
    assert!(has_it(SILENT).await);
    end(app).await;
}

async fn of_two_payments_at_once_one_is_the_last_within_the_limit(database: TestDatabase) {
    let limits = [("PAYMENT_GRACE_LIMIT_PER_NUMBER_DAY", "1")];
    let app = granting(database, &limits).await;
    let mut other = app.second(&limits).await;
    let (one, two) = (Guest::order(&app).await, Guest::order(&app).await);
    let (first, second) = tokio::join!(one.pay(&app, SILENT), two.pay(&other, SILENT));
    first.data(202);
    second.data(202);
    app.settle().await;
    let online = [&one, &two].into_iter().filter(|guest| on_router(&app, guest).is_some());
    assert_eq!((online.count(), app.events("PaymentGraceGranted").await), (1, 1));
    other.stop().await;
    end(app).await;
}

async fn an_account_gets_none(database: TestDatabase) {
    let app = granting(database, &[]).await;
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    app.pay(&token, &order, SILENT).await;
    app.settle().await;
    assert_eq!((app.on_router(&order), app.events("PaymentGraceGranted").await), (0, 0));
    assert_eq!(app.get(&format!("/api/v1/orders/{order}"), &token).await.data(200)["grace"], Value::Null);
    end(app).await;
}

async fn what_a_router_refuses_is_nobodys_trouble(database: TestDatabase) {
    let app = granting(database, &[]).await;
    app.router().change(|conditions| conditions.refuse("#0", "invalid value")).unwrap();
    let guest = waiting(&app, "0007").await;
    for _ in 0..hotspot::jobs::GIVE_UP_AFTER {
        app.pass(Duration::seconds(20)).await;
    }
    assert_gone(&app, &guest).await;
    let admin = app.log_in("admin@demo.test").await;
    let listed = app.get("/api/v1/admin/hotspot-users", &admin).await.data(200);
    assert_eq!(listed[0]["status"], "failed");
    assert_eq!((app.alerts().await.len(), app.events("HotspotUserFailed").await), (0, 0));
    app.pass(Duration::minutes(2)).await;
    assert_eq!(guest.shown(&app).await["status"], "completed");
    let listed = app.get("/api/v1/admin/hotspot-users?status=failed", &admin).await.data(200);
    assert_eq!((listed, app.on_router(&guest.order)), (json!([]), 1));
    app.end().await;
}

async fn it_is_the_same_by_radius(database: TestDatabase) {
    let app = granting(database, &[]).await;
    let admin = app.log_in("admin@demo.test").await;
    let campus = app.post("/api/v1/admin/user-profiles", &admin, package("creation")).await.data(201);
    let guest = Guest::ordering(&app, json!({"user_profile_id": campus["id"]})).await;
    guest.pay(&app, "0000").await.data(202);
    app.settle().await;
    let grace = guest.shown(&app).await["grace"].clone();
    let name = grace["username"].as_str().unwrap().to_owned();
    let decision = async || app.composition.services.radius.explain(&name, None).await.unwrap().decision;
    let Decision::Accept(replies) = decision().await else { panic!("{name} gets in") };
    let rate = replies.iter().find(|reply| reply.name == "Mikrotik-Rate-Limit").unwrap();
    assert_eq!((rate.value.as_str(), app.router_users().len()), ("256k/256k", 0));
    app.pass_a_second().await;
    assert_eq!(decision().await, Decision::Refuse(Refusal::Unknown));
    assert_eq!(guest.credentials(&app).await.as_array().unwrap().len(), 1);
    assert_eq!(guest.shown(&app).await["grace"], Value::Null);
    end(app).await;
}

async fn what_is_wrong_with_the_option_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for (field, wrong) in [
        ("minutes", 0),
        ("minutes", 16),
        ("upload_kbps", 63),
        ("upload_kbps", 2_049),
        ("download_kbps", 63),
        ("data_cap_bytes", 999_999),
        ("data_cap_bytes", 100_000_001),
    ] {
        let refused = set(&app, json!({"enabled": true, field: wrong})).await;
        assert!(refused.body["errors"][field].is_array(), "{field}: {}", refused.body);
        assert_eq!(refused.code(422), "validation_failed");
    }
    assert!(set(&app, json!({})).await.body["errors"]["enabled"].is_array());
    let set_to = json!({
        "enabled": true, "minutes": 15, "upload_kbps": 64, "download_kbps": 2_048, "data_cap_bytes": 1_000_000,
    });
    assert_eq!(set(&app, set_to.clone()).await.data(200), set_to);
    let admin = app.log_in("admin@demo.test").await;
    let path = path(&app, &admin).await;
    assert_eq!(app.get(&path, &admin).await.data(200), set_to);
    let resource = path.strip_prefix("/api/v1/admin/sites/").unwrap().strip_suffix("/payment-grace").unwrap();
    assert_eq!(app.audited(&format!("site:{resource}")).await, ["payment_grace"]);
    let nowhere = path.replace(resource, "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90");
    assert_eq!(app.get(&nowhere, &admin).await.code(404), "not_found");
    let refused = app.send(Method::PUT, &nowhere, Some(&admin), Some(json!({"enabled": false}))).await;
    assert_eq!(refused.code(404), "not_found");
    app.end().await;
}
