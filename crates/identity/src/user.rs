//! A person with an account.

use std::fmt;

use kernel::{Locale, Role, Timestamp, events::Contact, id::ids::UserId};
use uuid::Uuid;

use crate::{identifiers::Identifiers, password::PasswordHash};

/// A person with an account.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Names the account.
    pub id: UserId,
    /// The given name.
    pub first_name: PersonName,
    /// The family name.
    pub last_name: PersonName,
    /// Matricule, email and phone.
    pub identifiers: Identifiers,
    /// The group of people that the account belongs to, such as a year of students.
    pub promotion_id: Option<Uuid>,
    /// What kind of account it is; what it may do follows from its role's permissions.
    pub role: Role,
    /// The language the person reads.
    pub locale: Locale,
    /// An account that is not active can neither sign in nor use the sessions it has.
    pub is_active: bool,
    /// When the person last signed in with the password.
    pub last_login_at: Option<Timestamp>,
    /// What the password is checked against.
    pub password_hash: PasswordHash,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl User {
    /// How to reach the person.
    #[must_use]
    pub fn contact(&self) -> Contact {
        Contact {
            user_id: Some(self.id),
            phone: self.identifiers.phone().cloned(),
            email: self.identifiers.email().cloned(),
            locale: self.locale,
        }
    }
}

/// A given or family name: 1 to 100 characters, none of them a control character, since it is printed into
/// messages and their headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

/// The text cannot be a person's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a name: expected 1 to 100 characters")]
pub struct NotAPersonName;

impl PersonName {
    /// Reads a name; white space around it is passed over.
    ///
    /// # Errors
    /// [`NotAPersonName`].
    pub fn parse(text: &str) -> Result<Self, NotAPersonName> {
        let name = text.trim();
        if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NotAPersonName)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PersonName;

    #[test]
    fn names_are_told_from_other_text() {
        for good in ["Élodie", "N'Goy wa Kabila", "李", &"x".repeat(100)] {
            assert!(PersonName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", "a\r\nBcc: x@y.zz", &"x".repeat(101)] {
            assert!(PersonName::parse(bad).is_err(), "{bad}");
        }
    }
}
