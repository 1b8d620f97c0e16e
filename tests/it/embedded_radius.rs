//! The RADIUS server within the portal, asked by `radclient`: what staff have made known may ask, what the policy
//! says is answered, and what a NAS says is kept.

use std::sync::LazyLock;

use chrono::Duration;
use kernel::{Id, sealed::Purpose};
use persistence::{on_both_databases, testing::TestDatabase};
use radius::{
    AccessProfile, Subscriber,
    access_profile::{Limits, Quota, Terms},
    adapters::embedded::tally::Tally,
    ports::RadiusStore,
    testing::{member, terms},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    freeradius::program,
    radius_wire::{Answer, RadiusServer},
    secrets::{LOG, assert_holds_none, dump},
};

on_both_databases!(
    a_user_gets_in_with_the_limits_and_nobody_else_does,
    accounting_is_kept_as_freeradius_keeps_it,
    a_session_id_that_is_given_again_loses_nothing,
    a_second_device_is_one_too_many_and_the_first_may_come_back,
    who_may_ask_changes_at_once,
    a_stranger_and_an_old_nas_are_counted,
);

const SECRET: &str = "correct-horse-battery";
const EMBEDDED: &[(&str, &str)] =
    &[("RADIUS_MODE", "embedded"), ("RADIUS_AUTH_ADDR", "127.0.0.1:0"), ("RADIUS_ACCT_ADDR", "127.0.0.1:0")];

/// Attributes as pairs, as they are written: `Name = value`.
fn pairs<'a>(attributes: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    attributes.iter().map(|attribute| attribute.split_once(" = ").unwrap()).collect()
}

/// The first value of an attribute.
fn told<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.attributes.get(name)?.first().map(String::as_str)
}

/// Five GiB, two hours, half a megabit up and two down, one device.
fn student() -> Terms {
    let limits = Limits {
        upload_kbps: Some(512),
        download_kbps: Some(2_048),
        quota: Quota { total: Some(5 << 30), ..Quota::default() },
        session_timeout_seconds: Some(7_200),
        simultaneous_use: Some(1),
        ..Limits::default()
    };
    terms("Student", limits)
}

struct Campus {
    app: TestApp,
    admin: String,
    nas: Value,
    server: RadiusServer,
}

impl Campus {
    /// A portal that answers RADIUS, a NAS that may ask, and a user who may sign in.
    async fn open(database: TestDatabase) -> Option<Self> {
        let radclient = program("RADCLIENT")?;
        let app = TestApp::with(database, EMBEDDED).await;
        let admin = app.log_in("admin@demo.test").await;
        let body = json!({"name": "here", "address": "127.0.0.1", "secret": SECRET});
        let nas = app.post("/api/v1/admin/radius/nas-clients", &admin, body).await.data(201);
        let ambient = app.around.ambient();
        let profile = AccessProfile::new(Id::generate(&ambient), student(), ambient.now()).unwrap();
        let user = Id::generate(&ambient);
        let sealer = &app.composition.adapters.sealer;
        let secret = sealer.seal(Purpose::RadiusSecret, &user, "wifi-1234").unwrap();
        let ada = Subscriber {
            own_profile_id: Some(profile.id),
            enabled: true,
            begun_at: Some(ambient.now()),
            expires_at: Some(ambient.now() + Duration::hours(3)),
            ..member(&ambient, user, "ada+é", secret)
        };
        let mut tx = RadiusStore::begin(&app.composition.services.database).await.unwrap();
        assert!(tx.insert_profile(&profile).await.unwrap() && tx.insert_subscriber(&ada).await.unwrap());
        tx.commit().await.unwrap();
        let (auth, acct) = app.radius().addresses();
        let server = RadiusServer { auth, acct, secret: SECRET.to_owned(), radclient };
        Some(Self { app, admin, nas, server })
    }

    fn login(&self, attributes: &[&str]) -> Answer {
        let signed = [&["Message-Authenticator = 0x00"], attributes].concat();
        self.server.ask(&pairs(&signed)).unwrap()
    }

    fn session(&self, status: &str, id: &str, more: &[&str]) {
        let (status, id) = (format!("Acct-Status-Type = {status}"), format!("Acct-Session-Id = \"{id}\""));
        let mut all = vec![
            status.as_str(),
            &id,
            "User-Name = \"Ada+é\"",
            "NAS-IP-Address = 10.5.50.1",
            "Calling-Station-Id = \"02:00:5E:00:53:01\"",
        ];
        all.extend(more);
        assert_eq!(self.server.account(&pairs(&all)).unwrap().code, "Accounting-Response", "{all:?}");
    }

    async fn rows(&self) -> Vec<String> {
        let sql = "SELECT acctsessionid || ' ' || username || ' ' || acctinputoctets || ' ' || acctoutputoctets || ' ' || \
             acctsessiontime || ' ' || COALESCE(acctterminatecause, '') || \
             CASE WHEN acctstoptime IS NULL THEN 'open' ELSE '' END FROM radacct ORDER BY radacctid";
        self.app.database.texts(sql).await
    }

