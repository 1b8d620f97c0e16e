//! Student and staff numbers, and the email addresses that are made from them.

use std::fmt;

use kernel::EmailAddress;

/// A student or staff number as its institution writes it: 1 to 32 ASCII letters, digits, `-`, `_`, `/` and `.`,
/// with a letter or digit at both ends. It has neither `@` nor `+`, so that it is never mistaken for an email
/// address or a phone number in international form. Case is kept, and does not distinguish.
#[derive(Debug, Clone)]
pub struct Matricule(String);

/// The text is not a matricule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a matricule: expected up to 32 letters, digits, `-`, `_`, `/` or `.`")]
pub struct NotAMatricule;

impl Matricule {
    /// Reads a matricule; white space around it is passed over.
    ///
    /// # Errors
    /// [`NotAMatricule`].
    pub fn parse(text: &str) -> Result<Self, NotAMatricule> {
        let text = text.trim();
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/.".contains(&byte);
        let ends_fit = [text.bytes().next(), text.bytes().last()]
            .into_iter()
            .all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()));
        if ends_fit && text.len() <= 32 && text.bytes().all(inner) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAMatricule)
        }
    }

    /// The matricule as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which matricules are compared: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Matricule {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for Matricule {}

impl fmt::Display for Matricule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The domain of the addresses that are made for people who give a matricule and no email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDomain(String);

/// The text is not a domain that can stand in an email address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a mail domain")]
pub struct NotAMailDomain;

impl MailDomain {
    /// The longest domain; with the longest matricule before it, the address still has its 254 characters.
    const MAX_LENGTH: usize = 200;

    /// Reads a domain name such as `univ.ac.cd`.
    ///
    /// # Errors
    /// [`NotAMailDomain`].
    pub fn parse(text: &str) -> Result<Self, NotAMailDomain> {
        let domain = text.trim();
        if domain.len() > Self::MAX_LENGTH {
            return Err(NotAMailDomain);
        }
        let sample = EmailAddress::parse(&format!("a@{domain}")).map_err(|_| NotAMailDomain)?;
        sample.as_str().strip_prefix("a@").map(|domain| Self(domain.to_owned())).ok_or(NotAMailDomain)
    }

    /// The address of the person with this matricule. Every matricule has one, as a property below shows; the
    /// type admits that only parsing proves it.
    #[must_use]
    pub fn address_of(&self, matricule: &Matricule) -> Option<EmailAddress> {
        EmailAddress::parse(&format!("{matricule}@{}", self.0)).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MailDomain, Matricule};

    #[test]
    fn matricules_are_told_from_other_text() {
        for good in ["1", "20210042", "22/ISC/017", "stf-0.9_b", "A1b2"] {
            assert!(Matricule::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "-1", "1-", "a b", "é", "a@b.cd", "+243812345678", "a\0b", &"1".repeat(33)] {
            assert!(Matricule::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn case_is_kept_and_does_not_distinguish() {
        let written = Matricule::parse(" 22/Isc/017 ").unwrap();
        assert_eq!(written.as_str(), "22/Isc/017");
        assert_eq!(Ok(written), Matricule::parse("22/ISC/017"));
    }

    #[test]
    fn mail_domains_are_told_from_other_text() {
        for bad in ["", "localhost", "a b.cd", "x@y.cd", "-a.cd"] {
            assert!(MailDomain::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_matricule_has_an_address(
            text in "[A-Za-z0-9]([A-Za-z0-9_/.-]{0,30}[A-Za-z0-9])?",
            domain in "[a-z]{1,60}\\.[a-z]{1,60}\\.cd",
        ) {
            let matricule = Matricule::parse(&text).unwrap();
            let address = MailDomain::parse(&domain).unwrap().address_of(&matricule);
            prop_assert_eq!(
                address.map(|address| address.to_string()),
                Some(format!("{}@{domain}", matricule.folded()))
            );
        }
    }
}
