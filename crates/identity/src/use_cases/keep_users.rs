//! Making accounts for others, and giving them new passwords.

use kernel::{
    Event, Origin, StoreError,
    events::identity::PasswordReset,
    id::ids::UserId,
    sealed::{Purpose, SealError},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    Identity,
    create_user::{CreateUser, CreateUserError},
};
use crate::{
    login_lock::LockKey,
    login_name::LoginName,
    password::PasswordError,
    password_strength::{self, WeakPassword},
    staff::{Keeper, Refusal},
    user::User,
    wifi_secret::WifiSecret,
};

/// Letters and digits that are not taken for each other.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
/// The length of a generated password: 69 bits, and still typed on a phone.
const LENGTH: usize = 12;

/// Why staff could not make an account or reset a password.
#[derive(Debug, thiserror::Error)]
pub enum KeepUserError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller may not.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The account could not be made: a name is taken, for example.
    #[error(transparent)]
    Create(#[from] CreateUserError),
    /// The password is not good enough.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A secret could not be sealed.
    #[error("a secret cannot be sealed: {0}")]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// A password that nobody has chosen.
    #[must_use]
    pub fn generate_password(&self) -> SecretString {
        self.ambient.text(LETTERS, LENGTH).into()
    }

    /// Makes an account for somebody else.
    ///
    /// # Errors
    /// [`KeepUserError`].
    pub async fn create_user_for(
        &self,
        command: CreateUser,
        by: &Keeper,
        origin: &Origin,
    ) -> Result<User, KeepUserError> {
        by.may_give(command.role)?;
        password_strength::judge(&command.password, &command.identifiers)?;
        Ok(self.create_user(command, origin).await?)
    }

    /// Gives an account a new password, ends its sessions, and has its owner told. The secret for the Wi-Fi changes with
    /// it, unless its owner keeps the two apart.
    ///
    /// # Errors
    /// [`KeepUserError`].
    pub async fn reset_password(
        &self,
        user: UserId,
        by: &Keeper,
        origin: &Origin,
    ) -> Result<(User, SecretString), KeepUserError> {
        let password = self.generate_password();
        let password_hash = self.passwords.hash(&password).await?;
        let mut tx = self.store.begin().await?;
        let user = tx.user_to_change(user).await?.ok_or(KeepUserError::NotFound)?;
        by.may_lock_out(&user)?;
        let apart = user.wifi_secret == WifiSecret::Own;
        let wifi_secret = if apart { WifiSecret::Own } else { WifiSecret::Password };
        let next = User { password_hash, wifi_secret, revision: user.revision + 1, ..user };
        tx.save_user(&next).await?;
        let ended = tx.revoke_sessions_of(next.id, self.ambient.now()).await?;
        if !apart {
            let sealed = self.seal_wifi_secret(&next, &password)?;
            self.tell_wifi_secret(tx.as_mut(), &next, sealed, origin).await?;
        }
        // Whoever forgot a password has tried it too often.
        for name in names(&next) {
            tx.forget_failures(&LockKey::login(&name)).await?;
        }
        let sealed = self.sealer.seal(Purpose::PortalPassword, &next.id, password.expose_secret())?;
        let fact = PasswordReset { account: next.account(), sealed_password: sealed, wifi_too: !apart };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await?;
        let details = json!({ "sessions": ended, "wifi_secret": wifi_secret.as_str() });
        tx.audit(self.user_record(&next, "reset_password", origin).with(details)).await?;
        tx.commit().await?;
        Ok((next, password))
    }
}

/// Everything that the account's owner may have typed to sign in.
fn names(user: &User) -> Vec<LoginName> {
    let names = &user.identifiers;
    let matricule = names.matricule().map(|name| LoginName::new(name.as_str()));
    let email = names.email().map(|name| LoginName::new(name.as_str()));
    let phone = names.phone().map(|name| LoginName::new(name.as_str()));
    [matricule, email, phone].into_iter().flatten().collect()
}