    async fn log(&self) -> Value {
        // The token of before may be over by now.
        let admin = self.app.log_in("admin@demo.test").await;
        self.app.get("/api/v1/admin/radius/auth-log", &admin).await.data(200)
    }
}

async fn a_user_gets_in_with_the_limits_and_nobody_else_does(database: TestDatabase) {
    let log = LazyLock::force(&LOG);
    let Some(campus) = Campus::open(database).await else { return };
    for password in ["User-Password = \"wifi-1234\"", "CHAP-Password = \"wifi-1234\""] {
        let mac = "Calling-Station-Id = \"02:00:5E:00:53:01\"";
        let answer = campus.login(&["User-Name = \"Ada+é\"", password, mac]);
        assert_eq!(answer.code, "Access-Accept", "{password}");
        for (name, value) in [
            ("Session-Timeout", "7200"),
            ("Mikrotik-Rate-Limit", "512k/2048k"),
            ("Mikrotik-Total-Limit", "1073741824"),
            ("Mikrotik-Total-Limit-Gigawords", "1"),
            ("Acct-Interim-Interval", "300"),
        ] {
            assert_eq!(told(&answer, name), Some(value), "{name}: {answer:?}");
        }
        assert!(
            told(&answer, "Class").is_some() && told(&answer, "Message-Authenticator").is_some(),
            "{answer:?}"
        );
    }
    for (name, password, reason) in [
        ("ada+é", "wifi-guess", "wrong_password"),
        ("eve", "wifi-1234", "unknown_user"),
        ("ada+é' OR '1'='1", "wifi-1234", "unknown_user"),
    ] {
        let (name, password) = (format!("User-Name = \"{name}\""), format!("User-Password = \"{password}\""));
        let answer = campus.login(&[&name, &password]);
        assert_eq!((answer.code.as_str(), told(&answer, "Session-Timeout")), ("Access-Reject", None));
        assert_eq!(campus.log().await[0]["reason"], reason);
    }
    let ada = ["User-Name = \"ada+é\"", "User-Password = \"wifi-1234\""];
    campus.app.pass(Duration::minutes(170)).await;
    assert_eq!(told(&campus.login(&ada), "Session-Timeout"), Some("600"));
    campus.app.pass(Duration::minutes(10)).await;
    assert_eq!(campus.login(&ada).code, "Access-Reject");
    assert_eq!(campus.log().await[0]["reason"], "expired");
    campus.app.database.execute("UPDATE subscribers SET enabled = false").await;
    assert_eq!(campus.login(&ada).code, "Access-Reject");
    assert_eq!(campus.log().await[0]["reason"], "disabled");
    // No password is kept in the clear or told, neither the right one nor one that was tried.
    for (place, text) in [("the database", dump(&campus.app).await), ("the log", log.text())] {
        assert_holds_none(place, &text, &["wifi-1234".to_owned(), "wifi-guess".to_owned()]);
    }
    campus.app.end().await;
}

async fn accounting_is_kept_as_freeradius_keeps_it(database: TestDatabase) {
    let Some(campus) = Campus::open(database).await else { return };
    campus.session("Start", "80000001", &[]);
    assert_eq!(campus.rows().await, ["80000001 ada+é 0 0 0 open"]);
    campus.app.pass(Duration::minutes(5)).await;
    let counted = ["Acct-Input-Octets = 60", "Acct-Input-Gigawords = 3", "Acct-Output-Octets = 7"];
    let time = "Acct-Session-Time = 300";
    let packets = "Acct-Input-Packets = 9";
    campus.session("Interim-Update", "80000001", &[counted[0], counted[1], counted[2], packets, time]);
    let kept = "SELECT acctinputpackets || COALESCE(' ' || acctoutputpackets, '') FROM radacct";
    assert_eq!(campus.app.database.texts(kept).await, ["9"]);
    assert_eq!(campus.rows().await, ["80000001 ada+é 12884901948 7 300 open"]);
    let stop = ["Acct-Terminate-Cause = User-Request", counted[0], counted[1], counted[2], time];
    campus.session("Stop", "80000001", &stop);
    let stopped = ["80000001 ada+é 12884901948 7 300 User-Request"];
    assert_eq!(campus.rows().await, stopped);
    // A second stop that tells less is passed over; FreeRADIUS would forget three times 4 GiB.
    campus.session("Stop", "80000001", &["Acct-Session-Time = 301"]);
    assert_eq!(campus.rows().await, stopped);
    // A reboot ends what was open, of this NAS alone.
    campus.session("Start", "80000002", &[]);
    campus.session("Start", "80000003", &["NAS-Identifier = \"another\"", "User-Name = \"bob\""]);
    campus.app.pass(Duration::minutes(1)).await;
    campus
        .server
        .account(&pairs(&["Acct-Status-Type = Accounting-On", "NAS-IP-Address = 10.5.50.2"]))
        .unwrap();
    assert_eq!(campus.rows().await.iter().filter(|row| row.ends_with("open")).count(), 2);
    campus
        .server
        .account(&pairs(&["Acct-Status-Type = Accounting-On", "NAS-IP-Address = 10.5.50.1"]))
        .unwrap();
    assert_eq!(campus.rows().await[1], "80000002 ada+é 0 0 0 NAS-Reboot");
    assert_eq!(campus.rows().await.iter().filter(|row| row.ends_with("open")).count(), 0);
    campus.app.end().await;
}

