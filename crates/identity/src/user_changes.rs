//! Changing an account.

use kernel::{EmailAddress, Locale, Msisdn, Role};
use uuid::Uuid;

use crate::{
    identifiers::{Identifiers, NoIdentifier},
    matricule::{MailDomain, Matricule},
    user::{PersonName, User},
};

/// What is to be different of an account. What is `None` stays; an inner `None` takes the value away.
#[derive(Debug, Clone, Default)]
pub struct UserChanges {
    /// The given name.
    pub first_name: Option<PersonName>,
    /// The family name.
    pub last_name: Option<PersonName>,
    /// The student or staff number.
    pub matricule: Option<Option<Matricule>>,
    /// The email address; one is made from the matricule where none is left.
    pub email: Option<Option<EmailAddress>>,
    /// The phone number.
    pub phone: Option<Option<Msisdn>>,
    /// The group of people that it belongs to.
    pub promotion_id: Option<Option<Uuid>>,
    /// What kind of account it is.
    pub role: Option<Role>,
    /// The language the person reads.
    pub locale: Option<Locale>,
}

impl UserChanges {
    /// The account with these changes, and the names of the fields that are different; at its old revision.
    ///
    /// # Errors
    /// [`NoIdentifier`] when no name would be left.
    pub fn apply(self, user: &User, domain: &MailDomain) -> Result<(User, Vec<&'static str>), NoIdentifier> {
        let mut next = user.clone();
        next.first_name = self.first_name.unwrap_or(next.first_name);
        next.last_name = self.last_name.unwrap_or(next.last_name);
        next.promotion_id = self.promotion_id.unwrap_or(next.promotion_id);
        next.role = self.role.unwrap_or(next.role);
        next.locale = self.locale.unwrap_or(next.locale);
        let names = &user.identifiers;
        // An address that was made from the matricule changes with it.
        let email = names.email().filter(|_| !names.has_made_email(domain));
        next.identifiers = Identifiers::new(
            self.matricule.unwrap_or_else(|| names.matricule().cloned()),
            self.email.unwrap_or_else(|| email.cloned()),
            self.phone.unwrap_or_else(|| names.phone().cloned()),
        )?
        .with_generated_email(domain);
        let changed = differences(user, &next);
        Ok((next, changed))
    }
}

fn differences(before: &User, after: &User) -> Vec<&'static str> {
    let (old, new) = (&before.identifiers, &after.identifiers);
    let spelt = |names: &Identifiers| names.matricule().map(|matricule| matricule.as_str().to_owned());
    [
        ("first_name", before.first_name != after.first_name),
        ("last_name", before.last_name != after.last_name),
        // Another spelling is a change too, though it names the same account.
        ("matricule", spelt(old) != spelt(new)),
        ("email", old.email() != new.email()),
        ("phone", old.phone() != new.phone()),
        ("promotion_id", before.promotion_id != after.promotion_id),
        ("role", before.role != after.role),
        ("locale", before.locale != after.locale),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

#[cfg(test)]
mod tests {
    use kernel::{EmailAddress, Locale, testing::Surroundings};

    use super::UserChanges;
    use crate::{
        identifiers::{Identifiers, NoIdentifier},
        matricule::{MailDomain, Matricule},
        testing::someone,
    };

    #[test]
    fn what_is_not_given_stays_and_what_differs_is_named() {
        let domain = MailDomain::parse("univ.test").unwrap();
        let user = someone(&Surroundings::new().ambient(), 1);
        let (same, changed) = UserChanges::default().apply(&user, &domain).unwrap();
        assert_eq!((same, changed.len()), (user.clone(), 0));
        let changes = UserChanges {
            locale: Some(Locale::Fr),
            phone: Some(None),
            email: Some(user.identifiers.email().cloned()),
            ..UserChanges::default()
        };
        let (next, changed) = changes.apply(&user, &domain).unwrap();
        assert_eq!(changed, ["phone", "locale"]);
        assert_eq!(next.identifiers.phone(), None);
        assert_eq!(next.revision, user.revision);
    }

    #[test]
    fn a_made_address_follows_the_matricule_and_a_given_one_stays() {
        let domain = MailDomain::parse("univ.test").unwrap();
        let mut user = someone(&Surroundings::new().ambient(), 1);
        let renamed = || UserChanges { matricule: Some(Matricule::parse("23-9").ok()), ..Default::default() };
        let (next, changed) = renamed().apply(&user, &domain).unwrap();
        assert_eq!(next.identifiers.email(), user.identifiers.email());
        assert_eq!(changed, ["matricule"]);
        let named = Identifiers::new(Matricule::parse("22-1").ok(), None, None).unwrap();
        user.identifiers = named.with_generated_email(&domain);
        let (next, changed) = renamed().apply(&user, &domain).unwrap();
        assert_eq!(next.identifiers.email(), EmailAddress::parse("23-9@univ.test").ok().as_ref());
        assert_eq!(changed, ["matricule", "email"]);
        let nothing = UserChanges { matricule: Some(None), email: Some(None), ..Default::default() };
        assert_eq!(nothing.apply(&user, &domain).unwrap_err(), NoIdentifier);
    }
}
