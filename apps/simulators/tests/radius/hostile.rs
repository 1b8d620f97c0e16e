//! Bytes that mean no good: neither the NAS nor the sender panics, believes them, or stops hearing those that follow.

use std::time::Duration;

use kernel::testing::Surroundings;
use proptest::prelude::*;
use radius::adapters::dynamic_authorization::{DynamicAuthorization, Patience, read_answer, request};
use radius::nas_client::Vendor;
use radius::ports::nas::{NasAnswer, NasControl as _, NasTarget, Order, SessionNames};
use radius_tokio::{Code, Reply};
use tokio::net::UdpSocket;

use crate::server::{SECRET, Server};

fn names() -> SessionNames {
    SessionNames {
        username: Some("amina".to_owned()),
        session_id: "80200000".to_owned(),
        address: None,
        mac: None,
        nas_address: None,
    }
}

fn target(address: std::net::SocketAddr) -> NasTarget {
    NasTarget { address, secret: SECRET.into(), vendor: Vendor::Mikrotik }
}

/// A valid answer to a request, to be spoiled.
fn answer_to(asked: &[u8], code: Code) -> Vec<u8> {
    let authenticator = asked[4..20].try_into().unwrap();
    let mut reply = Reply::new(code, asked[1]);
    reply.add_attribute(101, &503_u32.to_be_bytes()).unwrap();
    reply.seal_for(&authenticator, SECRET.as_bytes()).as_bytes().to_vec()
}

proptest! {
    #[test]
    fn no_bytes_are_believed_as_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..4200)) {
        let asked = request(&target("127.0.0.1:1".parse().unwrap()), &names(), &Order::Disconnect, 0).unwrap();
        prop_assert_eq!(read_answer(&bytes, &asked, SECRET.as_bytes()), None);
        prop_assert_eq!(read_answer(&bytes, &bytes, SECRET.as_bytes()), None);
    }

    #[test]
    fn an_answer_with_one_other_byte_is_no_answer(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let asked = request(&target("127.0.0.1:1".parse().unwrap()), &names(), &Order::Disconnect, 9).unwrap();
        let mut answer = answer_to(&asked, Code::DISCONNECT_NAK);
        prop_assert_eq!(read_answer(&answer, &asked, SECRET.as_bytes()), Some(NasAnswer::Nak(Some(503))));
        let at = at.index(answer.len());
        answer[at] ^= flip;
        prop_assert_eq!(read_answer(&answer, &asked, SECRET.as_bytes()), None);
    }
}

#[tokio::test]
async fn the_sender_waits_past_everything_that_is_no_answer() {
    let nas = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = target(nas.local_addr().unwrap());
    let sender = DynamicAuthorization::new(Patience { first: Duration::from_secs(60), transmissions: 1 });
    let names = names();
    let order = Order::Disconnect;
    let telling = sender.tell(&to, &names, &order);
    let answering = async {
        let mut buffer = [0; 4096];
        let (length, from) = nas.recv_from(&mut buffer).await.unwrap();
        let asked = &buffer[..length];
        let good = answer_to(asked, Code::DISCONNECT_ACK);
        let (mut forged, mut other) = (good.clone(), good.clone());
        forged[4] ^= 1;
        other[1] = other[1].wrapping_add(1);
        let of_another_kind = answer_to(asked, Code::COA_ACK);
        for bytes in [&b""[..], b"\x29", asked, &good[..20], &forged, &other, &of_another_kind, &good] {
            nas.send_to(bytes, from).await.unwrap();
        }
    };
    let (told, ()) = tokio::join!(telling, answering);
    assert_eq!((told.answer, told.transmissions), (NasAnswer::Ack, 1));
}

/// Datagrams of every kind to the port for orders: what a corpus has found before, and what chance makes of a good one.
#[tokio::test]
async fn the_nas_answers_good_orders_whatever_came_before() {
    let around = Surroundings::new();
    let server = Server::start(|_| {}).await;
    let nas = server.nas(&around, |_| {}).await;
    nas.act(r#"{"do":"sign-in","user":"amina","password":"secret"}"#).await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(nas.coa_addr()).await.unwrap();
    let to = target(nas.coa_addr());
    let good = request(&to, &names(), &Order::Disconnect, 3).unwrap();
    let mut sent = 0;
    for cut in 0..good.len() {
        socket.send(&good[..cut]).await.unwrap();
        let mut flipped = good.clone();
        flipped[cut] ^= 0x55;
        socket.send(&flipped).await.unwrap();
        sent += 2;
        if sent % 50 == 0 {
            // So many are dropped by the NAS, not by a full socket.
            while nas.heard().dropped < sent {
                tokio::task::yield_now().await;
            }
        }
    }
    let sender = DynamicAuthorization::new(Patience { first: Duration::from_secs(60), transmissions: 1 });
    let amina = SessionNames { address: Some([10, 5, 48, 2].into()), ..names() };
    assert_eq!(sender.tell(&to, &amina, &Order::Disconnect).await.answer, NasAnswer::Ack);
    assert_eq!((nas.heard().dropped, nas.heard().disconnects), (sent, 1));
    assert!(nas.online().is_empty());
}
