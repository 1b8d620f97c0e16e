//! What SerdiPay takes, and with which words it refuses the rest.

use billing::{payment::Operator, ports::gateway::InitiateRequest};
use kernel::{Currency, Money, Msisdn};
use serde_json::Value;
use uuid::Uuid;

use super::{Account, Behaviour};

/// A refusal: nothing was asked of the wallet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status.
    pub(super) status: u16,
    /// What goes into `error`.
    pub(super) error: String,
}

impl Refusal {
    fn new(status: u16, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    /// The operator is not enabled for the merchant.
    pub(super) fn channel() -> Self {
        Self::new(403, "merchant is not allowed to use this channel")
    }
}

/// Reads the request for a token.
pub(super) fn login(body: &[u8], account: &Account) -> Result<(), Refusal> {
    let body = object(body)?;
    let credentials = [("email", &account.email), ("password", &account.password)];
    for (field, expected) in credentials {
        let given = text(&body, field)?;
        if expected.as_ref().is_some_and(|expected| *expected != given) {
            return Err(Refusal::new(401, "Failed to get the token"));
        }
    }
    Ok(())
}

/// Reads the request for a payment.
pub(super) fn payment(body: &[u8], behaviour: &Behaviour) -> Result<InitiateRequest, Refusal> {
    let body = object(body)?;
    let account = &behaviour.account;
    let credentials = [
        ("api_id", &account.api_id),
        ("api_password", &account.api_password),
        ("merchantCode", &account.merchant_code),
        ("merchant_pin", &account.merchant_pin),
    ];
    for (field, expected) in credentials {
        let given = text(&body, field)?;
        if expected.as_ref().is_some_and(|expected| *expected != given) {
            return Err(Refusal::new(403, "Invalid merchant credentials"));
        }
    }
    let operator = Operator::parse(&text(&body, "telecom")?);
    let operator = operator.ok_or_else(|| Refusal::new(400, "The selected telecom is invalid."))?;
    let phone = phone(&text(&body, "clientPhone")?)?;
    let amount = amount(&body, behaviour.limits)?;
    if behaviour.closed_channels.contains(&operator) {
        return Err(Refusal::channel());
    }
    Ok(InitiateRequest { reference: reference(&body)?, phone, operator, amount })
}

fn object(body: &[u8]) -> Result<Value, Refusal> {
    let body = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
    body.ok_or_else(|| Refusal::new(400, "The body is not a JSON object."))
}

/// A required text; a number is taken for one, as PHP does.
fn text(body: &Value, field: &str) -> Result<String, Refusal> {
    match body.get(field) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(Refusal::new(400, format!("The {field} field is required."))),
    }
}

/// `243` and nine digits, without a plus sign.
fn phone(given: &str) -> Result<Msisdn, Refusal> {
    let in_form = given.len() == 12 && given.starts_with("243") && given.bytes().all(|b| b.is_ascii_digit());
    let phone = Msisdn::parse(given).ok().filter(|_| in_form);
    phone.ok_or_else(|| Refusal::new(400, "The clientPhone format is invalid."))
}

/// A number, of whole francs or of dollars and cents, within the limits.
fn amount(body: &Value, (min, max): (i64, i64)) -> Result<Money, Refusal> {
    let currency = text(body, "currency")?.parse::<Currency>();
    let currency = currency.map_err(|_| Refusal::new(400, "The selected currency is invalid."))?;
    let Some(Value::Number(number)) = body.get("amount") else {
        return Err(Refusal::new(400, "The amount must be a number."));
    };
    let amount = Money::parse(&number.to_string(), currency);
    let amount = amount.map_err(|_| Refusal::new(400, "The amount is invalid."))?;
    let per_unit = currency.minor_per_major();
    if currency == Currency::Cdf && amount.minor() % per_unit != 0 {
        return Err(Refusal::new(400, "The amount must be an integer."));
    }
    if amount.minor() < min * per_unit || amount.minor() > max * per_unit {
        let code = currency.code();
        let words = format!("The amount is not within allowed range! min: {min} - max : {max} {code}");
        return Err(Refusal::new(402, words));
    }
    Ok(amount)
}

/// Our name for the payment. SerdiPay would take any text, or none; the books are kept by it here.
fn reference(body: &Value) -> Result<Uuid, Refusal> {
    let given = ["message", "reference"].into_iter().filter_map(|field| body.get(field)?.as_str());
    let mut references = given.filter_map(|text| Uuid::parse_str(text).ok());
    references.next().ok_or_else(|| Refusal::new(400, "The simulator needs a UUID in message or reference."))
}

#[cfg(test)]
mod tests {
    use billing::payment::Operator;
    use serde_json::{Value, json};

    use super::{super::Behaviour, Refusal, payment};

    fn body() -> Value {
        json!({
            "api_id": "1", "api_password": "p", "merchantCode": "m", "merchant_pin": "1234",
            "clientPhone": "243812340000", "amount": 1000, "currency": "CDF", "telecom": "MP",
            "reference": "afb57b93-7849-49aa-babb-4c3ccbfe3d79",
            "message": "afb57b93-7849-49aa-babb-4c3ccbfe3d79",
        })
    }

    fn with(field: &str, value: &Value) -> Result<(), Refusal> {
        let mut body = body();
        body[field] = value.clone();
        payment(body.to_string().as_bytes(), &Behaviour::default()).map(|_| ())
    }

    #[test]
    fn a_whole_request_is_taken() {
        let request = payment(body().to_string().as_bytes(), &Behaviour::default()).unwrap();
        assert_eq!((request.operator, request.amount.minor()), (Operator::Mpesa, 100_000));
        assert_eq!(request.phone.as_str(), "+243812340000");
    }

    #[test]
    fn what_is_missing_or_malformed_is_refused_with_400() {
        let cases = [
            ("merchant_pin", json!(null)),
            ("clientPhone", json!("+243812340000")),
            ("clientPhone", json!("0812340000")),
            ("telecom", json!("VODACOM")),
            ("currency", json!("EUR")),
            ("amount", json!("1000")),
            ("amount", json!(1000.5)),
            ("amount", json!(1e300)),
            ("message", json!("hello")),
        ];
        for (field, value) in cases {
            let mut refused = with(field, &value);
            if field == "message" {
                // The reference still names the payment.
                assert_eq!(refused, Ok(()));
                refused = Err(Refusal::new(400, ""));
            }
            assert_eq!(refused.map_err(|refusal| refusal.status), Err(400), "{field}: {value}");
        }
    }

    #[test]
    fn amounts_out_of_range_and_closed_channels_have_their_own_words() {
        let range = "The amount is not within allowed range! min: 1 - max : 5750000 CDF";
        assert_eq!(with("amount", &json!(0)), Err(Refusal::new(402, range)));
        assert_eq!(with("amount", &json!(5_750_001)), Err(Refusal::new(402, range)));
        assert_eq!(with("amount", &json!(1)), Ok(()));
        let closed = Behaviour { closed_channels: vec![Operator::Mpesa], ..Behaviour::default() };
        assert_eq!(payment(body().to_string().as_bytes(), &closed), Err(Refusal::channel()));
    }
}
