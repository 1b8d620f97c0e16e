//! The published language: every fact that one domain tells the others.
//!
//! Each fact is a struct whose JSON form is kept by a snapshot under `snapshots/`. To add one, write the struct
//! in the module of the domain that tells it, give it its [`EventPayload`](crate::EventPayload), and add a
//! sample to the test below. To change one, only add optional fields.

pub mod alert;
pub mod billing;
pub mod hotspot;
pub mod identity;
pub mod notifications;
pub mod radius;

use serde::{Deserialize, Serialize};

use crate::{email::EmailAddress, id::ids::UserId, locale::Locale, msisdn::Msisdn};

/// How to reach a customer, as it was when they ordered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// The account, unless the customer is a guest.
    pub user_id: Option<UserId>,
    /// Where text messages go.
    pub phone: Option<Msisdn>,
    /// Where email goes.
    pub email: Option<EmailAddress>,
    /// The language to write in.
    pub locale: Locale,
}

/// Gives a payload its name, what it is about and the story it belongs to.
macro_rules! fact {
    ($payload:ident, about $kind:literal = $($about:ident).+, story = $story:expr) => {
        impl crate::event::EventPayload for $payload {
            const TYPE: &'static str = stringify!($payload);

            fn aggregate(&self) -> (&'static str, uuid::Uuid) {
                ($kind, self.$($about).+.as_uuid())
            }

            fn story(&self) -> Option<uuid::Uuid> {
                let story: fn(&Self) -> Option<uuid::Uuid> = $story;
                story(self)
            }
        }
    };
}
use fact;

#[cfg(test)]
mod tests;
