//! SerdiPay's callbacks: who may send them, and what they say. The fake gateway sends the same and is checked in
//! the same way, so that fake mode weakens nothing.
//!
//! No signature of SerdiPay's is documented. An operator chooses what protects the callback: a secret path
//! token, an HMAC of the body where a proxy of theirs adds one, or both; whatever is configured must be right,
//! and with nothing configured everything is refused.

use hmac::{Hmac, KeyInit, Mac};
use kernel::IpNetworks;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::answer::failure_reason;
use crate::{
    adapters::literal::{literal, reference, reported_amount},
    ports::gateway::{CallbackAuth, CallbackUnreadable, GatewayReport, RawCallback, ReportedStatus},
};

/// The header with the HMAC, lower-cased.
pub const SIGNATURE_HEADER: &str = "x-serdipay-signature";

/// What protects the callback address.
#[derive(Clone, Default)]
pub struct CallbackSecrets {
    /// The secret last part of the path.
    pub path_token: Option<String>,
    /// The key of the HMAC-SHA-256 of the raw body, sent in lower-case hex.
    pub hmac_secret: Option<String>,
}

// Both are secrets: a debug print tells only which are set.
impl std::fmt::Debug for CallbackSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (token, hmac) = (self.path_token.is_some(), self.hmac_secret.is_some());
        write!(f, "CallbackSecrets {{ path_token: {token}, hmac_secret: {hmac} }}")
    }
}

impl CallbackSecrets {
    /// Judges a callback on its raw bytes. Every comparison takes the same time, right or wrong.
    #[must_use]
    pub fn authenticate(&self, callback: &RawCallback) -> CallbackAuth {
        let token_fits = self.path_token.as_ref().map(|expected| {
            let given = callback.path_token.as_deref().unwrap_or("");
            bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
        });
        let signature_fits = self.hmac_secret.as_ref().map(|secret| signature_fits(secret, callback));
        match (token_fits, signature_fits) {
            (Some(true), None | Some(true)) | (None, Some(true)) => CallbackAuth::Verified,
            _ => CallbackAuth::Rejected,
        }
    }

    /// The signature of a body, if a key is set.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.hmac_secret.as_ref()?.as_bytes()).ok()?;
        mac.update(body);
        Some(hex::encode(mac.finalize().into_bytes()))
    }
}

fn signature_fits(secret: &str, callback: &RawCallback) -> bool {
    // A header that came twice is refused: one of the two would go unchecked.
    let Some([header]) = callback.headers.get(SIGNATURE_HEADER).map(Vec::as_slice) else {
        return false;
    };
    let given = hex::decode(header.strip_prefix("sha256=").unwrap_or(header)).unwrap_or_default();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(&callback.body);
    mac.verify_slice(&given).is_ok()
}

/// Everything that a callback has to pass.
#[derive(Debug, Clone, Default)]
pub struct CallbackGuard {
    /// Its secrets. They are what proves a callback.
    pub secrets: CallbackSecrets,
    /// Where it may come from; anywhere when there are none. An address proves nothing by itself.
    pub addresses: IpNetworks,
}

impl CallbackGuard {
    /// Judges a callback on its raw bytes and on where it comes from.
    #[must_use]
    pub fn authenticate(&self, callback: &RawCallback) -> CallbackAuth {
        let from_there = callback.peer.is_some_and(|peer| self.addresses.contain(peer));
        if !self.addresses.is_empty() && !from_there {
            return CallbackAuth::Rejected;
        }
        self.secrets.authenticate(callback)
    }
}

/// A level of the callback's body. What it says about the payment is nested under `payment` or lies flat: both
/// have been seen. Whatever else is in it is passed over.
#[derive(Deserialize)]
struct Level<'a> {
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reference: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    payment: Option<&'a RawValue>,
    #[serde(borrow, default)]
    status: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "sessionId")]
    session_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    amount: Option<&'a RawValue>,
    #[serde(borrow, default)]
    currency: Option<&'a RawValue>,
}

