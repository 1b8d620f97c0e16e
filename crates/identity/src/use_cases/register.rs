//! Registering by oneself.

use chrono::Duration;
use kernel::{Actor, Locale, Origin, Role, StoreError, audit::AuditRecord};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    Identity,
    create_user::{CreateUser, CreateUserError},
    log_in::LoggedIn,
};
use crate::{
    identifiers::Identifiers,
    login_lock::LockKey,
    password_strength::{self, WeakPassword},
    user::PersonName,
};

/// Somebody who wants an account.
#[derive(Debug, Clone)]
pub struct Register {
    /// The given name.
    pub first_name: PersonName,
    /// The family name.
    pub last_name: PersonName,
    /// Matricule, email and phone; an email is made from a matricule when none is given.
    pub identifiers: Identifiers,
    /// The group of people that they belong to.
    pub promotion_id: Option<Uuid>,
    /// The language they read.
    pub locale: Locale,
    /// The password, which is the secret for the Wi-Fi too.
    pub password: SecretString,
    /// What their program calls itself.
    pub user_agent: Option<String>,
}

/// Why somebody got no account.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The account could not be made: a name is taken, for example.
    #[error(transparent)]
    Create(#[from] CreateUserError),
    /// The password is not good enough.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// Too many have registered from this address.
    #[error("too many registrations from one address: wait {} s", retry_after.num_seconds())]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Makes an active account that may not use the Wi-Fi yet, and begins its first session.
    ///
    /// # Errors
    /// [`RegisterError`]. Of the accounts that there are it tells no more than that a name is taken, and to one
    /// address only so often.
    pub async fn register(&self, command: Register, origin: &Origin) -> Result<LoggedIn, RegisterError> {
        let Register { first_name, last_name, identifiers, promotion_id, locale, password, user_agent } =
            command;
        password_strength::judge(&password, &identifiers)?;
        self.count_registration(origin).await?;
        let account = CreateUser {
            first_name,
            last_name,
            identifiers,
            promotion_id,
            role: Role::User,
            locale,
            password: password.clone(),
            activate_wifi: false,
        };
        let mut user = self.new_user(account).await.map_err(CreateUserError::from)?;
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        self.add_user(tx.as_mut(), &user, &password, false, origin).await?;
        let own = Origin { actor: Actor::User(user.id), ..origin.clone() };
        let resource = format!("user:{}", user.id);
        tx.audit(AuditRecord::success(&self.ambient, &own, "user", "register", resource)).await?;
        tx.record_login(&user, now).await?;
        let (session, tokens) = self.open_session(tx.as_mut(), &user, user_agent.as_deref(), origin).await?;
        tx.commit().await?;
        user.last_login_at = Some(now);
        Ok(LoggedIn { user, session, tokens })
    }

    /// Counts a try to register, before it costs anything.
    async fn count_registration(&self, origin: &Origin) -> Result<(), RegisterError> {
        let Some(ip) = origin.ip else { return Ok(()) };
        let key = LockKey::ip(ip);
        let mut tx = self.store.begin().await?;
        let history = tx.registrations(&key).await?;
        let counted = history.with_one_more(self.ambient.now(), self.settings.registrations_per_ip);
        let counted = counted.map_err(|retry_after| RegisterError::TooMany { retry_after })?;
        tx.save_registrations(&key, &counted).await?;
        Ok(tx.commit().await?)
    }
}
