//! pawaPay, an aggregator of mobile money in many African countries, by its public interface, version 2
//! (docs.pawapay.io).
//!
//! Everything is named by our own id, so that a request may be repeated (`DUPLICATE_IGNORED`) and asked about
//! whether or not it was answered. Being accepted is not being paid: that is told later, by callback or when
//! asked. A callback is believed by its signature alone; without keys to check one it is a hint to ask.

use async_trait::async_trait;
use kernel::{Ambient, Currency, IpNetworks, Money};
use outbound::{HttpClient, Request, SendError};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq;

use super::literal::quoted;
use crate::{
    limits::AmountLimits,
    payment::Operator,
    ports::gateway::{
        CallbackAuth, CallbackUnreadable, Capabilities, GatewayReport, InitiateOutcome, InitiateRequest,
        PaymentGateway, PaymentReferences, QueryOutcome, RawCallback, RefundRequest, Refusal,
    },
    reason::FailureReason,
};

pub mod signature;
#[cfg(test)]
mod tests;
mod wire;

use signature::{CallbackKeys, SignedPlace};
use wire::{Found, Initiation};

/// The gateway's name.
pub const NAME: &str = "pawapay";

/// Where pawaPay is, who we are there, and what proves its callbacks. No debug print of it shows a secret.
#[derive(Debug, Clone)]
pub struct PawaPaySettings {
    /// Before every path, without a slash at its end.
    pub base_url: String,
    /// Our token.
    pub api_token: SecretString,
    /// The secret last part of the callback's path, if there is one.
    pub callback_token: Option<SecretString>,
    /// Where callbacks may come from; anywhere when there are none.
    pub callback_addresses: IpNetworks,
    /// Who may have signed a callback. With a key here, one that is not signed is refused.
    pub callback_keys: CallbackKeys,
    /// The address that callbacks are sent to, host and path, as pawaPay knows it and signs it.
    pub callback_place: SignedPlace,
}

/// pawaPay.
pub struct PawaPay {
    settings: PawaPaySettings,
    http: HttpClient,
    ambient: Ambient,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DepositRequest<'a> {
    deposit_id: &'a str,
    amount: String,
    currency: &'a str,
    payer: Payer<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payer<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    account_details: AccountDetails<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountDetails<'a> {
    phone_number: &'a str,
    provider: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefundBody<'a> {
    refund_id: &'a str,
    deposit_id: &'a str,
    amount: String,
    currency: &'a str,
}

/// The operator's wallet as pawaPay calls it, in DR Congo. It does not serve Afrimoney.
const fn provider(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Airtel => Some("AIRTEL_COD"),
        Operator::Orange => Some("ORANGE_COD"),
        Operator::Mpesa => Some("VODACOM_MPESA_COD"),
        Operator::Afrimoney => None,
    }
}

/// Smallest and largest amount and step in centimes, by pawaPay's `active-conf` of DR Congo.
const LIMITS: [(Operator, i64, i64, i64); 3] = [
    (Operator::Airtel, 10_000, 625_000_000, 1),
    (Operator::Orange, 1_000, 100_000_000, 100),
    (Operator::Mpesa, 50_000, 100_000_000, 100),
];

/// An amount as pawaPay reads it: no decimals where there need be none, which some operators insist on.
fn decimal(amount: Money) -> String {
    let text = amount.amount();
    text.strip_suffix(".00").map(str::to_owned).unwrap_or(text)
}

impl PawaPay {
    /// pawaPay as the settings have it.
    #[must_use]
    pub fn new(settings: PawaPaySettings, http: HttpClient, ambient: Ambient) -> Self {
        Self { settings, http, ambient }
    }

    /// Sends a request for a deposit or a refund, which is named by our reference.
    async fn submit(&self, kind: &str, reference: &str, body: &impl Serialize) -> InitiateOutcome {
        let message = Request::post(format!("{}/v2/{kind}", self.settings.base_url), body)
            .bearer(&self.settings.api_token)
            .request_id(reference);
        let reply = match self.http.send(message).await {
            Ok(reply) => reply,
            Err(SendError::NotSent(why)) => return InitiateOutcome::NotSent(why),
            Err(SendError::Lost(why)) => return InitiateOutcome::Unknown(why),
        };
        match wire::initiation(reply.status, &reply.body) {
            Initiation::Accepted => InitiateOutcome::Accepted { provider_ref: None },
            Initiation::Refused { reason, text } => {
                let detail = self.quote(&format!("HTTP {}: {text}", reply.status));
                InitiateOutcome::Rejected(Refusal { reason, detail })
            }
            Initiation::Unclear(why) => InitiateOutcome::Unknown(why),
        }
    }

