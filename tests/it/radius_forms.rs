//! The forms of a site: in which form the tables carry passwords (`RADIUS_PASSWORD_FORM`) and whose attributes
//! (`RADIUS_VENDOR`). What a form rules out is ruled out by a real FreeRADIUS and by the embedded server alike; what a
//! vendor is told is byte by byte the same, and what was compiled.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::Arc,
};

use kernel::{Ambient, Clock as _, Id, Origin, sealed::Purpose, testing::Surroundings};
use md5::{Digest as _, Md5};
use persistence::testing::TestDatabase;
use radius::{
    AccessProfile, Subscriber,
    access_profile::{Limits, Quota, Terms},
    login::Way,
    nas_client::Vendor,
    policy::{Decision, PasswordForm, SiteForms, compile},
    ports::RadiusStore,
    testing::{member, terms},
    usage::Used,
};
use radius_tokio::{Code, PacketBuffer};
use reqwest::Method as Http;
use serde_json::json;

use crate::{
    app::TestApp,
    freeradius::{FreeRadius, SECRET, program},
    radius_wire::{Method, RadiusServer},
};

/// What needs care in SQL, in shells, in RADIUS and in UTF-16.
const PASSWORD: &str = "it's %{x} \"é€\" `y`+1";
/// One block of PAP.
const SHORT_PASSWORD: &str = "Zebra-4711";
const GIB: u64 = 1 << 30;

/// Each form of passwords with a vendor, and the ways to prove a password that it leaves.
const SITES: [(PasswordForm, Vendor, &[Way]); 4] = [
    (PasswordForm::Cleartext, Vendor::Mikrotik, &Way::ALL),
    (PasswordForm::Nt, Vendor::Wispr, &[Way::Pap, Way::MsChap]),
    (PasswordForm::Ssha512, Vendor::CoovaChilli, &[Way::Pap]),
    (PasswordForm::Crypt, Vendor::PfSense, &[Way::Pap]),
];

/// Half a megabit up and two down, an hour at a time, and more than 32 bits of bytes.
fn student(name: &str) -> Terms {
    let limits = Limits {
        upload_kbps: Some(512),
        download_kbps: Some(2_048),
        quota: Quota { total: Some(10 * GIB), ..Quota::default() },
        session_timeout_seconds: Some(3_600),
        idle_timeout_seconds: Some(600),
        ..Limits::default()
    };
    terms(name, limits)
}

/// A portal with the settings of a site, and who may sign in there.
struct Site {
    app: TestApp,
    forms: SiteForms,
    profile: AccessProfile,
    person: Subscriber,
    embedded: RadiusServer,
}

impl Site {
    /// Opens one on a database on which others may have been, at the real time, by which FreeRADIUS goes. Whoever was
    /// enabled with other settings is brought along; without anybody, somebody is enabled.
    async fn open(
        database: Arc<TestDatabase>,
        around: &Surroundings,
        forms: SiteForms,
        password: &str,
        before: Option<(AccessProfile, Subscriber)>,
    ) -> Option<Self> {
        let radclient = program("RADCLIENT")?;
        around.clock.advance(Ambient::system().now() - around.clock.now());
        let settings = [
            ("RADIUS_MODE", "embedded"),
            ("RADIUS_AUTH_ADDR", "127.0.0.1:0"),
            ("RADIUS_ACCT_ADDR", "127.0.0.1:0"),
            ("RADIUS_PASSWORD_FORM", forms.password.as_str()),
            ("RADIUS_VENDOR", forms.vendor.as_str()),
        ];
        let app = TestApp::on(database, &settings, around.clone(), None).await;
        let (auth, acct) = app.radius().addresses();
        let embedded = RadiusServer { auth, acct, secret: SECRET.to_owned(), radclient };
        let (profile, person) = match before {
            Some(before) => {
                bring_along(&app).await;
                before
            }
            None => enabled(&app, forms.password.as_str(), password).await,
        };
        let site = Self { app, forms, profile, person, embedded };
        site.make_known().await;
        Some(site)
    }

    /// Has this machine be a NAS of the vendor.
    async fn make_known(&self) {
        let (app, path) = (&self.app, "/api/v1/admin/radius/nas-clients");
        let admin = app.log_in("admin@demo.test").await;
        let nas = json!({
            "name": "lab", "address": "127.0.0.1", "secret": SECRET, "vendor": self.forms.vendor.as_str()
        });
        let known = app.get(path, &admin).await.data(200);
        match known[0]["id"].as_str() {
            Some(id) => {
                let changed = app.send(Http::PUT, &format!("{path}/{id}"), Some(&admin), Some(nas)).await;
                changed.data(200)
            }
            None => app.post(path, &admin, nas).await.data(201),
        };
    }

    /// What was compiled for the person: of the group, and of its own.
    fn compiled(&self, password: &str) -> Vec<(String, String)> {
        let ground = compile::Ground::Profile(&self.profile);
        let entry = compile::user(&self.person, password, ground, Used::default(), self.forms).unwrap();
        let group = compile::groups(&self.profile, self.forms.vendor).remove(0);
        let replies = group.reply.into_iter().chain(entry.reply);
        let mut replies: Vec<_> = replies.map(|reply| (reply.name.to_owned(), reply.value)).collect();
        replies.sort_unstable();
        replies
    }
}

/// Has the directory follow the settings.
async fn bring_along(app: &TestApp) {
    let (radius, staff) = (&app.composition.services.radius, Origin::system("test"));
    let synced = radius.sync_directory(false, &staff).await.unwrap();
    assert_eq!((synced.groups_changed, synced.looked_at, synced.changed), (1, 1, 1));
    let again = radius.sync_directory(false, &staff).await.unwrap();
    assert_eq!((again.groups_changed, again.looked_at, again.changed), (0, 1, 0));
}

