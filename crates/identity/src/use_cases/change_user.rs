//! Changing accounts: one's own, and as staff everybody's.

use kernel::{
    Event, NewJob, Origin, Role, StoreError, audit::AuditRecord, events::identity::UserDeleted,
    id::ids::UserId,
};
use serde_json::json;

use super::Identity;
use crate::{
    identifiers::{IdentifierKind, NoIdentifier},
    jobs::ForgetUser,
    login_lock::LockKey,
    login_name::LoginName,
    ports::IdentityTx,
    staff::{Keeper, Refusal},
    user::User,
    user_changes::UserChanges,
};

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// It is not as the caller has seen it.
    #[error("the account was changed meanwhile: it is at revision {revision}")]
    Stale {
        /// The revision that it is at.
        revision: i64,
    },
    /// Another account has this name.
    #[error("the {0} belongs to another account")]
    Taken(IdentifierKind),
    /// No name would be left.
    #[error(transparent)]
    NoIdentifier(#[from] NoIdentifier),
    /// The caller may not.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What should confirm a deletion is not the account's name.
    #[error("the deletion is not confirmed")]
    NotConfirmed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Changes the caller's own account.
    ///
    /// # Errors
    /// [`ChangeUserError`].
    pub async fn change_own_account(
        &self,
        user: UserId,
        changes: UserChanges,
        origin: &Origin,
    ) -> Result<User, ChangeUserError> {
        let mut tx = self.store.begin().await?;
        let user = tx.user_to_change(user).await?.ok_or(ChangeUserError::NotFound)?;
        self.apply(tx, &user, changes, origin).await
    }

    /// Changes anybody's account, if it is still at the revision that the caller has seen (at any when they say none).
    ///
    /// # Errors
    /// [`ChangeUserError`].
    pub async fn change_user(
        &self,
        (user, seen): (UserId, Option<i64>),
        changes: UserChanges,
        by: &Keeper,
        origin: &Origin,
    ) -> Result<User, ChangeUserError> {
        let mut tx = self.store.begin().await?;
        let demotes = changes.role.is_some_and(|role| role != Role::Admin);
        let admins = if demotes { tx.admins_to_change().await? } else { Vec::new() };
        let user = tx.user_to_change(user).await?.ok_or(ChangeUserError::NotFound)?;
        by.may_touch(&user)?;
        if let Some(role) = changes.role.filter(|role| *role != user.role) {
            by.may_lock_out(&user)?;
            by.may_give(role)?;
        }
        if demotes {
            refuse_last_admin(&user, &admins)?;
        }
        if seen.is_some_and(|seen| seen != user.revision) {
            return Err(ChangeUserError::Stale { revision: user.revision });
        }
        self.apply(tx, &user, changes, origin).await
    }

    /// Switches an account on or off. One that is off can neither sign in nor go on with what it has, and has no
    /// Wi-Fi.
    ///
    /// # Errors
    /// [`ChangeUserError`].
    pub async fn set_user_active(
        &self,
        user: UserId,
        active: bool,
        by: &Keeper,
        origin: &Origin,
    ) -> Result<User, ChangeUserError> {
        let mut tx = self.store.begin().await?;
        let admins = if active { Vec::new() } else { tx.admins_to_change().await? };
        let user = tx.user_to_change(user).await?.ok_or(ChangeUserError::NotFound)?;
        if active {
            by.may_touch(&user)?;
        } else {
            by.may_lock_out(&user)?;
            refuse_last_admin(&user, &admins)?;
        }
        if user.is_active == active {
            return Ok(user);
        }
        let next = User { is_active: active, revision: user.revision + 1, ..user };
        tx.save_user(&next).await?;
        let ended = if active { 0 } else { tx.revoke_sessions_of(next.id, self.ambient.now()).await? };
        self.tell_changed(tx.as_mut(), &next, origin).await?;
        let (action, details) =
            if active { ("activate", json!({})) } else { ("deactivate", json!({ "sessions": ended })) };
        tx.audit(self.user_record(&next, action, origin).with(details)).await?;
        tx.commit().await?;
        Ok(next)
    }

    /// Deletes an account for good, so that its names are free again. Its orders and payments, and what the audit log
    /// says, stay; whose they were is forgotten everywhere, by the jobs of each domain. The audit log therefore names the
    /// account by its id alone. `confirmation` is the account's username.
    ///
    /// # Errors
    /// [`ChangeUserError`].
    pub async fn delete_user(
        &self,
        user: UserId,
        confirmation: &str,
        by: &Keeper,
        origin: &Origin,
    ) -> Result<(), ChangeUserError> {
        let known = self.reads.user(user).await?.ok_or(ChangeUserError::NotFound)?;
        let mut tx = self.store.begin().await?;
        // Before the account, as a login does: so that the two do not wait for each other.
        for name in known.identifiers.all() {
            tx.forget_failures(&LockKey::login(&LoginName::new(name))).await?;
        }
        let admins = tx.admins_to_change().await?;
        let user = tx.user_to_change(user).await?.ok_or(ChangeUserError::NotFound)?;
        by.may_lock_out(&user)?;
        refuse_last_admin(&user, &admins)?;
        if !user.identifiers.username().eq_ignore_ascii_case(confirmation.trim()) {
            return Err(ChangeUserError::NotConfirmed);
        }
        tx.delete_user(user.id).await?;
        let fact = UserDeleted { user_id: user.id, revision: user.revision + 1 };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await?;
        let job = ForgetUser { user_id: user.id };
        tx.enqueue(NewJob::new(&self.ambient, &job, origin.request_id.clone())?).await?;
        let details = json!({ "role": user.role.as_str() });
        tx.audit(self.user_record(&user, "delete", origin).with(details)).await?;
        Ok(tx.commit().await?)
    }

    async fn apply(
        &self,
        mut tx: Box<dyn IdentityTx>,
        user: &User,
        changes: UserChanges,
        origin: &Origin,
    ) -> Result<User, ChangeUserError> {
        let (mut next, changed) = changes.apply(user, &self.settings.mail_domain)?;
        if changed.is_empty() {
            return Ok(next);
        }
        if let Some(name) = self.taken(tx.as_mut(), &next.identifiers, Some(user.id)).await? {
            return Err(ChangeUserError::Taken(name));
        }
        next.revision += 1;
        match tx.save_user(&next).await {
            Ok(_) => {}
            Err(StoreError::Conflict(error)) => {
                drop(tx);
                let mut tx = self.store.begin().await?;
                let taken = self.taken(tx.as_mut(), &next.identifiers, Some(user.id)).await?;
                return Err(taken.map_or(StoreError::Conflict(error).into(), ChangeUserError::Taken));
            }
            Err(error) => return Err(error.into()),
        }
        self.tell_changed(tx.as_mut(), &next, origin).await?;
        let record = self.user_record(&next, "update", origin);
        tx.audit(record.with(json!({ "changed": changed, "role": next.role.as_str() }))).await?;
        tx.commit().await?;
        Ok(next)
    }

    pub(super) fn user_record(&self, user: &User, action: &'static str, origin: &Origin) -> AuditRecord {
        AuditRecord::success(&self.ambient, origin, "user", action, format!("user:{}", user.id))
    }
}

/// Refuses what would leave no active admin. `admins` are those that there are, locked until the transaction ends, so
/// that two admins cannot end each other at once.
fn refuse_last_admin(user: &User, admins: &[UserId]) -> Result<(), Refusal> {
    if admins == [user.id] { Err(Refusal::LastAdmin) } else { Ok(()) }
}
