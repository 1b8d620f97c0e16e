//! Making an account.

use kernel::{Id, Locale, Origin, Role, StoreError, audit::AuditRecord, id::ids::UserId, sealed::SealError};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::Identity;
use crate::{
    identifiers::{IdentifierKind, Identifiers},
    password::PasswordError,
    ports::IdentityTx,
    user::{PersonName, User},
    wifi_secret::WifiSecret,
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
    /// Whether it may use the Wi-Fi at once.
    pub activate_wifi: bool,
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
    /// The secret for the Wi-Fi could not be sealed.
    #[error("the secret for the Wi-Fi cannot be sealed: {0}")]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Makes an active account, whose password is its secret for the Wi-Fi too.
    ///
    /// # Errors
    /// [`CreateUserError`].
    pub async fn create_user(&self, command: CreateUser, origin: &Origin) -> Result<User, CreateUserError> {
        let activate_wifi = command.activate_wifi;
        let password = command.password.clone();
        let user = self.new_user(command).await?;
        let mut tx = self.store.begin().await?;
        self.add_user(tx.as_mut(), &user, &password, activate_wifi, origin).await?;
        let resource = format!("user:{}", user.id);
        let record = AuditRecord::success(&self.ambient, origin, "user", "create", resource);
        let details = json!({ "role": user.role.as_str(), "activate_wifi": activate_wifi });
        tx.audit(record.with(details)).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// The account that a command describes, with its password hashed.
    pub(super) async fn new_user(&self, command: CreateUser) -> Result<User, PasswordError> {
        Ok(User {
            id: Id::generate(&self.ambient),
            first_name: command.first_name,
            last_name: command.last_name,
            identifiers: command.identifiers.with_generated_email(&self.settings.mail_domain),
            promotion_id: command.promotion_id,
            role: command.role,
            locale: command.locale,
            is_active: true,
            last_login_at: None,
            password_hash: self.passwords.hash(&command.password).await?,
            wifi_secret: WifiSecret::Password,
            revision: 1,
            created_at: self.ambient.now(),
        })
    }

    /// The first of these names that another account has. Where that is an address which was made from the matricule,
    /// the matricule is at fault.
    pub(super) async fn taken(
        &self,
        tx: &mut dyn IdentityTx,
        names: &Identifiers,
        own: Option<UserId>,
    ) -> Result<Option<IdentifierKind>, StoreError> {
        Ok(match tx.taken(names, own).await? {
            Some(IdentifierKind::Email) if names.has_made_email(&self.settings.mail_domain) => {
                Some(IdentifierKind::Matricule)
            }
            taken => taken,
        })
    }

    /// Adds an account and tells of it.
    pub(super) async fn add_user(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        password: &SecretString,
        activate_wifi: bool,
        origin: &Origin,
    ) -> Result<(), CreateUserError> {
        if !tx.insert_user(user).await? {
            let taken = self.taken(tx, &user.identifiers, None).await?;
            let refused = || StoreError::Conflict("the account was refused for no known reason".into());
            return Err(taken.map_or_else(|| refused().into(), CreateUserError::Taken));
        }
        let secret = self.seal_wifi_secret(user, password)?;
        Ok(self.tell_registered(tx, user, Some(secret), activate_wifi, origin).await?)
    }
}
