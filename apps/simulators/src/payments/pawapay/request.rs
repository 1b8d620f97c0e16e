//! What pawaPay takes, and with which failure codes it rejects the rest.

use billing::{
    payment::Operator,
    ports::gateway::{InitiateRequest, PaymentReferences, RefundRequest},
};
use kernel::{Currency, Money, Msisdn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::payments::http::Received;

/// A rejection: nothing was asked of the wallet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The HTTP status: 200 for what the wallet's operator would not take.
    pub(super) status: u16,
    code: &'static str,
    message: String,
}

impl Failure {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The object `failureReason`.
    pub(super) fn reason(&self) -> Value {
        json!({ "failureCode": self.code, "failureMessage": self.message })
    }
}

/// The providers in DR Congo, with the least and the most that each takes, in francs, and whether it takes
/// hundredths.
const PROVIDERS: [(&str, Operator, i64, i64, bool); 3] = [
    ("VODACOM_MPESA_COD", Operator::Mpesa, 500, 1_000_000, false),
    ("AIRTEL_COD", Operator::Airtel, 100, 6_250_000, true),
    ("ORANGE_COD", Operator::Orange, 10, 1_000_000, true),
];

/// The provider by our code of the operator.
pub(super) fn provider_of(operator: &str) -> &'static str {
    let found = PROVIDERS.iter().find(|provider| provider.1.as_str() == operator);
    found.map_or("", |provider| provider.0)
}

/// Judges who asks.
pub(super) fn authenticate(request: &Received, expected: Option<&str>) -> Result<(), Failure> {
    let Some(given) = request.bearer() else {
        return Err(Failure::new(401, "NO_AUTHENTICATION", "No API token was found in the request."));
    };
    if expected.is_some_and(|expected| expected != given) {
        return Err(Failure::new(403, "AUTHENTICATION_ERROR", "The API token is not valid."));
    }
    Ok(())
}

/// The name, in this field, in a body that is otherwise not taken.
pub(super) fn id_in(body: &[u8], field: &str) -> Option<String> {
    let body = serde_json::from_slice::<Value>(body).ok()?;
    body.get(field)?.as_str().map(str::to_owned)
}

/// Reads the request for a refund, of the whole deposit if no amount is named.
pub(super) fn refund(body: &[u8], whole: impl Fn(Uuid) -> Option<Money>) -> Result<RefundRequest, Failure> {
    let body = parse(body)?;
    let (reference, deposit) = (named(&body, "refundId")?, named(&body, "depositId")?);
    let paid = whole(deposit).ok_or_else(|| Failure::new(200, "NOT_FOUND", "There is no such deposit."))?;
    let amount = if body.get("amount").is_some() {
        let currency = text(&body, "/currency")?.parse::<Currency>().ok();
        let currency = currency.filter(|currency| *currency == paid.currency());
        let currency = currency.ok_or_else(|| Failure::new(200, "INVALID_CURRENCY", "Not the deposit's."))?;
        amount(text(&body, "/amount")?, currency, true)?
    } else {
        paid
    };
    let payment = PaymentReferences { reference: deposit, provider_ref: None };
    Ok(RefundRequest { reference, payment, amount })
}

fn parse(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body)
        .map_err(|_| Failure::new(400, "INVALID_INPUT", "The payload cannot be parsed."))
}

/// A name that the caller has given: a UUID of version 4.
fn named(body: &Value, field: &str) -> Result<Uuid, Failure> {
    let invalid = || Failure::new(400, "INVALID_PARAMETER", format!("The value of {field} is invalid."));
    let id = Uuid::parse_str(text(body, &format!("/{field}"))?).ok();
    id.filter(|id| id.get_version_num() == 4).ok_or_else(invalid)
}

