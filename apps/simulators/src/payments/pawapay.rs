//! pawaPay's Merchant API, version 2, as far as deposits and refunds go (docs.pawapay.io/v2/api-reference).
//!
//! The caller names the deposit, so a repeat is recognised and pushes no second prompt. To be accepted is not to be
//! paid: how it ends is told by callback and to whoever asks.

mod refunds;
mod request;
mod signature;

use std::io;

use billing::{
    adapters::fake::{
        script::{Answer, Script},
        world::{Charge, GatewayWorld},
    },
    ports::gateway::ReportedStatus,
};
use chrono::SecondsFormat;
use kernel::{Money, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) use self::signature::SigningKey;
use self::{request::Failure, signature::Form};
use super::{
    Gateways,
    answers::{self, on_the_wire},
    callbacks::Callback,
    http::{Received, Reply},
};

/// How pawaPay behaves.
#[derive(Clone, Default)]
pub struct Behaviour {
    /// Where callbacks go, secret token included. They wait while it is missing.
    pub callback_url: Option<String>,
    /// The token that must come with every request; without it any is taken.
    pub api_token: Option<String>,
    /// Whether callbacks are signed.
    pub signs: bool,
    /// Whether signatures are the 64 bytes of RFC 9421, section 3.3.4, instead of the ASN.1 that pawaPay's own
    /// samples have.
    pub plain_signatures: bool,
}

/// Answers one request.
pub(super) async fn answer(gateways: &Gateways, request: &Received) -> io::Result<Reply> {
    let behaviour = gateways.behaviour().pawapay;
    if let Err(failure) = request::authenticate(request, behaviour.api_token.as_deref()) {
        return Ok(Reply::Json(failure.status, json!({ "failureReason": failure.reason() })));
    }
    let path = request.path.strip_prefix("/v2/").unwrap_or_default();
    match (request.method.as_str(), path) {
        ("POST", "deposits") => deposit(gateways, &request.body).await,
        ("POST", "refunds") => refunds::refund(gateways, &request.body),
        ("GET", "public-key/http") => Ok(Reply::Json(200, gateways.key.published())),
        ("POST", path) => match path.strip_prefix("deposits/resend-callback/") {
            Some(id) => resend(gateways, id),
            None => Ok(no_route()),
        },
        ("GET", path) => match path.split_once('/') {
            Some(("deposits", id)) => status(gateways, id),
            Some(("refunds", id)) => refunds::status(gateways, id),
            _ => Ok(no_route()),
        },
        _ => Ok(no_route()),
    }
}

fn no_route() -> Reply {
    Reply::Json(404, json!({ "failureReason": Failure::new(404, "NOT_FOUND", "There is nothing.").reason() }))
}

async fn deposit(gateways: &Gateways, body: &[u8]) -> io::Result<Reply> {
    let request = match request::deposit(body) {
        Ok(request) => request,
        Err(failure) => return Ok(rejected("depositId", request::id_in(body, "depositId"), &failure)),
    };
    let script = Script::of(&request.phone);
    let refusal = match script.answer {
        Answer::Refuse => Some(("PROVIDER_TEMPORARILY_UNAVAILABLE", "The provider is not available.")),
        Answer::TooManyRequests => return Ok(Reply::Json(429, json!({}))),
        _ => None,
    };
    if let Some((code, message)) = refusal {
        let failure = Failure::new(200, code, message);
        return Ok(rejected("depositId", Some(request.reference.to_string()), &failure));
    }
    let accepted = |charge: &Charge, status: &str| {
        json!({
            "depositId": charge.reference,
            "status": status,
            "created": moment(charge.asked_at),
            "nextStep": "FINAL_STATUS",
        })
    };
    let _no_round = gateways.before_first_callback(script).await;
    match gateways.pawapay.charge_once(&request, script, gateways.ambient.now())? {
        Err((_, known)) => Ok(Reply::Json(200, accepted(&known, "DUPLICATE_IGNORED"))),
        Ok((place, charge)) => {
            tracing::info!(deposit = %charge.reference, part = script.name, "pawaPay: prompt pushed");
            if script.callback_first {
                gateways.deliver_pawapay(place, 0).await?;
            }
            if script.answer == Answer::ServerError {
                // No status: the caller cannot know whether the deposit was taken.
                let unknown = Failure::new(500, "UNKNOWN_ERROR", "Unable to process request.");
                return Ok(Reply::Json(500, json!({ "failureReason": unknown.reason() })));
            }
            Ok(on_the_wire(script.answer, accepted(&charge, "ACCEPTED")))
        }
    }
}

fn rejected(name: &str, id: Option<String>, failure: &Failure) -> Reply {
    let body = json!({ name: id, "status": "REJECTED", "failureReason": failure.reason() });
    Reply::Json(failure.status, body)
}

