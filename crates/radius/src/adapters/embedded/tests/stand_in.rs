//! What stands behind the server instead of the domain, and can be slow or away.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use kernel::{Id, Sealed, StoreError, testing::Surroundings};
use secrecy::SecretString;

use super::{PASSWORD, SECRET};
use crate::{
    accounting::Report,
    attribute::Attribute,
    auth_log::NewAuthEntry,
    login::{LoginAnswer, LoginAttempt},
    nas_client::{NasClient, Vendor},
    policy::Refusal,
    ports::{RadiusBackend, ServerState},
};

/// Knows one NAS and one user.
#[derive(Default)]
pub(super) struct StandIn {
    pub(super) reports: Mutex<Vec<Report>>,
    pub(super) away: AtomicBool,
    pub(super) never: AtomicBool,
    pub(super) log_is_busy: AtomicBool,
    /// How many lines were written into the log.
    pub(super) lines: AtomicUsize,
    pub(super) lax: bool,
}

#[async_trait]
impl RadiusBackend for StandIn {
    async fn clients(&self) -> Result<Vec<(NasClient, SecretString)>, StoreError> {
        let ambient = Surroundings::new().ambient();
        let client = NasClient {
            id: Id::generate(&ambient),
            name: "here".to_owned(),
            address: [127, 0, 0, 1].into(),
            sealed_secret: Sealed::from_stored(String::new()),
            vendor: Vendor::Mikrotik,
            coa_port: 0,
            require_message_authenticator: !self.lax,
            sends_gigawords: true,
            site_id: Id::generate(&ambient),
            router_id: None,
            created_at: ambient.now(),
        };
        Ok(vec![(client, String::from_utf8(SECRET.to_vec()).unwrap().into())])
    }

    fn clients_changed(&self) -> u64 {
        0
    }

    async fn login(&self, login: &LoginAttempt<'_>) -> Result<(LoginAnswer, NewAuthEntry), StoreError> {
        self.wait().await?;
        let right = login.proof.is_some_and(|proof| proof.was_made_from(PASSWORD));
        let answer = match right {
            true => LoginAnswer::Accept { replies: vec![Attribute::new("Session-Timeout", 3600)] },
            false => LoginAnswer::Reject { refusal: Refusal::WrongSecret, message: None },
        };
        let line = NewAuthEntry {
            username: login.username.clone(),
            status: answer.status(),
            reason: answer.reason().to_owned(),
            calling_station: None,
            called_station: None,
            nas_address: login.nas_address,
            address: None,
            class: None,
            at: Surroundings::new().ambient().now(),
        };
        Ok((answer, line))
    }

    async fn log(&self, _: &NewAuthEntry) -> Result<(), StoreError> {
        while self.log_is_busy.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        self.lines.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn account(&self, report: &Report) -> Result<(), StoreError> {
        self.wait().await?;
        self.reports.lock().unwrap().push(report.clone());
        Ok(())
    }

    async fn note(&self, _: &ServerState) -> Result<(), StoreError> {
        Ok(())
    }
}

impl StandIn {
    async fn wait(&self) -> Result<(), StoreError> {
        if self.never.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("away".to_owned()));
        }
        Ok(())
    }
}
