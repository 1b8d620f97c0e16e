//! Signing in with a password.
//!
//! The slow part, checking the password, happens between a first look at the locks and the transaction that looks
//! at them again: guesses that were made side by side get no answer once one of them has filled the window.

use chrono::Duration;
use kernel::{Actor, Origin, StoreError, audit::AuditRecord, sealed::SealError};
use secrecy::SecretString;
use serde_json::json;

use super::{
    Identity,
    prove_password::{ProofError, refuse_if_locked},
};
use crate::{
    login_lock::LockKey,
    login_name::LoginName,
    password::PasswordError,
    ports::IdentityTx,
    session::{IssuedTokens, LoginSession},
    user::User,
    wifi_secret::WifiSecret,
};

/// Somebody's claim to be somebody.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// A matricule, an email address or a phone number, as it was typed.
    pub login: String,
    /// The password that goes with it.
    pub password: SecretString,
    /// What the caller's program calls itself.
    pub user_agent: Option<String>,
}

/// A claim that was proved.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// Who it is.
    pub user: User,
    /// The session that began.
    pub session: LoginSession,
    /// Its first tokens.
    pub tokens: IssuedTokens,
}

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Nobody has this login, or it has another password.
    #[error("the login or the password is wrong")]
    InvalidCredentials,
    /// There were too many failures for this login or from this address.
    #[error("too many failures: locked for {} s", retry_after.num_seconds())]
    Locked {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The password is right, and the account is switched off.
    #[error("the account is not active")]
    Inactive,
    /// The password could not be checked.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The secret for the Wi-Fi could not be sealed.
    #[error("the secret for the Wi-Fi cannot be sealed: {0}")]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProofError> for LogInError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Wrong => Self::InvalidCredentials,
            ProofError::Locked { retry_after } => Self::Locked { retry_after },
            ProofError::Password(error) => Self::Password(error),
            ProofError::Store(error) => Self::Store(error),
        }
    }
}

impl Identity {
    /// Checks a login and its password and begins a session.
    ///
    /// # Errors
    /// [`LogInError`]. A wrong password and an unknown login give the same error after the same work.
    pub async fn log_in(&self, command: LogIn, origin: &Origin) -> Result<LoggedIn, LogInError> {
        let name = LoginName::new(&command.login);
        let keys = LockKey::of_attempt(&name, origin.ip);
        let histories = self.reads.failures(&keys).await?;
        let now = self.ambient.now();
        if let Some(retry_after) = histories.iter().filter_map(|history| history.locked_for(now)).max() {
            return Err(LogInError::Locked { retry_after });
        }
        let user = self.reads.user_by_login(&name).await?;
        let hash = user.as_ref().map(|user| &user.password_hash);
        let proved = self.passwords.verify(&command.password, hash).await?;
        match user {
            Some(user) if proved => self.begin_session(user, &keys, &command, origin).await,
            known => self.count_failure(known.as_ref(), &keys, origin).await,
        }
    }

    async fn begin_session(
        &self,
        mut user: User,
        keys: &[LockKey],
        command: &LogIn,
        origin: &Origin,
    ) -> Result<LoggedIn, LogInError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        refuse_if_locked(tx.as_mut(), keys, now).await?;
        if !user.is_active {
            tx.audit(self.login_record(&user, origin).refused()).await?;
            tx.commit().await?;
            return Err(LogInError::Inactive);
        }
        if !tx.record_login(&user, now).await? {
            return Err(LogInError::InvalidCredentials);
        }
        // The address's failures stay: its user may be guessing at others between two logins of their own.
        if let Some(login) = keys.first() {
            tx.forget_failures(login).await?;
        }
        if user.wifi_secret == WifiSecret::Unknown {
            user = self.learn_wifi_secret(tx.as_mut(), user, &command.password, origin).await?;
        }
        let user_agent = command.user_agent.as_deref();
        let (session, tokens) = self.open_session(tx.as_mut(), &user, user_agent, origin).await?;
        tx.commit().await?;
        user.last_login_at = Some(now);
        Ok(LoggedIn { user, session, tokens })
    }

    /// Begins a session for a user who has proved who they are.
    pub(super) async fn open_session(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        user_agent: Option<&str>,
        origin: &Origin,
    ) -> Result<(LoginSession, IssuedTokens), StoreError> {
        let session = LoginSession::open(&self.ambient, user.id, origin.ip, user_agent);
        let tokens = IssuedTokens::issue(&self.ambient);
        tx.insert_session(&session).await?;
        tx.insert_access_token(&tokens.stored_access(session.id)).await?;
        tx.insert_refresh_token(&tokens.stored_refresh(session.id)).await?;
        let record = self.login_record(user, origin);
        tx.audit(record.with(json!({ "session_id": session.id }))).await?;
        Ok((session, tokens))
    }

    /// Tells the secret for the Wi-Fi of an account that was made before the portal told it: here is its password.
    async fn learn_wifi_secret(
        &self,
        tx: &mut dyn IdentityTx,
        user: User,
        password: &SecretString,
        origin: &Origin,
    ) -> Result<User, LogInError> {
        let known = User { wifi_secret: WifiSecret::Password, revision: user.revision + 1, ..user.clone() };
        if !tx.save_user(&known).await? {
            // Changed just now: the next sign-in tries again.
            return Ok(user);
        }
        let secret = self.seal_wifi_secret(&known, password)?;
        self.tell_wifi_secret(tx, &known, secret, origin).await?;
        Ok(known)
    }

    async fn count_failure(
        &self,
        known: Option<&User>,
        keys: &[LockKey],
        origin: &Origin,
    ) -> Result<LoggedIn, LogInError> {
        let mut tx = self.store.begin().await?;
        self.note_failure(tx.as_mut(), known, keys, origin).await?;
        tx.commit().await?;
        Err(LogInError::InvalidCredentials)
    }

    fn login_record(&self, user: &User, origin: &Origin) -> AuditRecord {
        let origin = Origin { actor: Actor::User(user.id), ..origin.clone() };
        AuditRecord::success(&self.ambient, &origin, "login", "login", format!("user:{}", user.id))
    }
}
