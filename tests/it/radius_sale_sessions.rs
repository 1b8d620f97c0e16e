//! Who is online with what was sold by RADIUS: seen through accounting, shown as a session on a router is, and ended
//! by the NAS.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::{
    nas_client::Vendor,
    policy::{Decision, Refusal},
};
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    radius_sales::{bought, buy},
    radius_stage::RadiusStage,
};

on_both_databases!(
    a_session_is_shown_and_ended_by_staff,
    a_session_ends_with_its_credentials,
    a_validity_begins_with_the_first_session,
    what_was_used_is_not_given_again,
    the_buyer_is_told_when_little_is_left,
);

struct Online {
    stage: RadiusStage,
    owner: String,
    id: String,
    name: String,
    device: String,
}

impl Online {
    /// Somebody has bought credentials by RADIUS, and is online with them.
    async fn begin(database: TestDatabase, validity_start: &str) -> Self {
        let stage = RadiusStage::begin(TestApp::start(database).await, json!({})).await;
        let (admin, owner, _) = buy(&stage.app, validity_start).await;
        stage.app.settle().await;
        let (id, name) = bought(&stage.app, &admin).await;
        stage.sign_in(&name).await;
        stage.app.run(Task::SyncSessions).await;
        let device = stage.nas.online().into_iter().find(|online| online.user == name).unwrap().mac;
        Self { stage, owner, id, name, device }
    }

    async fn pass(&self, minutes: i64) {
        for _ in 0..minutes {
            self.stage.pass(Duration::minutes(1)).await;
            self.stage.app.run(Task::SyncSessions).await;
        }
    }

    async fn sessions(&self) -> Vec<Value> {
        self.stage.app.get("/api/v1/sessions", &self.owner).await.data(200).as_array().unwrap().clone()
    }

    /// Whether the NAS lets the device through.
    fn is_online(&self) -> bool {
        self.stage.nas.online().iter().any(|session| session.user == self.name)
    }

    /// What a RADIUS server answers to the same device.
    async fn answer(&self) -> Decision {
        let radius = &self.stage.app.composition.services.radius;
        let device = Some(self.device.as_str());
        radius.decide_login(&self.name, &|_| true, device, Vendor::Mikrotik).await.unwrap().0
    }

    async fn user(&self) -> Value {
        let path = format!("/api/v1/hotspot-users/{}", self.id);
        self.stage.app.get(&path, &self.owner).await.data(200)
    }
}

async fn a_session_is_shown_and_ended_by_staff(database: TestDatabase) {
    let online = Online::begin(database, "creation").await;
    online.pass(7).await;
    let sessions = online.sessions().await;
    assert_eq!(sessions.len(), 1, "it is one session, however often it is looked at: {sessions:?}");
    let [session] = &sessions[..] else { panic!("one session") };
    assert_eq!((&session["username"], &session["closed_at"]), (&json!(online.name), &Value::Null));
    assert_eq!(session["hotspot_user_id"], json!(online.id));
    let app = &online.stage.app;
    let path = format!("/api/v1/admin/sessions/{}", session["id"].as_str().unwrap());
    let limit = json!({"upload_kbps": 64, "download_kbps": 64});
    let limited = app.post(&format!("{path}/rate-limit"), &online.stage.admin, limit).await;
    assert_eq!(limited.code(409), "router_is_radius");
    app.post(&format!("{path}/terminate"), &online.stage.admin, Value::Null).await.data(202);
    app.settle().await;
    assert!(!online.is_online());
    online.pass(1).await;
    let ended = online.sessions().await.remove(0);
    assert!(ended["closed_at"].is_string(), "{ended}");
    assert!(matches!(online.answer().await, Decision::Accept(_)), "the credentials stay good");
    online.stage.end().await;
}

async fn a_session_ends_with_its_credentials(database: TestDatabase) {
    let online = Online::begin(database, "creation").await;
    online.pass(2).await;
    let path = format!("/api/v1/admin/hotspot-users/{}/revoke", online.id);
    online.stage.app.post(&path, &online.stage.admin, json!({})).await.data(202);
    online.stage.app.settle().await;
    assert!(!online.is_online());
    online.pass(2).await;
    assert!(online.sessions().await.iter().all(|session| session["closed_at"].is_string()));
    assert_eq!(online.answer().await, Decision::Refuse(Refusal::Unknown));
    online.stage.end().await;
}

async fn a_validity_begins_with_the_first_session(database: TestDatabase) {
    let online = Online::begin(database, "first_use").await;
    let user = online.user().await;
    assert!(user["expired_at"].is_string(), "{user}");
    online.stage.end().await;
}

async fn what_was_used_is_not_given_again(database: TestDatabase) {
    let online = Online::begin(database, "creation").await;
    online.pass(11).await;
    let used: i64 = online
        .stage
        .app
        .database
        .texts("SELECT CAST(up + down AS TEXT) FROM radius_sessions WHERE subscriber_id IS NOT NULL")
        .await
        .iter()
        .map(|bytes| bytes.parse::<i64>().unwrap())
        .sum();
    assert!(used > 0, "the NAS has reported");
    let left = format!("Mikrotik-Total-Limit := {}", (1_i64 << 30) - used);
    let sql = format!(
        "SELECT attribute || ' ' || op || ' ' || value FROM radreply WHERE username = '{}' AND attribute LIKE '%Total%'",
        online.name.to_lowercase()
    );
    assert_eq!(online.stage.app.database.texts(&sql).await, std::slice::from_ref(&left));
    let Decision::Accept(replies) = online.answer().await else { panic!("it does not stand in its own way") };
    assert!(replies.iter().any(|reply| format!("{} := {}", reply.name, reply.value) == left), "{replies:?}");
    online.stage.end().await;
}

async fn the_buyer_is_told_when_little_is_left(database: TestDatabase) {
    let online = Online::begin(database, "creation").await;
    let app = &online.stage.app;
    // 1 GiB was sold; the NAS has counted all but 1 %.
    let counted = format!(
        "UPDATE radacct SET acctinputoctets = {}, acctsessiontime = 60 WHERE username = '{}'",
        (1_u64 << 30) / 100 * 99,
        online.name.to_lowercase()
    );
    app.database.execute(&counted).await;
    app.run(Task::IngestAccounting).await;
    let named = format!("{} : vous avez utilisé 98 % de votre volume Internet au total.", online.name);
    let told = || app.text_messages().into_iter().filter(|message| message.text.contains(&named)).count();
    assert_eq!(told(), 1, "{:?}", app.text_messages());
    let inbox = app.get("/api/v1/notifications", &online.owner).await.data(200);
    let critical: Vec<_> =
        inbox.as_array().unwrap().iter().filter(|entry| entry["type"] == "quota_critical").collect();
    assert_eq!(critical.len(), 1, "{inbox}");
    assert_eq!(critical[0]["link"], "/api/v1/hotspot-users");
    // Once.
    app.run(Task::CheckProfileAlerts).await;
    assert_eq!(told(), 1);
    // What an account has used by itself is not what it has bought.
    let sessions = app.get("/api/v1/radius-sessions", &online.owner).await.data(200);
    assert_eq!(sessions, json!([]));
    online.stage.end().await;
}
