//! The other end of a client's connection, in a test's hand.

use std::time::Duration;

use bytes::BytesMut;
use routeros_api::{Account, Client, ClientOptions, ConnectError, Limits, Sentence, SentenceCodec, Timeouts};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream},
    task::JoinHandle,
};
use tokio_util::codec::{Decoder, Encoder};

/// A peer that reads and writes sentences.
pub(crate) struct Peer<S> {
    stream: S,
    codec: SentenceCodec,
    inbox: BytesMut,
}

/// Options that never time out in a test that goes well.
pub(crate) fn options() -> ClientOptions {
    let long = Duration::from_secs(30);
    ClientOptions {
        host: "127.0.0.1".to_owned(),
        port: 0,
        tls: None,
        account: Account { name: "portal".to_owned(), password: "test".into() },
        timeouts: Timeouts { connect: long, tls: long, login: long, command: long, grace: long },
        limits: Limits::default(),
    }
}

pub(crate) trait With {
    fn with(self, limits: Limits) -> Self;
}

impl With for ClientOptions {
    fn with(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}

/// A client that is logging in, and its peer.
pub(crate) fn pair(options: ClientOptions) -> (JoinHandle<Result<Client, ConnectError>>, Peer<DuplexStream>) {
    let (near, far) = tokio::io::duplex(1 << 16);
    (tokio::spawn(async move { Client::over(near, &options).await }), Peer::new(far))
}

/// A client that is logged in, and its peer.
pub(crate) async fn connected(options: ClientOptions) -> (Client, Peer<DuplexStream>) {
    let (client, mut peer) = pair(options);
    peer.hear().await;
    peer.say("!done").await;
    (client.await.unwrap().unwrap(), peer)
}

/// A command of a name.
pub(crate) fn print(name: &str) -> Sentence {
    Sentence::of(format!("/{name}"))
}

/// A row with a name.
pub(crate) fn row(name: &str) -> Sentence {
    Sentence::of("!re").with("name", name)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, codec: SentenceCodec::default(), inbox: BytesMut::new() }
    }

    /// The next sentence of the client.
    pub(crate) async fn hear(&mut self) -> Sentence {
        loop {
            if let Some(sentence) = self.codec.decode(&mut self.inbox).unwrap() {
                return sentence;
            }
            let count = self.stream.read_buf(&mut self.inbox).await.unwrap();
            assert!(count > 0, "the client has closed the connection");
        }
    }

    /// The tag of the next sentence.
    pub(crate) async fn hear_tag(&mut self) -> String {
        String::from_utf8(self.hear().await.tag().unwrap().to_vec()).unwrap()
    }

    /// Whether the client closes the connection without another word.
    pub(crate) async fn is_left_alone(&mut self) -> bool {
        self.stream.read_buf(&mut self.inbox).await.unwrap() == 0 && self.inbox.is_empty()
    }

    /// Says one word.
    pub(crate) async fn say(&mut self, word: &str) {
        self.write(&Sentence::of(word)).await;
    }

    /// Says a sentence.
    pub(crate) async fn write(&mut self, sentence: &Sentence) {
        let mut bytes = BytesMut::new();
        self.codec.encode(sentence, &mut bytes).unwrap();
        self.write_bytes(&bytes).await;
    }

    /// Says a sentence to a client that may have gone.
    pub(crate) async fn try_write(&mut self, sentence: &Sentence) {
        let mut bytes = BytesMut::new();
        self.codec.encode(sentence, &mut bytes).unwrap();
        self.try_write_bytes(&bytes).await;
    }

    /// Says bytes to a client that may have gone.
    pub(crate) async fn try_write_bytes(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes).await);
    }

    /// Says sentences one byte after the other.
    pub(crate) async fn trickle(&mut self, sentences: &[&Sentence]) {
        let mut bytes = BytesMut::new();
        for sentence in sentences {
            self.codec.encode(*sentence, &mut bytes).unwrap();
        }
        for byte in bytes {
            self.write_bytes(&[byte]).await;
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn write_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }
}
