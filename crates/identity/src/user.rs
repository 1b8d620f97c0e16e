//! A person with an account.

use std::fmt;

use kernel::{
    Locale, Role, Timestamp,
    events::{Contact, identity::Account},
    id::ids::UserId,
};
use uuid::Uuid;

use crate::{identifiers::Identifiers, password::PasswordHash, wifi_secret::WifiSecret};

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
    /// Where the secret for the Wi-Fi comes from.
    pub wifi_secret: WifiSecret,
    /// Counts the account's changes, from 1. Logins are not among them.
    pub revision: i64,
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

    /// The given and the family name.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// The account as others are told of it.
    #[must_use]
    pub fn account(&self) -> Account {
        Account {
            user_id: self.id,
            revision: self.revision,
            username: self.identifiers.username().to_owned(),
            full_name: self.full_name(),
            promotion_id: self.promotion_id,
            is_active: self.is_active,
            contact: self.contact(),
        }
    }

    /// What the account is found by: its names, spelt as [`fold`] does.
    #[must_use]
    pub fn search_text(&self) -> String {
        let names = &self.identifiers;
        let parts = [
            Some(self.full_name()),
            names.matricule().map(ToString::to_string),
            names.email().map(ToString::to_string),
            names.phone().map(|phone| phone.as_str().to_owned()),
        ];
        // A line break stands between them, so that nothing typed is found across two of them.
        parts.into_iter().flatten().map(|part| fold(&part)).collect::<Vec<_>>().join("\n")
    }
}

/// Text as it is compared in a search: in lower case, Latin letters without their marks, white space single.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = text.chars().flat_map(char::to_lowercase).filter_map(|letter| match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' => Some('a'),
        'ç' | 'ć' | 'č' => Some('c'),
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ě' | 'ɛ' => Some('e'),
        'ì' | 'í' | 'î' | 'ï' | 'ī' => Some('i'),
        'ñ' | 'ń' => Some('n'),
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ō' | 'ø' | 'ɔ' => Some('o'),
        'š' | 'ś' => Some('s'),
        'ù' | 'ú' | 'û' | 'ü' | 'ū' => Some('u'),
        'ý' | 'ÿ' => Some('y'),
        'ž' | 'ź' => Some('z'),
        '\u{300}'..='\u{36f}' => None,
        '’' | '‘' => Some('\''),
        other => Some(other),
    });
    let plain: String = plain.collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
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
    use super::{PersonName, fold};

    #[test]
    fn a_name_is_found_however_it_is_spelt() {
        for (typed, folded) in [
            ("Élodie  MBUYI", "elodie mbuyi"),
            ("E\u{301}lodie", "elodie"),
            ("N’Goy", "n'goy"),
            ("22/ISC/017", "22/isc/017"),
            ("李", "李"),
            (" ", ""),
        ] {
            assert_eq!(fold(typed), folded);
        }
    }

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
