//! For tests: the samples that they share.

use kernel::{Ambient, Id, Sealed, id::ids::UserId};

use crate::{
    access_profile::{Limits, Terms},
    subscriber::{Heard, Subscriber},
};

/// A profile of this name with these limits, which lasts 30 days and can be given.
#[must_use]
pub fn terms(name: &str, limits: Limits) -> Terms {
    Terms { name: name.to_owned(), description: String::new(), limits, validity_days: 30, active: true }
}

/// The copy of an active account of which all was heard: with a profile it can be enabled.
#[must_use]
pub fn member(ambient: &Ambient, user: UserId, username: &str, secret: Sealed) -> Subscriber {
    Subscriber {
        username: username.to_owned(),
        sealed_secret: Some(secret),
        account_active: true,
        heard: Heard { account: 1, secret: 1 },
        ..Subscriber::unheard(Id::generate(ambient), user, ambient.now())
    }
}
