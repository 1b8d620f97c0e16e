//! What somebody types to say who they are.

use kernel::{EmailAddress, Msisdn};

use crate::matricule::Matricule;

/// A typed login: everything it could mean, and the one form under which failures with it are counted. The ways
/// of writing one email address, phone number or matricule share that form, else each would give further guesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginName {
    matricule: Option<Matricule>,
    email: Option<EmailAddress>,
    phone: Option<Msisdn>,
    canonical: String,
}

impl LoginName {
    /// The longest form kept for text that can name nobody, in characters.
    const MAX_LENGTH: usize = 254;

    /// Reads whatever was typed. Text that can name nobody is a login all the same: it fails like any other.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        let email = EmailAddress::parse(typed).ok();
        let phone = Msisdn::parse(typed).ok();
        let matricule = Matricule::parse(typed).ok();
        let canonical = if let Some(email) = &email {
            email.to_string()
        } else if let Some(phone) = &phone {
            phone.to_string()
        } else if let Some(matricule) = &matricule {
            matricule.folded()
        } else {
            let kept = typed.trim().chars().filter(|character| !character.is_control());
            kept.flat_map(char::to_lowercase).take(Self::MAX_LENGTH).collect()
        };
        Self { matricule, email, phone, canonical }
    }

    /// The matricule it may be. A matricule goes before a phone number of the same digits.
    #[must_use]
    pub const fn matricule(&self) -> Option<&Matricule> {
        self.matricule.as_ref()
    }

    /// The email address it may be.
    #[must_use]
    pub const fn email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    /// The phone number it may be.
    #[must_use]
    pub const fn phone(&self) -> Option<&Msisdn> {
        self.phone.as_ref()
    }

    /// The form under which failures are counted.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

#[cfg(test)]
mod tests {
    use super::LoginName;

    #[test]
    fn ways_of_writing_one_login_are_counted_as_one() {
        for (canonical, ways) in [
            ("jean@univ.ac.cd", &["jean@univ.ac.cd", " Jean@UNIV.ac.cd "][..]),
            ("+243812345678", &["0812345678", "+243 81 234-56.78", "00243812345678"]),
            ("22/isc/017", &["22/ISC/017", "22/isc/017 "]),
            ("+20210042", &["20210042", "2021 0042", "2021-0042"]),
            ("nobody at all!", &["Nobody at ALL!", "nobody\0 at all!"]),
        ] {
            for way in ways {
                assert_eq!(LoginName::new(way).canonical(), canonical, "{way}");
            }
        }
    }

    #[test]
    fn digits_may_be_a_matricule_or_a_phone_number() {
        let name = LoginName::new("0812345678");
        assert!(name.matricule().is_some());
        assert!(name.phone().is_some());
        assert!(name.email().is_none());
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(LoginName::new(&"?".repeat(100_000)).canonical().len(), 254);
    }
}
