//! The certificate of the TLS port: made at start, signed by itself, as on most routers.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;

/// The certificate that the router shows.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// For a client that is to trust it.
    pub pem: String,
    /// SHA-256 of its DER form, as 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// A certificate for `localhost` and 127.0.0.1, and what accepts connections with it.
pub(super) fn self_signed() -> Result<(Certificate, TlsAcceptor)> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
    let der = made.cert.der().clone();
    let certificate = Certificate { pem: made.cert.pem(), sha256: hex::encode(Sha256::digest(&der)) };
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![der], key)?;
    Ok((certificate, TlsAcceptor::from(Arc::new(config))))
}
