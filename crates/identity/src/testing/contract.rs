//! The contract of identity's ports. Each function is one test on a database that is otherwise empty.
#![expect(clippy::unwrap_used, reason = "a suite of tests, behind the feature `testing`")]

use chrono::Duration;
use kernel::{Origin, audit::AuditRecord, testing::Surroundings};
use serde_json::json;

use super::someone;
use crate::{
    login_name::LoginName,
    ports::{IdentityReads, IdentityStore, IdentityTx},
    session::{IssuedTokens, LoginSession},
    user::User,
};

pub mod accounts;
pub mod records;
pub mod sessions;

/// The ports of one store, and the surroundings that the test gives to what it stores.
pub struct Ports<'a> {
    /// Where transactions begin.
    pub store: &'a dyn IdentityStore,
    /// What reads outside of them.
    pub reads: &'a dyn IdentityReads,
    /// Time and chance.
    pub around: &'a Surroundings,
}

impl Ports<'_> {
    async fn begin(&self) -> Box<dyn IdentityTx> {
        self.store.begin().await.unwrap()
    }

    async fn add_user(&self, number: u16) -> User {
        let user = someone(&self.around.ambient(), number);
        let mut tx = self.begin().await;
        assert!(tx.insert_user(&user).await.unwrap());
        tx.commit().await.unwrap();
        user
    }

    async fn add_session(&self, user: &User) -> (LoginSession, IssuedTokens) {
        let ambient = self.around.ambient();
        let session = LoginSession::open(&ambient, user.id, "192.0.2.7".parse().ok(), Some("a browser"));
        let tokens = IssuedTokens::issue(&ambient);
        let mut tx = self.begin().await;
        tx.insert_session(&session).await.unwrap();
        tx.insert_access_token(&tokens.stored_access(session.id)).await.unwrap();
        tx.insert_refresh_token(&tokens.stored_refresh(session.id)).await.unwrap();
        tx.commit().await.unwrap();
        (session, tokens)
    }

    async fn found(&self, login: &str) -> Option<User> {
        self.reads.user_by_login(&LoginName::new(login)).await.unwrap()
    }

    /// Writes a line of the audit log, a microsecond after the one before it.
    async fn add_audit_line(&self, resource: &str) {
        self.around.clock.advance(Duration::microseconds(1));
        let ambient = self.around.ambient();
        let record = AuditRecord::success(&ambient, &Origin::system("test"), "test", "try", resource.into())
            .with(json!({ "z": 1.5, "a": ["é", null] }));
        let mut tx = self.begin().await;
        tx.audit(record).await.unwrap();
        tx.commit().await.unwrap();
    }
}