async fn a_session_id_that_is_given_again_loses_nothing(database: TestDatabase) {
    let Some(campus) = Campus::open(database).await else { return };
    campus.session("Start", "80000001", &[]);
    campus.app.pass(Duration::minutes(5)).await;
    let octets = "Acct-Output-Octets = 4000";
    campus.session("Stop", "80000001", &[octets, "Acct-Session-Time = 300"]);
    campus.app.pass(Duration::minutes(5)).await;
    campus.session("Start", "80000001", &["NAS-Port-Type = Ethernet"]);
    campus.app.pass(Duration::minutes(5)).await;
    let octets = "Acct-Output-Octets = 7";
    campus.session("Interim-Update", "80000001", &[octets, "Acct-Session-Time = 300"]);
    assert_eq!(campus.rows().await, ["80000001 ada+é 0 7 300 open"]);
    campus.app.end().await;
}

async fn a_second_device_is_one_too_many_and_the_first_may_come_back(database: TestDatabase) {
    let Some(campus) = Campus::open(database).await else { return };
    campus.session("Start", "80000001", &[]);
    let user = ["User-Name = \"ada+é\"", "User-Password = \"wifi-1234\""];
    let second = campus.login(&[user[0], user[1], "Calling-Station-Id = \"02:00:5E:00:53:02\""]);
    assert_eq!(second.code, "Access-Reject");
    assert_eq!(campus.log().await[0]["reason"], "too_many_sessions");
    // Its old session is still open, as after a power cut.
    let first = campus.login(&[user[0], user[1], "Calling-Station-Id = \"02-00-5e-00-53-01\""]);
    assert_eq!(first.code, "Access-Accept");
    campus.session("Stop", "80000001", &[]);
    let second = campus.login(&[user[0], user[1], "Calling-Station-Id = \"02:00:5E:00:53:02\""]);
    assert_eq!(second.code, "Access-Accept");
    campus.app.end().await;
}

async fn who_may_ask_changes_at_once(database: TestDatabase) {
    let Some(campus) = Campus::open(database).await else { return };
    let user = ["User-Name = \"ada+é\"", "User-Password = \"wifi-1234\""];
    assert_eq!(campus.login(&user).code, "Access-Accept");
    let path = format!("/api/v1/admin/radius/nas-clients/{}", campus.nas["id"].as_str().unwrap());
    let body = json!({"name": "here", "address": "127.0.0.1", "secret": "another-secret-altogether"});
    campus.app.send(Method::PUT, &path, Some(&campus.admin), Some(body)).await.data(200);
    let signed = pairs(&["Message-Authenticator = 0x00", user[0], user[1]]);
    let changed = RadiusServer { secret: "another-secret-altogether".to_owned(), ..campus.server.clone() };
    assert_eq!(changed.ask(&signed).unwrap().code, "Access-Accept");
    campus.app.end().await;
}

async fn a_stranger_and_an_old_nas_are_counted(database: TestDatabase) {
    let Some(campus) = Campus::open(database).await else { return };
    let (auth, _) = campus.app.radius().addresses();
    let path = format!("/api/v1/admin/radius/nas-clients/{}", campus.nas["id"].as_str().unwrap());
    let lax = json!({"name": "here", "address": "127.0.0.1", "require_message_authenticator": false});
    campus.app.send(Method::PUT, &path, Some(&campus.admin), Some(lax)).await.data(200);
    let user = ["User-Name = \"ada+é\"", "User-Password = \"wifi-1234\""];
    // Debian's radclient sends no Message-Authenticator unless it is told to.
    assert_eq!(campus.server.ask(&pairs(&user)).unwrap().code, "Access-Accept");
    let stranger = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    stranger.send_to(&[1, 1, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], auth).await.unwrap();
    while campus.app.radius().tallies().of(Tally::UnknownNas) == 0 {
        tokio::task::yield_now().await;
    }
    campus.app.radius().note().await.unwrap();
    let servers = campus.app.get("/api/v1/admin/radius/servers", &campus.admin).await.data(200);
    let packets = &servers[0]["packets"];
    assert_eq!((&packets["dropped_unknown_nas"], &packets["accepted"]), (&json!(1), &json!(1)), "{servers}");
    campus.app.end().await;
}
