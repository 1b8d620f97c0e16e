//! After another vendor, another form of passwords or a hand in the tables, the directory is as the settings have it.

use chrono_tz::Africa::Kinshasa;
use kernel::Origin;
use radius::{
    Radius,
    nas_client::Vendor,
    policy::{PasswordForm, SiteForms},
    use_cases::SyncedDirectory,
};

use super::activation::Stage;
use crate::{on_both_databases, testing::TestDatabase};

on_both_databases!(
    the_directory_follows_the_settings_once,
    what_a_hand_has_changed_is_put_right,
    who_cannot_be_carried_is_put_out_and_who_cannot_be_opened_stays,
);

/// More than are looked at in one transaction.
const MANY: u64 = 501;

fn changed_to(stage: &Stage, tables: SiteForms) -> Radius {
    super::radius_in(tables, &stage.database, &stage.test, &stage.around.ambient(), Kinshasa)
}

async fn sync(radius: &Radius, only_count: bool) -> SyncedDirectory {
    radius.sync_directory(only_count, &Origin::system("test")).await.unwrap()
}

async fn everything(stage: &Stage) -> Vec<String> {
    let mut rows = Vec::new();
    for (table, owner) in [
        ("radcheck", "username"),
        ("radreply", "username"),
        ("radgroupcheck", "groupname"),
        ("radgroupreply", "groupname"),
    ] {
        rows.extend(stage.rows(table, owner).await);
    }
    rows.extend(
        stage.test.texts("SELECT username || ' ' || groupname FROM radusergroup ORDER BY username").await,
    );
    rows
}

async fn the_directory_follows_the_settings_once(test: TestDatabase) {
    let stage = Stage::on(test).await;
    let members: Vec<_> =
        (0..MANY).map(|number| stage.member(&format!("et-{number:03}"), "s3cret")).collect();
    stage.insert(&members).await;
    stage.activate().await;
    let (before, events) = (everything(&stage).await, stage.counted("events").await);

    let tables = SiteForms { vendor: Vendor::CoovaChilli, password: PasswordForm::Nt };
    let radius = changed_to(&stage, tables);
    let facts = stage.database.directory_facts(tables).await.unwrap();
    assert_eq!((facts.in_another_form, facts.of_another_vendor), (MANY, MANY));
    let expected =
        SyncedDirectory { groups_changed: 1, looked_at: MANY, changed: MANY, ..SyncedDirectory::default() };
    assert_eq!(sync(&radius, true).await, expected);
    assert_eq!(everything(&stage).await, before);

    assert_eq!(sync(&radius, false).await, expected);
    let checks = stage.rows("radcheck", "username").await;
    assert_eq!(checks.iter().filter(|row| row.contains(" NT-Password := 0x")).count(), checks.len() / 2);
    let replies = stage.rows("radreply", "username").await;
    assert!(replies.contains(&"et-500 Attr-26.14559.23 := 0x00000001".to_owned()), "{replies:?}");
    assert!(!replies.iter().any(|row| row.contains("Mikrotik")));
    let groups = stage.test.texts("SELECT DISTINCT groupname FROM radusergroup").await;
    assert!(groups.len() == 1 && groups[0].ends_with("-coova_chilli"), "{groups:?}");
    let limits =
        format!("SELECT attribute || ' ' || value FROM radgroupreply WHERE groupname = '{}'", groups[0]);
    assert!(stage.test.texts(&limits).await.contains(&"ChilliSpot-Bandwidth-Max-Up 512".to_owned()));
    let facts = stage.database.directory_facts(tables).await.unwrap();
    assert_eq!((facts.in_another_form, facts.of_another_vendor), (0, 0));

    // Again, not a row is written anew, and nobody is told anything.
    let ids = "SELECT CAST(MAX(id) AS text) FROM radcheck";
    let last = stage.test.texts(ids).await;
    let nothing = SyncedDirectory { looked_at: MANY, ..SyncedDirectory::default() };
    assert_eq!(sync(&radius, false).await, nothing);
    assert_eq!((stage.test.texts(ids).await, stage.counted("events").await), (last, events));
}

async fn what_a_hand_has_changed_is_put_right(test: TestDatabase) {
    let stage = Stage::on(test).await;
    stage.insert(&["a", "b", "c"].map(|name| stage.member(name, "s3cret"))).await;
    stage.activate().await;
    let before = everything(&stage).await;
    for sql in [
        "UPDATE radgroupreply SET value = '9' WHERE attribute = 'Session-Timeout'",
        "DELETE FROM radreply WHERE username = 'a'",
        "UPDATE radusergroup SET groupname = 'mine' WHERE username = 'b'",
        "INSERT INTO radcheck (username, attribute, op, value) VALUES ('mine', 'Auth-Type', ':=', 'Accept')",
    ] {
        stage.test.execute(sql).await;
    }
    let expected =
        SyncedDirectory { groups_changed: 1, looked_at: 3, changed: 2, ..SyncedDirectory::default() };
    assert_eq!(sync(&stage.radius, false).await, expected);
    let (mut before, mut after) = (before, everything(&stage).await);
    // Whom the portal does not know is left alone.
    before.push("mine Auth-Type := Accept".to_owned());
    before.sort();
    after.sort();
    assert_eq!(after, before);
}

async fn who_cannot_be_carried_is_put_out_and_who_cannot_be_opened_stays(test: TestDatabase) {
    let stage = Stage::on(test).await;
    let hashed = changed_to(&stage, SiteForms { password: PasswordForm::Nt, ..SiteForms::default() });
    let members = [("a", "s3cret"), ("lost", "s3cret"), ("quoted", "`id`")];
    let members = members.map(|(name, secret)| stage.member(name, secret));
    stage.insert(&members).await;
    for member in &members {
        hashed.enable_wifi(member.contact.user_id.unwrap(), &Origin::system("test")).await.unwrap();
    }
    stage.test.execute("UPDATE subscribers SET sealed_secret = 's1.k.n.c' WHERE username = 'lost'").await;
    let expected =
        SyncedDirectory { looked_at: 3, changed: 1, put_out: 1, unopened: 1, ..SyncedDirectory::default() };
    assert_eq!(sync(&stage.radius, true).await, expected);
    assert_eq!(sync(&stage.radius, false).await, expected);
    let known = "SELECT username || ' ' || attribute FROM radcheck WHERE attribute LIKE '%-Password' ORDER BY username";
    assert_eq!(stage.test.texts(known).await, ["a Cleartext-Password", "lost NT-Password"]);
    // A server that has just let somebody in finds the limits still.
    let limited = "SELECT DISTINCT username FROM radreply ORDER BY username";
    assert_eq!(stage.test.texts(limited).await, ["a", "lost", "quoted"]);
}