    /// Asks about a deposit or a refund.
    async fn ask(&self, kind: &str, references: &PaymentReferences) -> QueryOutcome {
        let url = format!("{}/v2/{kind}/{}", self.settings.base_url, references.reference);
        let reply = match self.http.send(Request::get(url).bearer(&self.settings.api_token)).await {
            Ok(reply) => reply,
            Err(error) => return QueryOutcome::Unreachable(error.to_string()),
        };
        if !reply.is_success() {
            return QueryOutcome::Unreachable(format!("HTTP {}", reply.status));
        }
        match wire::status(&reply.body) {
            Ok(Found::NotFound) => QueryOutcome::NotFound,
            Ok(Found::Found(report)) if report.is_about(references) => QueryOutcome::Report(report),
            Ok(Found::Found(_)) => QueryOutcome::Unreachable("the answer is about something else".to_owned()),
            Err(error) => QueryOutcome::Unreachable(error.to_string()),
        }
    }

    fn quote(&self, text: &str) -> Option<String> {
        Some(quoted(text, &[self.settings.api_token.expose_secret()]))
    }
}

#[async_trait]
impl PaymentGateway for PawaPay {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limits(&self) -> Vec<AmountLimits> {
        let cdf = |minor| Money::from_minor(minor, Currency::Cdf);
        let limits = LIMITS.into_iter();
        limits
            .map(|(operator, min, max, step)| AmountLimits {
                gateway: NAME.to_owned(),
                operator,
                min: cdf(min),
                max: cdf(max),
                step: cdf(step),
            })
            .collect()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            idempotent_initiate: true,
            status_query: true,
            callback_has_amount: true,
            refunds: true,
        }
    }

    async fn initiate(&self, request: &InitiateRequest) -> InitiateOutcome {
        let Some(provider) = provider(request.operator) else {
            return InitiateOutcome::Rejected(FailureReason::OperatorNotEnabled.into());
        };
        if request.amount.minor() <= 0 {
            return InitiateOutcome::Rejected(FailureReason::AmountNotTaken.into());
        }
        let reference = request.reference.to_string();
        let body = DepositRequest {
            deposit_id: &reference,
            amount: decimal(request.amount),
            currency: request.amount.currency().code(),
            payer: Payer {
                kind: "MMO",
                account_details: AccountDetails { phone_number: request.phone.digits(), provider },
            },
        };
        self.submit("deposits", &reference, &body).await
    }

    async fn query(&self, references: &PaymentReferences) -> QueryOutcome {
        self.ask("deposits", references).await
    }

    async fn refund(&self, request: &RefundRequest) -> InitiateOutcome {
        let (refund_id, deposit_id) = (request.reference.to_string(), request.payment.reference.to_string());
        let body = RefundBody {
            refund_id: &refund_id,
            deposit_id: &deposit_id,
            amount: decimal(request.amount),
            currency: request.amount.currency().code(),
        };
        self.submit("refunds", &refund_id, &body).await
    }

    async fn query_refund(&self, references: &PaymentReferences) -> QueryOutcome {
        self.ask("refunds", references).await
    }

    fn authenticate_callback(&self, callback: &RawCallback) -> CallbackAuth {
        let settings = &self.settings;
        let from_there = callback.peer.is_some_and(|peer| settings.callback_addresses.contain(peer));
        if !settings.callback_addresses.is_empty() && !from_there {
            return CallbackAuth::Rejected;
        }
        if let Some(token) = &settings.callback_token {
            let given = callback.path_token.as_deref().unwrap_or("");
            if !bool::from(token.expose_secret().as_bytes().ct_eq(given.as_bytes())) {
                return CallbackAuth::Rejected;
            }
        }
        if settings.callback_keys.is_empty() {
            return CallbackAuth::Weak;
        }
        match settings.callback_keys.verify(callback, &settings.callback_place, self.ambient.now()) {
            Ok(()) => CallbackAuth::Verified,
            Err(why) => {
                tracing::warn!(%why, "a callback's signature does not hold");
                CallbackAuth::Rejected
            }
        }
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable> {
        wire::deposit(body).map(|report| vec![report])
    }

    fn acknowledgement(&self) -> &'static str {
        "OK"
    }
}
