//! Signatures of callbacks: HTTP Message Signatures (RFC 9421) by ECDSA over P-256 with SHA-256, over a digest of
//! the body (RFC 9530).
//!
//! The key is chosen by `keyid` among those that the operator gave; a callback brings none of its own. Whatever
//! is not understood fails: a second signature, a component that is not known, a parameter out of place.

use std::{collections::BTreeMap, fmt::Write as _, str::FromStr};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ParsedPublicKey, UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use kernel::Timestamp;
use sha2::{Digest, Sha256, Sha512};

use crate::ports::gateway::RawCallback;

/// How far the sender's clock may be from ours, in seconds.
const SKEW: i64 = 300;

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureProblem {
    /// A header that has to be there once is not, or is there twice.
    #[error("the header {0} is not there exactly once")]
    Header(&'static str),
    /// A header is not in its form.
    #[error("the header {0} cannot be read")]
    Unreadable(&'static str),
    /// The signature covers something that is not there or not known.
    #[error("it covers a component that is not known or not there")]
    Component,
    /// The signature leaves the body open.
    #[error("it does not cover the digest of the body")]
    BodyNotCovered,
    /// The digest is of another body.
    #[error("the digest is of another body")]
    OtherBody,
    /// Nobody here knows the key.
    #[error("its key is not known")]
    UnknownKey,
    /// It was made by another algorithm.
    #[error("its algorithm is not ecdsa-p256-sha256")]
    OtherAlgorithm,
    /// It has run out, or says that it was made in the future.
    #[error("it is not valid at present")]
    Expired,
    /// It was made with another key or over something else.
    #[error("it is wrong")]
    Wrong,
}

/// Public keys by their ids. Written as `id=key` with commas between them, each key the base64 of a
/// `SubjectPublicKeyInfo`: the inside of a PEM file, in one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallbackKeys(BTreeMap<String, Vec<u8>>);

impl FromStr for CallbackKeys {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = "expected id=key with commas between them, each key a P-256 public key in base64";
        let mut keys = BTreeMap::new();
        for part in text.split(',') {
            let (id, key) = part.trim().split_once('=').ok_or(wanted)?;
            let key = BASE64.decode(key.trim()).map_err(|_| wanted)?;
            if id.is_empty() || ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.as_slice()).is_err() {
                return Err(wanted.to_owned());
            }
            keys.insert(id.to_owned(), key);
        }
        Ok(Self(keys))
    }
}

/// The address that callbacks are sent to, as far as it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPlace {
    /// The host, with its port where that is not the scheme's own; in lower case.
    pub authority: String,
    /// The path without the secret last part.
    pub path: String,
}

impl CallbackKeys {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks a callback's signature.
    ///
    /// # Errors
    /// [`SignatureProblem`] when it does not hold, for whatever reason.
    pub fn verify(
        &self,
        callback: &RawCallback,
        place: &SignedPlace,
        now: Timestamp,
    ) -> Result<(), SignatureProblem> {
        check_digest(callback)?;
        let input = SignatureInput::read(single(callback, "signature-input")?)?;
        let signature = signature_of(single(callback, "signature")?, input.label)?;
        if !input.components.contains(&"content-digest") {
            return Err(SignatureProblem::BodyNotCovered);
        }
        if input.parameter("alg").is_some_and(|alg| alg != "ecdsa-p256-sha256") {
            return Err(SignatureProblem::OtherAlgorithm);
        }
        let moment = |name| input.parameter(name).and_then(|text| text.parse::<i64>().ok());
        let ended = moment("expires").is_none_or(|expires| expires + SKEW < now.timestamp());
        let in_future = moment("created").is_some_and(|created| created > now.timestamp() + SKEW);
        if ended || in_future {
            return Err(SignatureProblem::Expired);
        }
        let key =
            input.parameter("keyid").and_then(|id| self.0.get(id)).ok_or(SignatureProblem::UnknownKey)?;
        let base = input.base(callback, place)?;
        // The standard writes a signature as two numbers of 32 bytes; pawaPay's own examples write it in DER.
        let fixed = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
        let der = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key);
        fixed
            .verify(base.as_bytes(), &signature)
            .or_else(|_| der.verify(base.as_bytes(), &signature))
            .map_err(|_| SignatureProblem::Wrong)
    }
}

