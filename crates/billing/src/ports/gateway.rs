//! The payment gateway: what billing wants of one, whatever its protocol.

use std::{collections::BTreeMap, net::IpAddr};

use async_trait::async_trait;
use kernel::{Money, Msisdn};
use uuid::Uuid;

use crate::{limits::AmountLimits, payment::Operator, reason::FailureReason};

/// A way to ask a customer's wallet for money.
///
/// Nothing here is a `Result`: an answer that was lost is an outcome like any other, and the caller has to deal
/// with it.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// The gateway's name, kept with every payment.
    fn name(&self) -> &'static str;

    /// The last word of the address that its callbacks come to: its name, unless it stands in for another.
    fn callback_door(&self) -> &'static str {
        self.name()
    }

    /// What it takes where no operator of the portal has said otherwise. An operator and currency that are not
    /// among them are not served.
    fn limits(&self) -> Vec<AmountLimits>;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Asks a wallet for money. Called at most once for a payment, unless
    /// [`Capabilities::idempotent_initiate`].
    async fn initiate(&self, request: &InitiateRequest) -> InitiateOutcome;

    /// Asks what became of a payment.
    async fn query(&self, references: &PaymentReferences) -> QueryOutcome;

    /// Has money paid back into the wallet that has paid, where [`Capabilities::refunds`]. Called at most once for a
    /// refund, unless [`Capabilities::idempotent_initiate`].
    async fn refund(&self, request: &RefundRequest) -> InitiateOutcome;

    /// Asks what became of a refund.
    async fn query_refund(&self, references: &PaymentReferences) -> QueryOutcome;

    /// Whether a callback really comes from the gateway, judged on the bytes as they came. There is no default:
    /// a gateway that cannot tell must say so.
    fn authenticate_callback(&self, callback: &RawCallback) -> CallbackAuth;

    /// Reads an authenticated callback. One may tell of several payments.
    ///
    /// # Errors
    /// [`CallbackUnreadable`] when it is not in the gateway's form.
    fn parse_callback(&self, body: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable>;

    /// The body that the gateway wants to see when a callback was accepted.
    fn acknowledgement(&self) -> &'static str;
}

/// What a gateway can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// A repeated `initiate` with the same reference asks the wallet only once.
    pub idempotent_initiate: bool,
    /// `query` answers.
    pub status_query: bool,
    /// Callbacks tell the amount.
    pub callback_has_amount: bool,
    /// `refund` pays back, in full or in part, and `query_refund` answers.
    pub refunds: bool,
}

/// What to ask a wallet for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiateRequest {
    /// Our name for the payment.
    pub reference: Uuid,
    /// The phone that is asked.
    pub phone: Msisdn,
    /// The operator of its wallet.
    pub operator: Operator,
    /// How much.
    pub amount: Money,
}

/// What to pay back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Our name for the refund.
    pub reference: Uuid,
    /// The payment whose money it is.
    pub payment: PaymentReferences,
    /// How much.
    pub amount: Money,
}

/// What became of asking: for money, or to have it paid back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitiateOutcome {
    /// The gateway has it and will say how it ends.
    Accepted {
        /// The gateway's name for it.
        provider_ref: Option<String>,
    },
    /// The gateway certainly has not taken it.
    Rejected(Refusal),
    /// The gateway certainly has not been reached: nothing was sent, and asking again is safe.
    NotSent(String),
    /// It may have been taken or not. The text says what was seen.
    Unknown(String),
}

/// A gateway's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, in our words.
    pub reason: FailureReason,
    /// What the gateway said, for staff; short, and without secrets.
    pub detail: Option<String>,
}

impl Refusal {
    /// What the gateway said, for logs and alerts: of numbers as long as a phone's the beginning alone, since more people see
    /// those than staff who may see phones.
    #[must_use]
    pub fn said(&self) -> String {
        const LONG: usize = 6;
        const SHOWN: usize = 3;
        let Some(detail) = &self.detail else { return "no more than that".to_owned() };
        let mut said = String::new();
        for word in detail.split_inclusive(|c: char| !c.is_ascii_digit()) {
            let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            if digits.len() > LONG {
                said.extend(digits.chars().take(SHOWN).chain("***".chars()));
            } else {
                said.push_str(digits);
            }
            said.push_str(word.strip_prefix(digits).unwrap_or_default());
        }
        said
    }
}

impl From<FailureReason> for Refusal {
    fn from(reason: FailureReason) -> Self {
        Self { reason, detail: None }
    }
}

/// The names of one payment or refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReferences {
    /// Ours.
    pub reference: Uuid,
    /// The gateway's, once known.
    pub provider_ref: Option<String>,
}

/// What a gateway answers about a payment or refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryOutcome {
    /// It knows this much.
    Report(GatewayReport),
    /// It has never had it: proof, of a gateway that keeps our reference. Others say [`Self::Unsupported`].
    NotFound,
    /// It does not answer such questions.
    Unsupported,
    /// It cannot be reached now.
    Unreachable(String),
}

/// A callback as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCallback {
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// The headers by lower-cased name; a name that came twice has both values.
    pub headers: BTreeMap<String, Vec<String>>,
    /// The secret part of the path, if there was one.
    pub path_token: Option<String>,
    /// Who sent it.
    pub peer: Option<IpAddr>,
}

/// Whether a callback is genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackAuth {
    /// It comes from the gateway.
    Verified,
    /// Nobody can tell. It may serve as a hint to ask the gateway, and as nothing else.
    Weak,
    /// It does not come from the gateway, or does not prove it as it has to.
    Rejected,
}

/// What a gateway says about one payment, in a callback or as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayReport {
    /// Our name for the payment, if it was sent back.
    pub reference: Option<String>,
    /// The gateway's name for it.
    pub provider_ref: Option<String>,
    /// How it stands.
    pub status: ReportedStatus,
    /// How much it was for.
    pub amount: ReportedAmount,
}

impl GatewayReport {
    /// Whether nothing in it names another payment than the one that was asked about.
    #[must_use]
    pub fn is_about(&self, asked: &PaymentReferences) -> bool {
        let ours = self.reference.as_deref().and_then(|text| Uuid::try_parse(text).ok());
        let theirs = self.provider_ref.as_deref().zip(asked.provider_ref.as_deref());
        ours.is_none_or(|reference| reference == asked.reference)
            && theirs.is_none_or(|(told, known)| told == known)
    }
}

/// How a payment stands, as its gateway says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportedStatus {
    /// The money has arrived.
    Succeeded,
    /// It will not.
    Failed(FailureReason),
    /// Not decided.
    Pending,
}

/// The amount in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportedAmount {
    /// None was told.
    Missing,
    /// This one.
    Read(Money),
    /// Something that is not an amount, or has no known currency.
    Unreadable,
}

/// A callback is not in its gateway's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the callback is not readable: {0}")]
pub struct CallbackUnreadable(pub String);

#[cfg(test)]
mod tests {
    use super::Refusal;
    use crate::reason::FailureReason;

    #[test]
    fn what_is_said_names_nobody() {
        let said = |detail: &str| {
            Refusal { reason: FailureReason::Declined, detail: Some(detail.to_owned()) }.said()
        };
        assert_eq!(said("wallet +243825550030 is closed"), "wallet +243*** is closed");
        assert_eq!(said("0825550030"), "082***");
        assert_eq!(said("code 100234, é: refusé"), "code 100234, é: refusé");
        assert_eq!(Refusal::from(FailureReason::Declined).said(), "no more than that");
    }
}
