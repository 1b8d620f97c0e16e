//! The simulated router on the wire, byte by byte: tags, cancelling, both logins, and everything that can be wrong
//! with it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{Ipv4Addr, SocketAddr};

use chrono::Duration;
use futures_util::StreamExt as _;
use kernel::testing::Surroundings;
use routeros_api::{CodecError, Sentence, SentenceCodec};
use serde_json::{Value, json};
use simulators::routeros::{Action, Conditions, Effect, Fault, Options, RouterSimulator};
use simulators::scenario;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_util::bytes::BytesMut;
use tokio_util::codec::{Encoder as _, Framed};

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

struct Client(Framed<TcpStream, SentenceCodec>);

impl Client {
    async fn connect(router: &RouterSimulator) -> Self {
        let stream = TcpStream::connect(router.addr()).await.unwrap();
        Self(Framed::new(stream, SentenceCodec::default()))
    }

    async fn log_in(router: &RouterSimulator) -> Self {
        let mut client = Self::connect(router).await;
        assert_eq!(client.ask(&["/login", "=name=admin", "=password=secret"]).await, ["!done"]);
        client
    }

    async fn send(&mut self, words: &[&str]) {
        let sentence = words.iter().fold(Sentence::new(), Sentence::word);
        self.0.get_mut().write_all(&written(&sentence)).await.unwrap();
    }

    /// The next sentence, its words joined by spaces; `None` when the connection ended.
    async fn next(&mut self) -> Option<String> {
        let sentence = match self.0.next().await? {
            Ok(sentence) => sentence,
            // A cut may be a reset.
            Err(CodecError::Io(_) | CodecError::Truncated) => return None,
            Err(error) => return Some(format!("{error}")),
        };
        let words: Vec<_> = sentence.words().map(String::from_utf8_lossy).collect();
        Some(words.join(" "))
    }

    /// Sends a command and reads up to `!done` or the end.
    async fn ask(&mut self, words: &[&str]) -> Vec<String> {
        self.send(words).await;
        let mut said = Vec::new();
        while let Some(sentence) = self.next().await {
            let done = sentence.starts_with("!done");
            said.push(sentence);
            if done {
                break;
            }
        }
        said
    }

    async fn must_be_over(&mut self) {
        assert_eq!(self.next().await, None, "the connection should have ended");
    }
}

fn written(sentence: &Sentence) -> BytesMut {
    let mut bytes = BytesMut::new();
    SentenceCodec::default().encode(sentence, &mut bytes).unwrap();
    bytes
}

async fn router() -> RouterSimulator {
    RouterSimulator::start(Options::default()).await.unwrap()
}

fn act(router: &RouterSimulator, action: Value) -> Value {
    router.apply(Action::parse(&action.to_string()).unwrap()).unwrap()
}

fn fault(router: &RouterSimulator, effect: Effect) {
    let command = "/ip/hotspot/user/add".to_owned();
    let text = Some("failure: told so".to_owned());
    let fault = Fault { command, name: None, effect, text, times: Some(1) };
    router.change(|conditions| conditions.faults.push(fault));
}

const ADD: [&str; 3] = ["/ip/hotspot/user/add", "=name=amina", "=password=p"];

#[tokio::test]
async fn commands_of_one_connection_are_answered_side_by_side_and_can_be_cancelled() {
    let router = router().await;
    let mut client = Client::log_in(&router).await;
    client.send(&["/interface/monitor-traffic", "=interface=ether1", ".tag=watch"]).await;
    let row = client.next().await.unwrap();
    assert!(row.starts_with("!re =name=ether1 ") && row.ends_with(" .tag=watch"), "{row}");
    let said = client.ask(&["/system/identity/print", ".tag=b"]).await;
    assert_eq!(said, ["!re =name=MikroTik .tag=b", "!done .tag=b"]);
    client.send(&["/cancel", "=tag=watch", ".tag=c"]).await;
    let mut said = Vec::new();
    while said.len() < 3 {
        let sentence = client.next().await.unwrap();
        if !sentence.starts_with("!re ") {
            said.push(sentence);
        }
    }
    assert_eq!(
        said,
        ["!trap =category=2 =message=interrupted .tag=watch", "!done .tag=watch", "!done .tag=c"]
    );
    let refused = client.ask(&["/ip/hotspot/user/dance", ".tag=d"]).await;
    assert_eq!(refused, ["!trap =message=no such command .tag=d", "!done .tag=d"]);
}