/// Reads the request for a deposit.
pub(super) fn deposit(body: &[u8]) -> Result<InitiateRequest, Failure> {
    let body = parse(body)?;
    let invalid =
        |what: &str| Failure::new(400, "INVALID_PARAMETER", format!("The value of {what} is invalid."));
    let reference = named(&body, "depositId")?;
    let currency = text(&body, "/currency")?.parse::<Currency>();
    let currency =
        currency.map_err(|_| Failure::new(200, "INVALID_CURRENCY", "The currency is not supported."))?;
    if text(&body, "/payer/type")? != "MMO" {
        return Err(invalid("payer.type"));
    }
    let provider = text(&body, "/payer/accountDetails/provider")?;
    let provider = PROVIDERS.iter().find(|known| known.0 == provider);
    let provider = provider.ok_or_else(|| Failure::new(200, "INVALID_PROVIDER", "Unknown provider."))?;
    let phone = text(&body, "/payer/accountDetails/phoneNumber")?;
    let in_form = phone.starts_with("243") && phone.len() == 12;
    let phone = Msisdn::parse(phone).ok().filter(|_| in_form);
    let phone = phone.ok_or_else(|| Failure::new(200, "INVALID_PHONE_NUMBER", "Not a number of COD."))?;
    let amount = amount(text(&body, "/amount")?, currency, provider.4)?;
    let francs = provider.2 * currency.minor_per_major()..=provider.3 * currency.minor_per_major();
    if currency == Currency::Cdf && !francs.contains(&amount.minor()) {
        let words = format!("The amount must be from {} to {}.", provider.2, provider.3);
        return Err(Failure::new(200, "AMOUNT_OUT_OF_BOUNDS", words));
    }
    Ok(InitiateRequest { reference, phone, operator: provider.1, amount })
}

/// A required text.
fn text<'a>(body: &'a Value, pointer: &str) -> Result<&'a str, Failure> {
    let missing =
        || Failure::new(400, "MISSING_PARAMETER", format!("{} is missing.", pointer.replace('/', ".")));
    body.pointer(pointer).and_then(Value::as_str).ok_or_else(missing)
}

/// An amount as pawaPay wants it: no sign, no needless zeros.
fn amount(text: &str, currency: Currency, decimals: bool) -> Result<Money, Failure> {
    let invalid = || Failure::new(200, "INVALID_AMOUNT", "The amount is not in the required form.");
    let amount = Money::parse(text, currency).map_err(|_| invalid())?;
    let whole = amount.minor() % currency.minor_per_major() == 0;
    if amount.minor() <= 0 || text != amount_text(amount) || !(whole || decimals) {
        return Err(invalid());
    }
    Ok(amount)
}

/// An amount in pawaPay's form: `1000`, `0.5`.
pub(super) fn amount_text(amount: Money) -> String {
    amount.amount().trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::deposit;

    fn with(pointer: &str, value: Value) -> Result<i64, (u16, &'static str)> {
        let mut body = json!({
            "depositId": "afb57b93-7849-49aa-babb-4c3ccbfe3d79",
            "amount": "1000",
            "currency": "CDF",
            "payer": {
                "type": "MMO",
                "accountDetails": { "phoneNumber": "243812340000", "provider": "VODACOM_MPESA_COD" },
            },
        });
        *body.pointer_mut(pointer).unwrap() = value;
        let read = deposit(body.to_string().as_bytes());
        read.map(|request| request.amount.minor()).map_err(|failure| (failure.status, failure.code))
    }

    #[test]
    fn rejections_have_the_documented_status_and_code() {
        assert_eq!(with("/amount", json!("1000")), Ok(100_000));
        let cases = [
            ("/depositId", json!("0190b5c0-0000-7000-8000-000000000000"), (400, "INVALID_PARAMETER")),
            ("/depositId", json!(null), (400, "MISSING_PARAMETER")),
            ("/amount", json!("1000.00"), (200, "INVALID_AMOUNT")),
            ("/amount", json!("1000.5"), (200, "INVALID_AMOUNT")),
            ("/amount", json!("-1"), (200, "INVALID_AMOUNT")),
            ("/amount", json!(1000), (400, "MISSING_PARAMETER")),
            ("/amount", json!("499"), (200, "AMOUNT_OUT_OF_BOUNDS")),
            ("/currency", json!("EUR"), (200, "INVALID_CURRENCY")),
            ("/payer/accountDetails/provider", json!("AFRICELL"), (200, "INVALID_PROVIDER")),
            ("/payer/accountDetails/phoneNumber", json!("+243812340000"), (200, "INVALID_PHONE_NUMBER")),
        ];
        for (pointer, value, expected) in cases {
            assert_eq!(with(pointer, value.clone()), Err(expected), "{pointer}: {value}");
        }
    }
}
