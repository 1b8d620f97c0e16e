//! What the client makes of answers, good and bad, over real sockets.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{HttpClient, HttpSettings, Reply, Request, SendError};

/// A server that reads one request per connection and writes `answer`, then closes. Says how many requests came,
/// and what the last was.
struct Stub {
    address: SocketAddr,
    seen: Arc<AtomicUsize>,
    last: Arc<std::sync::Mutex<String>>,
}

impl Stub {
    async fn answering(answer: Vec<u8>) -> Self {
        Self::behaving(move |mut stream| {
            let answer = answer.clone();
            async move {
                stream.write_all(&answer).await.ok();
            }
        })
        .await
    }

    async fn behaving<F, R>(behave: F) -> Self
    where
        F: Fn(TcpStream) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub =
            Self { address: listener.local_addr().unwrap(), seen: Arc::default(), last: Arc::default() };
        let (seen, last) = (stub.seen.clone(), stub.last.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                seen.fetch_add(1, Ordering::SeqCst);
                *last.lock().unwrap() = request;
                tokio::spawn(behave(stream));
            }
        });
        stub
    }

    fn url(&self) -> String {
        format!("http://{}/pay?secret=hidden-in-query", self.address)
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0u8; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

fn client() -> HttpClient {
    let (connect_timeout, answer_timeout) = (Duration::from_millis(500), Duration::from_secs(1));
    let settings = HttpSettings { connect_timeout, answer_timeout, ..HttpSettings::default() };
    HttpClient::new(settings).unwrap()
}

async fn post(url: String) -> Result<Reply, SendError> {
    client().send(Request::post(url, &serde_json::json!({ "pin": "hidden-in-body" }))).await
}

fn is_lost(outcome: Result<Reply, SendError>) -> bool {
    match outcome {
        Err(SendError::Lost(why)) => {
            assert!(!why.contains("hidden"), "{why}");
            true
        }
        other => panic!("not lost: {other:?}"),
    }
}

fn is_not_sent(outcome: Result<Reply, SendError>) -> bool {
    match outcome {
        Err(SendError::NotSent(why)) => {
            assert!(!why.contains("hidden"), "{why}");
            true
        }
        other => panic!("sent: {other:?}"),
    }
}

#[tokio::test]
async fn any_status_is_an_answer() {
    for status in [200, 202, 302, 400, 401, 429, 500, 503] {
        let head = format!("HTTP/1.1 {status} X\r\nlocation: /elsewhere\r\ncontent-length: 2\r\n\r\n{{}}");
        let stub = Stub::answering(head.into_bytes()).await;
        let reply = post(stub.url()).await.unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (status, b"{}".as_slice()));
        assert_eq!(stub.seen.load(Ordering::SeqCst), 1, "a redirect or a failure is never acted on here");
    }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made() {
    let stub = Stub::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let request = Request::post(stub.url(), &serde_json::json!({ "amount": 5 }))
        .bearer(&SecretString::from("the-token"))
        .request_id("r-1");
    assert!(!format!("{request:?}").contains("the-token"));
    client().send(request).await.unwrap();
    let seen = stub.last.lock().unwrap().clone();
    for part in
        ["POST /pay?secret=", "authorization: Bearer the-token", "x-request-id: r-1", "{\"amount\":5}"]
    {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    assert_eq!(seen.matches("content-type: application/json").count(), 1);
}

#[tokio::test]
async fn what_never_left_is_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(is_not_sent(post(format!("http://{closed}/hidden")).await));
    assert!(is_not_sent(post("http://no-such-host.invalid/hidden".to_owned()).await));
    assert!(is_not_sent(post("nonsense".to_owned()).await));
    let header = Request::get("http://127.0.0.1:1/").header("x-bad", "line\nbreak");
    assert!(is_not_sent(client().send(header).await));
}

#[tokio::test]
async fn without_tls_where_it_was_asked_for_nothing_is_sent() {
    let stub = Stub::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    assert!(is_not_sent(post(stub.url().replace("http://", "https://")).await));
    assert!(!stub.last.lock().unwrap().contains("hidden"));
}

#[tokio::test]
async fn a_tls_handshake_that_never_ends_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let silent = tokio::spawn(async move {
        let kept = listener.accept().await;
        std::future::pending::<()>().await;
        drop(kept);
    });
    assert!(is_not_sent(post(format!("https://{address}/")).await));
    silent.abort();
}

#[tokio::test]
async fn silence_after_the_request_is_lost() {
    let stub = Stub::behaving(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    assert!(is_lost(post(stub.url()).await));
}

#[tokio::test]
async fn a_broken_connection_is_lost_and_nothing_is_repeated() {
    let closing = Stub::behaving(|stream| async move { drop(stream) }).await;
    assert!(is_lost(post(closing.url()).await));
    assert_eq!(closing.seen.load(Ordering::SeqCst), 1);
    let resetting = Stub::behaving(|stream| async move {
        stream.set_zero_linger().unwrap();
        drop(stream);
    })
    .await;
    assert!(is_lost(post(resetting.url()).await));
    assert_eq!(resetting.seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_lost() {
    for answer in [
        "garbage\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"cut\":",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        // A literal 102 is an announcement: what follows it should be another head, and is a body.
        "HTTP/1.1 102 Processing\r\ncontent-length: 14\r\n\r\n{\"status\":102}",
    ] {
        let stub = Stub::answering(answer.as_bytes().to_vec()).await;
        assert!(is_lost(post(stub.url()).await), "{answer}");
    }
}

#[tokio::test]
async fn announcements_before_the_answer_are_passed_over() {
    let answer = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec();
    let stub = Stub::answering(answer).await;
    assert_eq!(post(stub.url()).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_endless_answer_costs_no_more_than_the_limit() {
    let written = Arc::new(AtomicUsize::new(0));
    let counter = written.clone();
    let stub = Stub::behaving(move |mut stream| {
        let written = counter.clone();
        async move {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await.ok();
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(65_536));
            // 64 MiB, if anybody took them.
            for _ in 0..1024 {
                if stream.write_all(chunk.as_bytes()).await.is_err() {
                    return;
                }
                written.fetch_add(chunk.len(), Ordering::SeqCst);
            }
        }
    })
    .await;
    assert!(is_lost(post(stub.url()).await));
    assert!(
        written.load(Ordering::SeqCst) < 64 * 65_536 * 4,
        "what fits in the sockets' buffers, not all of it"
    );
}

#[test]
fn what_is_wrong_with_json_is_told_without_quoting_it() {
    let reply = Reply { status: 200, body: b"{\"pin\": \"hidden".to_vec() };
    let problem = reply.json::<serde_json::Value>().unwrap_err();
    assert!(!problem.contains("hidden"), "{problem}");
}
