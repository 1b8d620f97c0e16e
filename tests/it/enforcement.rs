//! Staff end a session on a NAS that obeys, pretends, refuses, keeps silent or shares another secret. Each try is kept,
//! and each ends in a session that accounting or the router calls over, or in an alert.

use std::process::Command;

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use radius::adapters::fake::FakeAnswer;
use serde_json::{Value, json};
use simulators::nas::{Action, Obedience};

use crate::{app::TestApp, process::binary, radius_stage::RadiusStage};

on_both_databases!(
    a_nas_acknowledges_and_the_session_is_gone,
    a_fake_nas_remembers_what_it_was_told,
    a_nas_acknowledges_and_the_session_flows_on,
    a_nas_refuses,
    a_nas_keeps_silent,
    a_nas_that_shares_another_secret_keeps_silent,
    the_router_ends_what_the_nas_does_not,
    a_name_in_other_letters_is_found_without_it,
    an_acknowledged_end_whose_report_is_lost_is_waited_for,
    a_process_that_died_in_a_try_is_followed_by_another,
    what_is_over_cannot_be_ended,
);

async fn stage(database: TestDatabase, patience: &str, described: Value) -> RadiusStage {
    let app = TestApp::with(database, &[("RADIUS_COA_MILLISECONDS", patience)]).await;
    RadiusStage::begin(app, described).await
}

/// The tries as rung, outcome and Error-Cause.
fn tries(enforcement: &Value) -> Vec<(String, String, Option<u64>)> {
    let text = |value: &Value| value.as_str().unwrap_or("under way").to_owned();
    let attempts = enforcement["attempts"].as_array().unwrap().iter();
    attempts.map(|one| (text(&one["rung"]), text(&one["outcome"]), one["error_cause"].as_u64())).collect()
}

fn told(rung: &str, outcome: &str) -> (String, String, Option<u64>) {
    (rung.to_owned(), outcome.to_owned(), None)
}

fn refused(rung: &str, cause: u64) -> (String, String, Option<u64>) {
    (rung.to_owned(), "nak".to_owned(), Some(cause))
}

async fn alerts(stage: &RadiusStage) -> usize {
    let alerts = stage.app.alerts().await;
    alerts.iter().filter(|code| *code == "radius_session_not_ended").count()
}

/// Has amina's session ended, and lets so much time pass, half a minute at a time.
async fn terminate(stage: &RadiusStage, half_minutes: u32) -> Value {
    let session = stage.session("amina").await;
    stage.terminate(&session).await;
    // The NAS is told, then what it reports is taken in.
    stage.take_in().await;
    stage.take_in().await;
    for _ in 0..half_minutes {
        stage.pass(Duration::seconds(30)).await;
    }
    stage.enforcement(&session).await
}

async fn a_nas_acknowledges_and_the_session_is_gone(database: TestDatabase) {
    let stage = stage(database, "1000", json!({})).await;
    let wanted = terminate(&stage, 1).await;
    assert_eq!(tries(&wanted), [told("disconnect", "ack")]);
    assert_eq!(
        (&wanted["settled"], &wanted["wish"], &wanted["reason"]),
        (&json!("closed"), &json!("end"), &json!("staff"))
    );
    assert!(wanted["ended_at"].is_string() && wanted["attempts"][0]["packet_identifier"].is_u64());
    assert!(stage.nas.online().is_empty());
    let session = stage.session("amina").await;
    assert_eq!(stage.app.audited(&format!("radius_session:{session}")).await, ["terminate"]);
    assert_eq!(alerts(&stage).await, 0);
    stage.end().await;
}

