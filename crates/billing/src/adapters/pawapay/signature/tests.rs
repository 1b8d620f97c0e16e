//! Which callbacks a key proves, and which it does not.

use std::collections::BTreeMap;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        KeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chrono::DateTime;
use kernel::Timestamp;
use proptest::prelude::*;
use sha2::{Digest, Sha512};

use super::{CallbackKeys, SignatureProblem, SignedPlace};
use crate::ports::gateway::RawCallback;

const KEY_ID: &str = "HTTP_EC_P256_KEY:1";
const COMPONENTS: &str =
    r#""@method" "@authority" "@path" "signature-date" "content-digest" "content-type" "content-length""#;
const BODY: &str = r#"{"depositId":"x","status":"COMPLETED"}"#;

fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn place() -> SignedPlace {
    SignedPlace {
        authority: "wifi.example.cd".to_owned(),
        path: "/api/v1/payments/callback/pawapay".to_owned(),
    }
}

struct Signer {
    pair: EcdsaKeyPair,
}

impl Signer {
    fn new(algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        Self { pair: EcdsaKeyPair::generate(algorithm).unwrap() }
    }

    fn keys(&self) -> CallbackKeys {
        let der = self.pair.public_key().as_der().unwrap();
        format!("{KEY_ID}={}", BASE64.encode(der.as_ref())).parse().unwrap()
    }

    /// A callback whose signature covers `components` and bears `parameters`.
    fn sign(&self, components: &str, parameters: &str) -> RawCallback {
        let digest = format!("sha-512=:{}:", BASE64.encode(Sha512::digest(BODY)));
        let mut headers = BTreeMap::from([
            ("content-digest".to_owned(), vec![digest]),
            ("content-type".to_owned(), vec!["application/json".to_owned()]),
            ("content-length".to_owned(), vec![BODY.len().to_string()]),
            ("signature-date".to_owned(), vec!["2027-01-15T08:00:00Z".to_owned()]),
        ]);
        let value = format!("({components}){parameters}");
        let mut base = String::new();
        for name in components.split(' ').map(|item| item.trim_matches('"')).filter(|name| !name.is_empty()) {
            let value = match name {
                "@method" => "POST".to_owned(),
                "@authority" => place().authority,
                "@path" => format!("{}/the-token", place().path),
                name => headers.get(name).map(|values| values[0].clone()).unwrap_or_default(),
            };
            base.push_str(&format!("\"{name}\": {value}\n"));
        }
        base.push_str(&format!("\"@signature-params\": {value}"));
        let signature = self.pair.sign(&SystemRandom::new(), base.as_bytes()).unwrap();
        let signature = format!("sig-pp=:{}:", BASE64.encode(signature.as_ref()));
        headers.insert("signature-input".to_owned(), vec![format!("sig-pp={value}")]);
        headers.insert("signature".to_owned(), vec![signature]);
        RawCallback { body: BODY.into(), headers, path_token: Some("the-token".to_owned()), peer: None }
    }

