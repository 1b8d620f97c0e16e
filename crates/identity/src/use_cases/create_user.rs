//! Making an account.

use kernel::{Id, Locale, Origin, Role, StoreError, audit::AuditRecord};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::Identity;
use crate::{
    identifiers::{IdentifierKind, Identifiers},
    password::PasswordError,
    user::{PersonName, User},
};

/// The account to make.
#[derive(Debug, Clone)]
pub struct CreateUser {
    /// The given name.
    pub first_name: PersonName,
    /// The family name.
    pub last_name: PersonName,
    /// Matricule, email and phone; an email is made from a matricule when none is given.
    pub identifiers: Identifiers,
    /// The group of people that the account belongs to.
    pub promotion_id: Option<Uuid>,
    /// What kind of account it is.
    pub role: Role,
    /// The language the person reads.
    pub locale: Locale,
    /// The first password. Its strength is for the caller to judge.
    pub password: SecretString,
}

/// Why an account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// Another account has this name.
    #[error("the {0} belongs to another account")]
    Taken(IdentifierKind),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Makes an active account.
    ///
    /// # Errors
    /// [`CreateUserError`].
    pub async fn create_user(&self, command: CreateUser, origin: &Origin) -> Result<User, CreateUserError> {
        let user = User {
            id: Id::generate(&self.ambient),
            first_name: command.first_name,
            last_name: command.last_name,
            identifiers: command.identifiers.with_generated_email(&self.mail_domain),
            promotion_id: command.promotion_id,
            role: command.role,
            locale: command.locale,
            is_active: true,
            last_login_at: None,
            password_hash: self.passwords.hash(&command.password).await?,
            created_at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await?;
        if !tx.insert_user(&user).await? {
            return Err(match tx.taken(&user.identifiers).await? {
                Some(name) => CreateUserError::Taken(name),
                None => StoreError::Conflict("the account was refused for no known reason".into()).into(),
            });
        }
        let resource = format!("user:{}", user.id);
        let record = AuditRecord::success(&self.ambient, origin, "user", "create", resource);
        tx.audit(record.with(json!({ "role": user.role.as_str() }))).await?;
        tx.commit().await?;
        Ok(user)
    }
}
