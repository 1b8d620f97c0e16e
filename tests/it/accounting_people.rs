//! Who is online in a history of accounting, and the NAS at which.

use kernel::{Id, Origin, id::ids::UserId};
use radius::access_profile::{Limits, Quota, Terms};
use reqwest::Method;
use serde_json::json;

use crate::{app::TestApp, freeradius::SECRET};

const PEOPLE: [&str; 3] = ["user1@demo.test", "user2@demo.test", "user3@demo.test"];
pub const NAS_CLIENTS: &str = "/api/v1/admin/radius/nas-clients";

/// Somebody with an account and the Wi-Fi.
pub struct Person {
    pub login: &'static str,
    pub username: String,
    pub secret: String,
    pub id: UserId,
    /// The subscriber, as the database writes it.
    pub subscriber: String,
    /// What the portal has last said to be used.
    pub used: u64,
}

/// Lets this machine ask as a NAS.
pub async fn make_known(app: &TestApp) {
    let admin = app.log_in("admin@demo.test").await;
    let nas = json!({"name": "hall", "address": "127.0.0.1", "secret": SECRET});
    app.post(NAS_CLIENTS, &admin, nas).await.data(201);
}

/// Everybody signed up for the Wi-Fi, with one profile.
pub async fn people(app: &TestApp) -> Vec<Person> {
    let (radius, origin) = (&app.composition.services.radius, Origin::system("test"));
    let quota = Quota { total: Some(1 << 46), ..Quota::default() };
    let terms = Terms {
        name: "Students".to_owned(),
        description: "…".to_owned(),
        limits: Limits { quota, ..Limits::default() },
        validity_days: 365,
        active: true,
    };
    let profile = radius.create_profile(terms, &origin).await.unwrap();
    let mut people = Vec::new();
    for login in PEOPLE {
        let token = app.log_in(login).await;
        let body = json!({ "current_password": portal::startup::DEMO_PASSWORD, "source": "generated" });
        let made = app.send(Method::PUT, "/api/v1/me/wifi-secret", Some(&token), Some(body)).await.data(200);
        let me = app.get("/api/v1/me", &token).await.data(200);
        let id = Id::from_uuid(me["id"].as_str().unwrap().parse().unwrap());
        app.settle().await;
        radius.assign_profile(id, Some(profile.id), "test".to_owned(), &origin).await.unwrap();
        let subscriber = radius.enable_wifi(id, &origin).await.unwrap();
        app.settle().await;
        people.push(Person {
            login,
            username: subscriber.username,
            secret: made["secret"].as_str().unwrap().to_owned(),
            id,
            subscriber: app.literal(&subscriber.id.to_string()),
            used: 0,
        });
    }
    people
}