    fn sign_well(&self) -> RawCallback {
        let moment = now().timestamp();
        let parameters =
            format!(r#";alg="ecdsa-p256-sha256";keyid="{KEY_ID}";created={moment};expires={}"#, moment + 60);
        self.sign(COMPONENTS, &parameters)
    }
}

#[test]
fn a_signature_holds_in_the_standards_form_and_in_der() {
    for algorithm in [&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P256_SHA256_ASN1_SIGNING] {
        let signer = Signer::new(algorithm);
        assert_eq!(signer.keys().verify(&signer.sign_well(), &place(), now()), Ok(()));
    }
}

#[test]
fn whatever_is_changed_breaks_it() {
    let signer = Signer::new(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let check = |change: &dyn Fn(&mut RawCallback)| {
        let mut callback = signer.sign_well();
        change(&mut callback);
        signer.keys().verify(&callback, &place(), now()).unwrap_err()
    };
    let header = |name: &'static str, value: &'static str| {
        move |callback: &mut RawCallback| {
            callback.headers.insert(name.to_owned(), vec![value.to_owned()]);
        }
    };
    assert_eq!(check(&|callback| callback.body[0] = b' '), SignatureProblem::OtherBody);
    assert_eq!(check(&header("content-type", "text/plain")), SignatureProblem::Wrong);
    assert_eq!(check(&header("signature-date", "2027-01-15T08:00:01Z")), SignatureProblem::Wrong);
    assert_eq!(check(&header("signature", "sig-pp=:AAAA:")), SignatureProblem::Wrong);
    assert_eq!(check(&header("signature", "other=:AAAA:")), SignatureProblem::Unreadable("signature"));
    assert_eq!(
        check(&header("content-digest", "md5=:AAAA:")),
        SignatureProblem::Unreadable("content-digest")
    );
    assert_eq!(check(&|callback| callback.path_token = None), SignatureProblem::Wrong);
    for name in ["signature", "signature-input", "content-digest"] {
        assert_eq!(check(&|callback| drop(callback.headers.remove(name))), SignatureProblem::Header(name));
        let twice = check(&|callback| {
            let values = callback.headers.get_mut(name).unwrap();
            values.push(values[0].clone());
        });
        assert_eq!(twice, SignatureProblem::Header(name));
    }
    let elsewhere = SignedPlace { authority: "other.example.cd".to_owned(), ..place() };
    assert_eq!(signer.keys().verify(&signer.sign_well(), &elsewhere, now()), Err(SignatureProblem::Wrong));
}

#[test]
fn only_a_known_key_proves_anything() {
    let signer = Signer::new(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let other = Signer::new(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let callback = signer.sign_well();
    assert_eq!(other.keys().verify(&callback, &place(), now()), Err(SignatureProblem::Wrong));
    assert_eq!(CallbackKeys::default().verify(&callback, &place(), now()), Err(SignatureProblem::UnknownKey));
    for bad in ["", "id", "id=AAAA", "=AAAA", "id=not base64"] {
        assert!(bad.parse::<CallbackKeys>().is_err(), "{bad}");
    }
}

#[test]
fn a_signature_that_leaves_something_open_proves_nothing() {
    let signer = Signer::new(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let moment = now().timestamp();
    let verify = |components: &str, parameters: &str| {
        signer.keys().verify(&signer.sign(components, parameters), &place(), now()).unwrap_err()
    };
    let good = format!(r#";keyid="{KEY_ID}";created={moment};expires={}"#, moment + 60);
    assert_eq!(verify(r#""@method" "@path""#, &good), SignatureProblem::BodyNotCovered);
    assert_eq!(verify(r#""content-digest" "x-missing""#, &good), SignatureProblem::Component);
    assert_eq!(verify(r#""content-digest" "@query""#, &good), SignatureProblem::Component);
    let twice = verify(r#""content-digest" "content-digest""#, &good);
    assert_eq!(twice, SignatureProblem::Unreadable("signature-input"));
    for (parameters, problem) in [
        (format!(r#";keyid="{KEY_ID}""#), SignatureProblem::Expired),
        (format!(r#";keyid="{KEY_ID}";expires={}"#, moment - 3600), SignatureProblem::Expired),
        (
            format!(r#";keyid="{KEY_ID}";created={};expires={}"#, moment + 3600, moment + 7200),
            SignatureProblem::Expired,
        ),
        (format!(r#";expires={}"#, moment + 60), SignatureProblem::UnknownKey),
        (format!(r#";keyid="other";expires={}"#, moment + 60), SignatureProblem::UnknownKey),
        (
            format!(r#";alg="hmac-sha256";keyid="{KEY_ID}";expires={}"#, moment + 60),
            SignatureProblem::OtherAlgorithm,
        ),
        (format!("{good}, other=()"), SignatureProblem::Expired),
    ] {
        assert_eq!(verify(r#""content-digest""#, &parameters), problem, "{parameters}");
    }
}

proptest! {
    #[test]
    fn no_header_makes_it_panic(input in ".{0,80}", signature in ".{0,40}", digest in ".{0,40}") {
        let headers = BTreeMap::from([
            ("signature-input".to_owned(), vec![input]),
            ("signature".to_owned(), vec![signature]),
            ("content-digest".to_owned(), vec![digest]),
        ]);
        let callback = RawCallback { body: Vec::new(), headers, path_token: None, peer: None };
        prop_assert!(CallbackKeys::default().verify(&callback, &place(), now()).is_err());
    }
}
