//! What SerdiPay answers to a request for payment. Its status may stand in the head, in the body or in both; the
//! reason of a refusal stands in `error`, while `message` says the same of every failure.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    adapters::literal::{literal, reference},
    reason::FailureReason,
};

/// An answer, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has the payment and waits for the customer.
    Accepted {
        /// Its session.
        provider_ref: Option<String>,
    },
    /// It has not taken it.
    Refused {
        /// Why, in our words.
        reason: FailureReason,
        /// Why, in its own.
        text: String,
    },
    /// It does not take the token: nothing was looked at.
    Unauthorized,
    /// It may have taken it or not.
    Unclear(String),
}

/// A level of the answer's body; the payment's own is nested under `payment`.
#[derive(Deserialize, Default)]
struct Level<'a> {
    #[serde(borrow, default)]
    status: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    description: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    payment: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "sessionId")]
    session_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    access_token: Option<&'a RawValue>,
}

impl<'a> Level<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The words that say most about a failure.
    fn text(&self) -> String {
        let places = [self.error, self.description, self.message];
        places.into_iter().flatten().find_map(literal).unwrap_or_default()
    }
}

/// Reads the answer to a request for payment.
pub(super) fn read(status: u16, body: &[u8]) -> Answer {
    let level = Level::read(body);
    let text = level.as_ref().map(Level::text).unwrap_or_default();
    match (status, level) {
        (401, _) => Answer::Unauthorized,
        (200..=299, Some(level)) => by_words(&level, text),
        (200..=299, None) => Answer::Unclear("the answer is not the expected JSON".to_owned()),
        // Whoever gave up waiting for the request may have had all of it.
        (408, _) => Answer::Unclear("HTTP 408".to_owned()),
        (400..=499, _) => Answer::Refused { reason: failure_reason(Some(status), &text), text },
        _ => Answer::Unclear(format!("HTTP {status}")),
    }
}

