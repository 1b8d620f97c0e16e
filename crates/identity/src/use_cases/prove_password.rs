//! Proving again who one is, before something that a stolen session must not be enough for.

use chrono::Duration;
use kernel::{Id, Origin, StoreError, Timestamp, audit::AuditRecord};
use secrecy::SecretString;
use serde_json::json;

use super::Identity;
use crate::{
    login_lock::LockKey, login_name::LoginName, password::PasswordError, ports::IdentityTx, user::User,
};

/// Why it is not proved.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It is another password.
    #[error("the password is wrong")]
    Wrong,
    /// There were too many failures for this account or from this address.
    #[error("too many failures: locked for {} s", retry_after.num_seconds())]
    Locked {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The password could not be checked.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Checks the password of an account. Failures count as those of logins do: whoever has a session must not be
    /// able to guess at its password.
    pub(super) async fn prove(
        &self,
        user: &User,
        password: &SecretString,
        origin: &Origin,
    ) -> Result<(), ProofError> {
        let keys = LockKey::of_attempt(&LoginName::new(user.identifiers.username()), origin.ip);
        let now = self.ambient.now();
        let histories = self.reads.failures(&keys).await?;
        if let Some(retry_after) = histories.iter().filter_map(|history| history.locked_for(now)).max() {
            return Err(ProofError::Locked { retry_after });
        }
        if self.passwords.verify(password, Some(&user.password_hash)).await? {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        self.note_failure(tx.as_mut(), Some(user), &keys, origin).await?;
        tx.commit().await?;
        Err(ProofError::Wrong)
    }

    /// Counts a wrong password, and locks what has had too many.
    pub(super) async fn note_failure(
        &self,
        tx: &mut dyn IdentityTx,
        known: Option<&User>,
        keys: &[LockKey],
        origin: &Origin,
    ) -> Result<(), ProofError> {
        let now = self.ambient.now();
        for key in keys {
            tx.track_failures(Id::generate(&self.ambient), key).await?;
        }
        refuse_if_locked(tx, keys, now).await?;
        let mut locked_for = None;
        for key in keys {
            let history = tx.failures(key).await?.unwrap_or_default().after_failure(now);
            locked_for = locked_for.max(history.locked_for(now));
            tx.save_failures(key, &history).await?;
        }
        // A login that nobody has is not written down: people type passwords into the wrong field, and these
        // lines stay for ever.
        let resource = known.map_or_else(|| "login:unknown".to_owned(), |user| format!("user:{}", user.id));
        let mut record = AuditRecord::success(&self.ambient, origin, "login", "login", resource).refused();
        if let Some(lock) = locked_for {
            record = record.with(json!({ "locked_for_seconds": lock.num_seconds() }));
            tracing::warn!(ip = ?origin.ip, seconds = lock.num_seconds(), "logins are locked");
        }
        Ok(tx.audit(record).await?)
    }
}

/// Looks at the locks again, now that nobody else can change them.
pub(super) async fn refuse_if_locked(
    tx: &mut dyn IdentityTx,
    keys: &[LockKey],
    now: Timestamp,
) -> Result<(), ProofError> {
    for key in keys {
        let history = tx.failures(key).await?.unwrap_or_default();
        if let Some(retry_after) = history.locked_for(now) {
            return Err(ProofError::Locked { retry_after });
        }
    }
    Ok(())
}
