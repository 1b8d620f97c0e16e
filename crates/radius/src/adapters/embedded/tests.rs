//! The protocol by itself: a stand-in for the domain, and packets of every kind.

mod hostile;
mod stand_in;

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use kernel::testing::Surroundings;
use md5::{Digest as _, Md5};
use radius_tokio::{Code, PacketBuffer, auth::mschap, authenticator, message_authenticator};
use tokio::{net::UdpSocket, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use self::stand_in::StandIn;
use super::{
    EmbeddedServer,
    packet::{Packet, Role},
    proof::RequestProof,
    request::{Accounting, accounting},
    tally::Tally,
};
use crate::{
    accounting::{Moment, Report},
    login::Proof as _,
};

const SECRET: &[u8] = b"correct-horse-battery";
const PASSWORD: &str = "wifi-1234";

struct Stage {
    server: Arc<EmbeddedServer>,
    backend: Arc<StandIn>,
    nas: UdpSocket,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Stage {
    async fn set(backend: StandIn) -> Self {
        let backend = Arc::new(backend);
        let local: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let ambient = Surroundings::new().ambient();
        let server = EmbeddedServer::bind(local, local, backend.clone(), ambient).await.unwrap();
        let (server, stop) = (Arc::new(server), CancellationToken::new());
        let (running, until) = (server.clone(), stop.clone());
        let running = tokio::spawn(async move { running.run(until).await });
        Self { server, backend, nas: UdpSocket::bind(local).await.unwrap(), stop, running }
    }

    fn to(&self, role: Role) -> SocketAddr {
        let (auth, acct) = self.server.addresses();
        if role == Role::Auth { auth } else { acct }
    }

    /// Sends a packet and waits for its answer.
    async fn ask(&self, role: Role, packet: &[u8]) -> Vec<u8> {
        self.nas.send_to(packet, self.to(role)).await.unwrap();
        let mut buffer = vec![0; 5_000];
        let (length, _) = self.nas.recv_from(&mut buffer).await.unwrap();
        buffer.truncate(length);
        buffer
    }

    /// Sends a packet that must not be answered, and waits until it was counted.
    async fn drop(&self, role: Role, packet: &[u8], tally: Tally) {
        let before = self.server.tallies().of(tally);
        self.nas.send_to(packet, self.to(role)).await.unwrap();
        while self.server.tallies().of(tally) == before {
            tokio::task::yield_now().await;
        }
    }
}

fn hidden(password: &str, authenticator: &[u8; 16]) -> Vec<u8> {
    let mut plain = password.as_bytes().to_vec();
    plain.resize(password.len().max(1).div_ceil(16) * 16, 0);
    let (mut hidden, mut before) = (Vec::new(), authenticator.to_vec());
    for block in plain.chunks(16) {
        let mask = Md5::new().chain_update(SECRET).chain_update(&before).finalize();
        before = block.iter().zip(mask.iter()).map(|(byte, mask)| byte ^ mask).collect();
        hidden.extend(&before);
    }
    hidden
}

fn request(number: u8) -> (PacketBuffer, [u8; 16]) {
    let mut packet = PacketBuffer::new(Code::ACCESS_REQUEST, number);
    packet.add_attribute(1, b"ada").unwrap();
    packet.add_attribute(33, b"a proxy's").unwrap();
    (packet, [number; 16])
}

fn pap(number: u8, password: &str) -> Vec<u8> {
    let (mut packet, authenticator) = request(number);
    packet.add_attribute(2, &hidden(password, &authenticator)).unwrap();
    signed(packet, &authenticator)
}

fn signed(packet: PacketBuffer, authenticator: &[u8; 16]) -> Vec<u8> {
    packet.seal_as_random_authenticator_request(authenticator, SECRET).unwrap().as_bytes().to_vec()
}

fn without_message_authenticator(number: u8) -> Vec<u8> {
    let (mut packet, authenticator) = request(number);
    packet.add_attribute(2, &hidden(PASSWORD, &authenticator)).unwrap();
    let mut bytes = packet.as_bytes().to_vec();
    let length = u16::try_from(bytes.len()).unwrap();
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    bytes[4..20].copy_from_slice(&authenticator);
    bytes
}

fn start(number: u8) -> Vec<u8> {
    let mut packet = PacketBuffer::new(Code::ACCOUNTING_REQUEST, number);
    packet.add_attribute(40, &1_u32.to_be_bytes()).unwrap();
    packet.add_attribute(44, format!("8000{number}").as_bytes()).unwrap();
    packet.add_attribute(1, b"ada").unwrap();
    packet.seal_as_zeroed_request(SECRET).as_bytes().to_vec()
}

#[track_caller]
fn assert_answers(answer: &[u8], code: Code, authenticator: &[u8; 16]) {
    assert_eq!(answer[0], code.0);
    assert!(authenticator::verify_response(answer, authenticator, SECRET));
    let signed = message_authenticator::verify(answer, authenticator, SECRET);
    let expected = if code == Code::ACCOUNTING_RESPONSE {
        message_authenticator::Verification::Absent
    } else {
        message_authenticator::Verification::Valid
    };
    assert_eq!(signed, expected);
}

#[tokio::test]
async fn a_password_is_proved_by_pap_chap_and_ms_chap() {
    let stage = Stage::set(StandIn::default()).await;
    for (number, password, code) in
        [(1, PASSWORD, Code::ACCESS_ACCEPT), (2, "guess", Code::ACCESS_REJECT), (3, "", Code::ACCESS_REJECT)]
    {
        let answer = stage.ask(Role::Auth, &pap(number, password)).await;
        assert_answers(&answer, code, &[number; 16]);
        // What a proxy has put there goes back.
        assert!(answer.windows(11).any(|window| window == b"\x21\x0ba proxy's"));
    }
    for (number, password, code) in [(4, PASSWORD, Code::ACCESS_ACCEPT), (5, "guess", Code::ACCESS_REJECT)] {
        let (mut packet, authenticator) = request(number);
        let hash =
            Md5::new().chain_update([7]).chain_update(password).chain_update(b"a challenge").finalize();
        packet.add_attribute(3, &[&[7], hash.as_slice()].concat()).unwrap();
        packet.add_attribute(60, b"a challenge").unwrap();
        assert_answers(&stage.ask(Role::Auth, &signed(packet, &authenticator)).await, code, &authenticator);
    }
    for (number, password, code) in [(6, PASSWORD, Code::ACCESS_ACCEPT), (7, "guess", Code::ACCESS_REJECT)] {
        let (packet, authenticator) = ms_chap(number, password);
        let answer = stage.ask(Role::Auth, &signed(packet, &authenticator)).await;
        assert_answers(&answer, code, &authenticator);
        let shows_that_it_knows = answer.windows(2).any(|window| window == b"S=");
        assert_eq!(shows_that_it_knows, code == Code::ACCESS_ACCEPT);
    }
    assert_eq!(stage.server.tallies().of(Tally::Accepted), 3);
    stage.stop.cancel();
}

fn ms_chap(number: u8, password: &str) -> (PacketBuffer, [u8; 16]) {
    let (mut packet, authenticator) = request(number);
    let (challenge, peer) = ([1; 16], [2; 16]);
    let secret = mschap::MsChapSecret::Cleartext(password);
    let response = mschap::v2_nt_response(&challenge, &peer, b"ada", secret);
    let whole = [&[9, 0], peer.as_slice(), &[0; 8], response.as_slice()].concat();
    let vendor = |kind: u8, value: &[u8]| {
        let length = u8::try_from(value.len() + 2).unwrap();
        [&311_u32.to_be_bytes(), &[kind, length][..], value].concat()
    };
    packet.add_attribute(26, &vendor(11, &challenge)).unwrap();
    packet.add_attribute(26, &vendor(25, &whole)).unwrap();
    (packet, authenticator)
}

/// RFC 2759 section 9.2 gives these.
#[test]
fn ms_chap_agrees_with_the_rfc() {
    let hex = |text: &str| hex::decode(text).unwrap();
    let (mut packet, authenticator) = (PacketBuffer::new(Code::ACCESS_REQUEST, 1), [1; 16]);
    packet.add_attribute(1, b"User").unwrap();
    let peer = hex("21402324255e262a28295f2b3a337c7e");
    let response = hex("82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
    let whole = [&[1, 0], peer.as_slice(), &[0; 8], response.as_slice()].concat();
    let challenge = hex("5b5d7c7d7b3f2f3e3c2c602132262628");
    for (kind, value) in [(11_u8, challenge), (25, whole)] {
        let length = u8::try_from(value.len() + 2).unwrap();
        packet.add_attribute(26, &[&311_u32.to_be_bytes(), &[kind, length][..], &value].concat()).unwrap();
    }
    let packet = Packet::parse(Role::Auth, &signed(packet, &authenticator)).unwrap();
    let proof = RequestProof::of(&packet, SECRET).unwrap();
    assert!(!proof.was_made_from("clientpass"));
    assert!(proof.was_made_from("clientPass"));
    let success = proof.success().unwrap();
    assert_eq!(&success[1..], b"S=407A5589115FD0D6209F510FE9C04566932CDA56");
}

#[tokio::test]
async fn what_proves_nothing_is_dropped_and_counted() {
    let stage = Stage::set(StandIn::default()).await;
    let mut changed = pap(1, PASSWORD);
    changed[22] ^= 1;
    let mut cut = pap(2, PASSWORD);
    cut.truncate(30);
    let mut long = pap(3, PASSWORD);
    long.resize(4_097, 0);
    let mut torn = start(4);
    torn[21] = 0;
    let mut forged = start(5);
    forged[5] ^= 1;
    for (role, packet, tally) in [
        (Role::Auth, changed, Tally::NotAuthentic),
        (Role::Auth, cut, Tally::Malformed),
        (Role::Auth, long, Tally::Oversized),
        (Role::Auth, Vec::new(), Tally::Malformed),
        (Role::Auth, start(6), Tally::WrongCode),
        (Role::Acct, pap(7, PASSWORD), Tally::WrongCode),
        (Role::Auth, without_message_authenticator(8), Tally::NoMessageAuthenticator),
        (Role::Acct, torn, Tally::Malformed),
        (Role::Acct, forged, Tally::NotAuthentic),
    ] {
        stage.drop(role, &packet, tally).await;
    }
    let elsewhere = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    elsewhere.send_to(&pap(9, PASSWORD), stage.to(Role::Auth)).await.unwrap();
    while stage.server.tallies().of(Tally::UnknownNas) == 0 {
        tokio::task::yield_now().await;
    }
    // It still answers.
    assert_answers(&stage.ask(Role::Auth, &pap(10, PASSWORD)).await, Code::ACCESS_ACCEPT, &[10; 16]);
    assert!(stage.backend.reports.lock().unwrap().is_empty());
    stage.stop.cancel();
}

#[tokio::test]
async fn an_old_nas_may_be_let_off_the_message_authenticator_but_not_a_wrong_one() {
    let stage = Stage::set(StandIn { lax: true, ..StandIn::default() }).await;
    let answer = stage.ask(Role::Auth, &without_message_authenticator(1)).await;
    assert_answers(&answer, Code::ACCESS_ACCEPT, &[1; 16]);
    let mut wrong = pap(2, PASSWORD);
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    stage.drop(Role::Auth, &wrong, Tally::NotAuthentic).await;
    stage.stop.cancel();
}

#[tokio::test]
async fn a_repeated_request_is_done_once() {
    let stage = Stage::set(StandIn::default()).await;
    let first = stage.ask(Role::Acct, &start(1)).await;
    assert_answers(&first, Code::ACCOUNTING_RESPONSE, start(1)[4..20].try_into().unwrap());
    assert_eq!(stage.ask(Role::Acct, &start(1)).await, first);
    assert_eq!(stage.backend.reports.lock().unwrap().len(), 1);
    assert_eq!(stage.server.tallies().of(Tally::Repeated), 1);
    stage.stop.cancel();
}

#[tokio::test]
async fn while_the_database_is_away_nobody_is_answered() {
    let stage = Stage::set(StandIn::default()).await;
    stage.backend.away.store(true, Ordering::Relaxed);
    stage.drop(Role::Auth, &pap(1, PASSWORD), Tally::Unanswerable).await;
    stage.drop(Role::Acct, &start(1), Tally::Unanswerable).await;
    stage.backend.away.store(false, Ordering::Relaxed);
    // The NAS asks again, as it was.
    assert_answers(&stage.ask(Role::Auth, &pap(1, PASSWORD)).await, Code::ACCESS_ACCEPT, &[1; 16]);
    stage.ask(Role::Acct, &start(1)).await;
    assert_eq!(stage.backend.reports.lock().unwrap().len(), 1);
    stage.stop.cancel();
}

#[tokio::test]
async fn a_slow_database_makes_nas_wait_and_not_the_server_grow() {
    let stage = Stage::set(StandIn::default()).await;
    stage.backend.never.store(true, Ordering::Relaxed);
    for number in 0..=u8::MAX {
        stage.nas.send_to(&start(number), stage.to(Role::Acct)).await.unwrap();
        // What the socket holds is bounded by the system, so that each is waited for.
        while stage.server.tallies().of(Tally::Received) <= u64::from(number) {
            tokio::task::yield_now().await;
        }
    }
    stage.drop(Role::Acct, &start(0), Tally::Overloaded).await;
    // Logins have room of their own.
    stage.backend.never.store(false, Ordering::Relaxed);
    assert_answers(&stage.ask(Role::Auth, &pap(1, PASSWORD)).await, Code::ACCESS_ACCEPT, &[1; 16]);
    stage.stop.cancel();
}

#[tokio::test]
async fn a_login_is_answered_though_its_line_has_to_wait() {
    let stage = Stage::set(StandIn::default()).await;
    stage.backend.log_is_busy.store(true, Ordering::Relaxed);
    assert_answers(&stage.ask(Role::Auth, &pap(1, PASSWORD)).await, Code::ACCESS_ACCEPT, &[1; 16]);
    assert_eq!(stage.backend.lines.load(Ordering::Relaxed), 0);
    // It is not forgotten: who stops waits for it.
    stage.stop.cancel();
    stage.backend.log_is_busy.store(false, Ordering::Relaxed);
    stage.running.await.unwrap();
    assert_eq!(stage.backend.lines.load(Ordering::Relaxed), 1);
}

fn parsed(attributes: &[(u8, Vec<u8>)]) -> Packet {
    let mut packet = PacketBuffer::new(Code::ACCOUNTING_REQUEST, 1);
    for (kind, value) in attributes {
        packet.add_attribute(*kind, value).unwrap();
    }
    Packet::parse(Role::Acct, packet.seal_as_zeroed_request(SECRET).as_bytes()).unwrap()
}

#[test]
fn accounting_is_read_as_rfc_2866_and_2869_have_it() {
    let now = Surroundings::new().ambient().now();
    let number = |number: u32| number.to_be_bytes().to_vec();
    let mut attributes = vec![
        (40, number(2)),
        (44, b"80000001".to_vec()),
        (1, b"Ada".to_vec()),
        (4, vec![10, 5, 50, 1]),
        (46, number(420)),
        (42, number(60)),
        (52, number(3)),
        (43, number(7)),
        (49, number(2)),
        (25, b"another's".to_vec()),
        (25, b"ai:0123456789abcdef0123456789abcdef".to_vec()),
        (55, number(u32::try_from(now.timestamp() - 30).unwrap())),
        (41, number(10)),
    ];
    let read =
        |attributes: &[(u8, Vec<u8>)]| match accounting(&parsed(attributes), [127, 0, 0, 1].into(), now) {
            Accounting::Report(Report::Session(report)) => *report,
            other => panic!("{other:?}"),
        };
    let report = read(&attributes);
    assert_eq!(
        (report.moment, report.seconds, report.cause.as_str()),
        (Moment::Stop, Some(420), "Lost-Carrier")
    );
    assert_eq!((report.up, report.down), (12_884_901_948, 7));
    assert_eq!(report.session.class.as_deref(), Some("ai:0123456789abcdef0123456789abcdef"));
    assert_eq!(report.session.nas_address, std::net::IpAddr::from([10, 5, 50, 1]));
    assert_eq!((now - report.at).num_seconds(), 30);
    // A clock that stands in 1970 or runs ahead is not believed; how long the packet was held back is.
    for clock in [0, u32::try_from(now.timestamp() + 600).unwrap()] {
        attributes[11].1 = number(clock);
        assert_eq!((now - read(&attributes).at).num_seconds(), 10);
    }
    let restarted = accounting(&parsed(&[(40, number(7))]), [127, 0, 0, 1].into(), now);
    assert!(matches!(restarted, Accounting::Report(Report::NasRestarted { .. })), "{restarted:?}");
    assert_eq!(accounting(&parsed(&[(40, number(9))]), [127, 0, 0, 1].into(), now), Accounting::Nothing);
    for unfit in [vec![], vec![(40, number(1))], vec![(44, b"1".to_vec())]] {
        assert_eq!(accounting(&parsed(&unfit), [127, 0, 0, 1].into(), now), Accounting::Unfit, "{unfit:?}");
    }
}