#[tokio::test]
async fn sentences_are_understood_in_whatever_pieces_they_arrive() {
    let router = router().await;
    let mut client = Client::connect(&router).await;
    let login = Sentence::of("/login").with("name", "admin").with("password", "secret");
    // An empty sentence before it means nothing.
    client.0.get_mut().write_all(b"\0").await.unwrap();
    for byte in &written(&login) {
        client.0.get_mut().write_all(&[*byte]).await.unwrap();
        client.0.get_mut().flush().await.unwrap();
    }
    assert_eq!(client.next().await.unwrap(), "!done");
}

#[tokio::test]
async fn nobody_does_anything_before_logging_in_and_quitting_ends_it() {
    let router = router().await;
    let mut stranger = Client::connect(&router).await;
    assert_eq!(stranger.ask(&["/system/identity/print"]).await, ["!fatal not logged in"]);
    let mut wrong = Client::connect(&router).await;
    let refused = wrong.ask(&["/login", "=name=admin", "=password=x", ".tag=1"]).await;
    assert_eq!(refused, ["!trap =message=invalid user name or password (6) .tag=1", "!done .tag=1"]);
    assert_eq!(wrong.ask(&["/login", "=name=admin", "=password=secret"]).await, ["!done"]);
    assert_eq!(wrong.ask(&["/quit"]).await, ["!fatal session terminated on request"]);
    wrong.must_be_over().await;
}

#[tokio::test]
async fn before_6_43_a_login_is_a_challenge_that_counts_once() {
    let version = "6.42".parse().unwrap();
    let options = Options { version, ..Options::default() };
    let router = RouterSimulator::start(options).await.unwrap();
    let mut client = Client::connect(&router).await;
    let said = client.ask(&["/login", "=name=admin", "=password=secret"]).await;
    let challenge = said[0].strip_prefix("!done =ret=").unwrap();
    assert!(challenge.len() == 32 && challenge.bytes().all(|digit| digit.is_ascii_hexdigit()), "{challenge}");
    let wrong = format!("=response=00{challenge}");
    let refused = client.ask(&["/login", "=name=admin", &wrong]).await;
    assert_eq!(refused, ["!trap =message=cannot log in", "!done"]);
}

#[tokio::test]
async fn a_command_may_be_refused_lost_or_left_without_an_answer() {
    for (effect, answer, done) in [
        (Effect::Refuse, &["!trap =message=failure: told so", "!done"][..], false),
        (Effect::Fatal, &["!fatal failure: told so"], false),
        (Effect::Cut, &[], false),
        (Effect::LoseAnswer, &[], true),
        (Effect::HalfAnswer, &[], true),
        (Effect::Trickle, &["!done =ret=*1"], true),
        (Effect::Garbage, &["a length of the reserved form"], true),
        (Effect::HugeWord, &["a word of"], true),
        (Effect::EndlessSentence, &["a sentence of more than"], true),
    ] {
        let router = router().await;
        fault(&router, effect);
        let mut client = Client::log_in(&router).await;
        client.send(&ADD).await;
        for expected in answer {
            let said = client.next().await.unwrap();
            let exactly = expected.starts_with('!');
            let is_an_error = !said.starts_with('!');
            assert!(if exactly { said == *expected } else { is_an_error }, "{effect:?}: {said}");
        }
        if answer.is_empty() || effect == Effect::Fatal {
            client.must_be_over().await;
        }
        assert_eq!(router.user("amina").is_some(), done, "{effect:?}");
        assert_eq!(router.times_executed("/ip/hotspot/user/add"), u64::from(done), "{effect:?}");
        assert_eq!(router.conditions(), Conditions::default(), "{effect:?} happened once");
        router.shut_down().await;
    }
}

#[tokio::test]
async fn a_command_that_is_never_answered_does_not_hold_up_the_others() {
    let router = router().await;
    fault(&router, Effect::NeverAnswer);
    let mut client = Client::log_in(&router).await;
    client.send(&ADD).await;
    let said = client.ask(&["/ip/hotspot/user/print", "=count-only", ".tag=2"]).await;
    assert_eq!(said, ["!done =ret=2 .tag=2"], "what is not answered is done all the same");
}

#[tokio::test]
async fn rows_without_an_end_go_on_until_the_client_has_had_enough() {
    let router = router().await;
    fault(&router, Effect::EndlessRows);
    let mut client = Client::log_in(&router).await;
    client.send(&ADD).await;
    for _ in 0..10_000 {
        assert_eq!(client.next().await.unwrap(), "!re =name=x");
    }
}

