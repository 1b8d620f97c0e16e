//! Signing in, against FreeRADIUS: the NAS asks as it must, and takes over what it is told.

use std::time::Duration;

use kernel::testing::Surroundings;
use serde_json::json;
use simulators::nas::{Action, ActionError, Identity, Method, NasSimulator, Options};

use crate::freeradius::{FreeRadius, SECRET};

async fn nas(server: &FreeRadius, change: impl FnOnce(&mut Options)) -> NasSimulator {
    let mut options = Options::asking(server.auth, server.acct);
    options.identity = Identity { secret: SECRET.to_owned(), ..Identity::default() };
    options.ambient = Surroundings::new().ambient();
    change(&mut options);
    NasSimulator::start(options).await.unwrap()
}

fn sign_in(user: &str, password: &str, method: Method) -> Action {
    let (user, password) = (user.to_owned(), password.to_owned());
    let (upload_kbps, download_kbps) = (800, 8_000);
    Action::SignIn { user, password, method, address: None, mac: None, upload_kbps, download_kbps }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freeradius_lets_in_who_proves_the_password_and_nobody_else() {
    let Some(server) = FreeRadius::start().await else { return };
    let nas = nas(&server, |_| {}).await;
    for method in [Method::Pap, Method::Chap] {
        assert!(nas.apply(sign_in("amina", "secret", method)).await.is_ok(), "{method:?}");
        let long = "a password of more than sixteen characters";
        for (user, password) in [("amina", "wrong"), ("amina", ""), ("amina", long), ("joel", "secret")] {
            let refused = nas.apply(sign_in(user, password, method)).await.unwrap_err();
            assert!(matches!(refused, ActionError::Refused(_)), "{method:?} {user} {password}: {refused}");
        }
    }
    let online = nas.online();
    assert_eq!(online.len(), 2);
    let of_five_gibibytes = Some(5_368_709_120);
    assert_eq!(
        (online[0].session_timeout, online[0].idle_timeout, online[0].total_limit),
        (Some(3_600), Some(600), of_five_gibibytes)
    );
    assert_eq!((online[0].upload_kbps, online[0].download_kbps), (Some(512), Some(2_000)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freeradius_does_not_answer_without_a_message_authenticator_or_the_secret() {
    let Some(server) = FreeRadius::start().await else { return };
    let old = nas(&server, |options| {
        options.identity.message_authenticator = false;
        options.patience = Duration::from_millis(300);
    })
    .await;
    let refused = old.apply(sign_in("amina", "secret", Method::Chap)).await;
    assert_eq!(refused, Err(ActionError::Unanswered));
    let stranger = nas(&server, |options| {
        options.identity.secret = "another-secret".to_owned();
        options.patience = Duration::from_millis(300);
    })
    .await;
    let refused = stranger.apply(sign_in("amina", "secret", Method::Chap)).await;
    assert_eq!(refused, Err(ActionError::Unanswered));
    assert!(stranger.online().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freeradius_reads_every_report_as_it_is_meant() {
    let Some(server) = FreeRadius::start().await else { return };
    let nas = nas(&server, |_| {}).await;
    let signed_in = nas.apply(sign_in("amina", "secret", Method::Chap)).await.unwrap();
    assert_eq!(signed_in, json!({"address": "10.5.48.2", "session_id": "80200000"}));
    nas.act(r#"{"do":"transfer","user":"amina","upload_bytes":4294967396,"download_bytes":200}"#)
        .await
        .unwrap();
    nas.act(r#"{"do":"report","user":"amina"}"#).await.unwrap();
    nas.act(r#"{"do":"sign-out","user":"amina"}"#).await.unwrap();
    nas.act(r#"{"do":"reboot","orderly":true}"#).await.unwrap();
    let taken = server.taken();
    let kinds: Vec<&str> =
        taken.iter().flatten().filter_map(|line| line.strip_prefix("Acct-Status-Type = ")).collect();
    assert_eq!(kinds, ["Start", "Interim-Update", "Stop", "Accounting-Off", "Accounting-On"]);
    for line in [
        "User-Name = \"amina\"",
        "NAS-Port-Type = Ethernet",
        "NAS-Identifier = \"MikroTik\"",
        "NAS-IP-Address = 127.0.0.1",
        "NAS-Port = 2149580800",
        "Acct-Session-Id = \"80200000\"",
        "Calling-Station-Id = \"02:00:0A:05:30:02\"",
        "Called-Station-Id = \"hotspot1\"",
        "Framed-IP-Address = 10.5.48.2",
        "Mikrotik-Host-IP = 10.5.48.2",
        "Class = 0x70726f6f66",
        "Acct-Input-Octets = 100",
        "Acct-Input-Gigawords = 1",
        "Acct-Output-Octets = 200",
        "Acct-Output-Gigawords = 0",
    ] {
        for packet in &taken[1..3] {
            assert!(packet.iter().any(|attribute| attribute == line), "{line} is not in {packet:#?}");
        }
    }
    assert!(taken[2].iter().any(|attribute| attribute == "Acct-Terminate-Cause = User-Request"));
}
