//! TLS to a router: how its certificate is judged. Routers mostly have certificates that they made themselves,
//! without names, so that pinning one is the rule and a public authority the exception.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{self, WebPkiSupportedAlgorithms},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsConnector;

/// How the certificate of a router is judged. A router needs one for its service `api-ssl`: without it RouterOS
/// offers anonymous key exchange alone, which no current TLS library speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// It must be valid for the host's name, issued by an authority that the system trusts.
    SystemRoots,
    /// It must be this very one; neither its name nor its dates are looked at.
    Pinned(Fingerprint),
    /// Any will do: encrypted, but open to whoever stands between.
    Unchecked,
}

/// The SHA-256 of a certificate in DER, as `openssl x509 -fingerprint -sha256` and RouterOS show it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// The text is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 fingerprint has 64 hexadecimal digits, with or without colons")]
pub struct NoFingerprint;

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl From<[u8; 32]> for Fingerprint {
    fn from(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }
}

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let digits: String = text.trim().chars().filter(|character| *character != ':').collect();
        let bytes = hex::decode(digits).map_err(|_| NoFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| NoFingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Makes the connections that `tls` asks for.
pub(crate) fn connector(tls: &Tls) -> Result<TlsConnector, Error> {
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let pin = match tls {
        Tls::SystemRoots => {
            return Ok(connect_with(builder.with_root_certificates(system_roots()).with_no_client_auth()));
        }
        Tls::Pinned(fingerprint) => Some(*fingerprint),
        Tls::Unchecked => None,
    };
    let verifier = Arc::new(LeafVerifier { pin, algorithms });
    Ok(connect_with(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

fn connect_with(config: ClientConfig) -> TlsConnector {
    TlsConnector::from(Arc::new(config))
}

/// The authorities that the system trusts, read once. Those that cannot be read are left out: a certificate of
/// theirs is then refused when it comes.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    };
    ROOTS.get_or_init(read).clone()
}

/// Looks at the certificate itself instead of at who issued it. That the other side has its key is proven by
/// the signature of the handshake, which is checked always.
#[derive(Debug)]
struct LeafVerifier {
    pin: Option<Fingerprint>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for LeafVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Fingerprint::of(end_entity);
        match self.pin {
            Some(pinned) if pinned != shown => Err(Error::InvalidCertificate(CertificateError::Other(
                rustls::OtherError(Arc::new(NotPinned(shown))),
            ))),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The router showed another certificate than the pinned one.
#[derive(Debug, thiserror::Error)]
#[error("the router's certificate has the fingerprint {0}, which is not the pinned one")]
struct NotPinned(Fingerprint);

#[cfg(test)]
mod tests {
    use super::{Fingerprint, NoFingerprint};

    #[test]
    fn fingerprints_are_read_with_and_without_colons() {
        let plain = Fingerprint::of(b"certificate");
        let colons: Vec<String> = plain
            .to_string()
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).to_uppercase())
            .collect();
        assert_eq!(colons.join(":").parse(), Ok(plain));
        assert_eq!(plain.to_string().parse(), Ok(plain));
        for wrong in ["", "ab", "xx", &"ab".repeat(33)] {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(NoFingerprint));
        }
    }
}
