//! What identity tells of an account is taken over into its subscriber.

use kernel::{Id, Sealed, StoreError, events::identity::Account, id::ids::UserId};

use super::Radius;
use crate::{ports::RadiusTx, subscriber::Subscriber};

/// What was told of an account.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told<'a> {
    /// What it is, and its secret when that came with it.
    Account(&'a Account, Option<&'a Sealed>),
    /// Its secret, and the revision of the account with it.
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
    ) -> Result<(), StoreError> {
        let mut subscriber = self.copy_of(tx, user).await?;
        let changed = match told {
            Told::Account(account, secret) => {
                let account_changed = subscriber.hear_account(account);
                let secret_changed =
                    secret.is_some_and(|secret| subscriber.hear_secret(account.revision, secret));
                account_changed || secret_changed
            }
            Told::Secret(revision, secret) => subscriber.hear_secret(revision, secret),
            Told::Deleted => subscriber.hear_deleted(self.ambient.now()),
        };
        if changed {
            tx.update_subscriber(&subscriber).await?;
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
