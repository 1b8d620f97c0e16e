//! A campus for a test: a portal with a promotion of students, a NAS that signs them in, reports what they use and obeys,
//! and between them the RADIUS server: the portal's own, or a real FreeRADIUS.
//!
//! The clock begins two days ago at noon UTC, so that what a NAS tells is never ahead of the database, by whose clock
//! FreeRADIUS writes, and midnight in Kinshasa is eleven hours away.

use std::net::SocketAddr;

use chrono::{Duration, DurationRound as _};
use kernel::{Ambient, Clock as _, testing::Surroundings};
use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};
use simulators::nas::{Action, ActionError, Identity, NasSimulator, Online, Options};

use crate::{
    app::TestApp,
    freeradius::{FreeRadius, SECRET},
};

/// What every student signs in with.
pub const PASSWORD: &str = "correct horse battery";
pub const PROFILES: &str = "/api/v1/admin/access-profiles";
pub const PROMOTIONS: &str = "/api/v1/admin/promotions";
pub const USERS: &str = "/api/v1/admin/users";
const NAS_CLIENTS: &str = "/api/v1/admin/radius/nas-clients";
const EMBEDDED: &[(&str, &str)] =
    &[("RADIUS_MODE", "embedded"), ("RADIUS_AUTH_ADDR", "127.0.0.1:0"), ("RADIUS_ACCT_ADDR", "127.0.0.1:0")];

pub struct Campus {
    pub app: TestApp,
    pub nas: NasSimulator,
    pub admin: String,
    pub profile: String,
    pub promotion: String,
    _freeradius: Option<FreeRadius>,
}

impl Campus {
    /// A campus whose students have this profile, with the portal's own RADIUS server.
    pub async fn embedded(database: TestDatabase, profile: Value) -> Self {
        let app = TestApp::on(database.into(), EMBEDDED, around(), None).await;
        let (auth, acct) = app.radius().addresses();
        let (admin, client) = know_the_nas(&app).await;
        Self::with(app, (auth, acct), None, (admin, client, profile)).await
    }

    /// The same with a FreeRADIUS, if there is one.
    pub async fn with_freeradius(profile: Value) -> Option<Self> {
        let database = FreeRadius::database().await?;
        let app = TestApp::on(database.into(), &[], around(), None).await;
        let (admin, client) = know_the_nas(&app).await;
        let server = FreeRadius::on(app.database.clone()).await?;
        let ports = (server.server.auth, server.server.acct);
        Some(Self::with(app, ports, Some(server), (admin, client, profile)).await)
    }

    async fn with(
        app: TestApp,
        (auth, acct): (SocketAddr, SocketAddr),
        freeradius: Option<FreeRadius>,
        (admin, client, profile): (String, Value, Value),
    ) -> Self {
        let mut options = Options::asking(auth, acct);
        options.identity = Identity { secret: SECRET.to_owned(), ..Identity::default() };
        options.ambient = app.around.ambient();
        let nas = NasSimulator::start(options).await.unwrap();
        let described = json!({"name": "hall", "address": "127.0.0.1", "coa_port": nas.coa_addr().port()});
        let path = format!("{NAS_CLIENTS}/{}", id(&client));
        app.send(Method::PUT, &path, Some(&admin), Some(described)).await.data(200);
        let profile = id(&app.post(PROFILES, &admin, profile).await.data(201));
        let body = json!({"name": "L1", "access_profile_id": profile});
        let promotion = id(&app.post(PROMOTIONS, &admin, body).await.data(201));
        Self { app, nas, admin, profile, promotion, _freeradius: freeradius }
    }

    /// A student who may sign in as `et-<number>`, and gives the account's id.
    pub async fn student(&self, number: u32) -> String {
        let body = json!({
            "first_name": "Élodie", "last_name": format!("Mbuyi {number}"), "matricule": format!("ET-{number}"),
            "password": PASSWORD, "promotion_id": self.promotion,
        });
        let user = id(&self.app.post(USERS, &self.admin, body).await.data(201));
        self.app.settle().await;
        let path = format!("/api/v1/promotions/{}/activate", self.promotion);
        self.app.post(&path, &self.admin, json!({"user_ids": [user]})).await.data(200);
        user
    }

