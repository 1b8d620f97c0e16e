//! How the names and passwords of hotspot users are made.

use std::fmt;

use kernel::{Ambient, Timestamp};

/// Letters and digits that nobody mistakes for one another when copying them from a phone: no `0`, `O`, `o`,
/// `1`, `I`, `l`. Ten of them carry 58 bits.
const PASSWORD_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

/// The first index of a series of names lies below this, so that it nearly always has three digits.
const INDEX_CEILING: u32 = 1000;
/// The first index of a series of names is at least this.
const INDEX_FLOOR: u32 = 100;

/// What an operator chooses about credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialSettings {
    username_prefix: String,
    password_length: usize,
}

/// The settings make no usable credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialSettingsError {
    /// The prefix goes into names that people type.
    #[error("a username prefix has 1 to 8 letters or digits")]
    Prefix,
    /// Shorter ones are guessed, longer ones are not typed.
    #[error("a password has 8 to 32 characters")]
    PasswordLength,
}

impl CredentialSettings {
    /// A prefix of 1 to 8 ASCII letters or digits, and a password length of 8 to 32 characters.
    ///
    /// # Errors
    /// [`CredentialSettingsError`] names the one that is out of its range.
    pub fn new(username_prefix: &str, password_length: usize) -> Result<Self, CredentialSettingsError> {
        let plain = username_prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain || !(1..=8).contains(&username_prefix.len()) {
            return Err(CredentialSettingsError::Prefix);
        }
        if !(8..=32).contains(&password_length) {
            return Err(CredentialSettingsError::PasswordLength);
        }
        Ok(Self { username_prefix: username_prefix.to_owned(), password_length })
    }

    /// A new password.
    #[must_use]
    pub fn password(&self, ambient: &Ambient) -> WifiPassword {
        WifiPassword(ambient.text(PASSWORD_ALPHABET, self.password_length))
    }

    /// The names to try one after the other at this moment.
    #[must_use]
    pub fn usernames(&self, ambient: &Ambient) -> Usernames {
        let mut bytes = [0u8; 4];
        ambient.fill(&mut bytes);
        Usernames::starting(
            &self.username_prefix,
            ambient.now(),
            u32::from_le_bytes(bytes) % (INDEX_CEILING - INDEX_FLOOR) + INDEX_FLOOR,
        )
    }
}

impl Default for CredentialSettings {
    fn default() -> Self {
        Self { username_prefix: "HS".to_owned(), password_length: 10 }
    }
}

/// Names of the pattern `HS{yyMMddHHmmss}{index}`, in UTC: `HS260117120000417`, then `…418`, and so on.
///
/// The unique index on the name decides who has it; whoever finds a name taken tries the next. The first index
/// is drawn by lot, so that sales of the same second rarely meet, need no counter that they would all wait
/// for, and do not tell how many there were. A series only rises: two transactions that do meet wait for each
/// other in one direction alone, and PostgreSQL never sees a deadlock.
#[derive(Debug, Clone)]
pub struct Usernames {
    stem: String,
    index: u32,
}

impl Usernames {
    fn starting(prefix: &str, at: Timestamp, index: u32) -> Self {
        Self { stem: format!("{prefix}{}", at.format("%y%m%d%H%M%S")), index }
    }
}

impl Iterator for Usernames {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let name = format!("{}{}", self.stem, self.index);
        self.index = self.index.checked_add(1)?;
        Some(name)
    }
}

/// A Wi-Fi password in the clear, on its way between its seal, its router and its owner. A debug print hides
/// it.
#[derive(Clone, PartialEq, Eq)]
pub struct WifiPassword(String);

impl WifiPassword {
    /// Takes an opened password back.
    #[must_use]
    pub const fn from_opened(text: String) -> Self {
        Self(text)
    }

    /// The password itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WifiPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WifiPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Clock as _, testing::Surroundings};
    use proptest::prelude::*;

    use super::{CredentialSettings, CredentialSettingsError, Usernames};

    #[test]
    fn names_follow_the_pattern_and_rise() {
        let around = Surroundings::new();
        let names: Vec<_> = Usernames::starting("HS", around.clock.now(), 999).take(2).collect();
        assert_eq!(names, ["HS260117120000999", "HS2601171200001000"]);
    }

    #[test]
    fn the_first_index_has_three_digits() {
        let ambient = Surroundings::new().ambient();
        for _ in 0..1000 {
            let name = CredentialSettings::default().usernames(&ambient).next().unwrap();
            assert_eq!(name.len(), "HS260117120000".len() + 3, "{name}");
        }
    }

    #[test]
    fn prefixes_and_lengths_have_their_ranges() {
        assert!(CredentialSettings::new("WIFI2026", 32).is_ok());
        for prefix in ["", "WIFI-", "TOOLONGPREFIX", "é"] {
            assert_eq!(CredentialSettings::new(prefix, 10), Err(CredentialSettingsError::Prefix));
        }
        for length in [0, 7, 33] {
            assert_eq!(CredentialSettings::new("HS", length), Err(CredentialSettingsError::PasswordLength));
        }
    }

    #[test]
    fn a_password_does_not_show_in_a_debug_print() {
        let password = CredentialSettings::default().password(&Surroundings::new().ambient());
        assert!(!format!("{password:?}").contains(password.reveal()));
    }

    proptest! {
        #[test]
        fn passwords_have_their_length_and_no_look_alikes(length in 8usize..=32) {
            let settings = CredentialSettings::new("HS", length).unwrap();
            let password = settings.password(&Surroundings::new().ambient());
            prop_assert_eq!(password.reveal().len(), length);
            let look_alikes = ['0', 'O', 'o', '1', 'I', 'l'];
            prop_assert!(password.reveal().chars().all(|letter| letter.is_ascii_alphanumeric()
                && !look_alikes.contains(&letter)));
        }
    }
}
