//! Accounts.

use async_trait::async_trait;
use kernel::{StoreError, Timestamp, id::ids::UserId};

use crate::{
    identifiers::{IdentifierKind, Identifiers},
    login_lock::LockKey,
    registration_count::RegistrationHistory,
    user::User,
};

/// The accounts, within a transaction.
#[async_trait]
pub trait AccountRows: Send {
    /// The first of these names that an account other than `own` has, in the order matricule, email, phone.
    async fn taken(
        &mut self,
        identifiers: &Identifiers,
        own: Option<UserId>,
    ) -> Result<Option<IdentifierKind>, StoreError>;

    /// Adds an account; false when one of its names is taken, even by a transaction that ended just now.
    async fn insert_user(&mut self, user: &User) -> Result<bool, StoreError>;

    /// An account, which no other transaction can change before this one ends.
    async fn user_to_change(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Replaces the account that is one revision behind `user`, all but its last login; false when it is at another
    /// revision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one of its names was taken just now; the transaction is then good for nothing.
    async fn save_user(&mut self, user: &User) -> Result<bool, StoreError>;

    /// Removes an account with its sessions and their tokens.
    async fn delete_user(&mut self, id: UserId) -> Result<(), StoreError>;

    /// Every active admin in the order of their ids, whom no other transaction can change before this one ends.
    async fn admins_to_change(&mut self) -> Result<Vec<UserId>, StoreError>;

    /// The tries of an address to register, which no other transaction can count before this one ends.
    async fn registrations(&mut self, key: &LockKey) -> Result<RegistrationHistory, StoreError>;

    /// Replaces the tries of an address that were asked for before.
    async fn save_registrations(
        &mut self,
        key: &LockKey,
        history: &RegistrationHistory,
    ) -> Result<(), StoreError>;

    /// Removes the tries of addresses that made none since a moment. Says how many addresses.
    async fn prune_registrations(&mut self, quiet_since: Timestamp) -> Result<u64, StoreError>;

    /// At most `limit` accounts that nobody has been told of, which no other transaction can change before this one
    /// ends.
    async fn unannounced(&mut self, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Notes that an account has been told of.
    async fn mark_announced(&mut self, user: &User) -> Result<(), StoreError>;
}