/// Somebody with a profile, enabled by the portal itself.
async fn enabled(app: &TestApp, username: &str, password: &str) -> (AccessProfile, Subscriber) {
    let (ambient, services) = (app.around.ambient(), &app.composition.services);
    let staff = Origin::system("test");
    let profile = services.radius.create_profile(student(username), &staff).await.unwrap();
    let user = Id::generate(&ambient);
    let sealer = &app.composition.adapters.sealer;
    let secret = sealer.seal(Purpose::RadiusSecret, &user, password).unwrap();
    let person = Subscriber { own_profile_id: Some(profile.id), ..member(&ambient, user, username, secret) };
    let mut tx = RadiusStore::begin(&services.database).await.unwrap();
    assert!(tx.insert_subscriber(&person).await.unwrap());
    tx.commit().await.unwrap();
    let person = services.radius.enable_wifi(user, &staff).await.unwrap();
    app.settle().await;
    (profile, person)
}

/// Asks both servers by every way, with the right password and with a wrong one.
async fn what_a_form_rules_out_is_refused(site: &Site, freeradius: &RadiusServer, left: &[Way]) {
    let (name, form) = (site.person.username.as_str(), site.forms.password.as_str());
    for (way, method) in [(Way::Pap, Method::Pap), (Way::Chap, Method::Chap), (Way::MsChap, Method::MsChap)] {
        for password in [PASSWORD, "it's another one"] {
            let gets_in = password == PASSWORD && left.contains(&way);
            let expected = if gets_in { "Access-Accept" } else { "Access-Reject" };
            let answers = [freeradius, &site.embedded].map(|server| {
                let answer = server.sign_in(method, name, password).unwrap();
                (answer.code, answer.attributes.get("MS-CHAP2-Success").cloned())
            });
            assert_eq!(answers[0], answers[1], "{form} {way:?} {password}");
            assert_eq!(answers[0].0, expected, "{form} {way:?} {password}");
            assert_eq!(answers[0].1.is_some(), gets_in && way == Way::MsChap, "{form} {way:?}");
        }
    }
    let explained = site.app.composition.services.radius.explain(name, None).await.unwrap();
    assert!(matches!(explained.decision, Decision::Accept(_)), "{explained:?}");
    assert_eq!(explained.ways, left);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_passwords_rules_out_the_same_everywhere() {
    let Some(database) = FreeRadius::database().await else { return };
    let (database, mut freeradius, mut person) = (Arc::new(database), None, None);
    let around = Surroundings::new();
    for (password, vendor, left) in SITES {
        let forms = SiteForms { vendor, password };
        let Some(site) = Site::open(database.clone(), &around, forms, PASSWORD, person.take()).await else {
            return;
        };
        if freeradius.is_none() {
            freeradius = FreeRadius::on(database.clone()).await;
        }
        let Some(freeradius) = &freeradius else { return };
        what_a_form_rules_out_is_refused(&site, &freeradius.server, left).await;
        person = Some((site.profile, site.person));
        site.app.end().await;
    }
}

/// Signs in by PAP, and gives the attributes of the answer as they came, in the order of their bytes; without those of
/// the login and the server alone, Class and Message-Authenticator.
fn told(server: SocketAddr, username: &str) -> Vec<Vec<u8>> {
    let authenticator = [7; 16];
    let mut plain = SHORT_PASSWORD.as_bytes().to_vec();
    plain.resize(16, 0);
    let mask = Md5::new().chain_update(SECRET).chain_update(authenticator).finalize();
    let hidden: Vec<u8> = plain.iter().zip(mask.iter()).map(|(byte, mask)| byte ^ mask).collect();
    let mut packet = PacketBuffer::new(Code::ACCESS_REQUEST, 1);
    packet.add_attribute(1, username.as_bytes()).unwrap();
    packet.add_attribute(2, &hidden).unwrap();
    let packet = packet.seal_as_random_authenticator_request(&authenticator, SECRET.as_bytes()).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(packet.as_bytes(), server).unwrap();
    let mut buffer = vec![0; 4_096];
    let (length, _) = socket.recv_from(&mut buffer).unwrap();
    assert_eq!(buffer[0], Code::ACCESS_ACCEPT.0);
    let (mut attributes, mut rest) = (Vec::new(), &buffer[20..length]);
    while let [kind, length, ..] = *rest {
        let (attribute, behind) = rest.split_at(length.into());
        if ![25, 80].contains(&kind) {
            attributes.push(attribute.to_vec());
        }
        rest = behind;
    }
    attributes.sort_unstable();
    attributes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vendor_is_told_what_was_compiled_byte_by_byte() {
    let Some(database) = FreeRadius::database().await else { return };
    let (database, mut freeradius) = (Arc::new(database), None);
    let around = Surroundings::new();
    for (password, vendor, _) in SITES {
        let forms = SiteForms { vendor, password };
        let Some(site) = Site::open(database.clone(), &around, forms, SHORT_PASSWORD, None).await else {
            return;
        };
        if freeradius.is_none() {
            freeradius = FreeRadius::on(database.clone()).await;
        }
        let Some(freeradius) = &freeradius else { return };
        let name = site.person.username.as_str();
        let compiled = site.compiled(SHORT_PASSWORD);
        for server in [&freeradius.server, &site.embedded] {
            let answer = server.sign_in(Method::Pap, name, SHORT_PASSWORD).unwrap();
            assert_eq!((answer.code.as_str(), answer.replies()), ("Access-Accept", compiled.clone()));
        }
        assert_eq!(told(freeradius.server.auth, name), told(site.embedded.auth, name), "{vendor:?}");
        site.app.end().await;
    }
}
