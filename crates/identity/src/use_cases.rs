//! What identity does, one file per use case.

use std::sync::Arc;

use kernel::Ambient;

use crate::{
    matricule::MailDomain,
    password::PasswordHasher,
    ports::{IdentityReads, IdentityStore},
};

pub mod authenticate;
pub mod create_user;
pub mod ensure_roles;
pub mod lift_login_lock;
pub mod log_in;
pub mod log_out;
pub mod prune_tokens;
pub mod refresh_tokens;
pub mod seal_audit_log;
pub mod verify_audit_log;

/// Identity's use cases and queries.
pub struct Identity {
    pub(crate) store: Arc<dyn IdentityStore>,
    pub(crate) reads: Arc<dyn IdentityReads>,
    pub(crate) passwords: PasswordHasher,
    pub(crate) ambient: Ambient,
    pub(crate) mail_domain: MailDomain,
}

impl Identity {
    /// Joins the store with what identity takes from its surroundings. People who give a matricule and no email
    /// get an address in `mail_domain`.
    #[must_use]
    pub fn new(
        store: Arc<dyn IdentityStore>,
        reads: Arc<dyn IdentityReads>,
        passwords: PasswordHasher,
        ambient: Ambient,
        mail_domain: MailDomain,
    ) -> Self {
        Self { store, reads, passwords, ambient, mail_domain }
    }
}
