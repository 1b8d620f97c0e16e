//! The channel against a small mail server that behaves as it is told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::{EmailAddress, testing::Surroundings};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{SmtpChannel, SmtpSecurity, SmtpSettings};
use crate::{
    ports::{MessageChannel, OutgoingMessage, SendOutcome},
    testing::{channel_contract, outgoing},
};

/// At which point the server does something else than take the message.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Point {
    Greeting,
    Login,
    Sender,
    Recipient,
    Text,
}

/// What it does there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Takes,
    Says(&'static str, Point),
    HangsUp(Point),
    FallsSilent(Point),
}

/// A mail server. What it took over is kept, dots unstuffed, and so is every command it was given.
struct Server {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (mails, commands) = (taken.clone(), heard.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, mood, mails.clone(), commands.clone()));
            }
        });
        Self { port, taken, heard }
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

async fn talk(
    stream: TcpStream,
    mood: Mood,
    taken: Arc<Mutex<Vec<String>>>,
    heard: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    reply(&mut stream, mood, Point::Greeting, "220 sink ready").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        heard.lock().unwrap().push(line.trim_end().to_owned());
        match line.get(..4)? {
            "EHLO" => say(&mut stream, "250-sink\r\n250 AUTH PLAIN").await?,
            "AUTH" => reply(&mut stream, mood, Point::Login, "235 welcome").await?,
            "MAIL" => reply(&mut stream, mood, Point::Sender, "250 sender ok").await?,
            "RCPT" => reply(&mut stream, mood, Point::Recipient, "250 recipient ok").await?,
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let mail = read_mail(&mut stream).await?;
                if matches!(mood, Mood::Takes | Mood::HangsUp(Point::Text)) {
                    taken.lock().unwrap().push(mail);
                }
                reply(&mut stream, mood, Point::Text, "250 2.0.0 queued as 4F2A").await?;
            }
            _ => say(&mut stream, "221 bye").await?,
        }
    }
}

/// Says what the mood says at this point; `None` ends the talk.
async fn reply(stream: &mut BufReader<TcpStream>, mood: Mood, point: Point, good: &str) -> Option<()> {
    match mood {
        Mood::HangsUp(at) if at == point => None,
        Mood::FallsSilent(at) if at == point => std::future::pending().await,
        Mood::Says(line, at) if at == point => say(stream, line).await,
        _ => say(stream, good).await,
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn read_mail(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        security: SmtpSecurity::Plain,
        login: None,
        from: EmailAddress::parse("wifi@operator.cd").unwrap(),
        from_name: Some("Wi-Fi du campus".into()),
        timeout: Duration::from_secs(30),
    }
}

fn channel_with(settings: SmtpSettings) -> SmtpChannel {
    SmtpChannel::new(settings, Surroundings::new().ambient()).unwrap()
}

fn channel(port: u16) -> SmtpChannel {
    channel_with(settings(port))
}

fn signing_in(port: u16) -> SmtpSettings {
    SmtpSettings { login: Some(("portal".into(), "hunter2".into())), ..settings(port) }
}

fn message(around: &Surroundings) -> OutgoingMessage {
    outgoing(&channel(1), around, "Bonjour,\n\nVotre accès est prêt.\n.\nFin")
}

async fn send_in(mood: Mood) -> (SendOutcome, Vec<String>) {
    let server = Server::start(mood).await;
    let mut settings = settings(server.port);
    if matches!(mood, Mood::FallsSilent(_)) {
        // Long enough for a busy machine to come to the silence, short enough to wait for.
        settings.timeout = Duration::from_secs(2);
    }
    let outcome = channel_with(settings).send(&message(&Surroundings::new())).await;
    (outcome, server.taken())
}

#[tokio::test]
async fn it_keeps_the_contract_of_a_channel() {
    let server = Server::start(Mood::Takes).await;
    channel_contract(&channel(server.port), &Surroundings::new()).await;
}

#[tokio::test]
async fn a_mail_arrives_whole_and_is_recognisable() {
    let around = Surroundings::new();
    let server = Server::start(Mood::Takes).await;
    let message = message(&around);
    let outcome = channel(server.port).send(&message).await;
    assert_eq!(outcome, SendOutcome::Sent { provider_id: "2.0.0 queued as 4F2A".into() });
    let mails = server.taken();
    let [mail] = mails.as_slice() else { panic!("one mail, not {}", mails.len()) };
    for header in [
        format!("Message-ID: <{}@operator.cd>\r\n", message.key),
        "From: \"Wi-Fi du campus\" <wifi@operator.cd>\r\n".to_owned(),
        "To: jean@example.cd\r\n".to_owned(),
        "Subject: Votre =?utf-8?b?".to_owned(),
        "Date: Sat, 17 Jan 2026 12:00:00 +0000\r\n".to_owned(),
        "Auto-Submitted: auto-generated\r\n".to_owned(),
        "Content-Type: text/plain; charset=utf-8\r\n".to_owned(),
    ] {
        assert!(mail.contains(&header), "{header} in {mail}");
    }
    let (_, body) = mail.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "Bonjour,\r\n\r\nVotre acc=C3=A8s est pr=C3=AAt.\r\n.\r\nFin\r\n");
}

