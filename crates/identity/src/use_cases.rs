//! What identity does, one file per use case.

use std::sync::Arc;

use kernel::{Ambient, Sealer};

use crate::{
    matricule::MailDomain,
    password::PasswordHasher,
    ports::{IdentityReads, IdentityStore},
};

pub mod announce_accounts;
pub mod authenticate;
pub mod change_password;
pub mod change_user;
pub mod create_user;
pub mod ensure_roles;
pub mod forget_user;
pub mod keep_users;
pub mod lift_login_lock;
pub mod log_in;
pub mod log_out;
pub mod note_export;
pub mod prove_password;
pub mod prune_tokens;
pub mod refresh_tokens;
pub mod register;
pub mod seal_audit_log;
pub mod stream_tickets;
mod tell;
pub mod verify_audit_log;

/// What identity needs from outside.
pub struct IdentityPorts {
    /// Begins transactions.
    pub store: Arc<dyn IdentityStore>,
    /// Reads outside of them.
    pub reads: Arc<dyn IdentityReads>,
}

/// What an operator decides about accounts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// People who give a matricule and no email get an address in this domain.
    pub mail_domain: MailDomain,
    /// How many accounts one address may register in an hour, tries with a taken name included.
    pub registrations_per_ip: u32,
}

/// Identity's use cases and queries.
pub struct Identity {
    pub(crate) store: Arc<dyn IdentityStore>,
    pub(crate) reads: Arc<dyn IdentityReads>,
    pub(crate) passwords: PasswordHasher,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) ambient: Ambient,
    pub(crate) settings: Settings,
}

impl Identity {
    /// Joins the store with what identity takes from its surroundings.
    #[must_use]
    pub fn new(
        ports: IdentityPorts,
        passwords: PasswordHasher,
        sealer: Arc<Sealer>,
        ambient: Ambient,
        settings: Settings,
    ) -> Self {
        let IdentityPorts { store, reads } = ports;
        Self { store, reads, passwords, sealer, ambient, settings }
    }
}