async fn a_nas_acknowledges_and_the_session_flows_on(database: TestDatabase) {
    let stage = stage(database, "1000", json!({})).await;
    stage.nas.apply(Action::Obedience(Obedience::Pretend)).await.unwrap();
    let wanted = terminate(&stage, 3).await;
    let expected = [told("disconnect", "ack"), told("disconnect", "ack"), told("router_api", "not_sent")];
    assert_eq!(tries(&wanted), expected);
    assert_eq!((&wanted["settled"], &wanted["ended_at"]), (&json!("alerted"), &Value::Null));
    assert_eq!(alerts(&stage).await, 1);
    // Staff try again when the NAS has come to its senses.
    stage.nas.act(r#"{"do":"heal"}"#).await.unwrap();
    let wanted = terminate(&stage, 1).await;
    assert_eq!((tries(&wanted).len(), &wanted["settled"]), (4, &json!("closed")));
    assert_eq!(wanted["attempts"][3]["revision"], json!(2));
    stage.end().await;
}

async fn a_fake_nas_remembers_what_it_was_told(database: TestDatabase) {
    let app = TestApp::with(database, &[("RADIUS_NAS_FAKE", "true")]).await;
    let stage = RadiusStage::begin(app, json!({})).await;
    let fakes = stage.app.composition.adapters.fakes.nases.clone().unwrap();
    fakes.change("127.0.0.1", |conditions| conditions.answer = FakeAnswer::Away).unwrap();
    let wanted = terminate(&stage, 0).await;
    assert_eq!(tries(&wanted), [told("disconnect", "not_sent"), told("router_api", "not_sent")]);
    assert!(fakes.orders().unwrap().is_empty());
    fakes.change("127.0.0.1", |conditions| conditions.answer = FakeAnswer::Nak(404)).unwrap();
    let wanted = terminate(&stage, 0).await;
    assert_eq!(tries(&wanted)[2], refused("disconnect", 404));
    let [order] = &fakes.orders().unwrap()[..] else { panic!("one order") };
    assert_eq!((order.order.as_str(), order.session_id.as_str()), ("disconnect", "80200000"));
    let shown = shown_by_the_command_line(&stage.app.database);
    assert_eq!(shown.as_array().unwrap().len(), 1, "{shown}");
    assert_eq!((&shown[0]["nas"], &shown[0]["order"]), (&json!("127.0.0.1"), &json!("disconnect")));
    assert_eq!(shown[0]["username"], "amina");
    stage.end().await;
}

/// What `portal fake show nas` prints.
fn shown_by_the_command_line(database: &TestDatabase) -> Value {
    let mut portal = Command::new(binary());
    portal.args(["fake", "show", "nas"]).env_clear().env("APP_ENV", "test").env("RADIUS_NAS_FAKE", "true");
    portal.env("DATABASE_URL", database.url()).env("FAKE_WORLD_PATH", database.folder().join("fake-world"));
    let output = portal.current_dir(database.folder()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}{output:?}"))
}

async fn a_nas_refuses(database: TestDatabase) {
    let stage = stage(database, "1000", json!({})).await;
    stage.nas.apply(Action::Obedience(Obedience::Refuse { cause: 501 })).await.unwrap();
    let wanted = terminate(&stage, 0).await;
    assert_eq!(tries(&wanted), [refused("disconnect", 501), told("router_api", "not_sent")]);
    assert_eq!((&wanted["settled"], alerts(&stage).await), (&json!("alerted"), 1));
    stage.nas.apply(Action::Obedience(Obedience::Refuse { cause: 503 })).await.unwrap();
    let wanted = terminate(&stage, 0).await;
    let expected =
        [refused("disconnect", 503), refused("disconnect_unnamed", 503), told("router_api", "not_sent")];
    assert_eq!(tries(&wanted)[2..], expected);
    assert_eq!(alerts(&stage).await, 2);
    stage.end().await;
}

async fn a_nas_keeps_silent(database: TestDatabase) {
    let stage = stage(database, "20", json!({})).await;
    stage.nas.apply(Action::Obedience(Obedience::Ignore)).await.unwrap();
    let wanted = terminate(&stage, 2).await;
    assert_eq!(tries(&wanted), [told("disconnect", "silence"), told("router_api", "not_sent")]);
    assert_eq!(wanted["attempts"][0]["transmissions"], json!(3));
    assert_eq!((&wanted["settled"], alerts(&stage).await), (&json!("alerted"), 1));
    stage.end().await;
}

async fn a_nas_that_shares_another_secret_keeps_silent(database: TestDatabase) {
    let stage = stage(database, "20", json!({})).await;
    stage.nas.change(|identity| identity.secret = "another-secret".to_owned());
    let wanted = terminate(&stage, 2).await;
    assert_eq!(tries(&wanted), [told("disconnect", "silence"), told("router_api", "not_sent")]);
    assert_eq!((&wanted["settled"], alerts(&stage).await), (&json!("alerted"), 1));
    assert_eq!((stage.nas.heard().dropped, stage.nas.heard().disconnects), (3, 0));
    stage.end().await;
}

async fn the_router_ends_what_the_nas_does_not(database: TestDatabase) {
    let app = TestApp::with(database, &[("RADIUS_COA_MILLISECONDS", "20")]).await;
    let admin = app.log_in("admin@demo.test").await;
    let routers = app.get("/api/v1/admin/routers", &admin).await.data(200);
    let stage = RadiusStage::begin(app, json!({"router_id": routers[0]["id"]})).await;
    let online = stage.nas.online().remove(0);
    stage.app.router().open_session("Amina", &online.mac, online.address.into()).unwrap();
    stage.app.router().open_session("joel", "02:00:5E:00:53:01", "10.5.50.9".parse().unwrap()).unwrap();
    stage.nas.apply(Action::Obedience(Obedience::Ignore)).await.unwrap();
    let wanted = terminate(&stage, 1).await;
    assert_eq!(tries(&wanted), [told("disconnect", "silence"), told("router_api", "removed")]);
    assert_eq!((&wanted["settled"], alerts(&stage).await), (&json!("removed"), 0));
    let left: Vec<_> = stage.app.router_state().sessions.into_iter().map(|left| left.username).collect();
    assert_eq!(left, ["joel"]);
    stage.end().await;
}

async fn a_name_in_other_letters_is_found_without_it(database: TestDatabase) {
    let stage = stage(database, "1000", json!({})).await;
    stage.sign_in("Joel").await;
    let session = stage.session("joel").await;
    stage.terminate(&session).await;
    stage.take_in().await;
    stage.take_in().await;
    let wanted = stage.enforcement(&session).await;
    assert_eq!(tries(&wanted), [refused("disconnect", 503), told("disconnect_unnamed", "ack")]);
    assert_eq!((&wanted["settled"], stage.nas.online().len()), (&json!("closed"), 1));
    stage.end().await;
}

async fn an_acknowledged_end_whose_report_is_lost_is_waited_for(database: TestDatabase) {
    let stage = stage(database, "1000", json!({})).await;
    stage.nas.act(r#"{"do":"fault","packets":"stop","effect":"lose"}"#).await.unwrap();
    let wanted = terminate(&stage, 2).await;
    assert_eq!(tries(&wanted), [told("disconnect", "ack"), refused("disconnect", 503)]);
    assert_eq!((&wanted["settled"], alerts(&stage).await), (&Value::Null, 0));
    // Nothing more is heard of it: accounting takes it for over.
    for _ in 0..5 {
        stage.pass(Duration::minutes(4)).await;
        stage.app.composition.background.radius.close_silent_sessions(100).await.unwrap();
        stage.app.settle().await;
    }
    let session = stage.session("amina").await;
    assert_eq!(stage.enforcement(&session).await["settled"], json!("closed"));
    assert_eq!(alerts(&stage).await, 0);
    stage.end().await;
}

async fn a_process_that_died_in_a_try_is_followed_by_another(database: TestDatabase) {
    let stage = stage(database, "1000", json!({})).await;
    let session = stage.session("amina").await;
    stage.terminate(&session).await;
    // It wrote that it begins, and no more.
    let copied = "INSERT INTO enforcement_attempts (id, session_id, revision, number, rung, begun_at, transmissions) \
                  SELECT session_id, session_id, 1, 1, 'disconnect', asked_at, 0 FROM enforcements";
    assert_eq!(stage.app.database.execute(copied).await, 1);
    stage.take_in().await;
    assert_eq!(tries(&stage.enforcement(&session).await), [told("disconnect", "under way")]);
    assert_eq!(stage.nas.online().len(), 1);
    stage.pass(Duration::seconds(45)).await;
    stage.take_in().await;
    let wanted = stage.enforcement(&session).await;
    assert_eq!(tries(&wanted), [told("disconnect", "unknown"), told("disconnect", "ack")]);
    assert_eq!((&wanted["settled"], stage.nas.online().len()), (&json!("closed"), 0));
    stage.end().await;
}

async fn what_is_over_cannot_be_ended(database: TestDatabase) {
    let stage = stage(database, "1000", json!({})).await;
    let session = stage.session("amina").await;
    let nothing = stage.enforcement(&session).await;
    assert_eq!((&nothing["wish"], &nothing["attempts"]), (&Value::Null, &json!([])));
    stage.nas.act(r#"{"do":"sign-out","user":"amina"}"#).await.unwrap();
    stage.take_in().await;
    let path = format!("/api/v1/admin/radius/sessions/{session}/terminate");
    assert_eq!(stage.app.post(&path, &stage.admin, Value::Null).await.code(409), "session_over");
    let unknown = "/api/v1/admin/radius/sessions/0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92";
    let reply = stage.app.post(&format!("{unknown}/terminate"), &stage.admin, Value::Null).await;
    assert_eq!(reply.code(404), "not_found");
    assert_eq!(stage.app.get(&format!("{unknown}/attempts"), &stage.admin).await.code(404), "not_found");
    let user = stage.app.log_in("user1@demo.test").await;
    assert_eq!(stage.app.post(&path, &user, Value::Null).await.status, 403);
    stage.end().await;
}
