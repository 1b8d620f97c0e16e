//! Refunds: money of a completed deposit goes back to the wallet that has paid it.

use std::io;

use billing::adapters::fake::{
    script::RefundPart,
    world::{NotPaidBack, PaidBack},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    find, moment, rejected,
    request::{self, Failure, amount_text},
    word,
};
use crate::payments::{Gateways, http::Reply};

const NAME: &str = "refundId";

/// Answers a request for a refund.
pub(super) fn refund(gateways: &Gateways, body: &[u8]) -> io::Result<Reply> {
    let deposits = gateways.pawapay.charges()?;
    let paid =
        |id: Uuid| deposits.iter().find(|deposit| deposit.reference == id).map(|deposit| deposit.amount);
    let request = match request::refund(body, paid) {
        Ok(request) => request,
        Err(failure) => return Ok(rejected(NAME, request::id_in(body, NAME), &failure)),
    };
    let part = gateways.pawapay.look(|world| world.refund_part(request.payment.reference))?;
    if part == RefundPart::NeverArrives {
        return Ok(Reply::Json(500, json!({})));
    }
    let accepted = |refund: &PaidBack, status: &str| {
        let created = moment(gateways.ambient.now());
        json!({ "refundId": refund.reference, "status": status, "created": created })
    };
    Ok(match gateways.pawapay.pay_back_once(&request, gateways.ambient.now())? {
        Err(why) => {
            let (code, message) = match why {
                NotPaidBack::NoSuchPayment => ("NOT_FOUND", "There is no such completed deposit."),
                NotPaidBack::TooMuch => ("AMOUNT_TOO_LARGE", "More than is left of the deposit."),
                NotPaidBack::Refused => ("REFUNDS_NOT_ALLOWED", "Refunds are not enabled."),
            };
            rejected(NAME, Some(request.reference.to_string()), &Failure::new(200, code, message))
        }
        Ok((refund, true)) => Reply::Json(200, accepted(&refund, "DUPLICATE_IGNORED")),
        Ok(_) if part == RefundPart::LosesAnswer => Reply::Json(500, json!({})),
        Ok((refund, false)) => Reply::Json(200, accepted(&refund, "ACCEPTED")),
    })
}

/// Tells how a refund stands.
pub(super) fn status(gateways: &Gateways, id: &str) -> io::Result<Reply> {
    let refund = match Uuid::parse_str(id) {
        Ok(id) => gateways.pawapay.find_refund(id)?,
        Err(_) => None,
    };
    let Some((refund, told)) = refund else {
        return Ok(Reply::Json(200, json!({ "status": "NOT_FOUND" })));
    };
    let phone = find(gateways, &refund.payment.to_string())?.map(|(_, deposit)| deposit.phone);
    let status = word(&refund.status_at(gateways.ambient.now()));
    let mut data = json!({
        "refundId": refund.reference,
        "status": status,
        "amount": told.map(amount_text),
        "currency": refund.amount.currency().code(),
        "country": "COD",
        "recipient": { "type": "MMO", "accountDetails": { "phoneNumber": phone.map(|phone| phone.digits().to_owned()) } },
    });
    let more = match status {
        "COMPLETED" => Some(("providerTransactionId", Value::from(refund.provider_ref))),
        "FAILED" => {
            let failure = Failure::new(200, "RECIPIENT_NOT_FOUND", "The recipient has no wallet.");
            Some(("failureReason", failure.reason()))
        }
        _ => None,
    };
    if let (Some((field, value)), Some(data)) = (more, data.as_object_mut()) {
        data.insert(field.to_owned(), value);
    }
    Ok(Reply::Json(200, json!({ "status": "FOUND", "data": data })))
}
