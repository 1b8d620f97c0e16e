//! What names an account: a matricule, an email address, a phone number.

use std::fmt;

use kernel::{EmailAddress, Msisdn};

use crate::matricule::{MailDomain, Matricule};

/// The names of one account, each unique among all accounts; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifiers {
    matricule: Option<Matricule>,
    email: Option<EmailAddress>,
    phone: Option<Msisdn>,
}

/// An account needs a matricule, an email address or a phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("one of matricule, email and phone is needed")]
pub struct NoIdentifier;

/// Which of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierKind {
    /// The student or staff number.
    Matricule,
    /// The email address.
    Email,
    /// The phone number.
    Phone,
}

impl IdentifierKind {
    /// The name of the field that holds it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matricule => "matricule",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

impl fmt::Display for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Identifiers {
    /// Joins the names that were given.
    ///
    /// # Errors
    /// [`NoIdentifier`] when there is none.
    pub fn new(
        matricule: Option<Matricule>,
        email: Option<EmailAddress>,
        phone: Option<Msisdn>,
    ) -> Result<Self, NoIdentifier> {
        if matricule.is_none() && email.is_none() && phone.is_none() {
            return Err(NoIdentifier);
        }
        Ok(Self { matricule, email, phone })
    }

    /// The same, with an address made from the matricule when no email was given.
    #[must_use]
    pub fn with_generated_email(mut self, domain: &MailDomain) -> Self {
        if self.email.is_none() {
            self.email = self.matricule.as_ref().and_then(|matricule| domain.address_of(matricule));
        }
        self
    }

    /// Whether the email is one that was made from the matricule, or might have been.
    #[must_use]
    pub fn has_made_email(&self, domain: &MailDomain) -> bool {
        self.email.is_some()
            && self.email == self.matricule.as_ref().and_then(|matricule| domain.address_of(matricule))
    }

    /// The student or staff number.
    #[must_use]
    pub const fn matricule(&self) -> Option<&Matricule> {
        self.matricule.as_ref()
    }

    /// The email address.
    #[must_use]
    pub const fn email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    /// The phone number.
    #[must_use]
    pub const fn phone(&self) -> Option<&Msisdn> {
        self.phone.as_ref()
    }

    /// Every name that there is, as it is written.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let (matricule, email, phone) = (self.matricule(), self.email(), self.phone());
        let matricule = matricule.map(Matricule::as_str);
        [matricule, email.map(EmailAddress::as_str), phone.map(Msisdn::as_str)].into_iter().flatten()
    }

    /// The username: the first of matricule, email and phone. It is unique because each of them is and none has
    /// the form of another.
    #[must_use]
    pub fn username(&self) -> &str {
        self.all().next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use kernel::{EmailAddress, Msisdn};

    use super::{Identifiers, NoIdentifier};
    use crate::matricule::{MailDomain, Matricule};

    fn some(matricule: &str, email: &str, phone: &str) -> Result<Identifiers, NoIdentifier> {
        Identifiers::new(
            Matricule::parse(matricule).ok(),
            EmailAddress::parse(email).ok(),
            Msisdn::parse(phone).ok(),
        )
    }

    #[test]
    fn the_username_is_the_first_of_matricule_email_and_phone() {
        for (matricule, email, phone, username) in [
            ("22-017", "a@b.cd", "0812345678", "22-017"),
            ("", "a@b.cd", "0812345678", "a@b.cd"),
            ("", "", "0812345678", "+243812345678"),
        ] {
            assert_eq!(some(matricule, email, phone).unwrap().username(), username);
        }
        assert_eq!(some("", "", ""), Err(NoIdentifier));
    }

    #[test]
    fn an_email_is_made_from_a_matricule_alone_and_replaces_none() {
        let domain = MailDomain::parse("univ.ac.cd").unwrap();
        for (matricule, email, expected) in
            [("22-017", "", Some("22-017@univ.ac.cd")), ("22-017", "a@b.cd", Some("a@b.cd")), ("", "", None)]
        {
            let completed = some(matricule, email, "0812345678").unwrap().with_generated_email(&domain);
            assert_eq!(completed.email().map(EmailAddress::as_str), expected);
        }
    }
}
