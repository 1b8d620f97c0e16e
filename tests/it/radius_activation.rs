//! A student from the registration to the end of the access, with a real FreeRADIUS before the door; and what is written
//! on the way, in which no password is.

use std::sync::LazyLock;

use kernel::{
    Ambient, Clock as _, Origin,
    id::ids::{AccessProfileId, UserId},
    testing::Surroundings,
};
use radius::{access_profile::Limits, testing::terms};
use reqwest::Method as Http;
use serde_json::json;

use crate::{
    app::TestApp,
    freeradius::FreeRadius,
    radius_wire::{Method, NAS, RadiusServer},
    secrets::{LOG, assert_holds_none, dump},
};

const PASSWORD: &str = "Zebra-Quartz 47é11";
const WRONG_GUESS: &str = "Zebra-Quartz 47é12";

/// A portal whose clock shows the real time, which FreeRADIUS goes by, and an account that has just registered.
struct Campus {
    app: TestApp,
    radius: FreeRadius,
    user: UserId,
}

impl Campus {
    async fn open() -> Option<Self> {
        let database = FreeRadius::database().await?;
        let around = Surroundings::new();
        around.clock.advance(Ambient::system().now() - around.clock.now());
        let app = TestApp::on(database.into(), &[], around, None).await;
        let radius = FreeRadius::on(app.database.clone()).await?;
        let form = json!({
            "first_name": "Élodie", "last_name": "Mbuyi", "matricule": "2024-ISC-0017",
            "password": PASSWORD, "password_confirmation": PASSWORD, "locale": "en",
        });
        let registered = app.send(Http::POST, "/api/v1/auth/register", None, Some(form)).await.data(201);
        let user = registered["user"]["id"].as_str().unwrap().parse().unwrap();
        app.settle().await;
        Some(Self { app, radius, user })
    }

    /// Makes a profile of a rate.
    async fn profile(&self, download_kbps: u32) -> AccessProfileId {
        let limits = Limits {
            upload_kbps: Some(512),
            download_kbps: Some(download_kbps),
            session_timeout_seconds: Some(3_600),
            ..Limits::default()
        };
        let terms = terms(&format!("{download_kbps} kbit/s"), limits);
        let profile = self.app.composition.services.radius.create_profile(terms, &staff()).await;
        profile.unwrap().id
    }

    async fn assign(&self, profile: AccessProfileId) {
        let services = &self.app.composition.services;
        let because = "for the test".to_owned();
        services.radius.assign_profile(self.user, Some(profile), because, &staff()).await.unwrap();
        self.app.settle().await;
    }

    /// What somebody who signs in as the student gets by every way of proving the password.
    fn sign_in(&self, password: &str) -> String {
        let server: &RadiusServer = &self.radius.server;
        let answers = [Method::Pap, Method::Chap].map(|method| {
            let answer = server.sign_in(method, "2024-isc-0017", password).unwrap();
            let rate = answer.attributes.get("Mikrotik-Rate-Limit");
            rate.map_or(answer.code, |rate| rate.join(", "))
        });
        assert_eq!(answers[0], answers[1]);
        answers[0].clone()
    }
}

fn staff() -> Origin {
    Origin::system("test")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_student_gets_in_from_the_activation_to_its_end_and_no_password_is_written_down() {
    let log = LazyLock::force(&LOG);
    let Some(campus) = Campus::open().await else { return };
    let services = &campus.app.composition.services;
    assert_eq!(campus.sign_in(PASSWORD), "Access-Reject");

    campus.assign(campus.profile(2_048).await).await;
    services.radius.enable_wifi(campus.user, &staff()).await.unwrap();
    assert_eq!(campus.sign_in(PASSWORD), "512k/2048k");
    assert_eq!(campus.sign_in(WRONG_GUESS), "Access-Reject");

    // Another profile while the access lasts.
    campus.assign(campus.profile(64).await).await;
    assert_eq!(campus.sign_in(PASSWORD), "512k/64k");

    services.radius.disable_wifi(campus.user, &staff()).await.unwrap();
    assert_eq!(campus.sign_in(PASSWORD), "Access-Reject");
    services.radius.enable_wifi(campus.user, &staff()).await.unwrap();
    campus.app.settle().await;
    assert_eq!(campus.sign_in(PASSWORD), "512k/64k");

    let started = [
        ("Acct-Status-Type", "Start"),
        ("User-Name", "2024-ISC-0017"),
        ("Acct-Session-Id", "1"),
        ("NAS-IP-Address", NAS),
    ];
    assert!(campus.radius.server.account(&started).is_some());
    campus.app.settle().await;

    // Where they have to be.
    campus.app.database.execute("DELETE FROM radcheck; DELETE FROM nas").await;
    let secrets = [PASSWORD, WRONG_GUESS].map(str::to_owned);
    for (place, text) in [
        ("the database", dump(&campus.app).await),
        ("the portal's log", log.text()),
        ("FreeRADIUS's log", campus.radius.log()),
    ] {
        assert!(!text.is_empty(), "nothing was found in {place}");
        assert_holds_none(place, &text, &secrets);
    }
}