/// An answer whose head says that all is well.
fn by_words(level: &Level<'_>, text: String) -> Answer {
    let payment = level.payment.and_then(|nested| serde_json::from_str::<Level<'_>>(nested.get()).ok());
    let payment = payment.unwrap_or_default();
    let word = level.status.and_then(literal).unwrap_or_default();
    let state = payment.status.and_then(literal).unwrap_or_default();
    let provider_ref = payment.session_id.or(level.session_id).and_then(reference);
    let code = word.parse::<u16>().ok();
    match code {
        Some(400..=499) if code != Some(408) => {
            return Answer::Refused { reason: failure_reason(code, &text), text };
        }
        Some(200..=299 | 102) | None => {}
        Some(other) => return Answer::Unclear(format!("status {other}")),
    }
    if [word.as_str(), state.as_str()].contains(&"failed") {
        return Answer::Refused { reason: failure_reason(code, &text), text };
    }
    let known = ["success", "pending", "accepted", "processing"];
    if code.is_some() || provider_ref.is_some() || known.contains(&word.as_str()) {
        return Answer::Accepted { provider_ref };
    }
    Answer::Unclear("the answer says nothing of a payment".to_owned())
}

/// The token in an answer, or what the answer says instead.
pub(super) fn token(body: &[u8]) -> Result<String, String> {
    let level = Level::read(body).unwrap_or_default();
    let token = level.access_token.and_then(literal).filter(|token| !token.is_empty());
    token.ok_or_else(|| level.text())
}

/// Our word for a refusal, by what SerdiPay calls it and, failing that, by its status.
pub(super) fn failure_reason(status: Option<u16>, text: &str) -> FailureReason {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["allowed range", "amount"]) {
        FailureReason::AmountNotTaken
    } else if says(&["allowed to use this channel", "channel"]) {
        FailureReason::OperatorNotEnabled
    } else if says(&["balance", "insufficient"]) {
        FailureReason::InsufficientBalance
    } else if says(&["unauthenticated", "credential", "get the token", "user role", "api_id", "api_password"])
    {
        FailureReason::GatewayRefusesUs
    } else if says(&["subscriber", "phone", "msisdn", "number"]) {
        FailureReason::PayerNotFound
    } else if says(&["limit"]) {
        FailureReason::WalletLimitReached
    } else if says(&["in progress", "in process", "already"]) {
        FailureReason::PaymentInProgress
    } else if says(&["unavailable", "maintenance", "timeout"]) {
        FailureReason::OperatorUnavailable
    } else {
        match status {
            Some(401 | 403 | 404 | 405) => FailureReason::GatewayRefusesUs,
            Some(409) => FailureReason::PaymentInProgress,
            Some(429) => FailureReason::GatewayBusy,
            Some(402) | None => FailureReason::Declined,
            Some(_) => FailureReason::Unspecified,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Answer, failure_reason, read, token};
    use crate::reason::FailureReason;

    fn accepted(provider_ref: Option<&str>) -> Answer {
        Answer::Accepted { provider_ref: provider_ref.map(str::to_owned) }
    }

    #[test]
    fn a_session_is_kept_whether_it_is_a_number_or_a_text() {
        for (body, expected) in [
            (r#"{"status":200,"payment":{"sessionId":12345678901234567890}}"#, "12345678901234567890"),
            (r#"{"status":"102","payment":{"sessionId":"S-7"}}"#, "S-7"),
            (r#"{"message":"ok","payment":{"sessionId":7,"transactionId":"T"}}"#, "7"),
            (r#"{"sessionId":"7"}"#, "7"),
        ] {
            assert_eq!(read(200, body.as_bytes()), accepted(Some(expected)), "{body}");
        }
        assert_eq!(read(202, br#"{"status":102}"#), accepted(None));
        let endless = format!(r#"{{"status":200,"payment":{{"sessionId":"{}"}}}}"#, "7".repeat(5000));
        assert_eq!(read(200, endless.as_bytes()), accepted(None));
    }

    #[test]
    fn what_cannot_be_understood_is_unclear_and_never_a_refusal() {
        for (status, body) in [
            (200, "<html>ok</html>"),
            (200, "{\"payment\":{\"sessionId\":"),
            (200, ""),
            (200, "[]"),
            (200, "{}"),
            (200, r#"{"message":"hello"}"#),
            (200, r#"{"status":500,"payment":{"sessionId":1}}"#),
            (200, r#"{"status":408}"#),
            (204, ""),
            (302, ""),
            (408, "{}"),
            (500, r#"{"error":"your balance is low"}"#),
            (502, "<html>"),
            (503, ""),
            (504, ""),
            (999, ""),
        ] {
            let answer = read(status, body.as_bytes());
            assert!(matches!(answer, Answer::Unclear(_)), "{status} {body}: {answer:?}");
        }
    }

    #[test]
    fn refusals_have_our_words() {
        use FailureReason::{
            AmountNotTaken, Declined, GatewayBusy, GatewayRefusesUs, InsufficientBalance, OperatorNotEnabled,
            PayerNotFound, PaymentInProgress, Unspecified,
        };
        let out_of_range = "The amount is not within allowed range! min: 2300 - max : 5750000 CDF";
        for (status, error, reason) in [
            (402, out_of_range, AmountNotTaken),
            (403, "merchant is not allowed to use this channel", OperatorNotEnabled),
            (400, "your balance is low", InsufficientBalance),
            (400, "Failed to get the token", GatewayRefusesUs),
            (400, "Invalid phone number", PayerNotFound),
            (400, "Bad request", Unspecified),
            (402, "", Declined),
            (403, "", GatewayRefusesUs),
            (404, "", GatewayRefusesUs),
            (409, "", PaymentInProgress),
            (429, "Too many attempts", GatewayBusy),
        ] {
            let body = serde_json::json!({"message": "Failed to process the payment", "error": error});
            let Answer::Refused { reason: read, text } = read(status, body.to_string().as_bytes()) else {
                panic!("{status} {error} is no refusal")
            };
            assert_eq!((read, text.as_str()), (reason, error), "{status} {error}");
        }
        let body = br#"{"status":400,"error":"Insufficient funds"}"#;
        assert!(matches!(read(200, body), Answer::Refused { reason: InsufficientBalance, .. }));
        let body = br#"{"status":200,"payment":{"status":"failed","sessionId":1}}"#;
        assert!(matches!(read(200, body), Answer::Refused { .. }));
        assert_eq!(failure_reason(None, ""), Declined);
    }

    #[test]
    fn a_token_is_read_or_why_there_is_none() {
        assert_eq!(token(br#"{"access_token":"abc","expires_in":3600}"#), Ok("abc".to_owned()));
        let wrong_role = br#"{"message":"wrong user role, expected Merchant, got Manager"}"#;
        assert_eq!(token(wrong_role), Err("wrong user role, expected Merchant, got Manager".to_owned()));
        assert_eq!(token(b"<html>"), Err(String::new()));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(status in 0u16..1000, body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(status, &body);
            let _ = token(&body);
        }

        #[test]
        fn only_a_status_of_refusal_refuses(status in prop::sample::select(vec![200u16, 302, 500, 502, 503]), body in ".{0,80}") {
            let refused = matches!(read(status, body.as_bytes()), Answer::Refused { .. });
            prop_assert!(!refused);
        }
    }
}