/// Reads a callback's body.
///
/// # Errors
/// [`CallbackUnreadable`] when it is not JSON of the known form, or tells neither success nor failure.
pub fn parse(body: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable> {
    let refuse = |what: &str| CallbackUnreadable(what.to_owned());
    let text = std::str::from_utf8(body).map_err(|_| refuse("it is not UTF-8"))?;
    let read =
        |text| serde_json::from_str::<Level>(text).map_err(|error| CallbackUnreadable(error.to_string()));
    let body = read(text)?;
    let nested = body.payment.map(|payment| read(payment.get())).transpose()?;
    let details = nested.as_ref().unwrap_or(&body);
    let status = match details.status.and_then(literal).as_deref() {
        Some("success") => ReportedStatus::Succeeded,
        // Beside a payment this number is about the message: it says 200 of one that was merely accepted.
        Some("200") if nested.is_some() => ReportedStatus::Succeeded,
        Some("failed") => {
            let error = details.error.or(body.error).and_then(literal);
            ReportedStatus::Failed(failure_reason(None, error.as_deref().unwrap_or_default()))
        }
        Some("pending" | "102") => ReportedStatus::Pending,
        _ => return Err(refuse("it has no known status")),
    };
    Ok(vec![GatewayReport {
        reference: our_reference([body.message, body.reference, details.reference, details.message]),
        provider_ref: details.session_id.and_then(reference),
        status,
        amount: reported_amount(details.amount, details.currency),
    }])
}

/// Our reference, wherever it was sent back: we send it in two fields, and a gateway may fill one with words of
/// its own.
fn our_reference(places: [Option<&RawValue>; 4]) -> Option<String> {
    let texts = || places.iter().flatten().filter_map(|place| reference(place));
    texts().find(|text| uuid::Uuid::try_parse(text).is_ok()).or_else(|| texts().next())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::{Currency, Money};
    use proptest::prelude::*;

    use super::{CallbackGuard, CallbackSecrets, SIGNATURE_HEADER, parse};
    use crate::ports::gateway::{CallbackAuth, RawCallback, ReportedAmount, ReportedStatus};

    fn secrets(token: Option<&str>, hmac: Option<&str>) -> CallbackSecrets {
        CallbackSecrets { path_token: token.map(str::to_owned), hmac_secret: hmac.map(str::to_owned) }
    }

    fn callback(body: &str, token: Option<&str>, signatures: &[&str]) -> RawCallback {
        let signatures: Vec<_> = signatures.iter().map(|text| (*text).to_owned()).collect();
        let headers = BTreeMap::from([(SIGNATURE_HEADER.to_owned(), signatures)]);
        RawCallback { body: body.into(), headers, path_token: token.map(str::to_owned), peer: None }
    }

    #[test]
    fn what_is_configured_must_be_right_and_nothing_configured_refuses_all() {
        let signed = secrets(None, Some("key")).sign(b"body").unwrap();
        let signed = [signed.as_str()];
        for (secrets, token, signatures, expected) in [
            (secrets(None, None), Some("t"), &signed[..], CallbackAuth::Rejected),
            (secrets(Some("t"), None), Some("t"), &[][..], CallbackAuth::Verified),
            (secrets(Some("t"), None), Some("x"), &signed[..], CallbackAuth::Rejected),
            (secrets(Some("t"), None), None, &signed[..], CallbackAuth::Rejected),
            (secrets(None, Some("key")), None, &signed[..], CallbackAuth::Verified),
            (secrets(None, Some("other")), None, &signed[..], CallbackAuth::Rejected),
            (secrets(None, Some("key")), None, &[][..], CallbackAuth::Rejected),
            (secrets(None, Some("key")), None, &[signed[0], signed[0]][..], CallbackAuth::Rejected),
            (secrets(Some("t"), Some("key")), Some("t"), &signed[..], CallbackAuth::Verified),
            (secrets(Some("t"), Some("key")), Some("t"), &[][..], CallbackAuth::Rejected),
            (secrets(Some("t"), Some("key")), Some("x"), &signed[..], CallbackAuth::Rejected),
        ] {
            assert_eq!(
                secrets.authenticate(&callback("body", token, signatures)),
                expected,
                "{secrets:?} {token:?}"
            );
        }
    }

    #[test]
    fn a_callback_from_elsewhere_is_refused_whatever_it_knows() {
        let guard =
            CallbackGuard { secrets: secrets(Some("t"), None), addresses: "192.0.2.0/24".parse().unwrap() };
        for (peer, token, expected) in [
            (Some("192.0.2.7"), "t", CallbackAuth::Verified),
            (Some("192.0.2.7"), "x", CallbackAuth::Rejected),
            (Some("198.51.100.7"), "t", CallbackAuth::Rejected),
            (None, "t", CallbackAuth::Rejected),
        ] {
            let mut given = callback("body", Some(token), &[]);
            given.peer = peer.map(|peer| peer.parse().unwrap());
            assert_eq!(guard.authenticate(&given), expected, "{peer:?} {token}");
        }
    }

    #[test]
    fn our_reference_is_found_in_either_field() {
        let ours = "9f1c5a52-7f0e-4c53-9b7e-2f5d8c1a3e90";
        for body in [
            format!(r#"{{"message":"{ours}","payment":{{"status":"success"}}}}"#),
            format!(r#"{{"message":"Payment done","reference":"{ours}","payment":{{"status":"success"}}}}"#),
            format!(r#"{{"payment":{{"status":"success","reference":"{ours}"}}}}"#),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap()[0].reference.as_deref(), Some(ours), "{body}");
        }
    }

    #[test]
    fn the_signature_is_of_the_bytes_not_of_their_meaning() {
        let secrets = secrets(None, Some("key"));
        for body in ["{\"b\": 1,  \"a\":2}", "{\"x\":\"\\/ \\u00e9\"}", "not json"] {
            let signature = secrets.sign(body.as_bytes()).unwrap();
            assert_eq!(secrets.authenticate(&callback(body, None, &[&signature])), CallbackAuth::Verified);
            let flipped = format!("{body} ");
            assert_eq!(
                secrets.authenticate(&callback(&flipped, None, &[&signature])),
                CallbackAuth::Rejected
            );
        }
    }

    #[test]
    fn both_known_forms_are_read() {
        let nested = br#"{"status":200,"message":"our-ref","payment":{"status":"success","sessionId":12345678901234567890,"sessionStatus":3,"transactionId":"S1"}}"#;
        let report = parse(nested).unwrap().remove(0);
        assert_eq!(report.reference.as_deref(), Some("our-ref"));
        assert_eq!(report.provider_ref.as_deref(), Some("12345678901234567890"));
        assert_eq!((report.status, report.amount), (ReportedStatus::Succeeded, ReportedAmount::Missing));
        let flat = parse(br#"{"sessionId":"7","status":"failed","transactionId":"S1"}"#).unwrap().remove(0);
        assert_eq!(flat.provider_ref.as_deref(), Some("7"));
        assert!(matches!(flat.status, ReportedStatus::Failed(_)));
    }

    #[test]
    fn the_number_of_a_message_is_no_proof_of_payment() {
        // SerdiPay answers a request for payment like this, before the customer has seen anything.
        assert!(parse(br#"{"status":200,"message":"In process","sessionId":7}"#).is_err());
        assert!(parse(br#"{"status":200,"payment":{"sessionId":7}}"#).is_err());
        let nested = parse(br#"{"status":200,"payment":{"status":200,"sessionId":7}}"#).unwrap();
        assert_eq!(nested[0].status, ReportedStatus::Succeeded);
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let read = |amount: &str| {
            let body = format!(r#"{{"payment":{{"status":"success","amount":{amount},"currency":"CDF"}}}}"#);
            parse(body.as_bytes()).map(|reports| reports[0].amount.clone())
        };
        let cdf = |minor| Ok(ReportedAmount::Read(Money::from_minor(minor, Currency::Cdf)));
        assert_eq!(read("1000"), cdf(100_000));
        assert_eq!(read("\"1000.00\""), cdf(100_000));
        assert_eq!(read("-3"), cdf(-300));
        assert_eq!(read("null"), Ok(ReportedAmount::Missing));
        for odd in ["1e3", "\"NaN\"", "\"\"", "[1]", "true", "1000.005", "99999999999999999999"] {
            assert_eq!(read(odd), Ok(ReportedAmount::Unreadable), "{odd}");
        }
        assert!(read("NaN").is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&body);
        }

        #[test]
        fn no_json_makes_it_panic(status in ".{0,8}", amount in ".{0,12}", session in any::<f64>()) {
            let body = serde_json::json!({"message": amount, "payment": {"status": status, "amount": amount, "currency": "CDF", "sessionId": session}});
            let _ = parse(body.to_string().as_bytes());
        }
    }
}
