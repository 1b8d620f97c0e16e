//! SerdiPay's HTTP interface, as integrations of it in the field agree that it is: a token for an e-mail address and
//! a password; then each request with that token and the merchant's credentials in its body.
//!
//! It does not recognise repeats: each request that it accepts pushes a prompt. What nobody has verified is off
//! until it is asked for: the status of a transaction, an expiry of tokens. It says what it says about amounts
//! and references in callbacks unless told not to.

mod request;

use std::{io, time::Duration};

use billing::{
    adapters::fake::{
        script::{Answer, Script},
        world::{Charge, GatewayWorld},
    },
    payment::Operator,
    ports::gateway::ReportedStatus,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use self::request::Refusal;
use super::{
    Gateways,
    answers::{self, on_the_wire},
    callbacks::Callback,
    http::{Received, Reply},
};

/// Where the interface begins.
pub(super) const BASE_PATH: &str = "/api/public-api/v1";

/// How SerdiPay behaves.
#[derive(Clone)]
pub struct Behaviour {
    /// Where callbacks go, without the token. They wait while it is missing.
    pub callback_url: Option<String>,
    /// The secret at the end of the callback's path.
    pub callback_token: Option<String>,
    /// The key of the HMAC-SHA-256 of the callback's body, sent in `X-Serdipay-Signature`.
    pub hmac_secret: Option<String>,
    /// What must come with a request; what is `None` is taken as it comes.
    pub account: Account,
    /// How long a token is good, and told to be. Without it, until a restart, and nothing is told.
    pub token_life: Option<Duration>,
    /// The least and the most that may be asked, in whole units of either currency.
    pub limits: (i64, i64),
    /// The operators that the merchant may not use.
    pub closed_channels: Vec<Operator>,
    /// Whether it answers questions about transactions.
    pub status_query: bool,
    /// Whether callbacks tell the amount.
    pub tells_amount: bool,
    /// Whether callbacks tell our reference.
    pub echoes_reference: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            callback_url: None,
            callback_token: None,
            hmac_secret: None,
            account: Account::default(),
            token_life: None,
            limits: (1, 5_750_000),
            closed_channels: Vec::new(),
            status_query: false,
            tells_amount: true,
            echoes_reference: true,
        }
    }
}

/// A merchant's credentials.
#[derive(Clone, Default)]
pub struct Account {
    /// The API user's address.
    pub email: Option<String>,
    /// Their password.
    pub password: Option<String>,
    /// `api_id`.
    pub api_id: Option<String>,
    /// `api_password`.
    pub api_password: Option<String>,
    /// `merchantCode`.
    pub merchant_code: Option<String>,
    /// `merchant_pin`.
    pub merchant_pin: Option<String>,
}

/// Answers one request.
pub(super) async fn answer(gateways: &Gateways, request: &Received) -> io::Result<Reply> {
    let path = request.path.strip_prefix(BASE_PATH).unwrap_or_default();
    let behaviour = gateways.behaviour().serdipay;
    match (request.method.as_str(), path) {
        ("POST", "/merchant/get-token") => Ok(get_token(gateways, &behaviour, &request.body)),
        _ if !request.bearer().is_some_and(|token| gateways.tokens.holds(token, gateways.ambient.now())) => {
            Ok(unauthenticated())
        }
        ("POST", "/merchant/payment-merchant") => collect(gateways, &behaviour, request).await,
        ("POST", "/merchant/payment-client") => Ok(refusal(&Refusal::channel())),
        ("GET", path) if behaviour.status_query => match path.strip_prefix("/merchant/transaction/") {
            Some(session) => transaction(gateways, session),
            None => Ok(no_route(path)),
        },
        _ => Ok(no_route(path)),
    }
}

/// What Laravel says to a missing, wrong or old token.
fn unauthenticated() -> Reply {
    Reply::Json(401, json!({ "message": "Unauthenticated." }))
}

fn no_route(path: &str) -> Reply {
    Reply::Json(404, json!({ "message": format!("The route {path} could not be found.") }))
}

/// What went wrong is in `error`; `message` is always the same.
fn refusal(refusal: &Refusal) -> Reply {
    let body = json!({
        "status": refusal.status,
        "message": "Failed to process the payment",
        "error": refusal.error,
    });
    Reply::Json(refusal.status, body)
}

