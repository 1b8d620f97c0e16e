//! Phone numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A phone number in E.164 form: `+`, a country code and the subscriber's number, 8 to 15 digits in all
/// (ITU-T E.164, section 6).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Msisdn(String);

/// The text is not a phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number: expected a form such as +243812345678")]
pub struct NotAnMsisdn;

/// The country code that a number written in national form gets: DR Congo.
const HOME_COUNTRY_CODE: &str = "243";

impl Msisdn {
    /// Reads `+243812345678`, `00243812345678`, `243812345678` or the national `0812345678`. Spaces, dots and
    /// dashes between digits are passed over.
    ///
    /// # Errors
    /// [`NotAnMsisdn`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotAnMsisdn> {
        let trimmed = text.trim();
        if trimmed.len() > 32 {
            return Err(NotAnMsisdn);
        }
        let (international, rest) = match trimmed.strip_prefix('+').or_else(|| trimmed.strip_prefix("00")) {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let mut digits = String::with_capacity(15);
        for character in rest.chars() {
            match character {
                '0'..='9' => digits.push(character),
                ' ' | '.' | '-' => {}
                _ => return Err(NotAnMsisdn),
            }
        }
        if !international && let Some(national) = digits.strip_prefix('0') {
            digits = format!("{HOME_COUNTRY_CODE}{national}");
        }
        let home_length_fits = !digits.starts_with(HOME_COUNTRY_CODE) || digits.len() == 12;
        if (8..=15).contains(&digits.len()) && !digits.starts_with('0') && home_length_fits {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(NotAnMsisdn)
        }
    }

    /// The whole number with its `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone, as gateways want them: `243812345678`.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The number with its middle hidden, for logs and for people who may not see it whole.
    #[must_use]
    pub fn masked(&self) -> String {
        let digits = self.digits();
        let (head, tail) =
            (digits.get(..5).unwrap_or(""), digits.get(digits.len().saturating_sub(2)..).unwrap_or(""));
        format!("+{head}…{tail}")
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// A phone number is personal data: a debug print shows it masked.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for Msisdn {
    type Error = NotAnMsisdn;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Msisdn> for String {
    fn from(number: Msisdn) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::Msisdn;

    #[test]
    fn the_usual_ways_of_writing_one_number_agree() {
        for text in [
            "+243812345678",
            "243812345678",
            "00243812345678",
            "0812345678",
            "+243 81 234 56 78",
            "081-234-56-78",
        ] {
            assert_eq!(Msisdn::parse(text).map(|n| n.to_string()).as_deref(), Ok("+243812345678"), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in [
            "",
            "+",
            "abc",
            "+24381234567",
            "+2438123456789",
            "+1234567890123456",
            "+0812345678",
            "+243(81)2345678",
        ] {
            assert!(Msisdn::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_debug_print_hides_the_middle() {
        let number = Msisdn::parse("+243812345678").unwrap();
        assert_eq!(format!("{number:?}"), "+24381…78");
    }
}