#[tokio::test]
async fn a_verdict_on_the_message_is_a_refusal() {
    for (line, point, permanent) in [
        ("550 5.1.1 no such user", Point::Recipient, true),
        ("450 4.2.1 come back later", Point::Recipient, false),
        ("554 5.7.1 looks like spam", Point::Text, true),
        ("452 4.3.1 disk full", Point::Text, false),
    ] {
        let (outcome, taken) = send_in(Mood::Says(line, point)).await;
        let SendOutcome::Refused { reason, permanent: said } = &outcome else {
            panic!("{line}: {outcome:?}")
        };
        assert_eq!(*said, permanent, "{line}");
        assert!(reason.contains(&line[..3]), "{reason}");
        assert!(taken.is_empty());
    }
}

#[tokio::test]
async fn trouble_before_the_text_means_that_nothing_has_left() {
    for mood in [
        Mood::Says("554 not now", Point::Greeting),
        Mood::Says("530 5.7.0 sign in first", Point::Sender),
        Mood::HangsUp(Point::Greeting),
        Mood::HangsUp(Point::Recipient),
        Mood::FallsSilent(Point::Greeting),
        Mood::FallsSilent(Point::Recipient),
    ] {
        let (outcome, taken) = send_in(mood).await;
        assert!(matches!(outcome, SendOutcome::Unreachable(_)), "{mood:?}: {outcome:?}");
        assert!(taken.is_empty());
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let outcome = channel(port).send(&message(&Surroundings::new())).await;
    assert!(matches!(outcome, SendOutcome::Unreachable(_)), "{outcome:?}");
}

#[tokio::test]
async fn trouble_after_the_text_means_that_nobody_knows() {
    for mood in [Mood::HangsUp(Point::Text), Mood::FallsSilent(Point::Text)] {
        let (outcome, _) = send_in(mood).await;
        assert!(matches!(outcome, SendOutcome::Unknown(_)), "{mood:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn it_signs_in_before_anything_else() {
    let server = Server::start(Mood::Takes).await;
    let outcome = channel_with(signing_in(server.port)).send(&message(&Surroundings::new())).await;
    assert!(matches!(outcome, SendOutcome::Sent { .. }), "{outcome:?}");
    let heard = server.heard.lock().unwrap().clone();
    // A zero byte, `portal`, a zero byte, `hunter2` (RFC 4616).
    assert_eq!(heard[1], "AUTH PLAIN AHBvcnRhbABodW50ZXIy");
}

#[tokio::test]
async fn a_rejected_sign_in_is_no_verdict_on_the_message() {
    let server = Server::start(Mood::Says("535 5.7.8 wrong password", Point::Login)).await;
    let outcome = channel_with(signing_in(server.port)).send(&message(&Surroundings::new())).await;
    assert!(matches!(outcome, SendOutcome::Unreachable(_)), "{outcome:?}");
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_to_a_server_that_cannot_raise_to_tls() {
    let server = Server::start(Mood::Takes).await;
    let settings = SmtpSettings { security: SmtpSecurity::StartTls, ..signing_in(server.port) };
    let outcome = channel_with(settings).send(&message(&Surroundings::new())).await;
    assert!(matches!(outcome, SendOutcome::Unreachable(_)), "{outcome:?}");
    let heard = server.heard.lock().unwrap().clone();
    assert!(heard.iter().all(|line| line.starts_with("EHLO") || line == "QUIT"), "{heard:?}");
}

#[test]
fn the_password_is_not_printed() {
    assert!(!format!("{:?}", channel_with(signing_in(1))).contains("hunter2"));
}