/// The value of a header that is there once.
fn single<'a>(callback: &'a RawCallback, name: &'static str) -> Result<&'a str, SignatureProblem> {
    match callback.headers.get(name).map(Vec::as_slice) {
        Some([value]) => Ok(value.trim()),
        _ => Err(SignatureProblem::Header(name)),
    }
}

/// The bytes of a structured field's byte sequence, `:base64:` (RFC 9651, section 3.3.5).
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.strip_prefix(':')?.strip_suffix(':')?).ok()
}

fn check_digest(callback: &RawCallback) -> Result<(), SignatureProblem> {
    let header = single(callback, "content-digest")?;
    let mut known = 0;
    for member in header.split(',') {
        let unreadable = SignatureProblem::Unreadable("content-digest");
        let (name, value) = member.trim().split_once('=').ok_or(unreadable)?;
        let computed = match name {
            "sha-256" => Sha256::digest(&callback.body).to_vec(),
            "sha-512" => Sha512::digest(&callback.body).to_vec(),
            _ => continue,
        };
        if bytes_of(value).ok_or(unreadable)? != computed {
            return Err(SignatureProblem::OtherBody);
        }
        known += 1;
    }
    if known == 0 { Err(SignatureProblem::Unreadable("content-digest")) } else { Ok(()) }
}

fn signature_of(header: &str, label: &str) -> Result<Vec<u8>, SignatureProblem> {
    let unreadable = SignatureProblem::Unreadable("signature");
    let value = header.strip_prefix(label).and_then(|rest| rest.strip_prefix('=')).ok_or(unreadable)?;
    bytes_of(value).ok_or(unreadable)
}

/// What a signature covers, and what is said about it: the one member of `Signature-Input`.
struct SignatureInput<'a> {
    label: &'a str,
    components: Vec<&'a str>,
    parameters: Vec<(&'a str, &'a str)>,
    /// The member's value as it was sent, which is signed too.
    value: &'a str,
}

impl<'a> SignatureInput<'a> {
    fn read(header: &'a str) -> Result<Self, SignatureProblem> {
        Self::parse(header).ok_or(SignatureProblem::Unreadable("signature-input"))
    }

    fn parse(header: &'a str) -> Option<Self> {
        let (label, value) = header.split_once('=')?;
        let (list, rest) = value.strip_prefix('(')?.split_once(')')?;
        let mut components = Vec::new();
        for item in list.split(' ').filter(|item| !item.is_empty()) {
            let name = item.strip_prefix('"')?.strip_suffix('"')?;
            // Each is covered once, and by its plain name: with parameters it would mean something else.
            if name.contains(['"', ';']) || components.contains(&name) {
                return None;
            }
            components.push(name);
        }
        let mut parameters = Vec::new();
        let mut rest = rest;
        while let Some(next) = rest.strip_prefix(';') {
            let (name, after) = next.split_once('=')?;
            let (value, left) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_at(after.find(';').unwrap_or(after.len())),
            };
            if parameters.iter().any(|(known, _)| *known == name) {
                return None;
            }
            parameters.push((name.trim(), value));
            rest = left;
        }
        rest.is_empty().then_some(Self { label, components, parameters, value })
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// What was signed (RFC 9421, section 2.5).
    fn base(&self, callback: &RawCallback, place: &SignedPlace) -> Result<String, SignatureProblem> {
        let mut base = String::new();
        for component in &self.components {
            let value = match *component {
                "@method" => "POST".to_owned(),
                "@authority" => place.authority.clone(),
                "@path" => match &callback.path_token {
                    Some(token) => format!("{}/{token}", place.path),
                    None => place.path.clone(),
                },
                name => {
                    let values = callback.headers.get(name).ok_or(SignatureProblem::Component)?;
                    let values: Vec<_> = values.iter().map(|value| value.trim()).collect();
                    values.join(", ")
                }
            };
            // Writing to a string does not fail.
            writeln!(base, "\"{component}\": {value}").ok();
        }
        write!(base, "\"@signature-params\": {}", self.value).ok();
        Ok(base)
    }
}

#[cfg(test)]
mod tests;
