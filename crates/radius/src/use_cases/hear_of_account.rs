//! What identity tells of an account is taken over into its subscriber, and the directory follows.

use kernel::{Id, Origin, Sealed, StoreError, events::identity::Account, id::ids::UserId};

use super::Radius;
use crate::{ports::RadiusTx, subscriber::Subscriber};

/// What was told of an account.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told<'a> {
    /// It is new, perhaps with a secret and the wish that it be enabled at once.
    Registered(&'a Account, Option<&'a Sealed>, bool),
    /// It was changed.
    Changed(&'a Account),
    /// Its secret is another one, and the revision of the account with it.
    Secret(i64, &'a Sealed),
    /// It is gone.
    Deleted,
}

impl Radius {
    /// Takes over what was told of an account, in the caller's transaction.
    pub(crate) async fn hear_of_account(
        &self,
        tx: &mut dyn RadiusTx,
        user: UserId,
        told: Told<'_>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let before = self.copy_of(tx, user).await?;
        let mut after = before.clone();
        let changed = match told {
            Told::Registered(account, secret, _) => {
                let account_changed = after.hear_account(account);
                let secret_changed = secret.is_some_and(|secret| after.hear_secret(account.revision, secret));
                account_changed || secret_changed
            }
            Told::Changed(account) => after.hear_account(account),
            Told::Secret(revision, secret) => after.hear_secret(revision, secret),
            Told::Deleted => after.hear_deleted(self.ambient.now()),
        };
        if changed {
            self.take_over(tx, &before, after, origin).await?;
        }
        match told {
            Told::Registered(.., true) => self.enable_new(tx, user, origin).await,
            _ => Ok(()),
        }
    }

    /// Writes what a subscriber is now. Who was enabled stays so, with new rows, unless the account was switched off or
    /// is gone; when it is switched on again, the Wi-Fi comes back.
    async fn take_over(
        &self,
        tx: &mut dyn RadiusTx,
        before: &Subscriber,
        mut after: Subscriber,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let switched_off = before.account_active && !after.account_active;
        if before.enabled && (switched_off || after.archived_at.is_some()) {
            self.take_out(tx, std::slice::from_ref(before), origin).await?;
            (after.enabled, after.granted_profile_id) = (false, None);
            after.comes_back = after.archived_at.is_none();
        }
        if before.promotion_id != after.promotion_id {
            after.granted_profile_id = None;
        }
        tx.update_subscriber(&after).await?;
        if !after.enabled {
            let comes_back = after.comes_back && after.account_active;
            return if comes_back { self.enable_again(tx, after, origin).await } else { Ok(()) };
        }
        if before.username != after.username {
            tx.remove_checks(&[&before.username]).await?;
            self.sweep_later(tx, origin).await?;
        }
        self.follow_online(tx, &[after], origin).await
    }

    /// Enables an account that is to be from the start. Where that cannot be, it stays disabled, as others are that
    /// wait for staff.
    async fn enable_new(
        &self,
        tx: &mut dyn RadiusTx,
        user: UserId,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let Some(subscriber) = tx.lock_account(user).await? else { return Ok(()) };
        self.enable_again(tx, subscriber, origin).await
    }

    async fn enable_again(
        &self,
        tx: &mut dyn RadiusTx,
        subscriber: Subscriber,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let id = subscriber.id;
        if let Err(reason) = self.enable_one(tx, subscriber, origin).await? {
            tracing::warn!(subscriber = %id, %reason, "an account could not be enabled for the Wi-Fi");
        }
        Ok(())
    }

    /// The held copy of an account, made when there is none yet: facts come in any order.
    async fn copy_of(&self, tx: &mut dyn RadiusTx, user: UserId) -> Result<Subscriber, StoreError> {
        if let Some(subscriber) = tx.lock_account(user).await? {
            return Ok(subscriber);
        }
        let new = Subscriber::unheard(Id::generate(&self.ambient), user, self.ambient.now());
        tx.insert_subscriber(&new).await?;
        let held = tx.lock_account(user).await?;
        held.ok_or_else(|| StoreError::corrupt(format!("the subscriber of user {user} does not stay")))
    }
}
