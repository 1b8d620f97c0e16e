//! SerdiPay, an aggregator of mobile money in DR Congo, as running integrations use it; its own documents are not
//! public.
//!
//! Every request for payment has a token of its own: SerdiPay has been seen to refuse a token after a minute and
//! a half, and a token in hand spares nothing that matters. The same request bears the merchant's key, password,
//! code and PIN in its body, so that no body is ever logged. It has no key against repeats: a payment is sent
//! once, and once more only after an answer 401, which is given before anything is looked at.
//!
//! What nobody has seen work is off until an operator turns it on: the question for a payment's status
//! ([`SerdiPaySettings::status_path`]), a signature on callbacks and the addresses that they come from
//! ([`callback::CallbackGuard`]).

use async_trait::async_trait;
use kernel::Money;
use outbound::{HttpClient, Request, SendError};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

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

mod answer;
pub mod callback;
#[cfg(test)]
mod tests;

use answer::Answer;
use callback::CallbackGuard;

/// The gateway's name.
pub const NAME: &str = "serdipay";

/// Where SerdiPay is, and who we are there. No debug print of it shows a secret.
#[derive(Debug, Clone)]
pub struct SerdiPaySettings {
    /// Before every path, without a slash at its end.
    pub base_url: String,
    /// Where tokens are given.
    pub token_path: String,
    /// Where customers are asked for money.
    pub c2b_path: String,
    /// Where a payment's status is told, with `{sessionId}` in it; `None` while nobody has seen one work.
    pub status_path: Option<String>,
    /// The API user's address.
    pub email: String,
    /// The API user's password.
    pub password: SecretString,
    /// The merchant's key, `api_id`.
    pub api_id: SecretString,
    /// The merchant's password, `api_password`.
    pub api_password: SecretString,
    /// The merchant's code.
    pub merchant_code: String,
    /// The merchant's PIN.
    pub merchant_pin: SecretString,
    /// The smallest amount that SerdiPay takes of this merchant.
    pub min_amount: Money,
    /// The largest.
    pub max_amount: Money,
}

/// SerdiPay.
pub struct SerdiPay {
    settings: SerdiPaySettings,
    guard: CallbackGuard,
    http: HttpClient,
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    email: &'a str,
    password: &'a str,
}

#[derive(Serialize)]
struct PaymentRequest<'a> {
    api_id: &'a str,
    api_password: &'a str,
    #[serde(rename = "merchantCode")]
    merchant_code: &'a str,
    merchant_pin: &'a str,
    #[serde(rename = "clientPhone")]
    client_phone: &'a str,
    amount: i64,
    currency: &'a str,
    telecom: &'a str,
    // Our reference twice: either has been seen to come back in the callback.
    reference: &'a str,
    message: &'a str,
}

/// Why there is no token.
enum NoToken {
    /// SerdiPay cannot be reached, or not understood.
    Unreachable(String),
    /// It does not know us.
    Refused(String),
}

impl SerdiPay {
    /// SerdiPay as the settings have it, its callbacks checked by `guard`.
    #[must_use]
    pub fn new(settings: SerdiPaySettings, guard: CallbackGuard, http: HttpClient) -> Self {
        Self { settings, guard, http }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}", self.settings.base_url, path.trim_start_matches('/'))
    }

    async fn token(&self) -> Result<SecretString, NoToken> {
        let (email, password) = (&self.settings.email, self.settings.password.expose_secret());
        let url = self.url(&self.settings.token_path);
        let reply = self.http.send(Request::post(url, &TokenRequest { email, password })).await;
        let reply = reply.map_err(|error| NoToken::Unreachable(format!("no token: {error}")))?;
        match (reply.status, answer::token(&reply.body)) {
            (200..=299, Ok(token)) => Ok(token.into()),
            (400..=499, Err(said)) if !matches!(reply.status, 408 | 429) => {
                Err(NoToken::Refused(format!("HTTP {}: {said}", reply.status)))
            }
            // Some refusals come with a good status and no token.
            (200..=299, Err(said)) if !said.is_empty() => Err(NoToken::Refused(said)),
            _ => Err(NoToken::Unreachable(format!("no token: HTTP {}", reply.status))),
        }
    }

    async fn submit(&self, request: &InitiateRequest, francs: i64, token: &SecretString) -> Submitted {
        let settings = &self.settings;
        let reference = request.reference.to_string();
        let body = PaymentRequest {
            api_id: settings.api_id.expose_secret(),
            api_password: settings.api_password.expose_secret(),
            merchant_code: &settings.merchant_code,
            merchant_pin: settings.merchant_pin.expose_secret(),
            client_phone: request.phone.digits(),
            amount: francs,
            currency: request.amount.currency().code(),
            telecom: request.operator.as_str(),
            reference: &reference,
            message: &reference,
        };
        let message = Request::post(self.url(&settings.c2b_path), &body).bearer(token).request_id(&reference);
        let reply = match self.http.send(message).await {
            Ok(reply) => reply,
            Err(SendError::NotSent(why)) => return Submitted::Outcome(InitiateOutcome::NotSent(why)),
            Err(SendError::Lost(why)) => return Submitted::Outcome(InitiateOutcome::Unknown(why)),
        };
        Submitted::Outcome(match answer::read(reply.status, &reply.body) {
            Answer::Accepted { provider_ref } => InitiateOutcome::Accepted { provider_ref },
            Answer::Refused { reason, text } => {
                let detail = Some(self.quote(&format!("HTTP {}: {text}", reply.status)));
                InitiateOutcome::Rejected(Refusal { reason, detail })
            }
            Answer::Unauthorized => return Submitted::Unauthorized,
            Answer::Unclear(why) => InitiateOutcome::Unknown(why),
        })
    }

    fn no_token(&self, why: NoToken) -> InitiateOutcome {
        match why {
            NoToken::Unreachable(why) => InitiateOutcome::NotSent(why),
            NoToken::Refused(said) => InitiateOutcome::Rejected(Refusal {
                reason: FailureReason::GatewayRefusesUs,
                detail: Some(self.quote(&format!("no token is given to us: {said}"))),
            }),
        }
    }

    fn quote(&self, text: &str) -> String {
        let settings = &self.settings;
        let secrets = [&settings.password, &settings.api_id, &settings.api_password, &settings.merchant_pin];
        quoted(text, &secrets.map(ExposeSecret::expose_secret))
    }
}

