//! What gateways write into JSON, read as it was written: references that are a number here and a text there,
//! and amounts, of which a float would lose some.

use kernel::{Currency, Money};
use serde_json::value::RawValue;

use crate::ports::gateway::ReportedAmount;

/// A JSON string's text or a JSON number's digits, as they were written.
pub(super) fn literal(value: &RawValue) -> Option<String> {
    let text = value.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b'0'..=b'9' | b'-' => Some(text.to_owned()),
        _ => None,
    }
}

/// The longest reference that is kept, in bytes. None that is known is longer than 40.
const LONGEST_REFERENCE: usize = 128;

/// A gateway's or our own name for a payment, unless it is absurdly long.
pub(super) fn reference(value: &RawValue) -> Option<String> {
    literal(value).filter(|text| !text.is_empty() && text.len() <= LONGEST_REFERENCE)
}

/// An amount with its currency, exactly or not at all.
pub(super) fn reported_amount(amount: Option<&RawValue>, currency: Option<&RawValue>) -> ReportedAmount {
    let Some(amount) = amount.filter(|value| value.get() != "null") else {
        return ReportedAmount::Missing;
    };
    let currency = currency.and_then(literal).and_then(|code| code.parse::<Currency>().ok());
    match (literal(amount), currency) {
        (Some(amount), Some(currency)) => {
            Money::parse(&amount, currency).map_or(ReportedAmount::Unreadable, ReportedAmount::Read)
        }
        _ => ReportedAmount::Unreadable,
    }
}

/// What a gateway said, cut to what belongs into a log line, with none of `secrets` in it.
pub(super) fn quoted(text: &str, secrets: &[&str]) -> String {
    let mut quoted: String = text.chars().filter(|letter| !letter.is_control()).collect();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        quoted = quoted.replace(secret, "…");
    }
    quoted.chars().take(200).collect()
}
