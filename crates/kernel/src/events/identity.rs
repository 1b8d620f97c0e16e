//! What identity tells.
//!
//! Facts reach a consumer in no particular order. Each of these carries the account as it was after the change and
//! the change's number ([`Account::revision`]): whoever keeps a copy passes over what is older than what they have.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Contact, fact};
use crate::{id::ids::UserId, sealed::Sealed};

/// An account, as others need to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account.
    pub user_id: UserId,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// The name to sign in with: the first of matricule, email and phone.
    pub username: String,
    /// The given and the family name.
    pub full_name: String,
    /// The group of people that it belongs to.
    pub promotion_id: Option<Uuid>,
    /// Whether the person may use the service.
    pub is_active: bool,
    /// How to reach the person.
    pub contact: Contact,
}

/// Somebody has an account now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// The account.
    pub account: Account,
    /// The secret for the Wi-Fi, sealed for [`Purpose::RadiusSecret`](crate::sealed::Purpose::RadiusSecret) and the
    /// user's id.
    pub sealed_wifi_secret: Option<Sealed>,
    /// Whether staff asked for Wi-Fi access at once.
    pub activate_wifi: bool,
}
fact!(UserRegistered, about "user" = account.user_id, story = |_| None);

/// An account was changed: its names, its promotion, whether it is active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserChanged {
    /// The account as it is now.
    pub account: Account,
}
fact!(UserChanged, about "user" = account.user_id, story = |_| None);

/// The secret for the Wi-Fi is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WifiSecretChanged {
    /// The account.
    pub user_id: UserId,
    /// The account's revision with this change.
    pub revision: i64,
    /// The secret, sealed for [`Purpose::RadiusSecret`](crate::sealed::Purpose::RadiusSecret) and the user's id.
    pub sealed_wifi_secret: Sealed,
}
fact!(WifiSecretChanged, about "user" = user_id, story = |_| None);

/// Somebody's password was made anew by staff, and they have to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// The account, with this change.
    pub account: Account,
    /// The password, sealed for [`Purpose::PortalPassword`](crate::sealed::Purpose::PortalPassword) and the user's id.
    pub sealed_password: Sealed,
    /// Whether it is the secret for the Wi-Fi too.
    pub wifi_too: bool,
}
fact!(PasswordReset, about "user" = account.user_id, story = |_| None);

/// An account is gone for good. What it bought stays in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDeleted {
    /// The account that was.
    pub user_id: UserId,
    /// Its last revision.
    pub revision: i64,
}
fact!(UserDeleted, about "user" = user_id, story = |_| None);
