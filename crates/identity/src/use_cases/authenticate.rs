//! Telling who a caller is, on every request.

use kernel::{Principal, StoreError, Timestamp, id::ids::SessionId};

use super::Identity;
use crate::token::AccessToken;

impl Identity {
    /// The caller that an access token proves; `None` when it proves nobody, for whatever reason.
    ///
    /// # Errors
    /// [`StoreError`] when the token could not be looked up. Failing to note the use of the session is only
    /// logged: it must not keep anybody out.
    pub async fn authenticate(&self, presented: &str) -> Result<Option<Principal>, StoreError> {
        let Some(token) = AccessToken::parse(presented) else {
            return Ok(None);
        };
        let Some(grant) = self.reads.access_grant(&token.hash()).await? else {
            return Ok(None);
        };
        let now = self.ambient.now();
        let stale = grant.last_use_is_stale(now);
        let principal = grant.principal(now);
        if let Some(principal) = principal.as_ref().filter(|_| stale)
            && let Err(error) = self.note_use(principal.session_id, now).await
        {
            tracing::warn!(%error, "the use of a session was not noted");
        }
        Ok(principal)
    }

    async fn note_use(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.touch_session(session, now).await?;
        tx.commit().await
    }
}
