//! Disconnect and CoA: `radclient` against the simulated NAS, our sender against FreeRADIUS, and the two against each
//! other.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use kernel::testing::Surroundings;
use radius::adapters::dynamic_authorization::{DynamicAuthorization, Patience};
use radius::nas_client::Vendor;
use radius::ports::nas::{
    LiveLimits, LiveRates, NasAnswer, NasControl as _, NasTarget, Order, SESSION_CONTEXT_NOT_FOUND,
    SessionNames, Told,
};
use radius_tokio::dict::rfc::attrs;
use simulators::nas::{Action, NasSimulator, Obedience};
use tokio::net::UdpSocket;

use crate::freeradius::{FreeRadius, radclient};
use crate::server::{SECRET, Server};

const STOP: u32 = 2;

async fn stage() -> (Surroundings, Server, NasSimulator) {
    let around = Surroundings::new();
    let server = Server::start(|accept| {
        accept.add(attrs::ACCT_INTERIM_INTERVAL, 300).unwrap();
    })
    .await;
    let nas = server.nas(&around, |_| {}).await;
    nas.act(r#"{"do":"sign-in","user":"amina","password":"secret","upload_kbps":800,"download_kbps":8000}"#)
        .await
        .unwrap();
    (around, server, nas)
}

fn target(address: SocketAddr, secret: &str) -> NasTarget {
    NasTarget { address, secret: secret.into(), vendor: Vendor::Mikrotik }
}

fn amina() -> SessionNames {
    SessionNames {
        username: Some("amina".to_owned()),
        session_id: "80200000".to_owned(),
        address: Some(Ipv4Addr::new(10, 5, 48, 2)),
        mac: Some("02:00:0A:05:30:02".to_owned()),
        nas_address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    }
}

/// For orders that are answered: only a dead machine takes longer.
fn patient() -> DynamicAuthorization {
    DynamicAuthorization::new(Patience { first: Duration::from_secs(30), transmissions: 2 })
}

/// For orders that nobody answers.
fn hasty() -> DynamicAuthorization {
    DynamicAuthorization::new(Patience { first: Duration::from_millis(20), transmissions: 3 })
}

const THROTTLE: Order = Order::Change(LiveLimits {
    rates: Some(LiveRates { upload_kbps: Some(64), download_kbps: Some(256) }),
    session_timeout_seconds: Some(7_200),
});

#[tokio::test]
async fn radclient_ends_and_changes_sessions_of_the_simulated_nas() {
    let (_, server, nas) = stage().await;
    let ask =
        |kind: &'static str, attributes: &'static str| radclient(nas.coa_addr(), kind, SECRET, attributes);
    let Some(said) =
        ask("coa", "User-Name=amina,Framed-IP-Address=10.5.48.2,Mikrotik-Rate-Limit=\"64k/256k\"").await
    else {
        return;
    };
    assert!(said.contains("Received CoA-ACK"), "{said}");
    assert_eq!((nas.online()[0].upload_kbps, nas.online()[0].download_kbps), (Some(64), Some(256)));
    for (kind, attributes, cause) in [
        ("disconnect", "User-Name=amina", "Session-Context-Not-Found"),
        ("disconnect", "User-Name=joel,Framed-IP-Address=10.5.48.2", "Session-Context-Not-Found"),
        ("disconnect", "Framed-IP-Address=10.5.48.2,Acct-Session-Id=80200001", "Session-Context-Not-Found"),
        ("disconnect", "Framed-IP-Address=10.5.48.2,NAS-IP-Address=192.0.2.1", "NAS-Identification-Mismatch"),
        ("disconnect", "Framed-IP-Address=10.5.48.2,Session-Timeout=1", "Unsupported-Attribute"),
        ("coa", "Framed-IP-Address=10.5.48.2,Mikrotik-Total-Limit=1", "Unsupported-Attribute"),
    ] {
        let said = ask(kind, attributes).await.unwrap();
        assert!(said.contains("-NAK") && said.contains(cause), "{attributes}: {said}");
    }
    let said =
        radclient(nas.coa_addr(), "disconnect", "another", "Framed-IP-Address=10.5.48.2").await.unwrap();
    assert!(said.contains("No reply"), "{said}");
    assert_eq!((nas.heard().dropped, nas.online().len()), (1, 1));
    let said =
        ask("disconnect", "User-Name=amina,Framed-IP-Address=10.5.48.2,Message-Authenticator=0x00").await;
    assert!(said.unwrap().contains("Received Disconnect-ACK"));
    nas.settle().await;
    assert!(nas.online().is_empty());
    assert_eq!(server.accounting().last().map(|(kind, _)| *kind), Some(STOP));
}

#[tokio::test]
async fn freeradius_understands_our_orders() {
    let Some(server) = FreeRadius::start().await else { return };
    let told = patient().tell(&target(server.coa, SECRET), &amina(), &Order::Disconnect).await;
    assert_eq!(told, Told { answer: NasAnswer::Ack, identifier: Some(0), transmissions: 1 });
    let told = patient().tell(&target(server.coa, SECRET), &amina(), &THROTTLE).await;
    assert_eq!(told.answer, NasAnswer::Ack);
    let gone = SessionNames { username: Some("gone".to_owned()), ..amina() };
    for order in [Order::Disconnect, THROTTLE] {
        let told = patient().tell(&target(server.coa, SECRET), &gone, &order).await;
        assert_eq!(told.answer, NasAnswer::Nak(Some(SESSION_CONTEXT_NOT_FOUND)));
    }
    let told = hasty().tell(&target(server.coa, "another-secret"), &amina(), &Order::Disconnect).await;
    assert_eq!(told, Told { answer: NasAnswer::Silence, identifier: Some(0), transmissions: 3 });
    let taken = server.taken();
    assert_eq!(taken.len(), 4, "{taken:#?}");
    for line in [
        "Packet-Type = Disconnect-Request",
        "User-Name = \"amina\"",
        "Acct-Session-Id = \"80200000\"",
        "Framed-IP-Address = 10.5.48.2",
        "Calling-Station-Id = \"02:00:0A:05:30:02\"",
        "NAS-IP-Address = 127.0.0.1",
    ] {
        assert!(taken[0].iter().any(|attribute| attribute == line), "{line} is not in {:#?}", taken[0]);
    }
    for line in ["Packet-Type = CoA-Request", "Mikrotik-Rate-Limit = \"64k/256k\"", "Session-Timeout = 7200"]
    {
        assert!(taken[1].iter().any(|attribute| attribute == line), "{line} is not in {:#?}", taken[1]);
    }
}

#[tokio::test]
async fn the_simulated_nas_does_what_our_sender_tells_it() {
    for signs_answers in [false, true] {
        let (_, _, nas) = stage().await;
        nas.change(|identity| identity.signs_answers = signs_answers);
        let to = target(nas.coa_addr(), SECRET);
        assert_eq!(patient().tell(&to, &amina(), &THROTTLE).await.answer, NasAnswer::Ack);
        let online = nas.online().remove(0);
        assert_eq!(
            (online.upload_kbps, online.download_kbps, online.session_timeout),
            (Some(64), Some(256), Some(7_200))
        );
        let free =
            Order::Change(LiveLimits { rates: Some(LiveRates::default()), session_timeout_seconds: None });
        assert_eq!(patient().tell(&to, &amina(), &free).await.answer, NasAnswer::Ack);
        assert_eq!(nas.online()[0].upload_kbps, None);
        let other = SessionNames { username: Some("Amina".to_owned()), ..amina() };
        let unknown = NasAnswer::Nak(Some(SESSION_CONTEXT_NOT_FOUND));
        assert_eq!(patient().tell(&to, &other, &Order::Disconnect).await.answer, unknown);
        let unnamed = SessionNames { username: None, ..amina() };
        assert_eq!(patient().tell(&to, &unnamed, &Order::Disconnect).await.answer, NasAnswer::Ack);
        assert!(nas.online().is_empty());
        assert_eq!(patient().tell(&to, &amina(), &Order::Disconnect).await.answer, unknown);
    }
}

#[tokio::test]
async fn a_nas_may_ignore_refuse_or_only_pretend() {
    let (_, _, nas) = stage().await;
    let to = target(nas.coa_addr(), SECRET);
    let behave = async |how| nas.apply(Action::Obedience(how)).await.unwrap();
    behave(Obedience::Pretend).await;
    assert_eq!(patient().tell(&to, &amina(), &Order::Disconnect).await.answer, NasAnswer::Ack);
    behave(Obedience::Refuse { cause: 501 }).await;
    assert_eq!(patient().tell(&to, &amina(), &Order::Disconnect).await.answer, NasAnswer::Nak(Some(501)));
    behave(Obedience::Ignore).await;
    let told = hasty().tell(&to, &amina(), &Order::Disconnect).await;
    assert_eq!((told.answer, told.transmissions), (NasAnswer::Silence, 3));
    assert_eq!((nas.heard().disconnects, nas.online().len()), (5, 1));
}

#[tokio::test]
async fn an_order_that_is_repeated_is_done_once_and_answered_twice() {
    let (_, server, nas) = stage().await;
    let request = radius::adapters::dynamic_authorization::request(
        &target(nas.coa_addr(), SECRET),
        &amina(),
        &Order::Disconnect,
        7,
    )
    .unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut answers = Vec::new();
    for _ in 0..2 {
        socket.send_to(&request, nas.coa_addr()).await.unwrap();
        let mut answer = [0; 4096];
        let length = socket.recv(&mut answer).await.unwrap();
        answers.push(answer[..length].to_vec());
    }
    assert_eq!(answers[0], answers[1]);
    nas.settle().await;
    assert_eq!(server.accounting().iter().filter(|(kind, _)| *kind == STOP).count(), 1);
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let told = hasty().tell(&target(closed, SECRET), &amina(), &Order::Disconnect).await;
    assert!(matches!(told.answer, NasAnswer::NotSent(_)), "{told:?}");
    let long = SessionNames { username: Some("x".repeat(300)), ..amina() };
    let told = hasty().tell(&target(closed, SECRET), &long, &Order::Disconnect).await;
    assert_eq!((told.identifier, told.transmissions), (None, 0));
}
