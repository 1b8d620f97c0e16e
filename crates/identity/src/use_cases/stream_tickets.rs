//! Tickets with which a stream is opened, once, by a client that can send no header.

use chrono::Duration;
use kernel::{Principal, StoreError, Timestamp};

use super::Identity;
use crate::{session::StoredToken, token::StreamTicket};

/// How long a ticket is good for.
const LIFETIME: Duration = Duration::seconds(30);

impl Identity {
    /// A ticket for the caller's session, and until when it is good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn issue_stream_ticket(
        &self,
        caller: &Principal,
    ) -> Result<(StreamTicket, Timestamp), StoreError> {
        let ticket = StreamTicket::generate(&self.ambient);
        let (session_id, expires_at) = (caller.session_id, self.ambient.now() + LIFETIME);
        let mut tx = self.store.begin().await?;
        // Among the access tokens, as it ends with its session like them; by its prefix it is none of them.
        tx.insert_access_token(&StoredToken { hash: ticket.hash(), session_id, expires_at }).await?;
        tx.commit().await?;
        Ok((ticket, expires_at))
    }

    /// The caller that a ticket proves, and proves no more; `None` when it proves nobody, for whatever reason.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redeem_stream_ticket(&self, presented: &str) -> Result<Option<Principal>, StoreError> {
        let Some(ticket) = StreamTicket::parse(presented) else {
            return Ok(None);
        };
        let Some(grant) = self.reads.access_grant(&ticket.hash()).await? else {
            return Ok(None);
        };
        let mut tx = self.store.begin().await?;
        let first = tx.take_access_token(&ticket.hash()).await?;
        tx.commit().await?;
        Ok(grant.principal(self.ambient.now()).filter(|_| first))
    }
}
