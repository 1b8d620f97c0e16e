//! What the embedded server asks the domain.

use async_trait::async_trait;
use kernel::StoreError;
use secrecy::SecretString;

use super::ServerState;
use crate::{
    accounting::Report,
    auth_log::NewAuthEntry,
    login::{LoginAnswer, LoginAttempt},
    nas_client::NasClient,
    use_cases::Radius,
};

/// What stands behind a RADIUS server: the domain, or in tests of the protocol a stand-in.
#[async_trait]
pub trait RadiusBackend: Send + Sync {
    /// Who may ask, each with the secret.
    async fn clients(&self) -> Result<Vec<(NasClient, SecretString)>, StoreError>;

    /// A number that changes when this process has changed who may ask.
    fn clients_changed(&self) -> u64;

    /// Answers a login, with the line for the log. On an error nobody is answered.
    async fn login(&self, login: &LoginAttempt<'_>) -> Result<(LoginAnswer, NewAuthEntry), StoreError>;

    /// Writes a line of the log.
    async fn log(&self, entry: &NewAuthEntry) -> Result<(), StoreError>;

    /// Writes down what a NAS says. On an error it is not answered.
    async fn account(&self, report: &Report) -> Result<(), StoreError>;

    /// Writes down how the server is.
    async fn note(&self, state: &ServerState) -> Result<(), StoreError>;
}

#[async_trait]
impl RadiusBackend for Radius {
    async fn clients(&self) -> Result<Vec<(NasClient, SecretString)>, StoreError> {
        self.nas_secrets().await
    }

    fn clients_changed(&self) -> u64 {
        self.nas_changes.count()
    }

    async fn login(&self, login: &LoginAttempt<'_>) -> Result<(LoginAnswer, NewAuthEntry), StoreError> {
        self.answer_login(login).await
    }

    async fn log(&self, entry: &NewAuthEntry) -> Result<(), StoreError> {
        self.log_login(entry).await
    }

    async fn account(&self, report: &Report) -> Result<(), StoreError> {
        self.take_in_accounting(report).await
    }

    async fn note(&self, state: &ServerState) -> Result<(), StoreError> {
        self.reads.note_server(state).await
    }
}
