//! Which passwords are accepted.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zxcvbn::{Score, zxcvbn};

use crate::{identifiers::Identifiers, wifi_secret};

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is longer than the Wi-Fi can carry.
    #[error("the password is longer than {} bytes", wifi_secret::MAX_BYTES)]
    TooLong,
    /// It holds a character that cannot be typed.
    #[error("the password holds a control character")]
    ControlCharacter,
    /// It is one of the names that the account signs in with.
    #[error("the password is one of the account's names")]
    IsName,
    /// It is short, and soon guessed.
    #[error("the password is soon guessed")]
    Guessable,
}

/// From so many characters on a password is long enough whatever it is made of.
pub const LONG_ENOUGH: usize = 10;

/// Whether a password is good enough for an account with these names: at least [`LONG_ENOUGH`] characters, or hard to
/// guess all the same (a score of 3 of 4 by zxcvbn, Wheeler 2016); in no case one of the names.
///
/// # Errors
/// [`WeakPassword`].
pub fn judge(password: &SecretString, names: &Identifiers) -> Result<(), WeakPassword> {
    let password = password.expose_secret();
    if password.len() > wifi_secret::MAX_BYTES {
        return Err(WeakPassword::TooLong);
    }
    if password.chars().any(char::is_control) {
        return Err(WeakPassword::ControlCharacter);
    }
    let names = all_names(names);
    let folded = password.trim().to_lowercase();
    if names.contains(&folded) {
        return Err(WeakPassword::IsName);
    }
    if password.chars().count() >= LONG_ENOUGH {
        return Ok(());
    }
    let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
    if zxcvbn(password, &inputs).score() >= Score::Three { Ok(()) } else { Err(WeakPassword::Guessable) }
}

/// The names in lower case, a phone number as it is dialled too.
fn all_names(names: &Identifiers) -> Vec<String> {
    let phone = names.phone().map(|phone| phone.as_str().to_owned());
    let dialled = phone.as_ref().map(|phone| phone.trim_start_matches('+').to_owned());
    let national =
        dialled.as_ref().and_then(|phone| phone.strip_prefix("243")).map(|rest| format!("0{rest}"));
    let text = |name: &dyn fmt::Display| name.to_string().to_lowercase();
    let local = names.email().and_then(|email| email.as_str().split('@').next().map(str::to_owned));
    [
        names.matricule().map(|name| text(name)),
        names.email().map(|name| text(name)),
        local,
        phone,
        dialled,
        national,
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use kernel::{EmailAddress, Msisdn};

    use super::{WeakPassword, judge};
    use crate::{identifiers::Identifiers, matricule::Matricule};

    #[test]
    fn short_passwords_must_be_hard_to_guess_and_none_is_a_name() {
        let names = Identifiers::new(
            Matricule::parse("2024-ISC-0017").ok(),
            EmailAddress::parse("jean.kabila@univ.ac.cd").ok(),
            Msisdn::parse("+243812345678").ok(),
        )
        .unwrap();
        for (password, expected) in [
            ("correct horse battery", Ok(())),
            ("éléphant-rose", Ok(())),
            ("xK9#mQ2!v", Ok(())),
            ("password", Err(WeakPassword::Guessable)),
            ("12345678", Err(WeakPassword::Guessable)),
            ("kabila1", Err(WeakPassword::Guessable)),
            ("", Err(WeakPassword::Guessable)),
            ("2024-isc-0017", Err(WeakPassword::IsName)),
            ("Jean.Kabila@univ.ac.cd", Err(WeakPassword::IsName)),
            ("jean.kabila", Err(WeakPassword::IsName)),
            ("0812345678", Err(WeakPassword::IsName)),
            ("+243812345678", Err(WeakPassword::IsName)),
            ("correct\nhorse", Err(WeakPassword::ControlCharacter)),
            (&"é".repeat(64), Ok(())),
            (&"é".repeat(65), Err(WeakPassword::TooLong)),
        ] {
            assert_eq!(judge(&password.into(), &names), expected, "{password}");
        }
    }
}
