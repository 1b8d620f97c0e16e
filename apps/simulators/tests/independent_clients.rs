//! Other people's clients understand the simulated router: `librouteros` and `RouterOS-api` from PyPI, unmodified,
//! plain and over TLS, before and after 6.43, 7.10 and 7.18.
//!
//! `cargo xtask test` installs them and names their Python in `ROUTEROS_CLIENTS_PYTHON`. Without it these tests pass
//! without having looked, and `cargo xtask test` says so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use simulators::routeros::{Action, Options, RouterSimulator};
use tokio::process::Command;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

async fn understand(version: &str) {
    let Some(python) = std::env::var_os("ROUTEROS_CLIENTS_PYTHON").filter(|python| !python.is_empty()) else {
        eprintln!("left out: ROUTEROS_CLIENTS_PYTHON names no Python with librouteros and RouterOS-api");
        return;
    };
    let version = version.parse().unwrap();
    let options = Options { version, tls_addr: Some(ANY_PORT), ..Options::default() };
    let router = RouterSimulator::start(options).await.unwrap();
    for action in [
        r#"{"do":"command","words":["/ip/hotspot/user/add","=name=online","=password=p"]}"#,
        r#"{"do":"sign-in","user":"online","password":"p","address":"10.5.50.2"}"#,
        r#"{"do":"transfer","user":"online","upload_bytes":1000,"download_bytes":2000}"#,
    ] {
        router.apply(Action::parse(action).unwrap()).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent_clients.py");
    let outcome = Command::new(python)
        .arg(script)
        .arg(version.to_string())
        .arg(router.addr().port().to_string())
        .arg(router.tls_addr().unwrap().port().to_string())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "RouterOS {version}:\n{said}");
    assert_eq!(String::from_utf8_lossy(&outcome.stdout).trim(), "understood");
    router.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn independent_clients_understand_7_18() {
    understand("7.18").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn independent_clients_understand_7_9() {
    understand("7.9").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn independent_clients_understand_6_42() {
    understand("6.42").await;
}