fn find(gateways: &Gateways, id: &str) -> io::Result<Option<(usize, Charge)>> {
    let Ok(id) = Uuid::parse_str(id) else { return Ok(None) };
    gateways.pawapay.find(|charge| charge.reference == id)
}

fn status(gateways: &Gateways, id: &str) -> io::Result<Reply> {
    let Some((_, charge)) = find(gateways, id)? else {
        return Ok(Reply::Json(200, json!({ "status": "NOT_FOUND" })));
    };
    let status = word(&charge.status_at(gateways.ambient.now()));
    let data = described(&charge, status, charge.amount);
    Ok(Reply::Json(200, json!({ "status": "FOUND", "data": data })))
}

fn word(status: &ReportedStatus) -> &'static str {
    match status {
        ReportedStatus::Succeeded => "COMPLETED",
        ReportedStatus::Failed(_) => "FAILED",
        ReportedStatus::Pending => "PROCESSING",
    }
}

fn resend(gateways: &Gateways, id: &str) -> io::Result<Reply> {
    let now = gateways.ambient.now();
    let (status, failure) = match find(gateways, id)? {
        None => ("REJECTED", Some(Failure::new(200, "NOT_FOUND", "There is no such deposit."))),
        Some((_, charge)) if charge.status_at(now) == ReportedStatus::Pending => {
            ("REJECTED", Some(Failure::new(200, "INVALID_STATE", "The deposit is not in a final status.")))
        }
        Some((place, _)) => {
            gateways.pawapay.want_callback(place, now)?;
            ("ACCEPTED", None)
        }
    };
    let mut body = json!({ "depositId": id, "status": status });
    if let (Some(failure), Some(body)) = (failure, body.as_object_mut()) {
        body.insert("failureReason".to_owned(), failure.reason());
    }
    Ok(Reply::Json(200, body))
}

/// A deposit as callbacks and answers describe it.
fn described(charge: &Charge, status: &str, amount: Money) -> Value {
    let mut deposit = json!({
        "depositId": charge.reference,
        "status": status,
        "amount": request::amount_text(amount),
        "currency": amount.currency().code(),
        "country": "COD",
        "payer": {
            "type": "MMO",
            "accountDetails": {
                "phoneNumber": charge.phone.digits(),
                "provider": request::provider_of(&charge.operator),
            },
        },
        "created": moment(charge.asked_at),
    });
    let (field, value) = match status {
        "COMPLETED" => ("providerTransactionId", Value::from(charge.provider_ref.clone())),
        "FAILED" if Script::of(&charge.phone).suffix == "0002" => {
            ("failureReason", Failure::new(200, "INSUFFICIENT_BALANCE", "Not enough funds.").reason())
        }
        "FAILED" => {
            ("failureReason", Failure::new(200, "PAYMENT_NOT_APPROVED", "The customer said no.").reason())
        }
        _ => return deposit,
    };
    if let Some(deposit) = deposit.as_object_mut() {
        deposit.insert(field.to_owned(), value);
    }
    deposit
}

fn moment(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A callback as it goes over the wire, signed at `now` if it is to be; none while there is no address for it.
pub(super) fn callback(
    (behaviour, key): (&Behaviour, &SigningKey),
    world: &GatewayWorld,
    (place, number): (usize, usize),
    now: Timestamp,
) -> Option<Callback> {
    let charge = world.charges().get(place)?;
    let says = charge.callbacks.get(number)?.says.as_str();
    let body = body(charge, says);
    let url = behaviour.callback_url.as_ref()?;
    let url = if says == "wrong_token" { format!("{url}-wrong") } else { url.clone() };
    let mut headers = Vec::new();
    if behaviour.signs && says != "unsigned" {
        let form = if behaviour.plain_signatures { Form::Plain } else { Form::Asn1 };
        let signed = if says == "forged" { b"something else" } else { body.as_slice() };
        headers = key.sign(&url, signed, now, form)?;
    }
    Some(Callback { url, headers, body })
}

fn body(charge: &Charge, says: &str) -> Vec<u8> {
    use kernel::Currency::{Cdf, Usd};
    let currency = charge.amount.currency();
    let amount = match says {
        "wrong_amount" => Money::from_minor(charge.amount.minor() - currency.minor_per_major(), currency),
        "wrong_currency" => Money::from_minor(charge.amount.minor(), if currency == Cdf { Usd } else { Cdf }),
        _ => charge.amount,
    };
    let status = if says == "failed" { "FAILED" } else { "COMPLETED" };
    let deposit = described(charge, status, amount);
    match says {
        "garbage" => format!("<html>{}</html>", charge.provider_ref).into_bytes(),
        "huge" => answers::padded(deposit).into_bytes(),
        _ => deposit.to_string().into_bytes(),
    }
}
