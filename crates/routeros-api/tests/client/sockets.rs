//! The client over real sockets, in the clear and with each way of judging a certificate.

use std::{sync::Arc, time::Duration};

use routeros_api::{Client, ClientOptions, ConnectError, Fingerprint, Step, Tls};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::peer::{Peer, options};

/// Listens, and lets in whoever logs in once.
async fn router(acceptor: Option<TlsAcceptor>) -> ClientOptions {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Some(acceptor) = acceptor else {
            return welcome(Peer::new(stream)).await;
        };
        // A client that does not like the certificate goes away.
        if let Ok(stream) = acceptor.accept(stream).await {
            welcome(Peer::new(stream)).await;
        }
    });
    ClientOptions { port, ..options() }
}

async fn welcome<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(mut peer: Peer<S>) {
    peer.hear().await;
    peer.say("!done").await;
    assert!(peer.is_left_alone().await);
}

/// A certificate without a name that anybody could check, as routers have them.
fn certificate() -> (TlsAcceptor, Fingerprint) {
    let made = rcgen::generate_simple_self_signed(vec!["router.lan".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let fingerprint = Fingerprint::of(made.cert.der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), fingerprint)
}

async fn connect(tls: impl FnOnce(Fingerprint) -> Tls) -> Result<Client, ConnectError> {
    let (acceptor, fingerprint) = certificate();
    let options = ClientOptions { tls: Some(tls(fingerprint)), ..router(Some(acceptor)).await };
    Client::connect(&options).await
}

#[tokio::test]
async fn a_router_is_reached_in_the_clear() {
    Client::connect(&router(None).await).await.unwrap();
}

#[tokio::test]
async fn the_pinned_certificate_is_accepted_and_any_where_none_is_checked() {
    connect(Tls::Pinned).await.unwrap();
    connect(|_| Tls::Unchecked).await.unwrap();
}

#[tokio::test]
async fn another_certificate_than_the_pinned_is_refused_and_its_fingerprint_told() {
    let mut shown = None;
    let error = connect(|fingerprint| {
        shown = Some(fingerprint.to_string());
        Tls::Pinned(Fingerprint::of(b"another"))
    });
    let Err(ConnectError::Tls(text)) = error.await else {
        panic!("it is refused");
    };
    assert!(text.contains(&shown.unwrap()), "{text}");
}

#[tokio::test]
async fn a_certificate_of_no_known_authority_is_refused() {
    assert!(matches!(connect(|_| Tls::SystemRoots).await, Err(ConnectError::Tls(_))));
}

#[tokio::test]
async fn where_nobody_listens_nobody_is_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let outcome = Client::connect(&ClientOptions { port, ..options() }).await;
    assert!(matches!(outcome, Err(ConnectError::Unreachable(_))));
}

#[tokio::test]
async fn each_step_has_its_own_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = ClientOptions { port: silent.local_addr().unwrap().port(), ..options() };
    options.timeouts.login = Duration::from_millis(50);
    options.timeouts.tls = Duration::from_millis(50);
    assert_eq!(Client::connect(&options).await.unwrap_err(), ConnectError::TimedOut(Step::Login));
    options.tls = Some(Tls::Unchecked);
    assert_eq!(Client::connect(&options).await.unwrap_err(), ConnectError::TimedOut(Step::Tls));
}