    /// Staff change something, and what follows from it is done.
    pub async fn put(&self, path: &str, body: Value) {
        self.app.send(Method::PUT, path, Some(&self.admin), Some(body)).await.data(200);
        self.app.settle().await;
    }

    /// Somebody signs in at the NAS.
    pub async fn sign_in(&self, user: &str) -> Result<(), ActionError> {
        let action = json!({"do": "sign-in", "user": user, "password": PASSWORD}).to_string();
        self.nas.act(&action).await?;
        self.take_in().await;
        Ok(())
    }

    /// Everybody with this name leaves.
    pub async fn sign_out(&self, user: &str) {
        self.nas.apply(Action::SignOut { user: user.to_owned(), address: None }).await.unwrap();
        self.take_in().await;
    }

    /// Each session of somebody carries so many bytes to the device, and the NAS reports it.
    pub async fn transfer(&self, user: &str, bytes: u64) {
        let user = user.to_owned();
        let carried =
            Action::Transfer { user: user.clone(), address: None, upload_bytes: 0, download_bytes: bytes };
        self.nas.apply(carried).await.unwrap();
        self.nas.apply(Action::Report { user, address: None }).await.unwrap();
        self.take_in().await;
    }

    /// What the NAS has reported is taken in, and everything is done that can be; and once more for what it reports
    /// of that.
    pub async fn take_in(&self) {
        for _ in 0..2 {
            self.nas.settle().await;
            self.app.composition.background.radius.have_accounting_ingested().await.unwrap();
            self.app.settle().await;
        }
    }

    /// Lets time pass, with what the NAS reports meanwhile.
    pub async fn pass(&self, time: Duration) {
        self.app.around.clock.advance(time);
        self.take_in().await;
    }

    /// Who is online with this name, by the NAS's own account.
    pub fn online(&self, user: &str) -> Vec<Online> {
        self.nas.online().into_iter().filter(|online| online.user == user).collect()
    }

    /// The one session of somebody: rates up and down, and how long it may last.
    pub fn limits(&self, user: &str) -> (Option<u32>, Option<u32>, Option<u64>) {
        let [online] = &self.online(user)[..] else { panic!("{user} has not one session") };
        (online.upload_kbps, online.download_kbps, online.session_timeout)
    }

    /// What was wanted of each session with this name, the latest session first.
    pub async fn enforcements(&self, user: &str) -> Vec<Value> {
        let path = format!("/api/v1/admin/radius/sessions?username={user}");
        let sessions = self.app.get(&path, &self.admin).await.data(200);
        let mut found = Vec::new();
        for session in sessions.as_array().unwrap() {
            let path = format!("/api/v1/admin/radius/sessions/{}/attempts", id(session));
            found.push(self.app.get(&path, &self.admin).await.data(200));
        }
        found
    }

    /// Ends the test, when whatever was to be looked at later has been.
    pub async fn end(self) {
        self.pass(Duration::minutes(5)).await;
        self.nas.shut_down().await;
        self.app.end().await;
    }
}

fn around() -> Surroundings {
    let around = Surroundings::new();
    let today = Ambient::system().now().duration_trunc(Duration::days(1)).unwrap();
    around.clock.advance(today - Duration::hours(36) - around.clock.now());
    around
}

/// The NAS is made known, though not yet where it takes orders.
async fn know_the_nas(app: &TestApp) -> (String, Value) {
    let admin = app.log_in("admin@demo.test").await;
    let body = json!({"name": "hall", "address": "127.0.0.1", "secret": SECRET});
    let client = app.post(NAS_CLIENTS, &admin, body).await.data(201);
    (admin, client)
}

/// The id of what was answered.
pub fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

/// The tries of one session as rung, outcome and reason, over all that was wanted of it.
pub fn tries(enforcement: &Value) -> Vec<(&str, &str)> {
    let attempts = enforcement["attempts"].as_array().unwrap().iter();
    attempts
        .map(|one| (one["rung"].as_str().unwrap(), one["outcome"].as_str().unwrap_or("under way")))
        .collect()
}
