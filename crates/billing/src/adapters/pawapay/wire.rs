//! What pawaPay says of a deposit or a refund, which it describes alike: when it is initiated, when it is asked about, and in callbacks, whose body is
//! that of the answer to a question.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    adapters::literal::{reference, reported_amount},
    ports::gateway::{CallbackUnreadable, GatewayReport, ReportedStatus},
    reason::FailureReason,
};

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Initiation {
    /// It is taken, now or before.
    Accepted,
    /// It is not taken.
    Refused {
        /// Why, in our words.
        reason: FailureReason,
        /// Why, in pawaPay's.
        text: String,
    },
    /// It may be taken or not.
    Unclear(String),
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// There is one.
    Found(GatewayReport),
    /// There has never been one.
    NotFound,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct FailureDetails {
    #[serde(default)]
    failure_code: String,
    #[serde(default)]
    failure_message: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct InitiationBody {
    #[serde(default)]
    status: String,
    #[serde(default)]
    failure_reason: Option<FailureDetails>,
}

#[derive(Deserialize)]
struct StatusBody<'a> {
    status: String,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DepositBody<'a> {
    #[serde(borrow, default)]
    deposit_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    refund_id: Option<&'a RawValue>,
    status: String,
    #[serde(borrow, default)]
    amount: Option<&'a RawValue>,
    #[serde(borrow, default)]
    currency: Option<&'a RawValue>,
    #[serde(default)]
    failure_reason: Option<FailureDetails>,
}

/// Reads the answer to a request. A refusal comes with a good status too, a server's failure without any word.
pub(super) fn initiation(status: u16, body: &[u8]) -> Initiation {
    let read = serde_json::from_slice::<InitiationBody>(body);
    if !matches!(status, 200..=299 | 400..=407 | 409..=499) {
        return Initiation::Unclear(format!("HTTP {status}"));
    }
    let refused = |body: InitiationBody| {
        let FailureDetails { failure_code, failure_message } = body.failure_reason.unwrap_or_default();
        let reason = match status {
            401 | 403 | 404 => FailureReason::GatewayRefusesUs,
            429 => FailureReason::GatewayBusy,
            _ => failure_reason(&failure_code),
        };
        Initiation::Refused { reason, text: format!("{failure_code} {failure_message}").trim().to_owned() }
    };
    match read {
        Ok(body) if matches!(body.status.as_str(), "ACCEPTED" | "DUPLICATE_IGNORED") && status < 300 => {
            Initiation::Accepted
        }
        Ok(body) if body.status == "REJECTED" => refused(body),
        Ok(body) if status >= 400 => refused(body),
        Err(_) if status >= 400 => refused(InitiationBody::default()),
        _ => Initiation::Unclear("the answer is not the expected JSON".to_owned()),
    }
}

/// Reads the answer to a question.
pub(super) fn status(body: &[u8]) -> Result<Found, CallbackUnreadable> {
    let read: StatusBody = serde_json::from_slice(body).map_err(unreadable)?;
    match (read.status.as_str(), read.data) {
        ("FOUND", Some(data)) => deposit(data.get().as_bytes()).map(Found::Found),
        ("NOT_FOUND", _) => Ok(Found::NotFound),
        _ => Err(CallbackUnreadable("it says neither that it was found nor that not".to_owned())),
    }
}

/// Reads what is said of one deposit, as callbacks say it.
pub(super) fn deposit(body: &[u8]) -> Result<GatewayReport, CallbackUnreadable> {
    let read: DepositBody = serde_json::from_slice(body).map_err(unreadable)?;
    // What is said of a refund may name its deposit as well.
    let id = read.refund_id.or(read.deposit_id);
    let id = id.ok_or_else(|| CallbackUnreadable("it names neither deposit nor refund".to_owned()))?;
    let status = match read.status.as_str() {
        "COMPLETED" => ReportedStatus::Succeeded,
        "FAILED" => {
            let code = read.failure_reason.unwrap_or_default().failure_code;
            ReportedStatus::Failed(failure_reason(&code))
        }
        "ACCEPTED" | "ENQUEUED" | "SUBMITTED" | "PROCESSING" | "IN_RECONCILIATION" => ReportedStatus::Pending,
        _ => return Err(CallbackUnreadable("it has no known status".to_owned())),
    };
    Ok(GatewayReport {
        reference: reference(id),
        // Its name for a deposit is ours.
        provider_ref: None,
        status,
        amount: reported_amount(read.amount, read.currency),
    })
}

// What serde says may quote the body, and a callback's is nobody's business.
fn unreadable(error: serde_json::Error) -> CallbackUnreadable {
    CallbackUnreadable(format!(
        "it is not the expected JSON, at line {}, column {}",
        error.line(),
        error.column()
    ))
}

/// Our word for pawaPay's failure code.
fn failure_reason(code: &str) -> FailureReason {
    match code {
        "PAYMENT_NOT_APPROVED" | "MANUALLY_CANCELLED" => FailureReason::Declined,
        "INSUFFICIENT_BALANCE" | "PAWAPAY_WALLET_OUT_OF_FUNDS" => FailureReason::InsufficientBalance,
        "PAYER_NOT_FOUND" | "RECIPIENT_NOT_FOUND" | "INVALID_PHONE_NUMBER" => FailureReason::PayerNotFound,
        "WALLET_LIMIT_REACHED" | "PAYER_LIMIT_REACHED" => FailureReason::WalletLimitReached,
        "PAYMENT_IN_PROGRESS" | "REFUND_IN_PROGRESS" => FailureReason::PaymentInProgress,
        "AMOUNT_OUT_OF_BOUNDS"
        | "INVALID_AMOUNT"
        | "INVALID_CURRENCY"
        | "AMOUNT_TOO_LARGE"
        | "DEPOSIT_ALREADY_REFUNDED" => FailureReason::AmountNotTaken,
        "DEPOSITS_NOT_ALLOWED" | "REFUNDS_NOT_ALLOWED" | "INVALID_PROVIDER" => {
            FailureReason::OperatorNotEnabled
        }
        "PROVIDER_TEMPORARILY_UNAVAILABLE" => FailureReason::OperatorUnavailable,
        "NO_AUTHENTICATION" | "AUTHENTICATION_ERROR" | "AUTHORISATION_ERROR" | "HTTP_SIGNATURE_ERROR" => {
            FailureReason::GatewayRefusesUs
        }
        _ => FailureReason::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};
    use proptest::prelude::*;

    use super::{Found, Initiation, deposit, initiation, status};
    use crate::{
        ports::gateway::{ReportedAmount, ReportedStatus},
        reason::FailureReason,
    };

    const ID: &str = "8917c345-4791-4285-a416-62f24b6982db";

    #[test]
    fn accepted_rejected_and_unclear_are_told_apart() {
        let rejected = r#"{"status":"REJECTED","failureReason":{"failureCode":"AMOUNT_OUT_OF_BOUNDS","failureMessage":"x"}}"#;
        let refused = |reason, text: &str| Initiation::Refused { reason, text: text.to_owned() };
        for (code, body, expected) in [
            (200, r#"{"depositId":"x","status":"ACCEPTED","created":"now"}"#, Initiation::Accepted),
            (200, r#"{"status":"DUPLICATE_IGNORED"}"#, Initiation::Accepted),
            (200, rejected, refused(FailureReason::AmountNotTaken, "AMOUNT_OUT_OF_BOUNDS x")),
            (400, rejected, refused(FailureReason::AmountNotTaken, "AMOUNT_OUT_OF_BOUNDS x")),
            (
                401,
                r#"{"failureReason":{"failureCode":"AUTHENTICATION_ERROR"}}"#,
                refused(FailureReason::GatewayRefusesUs, "AUTHENTICATION_ERROR"),
            ),
            (403, "<html>", refused(FailureReason::GatewayRefusesUs, "")),
            (429, "", refused(FailureReason::GatewayBusy, "")),
        ] {
            assert_eq!(initiation(code, body.as_bytes()), expected, "{code} {body}");
        }
        for (code, body) in [
            (200, "<html>"),
            (200, "{}"),
            (200, r#"{"status":"ACC"#),
            (200, r#"{"status":"SOMETHING"}"#),
            (302, ""),
            (408, r#"{"status":"REJECTED"}"#),
            (500, r#"{"failureReason":{"failureCode":"UNKNOWN_ERROR"}}"#),
            (503, r#"{"status":"REJECTED"}"#),
        ] {
            let answer = initiation(code, body.as_bytes());
            assert!(matches!(answer, Initiation::Unclear(_)), "{code} {body}: {answer:?}");
        }
    }

    #[test]
    fn a_deposit_is_read_alike_from_a_callback_and_an_answer() {
        let body = format!(
            r#"{{"depositId":"{ID}","status":"COMPLETED","amount":"1500","currency":"CDF","payer":{{}},"providerTransactionId":"T"}}"#
        );
        let report = deposit(body.as_bytes()).unwrap();
        assert_eq!(report.reference.as_deref(), Some(ID));
        assert_eq!(report.amount, ReportedAmount::Read(Money::from_minor(150_000, Currency::Cdf)));
        assert_eq!(report.status, ReportedStatus::Succeeded);
        let answer = format!(r#"{{"status":"FOUND","data":{body}}}"#);
        assert_eq!(status(answer.as_bytes()), Ok(Found::Found(report)));
        assert_eq!(status(br#"{"status":"NOT_FOUND"}"#), Ok(Found::NotFound));
        assert!(status(br#"{"status":"FOUND"}"#).is_err());
    }

    #[test]
    fn failures_have_our_words() {
        let failed = format!(
            r#"{{"depositId":"{ID}","status":"FAILED","failureReason":{{"failureCode":"INSUFFICIENT_BALANCE"}}}}"#
        );
        let report = deposit(failed.as_bytes()).unwrap();
        assert_eq!(report.status, ReportedStatus::Failed(FailureReason::InsufficientBalance));
        assert_eq!(report.amount, ReportedAmount::Missing);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(code in 0u16..1000, body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (initiation(code, &body), status(&body), deposit(&body));
        }
    }
}