#[tokio::test]
async fn a_router_that_is_down_refuses_connections_until_it_is_up() {
    let router = router().await;
    let mut client = Client::log_in(&router).await;
    router.take_down().await;
    client.must_be_over().await;
    let error = TcpStream::connect(router.addr()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    router.bring_up().await;
    Client::log_in(&router).await;
}

#[tokio::test]
async fn a_reboot_cuts_connections_and_ends_sessions_but_keeps_users() {
    let router = router().await;
    let mut client = Client::log_in(&router).await;
    client.ask(&ADD).await;
    act(&router, json!({"do": "sign-in", "user": "amina", "password": "p"}));
    assert_eq!(router.items("/ip/hotspot/active").len(), 1);
    client.send(&["/system/reboot"]).await;
    client.must_be_over().await;
    assert!(router.items("/ip/hotspot/active").is_empty());
    assert!(router.user("amina").is_some());
    Client::log_in(&router).await;
}

#[tokio::test]
async fn a_mute_router_accepts_and_says_nothing() {
    let router = router().await;
    let mut before = Client::log_in(&router).await;
    act(&router, json!({"do": "mute", "on": true}));
    before.send(&ADD).await;
    let mut during = Client::connect(&router).await;
    during.send(&["/login", "=name=admin", "=password=secret"]).await;
    act(&router, json!({"do": "cut"}));
    before.must_be_over().await;
    assert!(router.user("amina").is_none(), "what a mute router was told is not done");
    act(&router, json!({"do": "heal"}));
    Client::log_in(&router).await;
}

#[tokio::test]
async fn a_scenario_happens_at_its_moments_of_the_injected_clock() {
    let surroundings = Surroundings::new();
    let scenario = scenario::parse(
        r#"
        {"do":"command","words":["/ip/hotspot/user/add","=name=amina","=password=p","=limit-uptime=40s"]}
        {"at":"10s","do":"sign-in","user":"amina","password":"p","download_kbps":80}
        {"at":"30s","do":"traffic","user":"amina","upload_kbps":8,"download_kbps":0}
        "#,
    );
    let options =
        Options { ambient: surroundings.ambient(), scenario: scenario.unwrap(), ..Options::default() };
    let router = RouterSimulator::start(options).await.unwrap();
    assert!(router.items("/ip/hotspot/active").is_empty());
    surroundings.clock.advance(Duration::seconds(40));
    let session = router.items("/ip/hotspot/active").remove(0);
    let seen = ["uptime", "bytes-in", "bytes-out", "session-time-left"].map(|name| session[name].as_str());
    assert_eq!(seen, ["30s", "10000", "200000", "10s"]);
    surroundings.clock.advance(Duration::seconds(3_600));
    assert!(router.items("/ip/hotspot/active").is_empty(), "its time is used up");
    assert_eq!(router.user("amina").unwrap()["uptime"], "40s");
}

#[tokio::test]
async fn the_control_port_takes_actions_from_other_processes() {
    let options = Options { control_addr: Some(ANY_PORT), ..Options::default() };
    let router = RouterSimulator::start(options).await.unwrap();
    let stream = TcpStream::connect(router.control_addr().unwrap()).await.unwrap();
    let mut stream = BufReader::new(stream);
    for (line, expected) in [
        (json!({"do": "command", "words": ADD}), json!({"ok": true, "result": [["!done", "=ret=*1"]]})),
        (
            json!({"do": "command", "words": ADD}),
            json!({"ok": false, "error": "failure: already have user with this name for this server"}),
        ),
        (
            json!({"do": "sign-in", "user": "amina", "password": "x"}),
            json!({"ok": false, "error": "invalid username or password"}),
        ),
        (
            json!({"do": "sign-in", "user": "amina", "password": "p", "address": "10.5.50.9"}),
            json!({"ok": true, "result": {"address": "10.5.50.9"}}),
        ),
        (json!({"do": "sign-out", "user": "joel"}), json!({"ok": false, "error": "joel is not signed in"})),
        (json!({"do": "delay", "ms": 5}), json!({"ok": true, "result": null})),
    ] {
        let written = format!("{line}\n");
        stream.get_mut().write_all(written.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_line(&mut answer).await.unwrap();
        assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), expected, "{line}");
    }
    stream.get_mut().write_all(b"{\"do\":\"state\"}\n{\"do\":1}\n").await.unwrap();
    let mut state = String::new();
    stream.read_line(&mut state).await.unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!((&state["result"]["users"], &state["result"]["sessions"]), (&json!(2), &json!(1)));
    assert_eq!(state["result"]["conditions"]["delay_ms"], 5);
    let mut refused = String::new();
    stream.read_line(&mut refused).await.unwrap();
    assert!(refused.contains("not understood"), "{refused}");
}
