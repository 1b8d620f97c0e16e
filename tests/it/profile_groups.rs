//! The RADIUS groups of profiles' earlier versions: once nobody is in them they go, and no others.

use chrono::Duration;
use kernel::{Id, Origin, id::ids::UserId, sealed::Purpose};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::{
    AccessProfile, Subscriber,
    access_profile::{Limits, Terms},
    ports::RadiusStore,
    testing::{member, terms},
};

use crate::app::TestApp;

on_both_databases!(a_group_goes_when_it_was_empty_for_a_while_and_is_no_profiles_any_more);

fn rate(name: &str, download_kbps: u32) -> Terms {
    let limits =
        Limits { download_kbps: Some(download_kbps), simultaneous_use: Some(2), ..Limits::default() };
    terms(name, limits)
}

async fn profile(app: &TestApp, name: &str) -> AccessProfile {
    app.composition.services.radius.create_profile(rate(name, 512), &Origin::system("test")).await.unwrap()
}

async fn change(app: &TestApp, profile: &AccessProfile, download_kbps: u32) {
    let (terms, staff) = (rate(&profile.name, download_kbps), Origin::system("test"));
    app.composition.services.radius.change_profile(profile.id, terms, None, &staff).await.unwrap();
}

/// Somebody who is enabled with a profile.
async fn enabled(app: &TestApp, username: &str, profile: &AccessProfile) -> UserId {
    let (ambient, user) = (app.around.ambient(), Id::generate(&app.around.ambient()));
    let sealer = &app.composition.adapters.sealer;
    let secret = sealer.seal(Purpose::RadiusSecret, &user, "s3cret").unwrap();
    let person = Subscriber { own_profile_id: Some(profile.id), ..member(&ambient, user, username, secret) };
    let mut tx = RadiusStore::begin(&app.composition.services.database).await.unwrap();
    assert!(tx.insert_subscriber(&person).await.unwrap());
    tx.commit().await.unwrap();
    app.composition.services.radius.enable_wifi(user, &Origin::system("test")).await.unwrap();
    user
}

/// The versions of a profile that have a group, in both tables; and all other groups.
async fn groups(app: &TestApp) -> Vec<String> {
    let sql =
        "SELECT DISTINCT groupname FROM radgroupreply UNION ALL SELECT DISTINCT groupname FROM radgroupcheck";
    let mut named = app.database.texts(sql).await;
    // The id differs from run to run.
    named.iter_mut().for_each(|name| {
        if name.starts_with("ap-") && name.len() > 15 {
            name.replace_range(..15, "ap");
        }
    });
    named.sort();
    named
}

async fn a_group_goes_when_it_was_empty_for_a_while_and_is_no_profiles_any_more(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (students, guests) = (profile(&app, "Students").await, profile(&app, "Guests").await);
    enabled(&app, "ada", &students).await;
    for sql in [
        "INSERT INTO radgroupreply (groupname, attribute, op, value) VALUES \
         ('ap-mine', 'Session-Timeout', ':=', '60'), ('mine', 'Session-Timeout', ':=', '60')",
        // Somebody whom a hand has put there.
        "INSERT INTO radusergroup (username, groupname, priority) \
         SELECT 'hand', max(groupname), 1 FROM radgroupreply WHERE groupname LIKE 'ap-%-v1' \
         AND groupname NOT IN (SELECT groupname FROM radusergroup)",
        "INSERT INTO radcheck (username, attribute, op, value) VALUES ('hand', 'Auth-Type', ':=', 'Accept')",
    ] {
        app.database.execute(sql).await;
    }
    change(&app, &students, 64).await;
    change(&app, &guests, 64).await;
    app.settle().await;
    change(&app, &students, 128).await;
    app.settle().await;
    let all = ["ap-v1", "ap-v1", "ap-v1", "ap-v1", "ap-v2", "ap-v2", "ap-v2", "ap-v2", "ap-v3", "ap-v3"];
    let own = ["ap-mine", "mine"];
    let with_own = |rest: &[&str]| {
        let mut all: Vec<_> = own.iter().chain(rest).map(|name| (*name).to_owned()).collect();
        all.sort();
        all
    };
    assert_eq!(groups(&app).await, with_own(&all));

    // Noticed as empty, they stay for a server that has just found somebody there.
    app.run(Task::PruneLogs).await;
    assert_eq!(groups(&app).await, with_own(&all));
    app.pass(Duration::minutes(2)).await;
    // The hand's group stays, though the guests have another version; so does whatever is current.
    assert_eq!(groups(&app).await, with_own(&["ap-v1", "ap-v1", "ap-v2", "ap-v2", "ap-v3", "ap-v3"]));

    // A profile that is deleted leaves none.
    let radius = &app.composition.services.radius;
    radius.delete_profile(guests.id, &Origin::system("test")).await.unwrap();
    app.database.execute("DELETE FROM radcheck WHERE username = 'hand'").await;
    app.run(Task::PruneLogs).await;
    app.pass(Duration::minutes(2)).await;
    assert_eq!(groups(&app).await, with_own(&["ap-v3", "ap-v3"]));
    app.end().await;
}