/// What became of handing a payment over.
enum Submitted {
    Outcome(InitiateOutcome),
    /// The token was refused, and nothing was looked at.
    Unauthorized,
}

/// Whether an answer names the payment that was asked about, and no other.
fn names(report: &GatewayReport, asked: &PaymentReferences) -> bool {
    let by_reference = report.reference.as_deref() == Some(asked.reference.to_string().as_str());
    report.is_about(asked) && (report.provider_ref.is_some() || by_reference)
}

/// An amount in whole francs or dollars, which is all that SerdiPay takes.
fn whole(amount: Money) -> Option<i64> {
    let per_major = 10_i64.pow(amount.currency().exponent());
    (amount.minor() > 0 && amount.minor() % per_major == 0).then(|| amount.minor() / per_major)
}

#[async_trait]
impl PaymentGateway for SerdiPay {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limits(&self) -> Vec<AmountLimits> {
        let (min, max) = (self.settings.min_amount, self.settings.max_amount);
        let step = Money::from_minor(10_i64.pow(min.currency().exponent()), min.currency());
        let gateway = || NAME.to_owned();
        let all = Operator::ALL.into_iter();
        all.map(|operator| AmountLimits { gateway: gateway(), operator, min, max, step }).collect()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            idempotent_initiate: false,
            status_query: self.settings.status_path.is_some(),
            callback_has_amount: false,
            refunds: false,
        }
    }

    async fn initiate(&self, request: &InitiateRequest) -> InitiateOutcome {
        let Some(francs) = whole(request.amount) else {
            return InitiateOutcome::Rejected(FailureReason::AmountNotTaken.into());
        };
        // The second attempt has a new token. A gateway that refuses that too refuses us.
        for _ in 0..2 {
            let token = match self.token().await {
                Ok(token) => token,
                Err(why) => return self.no_token(why),
            };
            if let Submitted::Outcome(outcome) = self.submit(request, francs, &token).await {
                return outcome;
            }
        }
        let detail = "the gateway refuses our credentials: HTTP 401 with a new token, twice";
        let reason = FailureReason::GatewayRefusesUs;
        InitiateOutcome::Rejected(Refusal { reason, detail: Some(detail.to_owned()) })
    }

    async fn query(&self, references: &PaymentReferences) -> QueryOutcome {
        let (Some(path), Some(session)) = (&self.settings.status_path, &references.provider_ref) else {
            return QueryOutcome::Unsupported;
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !session.bytes().all(is_plain) {
            return QueryOutcome::Unsupported;
        }
        let token = match self.token().await {
            Ok(token) => token,
            Err(NoToken::Unreachable(why) | NoToken::Refused(why)) => {
                return QueryOutcome::Unreachable(self.quote(&why));
            }
        };
        let url = self.url(&path.replace("{sessionId}", session));
        let reply = match self.http.send(Request::get(url).bearer(&token)).await {
            Ok(reply) => reply,
            Err(error) => return QueryOutcome::Unreachable(error.to_string()),
        };
        if !reply.is_success() {
            return QueryOutcome::Unreachable(format!("HTTP {}", reply.status));
        }
        match callback::parse(&reply.body).map(|reports| reports.into_iter().next()) {
            // What names no payment may be the success of asking, and not that of the payment.
            Ok(Some(report)) if names(&report, references) => QueryOutcome::Report(report),
            Ok(_) => QueryOutcome::Unreachable("the answer does not name the payment".to_owned()),
            Err(error) => QueryOutcome::Unreachable(error.to_string()),
        }
    }

    /// Never asked for: nobody has seen a way to have SerdiPay pay back.
    async fn refund(&self, _: &RefundRequest) -> InitiateOutcome {
        InitiateOutcome::Rejected(FailureReason::OperatorNotEnabled.into())
    }

    async fn query_refund(&self, _: &PaymentReferences) -> QueryOutcome {
        QueryOutcome::Unsupported
    }

    fn authenticate_callback(&self, callback: &RawCallback) -> CallbackAuth {
        self.guard.authenticate(callback)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable> {
        callback::parse(body)
    }

    fn acknowledgement(&self) -> &'static str {
        "OK"
    }
}
