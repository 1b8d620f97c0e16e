//! What somebody may is changed while they are online, by staff or because a quota is used up: the NAS is told, the
//! session goes on under the new limits or ends, and the next login is answered alike.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};
use simulators::nas::ActionError;

use crate::campus::{Campus, PROFILES, PROMOTIONS, USERS, id, tries};

on_both_databases!(
    staff_change_what_somebody_online_may,
    who_has_used_all_goes_on_slowly_until_midnight,
    who_has_used_all_is_put_out_until_midnight,
);

const MIB: u64 = 1 << 20;

fn profile(name: &str, download_kbps: u32) -> Value {
    json!({
        "name": name, "quota_type": "unlimited", "upload_kbps": 512, "download_kbps": download_kbps,
        "session_timeout": 60, "validity_days": 30,
    })
}

/// A hundred MiB a day, and what happens then.
fn quota(exhaustion: &Value) -> Value {
    let mut profile = json!({
        "name": "Students", "quota_type": "limited", "upload_kbps": 512, "download_kbps": 2048,
        "daily_limit": 100 * MIB, "validity_days": 30,
    });
    profile.as_object_mut().unwrap().extend(exhaustion.as_object().cloned().unwrap());
    profile
}

async fn staff_change_what_somebody_online_may(database: TestDatabase) {
    story_of_staff(Campus::embedded(database, profile("Students", 2048)).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_change_what_somebody_online_may_with_freeradius() {
    let Some(campus) = Campus::with_freeradius(profile("Students", 2048)).await else { return };
    story_of_staff(campus).await;
}

async fn story_of_staff(campus: Campus) {
    let user = campus.student(1).await;
    campus.student(2).await;
    campus.sign_in("et-1").await.unwrap();
    // As it stands on the card: the NAS knows this name, and no other.
    campus.sign_in("ET-2").await.unwrap();
    assert_eq!(campus.limits("et-1"), (Some(512), Some(2048), Some(3600)));
    let session = campus.online("et-1")[0].session_id.clone();

    // The profile itself.
    let mut faster = profile("Students", 4096);
    faster["session_timeout"] = json!(120);
    let path = format!("{PROFILES}/{}", campus.profile);
    campus.put(&path, json!({"profile": faster, "reason": "a faster line"})).await;
    assert_eq!(campus.limits("et-1"), (Some(512), Some(4096), Some(7200)));
    assert_eq!(campus.limits("ET-2"), (Some(512), Some(4096), Some(7200)));

    // One of the student's own, without limits; and the promotion's again.
    let free = json!({"name": "Staff", "quota_type": "unlimited", "validity_days": 30});
    let free = id(&campus.app.post(PROFILES, &campus.admin, free).await.data(201));
    let path = format!("{USERS}/{user}/access-profile");
    campus.put(&path, json!({"access_profile_id": free, "reason": "assists"})).await;
    let (up, down, seconds) = campus.limits("et-1");
    assert!(up.is_none() && down.is_none() && seconds > Some(86_400), "{up:?} {down:?} {seconds:?}");
    campus.put(&path, json!({"access_profile_id": null, "reason": "has finished"})).await;
    assert_eq!(campus.limits("et-1"), (Some(512), Some(4096), Some(7200)));

    // Another one for the promotion holds for who is online when it is reactivated, and not before.
    let night = id(&campus.app.post(PROFILES, &campus.admin, profile("Night", 8192)).await.data(201));
    let promotion = json!({"name": "L1", "access_profile_id": night});
    let path = format!("{PROMOTIONS}/{}", campus.promotion);
    campus.put(&path, json!({"promotion": promotion})).await;
    assert_eq!(campus.limits("et-1"), (Some(512), Some(4096), Some(7200)));
    campus.put(&path, json!({"promotion": promotion, "reactivate": true})).await;
    assert_eq!(campus.limits("et-1"), (Some(512), Some(8192), Some(3600)));

    // Each was one packet, and nobody was put out.
    let (online, heard) = (campus.online("et-1"), campus.nas.heard());
    assert_eq!((&online[0].session_id, heard.disconnects, heard.dropped), (&session, 0, 0));
    let wanted = &campus.enforcements("et-1").await[0];
    assert_eq!(tries(wanted), [("change", "ack"); 4]);
    assert_eq!((&wanted["settled"], &wanted["reason"]), (&json!("acknowledged"), &json!("profile")));
    let unnamed = [("change", "nak"), ("change_unnamed", "ack")];
    assert_eq!(tries(&campus.enforcements("et-2").await[0]), [unnamed, unnamed].concat());
    // A new session is told the same.
    campus.sign_out("et-1").await;
    campus.sign_in("et-1").await.unwrap();
    assert_eq!(campus.limits("et-1"), (Some(512), Some(8192), Some(3600)));
    campus.end().await;
}

/// The rates of et-1's one session, up and down.
fn rates(campus: &Campus) -> (Option<u32>, Option<u32>) {
    let (up, down, _) = campus.limits("et-1");
    (up, down)
}

/// The throttle's upload is no limit: nobody gets faster by it.
fn throttle() -> Value {
    quota(&json!({"exhaustion": "throttle", "throttle_upload_kbps": 1000, "throttle_download_kbps": 128}))
}

async fn who_has_used_all_goes_on_slowly_until_midnight(database: TestDatabase) {
    story_of_throttle(Campus::embedded(database, throttle()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_used_all_goes_on_slowly_until_midnight_with_freeradius() {
    let Some(campus) = Campus::with_freeradius(throttle()).await else { return };
    story_of_throttle(campus).await;
}

async fn story_of_throttle(mut campus: Campus) {
    campus.student(1).await;
    campus.sign_in("et-1").await.unwrap();
    assert_eq!(rates(&campus), (Some(512), Some(2048)));
    campus.pass(Duration::minutes(5)).await;
    campus.transfer("et-1", 99 * MIB).await;
    assert_eq!(rates(&campus), (Some(512), Some(2048)));
    campus.transfer("et-1", MIB).await;
    assert_eq!(rates(&campus), (Some(512), Some(128)));
    let wanted = &campus.enforcements("et-1").await[0];
    assert_eq!(tries(wanted), [("change", "ack")]);
    assert_eq!((&wanted["settled"], &wanted["reason"]), (&json!("acknowledged"), &json!("quota")));
    // A new session is slow from its beginning.
    campus.sign_out("et-1").await;
    campus.sign_in("et-1").await.unwrap();
    assert_eq!(rates(&campus), (Some(512), Some(128)));
    assert_eq!(campus.nas.heard().changes, 1);

    midnight(&mut campus).await;
    assert_eq!(rates(&campus), (Some(512), Some(2048)));
    assert_eq!(tries(&campus.enforcements("et-1").await[0]), [("change", "ack")]);
    campus.sign_out("et-1").await;
    campus.sign_in("et-1").await.unwrap();
    assert_eq!(rates(&campus), (Some(512), Some(2048)));
    assert_eq!(campus.nas.heard().disconnects, 0);
    campus.end().await;
}

async fn who_has_used_all_is_put_out_until_midnight(database: TestDatabase) {
    story_of_block(Campus::embedded(database, quota(&json!({}))).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_used_all_is_put_out_until_midnight_with_freeradius() {
    let Some(campus) = Campus::with_freeradius(quota(&json!({}))).await else { return };
    story_of_block(campus).await;
}

async fn story_of_block(mut campus: Campus) {
    campus.student(1).await;
    campus.student(2).await;
    // The NAS ends a session that has used all by itself, as it was told. Of two at once it knows nothing.
    campus.sign_in("et-1").await.unwrap();
    campus.sign_in("et-1").await.unwrap();
    campus.sign_in("et-2").await.unwrap();
    assert_eq!(campus.online("et-1")[0].total_limit, Some(100 * MIB));
    campus.pass(Duration::minutes(5)).await;
    campus.transfer("et-1", 60 * MIB).await;
    assert_eq!((campus.online("et-1").len(), campus.online("et-2").len()), (0, 1));
    let wanted = campus.enforcements("et-1").await;
    assert_eq!(wanted.len(), 2);
    for wanted in &wanted {
        assert_eq!(tries(wanted), [("disconnect", "ack")]);
        assert_eq!((&wanted["settled"], &wanted["reason"]), (&json!("closed"), &json!("quota")));
    }
    let refused = ActionError::Refused("Votre volume du jour est épuisé.".to_owned());
    assert_eq!(campus.sign_in("et-1").await, Err(refused));

    midnight(&mut campus).await;
    campus.sign_in("et-1").await.unwrap();
    assert_eq!(rates(&campus), (Some(512), Some(2048)));
    assert_eq!(campus.online("et-1")[0].total_limit, Some(100 * MIB));
    assert_eq!(campus.nas.heard().disconnects, 2);
    campus.end().await;
}

/// Midnight comes in Kinshasa, at 23:00 UTC.
async fn midnight(campus: &mut Campus) {
    campus.pass(Duration::hours(11)).await;
    campus.app.run(Task::ResetDaily).await;
    campus.take_in().await;
    campus.admin = campus.app.log_in("admin@demo.test").await;
}
