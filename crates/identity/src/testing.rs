//! For tests: people to put into a store, and the contract that every store keeps.

use kernel::{Ambient, EmailAddress, Id, Locale, Msisdn, Role};

use crate::{
    identifiers::Identifiers,
    matricule::Matricule,
    password::PasswordHash,
    user::{PersonName, User},
    wifi_secret::WifiSecret,
};

pub mod contract;

/// An active user who reads English, with the matricule `22-<number>`, an email, a phone number, and a password
/// hash that no password matches.
///
/// # Panics
/// When `number` is above 9999.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a builder for tests, of texts that parse")]
pub fn someone(ambient: &Ambient, number: u16) -> User {
    User {
        id: Id::generate(ambient),
        first_name: PersonName::parse("Jean").unwrap(),
        last_name: PersonName::parse("Kabila").unwrap(),
        identifiers: Identifiers::new(
            Matricule::parse(&format!("22-{number}")).ok(),
            EmailAddress::parse(&format!("someone-{number}@demo.test")).ok(),
            Msisdn::parse(&format!("+24381234{number:04}")).ok(),
        )
        .unwrap(),
        promotion_id: None,
        role: Role::User,
        locale: Locale::En,
        is_active: true,
        last_login_at: None,
        password_hash: PasswordHash::from_stored(format!("$argon2id${number}")),
        wifi_secret: WifiSecret::Password,
        revision: 1,
        created_at: ambient.now(),
    }
}
