//! pawaPay's signatures of callbacks: HTTP Message Signatures (RFC 9421) over a digest of the body (RFC 9530), by
//! ECDSA with the curve P-256.

use std::{fs, io, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::SecondsFormat;
use kernel::Timestamp;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

/// The key's name.
const KEY_ID: &str = "HTTP_EC_P256_KEY:1";
/// How long a signature holds, in seconds.
const HOLDS: i64 = 60;

/// How the two numbers of an ECDSA signature are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As an ASN.1 sequence: what pawaPay's samples do.
    Asn1,
    /// One behind the other in 64 bytes: what RFC 9421 says.
    Plain,
}

/// The key that signs callbacks.
pub(in crate::payments) struct SigningKey(KeyPair);

impl SigningKey {
    /// The key in a PEM file, which is made when it is missing.
    pub(in crate::payments) fn open(path: &Path) -> io::Result<Self> {
        if path.exists() {
            let key = KeyPair::from_pem(&fs::read_to_string(path)?).map_err(io::Error::other)?;
            return Ok(Self(key));
        }
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(io::Error::other)?;
        fs::write(path, key.serialize_pem())?;
        Ok(Self(key))
    }

    /// The answer to who asks for the public key.
    pub(super) fn published(&self) -> Value {
        json!([{ "id": KEY_ID, "key": self.0.public_key_pem() }])
    }

    /// The headers that go with a `POST` of `body` as JSON to `url` at `now`; none when the URL is not one.
    pub(super) fn sign(
        &self,
        url: &str,
        body: &[u8],
        now: Timestamp,
        form: Form,
    ) -> Option<Vec<(String, String)>> {
        let (authority, path) = parts(url)?;
        let digest = format!("sha-512=:{}:", STANDARD.encode(Sha512::digest(body)));
        let (created, date) = (now.timestamp(), now.to_rfc3339_opts(SecondsFormat::Micros, true));
        let covered = concat!(
            r#"("@method" "@authority" "@path" "signature-date" "content-digest" "content-type")"#,
            r#";alg="ecdsa-p256-sha256";keyid="#
        );
        let input = format!("{covered}\"{KEY_ID}\";created={created};expires={}", created + HOLDS);
        let base = [
            "\"@method\": POST".to_owned(),
            format!("\"@authority\": {}", authority.to_ascii_lowercase()),
            format!("\"@path\": {path}"),
            format!("\"signature-date\": {date}"),
            format!("\"content-digest\": {digest}"),
            "\"content-type\": application/json".to_owned(),
            format!("\"@signature-params\": {input}"),
        ];
        let signature = self.0.sign(base.join("\n").as_bytes()).ok()?;
        let signature = if form == Form::Plain { plain(&signature)? } else { signature };
        let headers = [
            ("Signature-Date", date),
            ("Content-Digest", digest),
            ("Signature-Input", format!("sig-pp={input}")),
            ("Signature", format!("sig-pp=:{}:", STANDARD.encode(signature))),
            ("Accept-Signature", "rsa-pss-sha512,ecdsa-p256-sha256,rsa-v1_5-sha256".to_owned()),
            ("Accept-Digest", "sha-256,sha-512".to_owned()),
        ];
        Some(headers.map(|(name, value)| (name.to_owned(), value)).to_vec())
    }
}

/// The host with its port, and the path, of a URL.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let path = path.split('?').next().unwrap_or_default();
    Some((authority, if path.is_empty() { "/" } else { path }))
}

/// The two numbers of an ASN.1 signature, each in 32 bytes (RFC 3279, section 2.2.3).
fn plain(asn1: &[u8]) -> Option<Vec<u8>> {
    let (first, rest) = integer(asn1.get(2..)?)?;
    let (second, _) = integer(rest)?;
    Some([first, second].concat())
}

fn integer(asn1: &[u8]) -> Option<([u8; 32], &[u8])> {
    let length = usize::from(*asn1.get(1)?);
    let (digits, rest) = asn1.get(2..)?.split_at_checked(length)?;
    let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
    let mut number = [0; 32];
    number.get_mut(32_usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::{integer, parts, plain};

    #[test]
    fn urls_are_taken_apart() {
        let whole = parts("http://127.0.0.1:8080/a/b?c=d");
        assert_eq!(whole, Some(("127.0.0.1:8080", "/a/b")));
        assert_eq!(parts("https://example.cd"), Some(("example.cd", "/")));
        assert_eq!(parts("example.cd/a"), None);
    }

    #[test]
    fn numbers_of_any_length_fill_their_32_bytes() {
        let (number, rest) = integer(&[2, 3, 0, 0x80, 1, 9]).unwrap();
        assert_eq!((&number[..30], &number[30..], rest), (&[0; 30][..], &[0x80, 1][..], &[9][..]));
        let signature = plain(&[0x30, 6, 2, 1, 5, 2, 1, 7]).unwrap();
        assert_eq!((signature.len(), signature[31], signature[63]), (64, 5, 7));
        assert_eq!(plain(&[0x30, 6, 2, 60]), None);
    }
}
