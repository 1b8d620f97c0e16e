//! Changing one's own password, and one's secret for the Wi-Fi.

use kernel::{
    Origin, StoreError,
    id::ids::{SessionId, UserId},
    sealed::SealError,
};
use secrecy::SecretString;
use serde_json::json;

use super::{Identity, prove_password::ProofError};
use crate::{
    password::PasswordError,
    password_strength::{self, WeakPassword},
    user::User,
    wifi_secret::WifiSecret,
};

/// A new password for the caller's own account.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    /// Whose it is.
    pub user_id: UserId,
    /// The session that goes on; every other one ends.
    pub session_id: SessionId,
    /// The password up to now.
    pub current: SecretString,
    /// The password from now on.
    pub new: SecretString,
    /// Whether the secret for the Wi-Fi stays what it is and is one of its own from now on. By default a secret that is
    /// the password changes with it, and one of its own stays.
    pub keep_wifi_secret: Option<bool>,
}

/// Another secret for the Wi-Fi.
#[derive(Debug, Clone)]
pub enum NewWifiSecret {
    /// A random one.
    Generated,
    /// This one.
    Chosen(SecretString),
    /// The portal's password, with which it changes from now on.
    Password,
}

/// Why a password or a secret was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The account is gone.
    #[error("there is no such account")]
    NotFound,
    /// The present password is not proved.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The new one is not good enough.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The secret for the Wi-Fi could not be sealed.
    #[error("the secret for the Wi-Fi cannot be sealed: {0}")]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Changes the caller's own password and ends their other sessions.
    ///
    /// # Errors
    /// [`ChangePasswordError`].
    pub async fn change_password(
        &self,
        command: ChangePassword,
        origin: &Origin,
    ) -> Result<User, ChangePasswordError> {
        let ChangePassword { user_id, session_id, current, new, keep_wifi_secret } = command;
        let user = self.reads.user(user_id).await?.ok_or(ChangePasswordError::NotFound)?;
        password_strength::judge(&new, &user.identifiers)?;
        self.prove(&user, &current, origin).await?;
        let keep = keep_wifi_secret.unwrap_or(user.wifi_secret == WifiSecret::Own);
        // A secret that the portal has not told yet is the password up to now.
        let secret = match (keep, user.wifi_secret) {
            (false, _) => Some(&new),
            (true, WifiSecret::Unknown) => Some(&current),
            (true, WifiSecret::Password | WifiSecret::Own) => None,
        };
        let next = User {
            password_hash: self.passwords.hash(&new).await?,
            wifi_secret: if keep { WifiSecret::Own } else { WifiSecret::Password },
            revision: user.revision + 1,
            ..user
        };
        let mut tx = self.store.begin().await?;
        // Changed since it was read, perhaps the password itself: what was proved is worth nothing any more.
        if !tx.save_user(&next).await? {
            return Err(ProofError::Wrong.into());
        }
        if let Some(secret) = secret {
            let sealed = self.seal_wifi_secret(&next, secret)?;
            self.tell_wifi_secret(tx.as_mut(), &next, sealed, origin).await?;
        }
        let ended = tx.revoke_other_sessions(next.id, session_id, self.ambient.now()).await?;
        let details = json!({ "sessions": ended, "wifi_secret": next.wifi_secret.as_str() });
        tx.audit(self.user_record(&next, "change_password", origin).with(details)).await?;
        tx.commit().await?;
        Ok(next)
    }

    /// Changes the caller's own secret for the Wi-Fi, and gives it when it was made here: it is shown this once.
    ///
    /// # Errors
    /// [`ChangePasswordError`].
    pub async fn change_wifi_secret(
        &self,
        user: UserId,
        current: &SecretString,
        new: NewWifiSecret,
        origin: &Origin,
    ) -> Result<Option<SecretString>, ChangePasswordError> {
        let user = self.reads.user(user).await?.ok_or(ChangePasswordError::NotFound)?;
        if let NewWifiSecret::Chosen(secret) = &new {
            password_strength::judge(secret, &user.identifiers)?;
        }
        self.prove(&user, current, origin).await?;
        let (wifi_secret, secret, shown) = match new {
            NewWifiSecret::Generated => {
                let made = self.generate_password();
                (WifiSecret::Own, made.clone(), Some(made))
            }
            NewWifiSecret::Chosen(secret) => (WifiSecret::Own, secret, None),
            NewWifiSecret::Password => (WifiSecret::Password, current.clone(), None),
        };
        let next = User { wifi_secret, revision: user.revision + 1, ..user };
        let mut tx = self.store.begin().await?;
        if !tx.save_user(&next).await? {
            return Err(ProofError::Wrong.into());
        }
        let sealed = self.seal_wifi_secret(&next, &secret)?;
        self.tell_wifi_secret(tx.as_mut(), &next, sealed, origin).await?;
        let details = json!({ "wifi_secret": wifi_secret.as_str() });
        tx.audit(self.user_record(&next, "change_wifi_secret", origin).with(details)).await?;
        tx.commit().await?;
        Ok(shown)
    }
}