fn get_token(gateways: &Gateways, behaviour: &Behaviour, body: &[u8]) -> Reply {
    gateways.tokens.count_request();
    if let Err(refused) = request::login(body, &behaviour.account) {
        return Reply::Json(refused.status, json!({ "message": refused.error }));
    }
    let (token, now) =
        (gateways.ambient.text(b"abcdefghijkmnpqrstuvwxyz23456789", 40), gateways.ambient.now());
    gateways.tokens.issue(&token, behaviour.token_life.map(|life| now + life));
    let mut answer = json!({ "access_token": token, "token_type": "Bearer" });
    if let (Some(life), Some(answer)) = (behaviour.token_life, answer.as_object_mut()) {
        answer.insert("expires_in".to_owned(), life.as_secs().into());
    }
    Reply::Json(200, answer)
}

async fn collect(gateways: &Gateways, behaviour: &Behaviour, received: &Received) -> io::Result<Reply> {
    let request = match request::payment(&received.body, behaviour) {
        Ok(request) => request,
        Err(refused) => return Ok(refusal(&refused)),
    };
    let script = Script::of(&request.phone);
    if gateways.serdipay.refuses_token(request.reference, script.answer)? {
        gateways.tokens.forget(received.bearer().unwrap_or_default());
        return Ok(unauthenticated());
    }
    match script.answer {
        Answer::Refuse => return Ok(refusal(&Refusal::channel())),
        Answer::TooManyRequests => return Ok(Reply::Json(429, json!({ "message": "Too Many Attempts." }))),
        _ => {}
    }
    let _no_round = gateways.before_first_callback(script).await;
    let (place, charge) = gateways.serdipay.charge(&request, script, gateways.ambient.now())?;
    tracing::info!(reference = %charge.reference, part = script.name, "SerdiPay: prompt pushed");
    if script.callback_first {
        gateways.deliver_serdipay(place, 0).await?;
    }
    let status = if script.answer == Answer::InProcess { 102 } else { 200 };
    let accepted = json!({
        "status": status,
        "message": "Payment request sent",
        "payment": { "sessionId": charge.provider_ref, "status": "pending" },
    });
    Ok(on_the_wire(script.answer, accepted))
}

fn transaction(gateways: &Gateways, session: &str) -> io::Result<Reply> {
    let Some((_, charge)) = gateways.serdipay.find(|charge| charge.provider_ref == session)? else {
        return Ok(Reply::Json(404, json!({ "message": "Transaction not found" })));
    };
    let status = match charge.status_at(gateways.ambient.now()) {
        ReportedStatus::Succeeded => "success",
        ReportedStatus::Failed(_) => "failed",
        ReportedStatus::Pending => "pending",
    };
    let body = json!({
        "status": 200,
        "message": charge.reference,
        "payment": {
            "sessionId": charge.provider_ref,
            "status": status,
            "amount": charge.amount.amount(),
            "currency": charge.amount.currency().code(),
        },
    });
    Ok(Reply::Json(200, body))
}

/// A callback as it goes over the wire; none while there is no address for it.
pub(super) fn callback(
    behaviour: &Behaviour,
    world: &GatewayWorld,
    (place, number): (usize, usize),
) -> Option<Callback> {
    let charge = world.charges().get(place)?;
    let says = charge.callbacks.get(number)?.says.as_str();
    let body = told(behaviour, charge, says, world.callback_body(place, number)?);
    let token = match says {
        "wrong_token" => Some("wrong"),
        _ => behaviour.callback_token.as_deref(),
    };
    let secret = behaviour.hmac_secret.as_ref().filter(|_| says != "unsigned");
    let signed = if says == "forged" { b"something else" } else { body.as_slice() };
    let signature = secret.and_then(|secret| hmac_hex(secret, signed));
    let base = behaviour.callback_url.as_ref()?.trim_end_matches('/');
    Some(Callback {
        url: token.map_or_else(|| base.to_owned(), |token| format!("{base}/{token}")),
        headers: signature.map(|hex| ("X-Serdipay-Signature".to_owned(), hex)).into_iter().collect(),
        body,
    })
}

/// The body, less what this SerdiPay does not tell, and huge if it is to be.
fn told(behaviour: &Behaviour, charge: &Charge, says: &str, body: String) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_str::<Value>(&body) else {
        return body.into_bytes();
    };
    if let Some(payment) = json.get_mut("payment").and_then(Value::as_object_mut) {
        // It is in every sample, and nobody knows what it means.
        payment.insert("sessionStatus".to_owned(), 3.into());
        if !behaviour.tells_amount {
            payment.remove("amount");
            payment.remove("currency");
        }
    }
    if let (false, Some(message)) = (behaviour.echoes_reference, json.get_mut("message")) {
        *message = Value::String(format!("Transaction {}", charge.provider_ref));
    }
    if says == "huge" { answers::padded(json).into_bytes() } else { json.to_string().into_bytes() }
}

/// The HMAC-SHA-256 of a body (RFC 2104), in hex.
fn hmac_hex(secret: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(hex::encode(mac.finalize().into_bytes()))
}
