//! What the NAS reports, when, and what becomes of it on a bad line. The test holds the clock.

use chrono::Duration;
use kernel::testing::Surroundings;
use radius_tokio::dict::{mikrotik::attrs as mikrotik, rfc::attrs};
use serde_json::json;
use simulators::nas::{ActionError, NasSimulator};

use crate::server::Server;

const START: u32 = 1;
const STOP: u32 = 2;
const INTERIM: u32 = 3;
const ON: u32 = 7;

const AMINA: &str =
    r#"{"do":"sign-in","user":"amina","password":"secret","upload_kbps":8,"download_kbps":80}"#;

async fn stage() -> (Surroundings, Server, NasSimulator) {
    let around = Surroundings::new();
    let server = Server::start(|accept| {
        accept.add(attrs::ACCT_INTERIM_INTERVAL, 300).unwrap();
    })
    .await;
    let nas = server.nas(&around, |_| {}).await;
    nas.act(AMINA).await.unwrap();
    (around, server, nas)
}

async fn pass(around: &Surroundings, nas: &NasSimulator, time: Duration) {
    around.clock.advance(time);
    nas.settle().await;
}

#[tokio::test]
async fn a_session_is_reported_at_its_moments_whenever_somebody_looks() {
    let (around, server, nas) = stage().await;
    pass(&around, &nas, Duration::seconds(901)).await;
    nas.act(r#"{"do":"sign-out","user":"amina"}"#).await.unwrap();
    let expected = [(START, 0), (INTERIM, 300_000), (INTERIM, 600_000), (INTERIM, 900_000), (STOP, 901_000)];
    assert_eq!(server.accounting(), expected);
    let [account] = &nas.accounts()[..] else { panic!("one session") };
    assert_eq!((account.uploaded, account.downloaded, account.over), (901_000, 9_010_000, true));
    assert_eq!((account.reported_up, account.end_reported), (901_000, true));
    let told: Vec<_> =
        account.told.iter().map(|told| ((told.at - account.began).num_seconds(), told.uploaded)).collect();
    assert_eq!(told, [(0, 0), (300, 300_000), (600, 600_000), (900, 900_000), (901, 901_000)]);
}

#[tokio::test]
async fn limits_end_a_session_at_their_moment() {
    let around = Surroundings::new();
    let server = Server::start(|accept| {
        accept.add_vsa(mikrotik::MIKROTIK_TOTAL_LIMIT, 1_705_032_704).unwrap();
        accept.add_vsa(mikrotik::MIKROTIK_TOTAL_LIMIT_GIGAWORDS, 1).unwrap();
        accept.add_vsa(mikrotik::MIKROTIK_RATE_LIMIT, "8M/80M").unwrap();
    })
    .await;
    let nas = server.nas(&around, |_| {}).await;
    nas.act(r#"{"do":"sign-in","user":"amina","password":"s","upload_kbps":99999,"download_kbps":99999}"#)
        .await
        .unwrap();
    pass(&around, &nas, Duration::hours(2)).await;
    // Six billion bytes at eleven million a second.
    let [account] = &nas.accounts()[..] else { panic!("one session") };
    assert!(
        account.over && (6_000_000_000..6_000_000_010).contains(&(account.uploaded + account.downloaded))
    );
    assert_eq!(server.accounting().last().map(|(kind, _)| *kind), Some(STOP));
}

#[tokio::test]
async fn what_is_lost_is_sent_again_and_given_up_at_last() {
    let (around, server, nas) = stage().await;
    nas.act(r#"{"do":"fault","packets":"interim","effect":"lose","times":1}"#).await.unwrap();
    pass(&around, &nas, Duration::seconds(300)).await;
    assert_eq!(server.accounting(), [(START, 0)]);
    pass(&around, &nas, Duration::seconds(2)).await;
    assert_eq!(server.accounting(), [(START, 0), (INTERIM, 300_000)]);
    nas.act(r#"{"do":"fault","packets":"stop","effect":"lose"}"#).await.unwrap();
    nas.act(r#"{"do":"sign-out","user":"amina"}"#).await.unwrap();
    pass(&around, &nas, Duration::seconds(60)).await;
    assert_eq!((server.accounting().len(), nas.given_up()), (2, 1));
    let [account] = &nas.accounts()[..] else { panic!("one session") };
    assert_eq!((account.reported_up, account.uploaded, account.end_reported), (300_000, 302_000, false));
    assert_eq!(account.told.last().map(|told| told.uploaded), Some(300_000));
}

#[tokio::test]
async fn packets_come_twice_late_and_in_another_order() {
    let (around, server, nas) = stage().await;
    nas.act(r#"{"do":"fault","packets":"interim","effect":"repeat","times":1}"#).await.unwrap();
    pass(&around, &nas, Duration::seconds(300)).await;
    nas.act(r#"{"do":"fault","packets":"interim","effect":"hold","times":1}"#).await.unwrap();
    pass(&around, &nas, Duration::seconds(300)).await;
    nas.act(r#"{"do":"sign-out","user":"amina"}"#).await.unwrap();
    let told = server.accounting();
    assert_eq!(told[..3], [(START, 0), (INTERIM, 300_000), (INTERIM, 300_000)]);
    assert_eq!(told[3..], [(STOP, 600_000), (INTERIM, 600_000)], "the report comes behind the end");
    let lost = r#"{"do":"fault","packets":"start","effect":"lose-answer","times":1}"#;
    nas.act(lost).await.unwrap();
    nas.act(AMINA).await.unwrap();
    let before = server.heard();
    pass(&around, &nas, Duration::seconds(2)).await;
    assert_eq!(server.heard(), before + 1, "the start is told again");
}

#[tokio::test]
async fn a_restart_begins_anew_and_ids_come_back() {
    let (around, server, nas) = stage().await;
    pass(&around, &nas, Duration::seconds(100)).await;
    nas.act(r#"{"do":"reboot"}"#).await.unwrap();
    let again = nas.act(AMINA).await.unwrap();
    assert_eq!(again, json!({"address": "10.5.48.2", "session_id": "80200000"}));
    assert_eq!(server.accounting(), [(START, 0), (ON, 0), (START, 0)]);
    let sessions: Vec<_> = nas.accounts().iter().map(|one| (one.session_id.clone(), one.over)).collect();
    assert_eq!(sessions, [("80200000".to_owned(), true), ("80200000".to_owned(), false)]);
}

#[tokio::test]
async fn counters_without_gigawords_begin_anew() {
    let (_, server, nas) = stage().await;
    nas.change(|identity| identity.gigawords = false);
    nas.act(r#"{"do":"transfer","user":"amina","upload_bytes":4294967301,"download_bytes":0}"#)
        .await
        .unwrap();
    nas.act(r#"{"do":"report","user":"amina"}"#).await.unwrap();
    assert_eq!(server.accounting(), [(START, 0), (INTERIM, 5)]);
    assert_eq!(nas.accounts()[0].reported_up, 4_294_967_301);
}

#[tokio::test]
async fn one_device_of_two_is_acted_upon_by_its_address() {
    let (_, server, nas) = stage().await;
    let second = nas.act(AMINA).await.unwrap();
    let address = second["address"].as_str().unwrap();
    for action in [
        json!({"do": "transfer", "user": "amina", "address": address, "upload_bytes": 7, "download_bytes": 0}),
        json!({"do": "report", "user": "amina", "address": address}),
        json!({"do": "sign-out", "user": "amina", "address": address}),
    ] {
        nas.act(&action.to_string()).await.unwrap();
    }
    assert_eq!(server.accounting(), [(START, 0), (START, 0), (INTERIM, 7), (STOP, 7)]);
    assert_eq!(nas.online().len(), 1);
    let nobody = r#"{"do":"report","user":"amina","address":"10.5.50.77"}"#;
    assert_eq!(nas.act(nobody).await, Err(ActionError::NotSignedIn("amina".to_owned())));
}

#[tokio::test]
async fn a_delay_is_told_in_a_packet_of_its_own() {
    let (around, server, nas) = stage().await;
    nas.change(|identity| identity.tells_delay = true);
    nas.act(r#"{"do":"fault","packets":"interim","effect":"lose-answer","times":1}"#).await.unwrap();
    pass(&around, &nas, Duration::seconds(300)).await;
    let first = server.last();
    pass(&around, &nas, Duration::seconds(2)).await;
    let second = server.last();
    assert_ne!(first[1], second[1], "another identifier");
    let delay = radius_tokio::attributes::first(&second[20..], attrs::ACCT_DELAY_TIME);
    assert_eq!(delay, Some(1));
}

#[tokio::test]
async fn five_hundred_reports_at_once_wait_for_each_other() {
    let around = Surroundings::new();
    let server = Server::start(|accept| {
        accept.add(attrs::ACCT_INTERIM_INTERVAL, 300).unwrap();
    })
    .await;
    let nas = server.nas(&around, |_| {}).await;
    for user in 0..500 {
        nas.act(&format!(r#"{{"do":"sign-in","user":"u{user}","password":"secret"}}"#)).await.unwrap();
    }
    pass(&around, &nas, Duration::seconds(300)).await;
    let told = server.accounting();
    assert_eq!(told.iter().filter(|(kind, _)| *kind == INTERIM).count(), 500);
    assert_eq!(nas.given_up(), 0);
}

#[tokio::test]
async fn a_silent_server_is_waited_for_and_nobody_gets_in() {
    let around = Surroundings::new();
    let server = Server::start(|_| {}).await;
    let nas = server
        .nas(&around, |options| {
            options.identity.secret = "another".to_owned();
            options.patience = std::time::Duration::from_millis(50);
        })
        .await;
    // The server lets it in, but its answer proves another secret.
    assert_eq!(nas.act(AMINA).await, Err(ActionError::Unanswered));
    for _ in 0..3 {
        pass(&around, &nas, Duration::seconds(2)).await;
    }
    assert_eq!((nas.online().len(), nas.given_up(), server.heard()), (0, 1, 3));
}
